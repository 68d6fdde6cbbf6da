"""Which column plays which role, by name and by content, each once."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from seglib.catalogue.sources import KINDS
from seglib.errors import DataError, listing
from seglib.project.new.recognise.columns import Column, Contents
from seglib.project.new.recognise.consent import consent_columns, doubt, objects
from seglib.project.new.recognise.fits import FITS, Surroundings
from seglib.project.new.recognise.words import ANSWERS, folded, names, says

#: A role below this score stays empty; below the second the guess should be looked at.
LEAST, SURE = 0.4, 0.75
_FIRM = ("industry", "employees", "founded", "previous_revenue")


@dataclass(frozen=True)
class Guess:
    """A role that a column was given.

    Attributes
    ----------
    column, score
        The column, and how sure it is, from 0 to 1.
    reason
        Why it should be looked at; empty where it need not be.
    """

    column: str
    score: float
    reason: str = ""


def roles(found: Contents, around: Surroundings) -> dict[str, Guess]:
    """Give every role its column: one column per role, one role per column, the sum of scores at its highest.

    Parameters
    ----------
    found
        What the source holds.
    around
        What is known around it.

    Raises
    ------
    DataError
        If a role is not there that the source is of no use without.
    """
    kind, consent = KINDS[found.kind], consent_columns(found.columns)
    columns = [c for n, c in found.columns.items() if n not in consent and not objects(n)]
    scores = np.array([[_score(role.name, role.holds, c, around) for c in columns] for role in kind.roles])
    kept = np.where(scores >= LEAST, scores, 0.0)
    rows, places = linear_sum_assignment(kept, maximize=True)
    made = {
        kind.roles[r].name: _guess(kind.roles[r].name, columns[c], float(kept[r, c]), around)
        for r, c in zip(rows, places, strict=True)
        if kept[r, c] > 0
    }
    if consent and found.kind == "customers":
        made["consent"] = Guess(consent[0], 1.0, doubt(found.columns[consent[0]]))
    absent = [role for role in kind.roles if role.required and role.name not in made]
    if absent:
        wanted = {"key": "ids", "time": "times", "number": "numbers"}.get(absent[0].holds, "texts")
        raise DataError(
            f"{found.kind}: no column can be the {absent[0].name} ({absent[0].meaning.rstrip('.').lower()}; {wanted}); "
            f"{found.kind} need {listing(r.name for r in kind.roles if r.required)}; columns there: "
            f"{listing(found.columns, 30)}"
        )
    return {role.name: made[role.name] for role in kind.roles if role.name in made}


def _guess(role: str, column: Column, score: float, around: Surroundings) -> Guess:
    named = says(column.name, names(around.kind, role))
    if column.remark:
        return Guess(column.name, score, column.remark)
    if role == "customer" and 0 < around.matched.get(column.name, 1.0) < 0.9:
        share = around.matched[column.name]
        return Guess(column.name, score, f"only {share:.0%} of the ids are found among the customers")
    if role == "customer" and around.kind == "customers" and column.distinct < column.known:
        twice = column.known - column.distinct
        return Guess(column.name, score, f"{twice:,} rows repeat an id; one row per customer is needed")
    if score >= SURE:
        return Guess(column.name, score)
    return Guess(column.name, score, "by its name" if named >= LEAST else "by its content, not by its name")


def _score(role: str, holds: str, column: Column, around: Surroundings) -> float:
    """Weigh name and content; where the content contradicts, the name says nothing."""
    if column.distinct <= 1 and role not in ("time", "end", "product", "purposes"):
        return 0.0
    held = 1.0 if role == "loyalty" and column.yes_no else _holds(holds, column)
    fit = held * (FITS[role](column, around) if role in FITS else 1.0) if held else 0.0
    named = says(column.name, names(around.kind, role))
    return max(named * fit, _content(role, column, around) if fit > 0 else 0.0)


def _holds(holds: str, column: Column) -> float:
    """Tell whether a column holds what a role holds."""
    few = column.distinct <= 2
    if column.holds == "nothing":
        return 0.0
    if holds == "key":
        keyed = column.holds == "text" or column.whole
        return float(keyed and not column.flag)
    if holds == "time":
        return float(column.holds == "time")
    if holds == "number":
        return float(column.holds == "number" and not (few and column.flag))
    if holds == "flag":
        return float(column.flag)
    codes = column.whole and (
        column.distinct <= 60 or says(column.name, names("customers", "postcode")) >= SURE
    )
    if column.yes_no:
        return 0.0
    return 1.0 if column.holds == "text" else 0.95 if codes else 0.0


def _content(role: str, column: Column, around: Surroundings) -> float:
    """Score what a column holds, whatever it is called."""
    if role == "customer":
        return _joins(column, around)
    if role == "time" and around.kind != "customers":
        return 0.45
    if around.product.get(role) == column.name:
        return 0.7
    if role == "amount" and not around.money and not around.product:
        money = column.holds == "number" and not column.whole and column.values.median() > 0
        return 0.41 if money and column.distinct > 20 else 0.0
    telling = ANSWERS.get(role)
    if telling and column.answers and column.distinct >= 2:
        share = sum(n for a, n in column.answers.items() if folded(a) in telling) / sum(
            column.answers.values()
        )
        return {"urban": 0.85}.get(role, 0.6) if share > 0.8 and len(column.texts & telling) >= 2 else 0.0
    return 0.0


def _joins(column: Column, around: Surroundings) -> float:
    """Score a column by what it joins; ids of other things are found among ids by chance."""
    matched = around.matched.get(column.name, 0.0)
    if around.kind == "customers":
        unique = column.distinct == column.known
        coded = (
            column.holds == "text"
            and unique
            and column.values.str.contains(r"\d").all()
            and not (column.values.str.contains(r"[\s@]").any())
        )
        return 0.5 + 0.4 * matched if unique and matched >= 0.3 else 0.45 if coded else 0.0
    by_chance = column.holds == "number" and column.distinct <= 20
    return 0.3 + 0.6 * matched if matched >= 0.5 and not by_chance else 0.0


def firms(found: Contents) -> bool:
    """Tell whether a table of customers is one of firms."""
    held = {role: KINDS["customers"].role(role).holds for role in _FIRM}
    said = [
        (r, c) for r in _FIRM for c in found.columns.values() if says(c.name, names("customers", r)) >= LEAST
    ]
    return any(c.distinct > 2 and _holds(held[role], c) > 0 for role, c in said)


def product_of(found: Contents) -> dict[str, str]:
    """Find quantity, price and amount by arithmetic: one column is the product of two others in nearly all rows."""
    numbers = [c for c in found.columns.values() if c.holds == "number" and c.distinct > 2][:8]
    frame = pd.DataFrame({c.name: c.values for c in numbers})
    for amount in numbers:
        for quantity in (c for c in numbers if c is not amount and c.whole):
            for price in (c for c in numbers if c not in (amount, quantity)):
                whole = frame[[amount.name, quantity.name, price.name]].dropna()
                made = whole[quantity.name] * whole[price.name]
                same = (whole[amount.name] - made).abs() <= 0.011 + 0.001 * made.abs()
                telling = (whole[quantity.name] != 1) & (made != 0)
                if telling.sum() >= 10 and same[telling].mean() > 0.95:
                    return {"quantity": quantity.name, "price": price.name, "amount": amount.name}
    return {}
