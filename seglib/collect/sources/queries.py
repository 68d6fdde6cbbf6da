"""A source that a query makes of several tables, each of which is opened as a source of its own is."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import duckdb
import ibis
import sqlglot
from sqlglot import expressions as sql

from seglib.collect.sources.opened import Opened, no_twins, quoted
from seglib.errors import DataError, listing, nearest, one_line, without_values

#: Opens a table of a name in messages, described as a source is.
Opener = Callable[[str, dict[str, Any]], Opened]


def open_query(
    engine: ibis.BaseBackend, kind: str, spec: dict[str, Any], opener: Opener, rows: bool = True
) -> Opened:
    """Open the tables of a source, and make one of them by its query.

    Parameters
    ----------
    engine
        The embedded engine.
    kind
        The kind of source.
    spec
        tables (by name), query.
    opener
        Opens one of the tables.
    rows
        False where the columns alone are wanted.

    Raises
    ------
    DataError
        If a table cannot be opened, or the query cannot be read, reads anything but these tables, or returns no row.
    """
    query = checked(kind, spec["query"], list(spec["tables"]))
    opened = {name: opener(f"{kind}.tables.{name}", table) for name, table in spec["tables"].items()}
    table = joined(engine, kind, opened, query)
    if rows:
        table = table.cache()
        if not table.count().to_pandas():
            raise DataError(f"{kind}: the query over {listing(opened)} returns no rows")
    files = tuple(file for one in opened.values() for file in one.files)
    marks = {(one.decimal, one.decimal_by) for one in opened.values() if one.decimal_by}
    decimal, by = marks.pop() if len(marks) == 1 else (".", "")
    how = {"format": f"a query over {listing(opened)}"}
    return Opened(kind, table, files, how, decimal, by)


def checked(kind: str, query: str, names: list[str]) -> sql.Query:
    """Read a query that may name these tables alone.

    Raises
    ------
    DataError
        If it cannot be read, is more than a query, or reads something else.
    """
    place = f"sources.{kind}.query"
    try:
        trees = sqlglot.parse(query, dialect="duckdb")
    except sqlglot.errors.SqlglotError:
        trees = []
    tree = trees[0] if len(trees) == 1 else None
    if not isinstance(tree, sql.Query):
        raise DataError(
            f"{place}: '{one_line(query, 80)}' cannot be read; allowed: one SELECT over {listing(names)}"
        )
    own = {cte.alias_or_name for cte in tree.find_all(sql.CTE)}
    for table in tree.find_all(sql.Table):
        named = table.name if isinstance(table.this, sql.Identifier) and not table.db else table.sql("duckdb")
        if named not in own and named.casefold() not in {name.casefold() for name in names}:
            raise DataError(
                f"{place} reads '{one_line(named, 60)}'; allowed: the tables of sources.{kind}.tables, which are "
                f"{listing(names)}.{nearest(named, names)}"
            )
    return tree


def joined(engine: ibis.BaseBackend, kind: str, opened: dict[str, Opened], query: sql.Query) -> ibis.Table:
    """Put a query to opened tables.

    Raises
    ------
    DataError
        If the engine refuses it: a column that is not there, types that cannot be compared.
    """
    parts = ", ".join(f"{quoted(name)} AS ({one.table.compile()})" for name, one in opened.items())
    try:
        table = engine.sql(f"WITH {parts} SELECT * FROM ({query.sql('duckdb')})", dialect="duckdb")  # noqa: S608  (checked)
    except (duckdb.Error, ibis.IbisError) as error:
        raise DataError(
            f"sources.{kind}.query: {without_values(str(error).partition('LINE 1')[0])}"
        ) from None
    no_twins(kind, "the query", table.columns)
    return table
