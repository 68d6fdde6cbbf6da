"""Files and databases, opened as ibis tables without being read into memory."""

from __future__ import annotations

import tempfile
from pathlib import Path

import ibis

from seglib.sources.databases import open_database
from seglib.sources.files import found_files, open_files
from seglib.sources.opened import Opened, require_columns, text_key

__all__ = ["Opened", "connect", "input_files", "open_source", "require_columns", "text_key"]


def connect(memory: str | None = None) -> ibis.BaseBackend:
    """Start the embedded engine; what does not fit into memory goes to a temporary folder."""
    connection = ibis.duckdb.connect(temp_directory=tempfile.gettempdir())
    connection.raw_sql("SET preserve_insertion_order = true")
    if memory:
        connection.raw_sql(f"SET memory_limit = '{memory}'")
    return connection


def open_source(connection: ibis.BaseBackend, kind: str, root: Path, spec: dict[str, object]) -> Opened:
    """Open one source.

    Parameters
    ----------
    connection
        The engine, from `connect`.
    kind
        A key of `seglib.kinds.KINDS`.
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
        return open_database(connection, kind, str(spec["connection"]), root, spec)
    files = found_files(kind, str(spec["path"]), root, str(spec["path"]), "path")
    return open_files(connection, kind, files, spec)


def input_files(kind: str, root: Path, spec: dict[str, object]) -> list[Path]:
    """List the files whose content a source is.

    Raises
    ------
    DataError
        If there are none.
    """
    if spec.get("connection"):
        place = str(spec["connection"]).partition("://")[2]
        return found_files(kind, place, root, str(spec.get("shown", place)), "connection")
    return found_files(kind, str(spec["path"]), root, str(spec["path"]), "path")
