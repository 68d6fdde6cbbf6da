"""The size and the value of each segment."""

from __future__ import annotations

import pandas as pd

from seglib.assess.behaviour import churn, movement
from seglib.errors import ParamsError, listing, nearest


def size_and_value(
    features: pd.DataFrame,
    segments: pd.DataFrame,
    at_risk: pd.DataFrame,
    moved: pd.DataFrame,
    value_feature: str | None = None,
) -> pd.DataFrame:
    """Sum up the size, value, growth and risk of each segment: the table `value`, without names.

    Parameters
    ----------
    features
        One row per customer.
    segments
        One row per customer: customer, segment, margin.
    at_risk, moved
        The tables `risk` and `movement`.
    value_feature
        Feature that holds what customers have brought, where it does not follow from transactions.
    """
    customers, risk_feature = churn.beside(features, at_risk)
    return with_growth(value(customers, segments, value_feature, risk_feature), movement.growth(moved))


def with_growth(value: pd.DataFrame, growth: pd.DataFrame | None) -> pd.DataFrame:
    """Add growth to the value of segments, where there are transactions."""
    return value if growth is None else value.merge(growth[["segment", "growth"]], on="segment", how="left")


def value(
    features: pd.DataFrame,
    segments: pd.DataFrame,
    value_feature: str | None = None,
    risk_feature: str | None = None,
) -> pd.DataFrame:
    """Sum up the size and the value of each segment.

    Parameters
    ----------
    features
        One row per customer; net_value (money) where there are transactions.
    segments
        One row per customer: customer, segment, margin.
    value_feature, risk_feature
        Features that hold what customers have brought and whether they are at risk (yes or no, 1 or
        0), where these do not follow from transactions.

    Returns
    -------
    pandas.DataFrame
        One row per segment: the table `value`, without growth and names. Shares at risk are of the
        customers of whom it is known, by `risk_feature` or else by `churn.overdue`.
    """
    customers = segments.merge(features, on="customer", validate="one_to_one")
    groups = customers.groupby("segment")
    table = pd.DataFrame({"customers": groups.size()})
    table["share"] = table.customers / len(customers)
    table["margin"] = groups.margin.median()
    worth = _value_feature(features, value_feature)
    if worth is not None:
        table["value"] = groups[worth].sum()
        table["value_share"] = _shares(table.value)
        table["value_per_customer"] = table.value / table.customers
    at_risk = _at_risk(customers, risk_feature)
    if at_risk is not None:
        by_segment = at_risk.astype(float).groupby(customers.segment)
        table["at_risk"], table["risk_known"] = by_segment.mean(), by_segment.count()
    return table.reset_index()


def _value_feature(features: pd.DataFrame, named: str | None) -> str | None:
    """Find the feature that holds a customer's value; none if there is none."""
    known = features.columns.drop("customer")
    if named is None:
        return "net_value" if "net_value" in known else None
    if named not in known:
        raise ParamsError(
            f"assess.value names '{named}'; known features: {listing(known, 40)}.{nearest(named, known)}"
        )
    if not pd.api.types.is_numeric_dtype(features[named]):
        raise ParamsError(f"assess.value names '{named}', which holds text; a number is needed")
    return named


def _at_risk(customers: pd.DataFrame, risk_feature: str | None) -> pd.Series | None:
    """Find who is at risk, missing where that is not known; none where the data do not say."""
    if risk_feature:
        return churn.stated(customers, risk_feature)
    if {"recency", "days_between_orders"} <= set(customers):
        return churn.overdue(customers)
    return None


def _shares(value: pd.Series) -> pd.Series:
    """Divide a total; where a part is negative, shares of it mean nothing and are missing."""
    return value / value.sum() if value.min() >= 0 < value.sum() else value * float("nan")
