"""What tables hold: roles, levels of measurement, bases and habits, guessed from names and contents."""

from __future__ import annotations

from dataclasses import dataclass, replace

import pandas as pd
from ibis import _

from seglib.catalogue.sources import KINDS
from seglib.collect.columns import times
from seglib.collect.features import FEATURES, Feature
from seglib.collect.sources import text_key
from seglib.errors import DataError
from seglib.privacy import personal
from seglib.project.new.recognise import quirks
from seglib.project.new.recognise.bases import Place, places
from seglib.project.new.recognise.columns import Column, Contents, contents
from seglib.project.new.recognise.consent import consent_columns, open_questions
from seglib.project.new.recognise.fits import Surroundings
from seglib.project.new.recognise.ids import shares_matched, written_differently
from seglib.project.new.recognise.levels import Level, level
from seglib.project.new.recognise.roles import Guess, firms, product_of, roles
from seglib.project.new.recognise.words import LISTS, says

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


def recognise(tables: dict[str, Contents]) -> Recognised:
    """Recognise what the tables of a project are.

    Parameters
    ----------
    tables
        By kind of source, what its columns hold.

    Raises
    ------
    DataError
        If a table cannot be what it is called: a role is missing that it is of no use without.
    """
    matched = shares_matched(tables)
    notes: dict[str, list[str]] = {kind: [] for kind in tables}
    by_kind = {kind: roles(table, _surroundings(table, matched[kind])) for kind, table in tables.items()}
    by_kind = {kind: _dated_alike(tables[kind], given, notes[kind]) for kind, given in by_kind.items()}
    questions = _about_consent(tables, by_kind, notes)
    _note_other_ids(tables, by_kind, notes)
    derived, consumed = _derivable(by_kind)
    levels = {kind: _levels(table, by_kind[kind]) for kind, table in tables.items()}
    orders = tables.get("transactions")
    columns = {role: guess.column for role, guess in by_kind.get("transactions", {}).items()}
    return Recognised(
        tables,
        by_kind,
        levels,
        _placed(tables, by_kind, levels, [f.feature for fs in derived.values() for f in fs], questions),
        derived,
        consumed,
        quirks.cancelled_prefix(orders, columns) if orders else None,
        quirks.not_products(orders, columns["product"]) if orders and "product" in columns else [],
        next((code for table in tables.values() if (code := quirks.currency(table))), None),
        notes,
    )


def _surroundings(table: Contents, matched: dict[str, float]) -> Surroundings:
    numbers = [name for name, column in table.columns.items() if column.holds == "number"]
    return Surroundings(
        table.kind,
        table.rows,
        matched,
        product_of(table) if table.kind == "transactions" else {},
        table.kind == "customers" and firms(table),
        frozenset(name for name in numbers if says(name, LISTS["aims"]["money"]) >= 0.4),
    )


def _levels(table: Contents, given: Roles) -> dict[str, Level]:
    held = {guess.column: KINDS[table.kind].role(role).holds for role, guess in given.items()}
    return {name: level(column, held.get(name)) for name, column in table.columns.items()}


# What the user must decide


def _about_consent(
    tables: dict[str, Contents], by_kind: dict[str, Roles], notes: dict[str, list[str]]
) -> dict[str, dict[str, str]]:
    """Note by kind and column what the user must decide about consent.

    Raises
    ------
    DataError
        If orders say who agreed, and no customers do: without them, all would be profiled.
    """
    customers = by_kind.get("customers", {})
    consent = customers["consent"].column if "consent" in customers else None
    in_orders = consent_columns(tables["transactions"].columns) if "transactions" in tables else []
    if in_orders and not consent:
        raise DataError(
            f"transactions: column '{in_orders[0]}' says who agreed, which a run reads in customers alone; give a "
            "table of customers that holds it with --customers"
        )
    questions = {
        kind: open_questions(table.columns, consent if kind == "customers" else None)
        for kind, table in tables.items()
    }
    for kind, by_column in questions.items():
        notes[kind] += [f"{name} {question}" for name, question in by_column.items()]
    if "purposes" in customers:
        notes["customers"].append(
            f"{customers['purposes'].column} is read only if privacy.purpose says what customers must have agreed "
            "to; set it"
        )
    return questions


def _note_other_ids(
    tables: dict[str, Contents], by_kind: dict[str, Roles], notes: dict[str, list[str]]
) -> None:
    """Note where the ids of two tables do not meet because they are written differently."""
    ids = by_kind.get("customers", {}).get("customer")
    for kind, table in tables.items():
        own = table.columns[by_kind[kind]["customer"].column] if ids and kind != "customers" else None
        if ids and own and written_differently(tables["customers"], ids.column, own):
            notes[kind].append(
                "no id meets an id of the customers: one table writes a prefix or zeros in front; write them "
                "alike in the source"
            )


def _dated_alike(table: Contents, given: Roles, notes: list[str]) -> Roles:
    """Keep the times that are written as the first is: a source has one way of writing them."""
    timed = [role for role in given if KINDS[table.kind].role(role).holds == "time"]
    texts = [role for role in timed if table.opened.table[given[role].column].type().is_string()]
    for role in texts[1:]:
        first, other = (table.columns[given[r].column] for r in (texts[0], role))
        if first.dates != other.dates:
            notes.append(
                f"{other.name} could be {role}, but is not dated as {first.name} is; write both alike in the source"
            )
            given = {r: guess for r, guess in given.items() if r != role}
        elif first.either and not other.either:
            given = given | {texts[0]: replace(given[texts[0]], reason="")}
    return given


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
) -> dict[str, Place]:
    placed: dict[str, Place] = {}
    for kind in [k for k in ("transactions", "customers") if k in tables]:
        by_column = {guess.column: role for role, guess in by_kind[kind].items()}
        skipped = ("customer", "consent", "purposes") if kind == "customers" else tuple(by_kind[kind])
        columns = {n: c for n, c in tables[kind].columns.items() if by_column.get(n) not in skipped}
        out = _personal(columns) | questions[kind]
        of_kind = places(columns, levels[kind], by_column if kind == "customers" else {}, out, derived)
        if kind == "transactions":
            ids = by_kind[kind]["customer"].column
            of_kind = {n: _of_customer(tables[kind], ids, columns[n], place) for n, place in of_kind.items()}
        placed |= of_kind
    return placed


def _personal(columns: dict[str, Column]) -> dict[str, str]:
    """Find the columns that hold personal data, by name or by content, each with its kind."""
    searches = {n: personal.find(c.values.reset_index(drop=True).to_frame(n)) for n, c in columns.items()}
    return {name: f"personal data: {hits.kind.iloc[0]}" for name, hits in searches.items() if len(hits)}


def _of_customer(table: Contents, customer: str, column: Column, place: Place) -> Place:
    """Keep a column of transactions that describes the customer: the same in all their rows."""
    if not place.basis:
        return place
    if column.holds != "text":
        return Place("", "numbers of rows that no role takes")
    rows = table.opened.table
    entries = rows.select(key=text_key(rows[customer]), entry=rows[column.name]).filter(_.key.notnull())
    each = entries.group_by("key").agg(n=_.count(), entries=_.entry.nunique()).filter(_.n > 1)
    share = each.agg(same=(_.entries <= 1).cast("int64").mean(), n=_.count()).to_pandas().iloc[0]
    if not share.n or share.same < 0.95:
        return Place("", "differs between the rows of a customer")
    return place


def newest(table: Contents, column: Column) -> pd.Timestamp:
    """Find the newest time of a column, over all rows."""
    return pd.Timestamp(times(table.opened, column.name, column.dates).value.max().to_pandas())
