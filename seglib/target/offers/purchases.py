"""Purchases: who bought what before the last order, and what was new in it."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass

import ibis
import numpy as np
import pandas as pd
from ibis import _
from scipy import sparse

from seglib.target.offers.finding import memberships
from seglib.target.offers.lifts import counted_rows

#: Bounds of what leaves the engine.
MOST_CUSTOMERS = 100_000
MOST_PRODUCTS = 5_000


@dataclass(frozen=True)
class Purchases:
    """Pairs of customer and product, outside the engine.

    Attributes
    ----------
    products
        Names, those with most buyers first.
    segments
        The segment of each customer that was drawn.
    before, last
        Customers by products, 0 or 1: bought before the last order, and bought in it. Who ordered
        once has all of it before.
    fresh
        Whether a customer's last order held a product new to them, one without a column among them.
    drawn_of
        Customers from whom these were drawn.
    left_out
        Products without a column: of too few buyers, or beyond `MOST_PRODUCTS`.
    """

    products: np.ndarray
    segments: np.ndarray
    before: sparse.csr_matrix
    last: sparse.csr_matrix
    fresh: np.ndarray
    drawn_of: int
    left_out: int


def purchases(
    transactions: ibis.Table,
    segments: pd.DataFrame,
    least: int,
    not_products: Collection[str] = (),
    seed: int = 0,
) -> Purchases:
    """Take pairs of customer and product from the engine, the last order separated from those before.

    Parameters
    ----------
    transactions
        One row per product in an order: customer, order, time, product.
    segments
        One row per customer: customer, segment.
    least
        Buyers that a product with a column has.
    not_products
        Products that count for nothing.
    seed
        Of the draw, where there are more than `MOST_CUSTOMERS` customers.
    """
    rows = counted_rows(transactions, "product", not_products)
    rows = rows.select("customer", "order", "time", product=rows.product.cast("string"))
    known = rows.select("customer").distinct().inner_join(memberships(segments), "customer").to_pandas()
    known = known.sort_values("customer", ignore_index=True)
    drawn = known
    if len(known) > MOST_CUSTOMERS:
        chosen = np.random.default_rng(seed).choice(len(known), MOST_CUSTOMERS, replace=False)
        drawn = known.loc[np.sort(chosen)].reset_index(drop=True)
    pairs = _bought(rows, drawn)
    columns, n = _columns(pairs, least)
    coded = _coded(pairs, columns)
    at = pd.Index(drawn.customer).get_indexer(coded.customer)
    kept = (coded.code >= 0).to_numpy()
    shape = len(drawn), len(columns)
    before, last = (
        _matrix(at[kept & coded[c]], coded.code[kept & coded[c]], shape) for c in ("before", "last")
    )
    fresh = np.zeros(len(drawn), dtype=bool)
    fresh[at[coded.new]] = True
    return Purchases(
        columns.to_numpy(), drawn.segment.to_numpy(), before, last, fresh, len(known), n - len(columns)
    )


def _bought(rows: ibis.Table, drawn: pd.DataFrame) -> ibis.Table:
    """Sum up rows: one row per customer and product, with whether it was bought before and in the last order."""
    own = rows.inner_join(ibis.memtable(drawn[["customer"]]), "customer")
    placed = own.group_by("customer", "order").agg(time=_.time.min())
    newest = [ibis.desc("time"), ibis.desc("order")]
    numbered = placed.mutate(
        place=ibis.row_number().over(group_by="customer", order_by=newest),
        orders=_.count().over(group_by="customer"),
    )
    is_last = ((numbered.place == 0) & (numbered.orders > 1)).cast("int64")
    marked = own.inner_join(numbered.select("customer", "order", is_last=is_last), ["customer", "order"])
    made = marked.group_by("customer", "product").agg(before=_.is_last.min() == 0, last=_.is_last.max() == 1)
    return made.cache()  # it is counted twice and then taken


def _columns(pairs: ibis.Table, least: int) -> tuple[pd.Series, int]:
    """Choose the products that have a column, those with most buyers first, and count all."""
    counted = pairs.group_by("product").agg(n=_.count())
    n = int(counted.count().to_pandas())
    enough = counted.filter(_.n >= least).order_by(ibis.desc("n"), ibis.asc("product"))
    return enough.limit(MOST_PRODUCTS).to_pandas()["product"], n


def _coded(pairs: ibis.Table, columns: pd.Series) -> pd.DataFrame:
    """Name products by their column (-1 without one): one row per customer and column."""
    codes = ibis.memtable(
        pd.DataFrame({"name": columns.astype("string"), "code": np.arange(len(columns))}),
        schema={"name": "string", "code": "int64"},
    )
    coded = pairs.left_join(codes, pairs.product == codes.name).mutate(code=_.code.fill_null(-1))
    return (
        coded.group_by("customer", "code")
        .agg(before=_.before.any(), last=_["last"].any(), new=(_["last"] & ~_.before).any())
        .to_pandas()
    )


def _matrix(rows: np.ndarray, columns: pd.Series, shape: tuple[int, int]) -> sparse.csr_matrix:
    ones = np.ones(len(rows), dtype="float32")
    return sparse.csr_matrix((ones, (rows, columns.to_numpy())), shape=shape)
