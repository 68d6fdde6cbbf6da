"""Needs features: what customers answered when they were asked."""

from __future__ import annotations

import ibis
import pandas as pd
from ibis import _

from seglib.errors import DataError
from seglib.features.catalogue import Feature
from seglib.features.derived import Derived, Settings

MOST_ITEMS = 60
FEATURES: tuple[Feature, ...] = (
    Feature("stated_needs", "needs", "interval", "score", "Stated needs", "high", "low",
            "mean score of each survey item", "responses"),
)  # fmt: skip


def stated_needs(responses: ibis.Table) -> tuple[pd.DataFrame, list[Feature]]:
    """Put each customer's mean score per survey item beside each other.

    Parameters
    ----------
    responses
        One row per customer and item: customer, item, score.

    Returns
    -------
    pandas.DataFrame
        One row per customer who answered; one column per item.
    list of Feature
        One per item.

    Raises
    ------
    DataError
        If there are more than `MOST_ITEMS` items: then the column is no item.
    """
    answered = responses.filter(_.score.notnull() & _.item.notnull())
    items = int(answered.item.nunique().to_pandas())
    if not 1 <= items <= MOST_ITEMS:
        raise DataError(
            f"responses: {items:,} different items with a score; from 1 to {MOST_ITEMS} are "
            "allowed: mend sources.responses.columns.item"
        )
    scored = answered.mutate(score=_.score.round(6).cast("decimal(18, 6)"))
    means = scored.group_by("customer", "item").agg(total=_.score.sum(), n=_.count()).to_pandas()
    means = means.assign(score=means.total.astype(float) / means.n)
    personal = [item for item in means.item.unique() if "@" in item]
    if personal:
        raise DataError(
            f"responses: {len(personal):,} items hold an @, as e-mail addresses do; mend "
            "sources.responses.columns.item"
        )
    wide = means.pivot(index="customer", columns="item", values="score").sort_index(axis=1)
    return wide.reset_index().rename_axis(columns=None), [_described(item) for item in wide]


def _described(item: str) -> Feature:
    words = item.replace("_", " ")
    return Feature(item, "needs", "interval", "score", words.capitalize(), f"high {words}",
                   f"low {words}", f"mean score of the survey item '{item}'", "responses")  # fmt: skip


def derive(tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive what the sources allow: one row per customer."""
    if "responses" not in tables:
        return Derived()
    answers, entries = stated_needs(tables["responses"])
    return Derived((answers,), tuple(entries))
