"""Whether a table of new customers holds what a stored segmentation knows."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.collect.features.given import as_declared
from seglib.errors import DataError, listing, nearest
from seglib.estimators import RareLevels, ZeroOne
from seglib.implement.scoring.stored import StoredSegmentation


def accepted(
    stored: StoredSegmentation,
    table: pd.DataFrame,
    place: str,
    levels: dict[str, Any] | None = None,
    decimal: str = ".",
) -> pd.DataFrame:
    """Read the features of new customers, and refuse a table that is not what the segmentation was made from.

    Parameters
    ----------
    stored
        The segmentation.
    table
        One row per customer: customer, and the features that the model takes; other columns are not looked at.
    place
        What messages call the table.
    levels
        Levels of measurement of given columns, as in the params.
    decimal
        Decimal sign of numbers in text.

    Returns
    -------
    pandas.DataFrame
        customer and the features, numbers as float64, all others as text.

    Raises
    ------
    DataError
        If a feature is not there or holds text instead of numbers, a yes or no holds a third level, a
        category holds no level that is known, or a customer is there twice or has no id.
    """
    absent = [c for c in stored.inputs if c not in table]
    if absent:
        guesses = (nearest(name, [str(c) for c in table.columns]) for name in absent)
        guess = next(filter(None, guesses), "")
        raise DataError(
            f"{place}: {listing(absent)} {'is' if len(absent) == 1 else 'are'} not there, and the segmentation "
            f"takes {listing(stored.inputs, 40)}; write the features as the table features of the run has "
            f"them.{guess}"
        )
    if table.customer.isna().any():
        raise DataError(
            f"{place}: {table.customer.isna().sum():,} rows have no customer; fill them, or take them out"
        )
    twice = int(table.customer.duplicated().sum())
    if twice:
        raise DataError(f"{place}: {twice:,} rows repeat a customer; each customer has one row")
    rows = {"customer": table.customer}
    for name in stored.inputs:
        level = (levels or {}).get(name)
        if name in stored.numeric:
            rows[name] = _numbers(table[name], place, level, decimal)
        else:
            rows[name] = _texts(table[name], level, decimal)
    read = pd.DataFrame(rows).reset_index(drop=True)
    _check_levels(stored, read, place)
    return read


def _numbers(column: pd.Series, place: str, level: object, decimal: str) -> pd.Series:
    if pd.api.types.is_bool_dtype(column.dropna().infer_objects()):
        return column.astype("float64")
    if pd.api.types.is_numeric_dtype(column) and not isinstance(level, dict):
        return column.astype("Float64").astype("float64")
    read = as_declared(column, level, decimal)[0]
    numbers = pd.to_numeric(read, errors="coerce").astype("float64")
    strange = read[read.notna() & numbers.isna()]
    strange = strange[strange.astype(str).str.lower() != "nan"]
    if len(strange):
        raise DataError(
            f"{place}: column '{column.name}' holds {len(strange):,} entries that are no numbers "
            f"({listing((repr(str(v)[:40]) for v in strange.unique()), 3)}); allowed: numbers, or nothing"
        )
    return numbers


def _texts(column: pd.Series, level: object, decimal: str) -> pd.Series:
    read = as_declared(column, level if level is not None else "nominal", decimal)[0]
    return read.astype("string").astype("object").where(read.notna(), None)


def _check_levels(stored: StoredSegmentation, rows: pd.DataFrame, place: str) -> None:
    """Refuse columns whose levels are not those of the fit."""
    for name, step in stored.first_steps().items():
        known = getattr(step, "levels_", {}).get(name, [])
        values = rows[name].dropna() if name in rows else pd.Series(dtype=object)
        strange = values[~values.isin(known)]
        allowed = listing(map(repr, known), 20)
        changed = isinstance(step, ZeroOne) and len(strange)
        foreign = isinstance(step, RareLevels) and known and len(values) and len(strange) == len(values)
        if changed or foreign:
            found = listing((repr(str(v)[:40]) for v in strange.unique()), 5)
            rule = "the segmentation knows" if changed else "not one is known; the segmentation knows"
            raise DataError(
                f"{place}: column '{name}' holds {found} ({len(strange):,} customers); {rule} {allowed}. "
                "Write them so, or leave the cells empty"
            )
