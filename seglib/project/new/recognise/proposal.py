"""What to segment on and what to aim at, as far as the tables suggest it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from seglib.catalogue.sources import KINDS
from seglib.errors import DataError
from seglib.privacy.protected import protected
from seglib.project.new.recognise import Recognised
from seglib.project.new.recognise.asides import has_left
from seglib.project.new.recognise.bases import goods, risk, worth
from seglib.project.new.recognise.columns import Column
from seglib.project.new.recognise.roles import LEAST
from seglib.project.new.recognise.rows import day_after
from seglib.project.new.recognise.words import LISTS, listed, names, says
from seglib.vocabulary import words_of

#: Bases that can form segments, in the order in which they are preferred where nothing is derived.
_FORMING = listed(LISTS["aims"]["forming"])
_BATTERY = 5
_MOST_CATEGORIES = 30


class NothingToFormOn(DataError):
    """No column is left that segments may be formed on."""


@dataclass(frozen=True)
class Proposal:
    """What a params file holds beyond its tables; each with the reason of the guess.

    Attributes
    ----------
    objective, as_of, on
        A value and its reason each.
    exclude
        Columns of these bases that only describe, with the reason.
    value, risk
        Columns for `assess`, where there are no transactions.
    unranked
        Whether there is nothing by which segments could rank.
    goods
        Columns of which more is better, which `target.weights` may name.
    """

    objective: tuple[str, str]
    as_of: tuple[dt.date, str]
    on: tuple[list[str], str]
    exclude: dict[str, str]
    value: str | None
    risk: str | None
    unranked: bool
    goods: list[str]


def propose(what: Recognised, changed: dt.date) -> Proposal:
    """Propose what to segment on, and what to aim at.

    Parameters
    ----------
    what
        What was recognised.
    changed
        The day on which the newest file was last changed, for tables without dates.

    Raises
    ------
    NothingToFormOn
        If nothing is left that segments may be formed on.
    """
    usable = usable_columns(what)
    names = [name for columns in usable.values() for name in columns]
    placed, levels = {n: what.places[n] for n in names}, {n: what.level(n) for n in names}
    columns = {n: what.column(n) for n in names}
    orders, left = "transactions" in what.tables, risk(columns) or _left_in_words(columns)
    value = None if orders else _value(what) or worth(columns, levels, placed)
    describing = {name: why for name in names if (why := _only_describes(what, name, left))}
    on, why_on = _on(what, {b: [n for n in ns if n not in describing] for b, ns in usable.items()})
    return Proposal(
        _objective(orders, left, "end" in what.roles.get("subscriptions", {})),
        _as_of(what, changed),
        (on, why_on),
        {name: describing[name] for basis in on for name in usable.get(basis, []) if name in describing},
        value,
        left,
        not (orders or value),
        goods(levels, placed),
    )


def nothing(what: Recognised, changed: dt.date) -> Proposal:
    """Propose what can be said where no column may form segments; the user must decide on the rest."""
    return Proposal(
        _objective("transactions" in what.tables, None),
        _as_of(what, changed),
        (["behavioural"], ""),
        {},
        None,
        None,
        False,
        [],
    )


def usable_columns(what: Recognised) -> dict[str, list[str]]:
    """List by basis the columns that a params file names: those with a basis that no derived feature is made of."""
    by_basis: dict[str, list[str]] = {}
    for name, place in what.places.items():
        if place.basis and name not in what.consumed:
            by_basis.setdefault(place.basis, []).append(name)
    return by_basis


def _objective(orders: bool, left: str | None, ended: bool = False) -> tuple[str, str]:
    if left:
        return "retention", f"{left} says who has left"
    if ended and not orders:
        return "retention", "contracts have an end, which shows who has left"
    if orders:
        return "retention", "there are orders, which show who has become inactive"
    return "growth", "there are neither orders nor a column of those who have left"


def _as_of(what: Recognised, changed: dt.date) -> tuple[dt.date, str]:
    """Propose the day after the newest plausible row; a day of today's would let the result change by itself."""
    sure = [kind for kind in ("transactions", "events") if kind in what.periods]
    others = [kind for kind in what.periods if kind not in sure]
    newest = pd.Timestamp(changed) + pd.Timedelta(days=1)
    days = {what.periods[kind].last: _time_of(what, kind) for kind in sure}
    for found in ({what.periods[kind].last: _time_of(what, kind) for kind in others}, _dated(what)):
        days = days or {day: name for day, name in found.items() if day < newest}
    if days:
        last = max(days)
        told = f"the day after the newest {days[last]}; set the day on which the data were drawn"
        return day_after(last), told
    reason = "no row has a date: the day on which the file was last changed; set the day on which the data were drawn"
    return changed, reason


