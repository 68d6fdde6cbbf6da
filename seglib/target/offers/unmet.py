"""Unmet needs: what matters to a segment and is not met."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pandas as pd

from seglib.collect.features.needs import answer_range, mean_scores
from seglib.privacy import disclosure
from seglib.statistics import student
from seglib.target.offers.found import Found, without_rows
from seglib.target.offers.intervals import of_customers
from seglib.target.thresholds import MIDDLE

_TYPES = {
    "segment": "int64",
    "need": "string",
    "customers": "float64",
    "importance": "float64",
    "met": "float64",
    "gap": "float64",
    "lower": "float64",
    "upper": "float64",
    "unmet": "float64",
    "unmet_lower": "float64",
    "unmet_upper": "float64",
    "missing": "bool",
}
#: What would tell which needs are not met.
LACKING = "needs, and answers to them in sources.responses,"


def answered(responses: ibis.Table, needs: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """Take the answers that needs are measured by from the engine.

    Parameters
    ----------
    responses
        One row per customer and item: customer, item, score.
    needs
        By name: importance and met, each an item.

    Returns
    -------
    pandas.DataFrame
        One row per customer: customer, and the mean score of each item that somebody answered.
    """
    named = {item for need in needs.values() for item in (need["importance"], need.get("met")) if item}
    return mean_scores(responses.filter(responses.score.notnull() & responses.item.isin(sorted(named))))


def unmet_needs(
    scores: pd.DataFrame,
    needs: dict[str, dict[str, Any]],
    scales: dict[str, dict[str, Any]],
    segments: pd.DataFrame,
    min_cell: int,
) -> Found:
    """Compare how much needs matter with how far they are met, in each segment.

    Both answers are put on 0 to 1 by their range; the gap is importance less met, as in
    importance-performance analysis (Martilla and James, 1977, Journal of Marketing 41(1)).

    Parameters
    ----------
    scores
        One row per customer: customer, and a column per item.
    needs
        By name: importance and met, each an item.
    scales
        By name: items, range.
    segments
        One row per customer: customer, segment.
    min_cell
        What stands for fewer customers is missing, with what would give it away.

    Returns
    -------
    Found
        One row per segment and need, the largest gap first: customers (who answered both items),
        importance, met (means, 0 to 1), gap, lower, upper, unmet (share of customers to whom the need
        is important and not met), unmet_lower, unmet_upper, missing (the need is important to the
        segment, and its gap above nothing).
    """
    asked = {
        name: need
        for name, need in needs.items()
        if {need["importance"], need.get("met")} <= set(scores.columns)
    }
    if not asked:
        return Found(without_rows(_TYPES), lacking=LACKING)
    known = segments.dropna(subset="segment")[["customer", "segment"]].merge(scores, on="customer")
    made = pd.concat([_of_need(name, need, known, scores, scales, min_cell) for name, need in asked.items()])
    made = made.sort_values(["segment", "gap", "need"], ascending=[True, False, True], ignore_index=True)
    absent = sorted(set(needs) - set(asked))
    remarks = [f"Not both asked and answered: {', '.join(absent)}."] if absent else []
    if made.gap.isna().all():
        remarks.append(
            f"No segment has {min_cell} customers whose needs can be shown, or all gave the same answer."
        )
    return Found(made[list(_TYPES)].astype({"need": "string"}), tuple(remarks))


def _unit(scores: pd.Series, limits: tuple[float, float]) -> pd.Series:
    """Put answers on 0 to 1; what does not vary, and what is out of range, says nothing."""
    low, high = limits
    return ((scores - low) / (high - low)).where(scores.between(low, high)) if high > low else scores * np.nan


def _of_need(
    name: str,
    need: dict[str, Any],
    known: pd.DataFrame,
    scores: pd.DataFrame,
    scales: dict[str, dict[str, Any]],
    min_cell: int,
) -> pd.DataFrame:
    items = need["importance"], need["met"]
    weight, met = (_unit(known[item], answer_range(item, scores[item], scales)) for item in items)
    both = weight.notna() & met.notna()
    rows = pd.DataFrame(
        {
            "segment": known.segment,
            "weight": weight,
            "met": met,
            "gap": weight - met,
            "unmet": (weight >= MIDDLE) & (met < MIDDLE),
        }
    )[both]
    grouped = rows.groupby("segment")
    n = grouped.size().reindex(sorted(known.segment.unique()), fill_value=0)
    means = grouped[["weight", "met", "gap"]].mean().reindex(n.index)
    lower, upper = student(means.gap, grouped.gap.var().reindex(n.index), n)
    made = pd.DataFrame(
        {
            "customers": n.astype(float),
            "importance": means.weight,
            "met": means.met,
            "gap": means.gap,
            "lower": lower,
            "upper": upper,
        }
    )
    made = made.mask(disclosure.hidden(n, min_cell) | (n == 0))
    share = (grouped.unmet.sum().reindex(n.index, fill_value=0) / n.where(n > 0)).where(made.gap.notna())
    share = disclosure.bounded(share, n.where(n > 0), min_cell)
    made = made.assign(unmet=share, **of_customers(share * n, n).add_prefix("unmet_"), need=name)
    return made.assign(missing=(made.importance >= MIDDLE) & (made.lower > 0)).reset_index()
