"""Next products: what customers of a segment are likely to buy next, and whether co-purchase predicts it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from typing import Any

import ibis
import numpy as np
import pandas as pd
from scipy import sparse

from seglib.target.offers.finding import without_rows
from seglib.target.offers.intervals import of_customers, paired
from seglib.target.offers.purchases import MOST_CUSTOMERS, MOST_PRODUCTS, Purchases, purchases
from seglib.target.offers.rankers import METHODS, POPULAR, ranked, similarity
from seglib.target.offers.shares import fewest
from seglib.target.thresholds import LEAST_BUYERS, PLACES

#: Lengths of list that are tested; the last decides.
LENGTHS = (5, 10)
_FLOATS = ("customers", "rate", "lower", "upper", "gain", "gain_lower", "gain_upper")
_RATES = {
    "segment": "int64",
    "method": "string",
    "length": "int64",
    **dict.fromkeys(_FLOATS, "float64"),
    "used": "bool",
    "behind": "float64",
}
_NEXT = {
    "segment": "int64",
    "place": "int64",
    "product": "string",
    "share": "float64",
    "customers": "int64",
    "goes_with": "string",
    "together": "float64",
    "buyers": "float64",
    "method": "string",
}


@dataclass(frozen=True)
class NextProducts:
    """What segments are likely to buy next.

    Attributes
    ----------
    products
        One row per segment and place (1 is first): product, share (of the segment's customers who
        have it among the first `PLACES` of what they have not bought), customers (of the segment),
        goes_with (the product that it is bought with most; where co-purchase is used), together
        (share of the buyers of goes_with who bought it too), buyers (of goes_with), method.
    hit_rates
        One row per segment, method and length of the list: customers (whose last order held a product
        new to them), rate (of them, with such a product in the list), lower, upper, gain (over most
        popular), gain_lower, gain_upper, used (the method is), behind (customers who were hit, or
        missed, whichever are fewer).
    remarks
        What bounds the reading: a `code` each, with its numbers.
    missing
        The source or column that would be needed; empty where it is there.
    """

    products: pd.DataFrame
    hit_rates: pd.DataFrame
    remarks: tuple[dict[str, Any], ...] = ()
    missing: str = ""


def next_products(
    transactions: ibis.Table,
    segments: pd.DataFrame,
    not_products: Collection[str] = (),
    seed: int = 0,
    most: int = 10,
    least: int = LEAST_BUYERS,
) -> NextProducts:
    """Recommend products to segments, from what is bought together inside each of them.

    Each customer's last order is held out, where there are two; a method scores a hit if a product of
    that order, new to the customer, is on its list. The best of `METHODS` is used if its gain over the
    most popular products is above nothing at the longest list (`paired`); else the most popular are
    recommended.

    Parameters
    ----------
    transactions
        One row per product in an order: customer, order, time, product.
    segments
        One row per customer: customer, segment.
    not_products
        Products that count for nothing.
    seed
        Of the draw, where there are more than `MOST_CUSTOMERS` customers.
    most
        Products per segment.
    least
        Customers of a segment who must have bought a product, and on whose lists it must be.
    """
    if "product" not in transactions.columns:
        return NextProducts(*_nothing(), missing="transactions.product")
    bought = purchases(transactions, segments, least, not_products, seed)
    products, rates = ([part] for part in _nothing())
    for segment in sorted(pd.unique(bought.segments)):
        own = np.flatnonzero(bought.segments == segment)
        hits = _hits(bought, own, least)
        used = _best(hits)
        rates.append(_hit_rates(hits, used).assign(segment=segment))
        products.append(_listed(bought, own, used, least, most).assign(segment=segment))
    table, tested = (
        pd.concat([p for p in both if len(p)] or both[:1], ignore_index=True) for both in (products, rates)
    )
    return NextProducts(
        table[list(_NEXT)].astype(_NEXT), tested[list(_RATES)].astype(_RATES), _remarks(bought, table, least)
    )


def _nothing() -> tuple[pd.DataFrame, pd.DataFrame]:
    return without_rows(_NEXT), without_rows(_RATES)


def _recommendable(bought: sparse.csr_matrix, least: int) -> np.ndarray:
    """Choose the columns that enough customers bought, those with most buyers first."""
    buyers = np.asarray(bought.sum(axis=0)).ravel()
    order = np.argsort(-buyers, kind="stable")
    return order[buyers[order] >= max(least, 1)]


def _hits(bought: Purchases, own: np.ndarray, least: int) -> dict[tuple[str, int], np.ndarray]:
    """Try the methods on one segment: by method and length, whether each customer's list hit."""
    columns = _recommendable(bought.before[own], least)
    before = bought.before[own][:, columns]
    tested = np.flatnonzero(bought.fresh[own])
    new = bought.last[own][tested][:, columns]
    hits: dict[tuple[str, int], np.ndarray] = {}
    for method, fitted in METHODS.items():
        hit = np.zeros((len(tested), 0), dtype=bool)
        if len(columns) and len(tested):
            lists = ranked(fitted(before), before[tested], max(LENGTHS))
            at = np.repeat(np.arange(len(tested)), lists.shape[1]), np.maximum(lists, 0).ravel()
            hit = (np.asarray(new[at]).reshape(lists.shape) > 0) & (lists >= 0)
        hits |= {(method, length): np.asarray(hit[:, :length].any(axis=1)) for length in LENGTHS}
    return hits


