"""CSV files as they come: separators, decimal marks, headers or none, damage."""

from __future__ import annotations

import csv
import re
import tempfile
from dataclasses import dataclass, replace
from itertools import groupby
from pathlib import Path
from typing import Any

import duckdb
import ibis

from seglib.collect.forms.marks import usual_mark
from seglib.collect.sources.beside_rows import UNNAMED, without_row_numbers, without_totals
from seglib.collect.sources.opened import looks_like_values, no_twins, quoted, values_for_names
from seglib.collect.sources.text_files import MOST_LINE, Text, as_utf8, path_for_engine, rows, text_file
from seglib.errors import DataError, without_values

#: What lines below the last row say of the file; a line that was cut off says nothing of the kind.
_FOOTER = (
    r"(?i)\b(records?|rows?|lines?|downloaded|exported|generated|report|totals?|end of|page|printed|created|filters?|"
    r"seller id|source|copyright|confidential|as of)\b"
)
#: The most such lines, and the most cells that one fills.
_MOST_FOOTERS, _MOST_FILLED = 6, 3
_SHOWN = {"\t": "tab", " ": "white space"}


@dataclass(frozen=True)
class _Dialect:
    """How one CSV file is written: its header, and what separates what."""

    text: Text
    header: tuple[str, ...]
    separator: str
    decimal: str
    skip: int = 0

    @property
    def shape(self) -> tuple[list[str], str, str]:
        """What files of one source have in common."""
        return sorted(self.header), self.separator, self.text.encoding


#: Files in UTF-8 that the engine can read, each with how its original is written.
_Copies = list[tuple[_Dialect, Path]]


def read_csv(
    connection: ibis.BaseBackend, kind: str, files: list[Path], spec: dict[str, Any]
) -> tuple[ibis.Table, dict[str, str], str]:
    """Read CSV files whole, every cell as text: what a text means is decided by its role.

    Returns
    -------
    table : ibis.Table
        All rows of all files.
    how : dict
        Separator, encoding and decimal mark, each sniffed or declared.
    decimal : str
        The decimal mark.

    Raises
    ------
    DataError
        If a file is empty, damaged, not in its encoding, ragged, or unlike the others.
    """
    dialects = [_dialect(kind, file, spec) for file in files]
    first = dialects[0]
    if other := next((d for d in dialects if d.shape != first.shape), None):
        raise DataError(
            f"{kind}: {other.text.file.name} is not written as {files[0].name} is (columns, separator, "
            "encoding); files of one source must be"
        )
    decimal = max((d.decimal for d in dialects), key=[d.decimal for d in dialects].count)
    shown = {
        "separator": _SHOWN.get(first.separator, first.separator),
        "encoding": first.text.encoding,
        "decimal mark": decimal or ".",
    }
    how = {k: f"{v} ({'declared' if spec.get(k.split()[0]) else 'sniffed'})" for k, v in shown.items()}
    how |= {"lines above the header": f"{first.skip} left out"} if first.skip else {}
    below = _load(connection, kind, dialects, spec)
    how |= {"lines below the last row": f"{below} left out"} if below else {}
    how |= without_totals(connection, kind)
    how |= without_row_numbers(connection, kind, files[0].name, len(files))
    return connection.table(f"read_{kind}"), how, decimal


def _dialect(kind: str, file: Path, spec: dict[str, Any]) -> _Dialect:
    text = text_file(kind, file, spec.get("encoding"))
    lines = text.head()
    if any(len(line) >= MOST_LINE for line in lines):
        raise DataError(
            f"{kind}: {file.name} has a line of more than {MOST_LINE >> 20} MB among its first; fix it, "
            "or the line ends, or a quote that is not closed"
        )
    try:
        skip, named = _preamble(lines, spec)
        separator = spec.get("separator") or named or _sniff_separator(lines[skip:])
        first = _first_rows(lines[skip:], separator)
        titles = 0 if "skip_rows" in spec or spec.get("header") else _titles(first)
        skip, first = skip + titles, first[titles:]
    except csv.Error as error:
        open_quote = "a quote is not closed" if "end of data" in str(error) else without_values(error)
        raise DataError(
            f"{kind}: {file.name} cannot be read as CSV: {open_quote} in its first lines"
        ) from None
    header = _header(kind, file, first[0] if first else [], spec.get("header"))
    body = first if spec.get("header") else first[1:]
    if not any(cell.strip() for row in body for cell in row):
        raise DataError(f"{kind}: {file.name} has a header but no rows; it needs customers")
    cells = [row for row in body if row]
    if not spec.get("header") and cells and all(len(r) == len(header) + 1 and r[-1].strip() for r in cells):
        header = (UNNAMED, *header)  # R writes the names of rows, and no name for them
    decimal = spec.get("decimal") or usual_mark(cell.strip() for row in body for cell in row)
    return _Dialect(text, header, separator, decimal, skip)


