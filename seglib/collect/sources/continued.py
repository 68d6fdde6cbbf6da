"""Rows that carry on the row above: exports that write the cells of an order in its first row alone."""

from __future__ import annotations

from typing import Any

import ibis

from seglib.collect.sources.opened import quoted
from seglib.errors import DataError, listing, nearest


def filled_down(
    connection: ibis.BaseBackend, kind: str, table: ibis.Table, columns: list[str]
) -> tuple[ibis.Table, int]:
    """Give rows in which all of some columns are blank the cells of the last row in which one is not.

    A blank among filled cells stays one: it is what that row says.

    Parameters
    ----------
    connection
        The engine, which keeps the rows in the order of the file.
    kind
        The kind of source, for messages.
    table
        As it was read, into a table of the engine.
    columns
        The cells that continued rows leave blank.

    Returns
    -------
    ibis.Table
        The same rows.
    int
        How many were continued.

    Raises
    ------
    DataError
        If a column is not there, or the first row is a continued one.
    """
    if unknown := [name for name in columns if name not in table.columns]:
        raise DataError(
            f"{kind}: sources.{kind}.fill_down names '{unknown[0]}', which is no column; columns there: "
            f"{listing(table.columns, 30)}.{nearest(unknown[0], table.columns)}"
        )
    blank = " AND ".join(f"coalesce(trim(CAST({quoted(c)} AS VARCHAR)), '') = ''" for c in columns)
    read, made = quoted(table.get_name()), quoted(f"{table.get_name()}_filled")
    # As they stand in the file: the engine numbers the rows of a table so.
    cells: list[Any] = [
        f"first_value({quoted(c)}) OVER (PARTITION BY _nth ORDER BY _at) AS {quoted(c)}"
        if c in columns
        else quoted(c)
        for c in table.columns
    ]
    connection.con.execute(
        f"CREATE OR REPLACE TEMP TABLE {made} AS SELECT {', '.join(cells)} FROM ("  # noqa: S608
        f"SELECT *, rowid AS _at, count(*) FILTER (WHERE NOT ({blank})) OVER (ORDER BY rowid) AS _nth FROM {read}) "
        "ORDER BY _at"
    )
    n, first = connection.con.execute(
        f"SELECT count(*) FILTER (WHERE {blank}), bool_or({blank} AND rowid = 0) FROM {read}"  # noqa: S608
    ).fetchone()
    if first:
        raise DataError(
            f"{kind}: the first row is blank in {listing(columns)}, so that sources.{kind}.fill_down has nothing to "
            "carry on; remove the row, or the key"
        )
    return connection.table(f"{table.get_name()}_filled"), int(n)
