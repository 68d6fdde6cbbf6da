"""What tables hold: roles, levels of measurement, bases and habits, guessed from names and contents."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

from ibis import _

from seglib.catalogue.sources import KINDS
from seglib.collect.features import FEATURES, Feature
from seglib.collect.sources import text_key
from seglib.privacy import personal
from seglib.project.new.recognise import quirks, rows
from seglib.project.new.recognise.asides import Aside, asides
from seglib.project.new.recognise.bases import Place, places
from seglib.project.new.recognise.columns import Column, Contents, contents
from seglib.project.new.recognise.doubts import (
    about_consent,
    dated_alike,
    note_other_ids,
    periods,
    unread_times,
)
from seglib.project.new.recognise.guests import customers_of_many
from seglib.project.new.recognise.ids import shared_names, shares_matched
from seglib.project.new.recognise.kinds_of_rows import repeated
from seglib.project.new.recognise.levels import Level, level
from seglib.project.new.recognise.money import Money, Reading, money, of_something_else
from seglib.project.new.recognise.orders import order_like, pieces, valued
from seglib.project.new.recognise.roles import Guess, absent, firms, roles
from seglib.project.new.recognise.surroundings import Surroundings
from seglib.project.new.recognise.words import LISTS, says, words

__all__ = ["Column", "Contents", "Guess", "Level", "Place", "Recognised", "contents", "recognise"]

#: By role, the column of one table.
Roles = dict[str, Guess]


@dataclass(frozen=True)
class Recognised:
    """What was recognised in the tables of a project.

    Attributes
    ----------
    tables
        By kind, what its columns hold.
    roles
        By kind and role, the column.
    levels
        By kind and column.
    places
        By column of the customers, or of the transactions without a role: its basis or why it is left out.
    derived
        Bases that the run derives from these roles.
    consumed
        Columns that derived features are made of.
    cancelled_prefix, not_products
        Habits of the shop.
    currency
        Where a column names it.
    notes
        By kind, what should be checked.
    asides
        Columns of customers that must not form segments, each with the reason.
    readings
        How the value of transactions is read, and what other columns would give.
    no_sales
        Rows of transactions that are no sales by their status, or of no one customer.
    periods
        By kind, when its rows were.
    problems
        What must be settled before a run, one line each.
    """

    tables: dict[str, Contents]
    roles: dict[str, Roles]
    levels: dict[str, dict[str, Level]]
    places: dict[str, Place]
    derived: dict[str, tuple[Feature, ...]]
    consumed: frozenset[str]
    cancelled_prefix: str | None
    not_products: list[str]
    currency: str | None
    notes: dict[str, list[str]]
    asides: dict[str, Aside] = field(default_factory=dict)
    readings: list[Reading] = field(default_factory=list)
    no_sales: list[rows.NoSales] = field(default_factory=list)
    periods: dict[str, rows.Period] = field(default_factory=dict)
    problems: tuple[str, ...] = ()

    def column(self, name: str) -> Column:
        """Return a column of the customers, or else of the transactions."""
        return next(t.columns[name] for t in self._described() if name in t.columns)

    def level(self, name: str) -> Level:
        """Return the level of a column of the customers, or else of the transactions."""
        return next(self.levels[t.kind][name] for t in self._described() if name in t.columns)

    def _described(self) -> list[Contents]:
        return [self.tables[kind] for kind in ("customers", "transactions") if kind in self.tables]

    def dates(self, kind: str) -> Column | None:
        """Return the column by which the source says how its times are written."""
        timed = [r.name for r in KINDS[kind].roles if r.holds == "time" and r.name in self.roles[kind]]
        return self.tables[kind].columns[self.roles[kind][timed[0]].column] if timed else None

    @property
    def used(self) -> frozenset[str]:
        """List the columns of transactions that a note or a status names, besides roles."""
        return frozenset(one.column for one in self.no_sales)


def recognise(tables: dict[str, Contents]) -> Recognised:
    """Recognise what the tables of a project are.

    Parameters
    ----------
    tables
        By kind of source, what its columns hold.
    """
    matched = shares_matched(tables)
    notes: dict[str, list[str]] = {kind: [] for kind in tables}
    found = Money()
    by_kind: dict[str, Roles] = {}
    for kind, table in tables.items():
        like, unlike = order_like(table)
        around = replace(
            _surroundings(table, matched[kind]), shared=shared_names(tables), orders=like, no_orders=unlike
        )
        by_kind[kind] = roles(table, around)
        if kind == "transactions":
            named = {role: guess.column for role, guess in by_kind[kind].items()}
            found = money(table, named.get("order"), named.get("product") or named.get("product_name"))
            around = replace(around, product=found.product, found=found, pieces=pieces(table, found))
            by_kind[kind] = roles(table, around)
    by_kind = {kind: dated_alike(tables[kind], given, notes[kind]) for kind, given in by_kind.items()}
    problems = [line for kind, given in by_kind.items() if (line := absent(tables[kind], given))]
    questions = about_consent(tables, by_kind, notes)
    note_other_ids(tables, by_kind, notes)
    for kind, table in tables.items():
        notes[kind] += unread_times(table, by_kind[kind])
    orders = tables.get("transactions")
    read: list[Reading] = []
    no_sales: list[rows.NoSales] = []
    if orders:
        by_kind["transactions"], read = valued(orders, by_kind["transactions"], found, notes["transactions"])
        named = {r: g.column for r, g in by_kind["transactions"].items()}
        no_sales, asked = _no_sales(orders, named)
        notes["transactions"] += asked
        remark = quirks.several_currencies(orders, {g.column for g in by_kind["transactions"].values()})
        notes["transactions"] += [remark] if remark else []
    for kind in [k for k in tables if k != "customers"]:
        remark, guests = customers_of_many(tables[kind], {r: g.column for r, g in by_kind[kind].items()})
        notes[kind] += [remark] if remark else []
        no_sales += guests
    derived, consumed = _derivable(by_kind)
    levels = {kind: _levels(table, by_kind[kind]) for kind, table in tables.items()}
    aside = _asides(tables, by_kind)
    columns = {role: guess.column for role, guess in by_kind.get("transactions", {}).items()}
    return Recognised(
        tables,
        by_kind,
        levels,
        _placed(
            tables,
            by_kind,
            levels,
            [f.feature for fs in derived.values() for f in fs],
            questions,
            aside,
            no_sales,
        ),
        derived,
        consumed,
        quirks.cancelled_prefix(orders, columns) if orders else None,
        quirks.not_products(orders, columns["product"]) if orders and "product" in columns else [],
        next((code for table in tables.values() if (code := quirks.currency(table))), None),
        notes,
        aside,
        read,
        no_sales,
        periods(tables, by_kind, notes),
        tuple(problems),
    )


def _no_sales(orders: Contents, named: dict[str, str]) -> tuple[list[rows.NoSales], list[str]]:
    """Find the rows of transactions that are no sales, or say again what others say, and what to ask about them."""
    found, doubtful = rows.no_sales(orders, named)
    twice, asked = repeated(orders, named, {*doubtful, *(one.column for one in found)})
    return found + twice, [*doubtful.values(), *asked]


def _surroundings(table: Contents, matched: dict[str, float]) -> Surroundings:
    numbers = [name for name, column in table.columns.items() if column.holds == "number"]
    named = LISTS["names"]["transactions"]
    return Surroundings(
        table.kind,
        table.rows,
        matched,
        {},
        table.kind == "customers" and firms(table),
        frozenset(
            name
            for name in numbers
            if not of_something_else(name)
            and max(
                says(name, LISTS["aims"]["money"]), says(name, named["amount"]), says(name, named["price"])
            )
            >= 0.4
        ),
        fees=any({"fee", "fees", "commission"} & set(words(name)) for name in numbers),
    )


def _asides(tables: dict[str, Contents], by_kind: dict[str, Roles]) -> dict[str, Aside]:
    if "customers" not in tables:
        return {}
    taken = {guess.column for guess in by_kind["customers"].values()}
    columns = {n: c for n, c in tables["customers"].columns.items() if n not in taken}
    return asides(columns, firms(tables["customers"]))


def _levels(table: Contents, given: Roles) -> dict[str, Level]:
    held = {guess.column: KINDS[table.kind].role(role).holds for role, guess in given.items()}
    return {name: level(column, held.get(name)) for name, column in table.columns.items()}


# Bases


def _derivable(by_kind: dict[str, Roles]) -> tuple[dict[str, tuple[Feature, ...]], frozenset[str]]:
    """List the features that can be derived, by basis, and the columns of customers that go into them."""
    there = set(by_kind) | {f"{kind}.{role}" for kind, given in by_kind.items() for role in given}
    derived = {basis: tuple(f for f in fs if not f.lacks(there)) for basis, fs in FEATURES.items()}
    wanted = {role for fs in derived.values() for f in fs for w in f.wants() for role in w.split(" or ")}
    customers = by_kind.get("customers", {})
    consumed = frozenset(guess.column for role, guess in customers.items() if f"customers.{role}" in wanted)
    return {basis: fs for basis, fs in derived.items() if fs}, consumed


def _placed(
    tables: dict[str, Contents],
    by_kind: dict[str, Roles],
    levels: dict[str, dict[str, Level]],
    derived: list[str],
    questions: dict[str, dict[str, str]],
    aside: dict[str, Aside],
    no_sales: list[rows.NoSales],
) -> dict[str, Place]:
    placed: dict[str, Place] = {}
    for kind in [k for k in ("transactions", "customers") if k in tables]:
        by_column = {guess.column: role for role, guess in by_kind[kind].items()}
        skipped = (
            ("customer", "consent", "opt_out", "purposes") if kind == "customers" else tuple(by_kind[kind])
        )
        columns = {n: c for n, c in tables[kind].columns.items() if by_column.get(n) not in skipped}
        out = {n: a.reason for n, a in aside.items() if a.left_out and kind == "customers"}
        out |= _personal(columns) | questions[kind]
        if kind == "transactions":
            columns = {n: c for n, c in columns.items() if n not in {one.column for one in no_sales}}
        of_kind = places(columns, levels[kind], by_column if kind == "customers" else {}, out, derived)
        if kind == "transactions" and "customer" in by_kind[kind]:
            ids = by_kind[kind]["customer"].column
            of_kind = {n: _of_customer(tables[kind], ids, columns[n], place) for n, place in of_kind.items()}
        placed |= of_kind
    return placed


def _personal(columns: dict[str, Column]) -> dict[str, str]:
    """Find the columns that hold personal data, by name or by content, each with its kind."""
    persons = personal.list_persons(columns)
    searches = {n: personal.found_in(c.values.rename(n), persons=persons) for n, c in columns.items()}
    return {name: f"personal data: {hits.kind.iloc[0]}" for name, hits in searches.items() if len(hits)}


def _of_customer(table: Contents, customer: str, column: Column, place: Place) -> Place:
    """Keep a column of transactions that describes the customer: the same in all their rows."""
    if not place.basis:
        return place
    if column.holds != "text":
        return Place("", "numbers of rows that no role takes")
    rows = table.opened.table
    entries = rows.select(key=text_key(rows[customer]), entry=rows[column.name]).filter(_.key.notnull())
    of_each = entries.group_by("key").agg(n=_.count(), entries=_.entry.nunique())
    if column.distinct > max(20, 0.5 * int(of_each.count().to_pandas())):
        return Place("", f"{column.distinct:,} different answers of customers: names, addresses or free text")
    each = of_each.filter(_.n > 1)
    share = each.agg(same=(_.entries <= 1).cast("int64").mean(), n=_.count()).to_pandas().iloc[0]
    if not share.n or share.same < 0.95:
        return Place("", "differs between the rows of a customer")
    return place
