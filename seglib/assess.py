"""What a segment is worth, and whether it is one to act on."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis import _

from seglib import profiles
from seglib.disclosure import bounded
from seglib.errors import ParamsError, listing, nearest
from seglib.features.behavioural import days_before

#: A repeat buyer is overdue after so many of the own gaps; the rule of thumb of win-back.
OVERDUE = 2.0
#: Median margin below which a segment is hardly distinct from its neighbour.
_CLEAR_MARGIN = 0.1
#: Share of a segment's customers who must have ordered earlier for growth to mean something.
_COMPARABLE = 0.25


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
    made["words"] = [profiles.phrase(row, by_feature) for row in made.itertuples()]
    more = made.answer.notna() & ~made.answer.fillna("").str.casefold().isin(profiles.YES)
    made["label"] = made.label.where(~more, made.label + ": " + made.answer.fillna(""))
    return made


def with_growth(value: pd.DataFrame, growth: pd.DataFrame | None) -> pd.DataFrame:
    """Add growth to the value of segments, where there are transactions."""
    return value if growth is None else value.merge(growth[["segment", "growth"]], on="segment", how="left")


def value(
    features: pd.DataFrame, segments: pd.DataFrame, value_feature: str | None = None,
    risk_feature: str | None = None, min_cell: int = 1,
) -> pd.DataFrame:  # fmt: skip
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
        (money), value_share (of the total net value), value_per_customer, at_risk (share of
        customers silent for more than `OVERDUE` of their own gaps between orders, or of the
        median gap after a single order).
    """
    known = segments.merge(features, on="customer", validate="one_to_one")
    groups = known.groupby("segment")
    made = pd.DataFrame({"customers": groups.size()})
    made["share"] = made.customers / len(known)
    made["margin"] = groups.margin.median()
    for key, name in (("value", value_feature), ("risk", risk_feature)):
        if name is not None and name not in features.columns.drop("customer"):
            raise ParamsError(
                f"assess.{key} names '{name}'; known features: {listing(features.columns.drop('customer'), 40)}."
                f"{nearest(name, features.columns)}"
            )
    worth = value_feature or "net_value"
    if worth in known:
        if not pd.api.types.is_numeric_dtype(known[worth]):
            raise ParamsError(f"assess.value names '{worth}', which holds text; a number is needed")
        made["value"] = groups[worth].sum()
        made["value_share"] = _shares(made.value)
        made["value_per_customer"] = made.value / made.customers
    if risk_feature:
        made["at_risk"] = _risk(_says_yes(known[risk_feature]), known.segment, min_cell)
    elif {"recency", "days_between_orders"} <= set(known):
        gap = known.days_between_orders.fillna(known.days_between_orders.median()).clip(lower=7)
        made["at_risk"] = _risk(known.recency > OVERDUE * gap, known.segment, min_cell)
    return made.reset_index()


def _risk(at_risk: pd.Series, segments: pd.Series, min_cell: int) -> pd.Series:
    groups = at_risk.fillna(False).groupby(segments)
    return bounded(groups.mean(), groups.size(), min_cell)


def _shares(value: pd.Series) -> pd.Series:
    """Divide a total; where a part is negative, shares of it mean nothing and are missing."""
    return value / value.sum() if value.min() >= 0 < value.sum() else value * float("nan")


def _says_yes(column: pd.Series) -> pd.Series:
    return column.astype("string").str.casefold().isin(profiles.YES)


def growth(
    transactions: ibis.Table, segments: pd.DataFrame, as_of: dt.date, min_cell: int = 1
) -> tuple[pd.DataFrame, int]:
    """Compare what segments ordered lately with the same length of time before.

    The two spans are a year apart where the data reach back so far, so that a season is
    compared with itself; else they adjoin.

    Returns
    -------
    pandas.DataFrame
        One row per segment: recent, earlier (money), growth (recent / earlier − 1; missing
        where fewer than one in four customers ordered in the earlier span, as of new ones, or
        fewer than `min_cell` in either).
    int
        Days between the starts of the two spans.
    """
    first = transactions.time.min().to_pandas().date()
    span = (as_of - first).days
    days, apart = (182, 365) if span >= 365 + 182 else (span // 2, span // 2)
    ago = days_before(as_of, transactions.time)
    dated = transactions.select("customer", "amount", ago=ago)
    zero = ibis.literal(0).cast(transactions.amount.type())
    sums = dated.group_by("customer").agg(
        recent=ibis.ifelse(_.ago <= days, _.amount, zero).sum(),
        earlier=ibis.ifelse((_.ago > apart) & (_.ago <= apart + days), _.amount, zero).sum(),
    )
    found = segments[["customer", "segment"]].merge(sums.to_pandas(), on="customer", how="left")
    found = found.fillna({"recent": 0, "earlier": 0}).astype({"recent": float, "earlier": float})
    made = found.groupby("segment")[["recent", "earlier"]].sum().reset_index()
    before = (found.earlier > 0).groupby(found.segment).mean().reindex(made.segment).to_numpy()
    buyers = (found[["recent", "earlier"]] > 0).groupby(found.segment).sum().min(axis=1)
    enough = buyers.reindex(made.segment).to_numpy() >= min_cell
    comparable = (made.earlier > 0) & (before >= _COMPARABLE) & enough
    made["growth"] = (made.recent / made.earlier.where(comparable)) - 1
    return made, apart


def scorecard(
    value: pd.DataFrame, recovery: pd.DataFrame, profiles: pd.DataFrame, *, min_share: float,
    min_recovery: float,
) -> pd.DataFrame:  # fmt: skip
    """Ask of every segment what a segment must be.

    Parameters
    ----------
    value
        From `value`.
    recovery
        One row per segment: segment, recovery (mean Jaccard over resamples).
    profiles
        One row per segment and feature, with stands_out and segmentation.
    min_share
        Smallest share of customers.
    min_recovery
        Smallest recovery; a segment below is removed from targeting.

    Returns
    -------
    pandas.DataFrame
        One row per segment and criterion: criterion, measured, asked, passed, knock_out,
        rule (in words).
    """
    merged = value.merge(recovery[["segment", "recovery"]], on="segment")
    apart = profiles[profiles.stands_out].groupby("segment").feature.nunique()
    rows = []
    for row in merged.itertuples():
        said = int(apart.get(row.segment, 0))
        rows += [
            (row.segment, "substantial", row.share, min_share, row.share >= min_share, True,
             f"at least {min_share:.0%} of customers"),
            (row.segment, "stable", row.recovery, min_recovery, row.recovery >= min_recovery, True,
             f"comes back to at least {min_recovery:.0%} in resampling"),
            (row.segment, "distinct", row.margin, _CLEAR_MARGIN, row.margin >= _CLEAR_MARGIN, False,
             f"half of its customers are nearer to it than to the next by {_CLEAR_MARGIN:.0%}"),
            (row.segment, "describable", float(said), 1.0, said >= 1, True,
             "stands out in at least one feature"),
        ]  # fmt: skip
    columns = ["segment", "criterion", "measured", "asked", "passed", "knock_out", "rule"]
    return pd.DataFrame(rows, columns=columns)
