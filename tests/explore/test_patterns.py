"""Patterns before segments: associations, concentration, cohorts, calendar, outliers, the map."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib import explore
from seglib.explore import patterns
from seglib.target.offers.seasons import months


def test_cramers_v_is_about_zero_when_columns_are_independent():
    rng = np.random.default_rng(0)
    a, b = (pd.Series(rng.choice(list("abcd"), 5000)) for _ in range(2))
    assert patterns.cramers_v(a, b) < 0.05
    assert np.isnan(patterns.cramers_v(a, pd.Series(["x"] * 5000)))


def test_correlation_ratio_is_the_share_of_spread_between_groups():
    groups, values = pd.Series(list("aabb")), pd.Series([0.0, 2.0, 4.0, 6.0])
    assert patterns.correlation_ratio(groups, values) == pytest.approx(np.sqrt(16 / 20))


def test_the_measure_of_association_follows_the_levels():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"x": rng.normal(size=300), "town": rng.choice(list("ab"), 300), "land": rng.choice(list("cd"), 300)}
    )
    frame["y"] = -(frame.x**3)
    got = explore.associations(frame, {"x": "ratio", "y": "ratio", "town": "nominal", "land": "nominal"})
    got = got.set_index(["a", "b"])
    assert got.measure.to_dict() == {
        ("x", "town"): "correlation ratio",
        ("x", "land"): "correlation ratio",
        ("x", "y"): "rank correlation",
        ("town", "land"): "Cramér's V",
        ("town", "y"): "correlation ratio",
        ("land", "y"): "correlation ratio",
    }
    assert got.strength["x", "y"] == -1


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1e6), min_size=2, max_size=60).filter(lambda v: sum(v) > 0))
def test_the_lorenz_curve_rises_below_the_straight_line(values):
    curve = explore.concentration(pd.Series(values))
    assert curve.customers.iloc[[0, -1]].tolist() == [0, 1]
    assert curve.value.iloc[-1] == pytest.approx(1)
    assert (curve.value.diff().dropna() >= -1e-12).all()
    assert (curve.value <= curve.customers + 1e-9).all()
    assert 0.2 - 1e-9 <= patterns.top_share(curve) <= 1 + 1e-9


def bought(rows: list[tuple]) -> ibis.Table:
    frame = pd.DataFrame(rows, columns=["customer", "order", "time", "amount"])
    frame = frame.astype({"time": "datetime64[ns]"})
    return ibis.memtable(frame).mutate(amount=ibis._.amount.cast("decimal(18, 4)"))


def test_cohorts_are_followed_by_hand():
    rows = [
        (c, f"{c}{m}", f"2024-{m:02d}-05", 1.0)
        for c, months in ((1, [1, 2, 4]), (2, [1, 4]), (3, [2, 3]))
        for m in months
    ]
    got = explore.cohorts(bought(rows)).set_index(["cohort", "age"])
    assert got.customers["2024-01", 0] == 2
    assert got.active.loc["2024-01"].to_dict() == {0: 1.0, 1: 0.5, 2: 0.0, 3: 1.0}
    assert got.active.loc["2024-02"].to_dict() == {0: 1.0, 1: 1.0, 2: 0.0}


def test_the_calendar_marks_the_months_that_are_whole():
    rows = [
        (1, str(n), day, 2.0)
        for n, day in enumerate(["2024-01-15", "2024-02-03", "2024-02-20", "2024-03-04"])
    ]
    got = explore.calendar(bought(rows), dt.date(2024, 3, 5))
    assert got.month.tolist() == ["2024-01", "2024-02", "2024-03"]
    assert got.value.tolist() == [2.0, 4.0, 2.0]
    assert got.whole.tolist() == [False, True, False]
    assert got.years.eq(0).all()


@pytest.mark.parametrize(
    ("first", "as_of", "years"),
    [("2022-01-05", "2024-01-01", 2), ("2022-03-01", "2024-01-01", 1), ("2023-08-01", "2024-01-01", 0)],
)
def test_the_calendar_counts_whole_years_as_the_seasons_do(first, as_of, years):
    days = [*pd.date_range(first, as_of, freq="7D", inclusive="left").strftime("%Y-%m-%d")]
    rows = [(1, str(n), day, 2.0) for n, day in enumerate(days)]
    got = explore.calendar(bought(rows), dt.date.fromisoformat(as_of))
    assert got.years.eq(years).all()
    segments = pd.DataFrame({"customer": [1], "segment": [0]})
    seasons = months(bought(rows), segments, dt.date.fromisoformat(as_of)).table
    assert seasons.cycles.eq(years).all()


def test_the_calendar_ends_where_the_data_end():
    rows = [(1, str(n), day, 2.0) for n, day in enumerate(["2024-01-01", "2024-02-03", "2024-03-04"])]
    got = explore.calendar(bought(rows), dt.date(2024, 9, 1))
    assert got.whole.tolist() == [True, True, False]


def test_outliers_are_counted_beyond_the_outer_fences():
    got = explore.outliers(pd.DataFrame({"x": [*range(100), 1000.0, 2000.0], "flag": [0.0, 1.0] * 51}))
    assert got.set_index("feature").outside.to_dict() == {"x": 2}


@pytest.mark.parametrize(
    ("columns", "method"),
    [
        (["x", "y"], "principal components"),
        (["x", "c"], "factor analysis of mixed data"),
        (["c", "d"], "multiple correspondence analysis"),
        (["x"], "principal components"),
    ],
)
def test_the_map_follows_the_kinds_of_columns(columns, method):
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "x": rng.normal(size=80),
            "y": rng.normal(size=80),
            "c": pd.Categorical(rng.choice(list("abc"), 80)),
            "d": pd.Categorical(rng.choice(list("ef"), 80)),
        }
    )
    layout = explore.two_dimensions(rows[columns], 50, seed=0)
    assert layout.method == method
    assert layout.points.shape == (50, 2)
    assert 0 < layout.spread <= 1 + 1e-9
