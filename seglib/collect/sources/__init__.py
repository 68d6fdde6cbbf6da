"""Files and databases, opened as ibis tables without being read into memory."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import ibis

from seglib.collect.sources.databases import SCHEMES, database_files, open_database
from seglib.collect.sources.embedded import connect
from seglib.collect.sources.files import found_files, open_files
from seglib.collect.sources.opened import Opened, content_hash, require_columns, text_key
from seglib.collect.sources.queries import open_query
from seglib.errors import DataError, listing

__all__ = [
    "Opened",
    "connect",
    "content_hash",
    "engine_for",
    "input_files",
    "on_spark",
    "open_source",
    "require_columns",
    "text_key",
]


def on_spark(spec: dict[str, Any]) -> bool:
    """Return whether a source is on a Spark cluster."""
    return str(spec.get("connection", "")).startswith("spark://")


def engine_for(specs: list[dict[str, Any]]) -> ibis.BaseBackend:
    """Start the engine in which sources can be joined: Spark if one of them is there.

    Parameters
    ----------
    specs
        As `open_source` takes them.

    Raises
    ------
    DataError
        If they name several clusters, the cluster does not answer, or pyspark is not installed.
    """
    clusters = {spec["connection"]: spec.get("shown", spec["connection"]) for spec in specs if on_spark(spec)}
    if not clusters:
        return connect()
    if len(clusters) > 1:
        raise DataError(f"sources name several Spark clusters ({listing(clusters.values())}); allowed: one")
    try:
        from seglib.collect.sources import spark
    except ModuleNotFoundError as error:
        if error.name not in ("pyspark", "py4j"):
            raise
        remedy = 'pip install "pyspark>=4.0,<4.1"'
        raise DataError(f"a source is on Spark, and pyspark is not installed; {remedy}") from None
    return spark.connect(*clusters.popitem())


def open_source(
    connection: ibis.BaseBackend, kind: str, root: Path, spec: dict[str, Any], rows: bool = True
) -> Opened:
    """Open one source.

    Parameters
    ----------
    connection
        The engine, from `connect` or `engine_for`.
    kind
        A key of `seglib.catalogue.sources.KINDS`.
    root
        What a relative path is relative to.
    spec
        path, connection and table or query, or tables and query; sheet, separator, encoding, decimal, header,
        missing.
    rows
        False to read the columns alone, where that spares reading a server's table.

    Raises
    ------
    DataError
        If it is not there, not readable, without rows, or with two columns of one name.
    """
    if connection.name == "pyspark":
        from seglib.collect.sources import spark

        if on_spark(spec):
            return without_missing(spark.open_spark(connection, kind, root, spec), spec)
        return spark.handed_over(connection, open_source(connect(), kind, root, spec))
    if spec.get("tables"):

        def opener(name: str, table: dict[str, Any]) -> Opened:
            return open_source(connection, name, root, table, rows)

        return without_missing(open_query(connection, kind, spec, opener, rows), spec)
    if spec.get("connection"):
        return without_missing(open_database(connection, kind, root, spec, rows), spec)
    return without_missing(open_files(connection, kind, found_files(kind, spec["path"], root), spec), spec)


def without_missing(opened: Opened, spec: dict[str, Any]) -> Opened:
    """Take what the params call missing for missing, in texts and in numbers, whatever the source."""
    words = list(spec.get("missing", []))
    if spec.get("decimal"):
        opened = replace(opened, decimal=str(spec["decimal"]), decimal_by="declared")
    if not words or opened.how.get("format", "CSV") in ("CSV", "Excel", "JSON lines"):
        return opened  # which have been read so
    codes = [float(word) for word in words if re.fullmatch(r"[-+]?\d+(\.\d+)?", word)]
    columns = {}
    for name in opened.table.columns:
        cells = opened.table[name]
        gone = None
        if cells.type().is_string():
            gone = cells.strip().isin(words)
        elif cells.type().is_numeric() and codes:
            gone = cells.cast("float64").isin(codes)
        if gone is not None:
            columns[name] = gone.ifelse(ibis.null(cells.type()), cells)
    return replace(opened, table=opened.table.mutate(**columns)) if columns else opened


def input_files(kind: str, root: Path, spec: dict[str, Any]) -> list[Path]:
    """List the files whose content a source is; a server and a cluster have none, nor has a query that reads one.

    Raises
    ------
    DataError
        If there are none.
    """
    if spec.get("tables"):
        each = [input_files(f"{kind}.tables.{name}", root, table) for name, table in spec["tables"].items()]
        return [file for files in each for file in files] if all(each) else []
    scheme, _, place = str(spec.get("connection", "")).partition("://")
    if scheme in (*SCHEMES, "spark"):
        return []
    if scheme:
        return database_files(kind, place, root, spec.get("shown", place))
    return found_files(kind, spec["path"], root)
