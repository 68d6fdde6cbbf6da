"""Tables and queries of a PostgreSQL server, copied in one snapshot, whole or not at all."""

from __future__ import annotations

import re
import time
from contextlib import closing
from dataclasses import dataclass
from urllib.parse import unquote

import duckdb
import ibis
import psycopg
import pyarrow as pa
import pyarrow.csv
from psycopg import sql

from seglib.collect.sources.csv_files import no_twins, quoted
from seglib.collect.sources.opened import Opened
from seglib.collect.sources.postgres_columns import Column, settle
from seglib.errors import DataError, listing, nearest, one_line

SCHEMES = ("postgresql", "postgres")
#: Seconds until a server must have let us in, and waits before a lost connection is tried again.
CONNECT_SECONDS = 10
WAITS = (0.5, 2.0)
#: Used where neither the server nor the address says otherwise, as in
#: ?options=-c%20statement_timeout%3D3600000 (milliseconds).
TIMEOUTS = {
    "statement_timeout": "30min",
    "lock_timeout": "1min",
    "idle_in_transaction_session_timeout": "30min",
}
_BLOCK = 1 << 24
_SESSION = {
    "timezone": "UTC",
    "datestyle": "ISO",
    "intervalstyle": "iso_8601",
    "extra_float_digits": "1",
    "bytea_output": "hex",
}
_LOST = ("08", "57P01", "57P02", "57P03", "40001", "40P01", "53300")


@dataclass(frozen=True)
class _Source:
    """What is read, and how messages name it."""

    kind: str
    address: str
    shown: str
    table: str | None
    query: str | None

    @property
    def where(self) -> str:
        """Name the source, without the secret."""
        return f"{self.kind}: '{one_line(masked(self.shown), 120)}'"

    @property
    def what(self) -> str:
        """Name what is read of it."""
        return f"table '{self.table}'" if self.table else "the query"


class _Lost(Exception):
    """A fault that may be over when the whole read is tried again."""


def masked(address: str) -> str:
    """Write an address without the password in it.

    Examples
    --------
    >>> masked("postgresql://shop:p%40ss@db.example:5432/shop?sslmode=require")
    'postgresql://shop:…@db.example:5432/shop?sslmode=require'
    """
    without = re.sub(r"^(\w+://[^:@/?]*):.*@", r"\1:…@", address, flags=re.S)
    return re.sub(r"(?i)(\w*pass\w*=)[^&\s]*", r"\1…", without)


def open_postgres(
    connection: ibis.BaseBackend, kind: str, address: str, spec: dict[str, object], rows: bool = True
) -> Opened:
    """Copy a table or the answer to a query into the run's engine.

    It is read in one read-only, repeatable-read transaction. When the connection is lost, the whole
    is read again, twice at most. numeric becomes an exact decimal, timestamptz a time in UTC; uuid,
    json, arrays and what else the engine has no type for become text as the server writes it.

    Parameters
    ----------
    connection, kind
        The engine, and the kind of source.
    address
        postgresql://user:password@host:port/database.
    spec
        table (schema.table allowed) or query; shown, the address as the params file writes it.
    rows
        False to look at the columns alone.

    Raises
    ------
    DataError
        If the server, the database, the table or the query does not answer; the line never holds
        the password.
    """
    source = _Source(kind, address, str(spec.get("shown", address)), spec.get("table"), spec.get("query"))
    for wait in (*WAITS, None):
        try:
            staged = _read(connection, source, rows)
            break
        except _Lost as lost:
            if wait is None:
                raise DataError(
                    f"{source.where}: {lost}; it was tried {len(WAITS) + 1} times. {_mend(source)}"
                ) from None
            time.sleep(wait)
    if rows and not staged.count().execute():
        raise DataError(f"{source.where}: {source.what} has no rows")
    return Opened(kind, staged, (), {"format": "PostgreSQL"})


def _mend(source: _Source) -> str:
    return f"Mend sources.{source.kind}.connection, or the server"


def _read(connection: ibis.BaseBackend, source: _Source, rows: bool) -> ibis.Table:
    """Read once; what fails leaves nothing in the engine."""
    with closing(_connected(source)) as server:
        try:
            _begin(server)
            query = _query(server, source)
            columns = _columns(server, source, query)
            return _copied(connection, server, source, query, columns, rows)
        except psycopg.Error as error:
            raise _fault(source, error) from None


