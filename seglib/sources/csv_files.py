"""CSV files as they come: encodings, separators, decimal marks, damage."""

from __future__ import annotations

import codecs
import csv
import gzip
import re
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import duckdb
import ibis

from seglib.errors import DataError, listing, without_values

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CHUNK = 1 << 22
_MOST_LINE = 1 << 24
_COMMA_NUMBER = re.compile(r"[-+]?\d{1,3}(\.?\d{3})*,\d+")


def _chunks(file: Path) -> Iterator[bytes]:
    opener = gzip.open if file.suffix == ".gz" else open
    try:
        with opener(file, "rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (gzip.BadGzipFile, EOFError, zlib.error) as error:
        raise DataError(f"{file.name}: is not a whole gzip file: {error}") from None


def _encoding(kind: str, file: Path, declared: str | None) -> str:
    """Find the encoding of a text file by its mark, and check every byte against it."""
    start = next(_chunks(file), b"")
    if not start.strip():
        raise DataError(f"{kind}: {file.name} is empty; it needs a header and rows")
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
    if marked and declared and marked != declared:
        raise DataError(
            f"{kind}: {file.name} is marked as {marked}, and sources.{kind}.encoding says {declared}; "
            "take the line out"
        )
    if start.startswith(codecs.BOM_UTF16_BE):
        raise DataError(f"{kind}: {file.name} is UTF-16 big-endian, which is not read; save it as UTF-8")
    encoding = declared or marked or "utf-8"
    decoder = codecs.getincrementaldecoder(encoding)()
    line = 1
    for chunk in _chunks(file):
        if encoding != "utf-16" and b"\0" in chunk:
            line += chunk[: chunk.index(b"\0")].count(b"\n")
            raise DataError(
                f"{kind}: {file.name} holds a NUL byte in line {line}; it is damaged or not text. "
                f"Export it again, or declare sources.{kind}.encoding"
            )
        try:
            decoder.decode(chunk)
        except UnicodeError as error:
            line += chunk[: getattr(error, "start", 0)].count(b"\n")
            raise DataError(
                f"{kind}: {file.name} is not {encoding} (line {line}); declare "
                f"sources.{kind}.encoding: utf-8, utf-16 or latin-1"
            ) from None
        line += chunk.count(b"\n")
    return encoding


def _head(file: Path, encoding: str, lines: int = 200) -> list[str]:
    opener = gzip.open if file.suffix == ".gz" else open
    with opener(file, "rt", encoding="utf-8-sig" if encoding == "utf-8" else encoding, newline="") as f:
        return [line for line, _ in zip(f, range(lines), strict=False)]


def _sniff_separator(lines: list[str]) -> str:
    def even(separator: str) -> tuple[int, int]:
        counts = [len(row) for row in csv.reader(lines, delimiter=separator)]
        return (counts.count(counts[0]) if counts[0] > 1 else 0, counts[0])

    return max((",", ";", "\t", "|"), key=even)


def _sniff_decimal(rows: list[list[str]], separator: str) -> str:
    cells = [cell.strip() for row in rows[1:] for cell in row if cell.strip()]
    commas = sum(bool(_COMMA_NUMBER.fullmatch(cell)) for cell in cells)
    points = sum(bool(re.fullmatch(r"[-+]?\d+\.\d+", cell)) for cell in cells)
    return "," if separator != "," and commas > points else "."


def no_twins(kind: str, file: Path, names: list[str]) -> None:
    """Refuse a file in which two columns have one name."""
    twins = {name for name in names if names.count(name) > 1}
    if twins:
        raise DataError(
            f"{kind}: {file.name} has more than one column named '{listing(twins)}'; "
            "column names must differ: rename one"
        )


@dataclass(frozen=True)
class _Dialect:
    """How one CSV file is written: its header, and what separates what."""

    header: tuple[str, ...]
    separator: str
    encoding: str
    decimal: str


def _dialect(kind: str, file: Path, spec: dict[str, object]) -> _Dialect:
    encoding = _encoding(kind, file, spec.get("encoding"))
    lines = _head(file, encoding)
    try:
        separator = spec.get("separator") or _sniff_separator(lines)
        rows = list(csv.reader(lines, delimiter=separator))
    except csv.Error as error:
        raise DataError(f"{kind}: {file.name} cannot be read as CSV: {error}") from None
    header = tuple(rows[0])
    if not any(cell.strip() for cell in header):
        raise DataError(
            f"{kind}: {file.name} begins with an empty line; its first line must name the columns"
        )
    if not all(cell.strip() for cell in header):
        raise DataError(f"{kind}: {file.name} has a column without a name in its first line; name it")
    no_twins(kind, file, [name.strip() for name in header])
    if not any(any(cell.strip() for cell in row) for row in rows[1:]):
        raise DataError(f"{kind}: {file.name} has a header but no rows; it needs customers")
    decimal = spec.get("decimal") or _sniff_decimal(rows, separator)
    return _Dialect(header, str(separator), encoding, str(decimal))


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
    dialects = {file: _dialect(kind, file, spec) for file in files}
    first = dialects[files[0]]
    for file, dialect in dialects.items():
        if (sorted(dialect.header), dialect.separator, dialect.encoding) != (
            sorted(first.header), first.separator, first.encoding,
        ):  # fmt: skip
            raise DataError(
                f"{kind}: {file.name} is not written as {files[0].name} is (columns, separator, "
                "encoding); files of one source must be"
            )
    decimal = spec.get("decimal") or ("," if any(d.decimal == "," for d in dialects.values()) else ".")
    found = {"separator": {"\t": "tab"}.get(first.separator, first.separator),
             "encoding": first.encoding, "decimal mark": decimal}  # fmt: skip
    declared = {k for k in found if spec.get(k.split()[0])}
    how = {k: f"{v} ({'declared' if k in declared else 'sniffed'})" for k, v in found.items()}
    try:
        table = connection.read_csv(
            [str(f) for f in files], delim=first.separator, header=True, skip=0, encoding=first.encoding,
            all_varchar=True, nullstr=["", *spec.get("missing", [])], quote='"', escape='"',
            union_by_name=len(files) > 1, hive_partitioning=False, max_line_size=_MOST_LINE,
        )  # fmt: skip
        table = connection.create_table(f"read_{kind}", table, temp=True, overwrite=True)
    except duckdb.Error as error:
        cells = len(first.header)
        raise DataError(
            f"{kind}: {_ragged(files, first.encoding, first.separator, cells)} cannot be read as rows of "
            f"{cells} cells separated by '{first.separator}'; mend the file, or declare "
            f"sources.{kind}.separator ({_reason(error)})"
        ) from None
    return table, how, str(decimal)


def _ragged(files: list[Path], encoding: str, separator: str, cells: int) -> str:
    """Find the first row with other than so many cells, as 'FILE, line N'."""
    for file in files:
        opener = gzip.open if file.suffix == ".gz" else open
        with opener(file, "rt", encoding=encoding, newline="", errors="replace") as stream:
            reader = csv.reader(stream, delimiter=separator)
            try:
                if any(row and len(row) != cells for row in reader):
                    return f"{file.name}, line {reader.line_num},"
            except csv.Error:
                return f"{file.name}, line {reader.line_num},"
    return files[0].name


def _reason(error: duckdb.Error) -> str:
    """Keep what the engine says of the reason, without the path and the options it tried."""
    said = [line for line in str(error).splitlines() if line.strip() and '"' not in line]
    return without_values(said[0] if said else type(error).__name__)
