"""Shares of orders and of contacts, by segment, beside those of all customers.

Cells of too few customers count as half of the fewest that may be shown, whoever they are, so that
nothing that is shown gives them away and no other cell has to go with them.
"""

from __future__ import annotations

from collections.abc import Sequence

import ibis
import numpy as np
import pandas as pd
from ibis import _

from seglib.privacy import disclosure
from seglib.target.offers.found import memberships, without_rows
from seglib.target.offers.intervals import clustered
from seglib.target.thresholds import STANDS_OUT

#: What every table of shares holds besides its keys.
COLUMNS = {
    "customers": "float64",
    "share": "float64",
    "lower": "float64",
    "upper": "float64",
    "overall": "float64",
    "differs": "bool",
    "more": "bool",
    "most": "bool",
}
_CELL = ["segment", "key"]
_SUMS = {
    "x": _.x.sum(),
    "n": _.n.sum(),
    "xx": (_.x * _.x).sum(),
    "xn": (_.x * _.n).sum(),
    "nn": (_.n * _.n).sum(),
}


def order_shares(
    keyed: ibis.Table, segments: pd.DataFrame, keys: Sequence[object], min_cell: int
) -> pd.DataFrame:
    """Share out the orders of each segment.

    Parameters
    ----------
    keyed
        One row per order: customer, key.
    segments
        One row per customer: customer, segment.
    keys
        Those that are looked at; orders of others do not count.
    min_cell
        Orders of a segment and key that stand for fewer customers do not count; their share is missing,
        and in overall they count as those of half as many.

    Returns
    -------
    pandas.DataFrame
        One row per segment and key: customers (with such an order), share (of the segment's orders),
        lower, upper, overall (share of all orders), differs (overall is outside the interval), more
        (overall is below it, and the share is `STANDS_OUT` times as high at least), most (no other
        share of the segment is higher).
    """
    counted = keyed.filter(keyed.key.isin(list(keys))).group_by("customer", "key").agg(x=_.count())
    own = counted.inner_join(memberships(segments), "customer")
    customers = own.group_by(*_CELL).agg(n=_.count()).to_pandas()
    enough = customers.n >= min_cell
    if not enough.any():
        return without_rows({"segment": "int64", "key": "object", **COLUMNS})
    kept = own.semi_join(ibis.memtable(customers.loc[enough, _CELL].reset_index(drop=True)), _CELL)
    totals = kept.group_by("customer").agg(n=_.x.sum())
    parts = kept.inner_join(totals, "customer")
    cells = parts.group_by(*_CELL).agg(clusters=_.count(), **_SUMS).to_pandas().set_index(_CELL)
    ordered = parts.group_by("customer", "segment").agg(n=_.n.max())
    sizes = ordered.group_by("segment").agg(clusters=_.count(), n=_.n.sum(), nn=(_.n * _.n).sum())
    sizes = sizes.to_pandas().set_index("segment").sort_index()
    grid = pd.MultiIndex.from_product([sizes.index, keys], names=_CELL)
    whole = sizes.reindex(grid.get_level_values("segment")).set_axis(grid)
    sums = cells.reindex(grid).fillna(0).astype("float64").assign(**whole.astype("float64"))
    few = pd.Series(grid.isin(pd.MultiIndex.from_frame(customers.loc[~enough, _CELL])), index=grid)
    made = pd.DataFrame({"customers": cells.clusters.reindex(grid).fillna(0)}).join(clustered(sums)).mask(few)
    each = cells.groupby("key").x.sum() / cells.groupby("key").clusters.sum()
    coded = min_cell / 2 * each.reindex(grid.get_level_values("key")).fillna(1).set_axis(grid)
    counts = sums.x.mask(few, coded)
    return _compared(made, counts, counts.sum()).reset_index()


def rates(counted: ibis.Table, segments: pd.DataFrame, min_cell: int, off_ends: bool = False) -> pd.DataFrame:
    """Compute in how many of their orders or contacts something holds.

    Parameters
    ----------
    counted
        One row per customer and key: customer, key, x (of which it holds), n (all).
    segments
        One row per customer: customer, segment.
    min_cell
        Cells of fewer customers have no row. Where it holds for fewer, or fails to, the share is missing
        and does not count in overall.
    off_ends
        Keep shares that hold for nearly nobody or nearly everybody so far off these ends as `min_cell`
        customers are (`disclosure.bounded`), in place of leaving them out; for rates that are seldom
        small all over, or else they would all be moved.

    Returns
    -------
    pandas.DataFrame
        One row per segment and key: customers, share, lower, upper, overall, differs, more, most, as
        `order_shares` has them, and behind (customers of whom it holds once at least, or fails to,
        whichever are fewer).
    """
    joined = counted.inner_join(memberships(segments), "customer")
    cells = (
        joined.group_by(*_CELL)
        .agg(
            clusters=_.count(),
            some=(_.x > 0).cast("int64").sum(),
            lacking=(_.x < _.n).cast("int64").sum(),
            **_SUMS,
        )
        .to_pandas()
    )
    cells = cells[cells.clusters >= min_cell].set_index(_CELL).sort_index().astype("float64")
    sides = cells[["some", "lacking"]]
    made = pd.DataFrame({"behind": sides.where(sides > 0).min(axis=1)}).join(clustered(cells))
    made = _off_ends(made, cells.clusters, min_cell) if off_ends else made
    few = made.behind < min_cell
    made = made.mask(few).assign(customers=cells.clusters)
    n = cells.n.where(~few)
    return _compared(made, made.share * n, n.groupby("key").transform("sum")).reset_index()


def _off_ends(made: pd.DataFrame, clusters: pd.Series, min_cell: int) -> pd.DataFrame:
    """Move shares that few customers keep from nobody or everybody; they then stand for `min_cell` of them."""
    moved = disclosure.bounded(made.share, clusters, min_cell)
    few = (made.behind < min_cell) & (moved != made.share) & moved.notna()
    return made.assign(
        share=made.share.mask(few, moved),
        lower=made.lower.mask(few, np.minimum(made.lower, moved)),
        upper=made.upper.mask(few, np.maximum(made.upper, moved)),
        behind=made.behind.mask(few, float(min_cell)),
    )


def _compared(made: pd.DataFrame, x: pd.Series, n: pd.Series | float) -> pd.DataFrame:
    """Set shares beside those of all customers: x of n, by key."""
    overall = x.groupby("key").transform("sum") / n
    overall = overall.where(x.groupby("key").transform("count") > 0)
    differs = (made.lower > overall) | (made.upper < overall)
    more = (made.lower > overall) & (made.share >= STANDS_OUT * overall)
    highest = (
        made.share[made.share > 0].sort_values(ascending=False, kind="stable").groupby("segment").head(1)
    )
    most = made.index.isin(highest.index)
    return made.assign(overall=overall, differs=differs, more=more, most=most)
