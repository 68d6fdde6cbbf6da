"""Needs features: what customers answered when they were asked, and what they asked for themselves."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

import ibis
import numpy as np
import pandas as pd
from ibis import _

from seglib.collect.features.catalogue import Feature, entries, from_template
from seglib.collect.features.derived import Derived, Settings
from seglib.collect.features.orders import days_before
from seglib.collect.features.scales import answers, psychographic_scales, scale_entry, scored
from seglib.errors import DataError, listing
from seglib.vocabulary import ONE_YEAR, spoken

MOST_ITEMS = 60
_SUPPORT = [
    "support",
    "complaint",
    "complain",
    "call",
    "ticket",
    "return",
    "service",
    "claim",
    "chat",
    "helpdesk",
]

FEATURES = tuple(entries("needs").values())


def stated_needs(
    responses: ibis.Table, leave_out: list[str] | None = None
) -> tuple[pd.DataFrame, list[Feature]]:
    """Compute each customer's mean score of every survey item.

    Parameters
    ----------
    responses
        One row per customer and item: customer, item, score.
    leave_out
        Items that belong to other features.

    Returns
    -------
    pandas.DataFrame
        One row per customer who answered; one column per item. Of items that were chosen as
        best (1), worst (-1) or neither (0) the mean is the best-worst counting score (Finn and
        Louviere, 1992, Journal of Public Policy & Marketing 11(2)).
    list of Feature
        One per item.

    Raises
    ------
    DataError
        If there is none, or more than `MOST_ITEMS` items: then the column is no item.
    """
    answered = responses.filter(_.score.notnull() & _.item.notnull())
    if leave_out:
        answered = answered.filter(answered.item.notin(leave_out))
    items = int(answered.item.nunique().to_pandas())
    if not items and leave_out:
        return pd.DataFrame({"customer": pd.Series(dtype="int64")}), []
    if not items:
        raise DataError("responses: no row has an item and a score: correct sources.responses.columns")
    if items > MOST_ITEMS:
        raise DataError(
            f"responses: {items:,} different items with a score; from 1 to {MOST_ITEMS} are "
            "allowed: correct sources.responses.columns.item"
        )
    wide = mean_scores(answered)
    personal = [item for item in wide.columns.drop("customer") if "@" in item]
    if personal:
        raise DataError(
            f"responses: {len(personal):,} items hold an @, as e-mail addresses do; correct "
            "sources.responses.columns.item"
        )
    best_worst = _best_worst(answered)
    return wide, [_item_entry(item, item in best_worst) for item in wide.columns.drop("customer")]


def mean_scores(answered: ibis.Table) -> pd.DataFrame:
    """Average each customer's scores by item, from exact sums: one column per item, sorted."""
    exact = answered.mutate(score=_.score.round(6).cast("decimal(18, 6)"))
    means = exact.group_by("customer", "item").agg(total=_.score.sum(), n=_.count()).to_pandas()
    means = means.assign(score=means.total.astype(float) / means.n)
    wide = means.pivot(index="customer", columns="item", values="score").sort_index(axis=1)
    return wide.reset_index().rename_axis(columns=None)


def _best_worst(answered: ibis.Table) -> set[str]:
    """List the items that customers chose as best or worst of several."""
    by_item = answered.group_by("item").agg(
        choices=_.score.isin([-1.0, 0.0, 1.0]).all(), best=(_.score == 1).any(), worst=(_.score == -1).any()
    )
    counts = by_item.to_pandas()
    chosen = counts[counts.choices.astype(bool)]
    return set(chosen.item) if chosen.best.any() and chosen.worst.any() else set()


def _item_entry(item: str, best_worst: bool) -> Feature:
    words = spoken(item)
    template = "best_worst_item" if best_worst else "survey_item"
    return from_template(
        template, item, {"item": item, "words": words, "title": words[:1].upper() + words[1:]}
    )


def answer_range(item: str, scores: pd.Series, scales: dict[str, dict[str, Any]]) -> tuple[float, float]:
    """Return the lowest and highest answer: as a scale declares them, or as they were given."""
    declared = [scale["range"] for scale in scales.values() if item in scale["items"]]
    low, high = declared[0] if declared else (scores.min(), scores.max())
    return float(low), float(high)


