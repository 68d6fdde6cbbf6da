"""Purchase-cycle features: where customers are between a first order and the last."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd

from seglib.collect.features.catalogue import entries
from seglib.collect.features.derived import Derived, Settings
from seglib.collect.features.orders import days_before, placed

FEATURES = tuple(entries("purchase_cycle").values())

_NOW = ["recency", "order_count", "days_between_orders"]


def rhythms(summed: ibis.Table, as_of: dt.date) -> ibis.Table:
    """Compute each customer's rhythm, now and on the day before the last one with an order.

    Parameters
    ----------
    summed
        One row per customer and order: customer, time.
    as_of
        The day that everything is counted back from.

    Returns
    -------
    ibis.Table
        One row per customer with an order: recency (days), order_count, days_between_orders
        (missing after one order); and of the orders before the day of the last one: silence
        (days from the latest of them to that day), orders_before and gap_before, missing where
        all were on one day.
    """
    dated = summed.select("customer", ago=days_before(as_of, summed.time))
    now = dated.group_by("customer").agg(
        recency=dated.ago.min(), first=dated.ago.max(), order_count=dated.count()
    )
    joined = dated.inner_join(now.select("customer", "recency"), "customer")
    earlier = joined.filter(joined.ago > joined.recency)
    before = earlier.group_by("customer").agg(previous=earlier.ago.min(), orders_before=earlier.count())
    both = now.left_join(before, "customer")
    return both.select(
        "customer",
        "recency",
        "order_count",
        "orders_before",
        days_between_orders=(both["first"] - both.recency) / (both.order_count - 1).nullif(0),
        silence=both.previous - both.recency,
        gap_before=(both["first"] - both.previous) / (both.orders_before - 1).nullif(0),
    )


def cycle(rhythm: pd.DataFrame) -> tuple[pd.DataFrame, str]:
    """Place each customer in the purchase cycle.

    The rule is that of `seglib.estimators.purchase_cycle.PurchaseCycle`, and besides:
    reactivated is who would be first-time or repeat, and had lapsed by the same rule before the
    day of the last order. The next order after that one makes a repeat customer of them.

    Parameters
    ----------
    rhythm
        One row per customer, as of `rhythms`; all is missing of customers without orders.

    Returns
    -------
    pandas.DataFrame
        One row per customer: customer, purchase_stage, and if any customer has ordered twice
        days_to_next_order (below zero: overdue) and overdue_ratio.
    str
        A remark, or nothing.
    """
    now = rhythm[_NOW].astype("float64")
    if not (now.order_count >= 2).any():
        stage = np.where(now.order_count >= 1, "first-time", "prospect")
        return rhythm[["customer"]].assign(purchase_stage=stage), (
            "No customer has ordered twice, so the usual time between orders is not known: who is lapsing "
            "or has lapsed cannot be told."
        )
    from seglib.estimators.purchase_cycle import PurchaseCycle

    rule = PurchaseCycle().fit(now)
    then = rhythm[["silence", "orders_before", "gap_before"]].astype("float64").set_axis(_NOW, axis=1)
    back = np.isin(rule.labels_, ("first-time", "repeat")) & (rule.predict(then) == "lapsed")
    overdue = rule.silence(now)
    # recency counts whole days before as_of, so that it is never zero
    return rhythm[["customer"]].assign(
        purchase_stage=np.where(back, "reactivated", rule.labels_),
        days_to_next_order=now.recency / overdue - now.recency,
        overdue_ratio=overdue,
    ), ""


def derive(tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive what the sources allow: one row per customer."""
    if "transactions" not in tables:
        return Derived()
    rhythm = rhythms(placed(tables), settings.as_of).to_pandas()
    if "customers" in tables:
        everyone = tables["customers"].select("customer").to_pandas()
        rhythm = everyone.merge(rhythm, on="customer", how="left", validate="one_to_one")
    frame, remark = cycle(rhythm.sort_values("customer", ignore_index=True))
    return Derived((frame,), FEATURES, (remark,) if remark else ())
