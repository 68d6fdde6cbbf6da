"""Discounts: how often segments order at one, and at which."""

from __future__ import annotations

import ibis
import pandas as pd
from ibis import _

from seglib.target.offers.found import Found, memberships, without_rows
from seglib.target.offers.shares import COLUMNS, rates

_TYPES = (
    {"segment": "int64"}
    | {c: t for c, t in COLUMNS.items() if c != "most"}
    | {"behind": "float64", "rate": "float64"}
)


def discounts(orders: ibis.Table, transactions: ibis.Table, segments: pd.DataFrame, min_cell: int) -> Found:
    """Compare how often segments order at a discount, and at which.

    Parameters
    ----------
    orders
        One row per customer and order: customer, and discounted (bool) as far as known.
    transactions
        One row per product in an order: customer, amount and discount.
    segments
        One row per customer: customer, segment.
    min_cell
        Shares that stand for fewer customers are missing, with those that would give them away.

    Returns
    -------
    Found
        One row per segment: customers (who ordered), share (of orders with a discount), lower, upper,
        overall, differs, more, behind (customers who had one, or an order without, whichever are fewer),
        rate (median discount of the rows that had one, 0 to 1).
    """
    if "discounted" not in orders.columns or "discount" not in transactions.columns:
        return Found(without_rows(_TYPES), lacking="columns.discount of sources.transactions")
    counted = orders.group_by("customer").agg(
        x=_.discounted.cast("int64").sum(), n=_.count(), key=ibis.literal(0)
    )
    made = rates(counted, segments, min_cell, off_ends=True).drop(columns="key")
    found, remarks = _median_rates(transactions, segments)
    shown = made.assign(rate=made.segment.map(found).astype("float64").where(made.share > 0))
    return Found(
        shown[list(_TYPES)],
        remarks if len(made) else (f"No segment has {min_cell} customers with an order.",),
    )


def _median_rates(transactions: ibis.Table, segments: pd.DataFrame) -> tuple[pd.Series, tuple[str, ...]]:
    given = transactions.filter(transactions.discount > 0).select(
        "customer", amount=_.amount.cast("float64"), discount=_.discount.cast("float64")
    )
    as_money = bool(given.agg(most=_.discount.max()).to_pandas().most.fillna(0)[0] > 1)
    rate = given.discount / (given.amount + given.discount) if as_money else given.discount
    joined = given.select("customer", rate=rate).inner_join(memberships(segments), "customer")
    found = joined.group_by("segment").agg(rate=_.rate.median()).to_pandas().set_index("segment").rate
    return found, (
        "Discounts are read as money taken off before the amount that was paid.",
    ) if as_money else ()
