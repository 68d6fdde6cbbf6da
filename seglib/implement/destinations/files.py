"""Rows written as files within a destination's limits, none of whose cells a spreadsheet would run."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from pathlib import Path

import pandas as pd

from seglib.errors import DataError
from seglib.implement.destinations.form import Destination

#: What begins a formula in a spreadsheet; blanks before it do not help (OWASP, CSV Injection).
_FORMULA = tuple("=+-@\t\r\n|%＝＋－＠")


def neutral(cell: object) -> str:
    """Keep a spreadsheet from running a text as a formula; a phone number or a plain number stays as it is.

    Examples
    --------
    >>> neutral("=1+1"), neutral("+442079460958"), neutral("-5"), neutral(" =1")
    ("'=1+1", '+442079460958', '-5', "' =1")
    """
    if cell is None or (not isinstance(cell, str) and pd.isna(cell)):
        return ""
    text = str(cell).replace("\r", " ").replace("\n", " ").replace("\x00", "")
    bare = text.lstrip()
    if not bare.startswith(_FORMULA) and not text.startswith(_FORMULA):
        return text
    number = bare[1:].replace(".", "", 1)
    if bare[0] in "+-" and number.isascii() and number.isdecimal():
        return text
    return f"'{text}"


def written(rows: pd.DataFrame, destination: Destination) -> Iterator[tuple[bytes, pd.Index]]:
    """Write rows as the bytes of one or more files, each within the limits, with the index of its rows.

    Raises
    ------
    DataError
        If the columns are more than the destination takes, or one row alone is longer than a file may be.
    """
    limits = destination.limits
    if limits.columns and len(rows.columns) > limits.columns:
        raise DataError(
            f"{destination.title} takes {limits.columns} columns, and the file would have {len(rows.columns)}; name "
            "fewer in implement.destinations.columns"
        )
    head = b"\xef\xbb\xbf" if destination.bom else b""
    head += _line([neutral(c) for c in rows.columns], destination.separator) if destination.header else b""
    most_rows, most_bytes = limits.rows or len(rows) or 1, limits.bytes or float("inf")
    lines: list[bytes] = []
    size, first = len(head), 0
    for place, cells in enumerate(rows.itertuples(index=False, name=None)):
        line = _line([neutral(c) for c in cells], destination.separator)
        if len(head) + len(line) > most_bytes:
            raise DataError(
                f"{destination.title}: a row has {len(line):,} bytes, and a file may have {most_bytes:,}; name fewer "
                "columns in implement.destinations.columns"
            )
        if lines and (len(lines) >= most_rows or size + len(line) > most_bytes):
            yield head + b"".join(lines), rows.index[first:place]
            lines, size, first = [], len(head), place
        lines.append(line)
        size += len(line)
    if lines:
        yield head + b"".join(lines), rows.index[first:]


def _line(cells: list[str], separator: str) -> bytes:
    buffer = io.StringIO()
    csv.writer(buffer, delimiter=separator, lineterminator="\r\n").writerow(cells)
    return buffer.getvalue().encode("utf-8", "replace")


def keep(path: Path, content: bytes) -> None:
    """Write a file that its owner alone can read."""
    path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
    path.touch(mode=0o600)
    path.write_bytes(content)
