"""Behavioural features: how customers order, visit, subscribe and answer campaigns."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis import _

from seglib.collect.features.catalogue import Feature
from seglib.collect.features.derived import Derived, Settings
from seglib.collect.features.orders import days_before, orders, placed, yes
from seglib.collect.features.subscriptions import contracts, latest_plan
from seglib.vocabulary import OTHER

__all__ = ["FEATURES", "days_before", "derive", "orders", "purchase_behaviour", "visit_behaviour"]

EVENING = (18, 24)
GIFT_MONTHS = (11, 12)
#: Days before as_of in which visits count.
RECENT = 90


def _feature(
    name: str,
    unit: str,
    label: str,
    high: str,
    low: str,
    meaning: str,
    needs: str = "transactions",
    level: str = "ratio",
) -> Feature:
    source = needs.split(".")[0]
    return Feature(
        name,
        "behavioural",
        level,
        unit,
        label,
        high,
        low,
        meaning,
        source,
        needs,
        describes=source == "campaigns",
    )


FEATURES: tuple[Feature, ...] = (
    _feature(
        "recency",
        "days",
        "Days since last order",
        "silent for long",
        "recent buyers",
        "days from the last order to as_of",
    ),
    _feature("order_count", "orders", "Orders", "many orders", "few orders", "number of orders (frequency)"),
    _feature(
        "tenure",
        "days",
        "Days since first order",
        "long-standing customers",
        "new customers",
        "days from the first order to as_of",
    ),
    _feature(
        "days_between_orders",
        "days",
        "Days between orders",
        "rare buyers",
        "frequent buyers",
        "mean days between two orders; missing after one order",
    ),
    _feature(
        "items_per_order",
        "items",
        "Items per order",
        "many items per order",
        "few items per order",
        "mean quantity of an order",
        "transactions.quantity",
    ),
    _feature(
        "product_breadth",
        "products",
        "Different products",
        "many different products",
        "few different products",
        "number of different products bought",
        "transactions.product",
    ),
    _feature(
        "category_breadth",
        "categories",
        "Different categories",
        "many categories",
        "few categories",
        "number of different categories bought from",
        "transactions.category",
    ),
    _feature(
        "weekend_share",
        "share",
        "Weekend share",
        "mostly at weekends",
        "mostly on weekdays",
        "share of orders on Saturday or Sunday",
    ),
    _feature(
        "evening_share",
        "share",
        "Evening share",
        "mostly in the evening",
        "mostly by day",
        "share of orders from 18 to 24 o'clock",
    ),
    _feature(
        "gift_season_share",
        "share",
        "Gift-season share",
        "mostly in the gift season",
        "mostly outside the gift season",
        "share of orders in November and December",
    ),
    _feature(
        "discount_share",
        "share",
        "Discount share",
        "mostly on discount",
        "mostly at full price",
        "share of orders with a discount",
        "transactions.discount",
    ),
    _feature(
        "return_share",
        "share",
        "Returned share",
        "many returns",
        "few returns",
        "value returned or cancelled, as a share of the value ordered",
    ),
    _feature(
        "online_share",
        "share",
        "Online share",
        "mostly online",
        "mostly offline",
        "share of orders through the web or an app, of those whose channel is known",
        "transactions.channel",
    ),
    _feature(
        "channel_breadth",
        "channels",
        "Channels",
        "many channels",
        "few channels",
        "number of different channels ordered through",
        "transactions.channel",
    ),
    _feature(
        "main_channel",
        "",
        "Main channel",
        "by {answer}",
        "",
        "channel of most orders; of two the first in the alphabet",
        "transactions.channel",
        "nominal",
    ),
    _feature(
        "loyalty_share",
        "share",
        "Loyalty share",
        "loyalty programme used much",
        "loyalty programme used little",
        "share of orders with loyalty card or points",
        "transactions.loyalty",
    ),
    _feature(
        "visits",
        "visits",
        "Visits in 90 days",
        "many visits",
        "few visits",
        "number of events in the 90 days before as_of",
        "events",
    ),
    _feature(
        "mobile_share",
        "share",
        "Mobile share",
        "mostly on the phone",
        "mostly on the desktop",
        "share of events from a phone or tablet",
        "events.device",
    ),
    _feature(
        "active_days",
        "days",
        "Active days in 90 days",
        "many active days",
        "few active days",
        "number of days with an event in the 90 days before as_of",
        "events",
    ),
    _feature(
        "sessions",
        "sessions",
        "Sessions in 90 days",
        "many sessions",
        "few sessions",
        "number of different sessions in the 90 days before as_of",
        "events.session",
    ),
    _feature(
        "contacts",
        "contacts",
        "Contacts",
        "contacted often",
        "contacted little",
        "number of campaign contacts, holdouts not counted; describes, as its effect is measured by segment",
        "campaigns",
    ),
    _feature(
        "response_rate",
        "share",
        "Response rate",
        "many answers to campaigns",
        "few answers to campaigns",
        "share of contacts that were responded to; describes, as contacts do",
        "campaigns.responded",
    ),
    _feature(
        "active_subscription",
        "",
        "Subscribes",
        "subscribers",
        "no subscription",
        "whether a contract runs on as_of",
        "subscriptions",
        "binary",
    ),
    _feature(
        "subscription_months",
        "months",
        "Months subscribed",
        "long under contract",
        "briefly under contract",
        "months of all contracts together",
        "subscriptions",
    ),
    _feature(
        "renewals",
        "renewals",
        "Renewals",
        "many renewals",
        "few renewals",
        "number of renewals of all contracts",
        "subscriptions.renewals",
    ),
    _feature(
        "plan",
        "",
        "Plan",
        "on plan {answer}",
        "",
        "plan of the contract begun last",
        "subscriptions.plan",
        "nominal",
    ),
)

_MOBILE = ("mobile", "phone", "smartphone", "tablet", "app", "ios", "android")
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


def _share(condition: ibis.Value) -> ibis.Value:
    return condition.cast("int64").mean()


def purchase_behaviour(
    transactions: ibis.Table,
    returns: ibis.Table,
    as_of: dt.date,
    not_products: list[str] | None = None,
    summed: ibis.Table | None = None,
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
        One row per customer and order, if that is computed already.

    Returns
    -------
    ibis.Table
        One row per customer with an order; the columns are described in `FEATURES`.
    """
    summed = orders(transactions) if summed is None else summed
    made = summed.group_by("customer").agg(**_of_orders(summed, as_of))
    for counted in _breadth(transactions, not_products or []):
        joined = made.left_join(counted, "customer").drop("customer_right")
        made = joined.mutate(
            **{name: joined[name].fill_null(0) for name in counted.columns if name != "customer"}
        )
    back = returns.group_by("customer").agg(back=returns.amount.sum())
    joined = made.left_join(back, "customer")
    returned = -joined.back.cast("float64").fill_null(0) / joined.bought.cast("float64")
    columns = [c for c in made.columns if c != "bought"]
    return joined.select(*columns, return_share=returned.clip(lower=0, upper=1))


