"""CSV files as they come: separators, decimal marks, headers or none, damage."""

from __future__ import annotations

import csv
import re
import tempfile
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path

import duckdb
import ibis

from seglib.collect.sources.opened import no_twins, quoted
from seglib.collect.sources.text_files import (
    MOST_LINE,
    Text,
    as_comma_separated,
    as_utf8,
    path_for_engine,
    rows,
    text_file,
)
from seglib.errors import DataError, without_values

_COMMA_NUMBER = re.compile(r"[-+]?\d{1,3}(\.?\d{3})*,\d+")
_SHOWN = {"\t": "tab", " ": "white space"}


def _sniff_separator(lines: list[str]) -> str:
    def even(separator: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=separator)]
        return (counts.count(counts[0]) if counts[0] > 1 else 0, counts[0])

    return max((",", ";", "\t", "|"), key=even)


def _sniff_decimal(body: list[list[str]], separator: str) -> str:
    cells = [cell.strip() for row in body for cell in row if cell.strip()]
    commas = sum(bool(_COMMA_NUMBER.fullmatch(cell)) for cell in cells)
    points = sum(bool(re.fullmatch(r"[-+]?\d+\.\d+", cell)) for cell in cells)
    return "," if separator != "," and commas > points else "."


@dataclass(frozen=True)
class _Dialect:
    """How one CSV file is written: its header, and what separates what."""

    text: Text
    header: tuple[str, ...]
    separator: str
    decimal: str


def _dialect(kind: str, file: Path, spec: dict[str, object]) -> _Dialect:
    text = text_file(kind, file, spec.get("encoding"))
    lines = text.head()
    if any(len(line) >= MOST_LINE for line in lines):
        raise DataError(
            f"{kind}: {file.name} has a line of more than {MOST_LINE >> 20} MB among its first; mend it, "
            "or the line ends, or a quote that is not closed"
        )
    try:
        separator = str(spec.get("separator") or _sniff_separator(lines))
        found = _whole_rows(lines, separator)
    except csv.Error as error:
        open_quote = "a quote is not closed" if "end of data" in str(error) else without_values(error)
        raise DataError(
            f"{kind}: {file.name} cannot be read as CSV: {open_quote} in its first lines"
        ) from None
    header, body = _header(kind, file, found, spec.get("header"))
    no_twins(kind, file.name, list(header))
    if not any(any(cell.strip() for cell in row) for row in body):
        raise DataError(f"{kind}: {file.name} has a header but no rows; it needs customers")
    decimal = spec.get("decimal") or _sniff_decimal(body, separator)
    return _Dialect(text, header, separator, str(decimal))


def _whole_rows(lines: list[str], separator: str) -> list[list[str]]:
    """Split the first lines into rows, the last of which may be cut in a quoted cell."""
    made: list[list[str]] = []
    try:
        made.extend(rows(lines, separator))
    except csv.Error:
        if len(made) < 2:
            raise
    return made


def _header(
    kind: str, file: Path, found: list[list[str]], declared: list[str] | None
) -> tuple[tuple[str, ...], list[list[str]]]:
    """Give the names of the columns, from the first line or as declared, and the rows below."""
    first = [cell.strip() for cell in found[0]] if found else []
    if declared:
        names = [name.strip() for name in declared]
        if first == names:
            raise DataError(
                f"{kind}: {file.name} names its columns in its first line; take sources.{kind}.header out"
            )
        if first and len(first) != len(names):
            raise DataError(
                f"{kind}: {file.name} has {len(first)} columns in its first line, and sources.{kind}.header "
                f"names {len(names)}; name each, in order"
            )
        return tuple(names), found
    if not any(first):
        raise DataError(
            f"{kind}: {file.name} begins with an empty line; its first line must name the columns"
        )
    if not all(first):
        raise DataError(f"{kind}: {file.name} has a column without a name in its first line; name it")
    return tuple(first), found[1:]


