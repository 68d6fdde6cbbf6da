"""Rows that carry on the row above: the cells of an order stand in its first row alone."""

from __future__ import annotations

import pandas as pd

from seglib.collect.sources import Opened
from seglib.project.new.recognise.words import names, says

#: Rows that are looked at, and the smallest share that must be continued.
_ROWS, _LEAST = 20_000, 0.05


def continued(opened: Opened) -> list[str]:
    """List the columns that are blank in continued rows; nothing where no row carries on another.

    Such rows lack the time and the order, or the customer, while two cells or more are filled: an anonymous order
    has a time all the same.

    Parameters
    ----------
    opened
        Transactions in a text file or a workbook, in the order of the file.
    """
    if opened.kind != "transactions" or opened.how.get("format", "CSV") not in ("CSV", "Excel"):
        return []
    rows = opened.table.limit(_ROWS).to_pandas()
    there = rows.notna() & (rows.astype("string") != "")
    timed = [c for c in rows.columns if says(c, names("transactions", "time")) >= 0.5 and there[c].any()]
    named = [
        c
        for c in rows.columns
        if max(says(c, names("transactions", role)) for role in ("order", "customer")) >= 0.5
        and there[c].any()
    ]
    without = ~there[timed].any(axis=1)
    if not timed or without.mean() < _LEAST or without.iloc[0] or not _filled(there[without]):
        return []
    blank = [c for c in rows.columns if there[c].any() and not there.loc[without, c].any()]
    return blank if set(blank) & (set(named) - set(timed)) else []


def _filled(rows: pd.DataFrame) -> bool:
    """Check whether most rows have two filled cells at least: they are no empty lines."""
    return bool((rows.sum(axis=1) >= 2).mean() > 0.9)
