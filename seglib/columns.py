"""Columns read as what their role says, or the rows that cannot be."""

from __future__ import annotations

import datetime as dt

import ibis
from ibis import _

from seglib.errors import DataError, listing
from seglib.sources import Opened, text_key

#: Amounts are exact sums of this.
MONEY = "decimal(18, 4)"
_MOST_MONEY = 1e13


@ibis.udf.scalar.builtin
def try_strptime(text: str, pattern: str) -> dt.datetime:
    """Read a time by a pattern, missing where it does not fit (DuckDB)."""


def rows_of(table: ibis.Table, bad: ibis.Value) -> str:
    """Name the first rows that are bad, counted from the header."""
    numbered = table.mutate(_row=ibis.row_number() + 1, _bad=bad)
    found = numbered.filter(_._bad).order_by("_row").limit(3)._row.to_pandas()
    return listing(found)


def _count(table: ibis.Table, bad: ibis.Value) -> int:
    return int(table.filter(bad).count().to_pandas())


def times(opened: Opened, column: str, dates: str | None) -> ibis.Value:
    """Read a column as times, or say which rows cannot be read."""
    found = opened.table[column]
    if found.type().is_timestamp() or found.type().is_date():
        return found.cast("timestamp")
    if not found.type().is_string():
        raise DataError(
            f"{opened.kind}: column '{column}' holds {found.type()} where times are expected; "
            f"mend sources.{opened.kind}.columns.time"
        )
    text = found.strip().nullif("")
    read = try_strptime(text, dates) if dates else text.try_cast("timestamp")
    bad = text.notnull() & read.isnull()
    if n := _count(opened.table, bad):
        raise DataError(
            f"{opened.kind}: {n:,} times in column '{column}' cannot be read (the first in rows "
            f"{rows_of(opened.table, bad)} after the header); allowed: ISO 8601, or say how they are "
            f"written in sources.{opened.kind}.dates, as in %d/%m/%Y"
        )
    return read


def _as_number(text: ibis.Value, decimal: str) -> ibis.Value:
    """Read a text as a number by its decimal mark; with a comma, points may group thousands."""
    if decimal == ",":
        grouped = text.re_search(r"^[-+]?\d{1,3}(\.\d{3})+(,\d+)?$")
        plain = text.re_search(r"^[-+]?\d*(,\d+)?$")
        text = grouped.ifelse(text.replace(".", ""), plain.ifelse(text, ibis.literal("no number")))
        text = text.replace(",", ".")
    return text.try_cast("float64")


def numbers(opened: Opened, column: str) -> ibis.Value:
    """Read a column as finite numbers, or say which rows cannot be read.

    Raises
    ------
    DataError
        With the first rows, never with their content.
    """
    found = opened.table[column]
    if found.type().is_string():
        text = found.strip().nullif("")
        read = _as_number(text, opened.decimal)
        bad = text.notnull() & read.isnull()
        if n := _count(opened.table, bad):
            raise DataError(
                f"{opened.kind}: {n:,} entries of column '{column}' are text, not numbers (the "
                f"first in rows {rows_of(opened.table, bad)} after the header); take signs and units "
                f"out, or declare sources.{opened.kind}.decimal"
            )
    elif found.type().is_numeric():
        read = found.cast("float64")
    else:
        raise DataError(f"{opened.kind}: column '{column}' holds {found.type()} where numbers are expected")
    finite(opened, read, column)
    return read.nullif(float("nan"))


def finite(opened: Opened, read: ibis.Value, column: str) -> None:
    """Refuse infinite numbers and amounts that no shop has.

    Raises
    ------
    DataError
        With the first rows.
    """
    infinite = (read.isinf() | (read.abs() > _MOST_MONEY)).fill_null(False)
    if n := _count(opened.table, infinite):
        raise DataError(
            f"{opened.kind}: {n:,} entries of column '{column}' are infinite or above "
            f"{_MOST_MONEY:.0e} (the first in rows {rows_of(opened.table, infinite)} after the "
            "header); mend them in the source"
        )


def require_some(opened: Opened, columns: dict[str, str]) -> None:
    """Refuse a role whose column is entirely missing."""
    if not columns:
        return
    counts = opened.table.agg(**{role: opened.table[c].count() for role, c in columns.items()})
    found = counts.to_pandas().iloc[0]
    for role, column in columns.items():
        if not found[role]:
            raise DataError(
                f"{opened.kind}: column '{column}' is missing in every row; "
                f"mend sources.{opened.kind}.columns.{role}"
            )


def unique_keys(opened: Opened, column: str) -> None:
    """Refuse customers who stand in more than one row.

    Raises
    ------
    DataError
        With the number of ids and the first rows, never with an id.
    """
    keyed = opened.table.select(key=text_key(opened.table[column]))
    keyed = keyed.mutate(_times=_.count().over(ibis.window(group_by="key")))
    twice = (keyed._times > 1) & keyed.key.notnull()
    n = int(keyed.filter(twice).key.nunique().to_pandas())
    if n:
        raise DataError(
            f"customers: {n:,} ids in column '{column}' stand in more than one row (the first in "
            f"rows {rows_of(opened.table.mutate(key=text_key(opened.table[column])), _duplicated(opened, column))}"
            " after the header); one row per customer is needed: mend the source"
        )


def _duplicated(opened: Opened, column: str) -> ibis.Value:
    key = text_key(opened.table[column])
    return key.count().over(ibis.window(group_by=key)) > 1
