"""Tables and queries of databases, copied into the run's own engine, which can then join all sources."""

from __future__ import annotations

import sqlite3
from pathlib import Path
from typing import Any

import duckdb
import ibis
import pyarrow as pa
import sqlglot.errors

from seglib.collect.sources.embedded import Engine
from seglib.collect.sources.files import found_files
from seglib.collect.sources.opened import Opened, masked, stage
from seglib.errors import DataError, listing, nearest, without_values

SCHEMES = ("postgresql", "postgres")
_SQL = (ibis.IbisError, sqlglot.errors.SqlglotError)
_FAULTS = (duckdb.Error, sqlite3.Error, *_SQL, pa.ArrowException, OSError)


def database_files(kind: str, place: str, root: Path, shown: str) -> list[Path]:
    """List the file of a database, and the log beside it that holds what is newer."""
    files = found_files(kind, place, root, shown, "connection")
    logs = [file.with_name(file.name + end) for file in files for end in (".wal", "-wal")]
    return files + [log for log in logs if log.is_file() and log.stat().st_size]


def open_database(
    connection: ibis.BaseBackend, kind: str, root: Path, spec: dict[str, Any], rows: bool = True
) -> Opened:
    """Open a table or a query behind a connection.

    Raises
    ------
    DataError
        If the database, the table or the query does not answer, or answers with no rows.
    """
    scheme, _, place = spec["connection"].partition("://")
    shown = str(spec.get("shown", spec["connection"]))
    if scheme in SCHEMES:
        from seglib.collect.sources.postgres import open_postgres  # the driver only where it is needed

        return open_postgres(connection, kind, spec, rows)
    if scheme not in ("duckdb", "sqlite"):
        raise DataError(
            f"{kind}: connection '{masked(shown)}' is of no known kind; allowed: duckdb://FILE, sqlite://FILE, "
            "postgresql://USER:PASSWORD@HOST:PORT/DATABASE"
        )
    file = found_files(kind, place, root, shown, "connection")[0]
    try:
        own = Engine().connect if scheme == "duckdb" else ibis.sqlite.connect
        backend = own(str(file), **({"read_only": True} if scheme == "duckdb" else {}))
        names = backend.list_tables()
        table = spec.get("table")
        if table and table not in names:
            raise DataError(
                f"{kind}: {file.name} has no table '{table}'; it has {listing(names)}.{nearest(table, names)}"
            )
        found = backend.table(table) if table else backend.sql(spec["query"])
        with found.to_pyarrow_batches() as batches:
            staged = stage(connection, f"staged_{kind}", batches)
    except _FAULTS as error:
        raise DataError(f"{kind}: {file.name}: {without_values(error)}") from None
    if not staged.count().execute():
        raise DataError(f"{kind}: {table or 'the query'} of {file.name} has no rows")
    how = {"format": {"duckdb": "DuckDB", "sqlite": "SQLite"}[scheme]}
    return Opened(kind, staged, (file,), how)
