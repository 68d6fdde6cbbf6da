"""What could be read of a column, and the one line about what could not."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
from ibis import _

from seglib.collect.sources import Opened
from seglib.errors import DataError, listing, one_line
from seglib.privacy import personal
from seglib.vocabulary import MISSING

#: Texts without a digit that are shown where they cannot be read are in so many rows at least.
_COMMON = 10


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
    remedy: str | Callable[[], str] = ""


def first_rows(table: ibis.Table, bad: ibis.Value) -> str:
    """Name the first bad rows, counted from the header; a cluster's rows have no order."""
    if table.get_backend().name == "pyspark":
        return ""
    numbered = table.mutate(_row=ibis.row_number() + 1, _bad=bad)
    rows = numbered.filter(_._bad).order_by("_row").limit(3)._row.to_pandas()
    return f" (the first in rows {listing(rows)} after the header)"


def examples(opened: Opened, column: str, bad: ibis.Value, most: int = 3) -> str:
    """Show texts that cannot be read; those that could say who a person is are not shown."""
    text = opened.table[column].cast("string").strip()
    counted = opened.table.select(text=text, bad=bad).filter(_.bad).group_by("text").agg(n=_.count())
    rows = counted.order_by(ibis.desc("n"), "text").limit(200).to_pandas()
    shown = [
        f"'{one_line(row.text, 40)}'"
        for row in rows.itertuples()
        if isinstance(row.text, str)
        and (any(map(str.isdigit, row.text)) or row.n >= _COMMON or row.text.lower() in MISSING)
        and len(row.text) <= 60
        and not personal.scan_text(row.text)
    ]
    return f": {', '.join(shown[:most])}" if shown else ""


def refuse(opened: Opened, column: str, read: Read) -> None:
    """Stop where rows could not be read, naming the first of them, three of their texts and what to set.

    Raises
    ------
    DataError
        One line.
    """
    n = int(opened.table.filter(read.bad).count().to_pandas())
    if n:
        shown = examples(opened, column, read.bad) if column in opened.table.columns else ""
        remedy = read.remedy() if callable(read.remedy) else read.remedy
        raise DataError(
            f"{opened.kind}: {n:,} {read.problem.format(column=column)}{shown}"
            f"{first_rows(opened.table, read.bad)}; {remedy}"
        )
