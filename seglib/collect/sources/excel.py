"""Workbooks: the sheet that holds the table, and where in it the table begins."""

from __future__ import annotations

import io
import re
import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path
from typing import Any

import ibis
import pyarrow as pa
import python_calamine as calamine
from python_calamine import CalamineSheet, CalamineWorkbook

from seglib.collect.sources.beside_rows import MOST_TOTALS, UNNAMED, without_row_numbers, without_totals
from seglib.collect.sources.cells import column
from seglib.collect.sources.opened import no_twins, stage
from seglib.errors import DataError, listing, nearest

ENDINGS = (".xlsx", ".xlsm", ".xlsb", ".xls", ".ods")
#: A sheet is held in memory, with the empty cells between its first and its last cell.
MOST_CELLS = 50_000_000
_REFERENCE = re.compile(rb'\br="([A-Z]{1,3})(\d{1,7})"')


Cells = tuple[tuple[int, int], tuple[int, int]]


@dataclass(frozen=True)
class _Sheet:
    """One sheet of a workbook: all of its cells, and the areas in which cells are merged."""

    place: str
    name: str
    grid: Sequence[Sequence[object]]
    merged: list[Cells]

    @cached_property
    def used(self) -> list[int]:
        """The columns that hold cells."""
        return sorted({n for row in self.grid for n, cell in enumerate(row) if _filled(cell)})

    def names(self, at: int) -> list[object]:
        """Return the cells of a row, those that are merged with cells above being filled from there."""
        cells = list(self.grid[at])
        for (top, left), (bottom, right) in self.merged:
            if left == right and top < at <= bottom:
                cells[left] = self.grid[top][left]
        return [cells[n] for n in self.used]

    def is_group(self, at: int) -> bool:
        """Return whether each cell of a row is merged with others, as names of groups of columns are."""
        cells = {(at, n) for n, cell in enumerate(self.grid[at]) if _filled(cell)}
        return bool(cells) and cells <= {start for start, _ in self.merged}


@dataclass(frozen=True)
class _Table:
    """The table of one sheet: names, rows of cells, and the row of the sheet with the names."""

    file: str
    sheet: str
    names: tuple[str, ...]
    rows: list[list[object]]
    header_row: int


def read_workbooks(
    connection: ibis.BaseBackend, kind: str, files: list[Path], spec: dict[str, Any]
) -> tuple[ibis.Table, dict[str, str]]:
    """Read the table of one sheet of each workbook.

    A column of dates alone is a time and one of true and false alone is boolean; every other cell is
    text, as in a CSV file, whole numbers without a decimal mark. The value of a formula in error is
    missing.

    Returns
    -------
    table : ibis.Table
        All rows of all workbooks; rows without any cell are ignored.
    how : dict
        The sheet, and the row of the sheet that names the columns.

    Raises
    ------
    DataError
        If a file is no workbook, or it is not clear what its table is.
    """
    tables = [_table(kind, file, spec) for file in files]
    first = tables[0]
    if other := next((table for table in tables if sorted(table.names) != sorted(first.names)), None):
        raise DataError(
            f"{kind}: {other.file} has other columns than {first.file}; files of one source must have the same"
        )
    missing, decimal = frozenset(["", *spec.get("missing", [])]), str(spec.get("decimal") or ".")
    columns = {}
    for name in first.names:
        cells = [row[table.names.index(name)] for table in tables for row in table.rows]
        columns[name] = column(f"{kind}: {listing(t.file for t in tables)}", name, cells, missing, decimal)
    how = {"format": "Excel", "sheet": listing({table.sheet for table in tables})}
    how |= {"header in row": str(first.header_row)} if first.header_row else {}
    stage(connection, f"read_{kind}", pa.table(columns))
    how |= without_totals(connection, kind)
    how |= without_row_numbers(connection, kind, first.file, len(files))
    return connection.table(f"read_{kind}"), how


def _table(kind: str, file: Path, spec: dict[str, Any]) -> _Table:
    where = f"{kind}: {file.name}"
    try:
        content = file.read_bytes()
        _check_size(where, content)
        with CalamineWorkbook.from_filelike(io.BytesIO(content)) as book:
            name, cells = _chosen(kind, where, book, spec.get("sheet"))
            grid = cells.to_python(skip_empty_area=False)
            sheet = _Sheet(f"{where}, sheet '{name}'", name, grid, list(cells.merged_cell_ranges or []))
    except calamine.PasswordError:
        raise DataError(f"{where} is protected by a password; save it without one") from None
    except (calamine.CalamineError, zipfile.BadZipFile, zlib.error, NotImplementedError, OSError):
        raise DataError(
            f"{where} is damaged, or no workbook whatever its ending says; save it again as .xlsx, or as CSV"
        ) from None
    return _located(kind, file.name, sheet, spec.get("header"))


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
    """Return the last column and the last row of a sheet that hold a cell."""
    letters: set[bytes] = {b""}
    last, tail = 0, b""
    with parts.open(part) as stream:
        while chunk := stream.read(1 << 22):
            cells = _REFERENCE.findall(tail + chunk)
            letters.update(name for name, _ in cells)
            last = max([last, *(int(row) for _, row in cells[-1:])])
            tail = chunk[-20:]
    widest = max(sum((sign - 64) * 26**n for n, sign in enumerate(reversed(name))) for name in letters)
    return widest, last


