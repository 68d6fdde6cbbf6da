"""The plan for the targets: what each gets, what that brings, and how else the budget could be split."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seglib.errors import ParamsError, listing, nearest
from seglib.target.budget import outcomes
from seglib.target.offers.finding import without_rows

#: Columns that the plan adds to what is expected of each target.
PLANNED = (
    *("minimum", "maximum", "budget", "contacts", "responses", "profit", "profit_low", "profit_high"),
    *("next_budget", "next_profit", "total"),
)
_MONEY = ("budget", "profit", "profit_low", "profit_high", "ahead")
#: The further amount of money whose return is computed.
NEXT = 1000.0


def plan(expected: pd.DataFrame, terms: dict[str, Any], seed: int = 0) -> pd.DataFrame:
    """Split the budget over the targets; without one, contact all their customers once.

    Parameters
    ----------
    expected
        From `response.expected`.
    terms
        total (money, or none), least_share, most_share, least, most and shape, as in the params.
    seed
        Of the draws behind the intervals.

    Returns
    -------
    pandas.DataFrame
        One row per target: as `expected`, with the columns `PLANNED`; all missing where money is
        unknown, the total and the next amount where there is no budget.
    """
    known, total = _known(expected), terms["total"]
    if total is None:
        bounds = known.assign(minimum=np.nan, maximum=np.nan)
        outcome = outcomes.everybody(known, terms["shape"], seed)
        more = known.assign(budget=np.nan, profit=np.nan)
    else:
        bounds = _bounded(known, terms)
        outcome = outcomes.split(bounds, total, terms["shape"], seed)
        more = outcomes.next_amount(bounds, total, NEXT, terms["shape"], seed)
    planned = outcome.assign(
        minimum=bounds.minimum,
        maximum=bounds.maximum,
        total=np.nan if total is None else total,
        next_budget=more.budget,
        next_profit=more.profit,
    )
    return expected.join(planned.set_index(known.index)[list(PLANNED)])


def splits(expected: pd.DataFrame, terms: dict[str, Any], seed: int = 0) -> pd.DataFrame:
    """Compare the split with an equal one and one in proportion to customers: as `outcomes.compared`.

    Without a budget, or without a target whose money is known, there is none to compare.
    """
    known = _known(expected)
    if terms["total"] is None or known.empty:
        return without_rows({"split": "object", **dict.fromkeys(_MONEY, "float64")})
    return outcomes.compared(_bounded(known, terms), terms["total"], terms["shape"], seed)


def curves(expected: pd.DataFrame, terms: dict[str, Any]) -> pd.DataFrame:
    """Follow the expected profit of each target as more is spent on it: one row per segment and step."""
    known = _known(expected)
    whole = float((known.customers * known.cost).sum())
    most = whole if terms["total"] is None else min(terms["total"], whole)
    lines = outcomes.curves(known, most, terms["shape"])
    return lines.assign(segment=lines.segment.map(expected.set_index("name").segment))


def left_over(expected: pd.DataFrame, terms: dict[str, Any]) -> dict[str, Any]:
    """Compute what of the budget is not spent, and why: as `outcomes.left_over`; nothing without a budget."""
    known = _known(expected)
    if terms["total"] is None or known.empty:
        return {}
    return outcomes.left_over(_bounded(known, terms), terms["total"], terms["shape"])


def _known(expected: pd.DataFrame) -> pd.DataFrame:
    """Select the targets whose money is known, and call them by name."""
    known = expected[expected.unknown == ""]
    return known.assign(segment=known["name"])


def _bounded(known: pd.DataFrame, terms: dict[str, Any]) -> pd.DataFrame:
    """Add the least and the most to be spent on each target; at least what contacting all of them costs.

    Raises
    ------
    ParamsError
        If a name is not that of a target with a budget.
    """
    for key in ("least", "most"):
        unknown = sorted(set(terms[key]) - set(known.name))
        if unknown:
            raise ParamsError(
                f"target.budget.{key} names '{unknown[0]}', which is no target that a budget can be split over; "
                f"allowed: {listing(known.name) or 'none'}.{nearest(unknown[0], known.name)}"
            )
    total, whole = float(terms["total"]), known.customers * known.cost
    most = known.name.map(terms["most"]).astype("float64").fillna(terms["most_share"] * total)
    least = whole.clip(upper=terms["least_share"] * total).clip(upper=most)
    return known.assign(minimum=known.name.map(terms["least"]).astype("float64").fillna(least), maximum=most)
