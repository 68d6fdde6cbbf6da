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
from seglib.project.new.recognise.levels import Level, level
from seglib.project.new.recognise.roles import SURE, Guess, firms, product_of, roles
from seglib.project.new.recognise.words import LISTS, names, says

__all__ = ["Column", "Contents", "Guess", "Level", "Place", "Recognised", "contents", "recognise"]


@dataclass(frozen=True)
class Recognised:
    """What was recognised in the tables of a project.

    Attributes
    ----------
    found
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
        By kind, what should be looked at.
    """

    found: dict[str, Contents]
    roles: dict[str, dict[str, Guess]]
    levels: dict[str, dict[str, Level]]
    places: dict[str, Place]
    derived: dict[str, tuple[Feature, ...]]
    consumed: frozenset[str]
    cancelled_prefix: str | None
    not_products: list[str]
    currency: str | None
    notes: dict[str, list[str]]

    def column(self, name: str) -> Column:
        """Give a column of the customers, or else of the transactions."""
        kinds = [
            k for k in ("customers", "transactions") if k in self.found and name in self.found[k].columns
        ]
        return self.found[kinds[0]].columns[name]

    def level(self, name: str) -> Level:
        """Give the level of a column of the customers, or else of the transactions."""
        kinds = [k for k in ("customers", "transactions") if k in self.levels and name in self.levels[k]]
        return self.levels[kinds[0]][name]

    def dates(self, kind: str) -> Column | None:
        """Give the column by which the source says how its times are written."""
        first = next(
            (r.name for r in KINDS[kind].roles if r.holds == "time" and r.name in self.roles[kind]), None
        )
        return None if first is None else self.found[kind].columns[self.roles[kind][first].column]


def recognise(found: dict[str, Contents]) -> Recognised:
    """Recognise what the tables of a project are.

    Parameters
    ----------
    found
        By kind of source, what its columns hold.

    Raises
    ------
    DataError
        If a table cannot be what it is said to be: a role is missing that it is of no use without.
    """
    matched, notes = _matches(found), {kind: [] for kind in found}
    given = {kind: roles(one, _surroundings(one, matched[kind])) for kind, one in found.items()}
    given = {kind: _dated_alike(found[kind], one, notes[kind]) for kind, one in given.items()}
    open_ = _about_consent(found, given, notes)
    _note_other_ids(found, given, notes)
    derived, consumed = _derivable(given)
    levels = {kind: _levels(found[kind], given[kind]) for kind in found}
    bought = found.get("transactions")
    named = {role: guess.column for role, guess in given.get("transactions", {}).items()}
    return Recognised(
        found,
        given,
        levels,
        _placed(found, given, levels, derived, open_),
        derived,
        consumed,
        quirks.cancelled_prefix(bought, named) if bought else None,
        quirks.not_products(bought, named["product"]) if bought and "product" in named else [],
        next((c for one in found.values() if (c := quirks.currency(one))), None),
        notes,
    )


def _about_consent(
    found: dict[str, Contents], given: dict[str, dict[str, Guess]], notes: dict[str, list[str]]
) -> dict[str, dict[str, str]]:
    """Note by kind and column what the user must decide about consent.

    Raises
    ------
    DataError
        If orders say who agreed, and no customers do: without them, all would be profiled.
    """
    consent = given.get("customers", {}).get("consent")
    in_orders = consent_columns(found["transactions"].columns) if "transactions" in found else []
    if in_orders and not consent:
        raise DataError(
            f"transactions: column '{in_orders[0]}' says who agreed, which a run reads in customers alone; give a "
            "table of customers that holds it with --customers"
        )
    questions = {}
    for kind, one in found.items():
        read = consent.column if consent and kind == "customers" else None
        questions[kind] = open_questions(one.columns, read)
        notes[kind] += [f"{name} {question}" for name, question in questions[kind].items()]
    if purposes := given.get("customers", {}).get("purposes"):
        notes["customers"].append(
            f"{purposes.column} is read only if privacy.purpose says what customers must have agreed to; set it"
        )
    return questions


def _surroundings(one: Contents, matched: dict[str, float]) -> Surroundings:
    sold = one.kind == "transactions"
    money = frozenset(
        n for n, c in one.columns.items() if c.holds == "number" and says(n, LISTS["aims"]["money"]) >= 0.4
    )
    return Surroundings(
        one.kind,
        one.rows,
        matched,
        product_of(one) if sold else {},
        one.kind == "customers" and firms(one),
        money,
    )


def _levels(one: Contents, given: dict[str, Guess]) -> dict[str, Level]:
    by_column = {guess.column: role for role, guess in given.items()}
    held = {role.name: role.holds for role in KINDS[one.kind].roles}
    return {
        name: level(column, by_column.get(name), held.get(by_column.get(name, "")))
        for name, column in one.columns.items()
    }


# Ids


def _keyed(column: Column) -> bool:
    return column.holds == "text" or column.whole


def _keys(one: Contents, name: str) -> pd.Index:
    """Read all ids of a column, as a run writes them."""
    keys = one.opened.table.select(key=text_key(one.opened.table[name])).distinct()
    return pd.Index(keys.to_pandas().key.dropna())


