"""Files and databases, opened as ibis tables without being read into memory."""

from __future__ import annotations

import codecs
import csv
import gzip
import re
import sqlite3
import tempfile
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
    """

    kind: str
    table: ibis.Table
    files: tuple[Path, ...] = ()
    how: dict[str, str] = field(default_factory=dict)


def connect(memory: str | None = None) -> ibis.BaseBackend:
    """Start the embedded engine; what does not fit into memory goes to a temporary folder."""
    connection = ibis.duckdb.connect(temp_directory=tempfile.gettempdir())
    connection.raw_sql("SET preserve_insertion_order = true")
    if memory:
        connection.raw_sql(f"SET memory_limit = '{memory}'")
    return connection


def _files(kind: str, path: str, root: Path) -> list[Path]:
    full = path if Path(path).is_absolute() else str(root / path)
    if any(mark in path for mark in "*?["):
        files = sorted(map(Path, glob(full, recursive=True)))
        if not files:
            raise DataError(f"{kind}: no file matches '{path}'; mend sources.{kind}.path")
        return files
    if not Path(full).is_file():
        folder = Path(full).parent
        beside = [p.name for p in folder.iterdir() if p.is_file()] if folder.is_dir() else []
        raise DataError(
            f"{kind}: there is no file '{path}'; mend sources.{kind}.path, or put it there."
            f"{nearest(Path(full).name, beside)}"
        )
    return [Path(full)]


def _chunks(file: Path) -> Iterator[bytes]:
    opener = gzip.open if file.suffix == ".gz" else open
    try:
        with opener(file, "rb") as stream:
            while chunk := stream.read(_CHUNK):
                yield chunk
    except (gzip.BadGzipFile, EOFError) as error:
        raise DataError(f"{file.name}: is not a whole gzip file: {error}") from None


def _encoding(kind: str, file: Path, declared: str | None) -> str:
    """Find the encoding of a text file by its mark, and check every byte against it."""
    start = next(_chunks(file), b"")
    if not start.strip():
        raise DataError(f"{kind}: {file.name} is empty; it needs a header and rows")
    marked = next((name for mark, name in _MARKS.items() if start.startswith(mark)), None)
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
        except UnicodeDecodeError as error:
            line += chunk[: error.start].count(b"\n")
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


def _read_csv(
    connection: ibis.BaseBackend, kind: str, files: list[Path], spec: dict[str, object]
) -> tuple[ibis.Table, dict[str, str]]:
    encodings = {_encoding(kind, file, spec.get("encoding")) for file in files}
    if len(encodings) > 1:
        raise DataError(f"{kind}: its files are written in {listing(encodings)}; use one encoding")
    encoding = encodings.pop()
    lines = _head(files[0], encoding)
    separator = spec.get("separator") or _sniff_separator(lines)
    try:
        rows = list(csv.reader(lines, delimiter=separator))
    except csv.Error as error:
        raise DataError(f"{kind}: {files[0].name} cannot be read: {error}") from None
    _no_twins(kind, files[0], [name.strip() for name in rows[0]])
    if not any(any(cell.strip() for cell in row) for row in rows[1:]):
        raise DataError(f"{kind}: {files[0].name} has a header but no rows; it needs customers")
    decimal = spec.get("decimal") or _sniff_decimal(rows, separator)
    how = {"separator": {"\t": "tab"}.get(separator, separator), "encoding": encoding}
    how["decimal mark"] = decimal
    declared = {k for k in ("separator", "encoding", "decimal") if spec.get(k)}
    how = {k: f"{v} ({'declared' if k.split()[0] in declared else 'sniffed'})" for k, v in how.items()}
    try:
        table = connection.read_csv(
            [str(f) for f in files], delim=separator, header=True, skip=0, encoding=encoding,
            decimal_separator=decimal, sample_size=-1, nullstr=["", *spec.get("missing", [])],
            quote='"', escape='"', auto_detect=True, union_by_name=len(files) > 1,
            **({"dateformat": spec["dates"], "timestampformat": spec["dates"]}
               if spec.get("dates") else {}),
        )  # fmt: skip
        # Read whole here, once: what cannot be read is said now and not in the middle of a stage.
        table = connection.create_table(f"read_{kind}", table, temp=True, overwrite=True)
    except duckdb.Error as error:
        raise DataError(
            f"{kind}: {_ragged(files, encoding, separator, len(rows[0]))} cannot be read as rows of "
            f"{len(rows[0])} cells separated by '{separator}'; mend the file, or declare "
            f"sources.{kind}.separator ({_reason(error)})"
        ) from None
    return table, how


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
    return one_line(said[0] if said else type(error).__name__, 160)


def _read_parquet(
    connection: ibis.BaseBackend, kind: str, files: list[Path]
) -> tuple[ibis.Table, dict[str, str]]:
    rows = 0
    for file in files:
        try:
            meta = pq.ParquetFile(file)
        except (pa.ArrowInvalid, OSError) as error:
            raise DataError(f"{kind}: {file.name} is not Parquet: {one_line(str(error), 160)}") from None
        _no_twins(kind, file, meta.schema_arrow.names)
        rows += meta.metadata.num_rows
    if not rows:
        raise DataError(f"{kind}: {listing(f.name for f in files)} has columns but no rows")
    return connection.read_parquet([str(f) for f in files]), {"format": "Parquet"}


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
    if scheme not in ("duckdb", "sqlite"):
        raise DataError(
            f"{kind}: connection begins with '{scheme}'; allowed: duckdb://FILE, sqlite://FILE"
        )
    file = _files(kind, place, root)[0]
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
        duckdb.Error, sqlite3.Error, ibis.IbisError, sqlglot.errors.SqlglotError, OSError
    ) as error:  # fmt: skip
        raise DataError(f"{kind}: {file.name}: {one_line(str(error), 200)}") from None
    if not staged.count().execute():
        raise DataError(f"{kind}: {spec.get('table') or 'the query'} of {file.name} has no rows")
    how = {"format": {"duckdb": "DuckDB", "sqlite": "SQLite"}[scheme]}
    return Opened(kind, staged, (file,), how)


def open_source(
    connection: ibis.BaseBackend, kind: str, root: Path, spec: dict[str, object]
) -> Opened:
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
    files = _files(kind, str(spec["path"]), root)
    if {f.suffix.lower() for f in files} <= {".parquet", ".pq"}:
        table, how = _read_parquet(connection, kind, files)
    else:
        table, how = _read_csv(connection, kind, files, spec)
    return Opened(kind, table, tuple(files), how)


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
        whole = column.cast("int64")
        text = (column == whole).ifelse(whole.cast("string"), column.cast("string"))
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
    place = str(spec.get("connection", "")).partition("://")[2] or str(spec.get("path"))
    return _files(kind, place, root)
