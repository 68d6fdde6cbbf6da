"""What customers do without a contact in as many days as a play is measured over, from their orders."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection
from typing import Any

import ibis
import numpy as np
import pandas as pd
from ibis import _

from seglib.assess.behaviour.movement import located
from seglib.collect.features.orders import days_before
from seglib.target.thresholds import FEWEST_BEHIND

COLUMNS = (
    *("segment", "days", "behind", "ordered", "orders", "orders_sd", "spend", "spend_sd"),
    *("again", "again_behind"),
)


def outcomes(
    transactions: ibis.Table | None, segments: ibis.Table, as_of: dt.date, windows: Collection[int]
) -> pd.DataFrame:
    """Measure what customers of each segment ordered in windows of so many days.

    Who had not ordered before a window began could not be contacted at its beginning, and does not count.
    Of the last window, and of that of a year ago, which is the season to come, the one is taken in which
    more of the segment ordered.

    Parameters
    ----------
    transactions
        One row per product in an order: customer, order, time, amount; or nothing.
    segments
        One row per customer: customer, segment.
    as_of
        The day before which everything was observed.
    windows
        Lengths in days.

    Returns
    -------
    pandas.DataFrame
        One row per segment and window: behind (customers), ordered (share with an order, half a customer
        added on either side), orders and spend (means per customer, with their standard deviations between
        customers), again (share with another order in so many days after the first, of the again_behind
        whose first is that long ago). Missing where fewer than `FEWEST_BEHIND` customers are behind.
    """
    if transactions is None or not len(windows):
        return pd.DataFrame(columns=list(COLUMNS))
    amount = {"amount": _.amount.sum()} if "amount" in transactions.columns else {"amount": ibis.null(float)}
    orders = transactions.mutate(ago=days_before(as_of, transactions.time))
    orders = orders.group_by("customer", "order").agg(ago=_.ago.max(), **amount)
    first = orders.group_by("customer").agg(first=_.ago.max())
    joined = located(orders.inner_join(first, "customer"), segments)
    everyone = located(first, segments)
    parts = [_window(joined, everyone, int(days)) for days in sorted(set(windows))]
    return pd.concat(parts, ignore_index=True)[list(COLUMNS)]


def _window(orders: ibis.Table, everyone: ibis.Table, days: int) -> pd.DataFrame:
    """Measure one window: the last days, or as many from a year ago."""
    begins = {"last": days, "year": 365} if days < 365 else {"last": days}
    found = {name: _sums(orders, everyone, start, days) for name, start in begins.items()}
    made = found["last"]
    if "year" in found:
        ahead = found["year"].reindex(made.index)
        more = (ahead.ordered > made.ordered) | made.ordered.isna()
        made = made.where(~more, ahead)
    return made.join(_again(orders, everyone, days)).assign(days=days).reset_index()


def _sums(orders: ibis.Table, everyone: ibis.Table, start: int, days: int) -> pd.DataFrame:
    there = (
        everyone.group_by("segment")
        .agg(behind=(_.first > start).sum())
        .order_by("segment")
        .to_pandas()
        .set_index("segment")
    )
    own = orders.filter((_.first > start) & (_.ago <= start) & (_.ago > start - days))
    each = own.group_by("segment", "customer").agg(n=_.count().cast("float64"), paid=_.amount.sum())
    sums = (
        each.group_by("segment")
        .agg(
            buyers=_.count(),
            n=_.n.sum(),
            n2=(_.n * _.n).sum(),
            paid=_.paid.sum(),
            paid2=(_.paid * _.paid).sum(),
        )
        .to_pandas()
        .set_index("segment")
    )
    sums = there.join(sums.astype(float)).fillna({"buyers": 0.0, "n": 0.0, "n2": 0.0})
    n = sums.behind.astype(float).where(sums.behind >= FEWEST_BEHIND)
    bought = sums.paid.where(sums.buyers > 0, 0.0), sums.paid2.where(sums.buyers > 0, 0.0)
    made = pd.DataFrame({"behind": sums.behind, "ordered": (sums.buyers + 0.5) / (n + 1)})
    for name, total, squares in (("orders", sums.n, sums.n2), ("spend", *bought)):
        mean = total / n
        made[name], made[f"{name}_sd"] = mean, np.sqrt((squares / n - mean**2).clip(lower=0.0))
    return made


def _again(orders: ibis.Table, everyone: ibis.Table, days: int) -> pd.DataFrame:
    """Compute the share with another order within so many days of the first; one of the same day is none."""
    old = everyone.filter(_.first > days).group_by("segment").agg(again_behind=_.count())
    next_one = orders.filter((_.first > days) & (_.ago < _.first) & (_.ago >= _.first - days))
    came = next_one.group_by("segment").agg(came=_.customer.nunique())
    made = old.left_join(came, "segment").select("segment", "again_behind", "came").to_pandas()
    made = made.set_index("segment").astype(float).fillna({"came": 0.0})
    enough = made.again_behind.where(made.again_behind >= FEWEST_BEHIND)
    return pd.DataFrame({"again": (made.came + 0.5) / (enough + 1), "again_behind": made.again_behind})


def baseline(
    candidate: Any, own: pd.Series, measured: dict[str, float] | None, held_out: float
) -> dict[str, Any]:
    """Return what is expected of those who are not contacted, in the terms that a play is measured in.

    Parameters
    ----------
    candidate
        A play of a segment: outcome, as `playbook.Play` has it.
    own
        Row of `at_stake.economics`.
    measured
        Row of `outcomes`, of the play's window; none without orders.
    held_out
        Share that responded without a contact in campaigns like the play; missing if there were none.

    Returns
    -------
    dict
        outcome (share, orders or spend), baseline (share, or mean per customer), baseline_sd (between
        customers, of means) and baseline_from: campaigns, risk, orders, assumed (nothing is known of the
        share) or none (nothing is known of the mean).
    """
    row = {"outcome": "share", "baseline": np.nan, "baseline_sd": np.nan, "baseline_from": "assumed"}
    outcome, window = candidate.outcome, measured or {}
    if held_out == held_out:
        return row | {"baseline": float(held_out), "baseline_from": "campaigns"}
    if outcome == "active":
        known = own.at_risk == own.at_risk
        return row | ({"baseline": float(1 - own.at_risk), "baseline_from": "risk"} if known else {})
    if outcome in ("ordered", "again"):
        share = window.get(outcome, np.nan)
        return row | ({"baseline": float(share), "baseline_from": "orders"} if share == share else {})
    if outcome in ("orders", "spend"):
        mean, sd = window.get(outcome, np.nan), window.get(f"{outcome}_sd", np.nan)
        if not sd > 0:
            return row | {"outcome": outcome, "baseline_from": "none"}
        return row | {"outcome": outcome, "baseline": mean, "baseline_sd": sd, "baseline_from": "orders"}
    return row
