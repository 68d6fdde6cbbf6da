"""Next products: what customers of a segment are likely to buy next, and whether co-purchase tells it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from scipy import sparse

from seglib.privacy import disclosure
from seglib.target.offers.found import without_rows
from seglib.target.offers.intervals import of_customers, paired
from seglib.target.offers.purchases import MOST_CUSTOMERS, MOST_PRODUCTS, Purchases, purchases
from seglib.target.offers.rankers import METHODS, POPULAR, ranked, similarity
from seglib.target.thresholds import PLACES

#: Lengths of a list that is tried; the last decides.
LENGTHS = (5, 10)
_RATES = {
    "segment": "int64",
    "method": "string",
    "length": "int64",
    "customers": "float64",
    "rate": "float64",
    "lower": "float64",
    "upper": "float64",
    "gain": "float64",
    "gain_lower": "float64",
    "gain_upper": "float64",
    "used": "bool",
}
_NEXT = {
    "segment": "int64",
    "place": "int64",
    "product": "string",
    "share": "float64",
    "goes_with": "string",
    "together": "float64",
    "method": "string",
}


@dataclass(frozen=True)
class NextProducts:
    """What segments are likely to buy next.

    Attributes
    ----------
    products
        One row per segment and place (1 is first): product, share (of the segment's customers who
        have it among the first `PLACES` of what they have not bought), goes_with (the product that
        it is bought with most; where co-purchase is used), together (share of the buyers of goes_with who bought
        it too), method.
    hit_rates
        One row per segment, method and length of the list: customers (whose last order held a product
        new to them), rate (of them, with such a product in the list), lower, upper, gain (over most
        popular), gain_lower, gain_upper, used (the method is). Rates that stand for few are missing.
    remarks
        Sentences for the page: what bounds the reading.
    lacking
        The source or column that would tell; empty where it is there.
    """

    products: pd.DataFrame
    hit_rates: pd.DataFrame
    remarks: tuple[str, ...] = ()
    lacking: str = ""


def next_products(
    transactions: ibis.Table,
    segments: pd.DataFrame,
    min_cell: int,
    not_products: Collection[str] = (),
    seed: int = 0,
    most: int = 10,
) -> NextProducts:
    """Recommend products to segments, from what is bought together inside each of them.

    Each customer's last order is held out, where there are two; a method is as good as it names,
    among the first so many that the customer had not bought before, a product of that order. The
    best of `METHODS` is used if its gain over the most popular products is above nothing at the longest list
    (`paired`); else the most popular are recommended.

    Parameters
    ----------
    transactions
        One row per product in an order: customer, order, time, product.
    segments
        One row per customer: customer, segment.
    min_cell
        Products that fewer customers of a segment bought are never recommended to it, and segments
        of fewer customers are left out.
    not_products
        Products that count for nothing.
    seed
        Of the draw, where there are more than `MOST_CUSTOMERS` customers.
    most
        Products per segment.
    """
    if "product" not in transactions.columns:
        return NextProducts(*_nothing(), lacking="columns.product of sources.transactions")
    found = purchases(transactions, segments, min_cell, not_products, seed)
    products, rates = _nothing()
    parts, tried = [products], [rates]
    for segment in sorted(pd.unique(found.segments)):
        own = np.flatnonzero(found.segments == segment)
        if len(own) < min_cell:
            continue
        hits = _hits(found, own, min_cell)
        used = _best(hits)
        tried.append(_hit_rates(hits, used, min_cell).assign(segment=segment))
        parts.append(_listed(found, own, used, min_cell, most).assign(segment=segment))
    made, measured = (
        pd.concat([p for p in both if len(p)] or both[:1], ignore_index=True) for both in (parts, tried)
    )
    return NextProducts(
        made[list(_NEXT)].astype(_NEXT),
        measured[list(_RATES)].astype(_RATES),
        _remarks(found, made, min_cell),
    )


def _nothing() -> tuple[pd.DataFrame, pd.DataFrame]:
    return without_rows(_NEXT), without_rows(_RATES)


def _recommendable(bought: sparse.csr_matrix, min_cell: int) -> np.ndarray:
    """Choose the columns that enough customers bought, those with most buyers first."""
    buyers = np.asarray(bought.sum(axis=0)).ravel()
    order = np.argsort(-buyers, kind="stable")
    return order[buyers[order] >= max(min_cell, 1)]


def _hits(found: Purchases, own: np.ndarray, min_cell: int) -> dict[tuple[str, int], np.ndarray]:
    """Try the methods on one segment: by method and length, whether each customer's list hit."""
    columns = _recommendable(found.before[own], min_cell)
    before = found.before[own][:, columns]
    asked = np.flatnonzero(found.fresh[own])
    new = found.last[own][asked][:, columns]
    made = {}
    for method, fitted in METHODS.items():
        hit = np.zeros((len(asked), 0), dtype=bool)
        if len(columns) and len(asked):
            lists = ranked(fitted(before), before[asked], max(LENGTHS))
            at = np.repeat(np.arange(len(asked)), lists.shape[1]), np.maximum(lists, 0).ravel()
            hit = (np.asarray(new[at]).reshape(lists.shape) > 0) & (lists >= 0)
        made |= {(method, length): hit[:, :length].any(axis=1) for length in LENGTHS}
    return made


