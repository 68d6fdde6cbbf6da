"""How segments fare over time: sales and retention from run to run."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd

from seglib.monitor.history import Past
from seglib.statistics import wilson

#: Whose segment counts: that of the first run, held fixed, so that survivors do not flatter it; or that of each run.
VIEWS = ("first assigned", "as of each run")


def success(pasts: list[Past], orders: pd.DataFrame) -> pd.DataFrame:
    """Follow revenue and retention of each segment from run to run.

    Parameters
    ----------
    pasts
        The runs, the oldest first.
    orders
        One row per product in an order: customer, time, amount.

    Returns
    -------
    pandas.DataFrame
        The table `success`, one row per view, segment and period between two runs: view, segment, start, as_of,
        customers (at the start), buyers, retention with low and high (Wilson), revenue, per_customer, growth (of
        revenue per customer and day against the period before), a_year_ago (the same, against the period a year
        before; missing where there is none).
    """
    parts = []
    first = pasts[0].tables["segments"]
    for before, now in itertools.pairwise(pasts):
        start, end = (pd.Timestamp(past.as_of).as_unit("ns") for past in (before, now))
        bought = orders[(orders.time >= start) & (orders.time < end)].groupby("customer").amount.sum()
        for view, segments in zip(VIEWS, (first, before.tables["segments"]), strict=True):
            own = segments[["customer", "segment"]].assign(
                amount=segments.customer.map(bought).fillna(0.0),
                bought=segments.customer.isin(bought[bought > 0].index),
            )
            sums = own.groupby("segment").agg(
                customers=("customer", "size"), buyers=("bought", "sum"), revenue=("amount", "sum")
            )
            days = (end - start).days
            parts.append(
                sums.reset_index().assign(view=view, start=start, as_of=now.as_of.isoformat(), days=days)
            )
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.concat(parts, ignore_index=True).sort_values(["view", "segment", "start"], ignore_index=True)
    table = table.assign(
        retention=table.buyers / table.customers, per_customer=table.revenue / table.customers
    ).join(wilson(table.buyers, table.customers))
    daily = table.per_customer / table.days
    table["growth"] = daily.groupby([table["view"], table.segment]).pct_change()
    table["a_year_ago"] = _against_a_year_ago(table.assign(daily=daily))
    return table[list(COLUMNS)].replace([np.inf, -np.inf], np.nan)


COLUMNS = (
    *("view", "segment", "start", "as_of", "customers", "buyers", "retention", "low", "high"),
    *("revenue", "per_customer", "growth", "a_year_ago"),
)


def _against_a_year_ago(table: pd.DataFrame) -> pd.Series:
    """Compare each period with the one that began a year before, give or take ten days."""
    then = table[["view", "segment", "start", "daily"]].assign(start=table.start + pd.Timedelta(days=365))
    both = pd.merge_asof(
        table.reset_index().sort_values("start"),
        then.sort_values("start"),
        on="start",
        by=["view", "segment"],
        direction="nearest",
        tolerance=pd.Timedelta(days=10),
        suffixes=("", "_then"),
    ).set_index("index")
    return (both.daily / both.daily_then - 1).reindex(table.index)