def read_csv(
    connection: ibis.BaseBackend, kind: str, files: list[Path], spec: dict[str, object]
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
    for dialect in dialects:
        if (sorted(dialect.header), dialect.separator, dialect.text.encoding) != (
            sorted(first.header),
            first.separator,
            first.text.encoding,
        ):
            raise DataError(
                f"{kind}: {dialect.text.file.name} is not written as {files[0].name} is (columns, separator, "
                "encoding); files of one source must be"
            )
    decimal = str(spec.get("decimal") or ("," if any(d.decimal == "," for d in dialects) else "."))
    found = {
        "separator": _SHOWN.get(first.separator, first.separator),
        "encoding": first.text.encoding,
        "decimal mark": decimal,
    }
    declared = {k for k in found if spec.get(k.split()[0])}
    how = {k: f"{v} ({'declared' if k in declared else 'sniffed'})" for k, v in found.items()}
    _load(connection, kind, dialects, spec)
    return connection.table(f"read_{kind}"), how, decimal


def _load(connection: ibis.BaseBackend, kind: str, dialects: list[_Dialect], spec: dict[str, object]) -> None:
    """Read the files into a table of the engine, written anew first where it cannot read them."""
    separator = dialects[0].separator
    with tempfile.TemporaryDirectory(prefix="seglib-") as made:
        folder = Path(made)
        try:
            try:
                _create(connection, kind, dialects, _copies(dialects, folder, separator == " "), spec)
            except duckdb.Error as first:
                if separator == " ":
                    raise
                try:
                    _create(connection, kind, dialects, _copies(dialects, folder, True), spec)
                except (duckdb.Error, csv.Error):
                    raise first from None
        except (duckdb.Error, csv.Error) as error:
            cells = len(dialects[0].header)
            shown = _SHOWN.get(separator, f"'{separator}'")
            raise DataError(
                f"{kind}: {_ragged(dialects)} cannot be read as rows of {cells} cells separated by {shown}; "
                f"mend the file, or declare sources.{kind}.separator ({_reason(error)})"
            ) from None


def _copies(dialects: list[_Dialect], folder: Path, anew: bool) -> list[tuple[Path, str]]:
    """Give the path and the separator of each file, or of a copy that the engine can read.

    The engine stops at lines that end in different ways, and knows no separator of several signs.
    """
    if anew:
        return [
            (as_comma_separated(d.text, d.separator, folder, f"{n}.rows"), ",")
            for n, d in enumerate(dialects)
        ]
    return [(as_utf8(d.text, folder, f"{n}.csv"), d.separator) for n, d in enumerate(dialects)]


def _create(
    connection: ibis.BaseBackend,
    kind: str,
    dialects: list[_Dialect],
    copies: list[tuple[Path, str]],
    spec: dict[str, object],
) -> None:
    """Create the table; files with the same order of columns are read together."""
    parts, values = [], []
    wanted = ", ".join(map(quoted, dialects[0].header))
    for header, group in groupby(zip(dialects, copies, strict=True), key=lambda pair: pair[0].header):
        columns = ", ".join(f"{quoted(name)}: 'VARCHAR'" for name in header)
        parts.append(
            f"SELECT {wanted} FROM read_csv(?, columns = {{{columns}}}, auto_detect = false, "  # noqa: S608
            f"header = {'false' if spec.get('header') else 'true'}, delim = ?, quote = '\"', escape = '\"', "
            f"nullstr = ?, max_line_size = {MOST_LINE}, hive_partitioning = false)"
        )
        paths = [path_for_engine(path) for _, (path, _) in group]
        values += [paths, copies[0][1], ["", *spec.get("missing", [])]]
    connection.con.execute(
        f"CREATE OR REPLACE TEMP TABLE {quoted(f'read_{kind}')} AS {' UNION ALL '.join(parts)}", values
    )


def _ragged(dialects: list[_Dialect]) -> str:
    """Find the first row with other than so many cells, as 'FILE, line N,'."""
    for dialect in dialects:
        with dialect.text.open() as stream:
            if line := _first_unlike(stream, dialect):
                return f"{dialect.text.file.name}, line {line},"
    return dialects[0].text.file.name


def _first_unlike(stream: Iterator[str], dialect: _Dialect) -> int:
    if dialect.separator == " ":
        return next(
            (
                n
                for n, line in enumerate(stream, 1)
                if line.strip() and len(line.split()) != len(dialect.header)
            ),
            0,
        )
    reader = csv.reader(stream, delimiter=dialect.separator)
    try:
        return reader.line_num if any(row and len(row) != len(dialect.header) for row in reader) else 0
    except csv.Error:
        return reader.line_num


def _reason(error: Exception) -> str:
    """Keep what the engine says of the reason, without the path and the options it tried."""
    said = [line for line in str(error).splitlines() if line.strip() and '"' not in line]
    return without_values(said[0] if said else type(error).__name__)
