"""Columns read as what their role says, or the rows that cannot be."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis
from ibis import _

from seglib.catalogue.sources import KINDS
from seglib.collect.sources import Opened, text_key
from seglib.errors import DataError, listing
from seglib.vocabulary import NO, YES

#: Amounts are exact sums of this.
MONEY = "decimal(18, 4)"
#: Quantities, whose sums are exact likewise.
PIECES = "decimal(18, 3)"
_MOST_MONEY = 1e13
#: What engines agree on as a number or a time; beyond it each reads more, and each something else. A time
#: zone is passed over: what the clock of the customer showed is what counts.
_NUMBER = r"^[-+]?(\d+\.?\d*|\.\d+)([eE][-+]?\d+)?$|^[-+]?([iI][nN][fF]([iI][nN][iI][tT][yY])?|[nN][aA][nN])$"
_TIME = (
    r"^(\d{4}-\d{1,2}-\d{1,2}([ T]([01]?\d|2[0-3]):\d{1,2}(:\d{1,2}(\.\d+)?)?)?)"
    r" ?(Z|UTC|[-+]\d{2}(:?\d{2})?)?$"
)


@ibis.udf.scalar.builtin
def try_strptime(text: str, pattern: str) -> dt.datetime:
    """Read a time by a pattern, missing where it does not fit (DuckDB)."""
    raise NotImplementedError


@dataclass(frozen=True)
class Read:
    """A column read as what its role says.

    Attributes
    ----------
    value
        What was read, missing where nothing stands or nothing could be read.
    bad
        True in rows that hold something that could not be read.
    problem, remedy
        What is wrong with them, and what to do.
    """

    value: ibis.Value
    bad: ibis.Value
    problem: str = ""
    remedy: str = ""


def first_rows(table: ibis.Table, bad: ibis.Value) -> str:
    """Name the first bad rows, counted from the header; a cluster's rows have no order."""
    if table.get_backend().name == "pyspark":
        return ""
    numbered = table.mutate(_row=ibis.row_number() + 1, _bad=bad)
    rows = numbered.filter(_._bad).order_by("_row").limit(3)._row.to_pandas()
    return f" (the first in rows {listing(rows)} after the header)"


def refuse(opened: Opened, column: str, read: Read) -> None:
    """Stop where rows could not be read, naming the first of them, never their content.

    Raises
    ------
    DataError
        One line.
    """
    n = int(opened.table.filter(read.bad).count().to_pandas())
    if n:
        raise DataError(
            f"{opened.kind}: {n:,} {read.problem.format(column=column)}"
            f"{first_rows(opened.table, read.bad)}; {read.remedy}"
        )


def times(opened: Opened, column: str, dates: str | None, role: str = "time") -> Read:
    """Read a column as times.

    Raises
    ------
    DataError
        If it holds neither times nor text.
    """
    cells = opened.table[column]
    if cells.type().is_timestamp() or cells.type().is_date():
        return Read(cells.cast("timestamp"), ibis.literal(False))
    if cells.type().is_integer() and dates:
        cells = cells.cast("string")
    if not cells.type().is_string():
        raise DataError(
            f"{opened.kind}: column '{column}' holds {cells.type()} where times are expected; "
            f"check sources.{opened.kind}.columns.{role}"
        )
    text = cells.strip().nullif("")
    read = try_strptime(text, dates) if dates else iso_time(text)
    problem = "times in column '{column}' cannot be read"
    place = f"sources.{opened.kind}.dates"
    remedy = f"allowed: ISO 8601, or set how they are written in {place}, as in %d/%m/%Y"
    return Read(read, text.notnull() & read.isnull(), problem, remedy)


def iso_time(text: ibis.Value) -> ibis.Value:
    """Read a text of ISO 8601 as a time, missing where it is none."""
    return text.replace("/", "-").re_extract(_TIME, 1).nullif("").try_cast("timestamp")


def _as_number(text: ibis.Value, decimal: str) -> ibis.Value:
    """Read a text as a number by its decimal mark; with a comma, points may group thousands."""
    if decimal == ",":
        grouped = text.re_search(r"^[-+]?\d{1,3}(\.\d{3})+(,\d+)?$")
        plain = text.re_search(r"^[-+]?\d*(,\d+)?$")
        text = grouped.ifelse(text.replace(".", ""), plain.ifelse(text, ibis.literal("no number")))
        text = text.replace(",", ".")
    return text.re_search(_NUMBER).ifelse(text, ibis.null("string")).try_cast("float64")


