"""Texts of a table that templates put into words, where later stages and pages need them."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.catalogue import declaration
from seglib.report import readings
from seglib.report.context import context
from seglib.report.sentences import sentence, sentences


def worded(name: str, *tables: Any) -> pd.DataFrame:
    """Put the texts of a declared table into words.

    Parameters
    ----------
    name
        Of the table. A column that the page's templates word has a sentence NAME_COLUMN; its facts
        are the values of the row.
    tables
        The rows with their facts; or what the reading NAME_rows makes them from.

    Returns
    -------
    pandas.DataFrame
        The declared columns, in their order.
    """
    reading = readings.READINGS.get(f"{name}_rows")
    rows = reading(*tables, context()) if reading else tables[0]
    facts = rows.to_dict("records")
    wanted, known = declaration(name).columns, sentences()
    texts = {
        column: pd.Series([sentence(f"{name}_{column}", f) for f in facts], index=rows.index, dtype="string")
        for column in wanted
        if f"{name}_{column}" in known
    }
    whole = rows.assign(**texts)
    return whole[[column for column in wanted if column in whole]]
