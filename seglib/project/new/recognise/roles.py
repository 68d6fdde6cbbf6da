"""Which column plays which role, by name and by content, each once."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
from scipy.optimize import linear_sum_assignment

from seglib.catalogue.sources import KINDS
from seglib.errors import listing, one_line
from seglib.privacy import personal
from seglib.project.new.recognise.columns import Column, Contents
from seglib.project.new.recognise.consent import (
    consent_columns,
    doubt,
    doubt_of_objection,
    objections,
    objects,
)
from seglib.project.new.recognise.fits import FITS, LEAST_NAMED
from seglib.project.new.recognise.money import of_something_else
from seglib.project.new.recognise.surroundings import Surroundings
from seglib.project.new.recognise.words import ANSWERS, folded, names, says, words

#: A role below this score stays empty; below the second the guess should be looked at.
LEAST, SURE = 0.4, 0.75
#: Roles of ids of other things, which are found among ids of customers by chance.
_OTHER_IDS = ("order", "product", "campaign", "session", "category")
_YEARLY = frozenset(
    ("annual", "annually", "yearly", "year", "jahr", "jahrlich", "annuel", "annuelle", "anual")
)
#: More columns than answers have that stand in a row each.
_MOST_OF_A_LONG_TABLE = 12
#: Words of numbers that are no codes.
_COUNTED = frozenset(("count", "ct", "cnt", "total", "sum", "anzahl", "aantal", "liczba", "nb"))
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

    Returns
    -------
    dict
        By role, in the order of the catalogue; a role that no column can play is not there.
    """
    kind, consent = KINDS[table.kind], consent_columns(table.columns)
    out = [name for name in table.columns if objects(name)]
    columns = [c for n, c in table.columns.items() if n not in consent and n not in out]
    scores = np.array([[_score(role.name, role.holds, c, around) for c in columns] for role in kind.roles])
    given = {}
    if columns:
        kept = np.where(scores >= LEAST, scores, 0.0)
        rows, places = linear_sum_assignment(kept, maximize=True)
        for row, place in zip(rows, places, strict=True):
            if kept[row, place] > 0:
                role = kind.roles[row].name
                given[role] = _guess(role, columns[place], float(kept[row, place]), around)
    if "product" not in given and "product_name" in given:
        # A name without a code is the product, if it is called so.
        name = given.pop("product_name")
        called = "item, product, article, artikel, produkt, produit, producto, menu item, lineitem name"
        if says(name.column, called) >= 0.5 or "quantity" in given:
            given["product"] = replace(name, reason="a name, as there is no code")
    if table.kind == "transactions" and "price" in given and not {"amount", "quantity"} & set(given):
        one = "a price, and no column counts pieces: each row is read as one piece"
        given["amount"] = replace(given.pop("price"), reason=one)
    if table.kind == "transactions" and consent:
        given["consent"] = Guess(consent[0], 1.0, "customers whose latest answer is not yes are left out")
    if table.kind == "customers":
        if consent:
            given["consent"] = Guess(consent[0], 1.0, doubt(table.columns[consent[0]]))
        if out:
            chosen = objections(table.columns)[0]
            given["opt_out"] = Guess(chosen, 1.0, doubt_of_objection(table.columns[chosen]))
    return {role.name: given[role.name] for role in kind.roles if role.name in given}


def absent(table: Contents, given: dict[str, Guess]) -> str:
    """Say which role is missing that a source is of no use without, or nothing.

    Returns
    -------
    str
        One line: the role, what would be read as it, and what is wrong with the column that is called so.
    """
    kind = KINDS[table.kind]
    missing = [role for role in kind.roles if role.required and role.name not in given]
    if missing:
        first = missing[0]
        wide = ""
        if (
            table.kind == "responses"
            and first.name in ("item", "score")
            and len(table.columns) > _MOST_OF_A_LONG_TABLE
        ):
            wide = "; answers in columns of their own, a row for each respondent, are a table for --customers"
        wanted = {"key": "ids", "time": "times", "number": "numbers"}.get(first.holds, "texts")
        return (
            f"{table.kind}: no column can be the {first.name} ({first.meaning.rstrip('.').lower()}; {wanted}); "
            f"{table.kind} need {listing(r.name for r in kind.roles if r.required)}; columns there: "
            f"{listing(table.columns, 30)}{nearly(table, first.name)}{wide}"
        )
    if table.kind == "transactions" and "amount" not in given and not {"quantity", "price"} <= set(given):
        role = "amount"
        return (
            "transactions: no column can be the amount of a row (numbers), nor are there both quantity and price; "
            f"columns there: {listing(table.columns, 30)}{nearly(table, role)}"
        )
    return ""


