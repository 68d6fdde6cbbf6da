"""Orders in two tables, as shops keep them: what is in an order, and whose it is; joined by a query."""

from __future__ import annotations

import re
from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import Any

import ibis
from ibis import _

from seglib.collect.columns import numbers
from seglib.collect.sources import text_key
from seglib.collect.sources.opened import quoted
from seglib.collect.sources.queries import checked, joined
from seglib.errors import DataError, listing
from seglib.project.new.recognise import Contents, Recognised
from seglib.project.new.recognise.columns import Column
from seglib.project.new.recognise.money import Reading, of_something_else
from seglib.project.new.recognise.words import LISTS, folded, names, says
from seglib.project.schema.sources import Place

#: How ids of orders are made alike: as they stand, as texts, without .0 at the end, a # or zeros in front.
_WRITINGS = (
    "{}",
    "CAST({} AS VARCHAR)",
    "regexp_replace(trim(CAST({} AS VARCHAR)), '\\.0+$', '')",
    "regexp_replace(trim(CAST({} AS VARCHAR)), '^[#0]+|\\.0+$', '', 'g')",
)


@dataclass(frozen=True)
class Joined:
    """Items joined with their orders.

    Attributes
    ----------
    spec
        The section of the params file that opens the join.
    notes
        What should be checked: how many items have an order, and orders items.
    readings
        Totals that stand once in each order, summed up over the orders.
    repeated
        The columns of these totals in the join, where they stand in every row of an order.
    """

    spec: dict[str, Any]
    notes: list[str]
    readings: list[Reading]
    repeated: frozenset[str]

    def noted(self, what: Recognised) -> Recognised:
        """Add the notes and the totals, each order counted once, to what was recognised in the join."""
        notes = what.notes | {"transactions": [*self.notes, *what.notes["transactions"]]}
        if not what.readings:
            return replace(what, notes=notes)
        others = [r for r in what.readings[1:] if r.words not in self.repeated]
        first = what.readings[0]
        differ = [r for r in self.readings if abs(r.total - first.total) > 0.0005 * abs(first.total) + 0.005]
        return replace(what, notes=notes, readings=[first, *others, *differ])


@dataclass(frozen=True)
class _Key:
    """The columns that two tables share, and how their entries are made alike."""

    item: str
    order: str
    writing: str = "{}"


def join(one: Contents, other: Contents, specs: tuple[dict[str, Any], dict[str, Any]]) -> Joined:
    """Find which of two tables holds the orders, and join the other with it.

    Parameters
    ----------
    one, other
        The tables; orders are those of which every row has a key of its own.
    specs
        How they are opened, in the same order.

    Raises
    ------
    DataError
        If no column of one is found among the keys of the other.
    """
    (key, swapped) = _key(one, other)
    items, orders = (other, one) if swapped else (one, other)
    of_items, of_orders = reversed(specs) if swapped else specs
    native = "connection" in of_items and of_items.get("opened") == of_orders.get("opened")
    key = _alike(items, orders, key, _WRITINGS[:2] if native else _WRITINGS)
    taken = {name.casefold() for name in items.columns}
    renamed = {
        name: f"order_{name}" if name.casefold() in taken else name
        for name in orders.columns
        if name != key.order
    }
    on = _condition(key)
    columns = [
        f"orders.{_name(name)}" + (f" AS {_name(new)}" if new != name else "")
        for name, new in renamed.items()
    ]
    select = f"SELECT items.*, {', '.join(columns)} FROM {{}} LEFT JOIN {{}} ON {on}"  # noqa: S608
    if native:
        query = select.format(f"{_behind(of_items)} AS items", f"{_behind(of_orders)} AS orders")
        spec = {k: v for k, v in of_items.items() if k in ("connection", "opened")} | {"query": query}
    else:
        own = {*Place.model_fields, "opened"}
        tables = {
            name: {k: v for k, v in of_table.items() if k in own}
            for name, of_table in (("items", of_items), ("orders", of_orders))
        }
        spec = {"tables": tables, "query": select.format("items", "orders")}
    totals = _totals(orders)
    note = _coverage(items, orders, key, totals)
    return Joined(spec, [note], totals, frozenset(renamed[t.words.partition(",")[0]] for t in totals))


def _key(one: Contents, other: Contents) -> tuple[_Key, bool]:
    """Find the columns that join items with orders: unique in the orders, shared by name and by entries."""
    found = [(score, key, False) for score, key in _keys(one, other)]
    found += [(score - 0.01, key, True) for score, key in _keys(other, one)]
    if not found:
        raise DataError(
            f"orders: no column whose entries are each in one row is found among the columns of the items; columns of "
            f"the one table: {listing(one.columns, 30)}; of the other: {listing(other.columns, 30)}; orders need "
            "their number, which the items repeat"
        )
    best = max(found, key=lambda each: each[0])
    return best[1], best[2]


