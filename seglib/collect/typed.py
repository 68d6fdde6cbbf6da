"""Rows of a source under the names of their roles, each cell as its own type."""

from __future__ import annotations

import math
from dataclasses import replace

import ibis
from ibis import _

from seglib.catalogue.sources import KINDS
from seglib.collect.columns import MONEY, PIECES, SHOWN_KEYS, finite, masked, personal_entries, read
from seglib.collect.joining import AS_WRITTEN, Join
from seglib.collect.ledger import Terms
from seglib.collect.plausible import LAST_YEAR
from seglib.collect.refusals import refuse
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
    kind, table = KINDS[opened.kind], opened.table
    blanked = terms.ranges if terms.action(kind.rule("out_of_range")) == "blank" else {}
    columns: dict[str, ibis.Value] = {"key": join.key(text_key(table[roles["customer"]]))}
    unreadable, outside = ibis.literal(False), ibis.literal(False)
    for role, column in roles.items():
        holds = kind.role(role).holds
        if holds == "key":
            key = text_key(table[column])
            if role in SHOWN_KEYS and column not in terms.allow:
                key = masked(key, personal_entries(opened, column))
            columns |= {role: key} if role != "customer" else {}
            continue
        cells = read(opened, role, column, terms)
        beyond = out_of_range(cells.value, terms.ranges.get(column) if holds == "number" else None)
        unreadable, outside = unreadable | cells.bad.fill_null(False), outside | beyond
        missing = ibis.null(cells.value.type())
        if role == "end":  # 9999-12-31 says that it runs on
            cells = replace(cells, value=(cells.value.year() > LAST_YEAR).ifelse(missing, cells.value))
        columns[role] = beyond.ifelse(missing, cells.value) if column in blanked else cells.value
    if opened.kind == "transactions":
        columns |= _money(columns)
    flags = {"unreadable": unreadable, "out_of_range": outside, "copies": table.copies}
    return table.select(**columns, **{f"{GIVEN}{c}": table[c] for c in given}, **flags)


def out_of_range(value: ibis.Value, allowed: dict[str, float] | None) -> ibis.Value:
    """Return which numbers are outside the range that the params give."""
    if not allowed:
        return ibis.literal(False)
    within = value.between(allowed.get("min", -math.inf), allowed.get("max", math.inf))
    return (~within).fill_null(False)


def _money(columns: dict[str, ibis.Value]) -> dict[str, ibis.Value]:
    """Make amounts, costs and quantities exact, and an order of a customer's day where none is named."""
    if "amount" not in columns:
        columns = columns | {"amount": finite(columns["quantity"] * columns["price"]).value}
    exact = {
        name: columns[name].round(digits).cast(kind)
        for name, digits, kind in (("amount", 4, MONEY), ("cost", 4, MONEY), ("quantity", 3, PIECES))
        if name in columns
    }
    return exact if "order" in columns else exact | {"order": columns["time"].date().cast("string")}


def readable(opened: Opened, roles: dict[str, str], terms: Terms) -> None:
    """Stop at the first column in which something cannot be read, unless the params say otherwise.

    Raises
    ------
    DataError
        With the first rows of the source, never with their content.
    """
    if terms.action(KINDS[opened.kind].rule("unreadable")) != "stop":
        return
    cells = {
        role: read(opened, role, column, terms)
        for role, column in roles.items()
        if KINDS[opened.kind].role(role).holds != "key"
    }
    for role, read_as in cells.items():
        refuse(opened, roles[role], read_as)
    if opened.kind == "transactions" and "amount" not in roles:
        product = finite(cells["quantity"].value * cells["price"].value)
        refuse(opened, f"{roles['quantity']} × {roles['price']}", product)


def distinct(opened: Opened, action: str) -> Opened:
    """Fold rows that are the same in every column, counting them, unless all are kept."""
    table = opened.table
    if action == "warn":
        return replace(opened, table=table.mutate(copies=ibis.literal(1)))
    return replace(opened, table=table.group_by(table.columns).agg(copies=_.count()))
