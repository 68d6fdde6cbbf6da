"""What was known of customers before a day, and who of them was at risk after it."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from seglib.assess.behaviour import churn
from seglib.assess.value.then import EarlierSegments
from seglib.vocabulary import HALF_YEAR


@dataclass(frozen=True)
class Window:
    """What may explain a risk, and the risk.

    Attributes
    ----------
    features
        One row per customer, as known on the day of the split; today, where a feature states the risk.
    at_risk
        Whether each was at risk at the end, in the same order; missing where it is not known.
    catalogue
        One row per feature that may explain.
    split
        The day before which everything is known; none where a feature states the risk, whose own day
        is not known.
    reason
        Why there is nothing, of `drivers.REASONS`; empty if there is something.
    """

    features: pd.DataFrame
    at_risk: pd.Series
    catalogue: pd.DataFrame
    split: dt.date | None = None
    reason: str = ""


def window(earlier: EarlierSegments, judged: churn.Risk) -> Window:
    """Split time in two: what was known half a year before `as_of`, and who came to be at risk since.

    What is measured while customers fall silent would explain their silence by itself (a leak; Kaufman
    and others, 2012): fewer visits do not precede it, they are it. So only customers who were not at risk
    on the day of the split are compared, by what was known of them on it.

    Parameters
    ----------
    earlier
        Derives what was known on an earlier day.
    judged
        Who is at risk today, and by which rule.
    """
    candidates = churn.candidates(earlier.catalogue, judged)
    if judged.rule == "feature":
        return Window(earlier.features, churn.of(judged, earlier.features), candidates)
    nothing = Window(earlier.features.head(0), pd.Series(dtype="boolean"), candidates.head(0))
    if not judged.rule or judged.customers.at_risk.isna().all():
        return Window(nothing.features, nothing.at_risk, nothing.catalogue, reason="no risk")
    split = earlier.settings.as_of - dt.timedelta(days=HALF_YEAR)
    features, why = earlier.features_on(split)
    if features is None or why:
        return Window(nothing.features, nothing.at_risk, nothing.catalogue, split, "no earlier")
    then = earlier.tables_on(split)
    before = churn.risk(
        features, split, subscriptions=then.get("subscriptions"), transactions=then.get("transactions")
    )
    safe = before.customers.at_risk.eq(False).fillna(False).to_numpy(bool)
    own = features[safe].reset_index(drop=True)
    known = candidates[candidates.feature.isin(own.columns)]
    return Window(own, churn.of(judged, own), known, split)