def _keys(items: Contents, orders: Contents) -> Iterator[tuple[float, _Key]]:
    """Score pairs of columns by how many entries of each are found in the other, and by their names."""
    called = names("transactions", "order")
    unique = [
        c for c in orders.columns.values() if _may_join(c) and c.distinct == c.known >= 0.98 * orders.rows
    ]
    for theirs in unique:
        keys = _plain(orders, theirs.name)
        for own in (c for c in items.columns.values() if _may_join(c)):
            entries = _plain(items, own.name)
            n, there = (int(t.count().to_pandas()) for t in (entries, entries.semi_join(keys, "key")))
            share, back = there / max(n, 1), there / max(theirs.distinct, 1)
            if share < 0.2 or back < 0.05:
                continue
            alike = folded(own.name) == folded(theirs.name)
            named = says(own.name, called) + 0.5 * max(
                says(theirs.name, called), says(theirs.name, "id, number")
            )
            yield share + min(back, share) + 0.5 * alike + named, _Key(own.name, theirs.name)


def _may_join(column: Column) -> bool:
    return (column.holds == "text" or column.whole) and not column.flag and column.distinct > 1


def _plain(table: Contents, name: str) -> ibis.Table:
    """List the different entries of a column, without what two systems may write differently."""
    key = text_key(table.opened.table[name]).re_replace("^[#0]+", "")
    return table.opened.table.select(key=key).filter(_.key.notnull()).distinct()


def _alike(items: Contents, orders: Contents, key: _Key, writings: tuple[str, ...]) -> _Key:
    """Choose the plainest way of comparing ids in which most items find their order, once.

    Raises
    ------
    DataError
        If an item would find several orders.
    """
    best, most = key, -1
    opened = {"items": items.opened, "orders": orders.opened}
    engine = items.opened.table.get_backend()
    for writing in writings:
        tried = _Key(key.item, key.order, writing)
        text = f"SELECT count(*) AS n FROM items JOIN orders ON {_condition(tried)}"  # noqa: S608
        try:
            query = checked("transactions", text, list(opened))
            n = int(joined(engine, "transactions", opened, query).to_pandas().n.iloc[0])
        except DataError:
            continue  # of two types, which the engine does not compare
        if n > most:
            best, most = tried, n
    if most > items.rows:
        raise DataError(
            f"orders: entries of '{key.order}' stand in several rows, so that {items.rows:,} items would become "
            f"{most:,} rows; give a table with one row per order"
        )
    return best


def _condition(key: _Key) -> str:
    """Write the condition of the join."""
    return " = ".join(
        key.writing.format(f"{table}.{_name(column)}")
        for table, column in (("items", key.item), ("orders", key.order))
    )


def _name(column: str) -> str:
    return column if re.fullmatch(r"[a-z_][a-z0-9_]*", column) else quoted(column)


def _behind(spec: dict[str, Any]) -> str:
    """Name what stands behind a connection in a query of that database."""
    if "query" in spec:
        return f"({spec['query']})"
    return ".".join(_name(part) for part in str(spec["table"]).split("."))


def _coverage(items: Contents, orders: Contents, key: _Key, totals: list[Reading]) -> str:
    """Say how many items have an order, and how many orders have items: in ids and in rows."""
    own, theirs = (
        t.opened.table.select(key=text_key(t.opened.table[c]).re_replace("^[#0]+", "")).filter(
            _.key.notnull()
        )
        for t, c in ((items, key.item), (orders, key.order))
    )
    each = own.group_by("key").agg(n=_.count())
    met = each.semi_join(theirs, "key").agg(ids=_.count(), rows=_.n.sum()).to_pandas().iloc[0].fillna(0)
    ids = int(each.count().to_pandas())
    empty = int(theirs.anti_join(own, "key").count().to_pandas())
    said = (
        f"items and orders are joined by {key.item} and {key.order}: {met['rows'] / max(items.rows, 1):.1%} of the "
        f"items and {met.ids / max(ids, 1):.1%} of their orders are found"
    )
    if empty:
        worth = f", worth {_worth(orders, totals[0], own, key):,.2f}," if totals else ""
        said += f"; {empty:,} orders{worth} have no items and are left out"
    return said


def _worth(orders: Contents, total: Reading, own: ibis.Table, key: _Key) -> float:
    value = numbers(orders.opened, total.words.partition(",")[0]).value
    ids = text_key(orders.opened.table[key.order]).re_replace("^[#0]+", "")
    lone = orders.opened.table.select(key=ids, value=value).anti_join(own, "key")
    return float(lone.value.sum().to_pandas() or 0)


def _totals(orders: Contents) -> list[Reading]:
    """Sum up what may be the totals of orders, each order once."""
    called = LISTS["names"]["transactions"]["amount"]
    money = [
        c.name
        for c in orders.columns.values()
        if c.holds == "number" and says(c.name, called) >= 0.5 and not of_something_else(c.name)
    ]
    why = "with what no item holds, as postage, tax and discounts of the order"
    sums = {name: float(numbers(orders.opened, name).value.sum().to_pandas() or 0) for name in money}
    return [Reading(f"{name}, once per order", total, why) for name, total in sums.items()]
