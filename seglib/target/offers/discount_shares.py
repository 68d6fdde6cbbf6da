"""Discounts: how often segments order at one, and at which."""

from __future__ import annotations

import ibis
import pandas as pd
from ibis import _

from seglib.target.offers.finding import Finding, memberships, without_rows
from seglib.target.offers.shares import COLUMNS, rates

_TYPES = (
    {"segment": "int64"}
    | {c: t for c, t in COLUMNS.items() if c != "most"}
    | {"rate": "float64", "discounted": "float64"}
)


def discounts(orders: ibis.Table, transactions: ibis.Table, segments: pd.DataFrame) -> Finding:
    """Compare how often segments order at a discount, and at which.

    Parameters
    ----------
    orders
        One row per customer and order: customer, and discounted (bool) as far as known.
    transactions
        One row per product in an order: customer, amount and discount.
    segments
        One row per customer: customer, segment.

    Returns
    -------
    Finding
        One row per segment: as `shares.rates` has them, of orders; rate (median discount of the rows
        that had one, 0 to 1) and discounted (customers who had one).
    """
    if "discounted" not in orders.columns or "discount" not in transactions.columns:
        return Finding(without_rows(_TYPES), missing="transactions.discount")
    counted = orders.group_by("customer").agg(
        x=_.discounted.cast("int64").sum(), n=_.count(), key=ibis.literal(0)
    )
    table = rates(counted, segments)
    medians, remarks = _median_rates(transactions, segments)
    rate = table.segment.map(medians).astype("float64").where(table.share > 0)
    return Finding(table.assign(rate=rate, discounted=table.some)[list(_TYPES)].astype(_TYPES), remarks)


def _median_rates(
    transactions: ibis.Table, segments: pd.DataFrame
) -> tuple[pd.Series, tuple[dict[str, object], ...]]:
    given = transactions.filter(transactions.discount > 0).select(
        "customer", amount=_.amount.cast("float64"), discount=_.discount.cast("float64")
    )
    as_money = bool(given.agg(most=_.discount.max()).to_pandas().most.fillna(0)[0] > 1)
    rate = given.discount / (given.amount + given.discount) if as_money else given.discount
    joined = given.select("customer", rate=rate).inner_join(memberships(segments), "customer")
    medians = joined.group_by("segment").agg(rate=_.rate.median()).to_pandas().set_index("segment").rate
    return medians, ({"code": "discounts_in_money"},) if as_money else ()
