"""What files hold beside their rows: numbers or names of rows under no heading, totals below the last row."""

from __future__ import annotations

import ibis

from seglib.collect.sources.opened import quoted
from seglib.errors import DataError

#: What a first column without a name is called until it is known what it is, and where it names the rows.
UNNAMED, ROW_NAMES = "(row number)", "row_name"
#: The most rows of totals that are looked for.
MOST_TOTALS = 3
_TOTAL = (
    r"^(grand |sub)?totals?\b|^(sum|summe|gesamt|gesamtsumme|somme|suma|totale|totaal|razem|total geral)\b"
)


def without_row_numbers(connection: ibis.BaseBackend, kind: str, file: str, files: int = 1) -> dict[str, str]:
    """Leave out a first column without a name that counts the rows of each file; names of rows stay as `row_name`.

    Tools that write tables name no column of numbers or names of rows. Where rows were filtered or put in another
    order before, the numbers have gaps: they may be the only ids that there are.

    Parameters
    ----------
    connection
        The engine, with the rows in the table `read_KIND`.
    kind, file
        For messages.
    files
        How many files the rows are from.

    Returns
    -------
    dict
        What was done, for the page; empty if every column has a name.

    Raises
    ------
    DataError
        If it neither counts nor names the rows.
    """
    name, table = quoted(UNNAMED), quoted(f"read_{kind}")
    columns = connection.table(f"read_{kind}").columns
    if UNNAMED not in columns:
        return {}
    number = f"try_cast({name} AS BIGINT)"
    n, numbers, distinct, span, names = connection.con.execute(
        f"SELECT count(*), count({number}), count(DISTINCT {number}), max({number}) - min({number}) + 1, "  # noqa: S608
        f"count(DISTINCT {name}) FROM {table}"
    ).fetchone()
    again = numbers == n and distinct == span and distinct * files >= n > distinct
    if n == distinct == span or again:
        connection.con.execute(f"ALTER TABLE {table} DROP COLUMN {name}")
        return {"first column": "row numbers without a name, left out"}
    if n != names or ROW_NAMES in columns:
        raise DataError(
            f"{kind}: {file} has a column without a name in its first line, which neither counts nor names the "
            "rows; name it"
        )
    connection.con.execute(f"ALTER TABLE {table} RENAME COLUMN {name} TO {quoted(ROW_NAMES)}")
    return {"first column": f"without a name, another entry in each row; called {ROW_NAMES}"}


def without_totals(connection: ibis.BaseBackend, kind: str) -> dict[str, str]:
    """Leave out totals below the last row: a cell says so, and cells that other rows fill are empty.

    Returns
    -------
    dict
        What was done, for the page; empty if there are none.
    """
    table = connection.table(f"read_{kind}")
    n = int(table.count().to_pandas())
    last = table.limit(MOST_TOTALS + 1, offset=max(n - MOST_TOTALS - 1, 0)).to_pandas()
    usual = last.notna().sum(axis=1).max() if len(last) > 1 else 0
    gone = 0
    for row in reversed(range(1, len(last))):
        cells = last.iloc[row].dropna().astype(str).str.strip()
        if len(cells) >= usual or not cells.str.match(_TOTAL, case=False).any():
            break
        gone += 1
    if not gone:
        return {}
    connection.con.execute(f"DELETE FROM {quoted(f'read_{kind}')} WHERE rowid >= ?", [n - gone])  # noqa: S608
    return {"last rows": f"{gone} of totals left out"}
