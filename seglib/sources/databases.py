"""Tables and queries of databases, copied into the run's own engine, which can then join all sources."""

from __future__ import annotations

import sqlite3
from pathlib import Path

import duckdb
import ibis
import pyarrow as pa
import sqlglot.errors

from seglib.errors import DataError, listing, nearest, without_values
from seglib.sources.files import found_files
from seglib.sources.opened import Opened


def _stage(connection: ibis.BaseBackend, name: str, found: ibis.Table) -> ibis.Table:
    """Copy a table batch by batch into the run's own engine, which can then join all sources."""
    with found.to_pyarrow_batches() as batches:
        connection.con.register(f"{name}_batches", batches)
        connection.raw_sql(f"CREATE OR REPLACE TEMP TABLE {name} AS FROM {name}_batches")
        connection.con.unregister(f"{name}_batches")
    return connection.table(name)


def open_database(
    connection: ibis.BaseBackend, kind: str, address: str, root: Path, spec: dict[str, object]
) -> Opened:
    """Open a table or a query behind a connection.

    Raises
    ------
    DataError
        If the database, the table or the query does not answer, or answers with no rows.
    """
    scheme, _, place = address.partition("://")
    shown = str(spec.get("shown", address))
    if scheme not in ("duckdb", "sqlite"):
        raise DataError(
            f"{kind}: connection '{shown}' is of no known kind; allowed: duckdb://FILE, sqlite://FILE"
        )
    file = found_files(kind, place, root, shown, "connection")[0]
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
