"""Rows that the user keeps: an expression over the columns of a source, checked, and then put to every row."""

from __future__ import annotations

import operator
from collections.abc import Callable
from dataclasses import replace
from functools import reduce

import ibis
import sqlglot
from sqlglot import expressions as sql

from seglib.collect.columns import numbers, times
from seglib.collect.ledger import Entry, Terms
from seglib.collect.sources import Opened
from seglib.errors import DataError, listing, nearest, one_line

_COMPARED: dict[type, Callable] = {
    sql.EQ: operator.eq,
    sql.NEQ: operator.ne,
    sql.GT: operator.gt,
    sql.GTE: operator.ge,
    sql.LT: operator.lt,
    sql.LTE: operator.le,
}
_AS_TEXT = (sql.EQ, sql.NEQ)


def where(opened: Opened, expression: str, terms: Terms | None = None) -> ibis.Value:
    """Return which rows of a source are kept.

    Parameters
    ----------
    opened
        The source.
    expression
        Comparisons (=, <>, <, <=, >, >=, IN, BETWEEN, LIKE, IS NULL) of columns with values, joined by AND, OR
        and NOT, as in `status NOT IN ('cancelled', 'test') AND quantity > 0`. A column whose name is no plain
        word stands in double quotes, a text or a date in single ones. A missing cell equals no value: it is
        kept by `<>` and `NOT IN`, and not by `<` or `>`.
    terms
        How times are written.

    Returns
    -------
    ibis.Value
        True or false, never missing.

    Raises
    ------
    DataError
        If it is no such expression, or names a column that is not there.
    """
    place = f"sources.{opened.kind}.where"
    try:
        tree = sqlglot.parse_one(expression, dialect="duckdb", into=sql.Condition)
    except sqlglot.errors.SqlglotError:
        tree = None
    if tree is None:
        raise DataError(
            f"{place}: '{one_line(expression, 80)}' cannot be read; allowed: comparisons of columns with values, "
            "joined by AND, OR and NOT, as in status <> 'cancelled' AND quantity > 0"
        )
    return _Reader(opened, place, terms or Terms()).condition(tree)


def rows_kept(opened: Opened, roles: dict[str, str], terms: Terms) -> tuple[Opened, list[Entry]]:
    """Keep the rows that `where` names, and account for the others and their money.

    Raises
    ------
    DataError
        If it cannot be read, or no row is left.
    """
    if terms.where is None:
        return opened, []
    kept = where(opened, terms.where, terms)
    out = opened.table.filter(~kept)
    rows, gone = (int(table.count().to_pandas()) for table in (opened.table, out))
    if gone == rows:
        raise DataError(f"{opened.kind}: sources.{opened.kind}.where leaves none of {rows:,} rows; change it")
    value = float("nan")
    if opened.kind == "transactions":
        try:
            parts = ["amount"] if "amount" in roles else ["quantity", "price"]
            cells = [numbers(opened, roles[part]).value for part in parts]
            sums = opened.table.select(kept=kept, money=reduce(operator.mul, cells))
            value = float(
                sums.filter(~sums.kept).money.round(4).cast("decimal(18, 4)").sum().to_pandas() or 0
            )
        except DataError:
            pass  # the rows left out may be those whose amounts cannot be read
    entry = Entry(opened.kind, "left out by where", rows, dropped=gone, value=value, why=terms.where)
    return replace(opened, table=opened.table.filter(kept), forms={}), [entry]


