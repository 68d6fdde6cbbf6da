"""Columns of customers that must not form segments: outcomes, what tells them, weights, copies, row numbers."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seglib.errors import listing
from seglib.project.new.recognise.columns import Column
from seglib.project.new.recognise.words import LISTS, folded, listed, says, words
from seglib.vocabulary import YES

_OUTCOMES = LISTS["outcomes"]
_LEFT, _STAYED = (frozenset(listed(_OUTCOMES[of])) for of in ("left", "stayed"))
#: The most answers of a status of customers.
_MOST_STATES = 8
#: From which area under the curve on a column tells an outcome, and is asked about.
_TELLS = 0.985
_FEWEST = 50


@dataclass(frozen=True)
class Aside:
    """Why a column must not form segments.

    Attributes
    ----------
    kind
        outcome (it describes), or leak, copy, weight, rank, tool, firm, number: these are left out.
    reason
        For the params file.
    """

    kind: str
    reason: str

    @property
    def left_out(self) -> bool:
        """Tell whether it does not even describe segments."""
        return self.kind != "outcome"


def asides(columns: dict[str, Column], firms: bool) -> dict[str, Aside]:
    """Find the columns that must not form segments, each with the reason.

    Parameters
    ----------
    columns
        Of the customers, those without a role.
    firms
        Whether customers are firms.
    """
    found: dict[str, Aside] = {}
    outcomes = [name for name, column in columns.items() if outcome(column)]
    surveyed = _surveyed(columns)
    for name, column in columns.items():
        if name in outcomes:
            found[name] = Aside("outcome", "an outcome: it describes segments and never forms them")
        elif aside := _by_name(column, outcomes, firms, surveyed):
            found[name] = aside
    rest = {n: c for n, c in columns.items() if n not in found}
    found |= _telling(rest, [columns[n] for n in outcomes])
    found |= _copies({n: c for n, c in rest.items() if n not in found})
    return found


def _of_survey(name: str, which: str) -> bool:
    return says(name, LISTS[which]) >= 0.9


def _surveyed(columns: Iterable[str]) -> bool:
    """Tell whether a survey tool wrote a table: by a column that only such tools write beside another, or by three."""
    own = sum(_of_survey(name, "of the survey tool") for name in columns)
    also = sum(_of_survey(name, "also of the survey tool") for name in columns)
    return own + also >= (2 if own else 3)


def outcome(column: Column) -> bool:
    """Tell whether a column says what has become of customers: two answers, under a name of an outcome, or a status."""
    if left_answers(column):
        return True
    if column.distinct != 2 and not (column.distinct == 1 and column.says_yes_or_no):
        return False
    named = says(column.name, _OUTCOMES["names"])
    weak = column.flag or _zero_one(column)
    return named >= 0.9 or (named >= 0.5 and weak) or says(column.name, LISTS["aims"]["risk"]) >= 0.5


def left_answers(column: Column) -> set[str]:
    """List the answers of a status that say that a customer has left, where others say that one has not.

    Active, paused and cancelled, under a name that says a status; two answers under any name.
    """
    if one := has_left(column):
        return {one}
    if column.holds != "text" or not 3 <= len(column.answers) == column.distinct <= _MOST_STATES:
        return set()
    left, stayed = (
        {a for a in column.answers if words_ & set(folded(a).split())} for words_ in (_LEFT, _STAYED)
    )
    named = words(column.name) in {words(name) for name in listed(_OUTCOMES["statuses"])}
    return left if named and stayed - left else set()


def has_left(column: Column) -> str:
    """Find the one of two answers that says that a customer has left, or nothing."""
    if column.holds != "text" or column.distinct != 2 or column.flag:
        return ""
    telling = [a for a in column.answers if _LEFT & set(folded(a).split())]
    return telling[0] if len(telling) == 1 else ""


def _zero_one(column: Column) -> bool:
    return column.holds == "number" and set(column.values.unique()) <= {0.0, 1.0}


def _times_answers(name: str, surveyed: bool) -> bool:
    """Tell whether numbers say how long an answer took, beside other columns of a survey tool."""
    joined = "".join(words(name))
    return surveyed and (joined.endswith(("time", "duration", "second")) or "grouptime" in joined)


def _by_name(column: Column, outcomes: list[str], firms: bool, surveyed: bool) -> Aside | None:
    name = column.name
    number = column.holds == "number"
    if number and says(name, LISTS["weights"]) >= 0.6 and column.values.min() >= 0:
        return Aside("weight", "a weight of the survey, which a run does not read")
    beside = surveyed and _of_survey(name, "also of the survey tool")
    if beside or _of_survey(name, "of the survey tool") or (number and _times_answers(name, surveyed)):
        return Aside("tool", "written by the survey tool, no answer")
    many = column.distinct > (0.5 * column.known if firms else 20)
    if not number and many and says(name, LISTS["names of firms"]) >= 0.6:
        return Aside("firm", "names of firms")
    if _counts_rows(column):
        return Aside("number", "numbers the rows")
    if says(name, "rank, ranking, rang, place in ranking") >= 0.6 and column.whole and column.distinct > 12:
        return Aside("rank", "places in an order, which other columns make")
    if outcomes and says(name, _OUTCOMES["leaks"]) >= 0.5:
        return Aside("leak", f"tells {listing(outcomes)}: predicted from it, or known only afterwards")
    if outcomes and number and says(name, _OUTCOMES["after a contact"]) >= 0.9 and not firms:
        return Aside("leak", f"known only after the contact that may have led to {listing(outcomes)}")
    return None


def _counts_rows(column: Column) -> bool:
    """Tell whether numbers go up by the same in every row, or go up at all under a name that says so."""
    if not column.whole or column.distinct != column.known or column.known < 3:
        return False
    steps = column.values.diff().dropna()
    named = says(column.name, LISTS["row numbers"]) >= 0.9
    return bool((steps > 0).all()) and (named or steps.nunique() == 1)


def _numeric(column: Column) -> pd.Series:
    return column.values.astype("float64")


def _telling(columns: dict[str, Column], outcomes: list[Column]) -> dict[str, Aside]:
    """Find the numbers that tell an outcome almost without fail."""
    if not outcomes:
        return {}
    from sklearn.metrics import roc_auc_score  # takes as long as all else of `seglib new`

    found = {}
    for known in outcomes:
        truth = _truth(known)
        for name, column in columns.items():
            if column.holds != "number" or column.distinct < 3 or name in found:
                continue
            both = pd.concat([truth.rename("y"), _numeric(column).rename("x")], axis=1).dropna()
            if len(both) < _FEWEST or both.y.nunique() < 2:
                continue
            auc = roc_auc_score(both.y, both.x)
            if max(auc, 1 - auc) >= _TELLS:
                area = f"AUC {max(auc, 1 - auc):.2f}"
                reason = f"tells {known.name} almost without fail ({area}); is it known beforehand?"
                found[name] = Aside("leak", reason)
    return found


def _truth(column: Column) -> pd.Series:
    if column.holds == "number":
        return (column.values == column.values.max()).astype(float)
    left = left_answers(column)
    return column.values.map(lambda a: float(a in left if left else folded(a) in YES))


def _copies(columns: dict[str, Column]) -> dict[str, Aside]:
    """Find the numbers that say what another says: its square, its rank, its complement, itself in another unit."""
    numbers = {n: _numeric(c) for n, c in columns.items() if c.holds == "number" and c.distinct > 20}
    if len(numbers) < 2:
        return {}
    frame = pd.DataFrame(numbers)
    ranks = frame.rank(method="average", pct=True)
    similar = ranks.corr(min_periods=_FEWEST).to_numpy()
    names, found = list(frame.columns), {}
    for j in range(1, len(names)):
        for i in range(j):
            if names[i] in found or names[j] in found or not np.isfinite(similar[i, j]):
                continue
            if abs(similar[i, j]) > 0.99999:
                money = LISTS["bases"]["value"]
                first, other = sorted((names[i], names[j]), key=lambda n: (_derived_name(n), -says(n, money)))
                words_ = "the same order as" if similar[i, j] > 0 else "the reverse order of"
                found[other] = Aside(
                    "copy",
                    f"puts customers in {words_} {first}: a square, a rank, a complement or a copy of it",
                )
    return found


def _derived_name(name: str) -> int:
    """Put the plain column before what is made of it."""
    made = {
        "rank",
        "square",
        "squared",
        "sq",
        "log",
        "pct",
        "percentile",
        "share",
        "inverse",
        "neg",
        "copy",
        "scaled",
        "z",
        "2",
    }
    return len(made & set(words(name)))