def _connected(source: _Source) -> psycopg.Connection:
    try:
        given = psycopg.conninfo.conninfo_to_dict(source.address)
    except psycopg.ProgrammingError:
        raise DataError(
            f"{source.where} is no address of a server; allowed: postgresql://user:password@host:port/database, "
            f"a sign such as @ : / or % in the password written as %40 %3A %2F %25. "
            f"Mend sources.{source.kind}.connection"
        ) from None
    usual = {
        "connect_timeout": CONNECT_SECONDS,
        "application_name": "seglib",
        "keepalives_idle": 30,
        "keepalives_interval": 10,
        "keepalives_count": 3,
        "client_encoding": "UTF8",
    }
    try:
        return psycopg.connect(
            source.address, autocommit=True, **{k: v for k, v in usual.items() if k not in given}
        )
    except (psycopg.Error, UnicodeError) as error:
        raise _refused(source, error) from None


def _refused(source: _Source, error: Exception) -> Exception:
    """Tell why a server did not let us in, and whether it may when it is asked again."""
    said = _said(source, error)
    line = f"the server cannot be reached or does not let seglib in: {said}"
    if re.search(r"refused|starting up|shutting down|too many|closed the connection|reset by peer", said):
        return _Lost(line)
    return DataError(f"{source.where}: {line}. {_mend(source)}")


def _said(source: _Source, error: Exception) -> str:
    """Fold what a server says into a line, without anything that the address keeps secret."""
    primary = getattr(getattr(error, "diag", None), "message_primary", None)
    said = one_line(primary or re.split(r"\n(?=Multiple|- host)", str(error))[0], 300)
    for secret in _secrets(source.address):
        said = said.replace(secret, "…")
    return said.removeprefix("connection failed: ").rstrip(".")


def _secrets(address: str) -> list[str]:
    found = [m[1] for m in re.finditer(r"://[^:@/?]*:(.*)@", address, re.S)]
    found += [m[1] for m in re.finditer(r"(?i)pass\w*=([^&\s]*)", address)]
    return sorted(
        {form for secret in found for form in (secret, unquote(secret)) if form}, key=len, reverse=True
    )


def _begin(server: psycopg.Connection) -> None:
    """Begin one snapshot; what the server or the address says of timeouts stands."""
    server.execute("BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY")
    for name, value in _SESSION.items():
        server.execute("SELECT set_config(%s, %s, true)", (name, value))
    for name, value in TIMEOUTS.items():
        server.execute(
            "SELECT set_config(name, %s, true) FROM pg_settings WHERE name = %s AND setting = '0'",
            (value, name),
        )


def _query(server: psycopg.Connection, source: _Source) -> sql.Composable:
    """Write what is read as a query, or say which table comes nearest."""
    if source.query:
        return sql.SQL(source.query.strip().rstrip(";").rstrip())
    parts = source.table.split(".", 1)
    for names in ([source.table], parts):
        name = sql.Identifier(*names)
        found = server.execute("SELECT to_regclass(%s)", (name.as_string(server),)).fetchone()
        if found[0] is not None:
            return sql.SQL("SELECT * FROM {}").format(name)
    there = [
        row[0]
        for row in server.execute(
            "SELECT CASE WHEN table_schema = ANY (current_schemas(false)) THEN table_name "
            "ELSE table_schema || '.' || table_name END FROM information_schema.tables "
            "WHERE table_schema NOT IN ('pg_catalog', 'information_schema')"
        )
    ]
    raise DataError(
        f"{source.where} has no table '{source.table}', which sources.{source.kind}.table names; it has "
        f"{listing(there) or 'none that this user may see'}.{nearest(source.table, there)}"
    )


def _columns(server: psycopg.Connection, source: _Source, query: sql.Composable) -> list[Column]:
    """Describe the columns without reading a row."""
    cursor = server.execute(sql.SQL("SELECT * FROM (\n{}\n) AS q LIMIT 0").format(query))
    found = [Column(d.name, d.type_code, d.precision, d.scale) for d in cursor.description or ()]
    if not found:
        raise DataError(f"{source.where}: {source.what} has no columns")
    no_twins(source.kind, source.what, [column.name for column in found])
    return found


