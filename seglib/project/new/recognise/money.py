"""Which columns are pieces, the price of one, the amount of a row, the total of an order: by arithmetic."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import permutations

import ibis
import pandas as pd
from ibis import _

from seglib.collect.columns import numbers
from seglib.collect.sources import text_key
from seglib.project.new.recognise.columns import Column, Contents
from seglib.project.new.recognise.words import LISTS, listed, says, words

_NO_MONEY_OF_A_ROW = frozenset(listed(LISTS["money"]["of something else"]))
_WITH_OR_WITHOUT = frozenset(listed(LISTS["money"]["with or without"]))
_TAXES = frozenset(listed(LISTS["money"]["taxes"]))
#: Words of money that was foreseen, and of what something cost.
FORESEEN, COSTS = (frozenset(listed(LISTS[of])) for of in ("foreseen", "costs"))
_MOST = 14
#: Whole numbers of fewer different ones are counts, unless they are called an amount.
_FEW = 12


@dataclass(frozen=True)
class Money:
    """What arithmetic says of the numbers of transactions.

    Attributes
    ----------
    product
        quantity, price and amount, where one column is the product of the two others in nearly all rows.
    of_order
        Columns that are the same in all rows of an order, or stand in its first row alone, though rows differ.
    of_row
        By column called a price: True if it is that of all pieces, False if that of one.
    """

    product: dict[str, str] = field(default_factory=dict)
    of_order: frozenset[str] = frozenset()
    of_row: dict[str, bool] = field(default_factory=dict)


def of_something_else(name: str) -> bool:
    """Tell whether a name says money that is not the price of a row: tax, postage, a tip, a balance.

    Examples
    --------
    >>> [of_something_else(n) for n in ("Sales Tax", "Order Total (inc tax)", "Price excl. VAT", "Total TTC")]
    [True, False, False, False]
    """
    said = list(words(name))
    for at, word in enumerate(said[:-1]):
        if word in _WITH_OR_WITHOUT and said[at + 1] in _TAXES:
            said[at + 1] = ""
    return bool(set(said) & _NO_MONEY_OF_A_ROW)


def money(table: Contents, order: str | None, product: str | None) -> Money:
    """Examine the numbers of transactions.

    Parameters
    ----------
    table
        Transactions.
    order, product
        The columns of orders and products, where they are known by name.
    """
    numeric = {c.name: c for c in table.columns.values() if c.holds == "number" and not c.flag}
    several = {n: c for n, c in numeric.items() if not (FORESEEN | COSTS) & set(words(n))} or numeric
    several = dict(list(several.items())[:_MOST])
    of_order = _of_order(table, order, list(several)) if order else frozenset()
    of_row = _of_all_pieces(table, several, product) if product else {}
    return Money(_product(several, of_order), of_order, of_row)


def _product(several: dict[str, Column], of_order: frozenset[str]) -> dict[str, str]:
    """Find a column that is the product of two others, whatever its sign, in nearly all rows that can tell."""
    frame = pd.DataFrame({name: column.values for name, column in several.items() if name not in of_order})
    lists, found = LISTS["names"]["transactions"], []
    off = [n for n in frame if says(n, lists["discount"]) >= 0.5 and frame[n].between(0, 100).all()]
    for amount, quantity, price in permutations(frame.columns, 3):
        few = several[amount].distinct < _FEW and says(amount, lists["amount"]) < 0.5
        if not several[quantity].whole or several[amount].distinct < 3 or (several[amount].whole and few):
            continue
        rows = frame[[amount, quantity, price]].dropna()
        product = rows[quantity] * rows[price]
        same = (rows[amount].abs() - product.abs()).abs() <= 0.011 + 0.001 * product.abs()
        telling = (rows[quantity].abs() != 1) & (product != 0)
        named = says(quantity, lists["quantity"]) >= 0.5 and says(price, lists["price"]) >= 0.5
        if named and amount not in off:
            for name in off:  # what a discount in per cent leaves of it
                left = product * (1 - frame[name].reindex(rows.index).fillna(0) / 100)
                same |= (rows[amount].abs() - left.abs()).abs() <= 0.011 + 0.001 * left.abs()
        if telling.sum() >= 10 and same[telling].mean() > 0.95:
            found.append({"quantity": quantity, "price": price, "amount": amount})
    return max(found, key=_named, default={})


def _named(roles: dict[str, str]) -> float:
    """Prefer the columns that are called what they are: of two equal ones, the plain name."""
    lists = LISTS["names"]["transactions"]
    named = sum(says(column, lists[role]) for role, column in roles.items())
    return named - sum(of_something_else(column) for column in roles.values())


def _of_order(table: Contents, order: str, names: list[str]) -> frozenset[str]:
    """Find the numbers that repeat within orders: one value in all rows of nearly every order that has several."""
    rows = table.opened.table
    read = {f"n{i}": numbers(table.opened, name).value for i, name in enumerate(names)}
    each = rows.select(order=text_key(rows[order]), **read).filter(_.order.notnull()).group_by("order")
    spread = each.agg(
        rows=_.count(),
        **{f"d{i}": _[f"n{i}"].nunique() for i in range(len(names))},
        **{f"k{i}": _[f"n{i}"].count() for i in range(len(names))},
    )
    several = spread.filter(_.rows > 1)
    shares = {f"s{i}": (several[f"d{i}"] <= 1).cast("int64").mean() for i in range(len(names))}
    lone = {f"f{i}": ((several[f"k{i}"] == 1).cast("int64").mean()) for i in range(len(names))}
    found = several.agg(n=several.count(), **shares, **lone).to_pandas().iloc[0]
    if found.n < 10:
        return frozenset()
    repeated = {
        name
        for i, name in enumerate(names)
        if found[f"s{i}"] > 0.98 and (table.columns[name].distinct > 3 or found[f"f{i}"] > 0.9)
    }
    return frozenset(repeated) if len(repeated) < len(names) else frozenset()


def _of_all_pieces(table: Contents, several: dict[str, Column], product: str) -> dict[str, bool]:
    """Tell of prices whether they are of one piece or of all, by which of the two varies less per product."""
    quantities = [n for n in several if says(n, LISTS["names"]["transactions"]["quantity"]) >= 0.45]
    quantities += [
        n for n in several if "amount" in words(n) and several[n].whole and several[n].distinct <= 100
    ]
    pieces = next((n for n in quantities if several[n].whole and several[n].distinct > 1), None)
    prices = [
        n
        for n in several
        if n != pieces and not of_something_else(n) and says(n, LISTS["money"]["may be a price"]) >= 0.4
    ]
    if pieces is None or not prices:
        return {}
    rows = table.opened.table
    q = numbers(table.opened, pieces).value.abs()
    found = {}
    for name in prices:
        p = numbers(table.opened, name).value.abs()
        one = rows.select(product=text_key(rows[product]), q=q, p=p).filter((_.q > 0) & (_.p > 0))
        each = one.group_by("product").agg(
            n=_.count(), q=_.q.nunique(), p=_.p.std() / _.p.mean(), u=(_.p / _.q).std() / (_.p / _.q).mean()
        )
        told = (
            each.filter((_.q > 1) & (_.n > 2))
            .agg(n=_.count(), p=_.p.median(), u=_.u.median())
            .to_pandas()
            .iloc[0]
        )
        if told.n >= 5 and min(told.p, told.u) < 0.5 * max(told.p, told.u):
            found[name] = bool(told.u < told.p)
    return found


@dataclass(frozen=True)
class Reading:
    """A way to read the value of transactions.

    Attributes
    ----------
    words
        The columns that it is read from.
    total
        The sum over all rows that have a customer.
    why
        Why it was not chosen; empty for the reading chosen.
    """

    words: str
    total: float
    why: str = ""


def readings(table: Contents, roles: dict[str, str], found: Money) -> list[Reading]:
    """Sum up the value as it is read, and as other columns would give it, the reading chosen first.

    Parameters
    ----------
    table
        Transactions.
    roles
        Role to column, as chosen.
    found
        From `money`.
    """
    value = {c: numbers(table.opened, c).value for c in _money_like(table, roles)}
    pairs: dict[str, ibis.Value] = dict(value)
    if {"quantity", "price"} <= set(roles):
        q, p = (numbers(table.opened, roles[r]).value for r in ("quantity", "price"))
        pairs[f"{roles['quantity']} × {roles['price']}"] = q * p
    chosen = roles.get("amount") or " × ".join(roles[r] for r in ("quantity", "price") if r in roles)
    if chosen not in pairs:
        return []
    known = text_key(table.opened.table[roles["customer"]]).notnull() if "customer" in roles else True
    sums = {f"v{i}": ibis.ifelse(known, v, None).sum() for i, v in enumerate(pairs.values())}
    totals = table.opened.table.agg(**sums).to_pandas().iloc[0].fillna(0.0)
    all_ = [Reading(name, float(totals[f"v{i}"]), _why(name, found)) for i, name in enumerate(pairs)]
    first = next(r for r in all_ if r.words == chosen)
    close = 0.0005 * abs(first.total) + 0.005
    others = [r for r in all_ if r.words != chosen and abs(r.total - first.total) > close]
    return [Reading(first.words, first.total), *others]


def _why(name: str, found: Money) -> str:
    if name in found.of_order:
        return "the same in all rows of an order, or in its first alone"
    return "price of all pieces" if found.of_row.get(name) else ""


def _money_like(table: Contents, roles: dict[str, str]) -> list[str]:
    """List the columns that might be the amount of a row."""
    taken = {column for role, column in roles.items() if role not in ("amount",)}
    named = [
        name
        for name, column in table.columns.items()
        if column.holds == "number"
        and name not in taken
        and says(name, LISTS["names"]["transactions"]["amount"]) >= 0.5
        and not of_something_else(name)
        and not {"id", "no", "number", "nr"} & set(words(name))
    ]
    return ([roles["amount"]] if "amount" in roles and roles["amount"] not in named else []) + named
