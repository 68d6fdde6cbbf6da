"""What a campaign can prove: the smallest effect that its arms would show, and the arms that a wanted effect needs."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from seglib.implement.vocabulary import DAYS
from seglib.statistics import size_for_means, size_for_shares, visible_mean, visible_share

#: What a play is measured in: a share of customers, or orders or money per customer.
OUTCOMES = ("share", "orders", "spend")
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
        is more; between 0 and 1, with half a customer added on either side), and by outcome (share, orders, spend)
        the correlation of the two windows (CUPED's gain is its square); all missing without orders.
    """
    members = segments[["customer", "segment"]]
    if orders is None:
        empty = members.segment.drop_duplicates().sort_values()
        return pd.DataFrame(np.nan, pd.Index(empty, name="segment"), ["rate", *OUTCOMES])
    end, window, year = pd.Timestamp(as_of), pd.Timedelta(days=days or DAYS), pd.Timedelta(days=365)
    time = orders.time.cast("timestamp")
    starts = {"before": end - 2 * window, "after": end - window, "year_ago": end - year}
    counted: dict[str, Any] = {}
    for name, first in starts.items():
        inside = (time >= first) & (time < first + window)
        counted[f"orders_{name}"] = inside.sum()
        if "amount" in orders.columns:
            counted[f"spend_{name}"] = orders.amount.cast("float64").sum(where=inside)
    seen = orders.group_by("customer").agg(**counted).to_pandas()
    joined = members.merge(seen, on="customer", how="left").fillna(dict.fromkeys(counted, 0.0))
    for name in starts:
        joined[f"share_{name}"] = (joined[f"orders_{name}"] > 0).astype(float)
    by_segment = joined.groupby("segment")
    counts = by_segment[["share_after", "share_year_ago"]].sum().max(axis=1)
    table = pd.DataFrame({"rate": (counts + 0.5) / (by_segment.size() + 1)})
    for outcome in OUTCOMES:
        pair = [f"{outcome}_before", f"{outcome}_after"]
        known = set(pair) <= set(joined)
        table[outcome] = by_segment[pair].apply(_correlation) if known else np.nan
    return table


def _correlation(windows: pd.DataFrame) -> float:
    before, after = (windows[c].astype(float) for c in windows)
    if before.nunique() < 2 or after.nunique() < 2:
        return 0.0
    return float(np.clip(before.corr(after), 0.0, 0.99))


def visible(
    rate: float, contacted: float, held_out: float, correlation: float = 0.0, sd: float | None = None
) -> float:
    """Compute the smallest increase that two arms would show, with CUPED's gain where there is one.

    Parameters
    ----------
    rate
        Share that responds without a contact; not used of a mean.
    contacted, held_out
        Customers.
    correlation
        Of the outcome with the same before.
    sd
        Standard deviation between customers, where the outcome is a mean (orders or spend per customer).

    Examples
    --------
    >>> round(visible(0.1, 1779, 445), 3), round(visible(0.1, 1779, 445, correlation=0.6), 3)
    (0.05, 0.04)
    >>> round(visible(2.0, 1570, 1570, sd=50.0), 1)
    5.0
    """
    left = float(np.sqrt(1 - np.nan_to_num(correlation) ** 2))
    if sd is not None and not np.isnan(sd):
        return visible_mean(sd, contacted, held_out) * left if sd > 0 else float("nan")
    return visible_share(rate, contacted, held_out) * left if 0 < rate < 1 else float("nan")


def share_for(rate: float, effect: float, customers: int, sd: float | None = None) -> float | None:
    """Find the smallest share to hold out with which so many customers show an effect.

    Parameters
    ----------
    rate, sd
        As `visible` takes them.
    effect
        In the unit of the outcome.
    customers
        In both arms.

    Returns
    -------
    float
        Between `LEAST` and `MOST`, in whole hundredths; `MOST` if not even that would show it; none where the
        outcome without a contact is unknown or no customers are left.

    Examples
    --------
    >>> share_for(0.1, 0.05, 3000), share_for(0.1, 0.05, 100)
    (0.14, 0.5)
    """
    mean = sd is not None and not np.isnan(sd)
    if customers < 2 or np.isnan(effect) or (not mean and (not 0 < rate < 1 or rate + effect >= 1)):
        return None
    for share in np.arange(LEAST, MOST, 0.01):
        if visible(rate, customers * (1 - share), customers * share, sd=sd) <= effect:
            return round(float(share), 2)
    return MOST