class _Reader:
    """Reads one expression."""

    def __init__(self, opened: Opened, place: str, terms: Terms) -> None:
        self.opened, self.place, self.terms = opened, place, terms

    def condition(self, node: sql.Expr) -> ibis.Value:
        """Read a node that is true or false."""
        match node:
            case sql.Paren():
                return self.condition(node.this)
            case sql.And():
                return self.condition(node.this) & self.condition(node.expression)
            case sql.Or():
                return self.condition(node.this) | self.condition(node.expression)
            case sql.Not():
                return ~self.condition(node.this)
            case sql.Is() if isinstance(node.expression, sql.Null):
                return self.cells(self.name(node.this)).isnull()
            case sql.In() if node.expressions:
                parts = [self.compared(sql.EQ, node.this, value) for value in node.expressions]
                return reduce(operator.or_, parts)
            case sql.Between():
                low = self.compared(sql.GTE, node.this, node.args["low"])
                return low & self.compared(sql.LTE, node.this, node.args["high"])
            case sql.Like() | sql.ILike() if isinstance(node.expression, sql.Literal):
                text, pattern = self.text(self.name(node.this)), node.expression.this
                like = text.ilike if isinstance(node, sql.ILike) else text.like
                return like(pattern).fill_null(False)
        if type(node) in _COMPARED:
            return self.compared(type(node), node.this, node.expression)
        raise DataError(
            f"{self.place}: '{one_line(node.sql('duckdb'), 60)}' is no comparison of a column with a value; allowed: "
            "=, <>, <, <=, >, >=, IN, BETWEEN, LIKE, IS NULL, joined by AND, OR and NOT"
        )

    def compared(self, kind: type, left: sql.Expr, right: sql.Expr) -> ibis.Value:
        """Compare a column with a value."""
        column, value = self.name(left), self.value(right)
        if isinstance(value, bool):
            cells = self.text(column).lower() == str(value).lower()
            return (cells if kind is sql.EQ else ~cells).fill_null(kind is sql.NEQ)
        if isinstance(value, float):
            cells = numbers(self.opened, column).value
        elif kind in _AS_TEXT and not self.opened.table[column].type().is_temporal():
            cells = self.text(column)
        elif isinstance(value, str) and self._is_time(column, value):
            cells = times(self.opened, column, self.terms.dates, zone=self.terms.timezone).value
            value = ibis.timestamp(value)
        else:
            cells = self.text(column)
        return _COMPARED[kind](cells, value).fill_null(kind is sql.NEQ)

    def _is_time(self, column: str, value: str) -> bool:
        if len(value) < 10 or value[4] != "-":
            return False
        try:
            ibis.timestamp(value)
        except (ValueError, ibis.IbisError):
            raise DataError(f"{self.place}: '{value}' is no date; write it as in '2024-12-31'") from None
        kind = self.opened.table[column].type()
        return bool(kind.is_temporal() or kind.is_string())

    def name(self, node: sql.Expr) -> str:
        """Return the column that a node names."""
        columns = self.opened.table.columns
        found = node.name if isinstance(node, sql.Column) else ""
        if not found:
            raise DataError(
                f"{self.place}: '{one_line(node.sql('duckdb'), 60)}' stands where a column is expected; allowed: "
                "columns on the left, values on the right"
            )
        alike = [c for c in columns if c.casefold() == found.casefold()]
        if not alike:
            raise DataError(
                f"{self.place} names '{found}', which is no column of {self.opened.kind}; columns: "
                f"{listing(columns, 30)}. A text stands in single quotes.{nearest(found, columns)}"
            )
        return alike[0]

    def value(self, node: sql.Expr) -> str | float | bool:
        """Return the value that a node is."""
        match node:
            case sql.Literal():
                return str(node.this) if node.is_string else float(node.this)
            case sql.Boolean():
                return bool(node.this)
            case sql.Neg() if isinstance(node.this, sql.Literal):
                return -float(node.this.this)
            case sql.Cast() if isinstance(node.this, sql.Literal):
                return str(node.this.this)
        raise DataError(
            f"{self.place}: '{one_line(node.sql('duckdb'), 60)}' stands where a value is expected; a text or a date "
            "stands in single quotes"
        )

    def cells(self, column: str) -> ibis.Value:
        """Return a column, its blanks missing."""
        cells = self.opened.table[column]
        return cells.strip().nullif("") if cells.type().is_string() else cells

    def text(self, column: str) -> ibis.Value:
        """Return a column as text."""
        cells = self.opened.table[column]
        return cells.cast("string").strip().nullif("")
