"""The plan for a budget: what each target gets, what that brings, and how else it could be split."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seglib.errors import ParamsError, listing, nearest
from seglib.target import budget

#: Columns that the plan adds to what is expected of each target.
PLANNED = (
    "minimum",
    "maximum",
    "budget",
    "contacts",
    "responses",
    "profit",
    "profit_low",
    "profit_high",
    "next_budget",
    "next_profit",
    "total",
)
SPLITS = ("split", "budget", "profit", "profit_low", "profit_high", "ahead")
#: Money of which is said what it would bring on top.
NEXT = 1000.0


def plan(expected: pd.DataFrame, terms: dict[str, Any], seed: int = 0) -> pd.DataFrame:
    """Split the budget over the targets, or say what contacting everybody once would cost and bring.

    Parameters
    ----------
    expected
        From `response.expected`.
    terms
        total (money, or nothing), least_share, most_share, least, most and shape, as in the params.
    seed
        Of the draws behind the intervals.

    Returns
    -------
    pandas.DataFrame
        One row per target: as `expected`, with minimum, maximum, budget (money), contacts,
        responses, profit (expected, money) with its 95 % interval, next_budget and next_profit (of
        the next `NEXT`), total (money; missing if none was given, and then everybody is contacted
        once). All are missing where something is lacking.
    """
    known = _known(expected)
    total = terms["total"]
    bounds = _bounded(known, terms) if total is not None else known.assign(minimum=np.nan, maximum=np.nan)
    if total is None:
        made = budget.everybody(known, terms["shape"], seed)
        more = known.assign(budget=np.nan, profit=np.nan)
    else:
        made = budget.split(bounds, total, terms["shape"], seed)
        more = budget.next_amount(bounds, total, NEXT, terms["shape"], seed)
    found = made.drop(columns="segment").assign(
        minimum=bounds.minimum,
        maximum=bounds.maximum,
        total=np.nan if total is None else total,
        next_budget=more.budget,
        next_profit=more.profit,
    )
    return expected.join(found.set_index(known.index)[list(PLANNED)])


def splits(expected: pd.DataFrame, terms: dict[str, Any], seed: int = 0) -> pd.DataFrame:
    """Compare the split with an equal one and one in proportion to customers: as `budget.compared`.

    Without a total, or without a target whose money can be reckoned with, there is none to compare.
    """
    known = _known(expected)
    if terms["total"] is None or known.empty:
        return pd.DataFrame({c: pd.Series(dtype="object" if c == "split" else "float64") for c in SPLITS})
    return budget.compared(_bounded(known, terms), terms["total"], terms["shape"], seed)


def curves(expected: pd.DataFrame, terms: dict[str, Any]) -> pd.DataFrame:
    """Follow the expected profit of each target as more is spent on it: as `budget.curves`."""
    known = _known(expected)
    whole = float((known.customers * known.cost).sum())
    most = whole if terms["total"] is None else min(terms["total"], whole)
    return budget.curves(known, most, terms["shape"])


def left_over(expected: pd.DataFrame, terms: dict[str, Any], currency: str | None) -> str:
    """Say what of the budget is not spent, and why: as `budget.left_over`; nothing without a budget."""
    known = _known(expected)
    if terms["total"] is None or known.empty:
        return ""
    return budget.left_over(_bounded(known, terms), terms["total"], terms["shape"], currency)


def _known(expected: pd.DataFrame) -> pd.DataFrame:
    """Take the targets whose money can be reckoned with, called by name."""
    known = expected[expected.lacking == ""].reset_index(drop=False, names="row").set_index("row")
    return known.assign(segment=known["name"]).rename_axis(None)


def _bounded(known: pd.DataFrame, terms: dict[str, Any]) -> pd.DataFrame:
    """Add the least and the most that may be spent on each target.

    A least share is no more than contacting everybody costs.

    Raises
    ------
    ParamsError
        If a name is no target with a budget.
    """
    for key in ("least", "most"):
        unknown = sorted(set(terms[key]) - set(known.name))
        if unknown:
            raise ParamsError(
                f"target.budget.{key} names '{unknown[0]}', which is no target that a budget can be split over; those "
                f"are: {listing(known.name) or 'none'}.{nearest(unknown[0], known.name)}"
            )
    total, whole = float(terms["total"]), known.customers * known.cost
    most = known.name.map(terms["most"]).astype("float64").fillna(terms["most_share"] * total)
    least = whole.clip(upper=terms["least_share"] * total).clip(upper=most)
    return known.assign(minimum=known.name.map(terms["least"]).astype("float64").fillna(least), maximum=most)
