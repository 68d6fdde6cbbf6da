"""Cells of a workbook as a column of one type."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import pyarrow as pa

from seglib.errors import DataError

#: A spreadsheet keeps so many digits of a number; those after them are lost.
_EXACT = 10**15


def column(where: str, name: str, cells: list[object], missing: frozenset[str], decimal: str) -> pa.Array:
    """Make a column: times where all cells are dates, booleans where all are, or text.

    Parameters
    ----------
    where, name
        The source and the column, for messages.
    cells
        One entry per row.
    missing
        Texts that mean a missing value.
    decimal
        The decimal mark that numbers among texts are written with.

    Raises
    ------
    DataError
        If a whole number has more digits than a spreadsheet keeps.

    Examples
    --------
    >>> column("x", "id", [12346.0, "A7", ""], frozenset([""]), ".").to_pylist()
    ['12346', 'A7', None]
    """
    there = [cell for cell in cells if not (isinstance(cell, str) and cell.strip() in missing)]
    if there and all(isinstance(cell, bool) for cell in there):
        return pa.array([cell if isinstance(cell, bool) else None for cell in cells], pa.bool_())
    if there and all(isinstance(cell, dt.date) for cell in there):
        times = [_time(cell) if isinstance(cell, dt.date) else None for cell in cells]
        return pa.array(times, pa.timestamp("us"))
    for row, cell in enumerate(cells, 1):
        if isinstance(cell, int | float) and abs(cell) >= _EXACT and float(cell).is_integer():
            raise DataError(
                f"{where}: column '{name}' holds a whole number of more than 15 digits as a number (row {row} "
                "after the header), whose last digits a spreadsheet loses; keep such ids as text"
            )
    texts = [_text(cell, decimal) for cell in cells]
    return pa.array([None if text.strip() in missing else text for text in texts], pa.string())


def _time(cell: dt.date) -> dt.datetime:
    return cell if isinstance(cell, dt.datetime) else dt.datetime.combine(cell, dt.time())


def _text(cell: object, decimal: str) -> str:
    if isinstance(cell, bool):
        return "TRUE" if cell else "FALSE"
    if isinstance(cell, int | float):
        plain = format(Decimal(repr(cell)), "f")
        return plain.removesuffix(".0").replace(".", decimal)
    if isinstance(cell, dt.datetime):
        return cell.isoformat(" ")
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else str(cell)
