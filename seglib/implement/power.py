"""What a campaign can prove: the smallest effect that its arms would show, and the arms that a wanted effect needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from seglib.implement.vocabulary import DAYS
from seglib.statistics import size_for_shares, visible_share

#: Shares that are held out where a wanted effect decides.
LEAST, MOST = 0.05, 0.5


def outcomes(orders: Any, segments: pd.DataFrame, as_of: dt.date, days: int | None = None) -> pd.DataFrame:
    """Measure how many customers of each segment ordered in the last days, and in as many days before.

    Parameters
    ----------
    orders
        The table `transactions` in the engine, or none.
    segments
        One row per customer: customer, segment.
    as_of, days
        The windows end and begin there; 60 days if none are given.

    Returns
    -------
    pandas.DataFrame
        One row per segment: rate (share with an order in the last days, or in as many days from a year ago, if that
        is more; between 0 and 1, with half a customer added on either side) and correlation of the two windows
        (CUPED's gain is its square); both missing without orders.
    """
    members = segments[["customer", "segment"]]
    if orders is None:
        empty = members.segment.drop_duplicates().sort_values()
        return pd.DataFrame({"rate": np.nan, "correlation": np.nan}, index=pd.Index(empty, name="segment"))
    end, window, year = pd.Timestamp(as_of), pd.Timedelta(days=days or DAYS), pd.Timedelta(days=365)
    time = orders.time.cast("timestamp")

    def between(first: pd.Timestamp) -> Any:
        return ((time >= first) & (time < first + window)).any()

    windows = {"before": end - 2 * window, "after": end - window, "year_ago": end - year}
    seen = (
        orders.group_by("customer")
        .agg(**{name: between(first) for name, first in windows.items()})
        .to_pandas()
    )
    joined = members.merge(seen, on="customer", how="left")
    flags = joined[[*windows]].astype("boolean").fillna(False).astype(float).assign(segment=joined.segment)
    by_segment = flags.groupby("segment")
    counts = by_segment[["after", "year_ago"]].sum().max(axis=1)
    return pd.DataFrame(
        {
            "rate": (counts + 0.5) / (by_segment.size() + 1),
            "correlation": by_segment[["before", "after"]].apply(_correlation),
        }
    )


def _correlation(windows: pd.DataFrame) -> float:
    if windows.before.nunique() < 2 or windows.after.nunique() < 2:
        return 0.0
    return float(max(windows.before.corr(windows.after), 0.0))


def visible(rate: float, contacted: float, held_out: float, correlation: float = 0.0) -> float:
    """Compute the smallest increase of a share that two arms would show, with CUPED's gain where there is one.

    Examples
    --------
    >>> round(visible(0.1, 1779, 445), 3), round(visible(0.1, 1779, 445, correlation=0.6), 3)
    (0.05, 0.04)
    """
    if not 0 < rate < 1:
        return float("nan")
    return visible_share(rate, contacted, held_out) * float(np.sqrt(1 - np.nan_to_num(correlation) ** 2))


def share_for(rate: float, effect: float, customers: int) -> float | None:
    """Find the smallest share to hold out with which so many customers show an effect.

    Returns
    -------
    float
        Between `LEAST` and `MOST`, in whole hundredths; `MOST` if not even that would show it; none where the
        rate is unknown or no customers are left.

    Examples
    --------
    >>> share_for(0.1, 0.05, 3000), share_for(0.1, 0.05, 100)
    (0.14, 0.5)
    """
    if not 0 < rate < 1 or customers < 2 or rate + effect >= 1:
        return None
    for share in np.arange(LEAST, MOST, 0.01):
        if visible_share(rate, customers * (1 - share), customers * share) <= effect:
            return round(float(share), 2)
    return MOST


def with_proof(arms: pd.DataFrame) -> pd.DataFrame:
    """Add the smallest effect that each target can show, and whether it can prove its play alone, pooled, or not.

    A target can prove its play alone if it would show the most that the play can be expected to bring. Those that
    cannot are pooled: one effect is measured of all of them together, if these can show it; where not even that
    is so, the play is not provable here.

    Parameters
    ----------
    arms
        One row per target: contacted, held_out, rate, correlation, high.

    Returns
    -------
    pandas.DataFrame
        As the arms, with visible and visible_adjusted (shares), pooled (share that all that are pooled would show)
        and proof: alone, pooled, none (the effect is too small to be seen), full (so many respond without a contact
        that no increase would be seen), empty (no one is contacted) or unknown.
    """
    plain = [visible(r.rate, r.contacted, r.held_out) for r in arms.itertuples()]
    adjusted = [visible(r.rate, r.contacted, r.held_out, r.correlation) for r in arms.itertuples()]
    table = arms.assign(
        visible=np.array(plain, dtype="float64"), visible_adjusted=np.array(adjusted, dtype="float64")
    )
    alone = table.visible_adjusted <= table.high
    known = (
        table.high.notna()
        & table.rate.between(0, 1, inclusive="neither")
        & (table.contacted + table.held_out > 0)
    )
    rest = table[known & ~alone]
    pooled, proves = float("nan"), False
    if len(rest) > 1 and rest.held_out.sum() and rest.contacted.sum():
        weight = rest.contacted + rest.held_out
        rate, high = (float(np.average(rest[c], weights=weight)) for c in ("rate", "high"))
        pooled = visible(rate, rest.contacted.sum(), rest.held_out.sum())
        proves = pooled <= high
    short = np.where(
        table.visible_adjusted.isna() & (table.contacted > 0) & (table.held_out > 0), "full", "none"
    )
    proof = np.where(~known, "unknown", np.where(alone, "alone", "pooled" if proves else short))
    proof = np.where(table.contacted + table.held_out > 0, proof, "empty")
    return table.assign(pooled=np.where(known & ~alone, pooled, np.nan), proof=proof)


def plan(
    segments: pd.DataFrame, rates: pd.Series, inflow: pd.Series, effects: pd.Series, share: float, days: int
) -> pd.DataFrame:
    """Compute before money is spent how many customers of each segment show an effect, and how long that takes.

    Parameters
    ----------
    segments
        One row per segment: segment, name, customers.
    rates
        Share that responds in the window without a contact, by segment.
    inflow
        New customers a day, by segment.
    effects
        The wanted effect, in responses per contact, by segment.
    share
        Held out.
    days
        Over which an outcome is measured.

    Returns
    -------
    pandas.DataFrame
        One row per segment: rate, effect, contacted and held_out (customers needed), enough (whether the segment has
        them today), visible (what it would show today), and days until the result is known, the wait for newcomers
        included; missing where that is never so.
    """
    rows = []
    for own in segments.itertuples():
        rate, coming = float(rates.get(own.segment, np.nan)), float(inflow.get(own.segment, 0.0))
        effect, held = float(effects.get(own.segment, np.nan)), own.customers * share
        row: dict[str, Any] = {
            "segment": own.segment,
            "name": own.name,
            "customers": own.customers,
            "rate": rate,
            "effect": effect,
            "visible": visible(rate, own.customers - held, held),
        }
        if 0 < rate < 1 and 0 < effect < 1 - rate:
            row["contacted"], row["held_out"] = size_for_shares(rate, effect, share)
            short = max(row["contacted"] + row["held_out"] - own.customers, 0)
            row["enough"] = short == 0
            row["days"] = days + (0.0 if not short else np.ceil(short / coming) if coming > 0 else np.nan)
        rows.append(row)
    columns = [
        "segment",
        "name",
        "customers",
        "rate",
        "effect",
        "contacted",
        "held_out",
        "enough",
        "visible",
        "days",
    ]
    return pd.DataFrame(rows).reindex(columns=columns)


def baselines(
    outcomes: pd.DataFrame, campaigns: pd.DataFrame, settings: Mapping[str, Any]
) -> tuple[pd.Series, pd.Series]:
    """Return, by segment, the share that responds without a contact and its correlation with the same before.

    What `implement.outcome` sets goes before what page 05 expects of the play, and that before the orders.
    """
    own = settings["outcome"]
    card = campaigns.drop_duplicates("segment").set_index("segment").baseline
    rates = card.reindex(outcomes.index).fillna(outcomes.rate)
    rates = rates if own["rate"] is None else pd.Series(own["rate"], index=outcomes.index)
    given = own["correlation"]
    correlations = outcomes.correlation if given is None else pd.Series(given, index=outcomes.index)
    wanted = pd.Index(campaigns.segment.unique(), name="segment")
    return rates.reindex(wanted), correlations.reindex(wanted)
