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
from seglib.assess import criteria
from seglib.assess import summary as assess
from seglib.assess.naming import profiles
from seglib.errors import ParamsError
from seglib.explore import patterns as explore
from seglib.report import readings, with_rules
from seglib.report.profiles import published
from seglib.segment import variables as segment
from seglib.target import capability as strengths
from seglib.target import evaluation
from seglib.target import ranking as target
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


def test_a_small_cell_is_true_in_the_table_and_empty_when_it_is_published():
    features, segments, catalogue = described()
    few = segments.replace({3: 2}).where(segments.index > 4, 9)
    table = profiles.profiles(features, few, catalogue, 0.3, fewest=10)
    small = table[table.segment == 9]
    assert small.typical.notna().any()
    assert not small.stands_out.any()
    shown = published(table, 10)
    assert shown[shown.segment == 9].typical.isna().all()
    assert (shown.behind[shown.typical.notna()] >= 10).all()


def test_published_profiles_bound_shares_and_keep_their_total():
    yes = [197, 100, 3]
    features = pd.DataFrame({"club": [a for n in yes for a in ["Yes"] * n + ["No"] * (200 - n)]})
    segments = pd.Series(np.repeat([1, 2, 3], 200))
    table = profiles.profiles(features, segments, catalogue_of(club="binary"), 0.3, fewest=10)
    assert (table.typical * 200).round().tolist() == yes
    assert table.behind.tolist() == [3, 100, 3]
    shown = published(table, 10)
    assert (shown.typical * 200).round().tolist() == [190, 100, 10]
    assert (shown.typical * 200).sum() == pytest.approx(sum(yes))
    assert shown.behind.tolist() == [10, 100, 10]


def test_published_profiles_empty_what_would_reveal_a_level():
    levels = ["a"] * 40 + ["b"] * 40 + ["c"] * 4 + ["a"] * 50 + ["b"] * 30 + ["c"] * 26
    features, segments = pd.DataFrame({"town": levels}), pd.Series([1] * 84 + [2] * 106)
    table = profiles.profiles(features, segments, catalogue_of(town="nominal"), 0.3, fewest=10)
    shown = published(table, 10).set_index(["segment", "answer"]).typical
    assert table.typical.notna().all()
    assert shown.isna()[1, "c"]
    assert shown.isna()[2, "c"]  # with the total it would reveal the other
    assert shown.isna().sum() >= 4  # and each row hides two


def test_a_level_that_few_hold_is_left_out():
    n = 200
    features = pd.DataFrame(
        {"town": ["miller"] * (n - 12) + [f"surname{i}" for i in range(9)] + ["rare"] * 3}
    )
    table = profiles.profiles(
        features, pd.Series(np.arange(n) % 2), catalogue_of(town="nominal"), 0.3, fewest=10
    )
    assert table.answer.unique().tolist() == ["miller"]


# Segmentation variables


def test_variables_and_descriptors_are_distinguished():
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


# Assessment and targets


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