def _preamble(lines: list[str], spec: dict[str, Any]) -> tuple[int, str | None]:
    """Count the lines before the header that are said to be none, and read the separator from `sep=;`."""
    if "skip_rows" in spec:
        return int(spec["skip_rows"]), None
    match = re.match(r'"?sep=(.)"?\s*$', lines[0])
    return (1, match[1]) if match else (0, None)


def _titles(first: list[list[str]]) -> int:
    """Count the lines above the header that hold a text or two, as titles do, or nothing."""
    filled = [sum(bool(cell.strip()) for cell in row) for row in first]
    widest = max(filled, default=0)
    header = next((n for n, cells in enumerate(filled) if cells >= max(2, widest - 1)), 0)
    titled = widest > 2 if any(filled[:header]) else widest > 1
    titled = titled and all(cells <= (2 if widest > 4 else 1) for cells in filled[:header])
    return header if titled else 0


def _sniff_separator(lines: list[str]) -> str:
    # DuckDB 1.5's sniff_csv takes "2;2,5" among "1;1,50;a" for a reason to skip lines and split at commas,
    # and gives up where some lines end with \r\n and some with \n.
    def even(separator: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=separator)]
        many = max([n for n in counts if n > 2] or [1], key=counts.count)  # below titles of one cell, or two
        usual = (
            many if counts[0] < 2 or (counts[0] == 2 and counts.count(many) > len(counts) / 2) else counts[0]
        )
        return (counts.count(usual) if usual > 1 else 0, usual)

    best = max((",", ";", "\t", "|"), key=even)
    words = {len(line.split()) for line in lines if line.strip()}
    # Columns aligned by blanks; a cell with a blank in it would be two, so that every line must have as many.
    aligned = even(best)[1] <= 1 and len(lines) > 2 and len(words) == 1 and max(words) > 2
    return " " if aligned else best


def _first_rows(lines: list[str], separator: str) -> list[list[str]]:
    """Split the first lines into rows, the last of which may be cut in a quoted cell."""
    first: list[list[str]] = []
    try:
        first.extend(cells for _, cells in rows(lines, separator))
    except csv.Error:
        if len(first) < 2:
            raise
    return first


def _header(kind: str, file: Path, row: list[str], declared: list[str] | None) -> tuple[str, ...]:
    """Return the names of the columns, from the first line or as declared."""
    first = [cell.strip() for cell in row]
    names = [name.strip() for name in declared or first]
    while len(names) > 2 and not names[-1]:
        names.pop()  # lines that end in a separator
    if not declared and len(names) > 2 and not names[0]:
        names[0] = UNNAMED
    problem = ""
    if declared and first == names:
        problem = f"names its columns in its first line; remove sources.{kind}.header"
    elif declared and first and len(first) != len(names):
        problem = (
            f"has {len(first)} columns in its first line, and sources.{kind}.header names {len(names)}; "
            "name each, in order"
        )
    elif not any(names):
        problem = "begins with an empty line; its first line must name the columns"
    elif not all(names):
        problem = f"has a column without a name in its first line; name it, or set sources.{kind}.skip_rows"
    if problem:
        raise DataError(f"{kind}: {file.name} {problem}")
    if not declared and len(set(names)) < len(names) and looks_like_values(names):
        raise DataError(values_for_names(kind, file.name))
    no_twins(kind, file.name, names)
    return tuple(names)


