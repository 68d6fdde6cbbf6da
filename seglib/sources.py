"""Files and databases, opened as ibis tables without being read into memory."""

from __future__ import annotations

import codecs
import csv
import gzip
import re
import sqlite3
import tempfile
import zlib
from collections.abc import Iterator
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot.errors

from seglib.errors import DataError, listing, nearest, one_line

_MARKS = {codecs.BOM_UTF8: "utf-8", codecs.BOM_UTF16_LE: "utf-16", codecs.BOM_UTF16_BE: "utf-16"}
_CHUNK = 1 << 22
_MOST_LINE = 1 << 24
_COMMA_NUMBER = re.compile(r"[-+]?\d{1,3}(\.?\d{3})*,\d+")


@dataclass(frozen=True)
class Opened:
    """A source that can be queried.

    Attributes
    ----------
    kind
        customers, transactions, events or responses.
    table
        The ibis table, in the engine of the run.
    files
        The files whose content it is; their hashes go into the manifest.
    how
        How it was read, as sniffed or declared.
    decimal
        The decimal mark of numbers that are text.
    """

    kind: str
    table: ibis.Table
    files: tuple[Path, ...] = ()
    how: dict[str, str] = field(default_factory=dict)
    decimal: str = "."


def connect(memory: str | None = None) -> ibis.BaseBackend:
    """Start the embedded engine; what does not fit into memory goes to a temporary folder."""
    connection = ibis.duckdb.connect(temp_directory=tempfile.gettempdir())
    connection.raw_sql("SET preserve_insertion_order = true")
    if memory:
        connection.raw_sql(f"SET memory_limit = '{memory}'")
    return connection


def _files(kind: str, path: str, root: Path, shown: str, place: str) -> list[Path]:
    """List the files behind a path; a message names the path as the params file writes it."""
    full = path if Path(path).is_absolute() else str(root / path)
    if any(mark in path for mark in "*?["):
        files = sorted(p for p in map(Path, glob(full, recursive=True)) if p.is_file())  # noqa: PTH207
        if not files:
            raise DataError(f"{kind}: no file matches '{shown}'; mend sources.{kind}.{place}")
        return files
    folder = Path(full).parent
    try:
        if Path(full).is_file():
            return [Path(full)]
        beside = [p.name for p in folder.iterdir() if p.is_file()] if folder.is_dir() else []
    except OSError as error:
        raise DataError(
            f"{kind}: '{one_line(shown, 80)}': {error.strerror}; mend sources.{kind}.{place}"
        ) from None
    raise DataError(
        f"{kind}: there is no file '{one_line(shown, 200)}'; mend sources.{kind}.{place}, or put it "
        f"there.{nearest(Path(full).name, beside)}"
    )


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


def _no_twins(kind: str, file: Path, names: list[str]) -> None:
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
    _no_twins(kind, file, [name.strip() for name in header])
    if not any(any(cell.strip() for cell in row) for row in rows[1:]):
        raise DataError(f"{kind}: {file.name} has a header but no rows; it needs customers")
    decimal = spec.get("decimal") or _sniff_decimal(rows, separator)
    return _Dialect(header, str(separator), encoding, str(decimal))


def _read_csv(connection: ibis.BaseBackend, kind: str, files: list[Path], spec: dict[str, object]) -> Opened:
    """Read CSV files whole, every cell as text: what a text means is decided by its role."""
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
    return Opened(kind, table, tuple(files), how, str(decimal))


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


def without_values(message: object) -> str:
    """Fold an engine's message into a line without the values of cells that it quotes.

    Examples
    --------
    >>> without_values("Could not convert string 'K127' to INT32")
    "Could not convert string '…' to INT32"
    """
    return re.sub(r"'[^']*'?", "'…'", one_line(str(message), 200))


def _read_parquet(connection: ibis.BaseBackend, kind: str, files: list[Path]) -> Opened:
    rows, schemas = 0, {}
    for file in files:
        try:
            meta = pq.ParquetFile(file)
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{kind}: {file.name} is not Parquet: {without_values(error)}") from None
        _no_twins(kind, file, meta.schema_arrow.names)
        schemas[file] = sorted((f.name, str(f.type)) for f in meta.schema_arrow)
        if schemas[file] != schemas[files[0]]:
            raise DataError(
                f"{kind}: {file.name} has other columns or types than {files[0].name}; files of one "
                "source must have the same"
            )
        rows += meta.metadata.num_rows
    if not rows:
        raise DataError(f"{kind}: {listing(f.name for f in files)} has columns but no rows")
    table = connection.read_parquet([str(f) for f in files], hive_partitioning=False)
    return Opened(kind, table, tuple(files), {"format": "Parquet"})


