"""Exploration, profiles and names, assessment, targeting: small tables typed by hand."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
import pytest
from customers_of_three import catalogue_of, described
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib import simulate
from seglib.assess import summary as assess
from seglib.assess.naming import profiles
from seglib.errors import ParamsError
from seglib.explore import patterns as explore
from seglib.report import readings
from seglib.segment import variables as segment
from seglib.target.offers.seasons import months

# Exploration


def test_cramers_v_of_independent_columns_is_about_nothing():
    rng = np.random.default_rng(0)
    a, b = (pd.Series(rng.choice(list("abcd"), 5000)) for _ in range(2))
    assert explore.cramers_v(a, b) < 0.05
    assert np.isnan(explore.cramers_v(a, pd.Series(["x"] * 5000)))


def test_correlation_ratio_is_the_share_of_spread_between_groups():
    groups, values = pd.Series(list("aabb")), pd.Series([0.0, 2.0, 4.0, 6.0])
    assert explore.correlation_ratio(groups, values) == pytest.approx(np.sqrt(16 / 20))


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
    assert 0.2 - 1e-9 <= explore.top_share(curve) <= 1 + 1e-9


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
    got = explore.cohorts(bought(rows), min_cell=1).set_index(["cohort", "age"])
    assert got.customers["2024-01", 0] == 2
    assert got.active.loc["2024-01"].to_dict() == {0: 1.0, 1: 0.5, 2: 0.0, 3: 1.0}
    assert got.active.loc["2024-02"].to_dict() == {0: 1.0, 1: 1.0, 2: 0.0}
    few = explore.cohorts(bought(rows), min_cell=2).set_index(["cohort", "age"])
    assert "2024-02" not in few.index.get_level_values(0)
    assert np.isnan(few.active["2024-01", 1])


def test_the_calendar_knows_which_months_are_whole():
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
    ("first", "as_of", "years", "cycles"),
    [
        ("2022-01-05", "2024-01-01", 2, "cover 2 whole years."),  # as page 05 counts them
        ("2022-03-01", "2024-01-01", 1, "cover 1 whole year, so"),
        ("2023-08-01", "2024-01-01", 0, "less than a whole year, so"),
    ],
)
def test_the_calendar_counts_whole_years_as_the_seasons_do(first, as_of, years, cycles):
    days = [*pd.date_range(first, as_of, freq="7D", inclusive="left").strftime("%Y-%m-%d")]
    rows = [(1, str(n), day, 2.0) for n, day in enumerate(days)]
    got = explore.calendar(bought(rows), dt.date.fromisoformat(as_of))
    assert got.years.eq(years).all()
    assert cycles in readings.calendar(got)
    segments = pd.DataFrame({"customer": [1], "segment": [0]})
    seasons = months(bought(rows), segments, dt.date.fromisoformat(as_of), 1).table
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
    points, kept, found = explore.two_dimensions(rows[columns], 50, seed=0)
    assert found == method
    assert points.shape == (50, 2)
    assert 0 < kept <= 1 + 1e-9


# Profiles


def test_a_small_cell_is_left_empty():
    features, segments, catalogue = described()
    table = profiles.profiles(
        features, segments.replace({3: 2}).where(segments.index > 4, 9), catalogue, 0.3, min_cell=10
    )
    small = table[table.segment == 9]
    assert small.typical.isna().all()
    assert not small.stands_out.any()


def test_a_level_that_few_hold_is_not_published():
    n = 200
    features = pd.DataFrame(
        {"town": ["miller"] * (n - 12) + [f"surname{i}" for i in range(9)] + ["rare"] * 3}
    )
    table = profiles.profiles(
        features, pd.Series(np.arange(n) % 2), catalogue_of(town="nominal"), 0.3, min_cell=10
    )
    assert table.answer.unique().tolist() == ["miller"]


# Segmentation variables


def test_variables_and_descriptors_are_told_apart():
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    features = pd.DataFrame(
        {
            "x": x,
            "twin": x * 2,
            "holes": np.where(rng.random(200) < 0.5, np.nan, x),
            "age": x[::-1],
            "y": rng.normal(size=200),
        }
    )
    catalogue = pd.DataFrame(
        {"feature": list(features), "basis": ["value", "value", "value", "demographic", "value"]}
    )
    catalogue["missing_share"] = features.isna().mean().to_numpy()
    got = segment.variables(features, catalogue, ["value"], ["y"], 0.3).set_index("feature")
    assert got.segmentation.to_dict() == {"x": True, "twin": False, "holes": False, "age": False, "y": False}
    assert got.why["twin"] == "says the same as x"
    assert got.why["holes"].startswith("missing for")
    with pytest.raises(ParamsError, match=r"segment\.exclude names nope; known features"):
        segment.variables(features, catalogue, ["value"], ["nope"], 0.3)
    with pytest.raises(ParamsError, match=r"segment\.on: no feature of value can form segments"):
        segment.variables(features[["twin"]], catalogue[1:2], ["value"], ["twin"], 0.3)


# Assessment


def test_value_and_risk_by_hand():
    features = pd.DataFrame(
        {
            "customer": [1, 2, 3, 4],
            "net_value": [10.0, 20.0, 70.0, 0.0],
            "recency": [5.0, 500.0, 5.0, 5.0],
            "days_between_orders": [10.0, 10.0, np.nan, 10.0],
        }
    )
    segments = pd.DataFrame(
        {"customer": [1, 2, 3, 4], "segment": [1, 1, 2, 2], "margin": [0.1, 0.3, 0.2, 0.4]}
    )
    got = assess.value(features, segments).set_index("segment")
    assert got.value_share.to_dict() == {1: 0.3, 2: 0.7}
    assert got.value_per_customer.to_dict() == {1: 15.0, 2: 35.0}
    assert got.at_risk.to_dict() == {1: 0.5, 2: 0.0}
    assert got.margin.to_dict() == pytest.approx({1: 0.2, 2: 0.3})


def test_value_and_risk_from_given_features():
    features = pd.DataFrame({"customer": [1, 2, 3], "paid": [1.0, 2.0, 7.0], "left": ["Yes", "No", "No"]})
    segments = pd.DataFrame({"customer": [1, 2, 3], "segment": [1, 1, 2], "margin": 0.2})
    got = assess.value(features, segments, "paid", "left").set_index("segment")
    assert got.value.to_dict() == {1: 3.0, 2: 7.0}
    assert got.at_risk.to_dict() == {1: 0.5, 2: 0.0}


def test_shares_of_a_total_with_a_negative_part_mean_nothing():
    features = pd.DataFrame({"customer": [1, 2], "net_value": [-10.0, 20.0]})
    segments = pd.DataFrame({"customer": [1, 2], "segment": [1, 2], "margin": 0.2})
    assert assess.value(features, segments).value_share.isna().all()


@pytest.mark.parametrize(
    ("value", "risk", "message"),
    [
        ("netvalue", None, r"assess\.value names 'netvalue'; known features: .*Did you mean 'net_value'"),
        ("town", None, r"assess\.value names 'town', which holds text"),
        (None, "churn", r"assess\.risk names 'churn'; known"),
    ],
)
def test_a_value_or_risk_that_is_none_is_refused(value, risk, message):
    features = pd.DataFrame({"customer": [1, 2], "net_value": [1.0, 2.0], "town": ["a", "b"]})
    segments = pd.DataFrame({"customer": [1, 2], "segment": [1, 2], "margin": 0.2})
    with pytest.raises(ParamsError, match=message):
        assess.value(features, segments, value, risk)


# The generated shop


def test_the_shop_is_the_same_for_the_same_seed():
    one, other = simulate.shop(300, seed=5), simulate.shop(300, seed=5)
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, other[name])
    assert not one["transactions"].equals(simulate.shop(300, seed=6)["transactions"])


def test_the_shop_has_what_real_shops_have(shop_tables):
    t = shop_tables["transactions"]
    assert t.customer_id.isna().any()
    assert t.duplicated().any()
    assert (t.quantity < 0).any()
    assert (t.price == 0).any()
    assert t.time.max() < pd.Timestamp(simulate.AS_OF)
    assert {"yes", "no"} == set(shop_tables["customers"].may_profile)
    assert set(shop_tables["truth"].segment) == {*simulate.SHOP, "prospect"}
