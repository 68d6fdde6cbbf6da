"""Audiences and the history of segments in a database: one transaction, which a second run repeats without a change.

The history keeps one row per customer and period (a slowly changing dimension of type 2; Kimball and Ross, The Data
Warehouse Toolkit, 2013, chapter 5): a row is closed when its customer's segment, name, play or arm changes, or when
they are no longer among the customers, and never overwritten. The same run written again replaces what it wrote.
"""

# ruff: noqa: S608  (names of tables are those that the schema of the params allows; values are quoted)
from __future__ import annotations

import contextlib
import datetime as dt
import sqlite3
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import duckdb
import pandas as pd
import pyarrow as pa

from seglib.collect.sources.opened import masked
from seglib.errors import RunError, one_line, without_values

HISTORY = {
    "customer_id": "text",
    "segment_code": "integer",
    "name": "text",
    "margin": "double precision",
    "play": "text",
    "arm": "text",
    "run": "text",
    "as_of": "date",
    "valid_from": "date",
    "valid_to": "date",
}
AUDIENCE = {
    "customer_id": "text",
    "segment_code": "integer",
    "name": "text",
    "campaign": "text",
    "play": "text",
    "channel": "text",
    "arm": "text",
    "gain": "double precision",
    "run": "text",
    "as_of": "date",
    "valid_from": "date",
    "valid_to": "date",
}
_ARROW = {"text": pa.string(), "integer": pa.int64(), "double precision": pa.float64(), "date": pa.date32()}
_CHANGES = ("segment_code", "name", "play", "arm")


def _literal(text: object) -> str:
    return "'" + str(text).replace("'", "''") + "'"


def _create(table: str, columns: dict[str, str]) -> str:
    return f"CREATE TABLE IF NOT EXISTS {table} ({', '.join(f'{c} {t}' for c, t in columns.items())})"


def statements(audience: str, history: str, project: str, as_of: dt.date) -> list[str]:
    """Write what happens between the staged rows `seglib_new_history` and `seglib_new_audience` and the tables.

    Parameters
    ----------
    audience, history
        Names of the tables, which are there.
    project, as_of
        Of the run.
    """
    day, run = _literal(as_of.isoformat()), _literal(f"{project}/{as_of.isoformat()}")
    own = f"substr(run, 1, {len(project) + 1}) = {_literal(project + '/')}"
    same = " AND ".join(f"n.{c} IS NOT DISTINCT FROM {history}.{c}" for c in _CHANGES)
    names, listed = ", ".join(HISTORY), ", ".join(AUDIENCE)
    return [
        # what this run wrote before is taken back
        f"DELETE FROM {history} WHERE {own} AND valid_from = {day}",
        f"UPDATE {history} SET valid_to = NULL WHERE {own} AND valid_to = {day}",
        # rows that have changed, and those of customers who are gone, are closed
        f"UPDATE {history} SET valid_to = {day} WHERE {own} AND valid_to IS NULL AND NOT EXISTS "
        f"(SELECT 1 FROM seglib_new_history n WHERE n.customer_id = {history}.customer_id AND {same})",
        f"INSERT INTO {history} ({names}) SELECT {names} FROM seglib_new_history n WHERE NOT EXISTS "
        f"(SELECT 1 FROM {history} h WHERE h.customer_id = n.customer_id AND h.valid_to IS NULL AND "
        f"substr(h.run, 1, {len(project) + 1}) = {_literal(project + '/')})",
        f"DELETE FROM {audience} WHERE run = {run}",
        f"INSERT INTO {audience} ({listed}) SELECT {listed} FROM seglib_new_audience",
    ]


def later(history: str, project: str, as_of: dt.date) -> str:
    """Ask for the newest period of a later run of the project."""
    own = f"substr(run, 1, {len(project) + 1}) = {_literal(project + '/')}"
    return f"SELECT max(valid_from) FROM {history} WHERE {own} AND valid_from > {_literal(as_of.isoformat())}"


