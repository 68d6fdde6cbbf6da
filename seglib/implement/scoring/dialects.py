"""SQL expressions that mean the same in every database that segments are scored in."""

from __future__ import annotations

import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from sqlglot import exp

#: Where the model is written as SQL: sqlglot's name of the dialect, and the database's own.
TITLES = {
    "duckdb": "DuckDB",
    "postgres": "PostgreSQL",
    "snowflake": "Snowflake",
    "bigquery": "BigQuery",
    "redshift": "Redshift",
    "spark": "Spark",
    "tsql": "SQL Server",
    "mysql": "MySQL",
}
#: Beyond this, squares of differences leave the range of a double.
LARGEST = 1e100
#: Below this logarithm a share is 0: some databases stop where exp() underflows.
LEAST_LOG = -700.0
_TERMS_AT_ONCE = 8


def number(value: float) -> exp.Expr:
    """Write a finite number so that every database takes it for a double, to the last digit.

    Examples
    --------
    >>> number(0.1).sql(), number(2).sql(), number(1e-07).sql()
    ('0.1e0', '2.0e0', '1e-07')
    """
    if not math.isfinite(value):
        raise ValueError(f"{value} cannot be written in SQL")
    text = repr(abs(float(value)))
    literal = exp.Literal(this=text if "e" in text else f"{text}e0", is_string=False)
    return exp.Neg(this=literal) if value < 0 else literal


def whole(value: int) -> exp.Expr:
    """Write a whole number."""
    return exp.Literal.number(int(value))


def column(name: str) -> exp.Expr:
    """Refer to a column of the layer below."""
    return exp.column(name)


def case(*branches: tuple[exp.Expr, exp.Expr], otherwise: exp.Expr | None = None) -> exp.Case:
    """Return the value of the first condition that holds; NULL, or `otherwise`, where none does."""
    ifs = [exp.If(this=condition, true=value) for condition, value in branches]
    return exp.Case(ifs=ifs, default=otherwise)


def missing(value: exp.Expr) -> exp.Expr:
    """Tell whether a value is NULL."""
    return exp.Is(this=value, expression=exp.null())


def known(value: exp.Expr) -> exp.Expr:
    """Tell whether a value is not NULL."""
    return exp.Not(this=missing(value))


def total(terms: Sequence[exp.Expr]) -> exp.Expr:
    """Add up terms, a few at a time, so that no expression is nested deeply.

    Examples
    --------
    >>> total([column("a"), column("b")]).sql(), total([]).sql()
    ('a + b', '0.0e0')
    """
    if not terms:
        return number(0)
    if len(terms) > _TERMS_AT_ONCE:
        groups = [terms[i : i + _TERMS_AT_ONCE] for i in range(0, len(terms), _TERMS_AT_ONCE)]
        return total([exp.paren(total(group), copy=False) for group in groups])
    sum_ = terms[0]
    for term in terms[1:]:
        sum_ = exp.Add(this=sum_, expression=term)
    return sum_


def times(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    """Multiply."""
    return exp.Mul(this=_wrapped(one), expression=_wrapped(other))


def minus(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    """Subtract."""
    return exp.Sub(this=one, expression=_wrapped(other))


def over(one: exp.Expr, other: exp.Expr) -> exp.Expr:
    """Divide doubles."""
    return exp.Div(this=_wrapped(one), expression=_wrapped(other), typed=True, safe=False)


def square(value: exp.Expr) -> exp.Expr:
    """Multiply by itself."""
    return times(value, value.copy())


def _wrapped(value: exp.Expr) -> exp.Expr:
    return exp.paren(value, copy=False) if isinstance(value, exp.Binary | exp.Case) else value


def least(values: Sequence[exp.Expr]) -> exp.Expr:
    """Return the smallest of values that are not NULL."""
    first, *others = values
    return exp.Least(this=first, expressions=others, ignore_nulls=True) if others else first


def greatest(values: Sequence[exp.Expr]) -> exp.Expr:
    """Return the largest of values that are not NULL."""
    first, *others = values
    return exp.Greatest(this=first, expressions=others, ignore_nulls=True) if others else first


def first_equal(columns: Iterable[str], value: str) -> exp.Expr:
    """Return the position of the first of the columns that equals another one."""
    equal = [(exp.EQ(this=column(c), expression=column(value)), whole(i)) for i, c in enumerate(columns)]
    return case(*equal)


@dataclass(frozen=True)
class Dialect:
    """What differs between databases.

    Attributes
    ----------
    name
        A key of `TITLES`.
    """

    name: str

    def without_nan(self, value: exp.Expr) -> exp.Expr:
        """Return a double with NULL instead of not-a-number, where there is such a thing."""
        if self.name in ("tsql", "mysql"):
            return value
        if self.name == "bigquery":  # in which nothing equals not-a-number
            return case((exp.Not(this=exp.IsNan(this=value)), value.copy()))
        nan = exp.cast(exp.Literal.string("NaN"), "double")
        return exp.Nullif(this=value, expression=nan)

    def as_text(self, value: exp.Expr) -> exp.Expr:
        """Cast to a text that is compared letter by letter."""
        if self.name == "tsql":
            long = exp.DataType.build("NVARCHAR(4000)", dialect="tsql")
            return exp.Collate(this=exp.cast(value, long), expression=exp.var("Latin1_General_BIN2"))
        if self.name == "mysql":
            return exp.Collate(this=exp.cast(value, "text"), expression=exp.var("utf8mb4_0900_bin"))
        return exp.cast(value, "text")

    def text(self, value: str) -> exp.Expr:
        """Write a text."""
        return exp.National(this=value) if self.name == "tsql" else exp.Literal.string(value)
