"""Lifts: what a segment's buyers buy more often than all others do."""

from __future__ import annotations

from collections.abc import Collection

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy import optimize, special

from seglib.statistics import ENDS
from seglib.target.offers.found import Found, memberships, without_rows
from seglib.target.thresholds import LEAST_PRODUCTS, USUAL_STRENGTH

_STRENGTHS = (0.5, 1e5)
#: Products with most buyers that are looked at.
MOST_ITEMS = 20_000
_TYPES = {
    "customers": "int64",
    "buyers": "int64",
    "share": "float64",
    "other_share": "float64",
    "lift": "float64",
    "lower": "float64",
    "upper": "float64",
    "more": "bool",
    "breadth": "float64",
    "relative": "float64",
}


def bought_more(
    transactions: ibis.Table,
    segments: pd.DataFrame,
    min_cell: int,
    by: str = "product",
    not_products: Collection[str] = (),
    strength: float | None = None,
    most: int = 20,
) -> Found:
    """Find what each segment buys more than others.

    The lift of a product is the share of the segment's buyers who bought it over the share of all
    other buyers. Both shares are counted as though `strength` more customers had bought the
    product, in the segment and elsewhere alike: a lift that few stand for is drawn to 1. The bounds
    are those of the beta distribution that a beta-binomial model gives for the segment's part in a
    product's buyers. It is the empirical Bayes shrinkage of DuMouchel (1999, The American
    Statistician 53(3)) with one conjugate prior in place of two, centred at a lift of 1.

    Parameters
    ----------
    transactions
        One row per product in an order: customer and product, category or both.
    segments
        One row per customer: customer, segment.
    min_cell
        What fewer customers of a segment bought is never shown; in what is, such a cell counts as half
        of it. Where fewer did not buy, so many are taken not to have bought.
    by
        product or category.
    not_products
        Products that count for nothing, such as postage.
    strength
        Customers added to each product; None estimates them per segment from the spread of all its
        products (maximum likelihood).
    most
        Rows of a segment.

    Returns
    -------
    Found
        One row per segment and product, those with the highest lower bound first: customers (of the
        segment, who bought it), buyers (of anything, in the segment), share, other_share (missing
        where it stands for few), lift, lower, upper, more (lower is above 1), breadth (different
        products of a buyer of the segment over those of other buyers; of products that enough bought),
        relative (lift over breadth: what is left where a segment buys more of everything).
    """
    if by not in transactions.columns:
        return Found(_empty(by), lacking=f"columns.{by} of sources.transactions")
    counts, sizes, more = _counts(transactions, segments, by, not_products, min_cell)
    if len(sizes) < 2:
        return Found(_empty(by), lacking=f"two segments whose {by} is known")
    coded = _coded(counts, sizes, min_cell)
    parts = [
        _of_segment(coded, sizes, s, min_cell, strength)
        for s in sizes.index
        if min(sizes[s], sizes.sum() - sizes[s]) >= min_cell
    ]
    made = pd.concat([p for p in parts if len(p)] or [_empty("item")], ignore_index=True)
    made = made.rename(columns={"item": by}).sort_values(
        ["segment", "lower", "lift", by], ascending=[True, False, False, True]
    )
    return Found(
        made.groupby("segment", sort=False).head(most).reset_index(drop=True),
        _remarks(sizes, made, by, min_cell, more),
    )


def _empty(by: str) -> pd.DataFrame:
    return without_rows({"segment": "int64", by: "string", **_TYPES})


def counted_rows(transactions: ibis.Table, by: str, not_products: Collection[str]) -> ibis.Table:
    """Leave out what is no product, and rows that do not say what was bought."""
    known = transactions.filter(transactions[by].notnull())
    if not_products and "product" in known.columns:
        named = known.product.cast("string")
        known = known.filter(named.isnull() | named.notin(list(not_products)))
    return known


