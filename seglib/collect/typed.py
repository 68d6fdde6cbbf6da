"""Rows of a source under the names of their roles, each cell as its own type."""

from __future__ import annotations

import math
from dataclasses import replace

import ibis
from ibis import _

from seglib.catalogue.sources import KINDS
from seglib.collect.columns import MONEY, PIECES, finite, read, refuse
from seglib.collect.joining import AS_WRITTEN, Join
from seglib.collect.ledger import Terms
from seglib.collect.sources import Opened, text_key

#: Given columns travel through the engine under this prefix, so that none is taken for a role.
GIVEN = "given:"


def typed(
    opened: Opened, roles: dict[str, str], terms: Terms, given: list[str], join: Join = AS_WRITTEN
) -> ibis.Table:
    """Read rows under the names of their roles, each as its own type.

    Returns
    -------
    ibis.Table
        One row per row of the source: key (text), the roles, the given columns under `GIVEN`, and
        `unreadable` and `out_of_range`: whether a cell of the row was.
    """
    kind = KINDS[opened.kind]
    table = opened.table
    columns: dict[str, ibis.Value] = {"key": join.key(text_key(table[roles["customer"]]))}
    unreadable, outside = ibis.literal(False), ibis.literal(False)
    for role, column in roles.items():
        holds = kind.role(role).holds
        if role == "customer":
            continue
        if holds == "key":
            columns[role] = text_key(table[column])
            continue
        found = read(opened, role, column, terms.dates)
        unreadable = unreadable | found.bad.fill_null(False)
        beyond = out_of_range(found.value, terms.ranges.get(column) if holds == "number" else None)
        outside = outside | beyond
        blanked = terms.action(kind.rule("out_of_range")) == "blank" and column in terms.ranges
        columns[role] = (
            ibis.ifelse(beyond, ibis.null(found.value.type()), found.value) if blanked else found.value
        )
    if opened.kind == "transactions":
        columns |= _money(columns)
    flagged = {"unreadable": unreadable, "out_of_range": outside, "copies": table.copies}
    return table.select(**columns, **{f"{GIVEN}{c}": table[c] for c in given}, **flagged)


def out_of_range(value: ibis.Value, allowed: dict[str, float] | None) -> ibis.Value:
    """Tell numbers outside the range that the params give."""
    if not allowed:
        return ibis.literal(False)
    within = value.between(allowed.get("min", -math.inf), allowed.get("max", math.inf))
    return (~within).fill_null(False)


def _money(columns: dict[str, ibis.Value]) -> dict[str, ibis.Value]:
    """Make amounts, costs and quantities exact, and an order of a customer's day where none is named."""
    made = {}
    amount = (
        columns["amount"] if "amount" in columns else finite(columns["quantity"] * columns["price"]).value
    )
    made["amount"] = amount.round(4).cast(MONEY)
    if "cost" in columns:
        made["cost"] = columns["cost"].round(4).cast(MONEY)
    if "quantity" in columns:
        made["quantity"] = columns["quantity"].round(3).cast(PIECES)
    if "order" not in columns:
        made["order"] = columns["time"].date().cast("string")
    return made


def readable(opened: Opened, roles: dict[str, str], terms: Terms) -> None:
    """Stop at the first column in which something cannot be read, unless the params say otherwise.

    Raises
    ------
    DataError
        With the first rows of the source, never with their content.
    """
    if terms.action(KINDS[opened.kind].rule("unreadable")) != "stop":
        return
    found = {
        role: read(opened, role, column, terms.dates)
        for role, column in roles.items()
        if KINDS[opened.kind].role(role).holds != "key"
    }
    for role, one in found.items():
        refuse(opened, roles[role], one)
    if opened.kind == "transactions" and "amount" not in roles:
        product = finite(found["quantity"].value * found["price"].value)
        refuse(opened, f"{roles['quantity']} × {roles['price']}", product)


def distinct(opened: Opened, action: str) -> Opened:
    """Fold rows that are the same in every column, counting them, unless all are kept."""
    if action == "warn":
        table = opened.table.mutate(copies=ibis.literal(1))
    else:
        table = opened.table.group_by(opened.table.columns).agg(copies=_.count())
    return replace(opened, table=table)