class _Session:
    """An open transaction: `ask` gives the first cell of an answer, `stage` brings rows in."""

    def __init__(self, kind: str, connection: Any) -> None:
        self.kind, self.connection = kind, connection
        self.cursor = connection.cursor() if kind == "postgresql" else connection

    def run(self, sql: str) -> None:
        self.cursor.execute(sql)

    def ask(self, sql: str) -> Any:
        if self.kind == "postgresql":
            self.cursor.execute(sql)
            return self.cursor.fetchone()[0]
        return self.connection.execute(sql).fetchone()[0]

    def stage(self, name: str, frame: pd.DataFrame, columns: dict[str, str]) -> None:
        schema = pa.schema([(c, _ARROW[t]) for c, t in columns.items()])
        rows = pa.Table.from_pandas(frame[list(columns)], schema=schema, preserve_index=False)
        if self.kind == "postgresql":
            self.run(f"DROP TABLE IF EXISTS {name}")
            self.cursor.adbc_ingest(name, rows, mode="create", temporary=True)
        elif self.kind == "duckdb":
            self.connection.register(f"{name}_rows", rows)
            self.run(f"CREATE OR REPLACE TEMP TABLE {name} AS SELECT * FROM {name}_rows")
        else:
            self.run(f"DROP TABLE IF EXISTS temp.{name}")
            self.run(_create(name, columns).replace("CREATE TABLE IF NOT EXISTS", "CREATE TEMP TABLE"))
            marks = ", ".join("?" for _ in columns)
            values = (
                [str(v) if isinstance(v, dt.date) else v for v in row.values()] for row in rows.to_pylist()
            )
            self.connection.executemany(f"INSERT INTO {name} VALUES ({marks})", values)


@contextlib.contextmanager
def _session(address: str, root: Path, shown: str) -> Iterator[_Session]:
    """Open one transaction; what fails in it leaves the database as it was."""
    scheme, _, place = address.partition("://")
    kind = "postgresql" if scheme in ("postgresql", "postgres") else scheme
    faults: tuple[type[Exception], ...]
    if kind == "postgresql":
        from adbc_driver_postgresql import dbapi  # the driver only where it is needed

        faults = (dbapi.Error, pa.ArrowException, OSError)
        opened = contextlib.closing
    elif kind in ("duckdb", "sqlite"):
        faults = (duckdb.Error, sqlite3.Error, pa.ArrowException, OSError)
        opened = contextlib.closing
    else:
        raise RunError(
            f"implement.to: connection '{masked(shown)}' is of no known kind; allowed: duckdb://FILE, sqlite://FILE, "
            "postgresql://USER:PASSWORD@HOST:PORT/DATABASE, spark://HOST:PORT"
        )
    try:
        with opened(_connect(kind, address, root / place if kind != "postgresql" else Path())) as connection:
            session = _Session(kind, connection)
            if kind != "postgresql":
                session.run("BEGIN")
            try:
                yield session
                connection.commit()
            except BaseException:
                with contextlib.suppress(*faults):
                    connection.rollback()
                raise
    except faults as error:
        secret = address.partition("://")[2].rpartition("@")[0]
        said = without_values(one_line(str(error)).replace(secret, "…") if secret else one_line(str(error)))
        raise RunError(
            f"implement.to: '{masked(shown)}' could not be written, and is as it was: {said}. Check the connection, "
            "the rights and the names of the tables, then run the stage again"
        ) from None


def _connect(kind: str, address: str, file: Path) -> Any:
    if kind == "postgresql":
        from adbc_driver_postgresql import dbapi

        wait = "&" if "?" in address.rpartition("@")[2] else "?"
        return dbapi.connect(f"{address}{wait}connect_timeout=10&application_name=seglib")
    file.parent.mkdir(parents=True, exist_ok=True)
    if not file.exists():
        file.touch(mode=0o600)
        if kind == "duckdb":
            file.unlink()  # DuckDB wants to make its file itself
    connection = (
        duckdb.connect(str(file)) if kind == "duckdb" else sqlite3.connect(str(file), isolation_level=None)
    )
    file.chmod(0o600)
    return connection