def _gain(hits: dict[tuple[str, int], np.ndarray], method: str, length: int) -> tuple[float, float, float]:
    ours, theirs = hits[method, length], hits[POPULAR, length]
    return paired(ours, theirs) if len(ours) and method != POPULAR else (np.nan, np.nan, np.nan)


def _best(hits: dict[tuple[str, int], np.ndarray]) -> str:
    """Choose the method that surely beats the most popular products by most."""
    gains = {method: _gain(hits, method, LENGTHS[-1]) for method in METHODS}
    surely = {method: gain for method, (gain, lower, __) in gains.items() if lower > 0}
    return max(surely, key=surely.get) if surely else POPULAR


def _hit_rates(hits: dict[tuple[str, int], np.ndarray], used: str, min_cell: int) -> pd.DataFrame:
    """Write down what each method hit: one row per method and length."""
    rows = []
    for (method, length), hit in hits.items():
        gain, lower, upper = _gain(hits, method, length)
        rows.append(
            {
                "method": method,
                "length": length,
                "customers": len(hit),
                "hit": int(hit.sum()),
                "gain": gain,
                "gain_lower": lower,
                "gain_upper": upper,
                "used": method == used,
            }
        )
    made = pd.DataFrame(rows)
    rate = made.hit / made.customers.where(made.customers > 0)
    made = made.assign(rate=rate, **of_customers(made.hit, made.customers))
    sides = pd.DataFrame({"hit": made.hit, "missed": made.customers - made.hit})
    few = ((sides > 0) & (sides < min_cell)).any(axis=1) | (made.customers < min_cell)
    numbers = ["rate", "lower", "upper", "gain", "gain_lower", "gain_upper"]
    few_there = few.groupby(made.length).transform("any")  # a gain and one rate would tell the other
    made[numbers[:3]] = made[numbers[:3]].mask(few)
    made[numbers[3:]] = made[numbers[3:]].mask(few_there)
    return made.assign(customers=made.customers.where(made.customers >= min_cell)).drop(columns="hit")


def _listed(found: Purchases, own: np.ndarray, used: str, min_cell: int, most: int) -> pd.DataFrame:
    """Recommend by all that was bought: one row per place."""
    bought = ((found.before + found.last)[own] > 0).astype("float32")
    columns = _recommendable(bought, min_cell)
    if not len(columns):
        return _nothing()[0]
    bought = bought[:, columns]
    lists = ranked(METHODS[used](bought), bought, PLACES)
    reached = np.bincount(lists[lists >= 0], minlength=len(columns))
    order = np.argsort(-reached, kind="stable")
    order = order[reached[order] >= min_cell][:most]
    names = found.products[columns]
    share = pd.Series(reached[order] / len(own))
    share = disclosure.bounded(share, pd.Series(len(own), index=share.index), min_cell)
    made = pd.DataFrame(
        {"place": range(1, len(order) + 1), "product": names[order], "share": share, "method": used}
    )
    near, together = _no_leading(len(order)) if used == POPULAR else _leading(bought, order, min_cell)
    goes_with = [names[i] if i >= 0 else None for i in near]
    return made.assign(
        goes_with=pd.array(goes_with, dtype="string"),
        together=together,
        product=made["product"].astype("string"),
    )


def _no_leading(n: int) -> tuple[np.ndarray, np.ndarray]:
    return np.full(n, -1), np.full(n, np.nan)


def _leading(bought: sparse.csr_matrix, products: np.ndarray, min_cell: int) -> tuple[np.ndarray, np.ndarray]:
    """Find the product that goes with each: the most alike of those that enough customers bought with it."""
    both = (bought.T @ bought[:, products]).toarray()
    alike = similarity(bought)[:, products].toarray()
    alike[both < max(min_cell, 1)] = 0
    near = alike.argmax(axis=0)
    at = np.arange(len(products))
    buyers = pd.Series(np.asarray(bought.sum(axis=0), dtype="float64").ravel()[near])
    share = disclosure.bounded(
        pd.Series(both[near, at].astype("float64")) / buyers, buyers, min_cell
    ).to_numpy()
    there = alike[near, at] > 0
    return np.where(there, near, -1), np.where(there, share, np.nan)


def _remarks(found: Purchases, made: pd.DataFrame, min_cell: int) -> tuple[str, ...]:
    said = []
    if found.drawn_of > len(found.segments):
        said.append(f"Next products stand on {MOST_CUSTOMERS:,} customers drawn from {found.drawn_of:,}.")
    if len(found.products) >= MOST_PRODUCTS:
        said.append(f"Only the {MOST_PRODUCTS:,} products with most buyers are looked at.")
    if made.empty:
        said.append(f"No segment has products that {min_cell} of its customers bought.")
    return tuple(said)
