"""Subscriptions: contracts summed up to customers."""

from __future__ import annotations

import datetime as dt

import ibis
from ibis import _

from seglib.collect.features.orders import days_before, money
from seglib.vocabulary import DAYS_PER_MONTH


def _days(subscriptions: ibis.Table, as_of: dt.date) -> ibis.Value:
    """Count the days that each contract has run: from its first to its last, or until as_of."""
    begun = days_before(as_of, subscriptions.start)
    if "end" not in subscriptions.columns:
        return begun
    left = (days_before(as_of, subscriptions.end) - 1).fill_null(0).clip(lower=0)
    return (begun - left).clip(lower=0)


def contracts(subscriptions: ibis.Table, as_of: dt.date) -> ibis.Table:
    """Compute how each customer subscribes.

    Parameters
    ----------
    subscriptions
        One row per contract: customer, start, and as far as named end (the last day; missing
        while it runs) and renewals.
    as_of
        The day on which contracts run or don't.

    Returns
    -------
    ibis.Table
        One row per customer with a contract: active_subscription (0 or 1), subscription_months
        (months of all contracts together) and, as far as named, renewals.
    """
    running = subscriptions.start.notnull()
    if "end" in subscriptions.columns:
        running = (days_before(as_of, subscriptions.end) <= 0).fill_null(True)
    sums = {
        "active_subscription": running.cast("int64").max(),
        "subscription_months": _days(subscriptions, as_of).sum().cast("float64") / DAYS_PER_MONTH,
    }
    if "renewals" in subscriptions.columns:
        sums["renewals"] = subscriptions.renewals.round().cast("int64").sum()
    return subscriptions.group_by("customer").agg(**sums)


def latest_plan(subscriptions: ibis.Table) -> ibis.Table:
    """Find each customer's plan: that of the contract begun last.

    Returns
    -------
    ibis.Table
        One row per customer with a plan; of plans begun at the same time the first in the
        alphabet.
    """
    named = subscriptions.select("customer", "start", plan=_.plan.cast("string")).filter(_.plan.notnull())
    order = [ibis.desc("start"), ibis.asc("plan")]
    numbered = named.mutate(place=ibis.row_number().over(group_by="customer", order_by=order))
    return numbered.filter(_.place == 0).select("customer", "plan")


def paid(subscriptions: ibis.Table, as_of: dt.date) -> ibis.Table:
    """Compute what each customer's contracts have brought so far: fee × months.

    Returns
    -------
    ibis.Table
        One row per customer with a contract whose fee is known: subscription_value.
    """
    due = money(subscriptions.fee) * _days(subscriptions, as_of)
    brought = due.sum().cast("float64") / DAYS_PER_MONTH
    return subscriptions.filter(_.fee.notnull()).group_by("customer").agg(subscription_value=brought)
