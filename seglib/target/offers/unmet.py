"""Unmet needs: what matters to a segment and is not met."""

from __future__ import annotations

from typing import Any

import ibis
import numpy as np
import pandas as pd

from seglib.collect.features.needs import answer_range, mean_scores
from seglib.statistics import student
from seglib.target.offers.finding import Finding, without_rows
from seglib.target.offers.intervals import of_customers
from seglib.target.thresholds import MIDDLE

_NUMBERS = ("customers", "importance", "met", "gap", "lower", "upper", "unmet", "unmet_lower", "unmet_upper")
_TYPES = {"segment": "int64", "need": "string", **dict.fromkeys(_NUMBERS, "float64"), "missing": "bool"}


def answered(responses: ibis.Table, needs: dict[str, dict[str, Any]]) -> pd.DataFrame:
    """Read the answers that needs are measured by from the engine.

    Parameters
    ----------
    responses
        One row per customer and item: customer, item, score.
    needs
        By name: importance and met, each an item.

    Returns
    -------
    pandas.DataFrame
        One row per customer: customer, and the mean score of each item that anyone answered.
    """
    named = {item for need in needs.values() for item in (need["importance"], need.get("met")) if item}
    return mean_scores(responses.filter(responses.score.notnull() & responses.item.isin(sorted(named))))


def unmet_needs(
    scores: pd.DataFrame,
    needs: dict[str, dict[str, Any]],
    scales: dict[str, dict[str, Any]],
    segments: pd.DataFrame,
) -> Finding:
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

    Returns
    -------
    Finding
        One row per segment and need, the largest gap first: customers (who answered both items),
        importance, met (means, 0 to 1), gap, lower, upper, unmet (share of customers to whom the need
        is important and not met), unmet_lower, unmet_upper, missing (the need is important to the
        segment, and the interval of its gap above zero).
    """
    measured = {
        name: need
        for name, need in needs.items()
        if {need["importance"], need.get("met")} <= set(scores.columns)
    }
    if not measured:
        return Finding(without_rows(_TYPES), missing="needs")
    known = segments.dropna(subset="segment")[["customer", "segment"]].merge(scores, on="customer")
    table = pd.concat([_of_need(name, need, known, scores, scales) for name, need in measured.items()])
    table = table.sort_values(["segment", "gap", "need"], ascending=[True, False, True], ignore_index=True)
    absent = sorted(set(needs) - set(measured))
    remarks: list[dict[str, Any]] = [{"code": "needs_absent", "needs": absent}] if absent else []
    if table.gap.isna().all():
        remarks.append({"code": "no_needs"})
    return Finding(table[list(_TYPES)].astype({"need": "string"}), tuple(remarks))


def _unit(scores: pd.Series, limits: tuple[float, float]) -> pd.Series:
    """Put answers on 0 to 1; missing where they do not vary or are out of range."""
    low, high = limits
    return ((scores - low) / (high - low)).where(scores.between(low, high)) if high > low else scores * np.nan


def _of_need(
    name: str,
    need: dict[str, Any],
    known: pd.DataFrame,
    scores: pd.DataFrame,
    scales: dict[str, dict[str, Any]],
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
    unmet = grouped.unmet.sum().reindex(n.index, fill_value=0)
    return pd.DataFrame(
        {
            "need": name,
            "customers": n.astype(float),
            "importance": means.weight,
            "met": means.met,
            "gap": means.gap,
            "lower": lower,
            "upper": upper,
            "unmet": unmet / n.where(n > 0),
            **of_customers(unmet, n).add_prefix("unmet_"),
            "missing": (means.weight >= MIDDLE) & (lower > 0),
        }
    ).reset_index()
