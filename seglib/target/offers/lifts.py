"""Lifts: what a segment's buyers buy more often than all other buyers."""

from __future__ import annotations

from collections.abc import Collection

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy import optimize, special

from seglib.statistics import ENDS
from seglib.target.offers.finding import Finding, memberships, without_rows
from seglib.target.thresholds import LEAST_BUYERS, LEAST_PRODUCTS, USUAL_STRENGTH

_STRENGTHS = (0.5, 1e5)
#: Products with most buyers that are compared.
MOST_ITEMS = 20_000
_TYPES = {
    **dict.fromkeys(("customers", "buyers"), "int64"),
    **dict.fromkeys(("share", "other_share"), "float64"),
    **dict.fromkeys(("elsewhere", "other_buyers"), "int64"),
    **dict.fromkeys(("lift", "lower", "upper"), "float64"),
    "more": "bool",
    **dict.fromkeys(("breadth", "relative"), "float64"),
}


def bought_more(
    transactions: ibis.Table,
    segments: pd.DataFrame,
    by: str = "product",
    not_products: Collection[str] = (),
    strength: float | None = None,
    most: int = 20,
    least: int = LEAST_BUYERS,
) -> Finding:
    """Find what each segment buys more than others.

    The lift of a product is the share of the segment's buyers who bought it over the share of all
    other buyers. Both shares are counted as though `strength` more customers had bought the
    product, in the segment and elsewhere alike: a lift that rests on few is shrunk towards 1. The
    bounds are those of the beta distribution that a beta-binomial model gives for the segment's
    part in a product's buyers. It is the empirical Bayes shrinkage of DuMouchel (1999, The American
    Statistician 53(3)) with one conjugate prior in place of two, centred at a lift of 1.

    Parameters
    ----------
    transactions
        One row per product in an order: customer and product, category or both.
    segments
        One row per customer: customer, segment.
    by
        product or category.
    not_products
        Products that count for nothing, such as postage.
    strength
        Customers added to each product; None estimates them per segment from the spread of all its
        products (maximum likelihood).
    most
        Rows per segment.
    least
        Customers of a segment who must have bought a product.

    Returns
    -------
    Finding
        One row per segment and product, those with the highest lower bound first: customers (of the
        segment, who bought it), buyers (of anything, in the segment), share, other_share, elsewhere
        (other customers who bought it), other_buyers, lift, lower, upper, more (lower is above 1),
        breadth (different products per buyer of the segment over those of other buyers), relative
        (lift over breadth: what is left where a segment buys more of everything).
    """
    if by not in transactions.columns:
        return Finding(_empty(by), missing=f"transactions.{by}")
    counts, sizes, more = _counts(transactions, segments, by, not_products)
    if len(sizes) < 2:
        return Finding(_empty(by), missing="two_segments")
    parts = [_of_segment(counts, sizes, s, strength, least) for s in sizes.index]
    table = pd.concat([p for p in parts if len(p)] or [_empty("item")], ignore_index=True)
    table = table.rename(columns={"item": by}).sort_values(
        ["segment", "lower", "lift", by], ascending=[True, False, False, True]
    )
    remarks = [{"code": "most_items", "most": MOST_ITEMS, "by": by}] if more else []
    remarks += [{"code": "no_items", "by": by, "least": least}] if table.empty else []
    return Finding(table.groupby("segment", sort=False).head(most).reset_index(drop=True), tuple(remarks))


def _empty(by: str) -> pd.DataFrame:
    return without_rows({"segment": "int64", by: "string", **_TYPES})


def counted_rows(transactions: ibis.Table, by: str, not_products: Collection[str]) -> ibis.Table:
    """Filter out what is no product, and rows that do not name what was bought."""
    known = transactions.filter(transactions[by].notnull())
    if not_products and "product" in known.columns:
        named = known.product.cast("string")
        known = known.filter(named.isnull() | named.notin(list(not_products)))
    return known


def _counts(
    transactions: ibis.Table, segments: pd.DataFrame, by: str, not_products: Collection[str]
) -> tuple[pd.DataFrame, pd.Series, bool]:
    """Count buyers: a row per item and a column per segment; all buyers by segment; whether items are left out."""
    rows = counted_rows(transactions, by, not_products)
    pairs = rows.select("customer", item=rows[by].cast("string")).distinct()
    of = memberships(segments)
    counted = pairs.inner_join(of, "customer").group_by("item", "segment").agg(n=_.count()).cache()
    totals = counted.group_by("item").agg(total=_.n.sum())
    kept = totals.order_by(ibis.desc("total"), ibis.asc("item")).limit(MOST_ITEMS)
    counts = counted.semi_join(kept, "item").to_pandas()
    buyers = (
        rows.select("customer").distinct().inner_join(of, "customer").group_by("segment").agg(n=_.count())
    )
    sizes = buyers.to_pandas().set_index("segment").n.sort_index()
    wide = counts.pivot(index="item", columns="segment", values="n").fillna(0).sort_index()
    return (
        wide.reindex(columns=sizes.index, fill_value=0),
        sizes,
        int(totals.count().to_pandas()) > MOST_ITEMS,
    )


def _of_segment(
    counts: pd.DataFrame, sizes: pd.Series, segment: object, strength: float | None, least: int
) -> pd.DataFrame:
    """Compare one segment with all others: one row per item that enough of its customers bought."""
    own, all_buyers = float(sizes[segment]), float(sizes.sum())
    others, usual = all_buyers - own, own / all_buyers
    bought, buyers = counts[segment], counts.sum(axis=1)
    elsewhere = buyers - bought
    if strength is None:
        strength = estimated(bought.to_numpy(), buyers.to_numpy(), usual)
    breadth = (bought.sum() / own) / max(elsewhere.sum() / others, 1 / others)
    enough = bought >= least
    a, b = bought[enough], elsewhere[enough]
    posterior = a + strength * usual, b + strength * (1 - usual)
    low, high = (special.betaincinv(*posterior, q) for q in ENDS)
    lift = (a / own + strength / all_buyers) / (b / others + strength / all_buyers)
    lower = low / (1 - low) * others / own
    return pd.DataFrame(
        {
            "segment": segment,
            "item": a.index.astype("string"),
            "customers": a.astype(int),
            "buyers": int(own),
            "share": a / own,
            "other_share": b / others,
            "elsewhere": b.astype(int),
            "other_buyers": int(others),
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
        share varies from product to product, much where it does not.
    """
    if len(buyers) < LEAST_PRODUCTS:
        return USUAL_STRENGTH
    pairs, weights = np.unique(np.column_stack([bought, buyers - bought]), axis=0, return_counts=True)

    def loss(log_strength: float) -> float:
        prior = np.exp(log_strength) * np.array([usual, 1 - usual])
        gain = special.betaln(pairs[:, 0] + prior[0], pairs[:, 1] + prior[1]) - special.betaln(*prior)
        return -float((weights * gain).sum())

    return float(np.exp(optimize.minimize_scalar(loss, bounds=np.log(_STRENGTHS), method="bounded").x))
