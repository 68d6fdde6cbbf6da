"""Behavioural features: how customers order, visit, subscribe and answer campaigns."""

from __future__ import annotations

import datetime as dt

import ibis
from ibis import _

from seglib.collect.features.catalogue import entries
from seglib.collect.features.categories import folded
from seglib.collect.features.derived import Derived, Settings
from seglib.collect.features.orders import days_before, placed, yes
from seglib.collect.features.purchases import channel_behaviour, purchase_behaviour, share
from seglib.collect.features.subscriptions import contracts, latest_plan

#: Days before as_of in which visits count.
RECENT = 90
FEATURES = tuple(entries("behavioural").values())

_MOBILE = ("mobile", "phone", "smartphone", "tablet", "app", "ios", "android")


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
        One row per customer with an event; the columns are described in `entries/behavioural.yaml`.
    """
    recent = days_before(as_of, events.time) <= RECENT
    features = {"visits": recent.cast("int64").sum(), "active_days": events.time.date().nunique(where=recent)}
    if "device" in events.columns:
        features["mobile_share"] = share(events.device.lower().isin(_MOBILE).fill_null(False))
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
    contacted = campaigns if "holdout" not in campaigns.columns else campaigns.filter(~yes(campaigns.holdout))
    features = {"contacts": contacted.count()}
    if "responded" in campaigns.columns:
        features["response_rate"] = share(yes(contacted.responded))
    customers = campaigns.select("customer").distinct()
    joined = customers.left_join(contacted.group_by("customer").agg(**features), "customer").drop(
        "customer_right"
    )
    return joined.mutate(contacts=_.contacts.fill_null(0))


def as_given(customers: ibis.Table, features: dict[str, str]) -> list[ibis.Table]:
    """Take figures that were counted elsewhere, where there are no transactions: one row per customer.

    Parameters
    ----------
    customers
        One row per customer, with roles.
    features
        By role, the feature that it is.
    """
    there = {feature: customers[role] for role, feature in features.items() if role in customers.columns}
    return [customers.select("customer", **there)] if there else []


def derive(tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive what the sources allow: one row per customer."""
    frames: list[ibis.Table] = []
    as_of = settings.as_of
    if "transactions" in tables:
        sold, returned, summed = tables["transactions"], tables["returns"], placed(tables)
        frames.append(purchase_behaviour(sold, returned, as_of, settings.not_products, summed))
        if "channel" in summed.columns:
            frames.append(folded(channel_behaviour(summed), ["main_channel"], settings.min_cell))
    elif "customers" in tables:
        frames += as_given(tables["customers"], {"recency": "recency", "frequency": "order_count"})
    if "events" in tables:
        frames.append(visit_behaviour(tables["events"], as_of))
    if "campaigns" in tables:
        frames.append(campaign_behaviour(tables["campaigns"]))
    if "subscriptions" in tables:
        subscriptions = tables["subscriptions"]
        frames.append(contracts(subscriptions, as_of))
        if "plan" in subscriptions.columns:
            frames.append(folded(latest_plan(subscriptions), ["plan"], settings.min_cell))
    return Derived(tuple(frames), FEATURES)