def _gain(hits: dict[tuple[str, int], np.ndarray], method: str, length: int) -> tuple[float, float, float]:
    ours, theirs = hits[method, length], hits[POPULAR, length]
    return paired(ours, theirs) if len(ours) and method != POPULAR else (np.nan, np.nan, np.nan)


def _best(hits: dict[tuple[str, int], np.ndarray]) -> str:
    """Choose the method that beats the most popular products significantly, and by most."""
    gains = {method: _gain(hits, method, LENGTHS[-1]) for method in METHODS}
    significant = {method: gain for method, (gain, lower, __) in gains.items() if lower > 0}
    return max(significant, key=lambda method: significant[method]) if significant else POPULAR


def _hit_rates(hits: dict[tuple[str, int], np.ndarray], used: str) -> pd.DataFrame:
    """Compute the hit rates: one row per method and length."""
    rows = []
    for (method, length), hit in hits.items():
        gain, lower, upper = _gain(hits, method, length)
        counts = {"method": method, "length": length, "customers": len(hit), "hit": int(hit.sum())}
        gains = {"gain": gain, "gain_lower": lower, "gain_upper": upper}
        rows.append(counts | gains | {"used": method == used})
    table = pd.DataFrame(rows)
    return table.assign(
        rate=table.hit / table.customers.where(table.customers > 0),
        **of_customers(table.hit, table.customers),
        behind=fewest(table.hit, table.customers - table.hit),
    )


def _listed(bought: Purchases, own: np.ndarray, used: str, least: int, most: int) -> pd.DataFrame:
    """Recommend by all that was bought: one row per place."""
    ever = ((bought.before + bought.last)[own] > 0).astype("float32")
    columns = _recommendable(ever, least)
    if not len(columns):
        return _nothing()[0]
    ever = ever[:, columns]
    lists = ranked(METHODS[used](ever), ever, PLACES)
    reached = np.bincount(lists[lists >= 0], minlength=len(columns))
    order = np.argsort(-reached, kind="stable")
    order = order[reached[order] >= least][:most]
    names = bought.products[columns]
    near, together, buyers = _leading(ever, order, least) if used != POPULAR else _no_leading(len(order))
    return pd.DataFrame(
        {
            "place": range(1, len(order) + 1),
            "product": pd.array(names[order], dtype="string"),
            "share": reached[order] / len(own),
            "customers": len(own),
            "goes_with": pd.array([names[i] if i >= 0 else None for i in near], dtype="string"),
            "together": together,
            "buyers": buyers,
            "method": used,
        }
    )


def _no_leading(n: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    return np.full(n, -1), np.full(n, np.nan), np.full(n, np.nan)


def _leading(
    bought: sparse.csr_matrix, products: np.ndarray, least: int
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Find the product that goes with each: the most similar of those that enough customers bought with it."""
    both = (bought.T @ bought[:, products]).toarray()
    alike = similarity(bought)[:, products].toarray()
    alike[both < max(least, 1)] = 0
    near = alike.argmax(axis=0)
    at = np.arange(len(products))
    buyers = np.asarray(bought.sum(axis=0), dtype="float64").ravel()[near]
    there = alike[near, at] > 0
    share = both[near, at].astype("float64") / buyers
    return np.where(there, near, -1), np.where(there, share, np.nan), np.where(there, buyers, np.nan)


def _remarks(bought: Purchases, table: pd.DataFrame, least: int) -> tuple[dict[str, Any], ...]:
    remarks: list[dict[str, Any]] = []
    if bought.drawn_of > len(bought.segments):
        remarks.append({"code": "drawn", "most": MOST_CUSTOMERS, "of": bought.drawn_of})
    if len(bought.products) >= MOST_PRODUCTS:
        remarks.append({"code": "most_products", "most": MOST_PRODUCTS})
    if table.empty:
        remarks.append({"code": "no_products", "least": least})
    return tuple(remarks)