def scores(share: list[float], recovery: list[float]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
    k = len(share)
    value = pd.DataFrame(
        {
            "segment": range(1, k + 1),
            "customers": 100,
            "share": share,
            "margin": 0.3,
            "value_share": share,
            "value_per_customer": 1.0,
            "at_risk": 0.1,
        }
    )
    came = pd.DataFrame({"segment": range(1, k + 1), "recovery": recovery})
    profile = pd.DataFrame(
        {
            "segment": range(1, k + 1),
            "feature": "recency",
            "answer": None,
            "distance": 1.0,
            "stands_out": True,
            "label": "Days since last order",
        }
    )
    return value, came, profile


def judged(value: pd.DataFrame, came: pd.DataFrame) -> pd.DataFrame:
    card = pd.concat([criteria.substantial(value, 0.02), criteria.stable(came, 0.6)], ignore_index=True)
    return with_rules(card)


def test_a_segment_is_no_target_when_it_is_unstable():
    value, came, profile = scores([0.4, 0.3, 0.28, 0.02], [0.5, 0.9, 0.9, 0.9])
    card = judged(value, came)
    scored = evaluation.criteria(value, came, profile, [])
    weights = evaluation.weights("retention", list(scored.columns)).together
    got = target.ranking(scored, weights, card, most=2, structure="reproducible").set_index("segment")
    assert got.target.to_dict() == {1: False, 2: True, 3: True, 4: False}
    assert got.decided_by[1] == "not stable (0.50; required: a stability (Jaccard) of at least 0.60)"


def test_all_customers_as_one_are_no_target_and_rules_may_be():
    value, came, profile = scores([1.0], [0.9])
    card = judged(value, came)
    got = target.ranking(evaluation.criteria(value, came, profile, []), {"size": 1.0}, card, 3, "none")
    assert not got.target.any()
    assert got.decided_by.tolist() == ["no structure was found to target"]
    value, came, profile = scores([0.6, 0.4], [0.9, 0.9])
    card = judged(value, came)
    assert target.ranking(
        evaluation.criteria(value, came, profile, []), {"size": 1.0}, card, 3, "none"
    ).target.any()


def test_a_segment_far_below_the_first_is_no_target():
    value, came, profile = scores([0.6, 0.25, 0.15], [0.9, 0.9, 0.9])
    card = judged(value, came)
    scored = evaluation.criteria(value, came, profile, [])
    got = target.ranking(scored, {"size": 1.0}, card, 3, "natural").set_index("segment")
    assert got.target.to_dict() == {1: True, 2: False, 3: False}
    assert got.decided_by[2] == "score 0.22, under a third of the highest"


def test_never_all_segments_are_targets():
    value, came, profile = scores([0.6, 0.4], [0.9, 0.9])
    card = judged(value, came)
    got = target.ranking(evaluation.criteria(value, came, profile, []), {"size": 1.0}, card, 5, "natural")
    assert got.target.tolist() == [True, False]


def test_weights_of_criteria_without_data_are_shared():
    got = evaluation.weights("growth", ["value_share", "recovery", "found"])
    assert sum(got.attractiveness.values()) == sum(got.together.values()) == pytest.approx(1)
    assert got.attractiveness["value_share"] == pytest.approx(0.25 / 0.40)
    assert got.strength == {"found": 1.0}
    assert got.together["found"] == pytest.approx(0.25 * 0.20)  # a fifth of strength is measured
    assert got.unmeasured == ("growth", "value_per_customer", "responding", "retained", "satisfied")


def test_strength_counts_for_nothing_where_nothing_of_it_is_measured():
    got = evaluation.weights("growth", ["value_share", "recovery"], strength_share=0.5)
    assert (got.strength, got.strength_share) == ({}, 0.0)
    assert got.together == got.attractiveness


def test_a_criterion_on_both_axes_counts_on_both():
    got = evaluation.weights(
        "growth", ["size"], attractiveness={"size": 2}, strength={"size": 1}, strength_share=0.4
    )
    assert got.together == {"size": pytest.approx(1.0)}


def test_strengths_are_read_from_what_was_measured():
    card = pd.DataFrame(
        {
            "segment": [1, 2, 1, 2],
            "criterion": ["accessible", "accessible", "stable", "stable"],
            "measured": [0.8, 0.6, 0.9, 0.9],
        }
    )
    retention = pd.DataFrame({"segment": [1, 2, 1, 2], "age": [3, 3, 6, 6], "share": [0.5, 0.4, 0.3, np.nan]})
    satisfaction = pd.DataFrame(
        {
            "segment": [1, 2, 1, 2],
            "item": ["csat", "csat", "nps", "nps"],
            "mean": [4.0, 3.0, 8.0, 9.0],
            "nps": [np.nan, np.nan, 0.1, 0.5],
        }
    )
    effects = pd.DataFrame(
        {
            "campaign": ["a", "b", "a"],
            "segment": [1, 1, 2],
            "outcome": ["response"] * 3,
            "mean": [0.1, 0.4, 0.2],
            "contacted": [300, 100, 50],
        }
    )
    got = strengths.strengths(pd.Series([2, 1, 3]), card, retention, satisfaction, effects).set_index(
        "segment"
    )
    want = pd.DataFrame(
        {
            "found": [0.6, 0.8, np.nan],
            "retained": [0.4, 0.5, np.nan],
            "satisfied": [3.0, 4.0, np.nan],
            "responding": [0.2, 0.175, np.nan],
        },
        index=pd.Index([2, 1, 3], name="segment"),
    )
    pd.testing.assert_frame_equal(got, want)
    alone = strengths.strengths(
        pd.Series([1]), card.head(0), satisfaction=satisfaction.query("item == 'nps'")
    )
    assert alone.to_dict("list") == {"segment": [1], "satisfied": [0.1]}


def test_both_axes_add_up_to_the_score():
    value, came, profile = scores([0.5, 0.3, 0.2], [0.7, 0.9, 0.8])
    known = pd.DataFrame({"segment": [1, 2, 3], "found": [0.6, 0.7, 0.9]})
    measured = evaluation.criteria(value, came, profile, [], known)
    got = evaluation.weights("retention", list(measured.columns), strength_share=0.3)
    axes = evaluation.both_axes(measured, got).set_index("segment")
    score = evaluation.weighed(measured, got.together)
    assert (0.955 * axes.attractiveness + 0.045 * axes.strength).tolist() == pytest.approx(score.tolist())
    none = evaluation.both_axes(measured, evaluation.weights("retention", ["size", "recovery"]))
    assert none.strength.isna().all()


def test_a_weight_on_nothing_known_is_refused():
    value, came, profile = scores([0.6, 0.4], [0.9, 0.9])
    with pytest.raises(
        ParamsError,
        match=r"target\.weights or target\.strength name 'recencie'; allowed .*Did you mean 'recency'",
    ):
        evaluation.criteria(value, came, profile, ["recencie"])


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
