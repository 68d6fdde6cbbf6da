"""Value features: what customers have brought, net of what went back."""

from __future__ import annotations

import ibis

from seglib.features.behavioural import orders
from seglib.features.catalogue import Feature
from seglib.features.derived import Derived, Settings

FEATURES: tuple[Feature, ...] = (
    Feature("net_value", "value", "ratio", "money", "Net value", "high value", "low value",
            "amount of all orders less returns and cancellations (monetary value)",
            "transactions"),
    Feature("order_value", "value", "ratio", "money", "Order value", "large baskets",
            "small baskets", "mean amount of an order", "transactions"),
)  # fmt: skip


def historic_value(transactions: ibis.Table, returns: ibis.Table) -> ibis.Table:
    """Compute what each customer has brought.

    Parameters
    ----------
    transactions, returns
        One row per product in an order, or in a return; amounts of returns are negative.

    Returns
    -------
    ibis.Table
        One row per customer with an order; the columns are described in `FEATURES`. Sums are
        made in money and become numbers at the end, so that they do not depend on the order
        in which rows were read.
    """
    placed = orders(transactions)
    made = placed.group_by("customer").agg(gross=placed.amount.sum(), n=placed.count())
    back = returns.group_by("customer").agg(back=returns.amount.sum())
    joined = made.left_join(back, "customer")
    zero = ibis.literal(0).cast(joined.gross.type())
    return joined.select(
        "customer",
        net_value=(joined.gross + joined.back.fill_null(zero)).cast("float64"),
        order_value=joined.gross.cast("float64") / joined.n,
    )


def derive(tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive what the sources allow: one row per customer."""
    if "transactions" not in tables:
        return Derived()
    return Derived((historic_value(tables["transactions"], tables["returns"]),), FEATURES)
