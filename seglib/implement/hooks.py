"""What personalises a contact: the next products, the preferred channel and hour of each customer, where known."""

from __future__ import annotations

from typing import Any

import pandas as pd

#: Products that are named.
MOST = 3
#: Times that a customer must have been seen before a channel or an hour is called theirs, and the least share of it.
LEAST, SHARE = 3, 0.5


def with_hooks(
    rows: pd.DataFrame, next_products: pd.DataFrame, orders: Any = None, events: Any = None
) -> pd.DataFrame:
    """Add the columns `next_products`, `preferred_channel` and `preferred_hour` of the selected, where known.

    Parameters
    ----------
    rows
        Of an `Assignment`.
    next_products
        The table of that name: a list per segment; what a customer has bought is not offered again.
    orders, events
        The tables `transactions` and `events` in the engine, or none.

    Returns
    -------
    pandas.DataFrame
        As the rows; a column that is known of no customer is absent.
    """
    own = rows[rows.step == "selected"]
    found = {
        "next_products": _next(own, next_products, orders),
        "preferred_channel": _preferred(own, orders, "channel"),
        "preferred_hour": _preferred(own, events if events is not None else orders, "hour"),
    }
    known = {name: values for name, values in found.items() if values.notna().any()}
    return rows.assign(**{name: rows.customer.map(values) for name, values in known.items()})


def _next(own: pd.DataFrame, lists: pd.DataFrame, orders: Any) -> pd.Series:
    """Name the first products of the segment's list that each customer has not bought, apart by semicolons."""
    nothing = pd.Series(dtype="string")
    if orders is None or "product" not in orders.columns or lists.empty or own.empty:
        return nothing
    offered = own[["customer", "segment"]].merge(lists[["segment", "place", "product"]], on="segment")
    listed = sorted(offered["product"].unique())
    bought = (
        orders.filter(orders["product"].isin(listed)).select("customer", "product").distinct().to_pandas()
    )
    left = offered.merge(bought.assign(bought=True), on=["customer", "product"], how="left")
    left = left[left.bought.isna()].sort_values(["customer", "place"])
    return left.groupby("customer").head(MOST).groupby("customer")["product"].agg("; ".join)


def _preferred(own: pd.DataFrame, table: Any, what: str) -> pd.Series:
    """Find what each customer used at least half of the times, of `LEAST` times at least."""
    nothing = pd.Series(dtype="object")
    if table is None or own.empty or (what == "channel" and "channel" not in table.columns):
        return nothing
    value = table.channel if what == "channel" else table.time.cast("timestamp").hour()
    counts = table.mutate(value=value).filter(lambda t: t.value.notnull()).group_by("customer", "value")
    counts = counts.agg(n=lambda t: t.count()).to_pandas()
    counts = counts[counts.customer.isin(set(own.customer))]
    if counts.empty or (what == "hour" and counts.value.nunique() < 2):
        return nothing  # a source that knows days alone
    counts = counts.assign(total=counts.groupby("customer").n.transform("sum"))
    most = counts.sort_values(["n", "value"], ascending=[False, True]).drop_duplicates("customer")
    most = most[(most.total >= LEAST) & (most.n >= SHARE * most.total)].set_index("customer")
    return most.value.map(lambda v: f"{int(v):02d}:00" if what == "hour" else str(v)).astype("string")
