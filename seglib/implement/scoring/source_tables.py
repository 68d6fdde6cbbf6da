"""From the tables of the sources to the features of a model, as one query that a database runs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field, replace

import ibis
import sqlglot
from ibis import _
from ibis.backends.sql import compilers
from ibis.common.exceptions import IbisError

from seglib.collect import features, quality
from seglib.collect.columns import MONEY
from seglib.collect.features import behavioural, subscriptions, value
from seglib.collect.features.orders import orders
from seglib.collect.features.purchases import channel_behaviour, purchase_behaviour
from seglib.collect.ledger import Terms
from seglib.collect.sources import Opened
from seglib.collect.typed import distinct, typed
from seglib.errors import DataError, RunError, listing
from seglib.vocabulary import OTHER, YES

#: How ibis writes each dialect; what it does not write itself is transpiled from one that is near.
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
#: Kinds of source that are read; what comes from others cannot be written.
KINDS = ("customers", "transactions", "events", "subscriptions")
_SEASONAL = frozenset({"gift_season_share", "evening_share"})


@dataclass(frozen=True)
class SourceTables:
    """What the query reads, and under which terms the run read it.

    Attributes
    ----------
    schemas
        By kind, the columns of the source and their types.
    roles
        By kind: role to column.
    terms
        By kind: what the params say of its rows.
    as_of
        Rows from this day on are not looked at.
    not_products
        Products that do not count for breadth.
    compared
        How ids of the sources are compared, in words; empty if as they are written.
    """

    schemas: Mapping[str, ibis.Schema]
    roles: Mapping[str, Mapping[str, str]]
    terms: Mapping[str, Terms]
    as_of: dt.date
    not_products: tuple[str, ...] = ()
    compared: str = ""
    refused: dict[str, str] = field(default_factory=dict)


def features_query(
    inputs: list[str], levels: Mapping[str, list[str]], sources: SourceTables, dialect: str
) -> str:
    """Write the query from the tables of the sources to the features that a model takes.

    Parameters
    ----------
    inputs
        The features.
    levels
        Of features that are texts: those of the run's customers; all others become `other`, as in the run.
    sources
        The tables, each under the name of its kind, with the source's own columns.
    dialect
        A key of `seglib.implement.scoring.TITLES`.

    Returns
    -------
    str
        A query whose rows are: customer (the id as text) and the inputs.

    Raises
    ------
    RunError
        With the reason, if a feature cannot be computed so, or the dialect lacks a function.
    """
    table = feature_table(inputs, levels, sources)
    name, near = _COMPILERS[dialect]
    try:
        tree = getattr(compilers, name)().to_sqlglot(table)
    except (IbisError, NotImplementedError) as error:
        raise RunError(f"this database lacks a function that the features need ({error})") from None
    text = tree.sql(near, pretty=True)
    return text if near == dialect else sqlglot.transpile(text, near, dialect, pretty=True)[0]


def feature_table(inputs: list[str], levels: Mapping[str, list[str]], sources: SourceTables) -> ibis.Table:
    """Build the table of features as an expression over the tables of the sources; as `features_query`."""
    if sources.compared:
        raise RunError(f"ids of the sources are compared {sources.compared}, which is not written as SQL")
    tables = _rows(sources)
    frames = [frame for frame in _frames(inputs, tables, sources) if set(frame.columns) & set(inputs)]
    there = {c for frame in frames for c in frame.columns}
    if absent := [c for c in inputs if c not in there]:
        raise RunError(_why_absent(absent, sources))
    joined = tables["customers"].select("customer")
    for frame in frames:
        own = [c for c in frame.columns if c in inputs and c not in joined.columns]
        joined = joined.left_join(frame.select("customer", *own), "customer").drop("customer_right")
    return joined.select("customer", **{c: _as_in_run(joined[c], c, levels.get(c)) for c in inputs})


def _as_in_run(column: ibis.Value, name: str, levels: list[str] | None) -> ibis.Value:
    """Write a feature as the run's table holds it: numbers in double precision, rare texts folded."""
    if levels is not None:
        return ibis.cases((column.isnull(), ibis.null("string")), (column.isin(levels), column), else_=OTHER)
    number = column.cast("float64")
    return number.fill_null(0.0) if name in features.ZERO_IF_ABSENT else number


def _why_absent(absent: list[str], sources: SourceTables) -> str:
    why = "; ".join(f"{kind}: {reason}" for kind, reason in sources.refused.items())
    return (
        f"{listing(absent)} cannot be computed by a database alone: it is fitted to all customers, read from text "
        f"or from a source other than {listing(KINDS)}" + (f" ({why})" if why else "")
    )


# Rows


