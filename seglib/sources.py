"""Files and databases, opened as ibis tables without being read into memory."""

from __future__ import annotations

import sqlite3
import tempfile
from dataclasses import dataclass, field
from glob import glob
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import pyarrow.parquet as pq
import sqlglot.errors

from seglib.csv_files import no_twins, read_csv
from seglib.errors import DataError, listing, nearest, one_line, without_values


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


def _read_parquet(connection: ibis.BaseBackend, kind: str, files: list[Path]) -> Opened:
    rows, schemas = 0, {}
    for file in files:
        try:
            meta = pq.ParquetFile(file)
        except (pa.ArrowException, OSError) as error:
            raise DataError(f"{kind}: {file.name} is not Parquet: {without_values(error)}") from None
        no_twins(kind, file, meta.schema_arrow.names)
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
    table, how, decimal = read_csv(connection, kind, files, spec)
    return Opened(kind, table, tuple(files), how, decimal)


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