def _of_orders(summed: ibis.Table, as_of: dt.date) -> dict[str, ibis.Value]:
    """List what orders say of their customer."""
    has_hours = bool(summed.agg(h=(summed.time != summed.time.truncate("D")).any()).to_pandas().h[0])
    first, last = summed.time.min(), summed.time.max()
    span, gaps = last.date().delta(first.date(), unit="day"), summed.count() - 1
    found = {
        "recency": days_before(as_of, last),
        "days_between_orders": ibis.ifelse(gaps > 0, span / gaps, ibis.null("float64")),
        "order_count": summed.count(),
        "tenure": days_before(as_of, first),
        "weekend_share": _share(summed.time.day_of_week.index() >= 5),
        "gift_season_share": _share(summed.time.month().isin(GIFT_MONTHS)),
        "bought": summed.amount.sum(),
    }
    if has_hours:
        found["evening_share"] = _share(summed.time.hour() >= EVENING[0])
    if "items" in summed.columns:
        found["items_per_order"] = summed["items"].sum().cast("float64") / summed.count()
    if "discounted" in summed.columns:
        found["discount_share"] = _share(summed.discounted)
    if "loyal" in summed.columns:
        found["loyalty_share"] = _share(summed.loyal)
    return found


def _breadth(transactions: ibis.Table, not_products: list[str]) -> list[ibis.Table]:
    """Count what customers have bought of, one table a count; each by itself, for together they do not fit."""
    found = []
    for column, leave_out in (("product", not_products), ("category", [])):
        if column in transactions.columns:
            known = transactions.filter(transactions[column].notnull(), transactions[column].notin(leave_out))
            pairs = known.select("customer", column).distinct()
            found.append(pairs.group_by("customer").agg(**{f"{column}_breadth": _.count()}).cache())
    return found


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