def _rows(sources: SourceTables) -> dict[str, ibis.Table]:
    """Read the rows of each source under its roles, without those that the run excludes."""
    tables: dict[str, ibis.Table] = {}
    for kind in [k for k in KINDS if k in sources.schemas]:
        terms = sources.terms[kind]
        if terms.where or terms.ranges or terms.timezone:
            sources.refused[kind] = f"sources.{kind}.where, ranges and timezone are not written as SQL"
            continue
        try:
            tables |= _of_kind(kind, sources)
        except (IbisError, DataError):
            sources.refused[kind] = "a column is text where a number, a time or yes and no is meant"
    if "customers" not in tables and "customers" in sources.schemas:
        raise RunError(f"customers cannot be read by a database alone: {sources.refused['customers']}")
    if "customers" in tables:
        known = tables["customers"].select("customer")
        for kind in [k for k in tables if k != "customers"]:
            tables[kind] = tables[kind].semi_join(known, "customer")
    elif "transactions" in tables:
        tables["customers"] = tables["transactions"].select("customer").distinct()
    else:
        raise RunError("there are neither customers nor transactions that a database alone could read")
    if "returns" in tables:
        tables["returns"] = tables["returns"].semi_join(tables["transactions"], "customer")
    return tables


def _of_kind(kind: str, sources: SourceTables) -> dict[str, ibis.Table]:
    roles, terms = dict(sources.roles[kind]), sources.terms[kind]
    table = ibis.table(sources.schemas[kind], name=kind)
    rule = quality.KINDS[kind].rule("duplicate_row")
    if kind == "customers":
        return {kind: _customers(table, roles)}
    # which entries are personal is not looked up: they are counted, and not shown
    kept = replace(terms, allow=(*terms.allow, *roles.values()))
    rows = typed(distinct(Opened(kind, table), terms.action(rule)), roles, kept, [])
    day = ibis.literal(sources.as_of).cast("timestamp")
    when = rows.time if "time" in rows.columns else rows.start
    rows = rows.filter(rows.key.notnull() & (when < day)).rename(customer="key")
    if kind != "transactions":
        if "end" in rows.columns:
            rows = rows.filter((_.end >= _.start) | _.end.isnull())
        return {kind: rows}
    back = quality.returned(rows, terms.cancelled_prefix)
    rows = rows.mutate(amount=back.ifelse(-rows.amount.abs(), rows.amount).cast(MONEY)).filter(
        _.amount.notnull()
    )
    back = quality.returned(rows, terms.cancelled_prefix)
    paid = rows.price > 0 if "price" in rows.columns else rows.amount > 0
    free = terms.action(quality.KINDS[kind].rule("price_not_above_zero")) == "warn"
    return {kind: rows.filter(~back) if free else rows.filter(~back & paid), "returns": rows.filter(back)}


def _customers(table: ibis.Table, roles: dict[str, str]) -> ibis.Table:
    """Return the customers who may be profiled, by id, with the columns of the source."""
    if "purposes" in roles or "opt_out" in roles or "customer" not in roles:
        raise DataError("customers without an id, purposes and opt_out are not written as SQL")
    from seglib.collect.sources import text_key

    table = table.mutate(customer=text_key(table[roles["customer"]]))
    if "consent" in roles:
        said = table[roles["consent"]]
        agreed = said if said.type().is_boolean() else said.cast("string").strip().lower().isin(YES)
        table = table.filter(agreed.fill_null(False))
    return table.filter(_.customer.notnull()).distinct()


# Features


def _frames(inputs: list[str], tables: dict[str, ibis.Table], sources: SourceTables) -> Iterator[ibis.Table]:
    """Yield tables of features, one row per customer each, as far as the sources and the terms allow."""
    as_of = sources.as_of
    made: list[tuple[str, Callable[[], ibis.Table]]] = []
    if "transactions" in tables:
        sold, back, summed = tables["transactions"], tables["returns"], orders(tables["transactions"])
        told = _SEASONAL & set(inputs)
        made += [
            (
                "transactions",
                lambda: purchase_behaviour(sold, back, as_of, sources.not_products, summed, told),
            ),
            ("transactions", lambda: value.historic_value(summed, back)),
        ]
        if "channel" in summed.columns:
            made.append(("transactions", lambda: channel_behaviour(summed)))
    if "events" in tables:
        made.append(("events", lambda: behavioural.visit_behaviour(tables["events"], as_of)))
    if "subscriptions" in tables:
        made.append(("subscriptions", lambda: subscriptions.contracts(tables["subscriptions"], as_of)))
        if "fee" in tables["subscriptions"].columns:
            made.append(("subscriptions", lambda: subscriptions.paid(tables["subscriptions"], as_of)))
    for kind, frame in made:
        try:
            yield frame()
        except IbisError:
            sources.refused[kind] = "a feature needs a look at all rows"
    people = tables["customers"]
    given = [c for c in inputs if c in people.columns and c != "customer" and people[c].type().is_numeric()]
    if given:
        yield people.select("customer", **{c: people[c].cast("float64").nullif(float("nan")) for c in given})
