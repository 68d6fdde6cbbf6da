"""What to segment on and what to aim at, as far as the tables suggest it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

from seglib.catalogue.sources import KINDS
from seglib.errors import DataError
from seglib.privacy.protected import protected
from seglib.project.new.recognise import Recognised, newest
from seglib.project.new.recognise.bases import goods, risk, worth

#: Bases that can form segments, in the order in which they are preferred where nothing is derived.
_FORMING = (
    "behavioural",
    "value",
    "needs",
    "purchase_cycle",
    "technographic",
    "firmographic",
    "psychographic",
    "geographic",
    "demographic",
)
_BATTERY = 5
_MOST_CATEGORIES = 30


@dataclass(frozen=True)
class Proposal:
    """What a params file would say beyond its tables; each with the reason of the guess.

    Attributes
    ----------
    objective, as_of, on
        A value and its reason each.
    exclude
        Columns of these bases that only describe, with the reason.
    value, risk
        Columns for `assess`, where there are no transactions.
    weights
        For `target`, where there is no value either.
    """

    objective: tuple[str, str]
    as_of: tuple[dt.date, str]
    on: tuple[list[str], str]
    exclude: dict[str, str]
    value: str | None
    risk: str | None
    weights: dict[str, float]


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
    DataError
        If nothing is left that segments may be formed on.
    """
    given = usable(what)
    placed = {n: what.places[n] for names in given.values() for n in names}
    columns = {n: what.column(n) for n in placed}
    levels = {n: what.level(n) for n in placed}
    bought = "transactions" in what.found
    left = risk(columns)
    value = None if bought else worth(columns, levels, placed)
    on, why = _on(what, given, left)
    weights = {} if bought or value else _weights(goods(levels, placed))
    return Proposal(
        _objective(bought, left),
        _as_of(what, changed),
        (on, why),
        _exclude(what, given, on, left),
        value,
        left,
        weights,
    )


def usable(what: Recognised) -> dict[str, list[str]]:
    """List by basis the columns that a params file names: those with a basis that no derived feature is made of."""
    made: dict[str, list[str]] = {}
    for name, place in what.places.items():
        if place.basis and name not in what.consumed:
            made.setdefault(place.basis, []).append(name)
    return made


def _objective(bought: bool, left: str | None) -> tuple[str, str]:
    if left:
        return "retention", f"{left} says who has left"
    if bought:
        return "retention", "there are orders, which tell who falls silent"
    return "growth", "there are neither orders nor a column of those who have left"


def _as_of(what: Recognised, changed: dt.date) -> tuple[dt.date, str]:
    """Take the day after the newest row; a day of today's would let the result change by itself."""
    dated = [k for k in ("transactions", "events") if k in what.found]
    others = [k for k in what.found if k not in dated and k != "subscriptions"]
    for kinds, sure in ((dated, True), (others, False)):
        days = {}
        for kind in kinds:
            for role, guess in what.roles[kind].items():
                if KINDS[kind].role(role).holds == "time" and role != "birth_date":
                    days[newest(what.found[kind], what.found[kind].columns[guess.column]).date()] = (
                        guess.column
                    )
        if days:
            last = max(days)
            reason = "" if sure else f"the day after the newest {days[last]}; say when the data were drawn"
            return last + dt.timedelta(days=1), reason
    return (
        changed,
        "no row has a date: the day on which the file was last changed; say when the data were drawn",
    )


def _forms(what: Recognised, name: str, left: str | None) -> bool:
    role = next((r for r, g in what.roles.get("customers", {}).items() if g.column == name), None)
    return (
        name != left
        and not (protected(name) or role in ("birth_date", "birth_year", "gender"))
        and not _too_many(what, name)
    )


def _too_many(what: Recognised, name: str) -> bool:
    column = what.column(name)
    return column.holds == "text" and column.distinct > _MOST_CATEGORIES


def _on(what: Recognised, given: dict[str, list[str]], left: str | None) -> tuple[list[str], str]:
    if {"behavioural", "value"} <= set(what.derived):
        return ["behavioural", "value"], ""
    form = {basis: [n for n in names if _forms(what, n, left)] for basis, names in given.items()}
    if len(form.get("psychographic", [])) >= _BATTERY:
        return ["psychographic"], "a battery of items that were asked together"
    acting = [b for b in ("behavioural", "value") if b in what.derived or form.get(b)]
    if acting and (sum(len(form.get(b, [])) for b in acting) >= 2 or set(acting) & set(what.derived)):
        return acting, "what customers do and bring tells most of what they will do"
    made = {b for b, fs in what.derived.items() if any(not (f.protected or f.describes) for f in fs)}
    first = next((b for b in _FORMING if b in made or form.get(b)), None)
    if first is None:
        kinds = " and ".join(what.found)
        raise DataError(
            f"{kinds}: no column is left that segments may be formed on (ids, free text, constants, personal data and "
            "protected attributes never form them); add transactions, or columns of what customers do"
        )
    return [first], "no other basis has columns that may form segments"


def _exclude(
    what: Recognised, given: dict[str, list[str]], on: list[str], left: str | None
) -> dict[str, str]:
    """Name the columns of these bases that only describe."""
    made: dict[str, str] = {}
    for name in (n for basis in on for n in given.get(basis, [])):
        if name == left:
            made[name] = "what is to be foretold"
        elif _too_many(what, name):
            made[name] = f"{what.column(name).distinct:,} different answers"
        elif not _forms(what, name, left):
            made[name] = "a protected attribute"
    return made


def _weights(good: list[str]) -> dict[str, float]:
    """Weigh size and recovery, and what more is better of."""
    if not good:
        return {"size": 0.5, "recovery": 0.5}
    each = round(0.6 / len(good), 2)
    return dict.fromkeys(good, each) | {"size": 0.2, "recovery": round(0.8 - each * len(good), 2)}
