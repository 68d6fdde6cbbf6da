"""Retention by segment: who of those that began orders again some months later."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis import _

from seglib.assess.behaviour.movement import kept, located
from seglib.privacy.disclosure import behind, bounded
from seglib.statistics import wilson

#: Ages in months of which a page tells; all up to the last are computed.
AGES = (1, 3, 6, 12)
COLUMNS = ("segment", "age", "customers", "share", "low", "high", "behind")


def retention(
    transactions: ibis.Table | None, segments: ibis.Table, as_of: dt.date, min_cell: int = 1
) -> pd.DataFrame:
    """Follow the customers of each segment from the month of their first order on.

    A customer is retained at an age if he orders in that month of his life, counted in calendar
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
    min_cell
        The fewest customers that a cell may stand for.

    Returns
    -------
    pandas.DataFrame
        One row per segment and age in months, from 1 to 12 as far as observed; none without
        transactions. customers (who could be observed so long, rounded to twice `min_cell`),
        share (of them who ordered in that month, kept `min_cell` customers off its ends and
        missing where that cannot be), low and high (its 95 % interval; Wilson, 1927),
        behind (the fewest customers that the share stands for).
    """
    none = pd.DataFrame(columns=list(COLUMNS)).astype({"age": int, "share": float})
    if transactions is None:
        return none
    begun, seen = _counts(transactions, segments, as_of)
    last = as_of.year * 12 + as_of.month - 1
    parts = []
    for age in range(1, max(AGES) + 1):
        observed = begun[begun.cohort + age < last].groupby("segment").customers.sum()
        if observed.sum():
            again = seen[seen.age == age].set_index("segment").customers.reindex(observed.index, fill_value=0)
            parts.append(_shares(observed.astype(float), again.astype(float), age, min_cell))
    return (
        pd.concat(parts, ignore_index=True).sort_values(["segment", "age"], ignore_index=True)
        if parts
        else none
    )


def _counts(
    transactions: ibis.Table, segments: ibis.Table, as_of: dt.date
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Count customers by segment and month of the first order, and by segment and age of whole months."""
    months = transactions.select(
        "customer", month=transactions.time.year() * 12 + transactions.time.month() - 1
    )
    months = months.distinct()
    first = located(months.group_by("customer").agg(cohort=_.month.min()), segments)
    begun = first.group_by("segment", "cohort").agg(customers=_.count()).to_pandas()
    joined = months.inner_join(first, "customer")
    aged = joined.filter(joined.month < as_of.year * 12 + as_of.month - 1).mutate(age=_.month - _.cohort)
    seen = aged.filter(aged.age.between(1, max(AGES))).group_by("segment", "age").agg(customers=_.count())
    return begun, seen.to_pandas()


def _shares(observed: pd.Series, again: pd.Series, age: int, min_cell: int) -> pd.DataFrame:
    """Make the rows of one age."""
    share = bounded(again / observed, observed, min_cell).where(observed >= min_cell)
    low, high = wilson((share * observed).round(), observed).to_numpy().T
    made = {
        "segment": observed.index,
        "age": age,
        "customers": kept(observed, min_cell),
        "share": share,
        "low": low,
        "high": high,
    }
    stood_for = behind(pd.DataFrame({"n": observed, "share": share}), "n", ["share"]).min(axis=1)
    return pd.DataFrame(made | {"behind": stood_for.where(share.notna())}).reset_index(drop=True)
