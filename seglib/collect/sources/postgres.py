"""Tables and queries of a PostgreSQL server, copied in one snapshot, whole or not at all."""

from __future__ import annotations

import re
import time
from dataclasses import dataclass
from typing import Any
from urllib.parse import unquote, urlencode

import duckdb
import ibis
import pyarrow as pa
from adbc_driver_postgresql import dbapi

from seglib.collect.sources.opened import Opened, masked, no_twins, quoted, stage
from seglib.errors import DataError, listing, nearest, one_line

#: Waits, in seconds, before a lost connection is tried again.
WAITS = (0.5, 2.0)
#: Used where the address does not set them.
_CONNECTION = {
    "connect_timeout": 10,
    "application_name": "seglib",
    "keepalives_idle": 30,
    "keepalives_interval": 10,
    "keepalives_count": 3,
}
#: Used where neither the server nor the address sets them, as in
#: ?options=-c%20statement_timeout%3D3600000 (milliseconds).
TIMEOUTS = {
    "statement_timeout": "30min",
    "lock_timeout": "1min",
    "idle_in_transaction_session_timeout": "30min",
}
_SESSION = {"timezone": "UTC", "datestyle": "ISO", "intervalstyle": "iso_8601", "bytea_output": "hex"}
_LOST = ("08", "57P01", "57P02", "57P03", "40001", "40P01", "53300")
_REMEDIES = {
    "42501": "grant the right to read it",
    "55P03": "try again when its lock is released",
    "25006": "a source is only read",
}
#: Types that arrive as they are. All others arrive as text: adbc 1.13 reads an infinite time as one of the
#: year -290278, a numeric as text in any case, and what it has no type for as the server's bytes.
_KEPT = ("bool", "int2", "int4", "int8", "float4", "float8")
#: The engine's type of what arrives as text and is none; of a numeric it depends on the digits.
_TYPES = {"date": "DATE", "timestamp": "TIMESTAMP", "timestamptz": "TIMESTAMP", "numeric": "", "money": ""}
_SENT = {"timestamptz": "({} AT TIME ZONE 'UTC')::text", "money": "{}::numeric::text"}
_MOST_DIGITS = 38


@dataclass(frozen=True)
class _Source:
    """What is read, and how messages name it."""

    kind: str
    address: str
    shown: str
    table: str | None
    query: str

    @property
    def where(self) -> str:
        """Name the source, without the secret."""
        return f"{self.kind}: '{one_line(masked(self.shown), 120)}'"

    @property
    def what(self) -> str:
        """Name what is read of it."""
        return f"table '{self.table}'" if self.table else "the query"

    def said(self, error: Exception) -> str:
        """Fold what a server says into a line, without anything that the address keeps secret."""
        line = one_line(str(error).partition("\n")[0].rsplit(":  ", 1)[-1], 300)
        secrets = re.findall(r"://[^:@/?]*:(.*)@", self.address, re.S)
        secrets += re.findall(r"(?i)pass\w*=([^&\s]*)", self.address)
        for secret in sorted({*secrets, *map(unquote, secrets)} - {""}, key=len, reverse=True):
            line = line.replace(secret, "…")
        return line.removeprefix("IO: [libpq] Failed to connect: ").rstrip(".")


class _Lost(Exception):
    """A fault that may be over when the whole read is tried again."""


def open_postgres(connection: ibis.BaseBackend, kind: str, spec: dict[str, Any], rows: bool = True) -> Opened:
    """Copy a table or the answer to a query into the run's engine.

    It is read in one read-only, repeatable-read transaction. When the connection is lost, the whole
    is read again, twice at most. numeric becomes an exact decimal, timestamptz a time in UTC; uuid,
    json, arrays and what else the engine has no type for become text as the server writes it.

    Parameters
    ----------
    connection, kind
        The engine, and the kind of source.
    spec
        connection (postgresql://user:password@host:port/database) and table (schema.table allowed) or
        query; shown, the address as the params file writes it.
    rows
        False to read the columns alone.

    Raises
    ------
    DataError
        If the server, the database, the table or the query does not answer; the line never holds
        the password.
    """
    address = spec["connection"]
    source = _Source(kind, address, spec.get("shown", address), spec.get("table"), spec.get("query", ""))
    for wait in (*WAITS, None):
        try:
            staged = _read(connection, source, rows)
            break
        except _Lost as lost:
            if wait is None:
                raise DataError(
                    f"{source.where}: {lost}; it was tried {len(WAITS) + 1} times. Check "
                    f"sources.{kind}.connection, or the server"
                ) from None
            time.sleep(wait)
    if rows and not staged.count().execute():
        raise DataError(f"{source.where}: {source.what} has no rows")
    return Opened(kind, staged, (), {"format": "PostgreSQL"})