def with_proof(arms: pd.DataFrame) -> pd.DataFrame:
    """Add the smallest effect that each target can show, and whether it can prove its play alone, pooled, or not.

    A target can prove its play alone if it would show the most that the play can be expected to bring. Those that
    cannot are pooled with others that are measured by the same outcome: one effect is measured of all of them
    together, if these can show it; where not even that is so, the play is not provable here.

    Parameters
    ----------
    arms
        One row per target: contacted, held_out, outcome (share, orders or spend), rate, sd (of means), correlation,
        high.

    Returns
    -------
    pandas.DataFrame
        As the arms, with visible and visible_adjusted (in the unit of the outcome), pooled (what all that are pooled
        would show) and proof: alone, pooled, none (the effect is too small to be seen), full (so many respond
        without a contact that no increase would be seen), empty (no one is contacted) or unknown.
    """
    plain = [visible(r.rate, r.contacted, r.held_out, sd=r.sd) for r in arms.itertuples()]
    adjusted = [visible(r.rate, r.contacted, r.held_out, r.correlation, r.sd) for r in arms.itertuples()]
    table = arms.assign(
        visible=np.array(plain, dtype="float64"), visible_adjusted=np.array(adjusted, dtype="float64")
    )
    alone = table.visible_adjusted <= table.high
    sized = table.sd.gt(0) | (table.outcome.eq("share") & table.rate.between(0, 1, inclusive="neither"))
    known = table.high.notna() & sized & (table.contacted + table.held_out > 0)
    table["pooled"] = np.nan
    proves = pd.Series(False, table.index)
    for _, rest in table[known & ~alone].groupby("outcome"):
        if len(rest) > 1 and rest.held_out.sum() and rest.contacted.sum():
            pooled, high = _together(rest)
            table.loc[rest.index, "pooled"] = pooled
            proves[rest.index] = pooled <= high
    full = table.visible_adjusted.isna() & (table.contacted > 0) & (table.held_out > 0)
    proof = np.select([~known, alone, proves, full], ["unknown", "alone", "pooled", "full"], "none")
    return table.assign(proof=np.where(table.contacted + table.held_out > 0, proof, "empty"))


def _together(rest: pd.DataFrame) -> tuple[float, float]:
    """Compute what targets with one outcome would show together, and the most that their plays bring."""
    weight = rest.contacted + rest.held_out
    rate, high = (float(np.average(rest[c], weights=weight)) for c in ("rate", "high"))
    sd = float(np.sqrt(np.average(rest.sd**2, weights=weight)))
    return visible(rate, rest.contacted.sum(), rest.held_out.sum(), sd=sd), high


def plan(
    segments: pd.DataFrame, known: pd.DataFrame, inflow: pd.Series, shares: pd.Series, days: int
) -> pd.DataFrame:
    """Compute before money is spent how many customers of each segment show an effect, and how long that takes.

    Parameters
    ----------
    segments
        One row per segment: segment, name, customers.
    known
        By segment: outcome (share, orders or spend), rate (without a contact: a share, or a mean), sd (of means)
        and effect (wanted, in the unit of the outcome).
    inflow
        New customers a day, by segment.
    shares
        Held out, by segment.
    days
        Over which an outcome is measured.

    Returns
    -------
    pandas.DataFrame
        One row per segment: outcome, rate, effect, contacted and held_out (customers needed), enough (whether the
        segment has them today), visible (what it would show today), and days until the result is known, the wait
        for newcomers included; missing where that is never so.
    """
    rows = []
    table = segments[["segment", "name", "customers"]].join(known, on="segment")
    for own in table.itertuples():
        coming, share, sd = float(inflow.get(own.segment, 0.0)), float(shares[own.segment]), own.sd
        held = own.customers * share
        row: dict[str, Any] = {"segment": own.segment, "name": own.name, "customers": own.customers}
        row |= {"outcome": own.outcome, "rate": own.rate, "effect": own.effect}
        row["visible"] = visible(own.rate, own.customers - held, held, sd=sd)
        needed = None
        if sd > 0 and own.effect > 0:
            needed = size_for_means(sd, own.effect, share)
        elif own.outcome == "share" and 0 < own.rate < 1 and 0 < own.effect < 1 - own.rate:
            needed = size_for_shares(own.rate, own.effect, share)
        if needed:
            short = max(sum(needed) - own.customers, 0)
            row |= {"contacted": needed[0], "held_out": needed[1], "enough": short == 0}
            row["days"] = days + (0.0 if not short else np.ceil(short / coming) if coming > 0 else np.nan)
        rows.append(row)
    columns = ["segment", "name", "customers", "outcome", "rate", "effect", "contacted", "held_out"]
    return pd.DataFrame(rows).reindex(columns=[*columns, "enough", "visible", "days"])


def baselines(outcomes: pd.DataFrame, campaigns: pd.DataFrame, settings: Mapping[str, Any]) -> pd.DataFrame:
    """Return what is expected without a contact, in the terms that each play is measured in.

    What `implement.outcome` sets goes before what the card on page 05 expects of the play, and that before the
    orders.

    Returns
    -------
    pandas.DataFrame
        By segment: outcome (share, orders or spend), rate (a share, or a mean per customer), sd (of means) and
        correlation with the same before.
    """
    own = settings["outcome"]
    card = campaigns.drop_duplicates("segment").set_index("segment")
    table = pd.DataFrame({"outcome": card.outcome, "rate": card.baseline, "sd": card.sd})
    table["rate"] = table.rate.where(
        table.rate.notna() | (table.outcome != "share"), outcomes.rate.reindex(card.index)
    )
    if own["rate"] is not None:
        table = table.assign(outcome="share", rate=float(own["rate"]), sd=np.nan)
    table["correlation"] = [
        outcomes[outcome].get(segment, np.nan) for segment, outcome in table.outcome.items()
    ]
    return table if own["correlation"] is None else table.assign(correlation=float(own["correlation"]))
