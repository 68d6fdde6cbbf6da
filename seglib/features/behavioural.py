"""Behavioural features: how customers order, and how they visit."""

from __future__ import annotations

import datetime as dt

import ibis
from ibis import _

from seglib.features.catalogue import Feature
from seglib.features.derived import Derived, Settings

_BASIS = "behavioural"
EVENING = (18, 24)
GIFT_MONTHS = (11, 12)


def _feature(name: str, unit: str, label: str, high: str, low: str, meaning: str,
             source: str = "transactions") -> Feature:  # fmt: skip
    return Feature(name, _BASIS, "ratio", unit, label, high, low, meaning, source)


FEATURES: tuple[Feature, ...] = (
    _feature("recency", "days", "Days since last order", "silent for long", "bought lately",
             "days from the last order to as_of"),
    _feature("order_count", "orders", "Orders", "many orders", "few orders",
             "number of orders (frequency)"),
    _feature("tenure", "days", "Days since first order", "long with us", "new with us",
             "days from the first order to as_of"),
    _feature("days_between_orders", "days", "Days between orders", "long gaps", "short gaps",
             "mean days between two orders; missing after one order"),
    _feature("items_per_order", "items", "Items per order", "many items at once",
             "few items at once", "mean quantity of an order"),
    _feature("product_breadth", "products", "Different products", "broad range", "narrow range",
             "number of different products bought"),
    _feature("category_breadth", "categories", "Different categories", "many categories",
             "few categories", "number of different categories bought from"),
    _feature("weekend_share", "share", "Weekend share", "weekend orders", "weekday orders",
             "share of orders on Saturday or Sunday"),
    _feature("evening_share", "share", "Evening share", "evening orders", "daytime orders",
             "share of orders from 18 to 24 o'clock"),
    _feature("gift_season_share", "share", "Gift-season share", "gift season orders",
             "orders outside the gift season", "share of orders in November and December"),
    _feature("discount_share", "share", "Discount share", "buy on discount", "buy at full price",
             "share of orders with a discount"),
    _feature("return_share", "share", "Returned share", "return often", "return little",
             "value returned or cancelled, as a share of the value ordered"),
    _feature("visits", "visits", "Visits in 90 days", "many visits", "few visits",
             "number of events in the 90 days before as_of", "events"),
    _feature("mobile_share", "share", "Mobile share", "on the phone", "on the desktop",
             "share of events from a phone or tablet", "events"),
)  # fmt: skip

_MOBILE = ("mobile", "phone", "smartphone", "tablet", "app", "ios", "android")


def orders(transactions: ibis.Table) -> ibis.Table:
    """Sum transactions up to orders.

    Returns
    -------
    ibis.Table
        One row per customer and order: time (of its first row), amount (money), and as far as
        the source has them items and discounted (0 or 1).
    """
    sums = {"time": transactions.time.min(), "amount": transactions.amount.sum()}
    if "quantity" in transactions.columns:
        sums["items"] = transactions.quantity.round(3).cast("decimal(18, 3)").sum()
    if "discount" in transactions.columns:
        sums["discounted"] = (transactions.discount > 0).fill_null(False).cast("int64").max()
    return transactions.group_by("customer", "order").agg(**sums)


def _share(condition: ibis.Value) -> ibis.Value:
    return condition.cast("int64").mean()


def days_before(as_of: dt.date, time: ibis.Value) -> ibis.Value:
    """Count whole days from a time to `as_of`."""
    return ibis.literal(as_of).delta(time.date(), unit="day")


def purchase_behaviour(
    transactions: ibis.Table,
    returns: ibis.Table,
    as_of: dt.date,
    not_products: list[str] | None = None,
) -> ibis.Table:
    """Compute how each customer orders.

    Parameters
    ----------
    transactions, returns
        One row per product in an order, or in a return: customer, order, time, amount, ….
    as_of
        The day that everything is counted back from.
    not_products
        Products that do not count for breadth, such as postage.

    Returns
    -------
    ibis.Table
        One row per customer with an order; the columns are described in `FEATURES`.
    """
    placed = orders(transactions)
    has_hours = bool(placed.agg(h=(placed.time != placed.time.truncate("D")).any()).to_pandas().h[0])
    first, last = placed.time.min(), placed.time.max()
    span, gaps = last.date().delta(first.date(), unit="day"), placed.count() - 1
    features = {
        "recency": days_before(as_of, last),
        "days_between_orders": ibis.ifelse(gaps > 0, span / gaps, ibis.null("float64")),
        "order_count": placed.count(),
        "tenure": days_before(as_of, first),
        "weekend_share": _share(placed.time.day_of_week.index() >= 5),
        "gift_season_share": _share(placed.time.month().isin(GIFT_MONTHS)),
    }
    if has_hours:
        features["evening_share"] = _share(placed.time.hour() >= EVENING[0])
    if "items" in placed.columns:
        features["items_per_order"] = placed["items"].sum().cast("float64") / placed.count()
    if "discounted" in placed.columns:
        features["discount_share"] = placed.discounted.mean()
    made = placed.group_by("customer").agg(**features)
    for role in ("product", "category"):
        if role in transactions.columns:
            counted = transactions
            if role == "product" and not_products:
                counted = transactions.filter(transactions.product.notin(not_products))
            breadth = counted.group_by("customer").agg(**{f"{role}_breadth": counted[role].nunique()})
            made = made.left_join(breadth, "customer").drop("customer_right")
            made = made.mutate(**{f"{role}_breadth": made[f"{role}_breadth"].fill_null(0)})
    back = returns.group_by("customer").agg(back=returns.amount.sum())
    bought = transactions.group_by("customer").agg(bought=transactions.amount.sum())
    shares = bought.left_join(back, "customer").select(
        "customer",
        return_share=(
            -_.back.cast("float64").fill_null(0) / _.bought.cast("float64")
        ).clip(lower=0, upper=1),
    )  # fmt: skip
    return made.inner_join(shares, "customer")


def visit_behaviour(events: ibis.Table, as_of: dt.date) -> ibis.Table:
    """Compute how each customer visits.

    Parameters
    ----------
    events
        One row per event: customer, time, and as far as named device.
    as_of
        The day that everything is counted back from.

    Returns
    -------
    ibis.Table
        One row per customer with an event; the columns are described in `FEATURES`.
    """
    recent = (days_before(as_of, events.time) <= 90).cast("int64").sum()
    features = {"visits": recent}
    if "device" in events.columns:
        features["mobile_share"] = _share(events.device.lower().isin(_MOBILE).fill_null(False))
    return events.group_by("customer").agg(**features)


def derive(tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive what the sources allow: one row per customer."""
    frames = []
    if "transactions" in tables:
        frames.append(purchase_behaviour(
            tables["transactions"], tables["returns"], settings.as_of, list(settings.not_products)))  # fmt: skip
    if "events" in tables:
        frames.append(visit_behaviour(tables["events"], settings.as_of))
    return Derived(tuple(frames), FEATURES)