def numbers(opened: Opened, column: str) -> Read:
    """Read a column as numbers; infinite ones and implausible amounts cannot be read.

    Raises
    ------
    DataError
        If it holds neither numbers nor text.
    """
    cells = opened.table[column]
    if cells.type().is_string():
        text = cells.strip().nullif("")
        read = _as_number(text, opened.decimal)
        blank = text.isnull() | text.lower().isin(["nan"])
        bad = ~blank & (read.isnull() | _endless(read))
        problem = f"are text, not numbers (or infinite, or above {_MOST_MONEY:.0e})"
        remedy = f"remove signs and units, or set sources.{opened.kind}.decimal"
        return Read(finite(read).value, bad, f"entries of column '{{column}}' {problem}", remedy)
    if cells.type().is_numeric():
        return finite(cells.cast("float64"))
    raise DataError(f"{opened.kind}: column '{column}' holds {cells.type()} where numbers are expected")


def _endless(read: ibis.Value) -> ibis.Value:
    return (read.isinf() | (read.abs() > _MOST_MONEY)).fill_null(False)


def finite(read: ibis.Value) -> Read:
    """Mark infinite numbers and implausible amounts as bad."""
    bad = _endless(read)
    value = ibis.ifelse(bad, ibis.null("float64"), read).nullif(float("nan"))
    problem = f"entries of column '{{column}}' are infinite or above {_MOST_MONEY:.0e}"
    return Read(value, bad, problem, "fix them in the source")


def flags(opened: Opened, column: str) -> Read:
    """Read a column as yes or no."""
    text = opened.table[column].cast("string").strip().lower()
    known = text.isin(YES + NO) | text.isnull()
    value = ibis.ifelse(text.isnull() | (text == ""), ibis.null("boolean"), text.isin(YES))
    problem = "entries of column '{column}' are neither yes nor no"
    return Read(value, ~known, problem, "allowed: yes and no, true and false, 1 and 0")


def texts(opened: Opened, column: str) -> Read:
    """Read a column as text, blanks as missing."""
    cells = opened.table[column]
    text = text_key(cells) if cells.type().is_numeric() else cells.cast("string").strip().nullif("")
    return Read(text, ibis.literal(False))


def read(opened: Opened, role: str, column: str, dates: str | None = None) -> Read:
    """Read a column as what its role holds.

    Raises
    ------
    DataError
        If its type cannot be read so.
    """
    holds = KINDS[opened.kind].role(role).holds
    if holds == "time":
        return times(opened, column, dates, role)
    return {"number": numbers, "flag": flags, "text": texts}[holds](opened, column)


def require_some(opened: Opened, columns: dict[str, str]) -> None:
    """Refuse a role whose column is entirely missing.

    Raises
    ------
    DataError
        With the first of them.
    """
    counts = {role: opened.table[c].count() for role, c in columns.items()}
    counted = opened.table.agg(**counts).to_pandas().iloc[0] if counts else {}
    for role, column in columns.items():
        if not counted[role]:
            raise DataError(
                f"{opened.kind}: column '{column}' is missing in every row; "
                f"check sources.{opened.kind}.columns.{role}"
            )


def unique_keys(opened: Opened, different: ibis.Table, column: str) -> None:
    """Refuse customers who have more than one row.

    Parameters
    ----------
    opened
        The source, whose rows are named.
    different
        Its rows that count: each different row once, or all.
    column
        The id.

    Raises
    ------
    DataError
        With the number of ids and the first rows, never with an id.
    """
    keys = different.select(key=text_key(different[column])).filter(_.key.notnull())
    n = int(keys.group_by("key").agg(n=_.count()).filter(_.n > 1).count().to_pandas())
    if n:
        key = text_key(opened.table[column])
        twice = (key.count().over(ibis.window(group_by=key)) > 1) & key.notnull()
        raise DataError(
            f"{opened.kind}: {n:,} ids in column '{column}' are in more than one row"
            f"{first_rows(opened.table, twice)}; one row per customer is needed: "
            f"fix the source, or set sources.{opened.kind}.rules.repeated_id: drop"
        )
