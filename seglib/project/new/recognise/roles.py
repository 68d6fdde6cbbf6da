"""Which column plays which role, by name and by content, each once."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import permutations

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
        Why it should be checked; empty where it need not be.
    """

    column: str
    score: float
    reason: str = ""

    @property
    def unsure(self) -> bool:
        """Tell whether it should be checked."""
        return self.score < SURE or bool(self.reason)


def roles(table: Contents, around: Surroundings) -> dict[str, Guess]:
    """Assign columns to roles: one column per role, one role per column, the sum of scores at its highest.

    Parameters
    ----------
    table
        What the source holds.
    around
        What is known around it.

    Raises
    ------
    DataError
        If a role is not there that the source is of no use without.
    """
    kind, consent = KINDS[table.kind], consent_columns(table.columns)
    columns = [c for n, c in table.columns.items() if n not in consent and not objects(n)]
    scores = np.array([[_score(role.name, role.holds, c, around) for c in columns] for role in kind.roles])
    kept = np.where(scores >= LEAST, scores, 0.0)
    rows, places = linear_sum_assignment(kept, maximize=True)
    given = {}
    for row, place in zip(rows, places, strict=True):
        if kept[row, place] > 0:
            role = kind.roles[row].name
            given[role] = _guess(role, columns[place], float(kept[row, place]), around)
    if consent and table.kind == "customers":
        given["consent"] = Guess(consent[0], 1.0, doubt(table.columns[consent[0]]))
    absent = [role for role in kind.roles if role.required and role.name not in given]
    if absent:
        wanted = {"key": "ids", "time": "times", "number": "numbers"}.get(absent[0].holds, "texts")
        raise DataError(
            f"{table.kind}: no column can be the {absent[0].name} ({absent[0].meaning.rstrip('.').lower()}; {wanted}); "
            f"{table.kind} need {listing(r.name for r in kind.roles if r.required)}; columns there: "
            f"{listing(table.columns, 30)}"
        )
    return {role.name: given[role.name] for role in kind.roles if role.name in given}


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
    """Score how far a column holds what a role holds."""
    if holds == "key":
        return float((column.holds == "text" or column.whole) and not column.flag)
    if holds in ("time", "number"):
        return float(column.holds == holds and not column.flag)
    if holds == "flag":
        return float(column.flag)
    few = column.distinct <= 60 or says(column.name, names("customers", "postcode")) >= SURE
    if column.yes_no:
        return 0.0
    return 1.0 if column.holds == "text" else 0.95 if column.whole and few else 0.0


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
        n_telling = sum(n for answer, n in column.answers.items() if folded(answer) in telling)
        if n_telling > 0.8 * sum(column.answers.values()) and len(column.texts & telling) >= 2:
            return 0.85 if role == "urban" else 0.6
    return 0.0


def _joins(column: Column, around: Surroundings) -> float:
    """Score a column by what it joins; ids of other things are found among ids by chance."""
    matched = around.matched.get(column.name, 0.0)
    if around.kind == "customers":
        if column.distinct < column.known:
            return 0.0
        if matched >= 0.3:
            return 0.5 + 0.4 * matched
        return (
            0.45 if column.holds == "text" and column.values.str.fullmatch(r"[^\s@]*\d[^\s@]*").all() else 0.0
        )
    by_chance = column.holds == "number" and column.distinct <= 20
    return 0.3 + 0.6 * matched if matched >= 0.5 and not by_chance else 0.0


def firms(table: Contents) -> bool:
    """Check whether a table of customers is one of firms."""
    named = {
        r: [c for c in table.columns.values() if says(c.name, names("customers", r)) >= LEAST] for r in _FIRM
    }
    return any(
        column.distinct > 2 and _holds(KINDS["customers"].role(role).holds, column) > 0
        for role, columns in named.items()
        for column in columns
    )


def product_of(table: Contents) -> dict[str, str]:
    """Find quantity, price and amount by arithmetic: one column is the product of two others in nearly all rows."""
    numbers = {c.name: c for c in table.columns.values() if c.holds == "number" and c.distinct > 2}
    numbers = dict(list(numbers.items())[:8])
    frame = pd.DataFrame({name: column.values for name, column in numbers.items()})
    for amount, quantity, price in permutations(numbers, 3):
        if numbers[quantity].whole:
            rows = frame[[amount, quantity, price]].dropna()
            product = rows[quantity] * rows[price]
            same = (rows[amount] - product).abs() <= 0.011 + 0.001 * product.abs()
            telling = (rows[quantity] != 1) & (product != 0)
            if telling.sum() >= 10 and same[telling].mean() > 0.95:
                return {"quantity": quantity, "price": price, "amount": amount}
    return {}
