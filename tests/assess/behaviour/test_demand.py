"""Demand ahead: planted seasons are found, intervals hold what comes, and it is said what is missing."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib import report
from seglib.assess.behaviour.demand import demand, exposure
from seglib.report import under
from seglib.report.context import Context

AS_OF = dt.date(2025, 9, 1)
TERMS = Context("assess", "EUR", 10, {1: "Even", 2: "Winter"})


def sold(
    rng: np.random.Generator,
    shapes: dict[int, np.ndarray],
    customers: int,
    years: int = 2,
    ahead: bool = False,
    joining: float = 0.0,
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Draw orders of segments whose monthly rates have these shapes; customers differ, and years too."""
    start = pd.Timestamp(AS_OF) - pd.DateOffset(years=years)
    days = pd.date_range(start, pd.Timestamp(AS_OF) + pd.DateOffset(years=int(ahead)), inclusive="left")
    past = (days < pd.Timestamp(AS_OF)).sum()
    rows, members = [], []
    for segment, shape in shapes.items():
        ids = np.arange(customers) + 10_000 * segment
        members += [(c, segment) for c in ids]
        level = np.exp(0.1 * rng.standard_normal(years + ahead).cumsum())  # from one year to the next
        year = np.minimum((np.arange(len(days)) // 365.25).astype(int), years + ahead - 1)
        rate = 10 / 365 * shape[days.month - 1] / shape.mean() * level[year]
        joined = np.where(rng.random(customers) < joining, rng.integers(0, past - 20, customers), 0)
        own = rng.gamma(2, 0.5, customers)
        counts = rng.poisson(np.outer(own, rate)) * (np.arange(len(days)) >= joined[:, None])
        counts[np.arange(customers), joined] += 1  # the first order
        who, day = np.nonzero(counts)
        times = counts[who, day]
        rows.append(
            pd.DataFrame(
                {"customer": ids[who], "time": days[day], "quantity": times * rng.integers(1, 4, len(who))}
            )
        )
    frame = pd.concat(rows, ignore_index=True)
    frame["category"] = rng.choice(["lamps", "rugs"], len(frame), p=[0.75, 0.25])
    return frame, pd.DataFrame(members, columns=["customer", "segment"])


WINTER = np.array([1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 6, 8.0])


def test_planted_seasons_and_categories_are_found_and_a_flat_year_has_none():
    bought, members = sold(np.random.default_rng(1), {1: np.ones(12), 2: WINTER}, 300, joining=0.6)
    got = demand(ibis.memtable(bought), ibis.memtable(members), AS_OF)
    whole = got.table[got.table.category.isna()]
    assert set(zip(whole[whole.peak].segment, whole[whole.peak].month.dt.month, strict=True)) == {
        (2, 11),
        (2, 12),
    }
    assert whole.month.min() == pd.Timestamp("2025-09-01")
    assert whole.month.max() == pd.Timestamp("2026-08-01")
    december = whole[(whole.segment == 2) & (whole.month == "2025-12-01")].iloc[0]
    assert december["index"] == pytest.approx(8 / WINTER.mean(), rel=0.25)
    parts = got.table[
        (got.table.segment == 2) & got.table.category.notna() & (got.table.month == "2025-12-01")
    ]
    assert parts.expected.sum() == pytest.approx(december.expected)
    assert parts.set_index("category").expected["lamps"] / december.expected == pytest.approx(0.75, abs=0.05)
    # customers who join through the years make no season, and the level is that of the customers of today
    flat = whole[whole.segment == 1]
    mean = float(bought.merge(members).query("segment == 1").quantity.mean())
    assert flat.expected.sum() == pytest.approx(300 * 10 * mean, rel=0.3)
    with under(TERMS):
        said = report.say("demand", got)
        assert f"Winter</b> is next expected to buy most in December 2025: {december.expected:,.0f}" in said
        assert "Even: no month stands out" in said
        shown = report.table(report.declared(got.table, "demand"), "demand", "categories", unit=got.unit)
        assert f"{december.expected:,.0f} ({december.low:,.0f} to {december.high:,.0f})" in shown
        assert report.figure("demand", report.declared(got.table, "demand"), unit=got.unit).count("<svg") == 1


def test_intervals_hold_what_comes_in_nineteen_of_twenty_months():
    """Forty segments, of four shapes, whose level changes by a tenth a year, are held against the year after."""
    rng = np.random.default_rng(7)
    shapes = {n: (np.ones(12), WINTER, WINTER[::-1], 1 + np.arange(12) / 6)[n % 4] for n in range(1, 41)}
    bought, members = sold(rng, shapes, 60, ahead=True)
    seen = bought[bought.time < pd.Timestamp(AS_OF)]
    came = bought[bought.time >= pd.Timestamp(AS_OF)].merge(members)
    came = came.assign(month=came.time.dt.to_period("M").dt.to_timestamp())
    for keys in (["segment", "month"], ["segment", "month", "category"]):
        got = demand(ibis.memtable(seen), ibis.memtable(members), AS_OF).table
        got = (
            got[got.category.isna()].drop(columns="category")
            if len(keys) == 2
            else got.dropna(subset="category")
        )
        actual = came.groupby(keys, as_index=False).quantity.sum()
        both = got.dropna(subset="low").merge(actual, on=keys, how="left").fillna({"quantity": 0})
        inside = both.quantity.between(both.low, both.high)
        assert 0.92 <= inside.mean() <= 0.99, inside.mean()
        assert abs(both.expected.sum() / both.quantity.sum() - 1) < 0.08


def test_the_level_is_that_of_the_predicted_purchases():
    bought, members = sold(np.random.default_rng(2), {1: np.ones(12)}, 200)
    predicted = pd.DataFrame({"segment": [1], "purchases": [500.0], "purchases_low": [400.0]})
    predicted = predicted.assign(purchases_high=625.0, days=365)
    got = demand(ibis.memtable(bought), ibis.memtable(members), AS_OF, predicted).table
    whole = got[got.category.isna()]
    # pieces of a day with a purchase: those of an order, and a little more where two fell on a day
    assert 2.0 < whole.expected.sum() / (500 * 365.25 / 365) < 2.2
    assert set(whole.level_from) == {"predicted"}


def test_days_of_customers_are_counted_by_hand():
    firsts = pd.DataFrame({"segment": 1, "first": [dt.date(2025, 1, 30), dt.date(2025, 2, 10)], "n": [2, 1]})
    got = exposure(firsts, dt.date(2025, 1, 1), dt.date(2025, 3, 1), 1).set_index("month").customer_days
    assert got[1] == 2  # both on the 31st
    assert got[2] == 2 * 28 + 18


@pytest.mark.parametrize(("days", "columns", "says"), [
    (300, [], "orders of a whole year at least"),
    (0, [], "it needs transactions"),
    (731, ["category"], "needs the column category"),
    (731, ["quantity"], "rows"),
])  # fmt: skip
def test_it_is_said_what_is_missing(days, columns, says):
    bought, members = sold(np.random.default_rng(3), {1: WINTER}, 80)
    bought = bought[bought.time >= pd.Timestamp(AS_OF) - pd.Timedelta(days=days)].drop(columns=columns)
    got = demand(ibis.memtable(bought) if days else None, ibis.memtable(members), AS_OF)
    with under(TERMS):
        assert says in report.say("demand", got)


def test_of_new_customers_and_of_few_nothing_is_shown():
    bought, members = sold(np.random.default_rng(4), {1: np.ones(12), 2: np.ones(12)}, 60)
    late = bought.merge(members).query("segment == 2 and time >= '2025-06-15'").drop(columns="segment")
    both = pd.concat([bought.merge(members).query("segment == 1").drop(columns="segment"), late])
    got = demand(ibis.memtable(both), ibis.memtable(members), AS_OF)
    assert got.new == (2,)
    assert set(got.table.segment) == {1}
    with under(TERMS):
        assert "Winter: not known" in report.say("demand", got)
    few = got.table.assign(last_year=987654.0, customers_last=9)
    with under(TERMS):
        assert "987,654" not in report.table(report.declared(few, "demand"), unit=got.unit)
    with under(Context("assess", "EUR", 61, {1: "Even", 2: "Winter"})):
        assert "Even" not in report.table(report.declared(got.table, "demand"), unit=got.unit)
