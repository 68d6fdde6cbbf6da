"""Shares of orders and of contacts, by segment, beside those of all customers."""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import pandas as pd
from ibis import _

from seglib.target.offers.finding import memberships, without_rows
from seglib.target.offers.intervals import clustered
from seglib.target.thresholds import STANDS_OUT

#: What every table of shares holds besides its keys.
COLUMNS = {
    **dict.fromkeys(("customers", "share", "lower", "upper", "overall"), "float64"),
    **dict.fromkeys(("differs", "more", "most"), "bool"),
    "behind": "float64",
}
_CELL = ["segment", "key"]
_SUMS = {
    "x": _.x.sum(),
    "n": _.n.sum(),
    "xx": (_.x * _.x).sum(),
    "xn": (_.x * _.n).sum(),
    "nn": (_.n * _.n).sum(),
    "some": (_.x > 0).cast("int64").sum(),
    "without": (_.x < _.n).cast("int64").sum(),
}


def order_shares(keyed: ibis.Table, segments: pd.DataFrame, keys: Sequence[object]) -> pd.DataFrame:
    """Compute how the orders of each segment divide over keys, such as months.

    Parameters
    ----------
    keyed
        One row per order: customer, key.
    segments
        One row per customer: customer, segment.
    keys
        Those that are compared; orders of others do not count.

    Returns
    -------
    pandas.DataFrame
        One row per segment and key: customers (with such an order), share (of the segment's orders),
        lower, upper, overall (share of all orders), differs (overall is outside the interval), more
        (overall is below it, and the share at least `STANDS_OUT` times as high), most (no other share
        of the segment is higher), behind (customers with such an order, or with another, whichever are
        fewer).
    """
    counted = keyed.filter(keyed.key.isin(list(keys))).group_by("customer", "key").agg(x=_.count())
    own = counted.inner_join(memberships(segments), "customer")
    parts = own.inner_join(own.group_by("customer").agg(n=_.x.sum()), "customer")
    cells = parts.group_by(*_CELL).agg(**_SUMS).to_pandas().set_index(_CELL)
    if cells.empty:
        return without_rows({"segment": "int64", "key": "object", **COLUMNS})
    ordered = parts.group_by("customer", "segment").agg(n=_.n.max())
    sizes = ordered.group_by("segment").agg(clusters=_.count(), n=_.n.sum(), nn=(_.n * _.n).sum())
    sizes = sizes.to_pandas().set_index("segment").sort_index()
    grid = pd.MultiIndex.from_product([sizes.index, keys], names=_CELL)
    whole = sizes.reindex(grid.get_level_values("segment")).set_axis(grid)
    sums = cells.reindex(grid).fillna(0).astype("float64").assign(**whole.astype("float64"))
    others = sums.clusters - (sums.some - sums.without)  # all but those who only have such orders
    table = clustered(sums).assign(customers=sums.some, behind=fewest(sums.some, others))
    return _compared(table, sums.x, sums.x.sum()).reset_index()


def rates(counted: ibis.Table, segments: pd.DataFrame) -> pd.DataFrame:
    """Compute for how many of their orders or contacts something holds.

    Parameters
    ----------
    counted
        One row per customer and key: customer, key, x (for which it holds), n (all).
    segments
        One row per customer: customer, segment.

    Returns
    -------
    pandas.DataFrame
        One row per segment and key: as `order_shares`, where customers are all, and behind those for
        whom it holds at least once, or fails to, whichever are fewer.
    """
    joined = counted.inner_join(memberships(segments), "customer")
    cells = joined.group_by(*_CELL).agg(clusters=_.count(), **_SUMS).to_pandas()
    cells = cells.set_index(_CELL).sort_index().astype("float64")
    table = clustered(cells).assign(
        customers=cells.clusters, behind=fewest(cells.some, cells.without), some=cells.some
    )
    return _compared(table, cells.x, cells.n.groupby("key").transform("sum")).reset_index()


def fewest(one: pd.Series, other: pd.Series) -> pd.Series:
    """Count the customers behind either side, whichever are fewer and any."""
    sides = pd.concat([one, other], axis=1)
    return sides.where(sides > 0).min(axis=1)


def _compared(table: pd.DataFrame, x: pd.Series, n: pd.Series | float) -> pd.DataFrame:
    """Set shares beside those of all customers: x of n, by key."""
    overall = x.groupby("key").transform("sum") / n
    highest = (
        table.share[table.share > 0].sort_values(ascending=False, kind="stable").groupby("segment").head(1)
    )
    return table.assign(
        overall=overall,
        differs=(table.lower > overall) | (table.upper < overall),
        more=(table.lower > overall) & (table.share >= STANDS_OUT * overall),
        most=table.index.isin(highest.index),
    )