def _dated(what: Recognised) -> dict[pd.Timestamp, str]:
    """List the newest entry of each column of times that no role takes, as survey tools write them."""
    return {
        column.values.max().tz_localize(None): name
        for table in what.tables.values()
        for name, column in table.columns.items()
        if column.holds == "time" and says(name, names("customers", "birth_date")) < LEAST
    }


def _time_of(what: Recognised, kind: str) -> str:
    timed = [r.name for r in KINDS[kind].roles if r.holds == "time" and r.name in what.roles[kind]]
    return next(what.roles[kind][role].column for role in timed if role != "birth_date")


def _only_describes(what: Recognised, name: str, left: str | None) -> str:
    """Explain why a column cannot form segments, or return nothing."""
    roles = [role for role, guess in what.roles.get("customers", {}).items() if guess.column == name]
    column = what.column(name)
    if name == left:
        return "what is to be predicted"
    if name in what.asides:
        return what.asides[name].reason
    if column.holds == "text" and column.distinct > _MOST_CATEGORIES:
        return f"{column.distinct:,} different answers"
    if column.distinct <= _MOST_CATEGORIES and says(name, LISTS["divisions"]) >= 0.6:
        return "a division of customers that is there already: compare segments with it"
    if _calendar(column):
        return "a place in the calendar: it says when, not what somebody does"
    if protected(name) or {"birth_date", "birth_year", "gender"} & set(roles):
        return "a protected attribute"
    return ""


def _calendar(column: Column) -> bool:
    """Tell whether a column says a day, a month or an hour of the calendar, and not how many."""
    said, most = set(words_of(column.name)), LISTS["calendar"]
    if not said & set(most) or not said <= set(most) | set(listed(LISTS["beside calendar"])):
        return False
    if column.holds == "number":
        top = max(most[word] for word in said & set(most))
        least = 0 if said & set(listed(LISTS["from zero"])) else 1
        return (
            column.whole
            and column.distinct > 2
            and least <= column.values.min() <= column.values.max() <= top
        )
    return column.holds == "text" and 3 <= column.distinct <= 12


def _on(what: Recognised, forming: dict[str, list[str]]) -> tuple[list[str], str]:
    if {"behavioural", "value"} <= set(what.derived):
        return ["behavioural", "value"], ""
    if len(forming.get("psychographic", [])) >= _BATTERY:
        return ["psychographic"], "a battery of items that were asked together"
    acting = [b for b in ("behavioural", "value") if b in what.derived or forming.get(b)]
    if sum(len(forming.get(b, [])) for b in acting) >= 2 or set(acting) & set(what.derived):
        return acting, "what customers do and spend predicts best what they will do"
    beside = next((b for b in ("demographic", "firmographic") if forming.get(b) or _may_form(what, b)), None)
    if acting and beside:
        return [
            *acting,
            beside,
        ], "one column of what customers do divides nothing but itself: who they are, too"
    derived = {b for b in what.derived if _may_form(what, b)}
    first = next((b for b in _FORMING if b in derived or forming.get(b)), None)
    if first is None:
        raise NothingToFormOn(
            f"{' and '.join(what.tables)}: no column is left that segments may be formed on (ids, free text, "
            "constants, personal data, outcomes and protected attributes never form them); add transactions, or "
            "columns of what customers do"
        )
    return [first], "no other basis has columns that may form segments"


def _may_form(what: Recognised, basis: str) -> bool:
    """Tell whether a feature of a basis is derived that may form segments."""
    return any(not (f.protected or f.describes) for f in what.derived.get(basis, ()))


def _value(what: Recognised) -> str | None:
    """Take what customers have brought, where it is given."""
    return "net_value" if "monetary" in what.roles.get("customers", {}) else None


def _left_in_words(columns: dict[str, Column]) -> str | None:
    """Find the column of two phrases of which one says that a customer has left."""
    return next((name for name, column in columns.items() if has_left(column)), None)
