"""Churn: who has left or may be leaving, and how many of each segment."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field

import ibis
import numpy as np
import pandas as pd

from seglib.assess.behaviour import buying_seasons
from seglib.assess.thresholds import OVERDUE
from seglib.collect.features.orders import days_before
from seglib.collect.forms.answers import yes_or_no
from seglib.errors import ParamsError, listing, nearest
from seglib.statistics import wilson
from seglib.vocabulary import ONE_YEAR

#: The column of `risk` when it stands beside the features.
AT_RISK = "at_risk"
#: By what risk is judged: a feature that the params name, contracts that have ended, or silence.
RULES = ("feature", "contracts", "silence")
COLUMNS = ("segment", "customers", "at_risk", "share", "low", "high", "unjudged", "overdue", "rule")

#: What silence is judged by, and what grows with every order.
_OF_ORDERS = (
    "recency",
    "days_between_orders",
    "order_count",
    "tenure",
    "gift_season_share",
    "purchase_stage",
    "days_to_next_order",
    "overdue_ratio",
    "product_breadth",
    "category_breadth",
    "net_value",
    "gross_margin",
    "share_of_wallet",
)
#: What contracts are summed up to; and sources that fall silent when a contract ends, which says that it has, not why.
_OF_CONTRACTS = ("active_subscription", "subscription_months", "subscription_value", "renewals")
_SILENT = ("transactions", "events", "campaigns")
#: Days below which a gap between orders counts as so many.
_LEAST_GAP = 7


@dataclass(frozen=True)
class Risk:
    """Who is at risk.

    Attributes
    ----------
    customers
        One row per customer: customer, at_risk (yes or no; missing where it cannot be known).
    rule
        By what it is judged, of `RULES`; empty where nothing is known.
    defines
        Features that define it: they cannot explain it.
    silent
        Sources whose features end with it: they cannot either.
    seasonal
        Share of customers with an order who keep a season.
    borrowed
        One row per customer with an order and no rhythm of their own: customer, overdue (whether they
        would be by the usual gap of the others).
    """

    customers: pd.DataFrame
    rule: str = ""
    defines: tuple[str, ...] = ()
    silent: tuple[str, ...] = ()
    seasonal: float = 0.0
    borrowed: pd.DataFrame = field(default_factory=lambda: pd.DataFrame(columns=["customer", "overdue"]))


def risk(
    features: pd.DataFrame,
    as_of: dt.date,
    *,
    named: str | None = None,
    subscriptions: ibis.Table | None = None,
    transactions: ibis.Table | None = None,
) -> Risk:
    """Judge every customer by the best there is: a feature, contracts that ended, or silence.

    Parameters
    ----------
    features
        One row per customer.
    as_of
        The day that is judged on.
    named
        The feature that says yes or 1 of customers at risk, if the params name one; else contracts
        count, or else silence, and this only of customers with two gaps between orders of their own.
    subscriptions
        One row per contract: customer, start, and end where ends are known.
    transactions
        One row per product in an order: customer, time.

    Raises
    ------
    ParamsError
        If `named` is no feature, or holds something other than yes and no.
    """
    if named is not None:
        return Risk(_judged(features, stated(features, named)), "feature", (named,))
    if subscriptions is not None and "end" in subscriptions.columns:
        left = ended(subscriptions, as_of).set_index("customer").at_risk
        return Risk(_judged(features, features.customer.map(left)), "contracts", _OF_CONTRACTS, _SILENT)
    if transactions is not None and "recency" in features:
        if "days_between_orders" not in features:  # where no customer has a rhythm, the feature is not there
            features = features.assign(days_between_orders=np.nan)
        allowed = buying_seasons.seasons(transactions, as_of).set_index("customer").silence
        silence = features.customer.map(allowed)
        known = features.recency.notna()
        seasonal = float(silence[known].notna().mean()) if known.any() else 0.0
        at_risk = _judged(features, overdue(features, silence))
        return Risk(at_risk, "silence", _OF_ORDERS, seasonal=seasonal, borrowed=_borrowed(features))
    return Risk(_judged(features.head(0), pd.Series(dtype="boolean")))


def stated(features: pd.DataFrame, named: str) -> pd.Series:
    """Read the feature that says who is at risk; what it does not say is missing.

    Raises
    ------
    ParamsError
        If there is no such feature.
    DataError
        If one of its answers is neither yes nor no.
    """
    known = features.columns.drop("customer", errors="ignore")
    if named not in known:
        raise ParamsError(
            f"assess.risk names '{named}'; known features: {listing(known, 40)}.{nearest(named, known)}"
        )
    return yes_or_no(features[named], "assess.risk")


def _judged(features: pd.DataFrame, at_risk: pd.Series) -> pd.DataFrame:
    judged = pd.array(at_risk.to_numpy(dtype=object, na_value=None), dtype="boolean")
    return pd.DataFrame({"customer": features.customer.to_numpy(), AT_RISK: judged})


def overdue(features: pd.DataFrame, silence: pd.Series | None = None) -> pd.Series:
    """Check who has been silent for more than twice their usual gap between orders.

    Missing of customers without a gap of their own: who has ordered once or twice has no rhythm, and
    is not late by that of others.

    Parameters
    ----------
    features
        One row per customer: recency and days_between_orders, in days.
    silence
        Days of silence that a season allows, in the same order; missing where there is none. It
        only excuses: no customer is overdue for keeping a season.

    Examples
    --------
    >>> overdue(pd.DataFrame({"recency": [90, 90, 90], "days_between_orders": [30, 60, None]})).tolist()
    [True, False, <NA>]
    """
    gap = features.days_between_orders.astype(float)
    allowed = OVERDUE * gap.clip(lower=_LEAST_GAP)
    if silence is not None:
        allowed = np.fmax(allowed, silence.astype(float))
    return (features.recency > allowed).astype("boolean").mask(gap.isna() | features.recency.isna())


def _borrowed(features: pd.DataFrame) -> pd.DataFrame:
    """Judge who has no rhythm of their own by the median gap of the others: said, and never counted."""
    own = features[features.recency.notna() & features.days_between_orders.isna()]
    usual = float(np.median(g)) if len(g := features.days_between_orders.dropna().astype(float)) else np.nan
    late = (own.recency > OVERDUE * max(usual, _LEAST_GAP)) if usual == usual else pd.Series(pd.NA, own.index)
    return pd.DataFrame({"customer": own.customer, "overdue": late.astype("boolean")})


def ended(subscriptions: ibis.Table, as_of: dt.date) -> pd.DataFrame:
    """Check whose contracts have all ended within a year.

    Parameters
    ----------
    subscriptions
        One row per contract: customer, start, end (its last day; missing while it runs).
    as_of
        The day on which contracts run or don't.

    Returns
    -------
    pandas.DataFrame
        One row per customer with a contract in the year before as_of: customer, at_risk.
    """
    ago = days_before(as_of, subscriptions.end)
    late = subscriptions.filter((ago <= ONE_YEAR).fill_null(True))
    runs = (days_before(as_of, late.end) <= 0).fill_null(True)
    return late.group_by("customer").agg(at_risk=~runs.any()).order_by("customer").to_pandas()


def beside(features: pd.DataFrame, judged: pd.DataFrame) -> tuple[pd.DataFrame, str | None]:
    """Put who is at risk beside the features, and name the column; nothing where no risk is known.

    Parameters
    ----------
    features
        One row per customer.
    judged
        `Risk.customers`: one row per customer, or none.
    """
    if judged.empty:
        return features, None
    own = features.drop(columns=AT_RISK, errors="ignore")
    return own.merge(judged, on="customer", how="left", validate="one_to_one"), AT_RISK


def of(judged: Risk, features: pd.DataFrame) -> pd.Series:
    """Return for each row of the features whether its customer is at risk; missing where it is not known."""
    return features.customer.map(judged.customers.set_index("customer").at_risk)


def churn(judged: Risk, segments: pd.DataFrame) -> pd.DataFrame:
    """Count who is at risk in each segment.

    Parameters
    ----------
    judged
        From `risk`.
    segments
        One row per customer: customer, segment.

    Returns
    -------
    pandas.DataFrame
        The table `churn`, one row per segment of which something is known, none where no customer
        is judged. Intervals are Wilson's (1927).
    """
    known = (
        segments[["customer", "segment"]]
        .merge(judged.customers.dropna(), on="customer")
        .dropna(subset="segment")
    )
    if known.empty:
        return pd.DataFrame(columns=list(COLUMNS))
    groups = known.at_risk.astype(float).groupby(known.segment.astype(int))
    table = pd.DataFrame({"customers": groups.size(), "at_risk": groups.sum(), "share": groups.mean()})
    table[["low", "high"]] = wilson(table.at_risk, table.customers)
    without = (
        segments[["customer", "segment"]].merge(judged.borrowed, on="customer").groupby("segment").overdue
    )
    if len(judged.borrowed):
        table = table.reindex(sorted(set(table.index) | set(without.groups)))
        table[["customers", "at_risk"]] = table[["customers", "at_risk"]].fillna(0)
        table["unjudged"] = without.size().astype(float).reindex(table.index, fill_value=0.0)
        table["overdue"] = without.sum().astype(float).reindex(table.index, fill_value=0.0)
    else:
        table[["unjudged", "overdue"]] = np.nan
    return table.rename_axis("segment").assign(rule=judged.rule).reset_index()[list(COLUMNS)]


def candidates(catalogue: pd.DataFrame, judged: Risk) -> pd.DataFrame:
    """List the features that may explain a risk.

    Parameters
    ----------
    catalogue
        One row per feature, its protected ones marked (`protected.marked`).
    judged
        From `risk`; what defines it or ends with it, and protected attributes, are left out.
    """
    circular = catalogue.feature.isin(list(judged.defines)) | catalogue.source.isin(list(judged.silent))
    return catalogue[~circular & ~catalogue.protected]