def nearly(table: Contents, role: str, least: float = LEAST_NAMED) -> str:
    """Show what stands in the column that is called as a role is, and why it cannot be read as one."""
    kind = KINDS[table.kind]
    scores = {
        n: says(n, names(table.kind, role))
        for n, c in table.columns.items()
        if c.holds != {"time": "time", "number": "number"}.get(kind.role(role).holds)
    }
    best = max(scores, key=lambda n: scores[n], default="")
    if not best or scores[best] < least or kind.role(role).holds == "key":
        return ""
    column = table.columns[best]
    if personal.find(column.values.reset_index(drop=True).to_frame(best)).shape[0]:
        shown = ""
    else:
        shown = " holds " + ", ".join(f"'{one_line(v, 30)}'" for v in column.values.astype(str).unique()[:3])
    key = {"time": f"sources.{table.kind}.dates", "number": f"sources.{table.kind}.decimal"}.get(
        kind.role(role).holds, ""
    )
    if key.endswith(".dates") and column.values.astype(str).str.contains(r"\d ?[+-]\d\d:?\d\d$").mean() > 0.9:
        remedy = f"; its offsets differ: name the zone of the business in sources.{table.kind}.timezone"
    else:
        remedy = f"; say how it is written in {key}" if key else ""
    return f"; '{best}'{shown}{f' ({column.remark})' if column.remark else ''}{remedy}"


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
    if role == "order" and column.name in around.no_orders:
        return Guess(column.name, score, "most of its entries have rows of several days")
    if role == "fee" and _YEARLY & set(words(column.name)):
        return Guess(
            column.name, score, "a year's by its name; a month's is asked: divide it by 12 in a query"
        )
    if score >= SURE:
        return Guess(column.name, score)
    return Guess(column.name, score, "by its name" if named >= LEAST else "by its content, not by its name")


def _score(role: str, holds: str, column: Column, around: Surroundings) -> float:
    """Weigh name and content; where the content contradicts, the name says nothing."""
    if column.distinct < 1 or role in ("consent", "opt_out"):
        return 0.0
    held = 1.0 if role == "loyalty" and column.yes_no else _holds(holds, column)
    fit = held * (FITS[role](column, around) if role in FITS else 1.0) if held else 0.0
    named = says(column.name, names(around.kind, role))
    return max(named * fit, _content(role, column, around) if fit > 0 else 0.0)


def _holds(holds: str, column: Column) -> float:
    """Score how far a column holds what a role holds."""
    if holds == "key":
        written = column.holds == "text" or column.whole or (column.as_text and column.distinct > 20)
        return float(written and not column.flag)
    if holds in ("time", "number"):
        return float(column.holds == holds and not column.flag)
    if holds == "flag":
        return float(column.flag or column.says_yes_or_no)
    few = column.distinct <= 60 or says(column.name, names("customers", "postcode")) >= LEAST
    if column.yes_no:
        return 0.0
    codes = column.whole and few and not _COUNTED & set(words(column.name))
    return 1.0 if column.holds == "text" else 0.95 if codes else 0.0


def _content(role: str, column: Column, around: Surroundings) -> float:
    """Score what a column holds, whatever it is called."""
    if role == "customer":
        return max(_joins(column, around), 0.44 if around.kind != "customers" and _e_mails(column) else 0.0)
    if column.distinct <= 1 or holds_nothing_by_content(role):
        return 0.0
    if around.kind == "transactions" and (scored := _by_arithmetic(role, column, around)):
        return scored
    if role == "time" and around.kind != "customers":
        return 0.45
    if role == "amount" and not around.money and not around.product:
        money = column.holds == "number" and not column.whole and column.values.median() > 0
        return 0.41 if money and column.distinct > 20 else 0.0
    telling = ANSWERS.get(role)
    if telling and column.answers and column.distinct >= 2:
        n_telling = sum(n for answer, n in column.answers.items() if folded(answer) in telling)
        if n_telling > 0.8 * sum(column.answers.values()) and len(column.texts & telling) >= 2:
            return 0.85 if role == "urban" else 0.6
    return 0.0


def _e_mails(column: Column) -> bool:
    """Tell whether entries are e-mail addresses, several of which come again."""
    if column.holds != "text" or not len(column.values) or column.distinct == column.known:
        return False
    return bool(column.values.str.fullmatch(r"[^@\s]+@[^@\s]+\.\w+").mean() > 0.9)


def holds_nothing_by_content(role: str) -> bool:
    """Tell whether a role is recognised by its name alone."""
    return role in ("recency", "frequency", "monetary", "product_name")


def _by_arithmetic(role: str, column: Column, around: Surroundings) -> float:
    """Score what the numbers of a row say: a product of two others, a price of all pieces, a count."""
    name = column.name
    if around.product.get(role) == name:
        return 0.7
    if role == "amount" and around.found.of_row.get(name) and not of_something_else(name):
        return 0.85
    if role == "quantity" and name == around.pieces:
        return 0.7
    return 0.45 if role == "order" and name in around.orders else 0.0


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
    if folded(column.name) in around.shared and matched >= 0.05:
        return 0.95
    other = max(says(column.name, names(around.kind, role)) for role in _OTHER_IDS)
    by_chance = other >= LEAST or (column.holds == "number" and column.distinct <= 60)
    return 0.3 + 0.6 * matched if matched >= 0.5 and not by_chance else 0.0


def firms(table: Contents) -> bool:
    """Check whether a table of customers is one of firms."""
    named = {
        r: [c for c in table.columns.values() if says(c.name, names("customers", r)) >= LEAST] for r in _FIRM
    }
    return any(
        column.distinct > 1 and _holds(KINDS["customers"].role(role).holds, column) > 0
        for role, columns in named.items()
        for column in columns
    )
