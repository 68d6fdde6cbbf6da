"""Purchase behaviour: how customers order, and through which channels."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis import _

from seglib.collect.features.orders import days_before, whole_years

#: The hour from which on it is evening.
EVENING = 18
GIFT_MONTHS = (11, 12)
#: Times between orders from which on a customer has a rhythm.
OWN_GAPS = 2
_ONLINE = (
    "online",
    "web",
    "website",
    "internet",
    "e-commerce",
    "ecommerce",
    "webshop",
    "web shop",
    "online shop",
    "app",
    "mobile",
    "mobile app",
)


def share(condition: ibis.Value) -> ibis.Value:
    """Compute the share of rows of which a condition is true."""
    return condition.cast("int64").mean()


def purchase_behaviour(
    transactions: ibis.Table,
    returns: ibis.Table,
    as_of: dt.date,
    not_products: tuple[str, ...],
    summed: ibis.Table,
    covered: frozenset[str] | None = None,
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
    summed
        One row per customer and order, as `orders` computes them.
    covered
        Which of gift_season_share and evening_share the orders tell; looked up in them if absent.

    Returns
    -------
    ibis.Table
        One row per customer with an order; the columns are described in `entries/behavioural.yaml`.
    """
    bound = covered is None
    counts = summed.group_by("customer").agg(
        **_of_orders(summed, as_of, _covered(summed, as_of) if covered is None else covered)
    )
    for counted in _breadth(transactions, not_products):
        counts = counts.left_join(counted.cache() if bound else counted, "customer").drop("customer_right")
    back = returns.group_by("customer").agg(back=returns.amount.sum())
    joined = counts.left_join(back, "customer")
    returned = -joined.back.cast("float64").fill_null(0) / joined.bought.cast("float64")
    columns = [c for c in counts.columns if c != "bought"]
    return joined.select(*columns, return_share=returned.clip(lower=0, upper=1))


def _covered(summed: ibis.Table, as_of: dt.date) -> frozenset[str]:
    """Find what orders tell of when customers order: of seasons if they cover a whole year, of evenings with hours."""
    spans = {"first": summed.time.min(), "last": summed.time.max()}
    known = summed.agg(**spans, hours=(summed.time != summed.time.truncate("D")).any()).to_pandas().iloc[0]
    years = (
        0 if pd.isna(known["first"]) else whole_years(known["first"].date(), known["last"].date(), as_of)[0]
    )
    told = {"gift_season_share": bool(years), "evening_share": bool(known.hours)}
    return frozenset(name for name, there in told.items() if there)


def _of_orders(summed: ibis.Table, as_of: dt.date, covered: frozenset[str]) -> dict[str, ibis.Value]:
    """List what orders say of their customer."""
    first, last = summed.time.min(), summed.time.max()
    span, gaps = last.date().delta(first.date(), unit="day"), summed.count() - 1
    features = {
        "recency": days_before(as_of, last),
        "days_between_orders": ibis.ifelse(gaps >= OWN_GAPS, span / gaps, ibis.null("float64")),
        "order_count": summed.count(),
        "tenure": days_before(as_of, first),
        "weekend_share": share(summed.time.day_of_week.index() >= 5),
        "bought": summed.amount.sum(),
    }
    if "gift_season_share" in covered:
        features["gift_season_share"] = share(summed.time.month().isin(GIFT_MONTHS))
    if "evening_share" in covered:
        features["evening_share"] = share(summed.time.hour() >= EVENING)
    if "items" in summed.columns:
        features["items_per_order"] = summed["items"].sum().cast("float64") / summed.count()
    if "discounted" in summed.columns:
        features["discount_share"] = share(summed.discounted)
    if "loyal" in summed.columns:
        features["loyalty_share"] = share(summed.loyal)
    return features


def _breadth(transactions: ibis.Table, not_products: tuple[str, ...]) -> list[ibis.Table]:
    """Count what customers have bought of, one table a count; each by itself, for together they do not fit.

    Customers of whose orders nothing is named are in none: what they bought is not known.
    """
    breadths = []
    for column, leave_out in (("product", not_products), ("category", ())):
        if column in transactions.columns:
            named = transactions.filter(transactions[column].notnull())
            counts = ~named[column].isin(leave_out) if leave_out else ibis.literal(True)
            pairs = named.select("customer", column, counts=counts).distinct()
            breadth = {f"{column}_breadth": pairs.counts.cast("int64").sum()}
            breadths.append(pairs.group_by("customer").agg(**breadth))
    return breadths


def channel_behaviour(summed: ibis.Table) -> ibis.Table:
    """Compute which channels each customer orders through.

    Parameters
    ----------
    summed
        One row per customer and order: customer, channel.

    Returns
    -------
    ibis.Table
        One row per customer of whose orders a channel is known: online_share, channel_breadth,
        main_channel.
    """
    counted = summed.filter(_.channel.notnull()).group_by("customer", "channel").agg(n=_.count())
    order = [ibis.desc("n"), ibis.asc("channel")]
    numbered = counted.mutate(place=ibis.row_number().over(group_by="customer", order_by=order))
    online = numbered.channel.strip().lower().isin(_ONLINE).cast("int64")
    return numbered.group_by("customer").agg(
        online_share=(numbered.n * online).sum() / numbered.n.sum(),
        channel_breadth=numbered.count(),
        main_channel=numbered.channel.max(where=numbered.place == 0),
    )
