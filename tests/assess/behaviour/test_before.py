"""Drivers are split by time: what was known before, and who was at risk after it."""

from __future__ import annotations

import datetime as dt
from functools import cache

import numpy as np
import pandas as pd
import pytest
from role_tables import table

from seglib.assess.behaviour import before, churn, drivers
from seglib.assess.value.then import EarlierSegments
from seglib.collect import build
from seglib.collect.features import Settings

AS_OF = dt.date(2025, 9, 1)
N = 700


@cache
def shop() -> tuple[EarlierSegments, churn.Risk]:
    """Monthly buyers with weekly visits; those on a flat plan stop more often, and then do nothing at all."""
    rng = np.random.default_rng(1)
    flat = rng.random(N) < 0.5
    stops = rng.random(N) < np.where(flat, 0.6, 0.15)
    last = np.where(stops, rng.integers(70, 150, N), 0)  # days before as_of
    end = pd.Timestamp(AS_OF)

    def every(days: int, per: float) -> tuple[list[int], list[pd.Timestamp]]:
        rows = [
            (c + 1, end - pd.Timedelta(days=int(d)))
            for c in range(N)
            for d in _spaced(rng, last[c], days, per)
        ]
        return [c for c, _ in rows], [t for _, t in rows]

    who, when = every(500, 30)
    visitors, visited = every(500, 9)
    orders = [f"o{n}" for n in range(len(who))]
    sold = table("transactions", len(who), customer=who, time=when, order=orders, amount=[10.0] * len(who))
    tables = {
        "transactions": sold,
        "returns": sold.filter(sold.amount < 0),
        "events": table("events", len(visitors), customer=visitors, time=visited),
    }
    given = pd.DataFrame({"customer": range(1, N + 1), "plan": np.where(flat, "flat", "metered")})
    bases = {"behavioural": "auto", "demographic": ["plan"]}
    built = build.build_features(given, tables, bases, Settings(AS_OF))
    segments = given[["customer"]].assign(segment=1, margin=0.5)
    earlier = EarlierSegments(
        lambda: None, built.features, segments, built.catalogue, tables, bases, Settings(AS_OF), "nothing"
    )
    return earlier, churn.risk(built.features, AS_OF, transactions=sold)


def _spaced(rng: np.random.Generator, last: int, days: int, per: float) -> np.ndarray:
    start = last + rng.integers(1, per)
    return np.arange(start, days, per * rng.uniform(0.8, 1.2))


def test_what_falls_silent_with_a_customer_is_no_driver():
    earlier, risk = shop()
    own = earlier.catalogue[earlier.catalogue.feature.isin(["visits", "plan"])]
    today = drivers.drivers(earlier.features, churn.of(risk, earlier.features), own)
    assert today.table.feature.iloc[0] == "visits"  # a leak: they are silent, so they do not visit
    assert drivers.leaking(today.table)
    split = drivers.over_time(before.window(earlier, risk))
    assert split.reason == ""
    assert not drivers.leaking(split.table)
    significant = split.table[split.table.significant]
    assert significant.feature.tolist() == ["plan"]
    assert significant.answer.tolist() == ["flat"]


def test_only_customers_who_were_not_at_risk_are_followed():
    earlier, risk = shop()
    got = before.window(earlier, risk)
    assert got.split == dt.date(2025, 3, 3)
    assert len(got.features) == N
    assert got.at_risk.mean() == pytest.approx(risk.customers.at_risk.mean())
    assert not set(risk.defines) & set(got.catalogue.feature)


def test_a_stated_risk_has_no_day_and_is_compared_as_of_today():
    earlier, _ = shop()
    features = earlier.features.assign(left=np.where(earlier.features.plan == "flat", "yes", "no"))
    stated = churn.risk(features, AS_OF, named="left")
    got = before.window(EarlierSegments(**{**earlier.__dict__, "features": features}), stated)
    assert got.split is None
    assert len(got.features) == N
    assert drivers.leaking(drivers.over_time(got).table)  # the plan says who left, without error


def test_nothing_is_explained_by_the_future_where_there_is_no_past():
    earlier, risk = shop()
    short = EarlierSegments(
        **{**earlier.__dict__, "tables": {"responses": table("responses", 0, item=[], score=[])}}
    )
    assert drivers.over_time(before.window(short, risk)).reason == "no earlier"
    empty = churn.Risk(risk.customers.assign(at_risk=pd.NA), "silence")
    assert drivers.over_time(before.window(earlier, empty)).reason == "no risk"
