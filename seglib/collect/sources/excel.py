"""Workbooks: the sheet that holds the table, and where in it the table begins."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import ibis
import pyarrow as pa
from python_calamine import (
    CalamineError,
    CalamineSheet,
    CalamineWorkbook,
    PasswordError,
    SheetTypeEnum,
    SheetVisibleEnum,
)

from seglib.collect.sources.cells import column
from seglib.collect.sources.opened import no_twins, stage
from seglib.errors import DataError, listing, nearest

ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
#: A sheet is held in memory, with the empty cells between its first and its last.
MOST_CELLS = 50_000_000
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')


@dataclass(frozen=True)
class _Table:
    """The table of one sheet: names, rows of cells, and the row of the sheet with the names."""

    file: str
    sheet: str
    names: tuple[str, ...]
    rows: list[list[object]]
    header_row: int


def read_workbooks(
    connection: ibis.BaseBackend, kind: str, files: list[Path], spec: dict[str, object]
) -> tuple[ibis.Table, dict[str, str]]:
    """Read the table of one sheet of each workbook.

    A column of dates alone is a time and one of true and false alone is boolean; every other cell is
    text, as in a CSV file, whole numbers without a decimal mark. The value of a formula in error is
    missing.

    Returns
    -------
    table : ibis.Table
        All rows of all workbooks; rows without any cell are left out.
    how : dict
        The sheet, and the row of the sheet that names the columns.

    Raises
    ------
    DataError
        If a file is no workbook, or it is not clear what its table is.
    """
    tables = [_table(kind, file, spec) for file in files]
    first = tables[0]
    for table in tables:
        if sorted(table.names) != sorted(first.names):
            raise DataError(
                f"{kind}: {table.file} has other columns than {first.file}; files of one source must have "
                "the same"
            )
    missing, decimal = frozenset(["", *spec.get("missing", [])]), str(spec.get("decimal") or ".")
    made = {}
    for name in first.names:
        cells = [row[table.names.index(name)] for table in tables for row in table.rows]
        made[name] = column(f"{kind}: {listing(t.file for t in tables)}", name, cells, missing, decimal)
    read = pa.table(list(made.values()), names=list(made))
    how = {"sheet": listing({table.sheet for table in tables})}
    how |= {"header in row": str(first.header_row)} if first.header_row else {}
    return stage(connection, f"read_{kind}", read), how


def _table(kind: str, file: Path, spec: dict[str, object]) -> _Table:
    where = f"{kind}: {file.name}"
    try:
        content = file.read_bytes()
        _check_size(where, content)
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            name, sheet = _sheet(kind, where, book, spec.get("sheet"))
            grid = sheet.to_python(skip_empty_area=False)
            merged = list(sheet.merged_cell_ranges or [])
    except PasswordError:
        raise DataError(f"{where} is protected by a password; save it without one") from None
    except (CalamineError, zipfile.BadZipFile, zlib.error, NotImplementedError, OSError):
        raise DataError(
            f"{where} is damaged, or no workbook whatever its ending says; save it again as .xlsx, or as CSV"
        ) from None
    return _located(kind, where, file.name, name, grid, merged, spec.get("header"))


def _check_size(where: str, content: bytes) -> None:
    """Refuse a sheet whose outermost cells span more than memory holds; one stray cell is enough."""
    if not content.startswith(b"PK"):
        return
    with zipfile.ZipFile(io.BytesIO(content)) as parts:
        for part in parts.namelist():
            if re.fullmatch(r"xl/worksheets/[^/]+\.xml", part):
                columns, rows = _span(parts, part)
                if columns * rows > MOST_CELLS:
                    raise DataError(
                        f"{where} has a sheet of {rows:,} rows and {columns:,} columns, more than "
                        f"{MOST_CELLS:,} cells; delete stray cells far from the table, or save it as CSV"
                    )


def _span(parts: zipfile.ZipFile, part: str) -> tuple[int, int]:
    """Give the last column and the last row of a sheet that hold a cell."""
    letters: set[bytes] = set()
    last, tail = 0, b""
    with parts.open(part) as stream:
        while chunk := stream.read(1 << 22):
            found = _REFERENCE.findall(tail + chunk)
            letters.update(name for name, _ in found)
            last = max([last, *(int(row) for _, row in found[-1:])])
            tail = chunk[-20:]
    widest = max(
        (sum((sign - 64) * 26**n for n, sign in enumerate(reversed(name))) for name in letters), default=0
    )
    return widest, last


def _sheet(kind: str, where: str, book: CalamineWorkbook, wanted: object) -> tuple[str, CalamineSheet]:
    """Give the sheet that is named, or the first visible one that holds rows."""
    there = [m for m in book.sheets_metadata if m.typ == SheetTypeEnum.WorkSheet]
    if wanted is not None:
        names = [m.name for m in there]
        if wanted not in names:
            raise DataError(
                f"{where} has no sheet '{wanted}', which sources.{kind}.sheet names; it has {listing(names)}."
                f"{nearest(str(wanted), names)}"
            )
        return str(wanted), book.get_sheet_by_name(str(wanted))
    for meta in there:
        if meta.visible == SheetVisibleEnum.Visible:
            sheet = book.get_sheet_by_name(meta.name)
            if sheet.height > 1:
                return meta.name, sheet
    raise DataError(f"{where} has no visible sheet with rows; name a hidden one in sources.{kind}.sheet")


def _located(
    kind: str,
    where: str,
    file: str,
    sheet: str,
    grid: list[list[object]],
    merged: list[tuple[tuple[int, int], tuple[int, int]]],
    declared: list[str] | None,
) -> _Table:
    """Find the header and the rows of the table in a sheet."""
    place = f"{where}, sheet '{sheet}'"
    used = sorted({n for row in grid for n, cell in enumerate(row) if _filled(cell)})
    if not used:
        raise DataError(f"{place} is empty; it needs a header and rows")
    at = -1 if declared else _header_row(place, grid, merged, used)
    names = (
        tuple(n.strip() for n in declared)
        if declared
        else tuple(str(cell).strip() for cell in _names(grid, merged, at, used))
    )
    if len(names) != len(used):
        raise DataError(
            f"{place} has {len(used)} columns that hold cells, and sources.{kind}.header names {len(names)}; "
            "name each, in order"
        )
    no_twins(kind, f"{file}, sheet '{sheet}',", list(names))
    _no_merged_rows(place, grid, merged, at)
    rows = [picked for row in grid[at + 1 :] if any(map(_filled, picked := [row[n] for n in used]))]
    if not rows:
        raise DataError(f"{place} has a header but no rows; it needs customers")
    return _Table(file, sheet, names, rows, at + 1)


def _filled(cell: object) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _names(
    grid: list[list[object]],
    merged: Iterable[tuple[tuple[int, int], tuple[int, int]]],
    row: int,
    used: list[int],
) -> list[object]:
    """Give the cells of a row, those that are merged with cells above being filled from there."""
    cells = list(grid[row])
    for (top, left), (bottom, right) in merged:
        if left == right and top < row <= bottom:
            cells[left] = grid[top][left]
    return [cells[n] for n in used]


def _header_row(
    place: str,
    grid: list[list[object]],
    merged: list[tuple[tuple[int, int], tuple[int, int]]],
    used: list[int],
) -> int:
    """Find the first row that names every column; what stands above may be titles alone.

    A row above it that names two or more columns, half of them or more, could be the header as well,
    unless each of its cells is merged with others, as names of groups of columns are: nothing is guessed.
    """
    groups = {top for (top, _), _ in merged} - {
        at
        for at, row in enumerate(grid)
        for n, cell in enumerate(row)
        if _filled(cell) and not any((at, n) == start for start, _ in merged)
    }
    for at in range(len(grid)):
        names = _names(grid, merged, at, used)
        filled = sum(map(_filled, names))
        if filled == len(used):
            unlike = [n for n, cell in zip(used, names, strict=True) if not isinstance(cell, str)]
            if unlike:
                raise DataError(
                    f"{place}, row {at + 1}, should name the columns and holds no text in column "
                    f"{_letters(unlike[0])}; put names of columns there"
                )
            return at
        if filled > 1 and 2 * filled >= len(used) and at not in groups:
            lacks = next(n for n, cell in zip(used, names, strict=True) if not _filled(cell))
            raise DataError(
                f"{place}, row {at + 1}, names {filled} of {len(used)} columns: column {_letters(lacks)} holds "
                f"cells {'further down' if any(_filled(r[lacks]) for r in grid[at + 1 :]) else 'above'} and "
                "has no name there; name it, or clear it"
            )
        if at > 50:
            break
    raise DataError(f"{place} has no row that names each of its {len(used)} columns; put one above the rows")


def _no_merged_rows(
    place: str, grid: list[list[object]], merged: Iterable[tuple[tuple[int, int], tuple[int, int]]], at: int
) -> None:
    """Refuse merged cells among the rows: whether the value holds for each row cannot be known."""
    for (top, left), (bottom, _) in merged:
        if bottom > at and top < len(grid) and left < len(grid[top]) and _filled(grid[top][left]):
            raise DataError(
                f"{place} has merged cells in row {max(top, at + 1) + 1}, below the header; unmerge them and "
                "give each row its own value"
            )


def _letters(n: int) -> str:
    """Name a column as a spreadsheet does.

    Examples
    --------
    >>> [_letters(n) for n in (0, 25, 26)]
    ['A', 'Z', 'AA']
    """
    return (_letters(n // 26 - 1) if n > 25 else "") + chr(65 + n % 26)