def _read(connection: ibis.BaseBackend, source: _Source, rows: bool) -> ibis.Table:
    """Read once; what fails leaves nothing in the engine."""
    try:
        server = dbapi.connect(_with_defaults(source.address))
    except dbapi.Error as error:
        raise _refused(source, error) from None
    with server, server.cursor() as cursor:
        try:
            _begin(cursor)
            return _copied(connection, cursor, source, _query(cursor, source), rows)
        except (dbapi.Error, duckdb.Error, pa.ArrowException, OSError) as error:
            raise _fault(source, server, error) from None


def _with_defaults(address: str) -> str:
    missing = {k: v for k, v in _CONNECTION.items() if not re.search(rf"[?&]{k}=", address)}
    return address + ("&" if "?" in address.rpartition("@")[2] else "?") + urlencode(missing)


def _refused(source: _Source, error: Exception) -> Exception:
    """Return why a server refuses the connection, and whether it may accept it later."""
    said = source.said(error)
    line = f"the server cannot be reached or refuses the connection: {said}"
    if re.search(r"refused|starting up|shutting down|too many|closed the connection|reset by peer", said):
        return _Lost(line)
    if re.search(r"connection to server|translate host name|timeout", str(error)):
        return DataError(f"{source.where}: {line}. Check sources.{source.kind}.connection, or the server")
    return DataError(
        f"{source.where} is no address of a server; allowed: postgresql://user:password@host:port/database, "
        f"a sign such as @ : / or % in the password written as %40 %3A %2F %25. "
        f"Check sources.{source.kind}.connection"
    )


def _begin(cursor: dbapi.Cursor) -> None:
    """Begin one snapshot; timeouts that the server or the address set stay."""
    cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ READ ONLY")
    for name, value in _SESSION.items():
        cursor.execute(f"SET LOCAL {name} = '{value}'")
    usual = ", ".join(f"('{name}', '{value}')" for name, value in TIMEOUTS.items())
    cursor.execute(
        f"SELECT set_config(name, value, true) FROM (VALUES {usual}) AS usual(name, value) "  # noqa: S608
        "JOIN pg_settings USING (name) WHERE setting = '0'"
    )
    cursor.fetchall()


def _query(cursor: dbapi.Cursor, source: _Source) -> str:
    """Return what is read as a query, or name the nearest table."""
    if source.table is None:
        return source.query.strip().rstrip(";").rstrip()
    for names in ([source.table], source.table.split(".", 1)):
        name = ".".join(map(quoted, names))
        cursor.execute("SELECT to_regclass($1)::text", (name,))
        if cursor.fetchall() != [(None,)]:
            return f"SELECT * FROM {name}"  # noqa: S608
    cursor.execute(
        "SELECT CASE WHEN table_schema = ANY (current_schemas(false)) THEN table_name "
        "ELSE table_schema || '.' || table_name END FROM information_schema.tables "
        "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
    )
    there = [name for (name,) in cursor.fetchall()]
    raise DataError(
        f"{source.where} has no table '{source.table}', which sources.{source.kind}.table names; it has "
        f"{listing(there) or 'none that this user may see'}.{nearest(source.table, there)}"
    )


def _types(cursor: dbapi.Cursor, source: _Source, query: str) -> dict[str, str]:
    """Return the server's type of each column, without reading a row."""
    schema = cursor.adbc_execute_schema(f"SELECT * FROM (\n{query}\n) AS q")  # noqa: S608
    if not schema.names:
        raise DataError(f"{source.where}: {source.what} has no columns")
    no_twins(source.kind, source.what, schema.names)
    return {field.name: field.metadata[b"POSTGRESQL:type"].decode() for field in schema}