def write(
    terms: dict[str, Any],
    history: pd.DataFrame,
    audience: pd.DataFrame,
    project: str,
    as_of: dt.date,
    root: Path,
) -> dict[str, int]:
    """Write the history and the audiences of a run in one transaction.

    Parameters
    ----------
    terms
        connection (from the environment, filled in), shown (as the params write it), audience and history (tables).
    history, audience
        One row per customer, with the columns of `HISTORY` and `AUDIENCE`.
    project, as_of
        Of the run.
    root
        What the file of an embedded database is relative to.

    Returns
    -------
    dict
        Rows of either table that belong to this run.

    Raises
    ------
    RunError
        If the database does not take the rows; it is then as it was. If it holds a later run of the project.
    """
    with _session(terms["connection"], root, terms.get("shown", terms["connection"])) as session:
        session.run(_create(terms["history"], HISTORY))
        session.run(_create(terms["audience"], AUDIENCE))
        newest = session.ask(later(terms["history"], project, as_of))
        if newest is not None:
            raise RunError(
                f"implement.to: {terms['history']} holds a run of {project} of {newest}, later than as_of {as_of}; an "
                "earlier one cannot be written after it. Run the newest as_of, or name other tables"
            )
        session.stage("seglib_new_history", history, HISTORY)
        session.stage("seglib_new_audience", audience, AUDIENCE)
        for statement in statements(terms["audience"], terms["history"], project, as_of):
            session.run(statement)
        run = _literal(f"{project}/{as_of.isoformat()}")
        counts = {
            name: int(session.ask(f"SELECT count(*) FROM {terms[name]} WHERE run = {run}"))
            for name in ("history", "audience")
        }
        for name in ("seglib_new_history", "seglib_new_audience"):
            session.run(f"DROP TABLE {name}")
        return counts


def forget(terms: dict[str, Any], customer: str, root: Path) -> int:
    """Delete all rows of one customer from both tables, in one transaction; count them."""
    with _session(terms["connection"], root, terms.get("shown", terms["connection"])) as session:
        session.run(_create(terms["history"], HISTORY))
        session.run(_create(terms["audience"], AUDIENCE))
        where = f"WHERE customer_id = {_literal(customer)}"
        count = 0
        for name in (terms["audience"], terms["history"]):
            count += int(session.ask(f"SELECT count(*) FROM {name} {where}"))
            session.run(f"DELETE FROM {name} {where}")
        return count


def rows_for(
    rows: pd.DataFrame,
    segments: pd.DataFrame,
    ids: pd.DataFrame,
    plays: pd.DataFrame,
    settings: dict[str, Any],
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Put together the rows of the history and of the audiences.

    Parameters
    ----------
    rows
        Of an `Assignment`.
    segments, ids, plays
        Tables of the run; plays with a column name (of the segment).
    settings
        The section `implement` as plain values, with project, as_of and start.

    Returns
    -------
    history, audience : pandas.DataFrame
        One row per customer with a segment, and one per customer who is contacted or held out.
    """
    run, as_of = f"{settings['project']}/{settings['as_of'].isoformat()}", settings["as_of"]
    chosen = rows[rows.step == "selected"]
    arms = chosen.set_index("customer").arm.where(
        ~chosen.set_index("customer").universal, "universal holdout"
    )
    about = plays.set_index("segment")
    history = segments.merge(ids, on="customer").rename(
        columns={"key": "customer_id", "segment": "segment_code"}
    )
    history = history.assign(
        name=history.segment_code.map(about["name"]),
        margin=history.margin if "margin" in history else None,
        play=history.segment_code.map(about.play),
        arm=history.customer.map(arms),
        run=run,
        as_of=as_of,
        valid_from=as_of,
        valid_to=None,
    )
    audience = chosen.rename(columns={"id": "customer_id", "segment": "segment_code"}).assign(
        name=chosen.segment.map(about["name"]),
        arm=chosen.customer.map(arms),
        run=run,
        as_of=as_of,
        valid_from=settings["start"],
        valid_to=chosen.until,
    )
    return history[list(HISTORY)], audience[list(AUDIENCE)]
