"""What a segment is, and what it brings."""

from __future__ import annotations

import pandas as pd

from seglib.assess.behaviour import churn
from seglib.assess.naming import phrases, profiles
from seglib.errors import ParamsError, listing, nearest
from seglib.privacy.disclosure import bounded
from seglib.vocabulary import says_yes


def with_roles(catalogue: pd.DataFrame, variables: list[str]) -> pd.DataFrame:
    """Mark in the catalogue which features formed the segments."""
    return catalogue.assign(segmentation=catalogue.feature.isin(list(variables)))


def described_profiles(
    known: pd.DataFrame, catalogue: pd.DataFrame, variables: list[str], stands_out: float, min_cell: int
) -> pd.DataFrame:
    """Describe every segment against all segmented customers, in words of the catalogue.

    Parameters
    ----------
    known
        One row per customer: customer, segment, margin and the features.
    catalogue
        One row per feature.
    variables
        Features that formed the segments.
    stands_out, min_cell
        As `profiles.profiles` takes them.

    Returns
    -------
    pandas.DataFrame
        As `profiles.profiles` returns it, with label, unit, words (how the segment stands out)
        and segmentation (bool).
    """
    features = known[catalogue.feature]
    made = profiles.profiles(features, known.segment, catalogue, stands_out, min_cell)
    words = with_roles(catalogue, variables)[["feature", "label", "unit", "segmentation"]]
    made = made.merge(words, on="feature", how="left")
    by_feature = catalogue.set_index("feature")
    made["words"] = [phrases.phrase(row, by_feature) for row in made.itertuples()]
    plain = [
        pd.isna(r.answer) or says_yes(r.answer, by_feature.level[r.feature] == "binary")
        for r in made.itertuples()
    ]
    made["label"] = made.label.where(plain, made.label + ": " + made.answer.fillna(""))
    return made


def with_growth(value: pd.DataFrame, growth: pd.DataFrame | None) -> pd.DataFrame:
    """Add growth to the value of segments, where there are transactions."""
    return value if growth is None else value.merge(growth[["segment", "growth"]], on="segment", how="left")


def value(
    features: pd.DataFrame,
    segments: pd.DataFrame,
    value_feature: str | None = None,
    risk_feature: str | None = None,
    min_cell: int = 1,
) -> pd.DataFrame:
    """Sum up what each segment is and brings.

    Parameters
    ----------
    features
        One row per customer; net_value (money) where there are transactions.
    segments
        One row per customer: customer, segment, margin.
    value_feature, risk_feature
        Features that hold what a customer has brought and whether he is at risk (yes or no, 1 or
        0), where they do not follow from transactions.
    min_cell
        Shares at risk are kept so many customers off their ends (`disclosure.bounded`).

    Returns
    -------
    pandas.DataFrame
        One row per segment: customers, share, margin (median), and with transactions value
        (money), value_share (of the total net value), value_per_customer, at_risk (share, of the
        customers of whom it is known: by `risk_feature`, or else by `churn.overdue`).
    """
    known = segments.merge(features, on="customer", validate="one_to_one")
    groups = known.groupby("segment")
    made = pd.DataFrame({"customers": groups.size()})
    made["share"] = made.customers / len(known)
    made["margin"] = groups.margin.median()
    if value_feature is not None and value_feature not in features.columns.drop("customer"):
        raise ParamsError(
            f"assess.value names '{value_feature}'; known features: "
            f"{listing(features.columns.drop('customer'), 40)}.{nearest(value_feature, features.columns)}"
        )
    worth = value_feature or "net_value"
    if worth in known:
        if not pd.api.types.is_numeric_dtype(known[worth]):
            raise ParamsError(f"assess.value names '{worth}', which holds text; a number is needed")
        made["value"] = groups[worth].sum()
        made["value_share"] = _shares(made.value)
        made["value_per_customer"] = made.value / made.customers
    if risk_feature:
        made["at_risk"] = _risk(churn.stated(known, risk_feature), known.segment, min_cell)
    elif {"recency", "days_between_orders"} <= set(known):
        silent = churn.overdue(known).where(known.recency.notna())
        made["at_risk"] = _risk(silent, known.segment, min_cell)
    return made.reset_index()


def _risk(at_risk: pd.Series, segments: pd.Series, min_cell: int) -> pd.Series:
    """Take the share at risk of those of whom it is known."""
    groups = at_risk.astype(float).groupby(segments)
    return bounded(groups.mean(), groups.count(), min_cell)


def _shares(value: pd.Series) -> pd.Series:
    """Divide a total; where a part is negative, shares of it mean nothing and are missing."""
    return value / value.sum() if value.min() >= 0 < value.sum() else value * float("nan")