def _folded(frame: pd.DataFrame, column: str, min_cell: int) -> pd.DataFrame:
    """Call what fewer than `min_cell` customers have 'other'."""
    frequent = frame[column].map(frame[column].value_counts()) >= min_cell
    return frame.assign(**{column: frame[column].where(frequent, OTHER)})


def visit_behaviour(events: ibis.Table, as_of: dt.date) -> ibis.Table:
    """Compute how each customer visits.

    Parameters
    ----------
    events
        One row per event: customer, time, and as far as named device and session.
    as_of
        The day that everything is counted back from.

    Returns
    -------
    ibis.Table
        One row per customer with an event; the columns are described in `FEATURES`.
    """
    recent = days_before(as_of, events.time) <= RECENT
    features = {"visits": recent.cast("int64").sum(), "active_days": events.time.date().nunique(where=recent)}
    if "device" in events.columns:
        features["mobile_share"] = _share(events.device.lower().isin(_MOBILE).fill_null(False))
    if "session" in events.columns:
        features["sessions"] = events.session.nunique(where=recent)
    return events.group_by("customer").agg(**features)


def campaign_behaviour(campaigns: ibis.Table) -> ibis.Table:
    """Compute how each customer answers campaigns.

    Parameters
    ----------
    campaigns
        One row per customer and contact: customer, and as far as named holdout and responded.

    Returns
    -------
    ibis.Table
        One row per customer with a row there: contacts, and response_rate, which is missing
        without a contact. Holdouts are chosen and not contacted: they count for neither.
    """
    made = campaigns if "holdout" not in campaigns.columns else campaigns.filter(~yes(campaigns.holdout))
    features = {"contacts": made.count()}
    if "responded" in campaigns.columns:
        features["response_rate"] = _share(yes(made.responded))
    known = campaigns.select("customer").distinct()
    joined = known.left_join(made.group_by("customer").agg(**features), "customer").drop("customer_right")
    return joined.mutate(contacts=_.contacts.fill_null(0))


def derive(tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive what the sources allow: one row per customer."""
    frames: list[ibis.Table | pd.DataFrame] = []
    as_of = settings.as_of
    if "transactions" in tables:
        summed = placed(tables)
        frames.append(
            purchase_behaviour(
                tables["transactions"], tables["returns"], as_of, list(settings.not_products), summed
            )
        )
        if "channel" in summed.columns:
            frames.append(_folded(channel_behaviour(summed).to_pandas(), "main_channel", settings.min_cell))
    if "events" in tables:
        frames.append(visit_behaviour(tables["events"], as_of))
    if "campaigns" in tables:
        frames.append(campaign_behaviour(tables["campaigns"]))
    if "subscriptions" in tables:
        frames.append(contracts(tables["subscriptions"], as_of))
        if "plan" in tables["subscriptions"].columns:
            frames.append(
                _folded(latest_plan(tables["subscriptions"]).to_pandas(), "plan", settings.min_cell)
            )
    return Derived(tuple(frames), FEATURES)