def _matches(found: dict[str, Contents]) -> dict[str, dict[str, float]]:
    """Measure by kind and column how far its entries are ids of customers.

    The ids of customers are looked for among the columns in which no entry stands twice; of several, those that
    join best and are named so.
    """
    if "customers" not in found or len(found) == 1:
        return {kind: {} for kind in found}
    people = found["customers"]
    shares: dict[str, dict[str, dict[str, float]]] = {}
    for name, column in people.columns.items():
        if _keyed(column) and column.known and column.distinct >= 0.98 * column.known:
            keys = _keys(people, name)
            shares[name] = {kind: _shares(one, keys) for kind, one in found.items() if kind != "customers"}
    if not shares:
        return {kind: {} for kind in found}
    best = {
        name: min(max(s.values(), default=0.0) for s in by_kind.values()) for name, by_kind in shares.items()
    }
    chosen = max(best, key=lambda name: best[name] + 0.5 * says(name, names("customers", "customer")))
    return {"customers": best, **shares[chosen]}


def _shares(one: Contents, keys: pd.Index) -> dict[str, float]:
    made = {}
    for name, column in one.columns.items():
        if _keyed(column) and column.distinct > 1 and not column.flag:
            made[name] = float(_as_keys(column).isin(keys).mean())
    return made


def _as_keys(column: Column) -> pd.Series:
    if column.holds == "number":
        return column.values.astype("int64").astype("string")
    return column.values.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)


def _note_other_ids(
    found: dict[str, Contents], given: dict[str, dict[str, Guess]], notes: dict[str, list[str]]
) -> None:
    """Note where the ids of two tables do not meet because they are written otherwise."""
    ids = given.get("customers", {}).get("customer")
    for kind in [k for k in found if k != "customers" and ids]:
        own = _as_keys(found[kind].columns[given[kind]["customer"].column])
        said = quirks.written_otherwise(_keys(found["customers"], ids.column).to_series(), own)
        if said:
            notes[kind].append(f"no id meets an id of the customers: {said}; write them alike in the source")


# Times


def _dated_alike(one: Contents, given: dict[str, Guess], notes: list[str]) -> dict[str, Guess]:
    """Keep the times that are written as the first is: a source has one way of writing them."""
    held = {role.name: role.holds for role in KINDS[one.kind].roles}
    timed = [role for role in given if held[role] == "time"]
    texts = [role for role in timed if one.opened.table[given[role].column].type().is_string()]
    for role in texts[1:]:
        first, other = (one.columns[given[r].column] for r in (texts[0], role))
        if first.dates != other.dates:
            notes.append(
                f"{other.name} could be {role}, but is not dated as {first.name} is; write both alike in the source"
            )
            given = {r: g for r, g in given.items() if r != role}
        elif first.either and not other.either:
            given = given | {texts[0]: replace(given[texts[0]], reason="")}
    return given


# Bases


def _derivable(given: dict[str, dict[str, Guess]]) -> tuple[dict[str, tuple[Feature, ...]], frozenset[str]]:
    """List the features that can be derived, by basis, and the columns of customers that go into them."""
    there = set(given) | {f"{kind}.{role}" for kind, one in given.items() for role in one}
    made = {basis: tuple(f for f in fs if not f.lacks(there)) for basis, fs in FEATURES.items()}
    wanted = {role for fs in made.values() for f in fs for w in f.wants() for role in w.split(" or ")}
    consumed = {g.column for role, g in given.get("customers", {}).items() if f"customers.{role}" in wanted}
    return {basis: fs for basis, fs in made.items() if fs}, frozenset(consumed)


def _placed(
    found: dict[str, Contents],
    given: dict[str, dict[str, Guess]],
    levels: dict[str, dict[str, Level]],
    derived: dict[str, tuple[Feature, ...]],
    questions: dict[str, dict[str, str]],
) -> dict[str, Place]:
    names = tuple(f.feature for features in derived.values() for f in features)
    made: dict[str, Place] = {}
    for kind in [k for k in ("transactions", "customers") if k in found]:
        by_column = {guess.column: role for role, guess in given[kind].items()}
        skipped = ("customer", "consent", "purposes") if kind == "customers" else tuple(given[kind])
        columns = {n: c for n, c in found[kind].columns.items() if by_column.get(n) not in skipped}
        out = personal_columns(columns) | questions[kind]
        placed = places(columns, levels[kind], by_column if kind == "customers" else {}, out, names)
        if kind == "transactions":
            id_ = given[kind]["customer"].column
            placed = {n: _of_customer(found[kind], id_, columns[n], place) for n, place in placed.items()}
        made |= placed
    return made


def personal_columns(columns: dict[str, Column]) -> dict[str, str]:
    """Say of the columns that hold personal data, by name or by content, which."""
    searched = {
        n: personal.find(pd.DataFrame({n: c.values.reset_index(drop=True)})) for n, c in columns.items()
    }
    return {n: f"personal data: {found.kind.iloc[0]}" for n, found in searched.items() if len(found)}


def _of_customer(one: Contents, customer: str, column: Column, place: Place) -> Place:
    """Keep a column of transactions that says something of the customer: the same in all their rows."""
    if not place.basis:
        return place
    if column.holds != "text":
        return Place("", "numbers of rows that no role takes")
    table = one.opened.table
    rows = table.select(key=text_key(table[customer]), said=table[column.name]).filter(_.key.notnull())
    each = rows.group_by("key").agg(n=_.count(), said=_.said.nunique()).filter(_.n > 1)
    share = each.agg(same=(_.said <= 1).cast("int64").mean(), n=_.count()).to_pandas().iloc[0]
    if not share.n or share.same < 0.95:
        return Place("", "differs between the rows of a customer")
    return place


def newest(one: Contents, column: Column) -> pd.Timestamp:
    """Find the newest time of a column, over all rows."""
    return pd.Timestamp(times(one.opened, column.name, column.dates).value.max().to_pandas())


def unsure(guess: Guess) -> bool:
    """Tell whether a role should be looked at."""
    return guess.score < SURE or bool(guess.reason)