def _chosen(kind: str, where: str, book: CalamineWorkbook, wanted: str | None) -> tuple[str, CalamineSheet]:
    """Return the sheet that is named, or the first visible one that holds rows."""
    sheets = [m for m in book.sheets_metadata if m.typ == calamine.SheetTypeEnum.WorkSheet]
    names = [m.name for m in sheets]
    if wanted is not None and wanted not in names:
        raise DataError(
            f"{where} has no sheet '{wanted}', which sources.{kind}.sheet names; it has {listing(names)}."
            f"{nearest(wanted, names)}"
        )
    visible = [m.name for m in sheets if m.visible == calamine.SheetVisibleEnum.Visible]
    for name in visible if wanted is None else [wanted]:
        sheet = book.get_sheet_by_name(name)
        if wanted is not None or sheet.height > 1:
            return name, sheet
    raise DataError(f"{where} has no visible sheet with rows; name a hidden one in sources.{kind}.sheet")


def _located(kind: str, file: str, sheet: _Sheet, declared: list[str] | None) -> _Table:
    """Find the header and the rows of the table in a sheet."""
    if not sheet.used:
        raise DataError(f"{sheet.place} is empty; it needs a header and rows")
    at = -1 if declared else _header_row(sheet)
    named: list[object] = (
        [*declared] if declared else [cell if _filled(cell) else UNNAMED for cell in sheet.names(at)]
    )
    names = tuple(str(cell).strip() for cell in named)
    if len(names) != len(sheet.used):
        raise DataError(
            f"{sheet.place} has {len(sheet.used)} columns that hold cells, and sources.{kind}.header names "
            f"{len(names)}; name each, in order"
        )
    no_twins(kind, f"{file}, sheet '{sheet.name}',", names)
    _no_merged_rows(sheet, at)
    rows = [[row[n] for n in sheet.used] for row in sheet.grid[at + 1 :]]
    rows = [row for row in rows if any(map(_filled, row))]
    if not rows:
        raise DataError(f"{sheet.place} has a header but no rows; it needs customers")
    return _Table(file, sheet.name, names, rows, at + 1)


def _filled(cell: object) -> bool:
    return cell is not None and (not isinstance(cell, str) or bool(cell.strip()))


def _header_row(sheet: _Sheet) -> int:
    """Find the first row that names every column; what is above may be titles alone.

    A row above it that names two or more columns, half of them or more, could be the header as well,
    unless it names groups of columns: nothing is guessed.
    """
    place, used = sheet.place, sheet.used
    for at in range(min(len(sheet.grid), 52)):
        names = dict(zip(used, sheet.names(at), strict=True))
        filled = [n for n, cell in names.items() if _filled(cell)]
        if len(filled) == len(used) or _names_all_but_the_first(sheet, at, filled):
            if unlike := [n for n in filled if not isinstance(names[n], str)]:
                raise DataError(
                    f"{place}, row {at + 1}, should name the columns and holds no text in column "
                    f"{_letters(unlike[0])}; put names of columns there"
                )
            return at
        if len(filled) > 1 and 2 * len(filled) >= len(used) and not sheet.is_group(at):
            nameless = next(n for n in used if n not in filled)
            below = any(_filled(row[nameless]) for row in sheet.grid[at + 1 :])
            raise DataError(
                f"{place}, row {at + 1}, names {len(filled)} of {len(used)} columns: column {_letters(nameless)} "
                f"holds cells {'further down' if below else 'above'} and has no name there; name it, or clear it"
            )
    raise DataError(f"{place} has no row that names each of its {len(used)} columns; put one above the rows")


def _names_all_but_the_first(sheet: _Sheet, at: int, filled: list[int]) -> bool:
    """Tell whether a row names every column but the first, which numbers or names the rows below, but for totals."""
    rows = [row for row in sheet.grid[at + 1 :] if any(map(_filled, row))]
    numbered = sum(_filled(row[sheet.used[0]]) for row in rows)
    return len(filled) > 1 and filled == sheet.used[1:] and numbered >= max(1, len(rows) - MOST_TOTALS)


def _no_merged_rows(sheet: _Sheet, at: int) -> None:
    """Refuse merged cells among the rows: whether the value holds for each row cannot be known."""
    for (top, left), (bottom, _) in sheet.merged:
        among_rows = bottom > at and top < len(sheet.grid) and left < len(sheet.grid[top])
        if among_rows and _filled(sheet.grid[top][left]):
            raise DataError(
                f"{sheet.place} has merged cells in row {max(top, at + 1) + 1}, below the header; unmerge them "
                "and give each row its own value"
            )


def _letters(n: int) -> str:
    """Name a column as a spreadsheet does.

    Examples
    --------
    >>> [_letters(n) for n in (0, 25, 26)]
    ['A', 'Z', 'AA']
    """
    return (_letters(n // 26 - 1) if n > 25 else "") + chr(65 + n % 26)
