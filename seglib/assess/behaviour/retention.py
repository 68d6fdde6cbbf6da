"""Retention by segment: the share of customers who order again some months after their first order."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis import _

from seglib.assess.behaviour.movement import located, month_number
from seglib.statistics import wilson

#: The oldest age, in months, that is computed.
OLDEST = 12
#: A share of fewer observed customers says too little of a segment to compare it with others.
FEW = 10
COLUMNS = ("segment", "age", "customers", "retained", "share", "low", "high")


def retention(transactions: ibis.Table | None, segments: ibis.Table, as_of: dt.date) -> pd.DataFrame:
    """Follow the customers of each segment from the month of their first order on.

    Customers are retained at an age if they order in that month of their life, counted in calendar
    months from that of the first order as in `explore.cohorts`. Only cohorts that could be
    observed through the whole of that month count, so that young ones do not pull shares down.

    Parameters
    ----------
    transactions
        One row per product in an order: customer, time; or nothing.
    segments
        One row per customer: customer, segment.
    as_of
        The day before which everything was observed.

    Returns
    -------
    pandas.DataFrame
        The table `retention`: one row per segment and age in months, from 1 to 12 as far as
        observed; none without transactions. Shares are missing where fewer than `FEW` customers
        could be observed; intervals are Wilson's (1927).
    """
    none = pd.DataFrame(columns=list(COLUMNS)).astype({"age": int, "share": float})
    if transactions is None:
        return none
    begun, seen = _counts(transactions, segments, as_of)
    last = as_of.year * 12 + as_of.month - 1
    parts = []
    for age in range(1, OLDEST + 1):
        observed = begun[begun.cohort + age < last].groupby("segment").customers.sum()
        if observed.sum():
            again = seen[seen.age == age].set_index("segment").customers.reindex(observed.index, fill_value=0)
            parts.append(pd.DataFrame({"age": age, "customers": observed, "retained": again}).reset_index())
    if not parts:
        return none
    table = pd.concat(parts).sort_values(["segment", "age"], ignore_index=True)
    enough = table.customers.where(table.customers >= FEW)
    table["share"] = table.retained / enough
    table[["low", "high"]] = wilson(table.retained, enough)
    return table[list(COLUMNS)]


def _counts(
    transactions: ibis.Table, segments: ibis.Table, as_of: dt.date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count customers by segment and month of the first order, and by segment and age of whole months."""
    months = transactions.select("customer", month=month_number(transactions.time)).distinct()
    first = located(months.group_by("customer").agg(cohort=_.month.min()), segments)
    begun = first.group_by("segment", "cohort").agg(customers=_.count()).to_pandas()
    joined = months.inner_join(first, "customer")
    aged = joined.filter(joined.month < as_of.year * 12 + as_of.month - 1).mutate(age=_.month - _.cohort)
    seen = aged.filter(aged.age.between(1, OLDEST)).group_by("segment", "age").agg(customers=_.count())
    return begun, seen.to_pandas()
