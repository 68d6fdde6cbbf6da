"""Rows of the sources as an expression: those that a run reads, without a look at the data where that can be."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, replace

import ibis
from ibis import _
from ibis.common.exceptions import IbisError

from seglib.collect import quality
from seglib.collect.columns import MONEY
from seglib.collect.ledger import Terms
from seglib.collect.sources import Opened, text_key
from seglib.collect.typed import distinct, typed
from seglib.collect.where import where
from seglib.errors import DataError, RunError
from seglib.vocabulary import YES

#: Kinds of source that are read; features of other kinds are refused.
KINDS = ("customers", "transactions", "events", "subscriptions")


@dataclass(frozen=True)
class SourceTables:
    """The sources, and under which terms the run read them.

    Attributes
    ----------
    opened
        By kind, the source: in an engine, or a mere schema where a query is written for a database.
    roles
        By kind: role to column.
    terms
        By kind: what the params say of its rows.
    as_of
        Rows from this day on are not looked at.
    not_products
        Products that do not count for breadth.
    """

    opened: Mapping[str, Opened]
    roles: Mapping[str, Mapping[str, str]]
    terms: Mapping[str, Terms]
    as_of: dt.date
    not_products: tuple[str, ...] = ()


def rows(sources: SourceTables) -> tuple[dict[str, ibis.Table], dict[str, str]]:
    """Read the rows of each source under its roles, without those that a run excludes.

    Returns
    -------
    tables : dict
        By kind, `returns` by themselves: customer (the id as text) and the roles; customers with the
        columns of the source.
    refused : dict
        By kind, why it could not be read.

    Raises
    ------
    RunError
        If there are no customers.
    """
    tables: dict[str, ibis.Table] = {}
    refused: dict[str, str] = {}
    for kind in [k for k in KINDS if k in sources.opened]:
        try:
            tables |= _of_kind(kind, sources)
        except IbisError:
            refused[kind] = "a column holds text where a number, a time, or yes or no is meant"
        except DataError as error:
            refused[kind] = str(error)
    if "customers" in sources.opened and "customers" not in tables:
        raise RunError(f"customers cannot be read from the source: {refused['customers']}")
    if "customers" in tables:
        known = tables["customers"].select("customer")
        others = [kind for kind in tables if kind != "customers"]
        tables |= {kind: tables[kind].semi_join(known, "customer") for kind in others}
    elif "transactions" in tables:
        tables["customers"] = tables["transactions"].select("customer").distinct()
    else:
        raise RunError("neither customers nor transactions can be read from the sources")
    if "returns" in tables:
        tables["returns"] = tables["returns"].semi_join(tables["transactions"], "customer")
    return tables, refused


def _of_kind(kind: str, sources: SourceTables) -> dict[str, ibis.Table]:
    opened, roles, terms = sources.opened[kind], dict(sources.roles[kind]), sources.terms[kind]
    if terms.where is not None:
        opened = replace(opened, table=opened.table.filter(where(opened, terms.where, terms)), forms={})
    if kind == "customers":
        return {kind: _customers(opened.table, roles)}
    # which entries are personal is not looked up: they are counted, and not shown
    terms = replace(terms, allow=(*terms.allow, *roles.values()))
    action = terms.action(quality.KINDS[kind].rule("duplicate_row"))
    table = typed(distinct(opened, action), roles, terms, []).rename(customer="key")
    day = ibis.literal(sources.as_of).cast("timestamp")
    time = table.time if "time" in table.columns else table.start
    table = table.filter(table.customer.notnull() & (time < day) & ~(table.unreadable | table.out_of_range))
    if "end" in table.columns:
        table = table.filter((_.end >= _.start) | _.end.isnull())
    return _sold(table, terms) if kind == "transactions" else {kind: table}


def _sold(table: ibis.Table, terms: Terms) -> dict[str, ibis.Table]:
    """Part purchases from returns, whose amounts are below zero whatever sign they are written with."""
    back = quality.returned(table, terms.cancelled_prefix)
    table = table.mutate(amount=back.ifelse(-table.amount.abs(), table.amount).cast(MONEY))
    table = table.filter(_.amount.notnull())
    back = quality.returned(table, terms.cancelled_prefix)
    kept = table.filter(~back)
    if terms.action(quality.KINDS["transactions"].rule("price_not_above_zero")) != "warn":
        kept = kept.filter((_.price if "price" in table.columns else _.amount) > 0)
    if terms.action(quality.KINDS["transactions"].rule("unmatched_return")) == "drop":
        raise DataError(
            "returns without an order are not kept (rules.unmatched_return), and are not matched here"
        )
    return {"transactions": kept, "returns": table.filter(back)}


def _customers(table: ibis.Table, roles: dict[str, str]) -> ibis.Table:
    """Return the customers who may be profiled, by id, with the columns of the source."""
    if "customer" not in roles:
        raise DataError("its customers have no id")
    if "purposes" in roles or "opt_out" in roles:
        raise DataError(
            "columns.purposes and columns.opt_out are not read here; name a column in columns.consent"
        )
    table = table.mutate(customer=text_key(table[roles["customer"]]))
    if "consent" in roles:
        said = table[roles["consent"]]
        agreed = said if said.type().is_boolean() else said.cast("string").strip().lower().isin(YES)
        table = table.filter(agreed.fill_null(False))
    return table.filter(_.customer.notnull()).distinct()