def _counts(
    transactions: ibis.Table, segments: pd.DataFrame, by: str, not_products: Collection[str], min_cell: int
) -> tuple[pd.DataFrame, pd.Series, bool]:
    """Count buyers: one row per item and a column per segment; all buyers by segment; and whether there are more.

    Items that fewer than `min_cell` customers of all segments bought can be shown for none and stay in
    the engine.
    """
    rows = counted_rows(transactions, by, not_products)
    pairs = rows.select("customer", item=rows[by].cast("string")).distinct()
    of = memberships(segments)
    counted = pairs.inner_join(of, "customer").group_by("item", "segment").agg(n=_.count()).cache()
    totals = counted.group_by("item").agg(total=_.n.sum()).filter(_.total >= min_cell)
    kept = totals.order_by(ibis.desc("total"), ibis.asc("item")).limit(MOST_ITEMS)
    found = counted.semi_join(kept, "item").to_pandas()
    buyers = (
        rows.select("customer").distinct().inner_join(of, "customer").group_by("segment").agg(n=_.count())
    )
    sizes = buyers.to_pandas().set_index("segment").n.sort_index()
    wide = found.pivot(index="item", columns="segment", values="n").fillna(0).sort_index()
    return (
        wide.reindex(columns=sizes.index, fill_value=0),
        sizes,
        int(totals.count().to_pandas()) > MOST_ITEMS,
    )


def _coded(counts: pd.DataFrame, sizes: pd.Series, min_cell: int) -> pd.DataFrame:
    """Replace the cells of few customers, so that nothing that follows from them tells their number."""
    made = counts.mask((counts > 0) & (counts < min_cell), min_cell / 2)
    nearly = counts.lt(sizes, axis=1) & counts.gt(sizes - min_cell, axis=1)
    return made.mask(nearly & (counts >= min_cell), (sizes - min_cell).clip(lower=0), axis=1)


def _of_segment(
    coded: pd.DataFrame, sizes: pd.Series, segment: object, min_cell: int, strength: float | None
) -> pd.DataFrame:
    """Compare one segment with all others: one row per item that enough of it bought."""
    own, all_buyers = float(sizes[segment]), float(sizes.sum())
    others, usual = all_buyers - own, own / all_buyers
    bought, buyers = coded[segment], coded.sum(axis=1)
    elsewhere = buyers - bought
    if strength is None:
        told = buyers >= len(sizes) * (min_cell - 1)  # the cells of the others may all be coded
        strength = estimated(bought[told].to_numpy(), buyers[told].to_numpy(), usual)
    breadth = (bought.sum() / own) / max(elsewhere.sum() / others, 1 / others)
    shown = bought >= min_cell
    a, b = bought[shown], elsewhere[shown]
    posterior = a + strength * usual, b + strength * (1 - usual)
    low, high = (special.betaincinv(*posterior, q) for q in ENDS)
    few = (b > 0) & (b < min_cell)
    lift = (a / own + strength / all_buyers) / (b / others + strength / all_buyers)
    lower = low / (1 - low) * others / own
    return pd.DataFrame(
        {
            "segment": segment,
            "item": a.index.astype("string"),
            "customers": a.astype(int),
            "buyers": int(own),
            "share": a / own,
            "other_share": (b / others).mask(few),
            "lift": lift,
            "lower": lower,
            "upper": high / np.maximum(1 - high, 1e-12) * others / own,
            "more": lower > 1,
            "breadth": breadth,
            "relative": lift / breadth if breadth > 0 else np.nan,
        }
    ).reset_index(drop=True)


def estimated(bought: np.ndarray, buyers: np.ndarray, usual: float) -> float:
    """Estimate how many customers to add to each product, from how much the products differ.

    Parameters
    ----------
    bought, buyers
        Per product, its buyers in the segment and all of them.
    usual
        The segment's share of all buyers.

    Returns
    -------
    float
        The strength of a beta-binomial prior (maximum likelihood): little where the segment's
        share differs much from product to product, much where it does not.
    """
    if len(buyers) < LEAST_PRODUCTS:
        return USUAL_STRENGTH
    pairs, weights = np.unique(np.column_stack([bought, buyers - bought]), axis=0, return_counts=True)

    def loss(log_strength: float) -> float:
        prior = np.exp(log_strength) * np.array([usual, 1 - usual])
        gain = special.betaln(pairs[:, 0] + prior[0], pairs[:, 1] + prior[1]) - special.betaln(*prior)
        return -float((weights * gain).sum())

    return float(np.exp(optimize.minimize_scalar(loss, bounds=np.log(_STRENGTHS), method="bounded").x))


def _remarks(sizes: pd.Series, made: pd.DataFrame, by: str, min_cell: int, more: bool) -> tuple[str, ...]:
    few = int((sizes < min_cell).sum())
    said = [f"Segments with fewer than {min_cell} buyers are left out ({few})."] if few else []
    if more:
        said.append(f"Only the {MOST_ITEMS:,} with most buyers are looked at, by {by}.")
    if made.empty:
        said.append(f"No {by} was bought by {min_cell} customers of a segment that can be shown.")
    return tuple(said)