def _load(connection: ibis.BaseBackend, kind: str, dialects: list[_Dialect], spec: dict[str, Any]) -> int:
    """Read the files into a table of the engine, or copies of them that it can read; count the footers left out.

    It stops at lines that end in different ways, or skips all of them, and knows no separator of several signs.
    """
    separator = dialects[0].separator
    with tempfile.TemporaryDirectory(prefix="seglib-") as folder:
        places = [Path(folder) / f"{n}.csv" for n, _ in enumerate(dialects)]
        pairs = list(zip(dialects, places, strict=True))
        try:
            if separator != " " and not any(d.skip for d in dialects):
                copies = [(d, as_utf8(d.text, place)) for d, place in pairs]
                _create(connection, kind, copies, separator, spec)
                return 0
        except duckdb.Error:
            pass  # the line at fault is found below, or there is none
        below = sum(_comma_separated(kind, d, place, spec) for d, place in pairs)
        try:
            _create(connection, kind, [(replace(d, skip=0), place) for d, place in pairs], ",", spec)
        except duckdb.Error as error:
            raise DataError(_unreadable(kind, dialects[0], "", error)) from None
        return below


def _comma_separated(kind: str, dialect: _Dialect, copy: Path, spec: dict[str, Any]) -> int:
    """Write rows again as plain CSV, with commas between cells and lines that end alike; count the footers."""
    line = line_of_header = 0
    ragged: list[tuple[int, list[str]]] = []
    width = len(dialect.header)
    with dialect.text.open() as found, copy.open("w", encoding="utf-8", newline="") as stream:
        writer = csv.writer(stream, lineterminator="\n")
        try:
            for _n in range(dialect.skip):
                found.readline()
            for line, cells in rows(found, dialect.separator):
                if not line_of_header and cells and not spec.get("header"):
                    line_of_header = line
                    cells = [*dialect.header]
                while len(cells) > width and not cells[-1].strip():
                    cells.pop()
                if any(cells) and len(cells) != width:
                    ragged.append((line, cells))
                if any(cells) and ((ragged and len(cells) == width) or len(ragged) > _MOST_FOOTERS):
                    break
                if any(cells) and not ragged:
                    writer.writerow(cells)
        except csv.Error as error:
            raise DataError(_unreadable(kind, dialect, f", line {line + dialect.skip + 1},", error)) from None
    inside = bool(ragged) and line != ragged[-1][0] and any(cells)
    if ragged and (inside or not all(_is_footer(own, width) for _, own in ragged)):
        raise DataError(_unreadable(kind, dialect, f", line {ragged[0][0] + dialect.skip},"))
    return len(ragged)


def _is_footer(cells: list[str], width: int) -> bool:
    """Tell a line below the last row, which says something of the file, from a row that was cut off."""
    filled = [cell for cell in cells if cell.strip()]
    return len(cells) < width and len(filled) <= _MOST_FILLED and any(re.search(_FOOTER, c) for c in filled)


def _unreadable(kind: str, dialect: _Dialect, line: str, error: Exception | None = None) -> str:
    shown = _SHOWN.get(dialect.separator, f"'{dialect.separator}'")
    reason = f" ({without_values(str(error).partition(chr(10))[0])})" if error else ""
    return (
        f"{kind}: {dialect.text.file.name}{line} cannot be read as rows of {len(dialect.header)} cells "
        f"separated by {shown}; fix the file, or set sources.{kind}.separator{reason}"
    )


def _create(
    connection: ibis.BaseBackend, kind: str, copies: _Copies, separator: str, spec: dict[str, Any]
) -> None:
    """Create the table; files with the same order of columns are read together."""
    parts, values = [], []
    wanted = ", ".join(map(quoted, copies[0][0].header))
    for (header, group_skip), group in groupby(copies, key=lambda copy: (copy[0].header, copy[0].skip)):
        columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in header)
        parts.append(
            f"SELECT {wanted} FROM read_csv(?, columns = {{{columns}}}, auto_detect = false, "  # noqa: S608
            f"header = {'false' if spec.get('header') else 'true'}, delim = ?, quote = '\"', escape = '\"', "
            f"skip = {group_skip}, nullstr = ?, max_line_size = {MOST_LINE}, hive_partitioning = false)"
        )
        paths = [path_for_engine(path) for _, path in group]
        values += [paths, separator, ["", *spec.get("missing", [])]]
    connection.con.execute(
        f"CREATE OR REPLACE TEMP TABLE {quoted(f'read_{kind}')} AS {' UNION ALL '.join(parts)}", values
    )