def _copied(
    connection: ibis.BaseBackend, cursor: dbapi.Cursor, source: _Source, query: str, rows: bool
) -> ibis.Table:
    """Copy the rows batch by batch, and give what arrived as text its type in the engine."""
    types = _types(cursor, source, query)
    sent = ", ".join(
        f"{quoted(name) if kind in _KEPT else _SENT.get(kind, '{}::text').format(quoted(name))} AS {quoted(name)}"
        for name, kind in types.items()
    )
    cursor.execute(f"SELECT {sent} FROM (\n{query}\n) AS q{'' if rows else ' LIMIT 0'}")  # noqa: S608
    name = f"staged_{source.kind}"
    texts = quoted(stage(connection, f"{name}_text", cursor.fetch_record_batch()).get_name())
    try:
        casts = {
            column: _TYPES[kind] or _decimal(connection, texts, quoted(column))
            for column, kind in types.items()
            if kind in _TYPES
        }
        _fits(connection, source, texts, casts)
        typed = ", ".join(f"{_cast(column, kind)} AS {quoted(column)}" for column, kind in casts.items())
        connection.con.execute(
            f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS "  # noqa: S608
            f"SELECT *{f' REPLACE ({typed})' if typed else ''} FROM {texts}"
        )
    finally:
        connection.con.execute(f"DROP TABLE IF EXISTS {texts}")
    return connection.table(name)


def _cast(column: str, kind: str) -> str:
    """Read dates as times first: as dates the engine ignores what follows them, such as BC."""
    text = f"TRY_CAST({quoted(column)} AS TIMESTAMP)" if kind == "DATE" else quoted(column)
    return f"TRY_CAST({text} AS {kind})"


def _decimal(connection: ibis.BaseBackend, texts: str, column: str) -> str:
    """Find the decimal type that holds all numbers of a column exactly, or text where none does."""
    whole, scale, odd = connection.con.execute(
        f"SELECT max(length(regexp_extract({column}, '^-?([0-9]+)', 1))), "  # noqa: S608
        f"max(length(regexp_extract({column}, '[.]([0-9]+)$', 1))), "
        f"count(*) FILTER (NOT regexp_full_match({column}, '-?[0-9]+([.][0-9]+)?')) FROM {texts}"
    ).fetchone()
    whole, scale = whole or 1, scale or 0
    return f"DECIMAL({whole + scale}, {scale})" if not odd and whole + scale <= _MOST_DIGITS else "VARCHAR"


def _fits(connection: ibis.BaseBackend, source: _Source, texts: str, casts: dict[str, str]) -> None:
    """Refuse values that do not fit their type in the engine, such as a year before Christ."""
    counts = ", ".join(f"count({quoted(c)}) - count({_cast(c, kind)})" for c, kind in casts.items())
    unfit = connection.con.execute(f"SELECT {counts or 'count(*)'} FROM {texts}").fetchone()  # noqa: S608
    for (column, kind), n in zip(casts.items(), unfit, strict=False):
        if n:
            raise DataError(
                f"{source.where}: {n:,} values of column '{column}' do not fit the engine's {kind}; cast the "
                "column to text in a query, or leave them out"
            )


def _fault(source: _Source, server: dbapi.Connection, error: Exception) -> Exception:
    """Return what went wrong after the server had accepted the connection, and where to fix it."""
    said, state = source.said(error), getattr(error, "sqlstate", None) or ""
    if state.startswith(_LOST) or "conflict with recovery" in said or _has_ended(server):
        return _Lost(f"the connection was lost while {source.what} was read ({said})")
    if state == "57014" or "statement timeout" in said:
        return DataError(
            f"{source.where}: {source.what} did not answer within the statement timeout "
            f"({TIMEOUTS['statement_timeout']} unless the server or the address sets another); narrow it, or give "
            "more time in the address: ?options=-c%20statement_timeout%3DMILLISECONDS"
        )
    place = f"sources.{source.kind}.{'table' if source.table else 'query'}"
    remedy = _REMEDIES.get(state, f"check {place}")
    return DataError(f"{source.where}: {source.what} cannot be read: {said}; {remedy}")


def _has_ended(server: dbapi.Connection) -> bool:
    try:
        server.rollback()
    except dbapi.Error:
        return True
    return False
