"""Orders, pieces and the value of transactions, by what their columns hold."""

from __future__ import annotations

from dataclasses import replace

import ibis
import pandas as pd
from ibis import _

from seglib.collect.sources import text_key
from seglib.project.new.recognise.columns import Contents
from seglib.project.new.recognise.money import Money, Reading, of_something_else, readings
from seglib.project.new.recognise.roles import LEAST, Guess
from seglib.project.new.recognise.words import LISTS, says

#: By role, the column of one table.
Roles = dict[str, Guess]


def order_like(table: Contents) -> tuple[frozenset[str], frozenset[str]]:
    """Find columns that may be orders by what they hold, and such that are none.

    Orders have several rows for many entries, and one day for each; where days differ within most entries, an
    entry is no order.
    """
    if table.kind != "transactions":
        return frozenset(), frozenset()
    columns = table.columns.values()
    timed = [c.name for c in columns if c.holds == "time" and c.distinct > 5]
    keys = [
        c
        for c in columns
        if (c.holds == "text" or c.whole)
        and 20 < c.distinct < 0.95 * c.known
        and c.values.astype("string").str.contains(r"\d").all()
    ]
    if not timed or not keys:
        return frozenset(), frozenset()
    opened = table.opened.table
    like, unlike = set(), set()
    for column in keys[:20]:
        rows_ = opened.select(
            key=text_key(opened[column.name]), **{f"t{i}": _day(opened[t]) for i, t in enumerate(timed)}
        )
        each = (
            rows_.filter(_.key.notnull())
            .group_by("key")
            .agg(n=_.count(), **{f"t{i}": _[f"t{i}"].nunique() for i in range(len(timed))})
        )
        several = each.filter(_.n > 1)
        same = several.agg(
            n=_.count(), **{f"t{i}": (several[f"t{i}"] <= 1).cast("int64").mean() for i in range(len(timed))}
        )
        told = same.to_pandas().iloc[0]
        if told.n >= 20 and max(told[f"t{i}"] for i in range(len(timed))) > 0.97:
            like.add(column.name)
        elif told.n >= 20 and max(told[f"t{i}"] for i in range(len(timed))) < 0.5:
            unlike.add(column.name)
    return frozenset(like), frozenset(unlike)


def _day(time: ibis.Value) -> ibis.Value:
    """Take the day of a time, or the beginning of a text, which holds it as a rule."""
    return time.cast("string").substr(0, 10)


def pieces(table: Contents, found: Money) -> str:
    """Find a column called an amount that counts pieces: small whole numbers beside a price."""
    if found.product:
        return ""
    numbers = {n: c for n, c in table.columns.items() if c.holds == "number"}
    named = LISTS["names"]["transactions"]
    if any(says(n, named["quantity"]) >= LEAST for n in numbers):
        return ""
    prices = [
        n
        for n, c in numbers.items()
        if says(n, LISTS["money"]["may be a price"]) >= LEAST and "amount" not in n.casefold()
    ]
    for name, column in numbers.items():
        small = (
            not of_something_else(name)
            and column.whole
            and column.distinct <= 100
            and 0 <= column.values.median() <= 20
        )
        if small and prices and says(name, "amount, amt, menge, montant, volume") >= LEAST:
            return name
    return ""


def valued(table: Contents, given: Roles, found: Money, notes: list[str]) -> tuple[Roles, list[Reading]]:
    """Check amounts against pieces, prices and signs, and sum up the readings."""
    columns = {role: guess.column for role, guess in given.items()}
    if {"quantity", "price", "amount"} <= set(given) and _signs_differ(table, columns):
        given = {role: guess for role, guess in given.items() if role != "amount"}
        notes.append(
            f"{columns['amount']} is above zero where {columns['quantity']} is below it: the value is read as "
            f"{columns['quantity']} × {columns['price']}, in which returns are deducted"
        )
    elif {"quantity", "amount"} <= set(given) and _signs_differ(table, columns):
        notes.append(
            f"{columns['amount']} is above zero where {columns['quantity']} is below it: returns would be added to the "
            "value; give a query that puts their amounts below zero"
        )
    columns = {role: guess.column for role, guess in given.items()}
    total = table.columns.get(columns.get("amount", ""))
    repeated = total is not None and total.name in found.of_order and total.known >= 0.9 * table.rows
    if repeated and {"quantity", "price"} <= set(given):
        notes.append(
            f"{columns['amount']} is the same in all rows of an order, as a total is: the value is read as "
            f"{columns['quantity']} × {columns['price']}"
        )
        given = {role: guess for role, guess in given.items() if role != "amount"}
        columns = {role: guess.column for role, guess in given.items()}
    if columns.get("amount") in found.of_order:
        notes.append(
            f"{columns['amount']} is the same in all rows of an order, as a total is, and would be counted "
            "once per row; give the amounts of rows, or one row per order"
        )
    read = readings(table, columns, found)
    sure = bool(found.product) or "amount" not in given or columns["amount"] in found.of_row
    if len(read) > 1 and not sure:
        first, other = read[0], read[1]
        given = given | {
            "amount": replace(
                given["amount"],
                reason=f"the value is {first.total:,.2f}; {other.words} would give {other.total:,.2f}",
            )
        }
    if found.of_row.get(columns.get("amount", "")) and columns["amount"] not in found.of_order:
        given = given | {
            "amount": replace(
                given["amount"], reason="per product it grows with the pieces, so that it is of all pieces"
            )
        }
    return given, read


def _signs_differ(table: Contents, columns: dict[str, str]) -> bool:
    """Tell whether amounts are above zero in most rows whose pieces are below it."""
    pieces, amounts = (table.columns[columns[r]].values for r in ("quantity", "amount"))
    both = pd.concat([pieces.rename("q"), amounts.rename("a")], axis=1).dropna()
    back = both[both.q < 0]
    return len(back) > 0 and bool((back.a > 0).mean() > 0.5)
