"""Columns of PostgreSQL and the types that keep them exact in the run's engine."""

from __future__ import annotations

from dataclasses import dataclass

import duckdb
import ibis

from seglib.collect.sources.csv_files import quoted
from seglib.errors import DataError

_NUMERIC, _TIMESTAMPTZ, _MONEY = 1700, 1184, 790
#: By the server's number of a type, the engine's type; every other type is text.
_TYPES = {
    16: "BOOLEAN",
    20: "BIGINT",
    21: "SMALLINT",
    23: "INTEGER",
    26: "UINTEGER",
    700: "FLOAT",
    701: "DOUBLE",
    1082: "DATE",
    1114: "TIMESTAMP",
    _TIMESTAMPTZ: "TIMESTAMP",
}
_MOST_DIGITS = 38


@dataclass(frozen=True)
class Column:
    """One column as the server describes it.

    Attributes
    ----------
    name
        Its name.
    oid
        The server's number of its type.
    precision, scale
        Digits of a numeric that has a limit, in all and after the decimal mark.
    """

    name: str
    oid: int
    precision: int | None
    scale: int | None

    def selected(self) -> str:
        """Write how the server gives it: times in UTC, money as a number, the rest as it is or as text."""
        if self.oid == _TIMESTAMPTZ:
            return "{} AT TIME ZONE 'UTC'"
        if self.oid == _MONEY:
            return "{}::numeric::text"
        return "{}" if self.oid in _TYPES else "{}::text"

    def type(self) -> str | None:
        """Give the engine's type, or nothing for a numeric whose digits must be looked at."""
        if self.oid not in (_NUMERIC, _MONEY):
            return _TYPES.get(self.oid, "VARCHAR")
        fits = self.precision and 0 <= (self.scale or 0) <= self.precision <= _MOST_DIGITS
        return f"DECIMAL({self.precision}, {self.scale or 0})" if fits else None


def settle(connection: ibis.BaseBackend, where: str, name: str, columns: list[Column]) -> None:
    """Make a table of typed columns from the table of texts that was copied, which goes.

    Raises
    ------
    DataError
        If a value has no place in its type, such as a year before Christ.
    """
    texts = quoted(f"{name}_text")
    try:
        typed = ", ".join(
            f"CAST({_whole(n, column)} AS {column.type() or _decimal(connection, texts, n)}) AS {quoted(column.name)}"
            for n, column in enumerate(columns)
        )
        connection.con.execute(f"CREATE OR REPLACE TEMP TABLE {quoted(name)} AS SELECT {typed} FROM {texts}")  # noqa: S608
    except duckdb.Error:
        raise DataError(f"{where}: {_first_unfit(connection, texts, columns)}") from None
    finally:
        connection.con.execute(f"DROP TABLE IF EXISTS {texts}")


def _whole(n: int, column: Column) -> str:
    """Read dates as times first: as dates the engine passes over what follows them, such as BC."""
    return f"CAST(c{n} AS TIMESTAMP)" if column.type() == "DATE" else f"c{n}"


def _tried(n: int, column: Column) -> str:
    return f"TRY_CAST(c{n} AS TIMESTAMP)" if column.type() == "DATE" else f"c{n}"


def _decimal(connection: ibis.BaseBackend, texts: str, n: int) -> str:
    """Find the decimal type that holds all numbers of a column exactly, or text where none does."""
    whole, scale, odd = connection.con.execute(
        f"SELECT max(length(regexp_extract(c{n}, '^-?([0-9]+)', 1))), "  # noqa: S608
        f"max(length(regexp_extract(c{n}, '[.]([0-9]+)$', 1))), "
        f"count(*) FILTER (NOT regexp_full_match(c{n}, '-?[0-9]+([.][0-9]+)?')) FROM {texts}"
    ).fetchone()
    whole, scale = whole or 1, scale or 0
    return f"DECIMAL({whole + scale}, {scale})" if not odd and whole + scale <= _MOST_DIGITS else "VARCHAR"


def _first_unfit(connection: ibis.BaseBackend, texts: str, columns: list[Column]) -> str:
    for n, column in enumerate(columns):
        if (kind := column.type()) is None:
            continue
        bad = connection.con.execute(
            f"SELECT count(*) FROM {texts} WHERE c{n} IS NOT NULL AND TRY_CAST({_tried(n, column)} AS {kind}) IS NULL"  # noqa: S608
        ).fetchone()[0]
        if bad:
            return (
                f"{bad:,} values of column '{column.name}' do not fit the engine's {kind}; cast the column to "
                "text in a query, or leave them out"
            )
    return "a column does not fit the engine's types; cast it to text in a query"