def _stage(connection: ibis.BaseBackend, name: str, found: ibis.Table) -> ibis.Table:
    """Copy a table batch by batch into the run's own engine, which can then join all sources."""
    with found.to_pyarrow_batches() as batches:
        connection.con.register(f"{name}_batches", batches)
        connection.raw_sql(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM {name}_batches")
        connection.con.unregister(f"{name}_batches")
    return connection.table(name)


def _read_database(
    connection: ibis.BaseBackend, kind: str, address: str, root: Path, spec: dict[str, object]
) -> Opened:
    scheme, _, place = address.partition("://")
    shown = str(spec.get("shown", address))
    if scheme not in ("duckdb", "sqlite"):
        raise DataError(
            f"{kind}: connection '{shown}' is of no known kind; allowed: duckdb://FILE, sqlite://FILE"
        )
    file = _files(kind, place, root, shown, "connection")[0]
    try:
        backend = getattr(ibis, scheme).connect(
            str(file), **({"read_only": True} if scheme == "duckdb" else {})
        )
        names = backend.list_tables()
        if spec.get("table") and spec["table"] not in names:
            raise DataError(
                f"{kind}: {file.name} has no table '{spec['table']}'; it has {listing(names)}."
                f"{nearest(str(spec['table']), names)}"
            )
        found = backend.table(spec["table"]) if spec.get("table") else backend.sql(spec["query"])
        staged = _stage(connection, f"staged_{kind}", found)
    except (
        duckdb.Error, sqlite3.Error, ibis.IbisError, sqlglot.errors.SqlglotError, pa.ArrowException,
        OSError,
    ) as error:  # fmt: skip
        raise DataError(f"{kind}: {file.name}: {without_values(error)}") from None
    if not staged.count().execute():
        raise DataError(f"{kind}: {spec.get('table') or 'the query'} of {file.name} has no rows")
    how = {"format": {"duckdb": "DuckDB", "sqlite": "SQLite"}[scheme]}
    return Opened(kind, staged, (file,), how)


def open_source(connection: ibis.BaseBackend, kind: str, root: Path, spec: dict[str, object]) -> Opened:
    """Open one source.

    Parameters
    ----------
    connection
        The engine, from `connect`.
    kind
        customers, transactions, events or responses.
    root
        What a relative path is relative to.
    spec
        path, or connection and table or query; separator, encoding, decimal, dates, missing.

    Raises
    ------
    DataError
        If it is not there, not readable, without rows, or with two columns of one name.
    """
    if spec.get("connection"):
        return _read_database(connection, kind, str(spec["connection"]), root, spec)
    files = _files(kind, str(spec["path"]), root, str(spec["path"]), "path")
    if {f.suffix.lower() for f in files} <= {".parquet", ".pq"}:
        return _read_parquet(connection, kind, files)
    return _read_csv(connection, kind, files, spec)


def require_columns(opened: Opened, wanted: dict[str, str]) -> None:
    """Check that a source has the columns that a params file names.

    Parameters
    ----------
    opened
        The source.
    wanted
        Where the params file says it, and the column that it names there.

    Raises
    ------
    DataError
        One line for every column that is not there, with the nearest name.
    """
    there = opened.table.columns
    lines = [
        f"{opened.kind}: there is no column '{column}', which {place} names; "
        f"columns: {listing(there, 30)}.{nearest(column, there)}"
        for place, column in wanted.items()
        if column not in there
    ]
    if lines:
        raise DataError("\n".join(lines))


def text_key(column: ibis.Value) -> ibis.Value:
    """Write an id as text, the same whether it came as text, integer or float.

    `12346`, `12346.0` and `" 12346 "` become `"12346"`; an empty text becomes missing.
    """
    if column.type().is_floating():
        whole = column.try_cast("int64")
        same = (column == whole.cast("float64")) & (column.abs() < 2**53)
        text = same.fill_null(False).ifelse(whole.cast("string"), column.cast("string"))
    else:
        text = column.cast("string").strip()
    text = text.re_replace(r"^(\d+)\.0+$", r"\1")
    return text.nullif("")


def input_files(kind: str, root: Path, spec: dict[str, object]) -> list[Path]:
    """List the files whose content a source is.

    Raises
    ------
    DataError
        If there are none.
    """
    if spec.get("connection"):
        place = str(spec["connection"]).partition("://")[2]
        return _files(kind, place, root, str(spec.get("shown", place)), "connection")
    return _files(kind, str(spec["path"]), root, str(spec["path"]), "path")