class _Stream:
    """The server's rows as a file that Arrow reads; keeps the fault that ended it."""

    def __init__(self, copy: psycopg.Copy) -> None:
        self._copy, self._kept, self.fault, self.closed = copy, bytearray(), None, False

    def read(self, size: int = -1) -> bytes:
        """Give at most so many bytes, none at the end."""
        while len(self._kept) < (size if size > 0 else 1):
            try:
                chunk = self._copy.read()
            except psycopg.Error as error:
                self.fault = error
                raise
            if not chunk:
                break
            self._kept += chunk
        given = bytes(self._kept[:size])
        del self._kept[:size]
        return given


def _copied(
    connection: ibis.BaseBackend,
    server: psycopg.Connection,
    source: _Source,
    query: sql.Composable,
    columns: list[Column],
    rows: bool,
) -> ibis.Table:
    """Copy the rows as text, batch by batch, and give them their types in the engine."""
    chosen = sql.SQL(", ").join(sql.SQL(c.selected()).format(sql.Identifier(c.name)) for c in columns)
    statement = sql.SQL("COPY (SELECT {} FROM (\n{}\n) AS q{}) TO STDOUT (FORMAT csv)").format(
        chosen, query, sql.SQL("" if rows else " LIMIT 0")
    )
    arriving, name = f"arriving_{source.kind}", f"staged_{source.kind}"
    texts = pa.schema([(f"c{n}", pa.string()) for n in range(len(columns))])
    with server.cursor() as cursor, cursor.copy(statement) as copy:
        stream = _Stream(copy)
        try:
            connection.con.register(arriving, _batches(stream, texts) if rows else texts.empty_table())
            connection.con.execute(
                f"CREATE OR REPLACE TEMP TABLE {quoted(name + '_text')} AS FROM {arriving}"
            )
            if not rows:
                while copy.read():
                    continue
        except (duckdb.Error, pa.ArrowException, psycopg.Error) as error:
            if stream.fault is not None:
                raise stream.fault from None
            raise DataError(
                f"{source.where}: {source.what} cannot be copied: {type(error).__name__}; a row of it "
                f"may be longer than {_BLOCK >> 20} MB"
            ) from None
        finally:
            connection.con.unregister(arriving)
    settle(connection, source.where, name, columns)
    return connection.table(name)


def _batches(stream: _Stream, texts: pa.Schema) -> pa.RecordBatchReader | pa.Table:
    try:
        return pyarrow.csv.open_csv(
            pa.PythonFile(stream, mode="r"),
            read_options=pyarrow.csv.ReadOptions(
                column_names=texts.names, block_size=_BLOCK, use_threads=False
            ),
            parse_options=pyarrow.csv.ParseOptions(newlines_in_values=True),
            convert_options=pyarrow.csv.ConvertOptions(
                column_types=texts,
                null_values=[""],
                strings_can_be_null=True,
                quoted_strings_can_be_null=False,
            ),
        )
    except pa.ArrowInvalid as error:
        if "Empty CSV" in str(error):
            return texts.empty_table()
        raise


def _fault(source: _Source, error: psycopg.Error) -> Exception:
    """Tell what went wrong after the server had let us in, and where to mend it."""
    said, state = _said(source, error), error.sqlstate or ""
    if not state or state.startswith(_LOST):
        return _Lost(f"the connection was lost while {source.what} was read ({said})")
    if state == "57014" and "statement timeout" in said:
        return DataError(
            f"{source.where}: {source.what} did not answer within the statement timeout "
            f"({TIMEOUTS['statement_timeout']} unless the server or the address says otherwise); narrow it, or give "
            "more time in the address: ?options=-c%20statement_timeout%3DMILLISECONDS"
        )
    place = f"sources.{source.kind}.{'table' if source.table else 'query'}"
    mend = {
        "42501": "grant the right to read it",
        "55P03": "try again when nobody holds the lock on it",
        "25006": "a source is only read",
    }.get(state, f"mend {place}")
    return DataError(f"{source.where}: {source.what} cannot be read: {said}; {mend}")
