"""Columns that the params name, as the sources give them."""

from __future__ import annotations

import ibis
import pandas as pd
from ibis import _

from seglib.features.catalogue import Feature
from seglib.quality import GIVEN


def most_frequent(transactions: ibis.Table, column: str) -> ibis.Table:
    """Give each customer the text that most of the rows carry.

    Parameters
    ----------
    transactions
        One row per product in an order, with the given columns.
    column
        The column's name in the source.

    Returns
    -------
    ibis.Table
        One row per customer: customer and the column; of equally frequent texts the first in
        the alphabet.
    """
    counted = (
        transactions.select("customer", value=transactions[f"{GIVEN}{column}"].cast("string"))
        .filter(_.value.notnull())
        .group_by("customer", "value")
        .agg(n=_.count())
    )
    first = counted.mutate(
        place=ibis.row_number().over(group_by="customer", order_by=[ibis.desc("n"), ibis.asc("value")])
    )
    return first.filter(_.place == 0).select("customer", **{column: _.value})


def described(
    name: str, values: pd.Series, basis: str, level: object, source: str, label: str | None = None
) -> Feature:
    """Describe a given column; its level is what the params say, or what it holds.

    Parameters
    ----------
    name, values
        The column.
    basis
        The basis that names it.
    level
        binary, nominal, ordinal, interval, ratio, numbers by answer, or nothing.
    source
        The table that it comes from.
    label
        Plain words; made from the name if absent.
    """
    if isinstance(level, dict):
        level = "ordinal"
    if level is None:
        distinct = values.nunique()
        if pd.api.types.is_float_dtype(values):
            numbers = set(values.dropna().unique())
            level = "binary" if numbers == {0.0, 1.0} else "ratio" if values.min() >= 0 else "interval"
        else:
            level = "binary" if distinct == 2 else "nominal"
    words = label or name.replace("_", " ").strip()
    return Feature(
        name, basis, str(level), "", words[:1].upper() + words[1:], f"high {words}", f"low {words}",
        f"column '{name}' as given", source,
    )  # fmt: skip