def share_of_needs_met(
    scores: pd.DataFrame, needs: dict[str, dict[str, Any]], scales: dict[str, dict[str, Any]]
) -> pd.DataFrame:
    """Compute how much of what matters to each customer is met.

    Σ wⱼ·[mⱼ ≥ middle] / Σ wⱼ over the needs j of which the customer answered both items; w is the
    importance less the lowest answer possible, m the answer to how well it is met, the middle
    that of its range. Importance weighs performance as in Martilla and James (1977, Journal of
    Marketing 41(1)). The range is that of the scale that an item belongs to, or else of the answers.

    Parameters
    ----------
    scores
        One row per customer: customer, and a column per item.
    needs
        By name: importance and met, each an item.
    scales
        By name: items, range.

    Returns
    -------
    pandas.DataFrame
        One row per customer: customer, share_of_needs_met (0 to 1); missing where no need with
        any importance was judged.

    Examples
    --------
    >>> scores = pd.DataFrame({"customer": [1, 2], "i": [5.0, 1.0], "m": [4.0, 1.0], "j": [2.0, 5.0], "n": [1.0, 5.0]})
    >>> needs = {"speed": {"importance": "i", "met": "m"}, "price": {"importance": "j", "met": "n"}}
    >>> share_of_needs_met(scores, needs, {"all": {"items": list("imjn"), "range": [1, 5]}}).share_of_needs_met.tolist()
    [0.8, 1.0]
    """
    met, weight = np.zeros(len(scores)), np.zeros(len(scores))
    for need in needs.values():
        importance, how_well = scores.get(need["importance"]), scores.get(need.get("met"))
        if importance is None or how_well is None:
            continue
        low, high = answer_range(need["met"], how_well, scales)
        lowest = answer_range(need["importance"], importance, scales)[0]
        own = (importance - lowest).clip(lower=0).where(how_well.notna()).fillna(0).to_numpy()
        weight += own
        met += own * (how_well >= (low + high) / 2).to_numpy()
    share = np.divide(met, weight, out=np.full(len(scores), np.nan), where=weight > 0)
    return scores[["customer"]].assign(share_of_needs_met=share)


def support_contacts(events: ibis.Table, as_of: dt.date) -> ibis.Table:
    """Count each customer's calls for help: one row per customer with an event."""
    asked = events.type.strip().lower().isin(_SUPPORT).fill_null(False)
    counted = asked & (days_before(as_of, events.time) <= ONE_YEAR)
    return events.group_by("customer").agg(support_contacts=counted.cast("int64").sum())


def _items_of(needs: dict[str, dict[str, Any]]) -> set[str]:
    return {item for need in needs.values() for item in (need["importance"], need.get("met")) if item}


def _of_responses(
    tables: dict[str, ibis.Table], settings: Settings
) -> tuple[list[ibis.Table | pd.DataFrame], list[Feature], list[str]]:
    scales = {name: scale for name, scale in settings.scales.items() if scale.get("basis") == "needs"}
    of_attitudes = [
        item for scale in psychographic_scales(settings.scales).values() for item in scale["items"]
    ]
    stated, features = stated_needs(tables["responses"], of_attitudes)
    frames: list[ibis.Table | pd.DataFrame] = [stated]
    remarks: list[str] = []
    if scales:
        scores, remarks = scored(answers(tables, scales), scales)
        frames.append(scores)
        summed_up = {item for scale in scales.values() for item in scale["items"]}
        features = [replace(f, describes=True) if f.feature in summed_up else f for f in features]
        names = scores.columns.drop("customer")
        features += [scale_entry("scale_of_needs", n, scales[n], settings.labels) for n in names]
    if any(need.get("met") for need in settings.needs.values()):
        asked = _items_of(settings.needs)
        if (asked - set(stated)) & set(of_attitudes):
            stated, __ = stated_needs(tables["responses"])
        if absent := asked - set(stated):
            remarks.append(f"Needs: no customer answered {listing(absent)}.")
        frames.append(share_of_needs_met(stated, settings.needs, settings.scales))
    return frames, features, remarks


def derive(tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive what the sources allow: one row per customer."""
    frames: list[ibis.Table | pd.DataFrame] = []
    features: list[Feature] = []
    remarks: list[str] = []
    if "responses" in tables:
        frames, features, remarks = _of_responses(tables, settings)
    if "events" in tables and "type" in tables["events"].columns:
        frames.append(support_contacts(tables["events"], settings.as_of))
    features += [f for f in FEATURES if f.feature in ("share_of_needs_met", "support_contacts")]
    return Derived(tuple(frames), tuple(features), tuple(remarks))
