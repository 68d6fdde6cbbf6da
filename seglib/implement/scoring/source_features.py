"""From the sources to the features of a model: as an expression, and as a query that a database runs."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

import ibis
import ibis.expr.operations as ops
import sqlglot
from ibis.backends.sql import compilers
from ibis.common.exceptions import IbisError

from seglib.collect.features import ZERO_IF_ABSENT, behavioural, subscriptions, value
from seglib.collect.features.orders import orders
from seglib.collect.features.purchases import channel_behaviour, purchase_behaviour
from seglib.errors import RunError, listing
from seglib.implement.scoring.source_rows import KINDS, SourceTables, rows
from seglib.vocabulary import OTHER

#: How ibis writes each dialect; where it does not, one that is near is transpiled.
_COMPILERS: dict[str, tuple[str, str]] = {
    "duckdb": ("DuckDBCompiler", "duckdb"),
    "postgres": ("PostgresCompiler", "postgres"),
    "snowflake": ("SnowflakeCompiler", "snowflake"),
    "bigquery": ("BigQueryCompiler", "bigquery"),
    "redshift": ("PostgresCompiler", "postgres"),
    "spark": ("PySparkCompiler", "spark"),
    "tsql": ("MSSQLCompiler", "tsql"),
    "mysql": ("MySQLCompiler", "mysql"),
}
_SEASONAL = frozenset({"gift_season_share", "evening_share"})


def features_query(table: ibis.Table, dialect: str) -> str:
    """Write the query from the tables of the sources to the features that a model takes.

    Parameters
    ----------
    table
        What `feature_table` gives of sources that are schemas, each table called as its kind.
    dialect
        A key of `seglib.implement.scoring.TITLES`.

    Raises
    ------
    RunError
        With the reason, if the dialect lacks a function.
    """
    name, near = _COMPILERS[dialect]
    if dialect == "spark":
        _load_spark()
    if near == "postgres":
        table = table.op().replace(_flags_as_integers).to_expr()
    try:
        text = getattr(compilers, name)().to_sqlglot(table).sql(near, pretty=True)
    except (IbisError, NotImplementedError) as error:
        lacks = str(error).replace("NaN", "not-a-number")
        raise RunError(f"the database lacks a function that the features need ({lacks})") from None
    return text if near == dialect else sqlglot.transpile(text, near, dialect, pretty=True)[0]


def _load_spark() -> None:
    """Load the backend: its compiler looks at options that are there from then on."""
    try:
        ibis.pyspark  # noqa: B018
    except ImportError:
        raise RunError("it is written where pyspark is installed (the extra 'spark')") from None


def _flags_as_integers(node: ops.Node, changed: dict[str, Any] | None) -> ops.Node:
    """Cast yes and no to a long integer by way of a short one: PostgreSQL has no other way, and ibis does not know."""
    new = node.__recreate__(changed) if changed else node
    if isinstance(new, ops.Cast) and new.arg.dtype.is_boolean() and new.to.is_int64():
        return ops.Cast(ops.Cast(new.arg, "int32"), new.to)
    return new


def feature_table(inputs: list[str], levels: Mapping[str, list[str]], sources: SourceTables) -> ibis.Table:
    """Compute the features that a model takes from the sources, as the run did.

    Parameters
    ----------
    inputs
        The features.
    levels
        Of features that are texts: those of the run's customers; all others become `other`.
    sources
        The sources.

    Returns
    -------
    ibis.Table
        One row per customer: customer (the id as text) and the inputs.

    Raises
    ------
    RunError
        If a feature cannot be computed so.
    """
    tables, refused = rows(sources)
    frames = _frames(inputs, tables, sources, refused)
    joined = tables["customers"].select("customer")
    for frame in frames:
        own = [c for c in frame.columns if c in inputs and c not in joined.columns]
        if own:
            joined = joined.left_join(frame.select("customer", *own), "customer").drop("customer_right")
    if absent := [c for c in inputs if c not in joined.columns]:
        reasons = "".join(f"; {kind}: {reason}" for kind, reason in refused.items())
        raise RunError(
            f"{listing(absent, 10)} cannot be computed from the tables of the sources alone: only what needs no "
            f"look at other customers can, from {listing(KINDS)}{reasons}"
        )
    return joined.select("customer", **{c: _as_in_run(joined[c], c, levels.get(c)) for c in inputs})


def _as_in_run(column: ibis.Value, name: str, levels: list[str] | None) -> ibis.Value:
    """Write a feature as the run's table holds it: numbers in double precision, rare texts folded."""
    if levels is not None:
        return ibis.cases((column.isnull(), ibis.null("string")), (column.isin(levels), column), else_=OTHER)
    number = column.cast("float64")
    return number.fill_null(0.0) if name in ZERO_IF_ABSENT else number


def _frames(
    inputs: list[str], tables: dict[str, ibis.Table], sources: SourceTables, refused: dict[str, str]
) -> list[ibis.Table]:
    """Compute tables of features, one row per customer each, as far as the sources allow; note what they do not."""
    as_of, people = sources.as_of, tables["customers"]
    made: list[tuple[str, Callable[[], ibis.Table]]] = [
        ("customers", lambda: _given(people, inputs, set(sources.roles.get("customers", ()))))
    ]
    if "transactions" in tables:
        sold, back = tables["transactions"], tables["returns"]
        summed, told = orders(sold), _SEASONAL & set(inputs)
        made.append(
            (
                "transactions",
                lambda: purchase_behaviour(sold, back, as_of, sources.not_products, summed, told),
            )
        )
        made.append(("transactions", lambda: value.historic_value(summed, back)))
        if "channel" in summed.columns:
            made.append(("transactions", lambda: channel_behaviour(summed)))
    if "events" in tables:
        made.append(("events", lambda: behavioural.visit_behaviour(tables["events"], as_of)))
    if "subscriptions" in tables:
        contracts = tables["subscriptions"]
        made.append(("subscriptions", lambda: subscriptions.contracts(contracts, as_of)))
        if "fee" in contracts.columns:
            made.append(("subscriptions", lambda: subscriptions.paid(contracts, as_of)))
    frames = []
    for kind, frame in made:
        try:
            frames.append(frame())
        except IbisError:
            refused[kind] = "a feature needs a look at all rows"
    return frames


def _given(people: ibis.Table, inputs: list[str], roles: set[str]) -> ibis.Table:
    """Take the columns of the customers that are features themselves: numbers, and texts that a basis names."""
    given = {}
    for name in [c for c in inputs if c in people.columns and c != "customer"]:
        column = people[name]
        if column.type().is_numeric():
            given[name] = column.cast("float64").nullif(float("nan"))
        elif column.type().is_string() and name not in roles:
            given[name] = column.strip().nullif("")
    return people.select("customer", **given)
