"""Histories: when and how often each customer has bought, and whether that carries a model."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd

from seglib.assess.thresholds import LEAST_BUYERS, LEAST_DAYS, LEAST_REPEATERS
from seglib.assess.value.assumptions import WEEK
from seglib.collect.features.orders import money


def histories(orders: ibis.Table, until: dt.date) -> pd.DataFrame:
    """Sum up when and how often each customer has bought.

    The first purchase in the data is taken for the customer's first.

    Parameters
    ----------
    orders
        One row per order, or per product in one: customer, time, amount.
    until
        The day before which purchases count.

    Returns
    -------
    pandas.DataFrame
        One row per customer with a purchase, by number: customer, frequency (days with a purchase
        after the first), recency (weeks from the first to the last of them), T (weeks from the
        first to the day before `until`; a day at least), spend (mean amount of a day with a
        purchase after the first; missing without).
    """
    dated = orders.filter(orders.time < ibis.literal(until).cast("timestamp"))
    days = dated.group_by("customer", day=dated.time.date()).agg(amount=money(dated.amount).sum())
    first = days.group_by("customer").agg(first=days.day.min(), last=days.day.max(), days=days.count())
    again = days.inner_join(first.select("customer", "first"), "customer").filter(
        lambda t: t.day > t["first"]
    )
    # divided after the sum of money, which is exact in whatever order rows are read
    paid = again.group_by("customer").agg(spend=again.amount.sum().cast("float64") / again.count())
    joined = first.left_join(paid, "customer")
    observed = ibis.literal(until).delta(joined["first"], unit="day") - 1
    made = joined.select(
        "customer",
        frequency=joined.days - 1,
        recency=joined.last.delta(joined["first"], unit="day") / WEEK,
        T=ibis.greatest(observed, 1) / WEEK,
        spend=joined.spend,
    )
    return made.order_by("customer").to_pandas()


def happened(orders: ibis.Table, since: dt.date, until: dt.date) -> pd.DataFrame:
    """Count what each customer bought from one day to before another.

    Returns
    -------
    pandas.DataFrame
        One row per customer with a purchase in that time: customer, happened (days with a purchase).
    """
    since_, until_ = (ibis.literal(day).cast("timestamp") for day in (since, until))
    later = orders.filter((orders.time >= since_) & (orders.time < until_))
    days = later.select("customer", day=later.time.date()).distinct()
    return days.group_by("customer").agg(happened=days.count()).order_by("customer").to_pandas()


def kept_share(transactions: ibis.Table, returns: ibis.Table | None) -> float:
    """Measure which share of the money of all orders did not go back with returns, 0 to 1."""
    if returns is None:
        return 1.0
    paid = float(money(transactions.amount).sum().to_pandas() or 0)
    back = float(money(returns.amount).sum().to_pandas() or 0)
    return min(max(1 + back / paid, 0.0), 1.0) if paid > 0 else 1.0


def too_little(known: pd.DataFrame) -> str:
    """Explain why these purchases carry no prediction; empty if they do.

    Parameters
    ----------
    known
        From `histories`.
    """
    days = round(known["T"].max() * WEEK) + 1 if len(known) else 0
    if days < LEAST_DAYS:
        return f"purchases reach back {days} days, and {LEAST_DAYS} are needed"
    if len(known) < LEAST_BUYERS:
        return f"{len(known)} customers have bought, and {LEAST_BUYERS} are needed"
    again = int((known.frequency > 0).sum())
    if again < LEAST_REPEATERS:
        return f"{again or 'no'} customers have bought on two days, and {LEAST_REPEATERS} are needed"
    return ""
