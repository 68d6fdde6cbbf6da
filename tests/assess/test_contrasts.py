"""Differences between segments: published values, noise, negligible effects, and what cannot be compared."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from statsmodels.stats.multitest import multipletests

from seglib.assess import contrasts
from seglib.assess.segments import Segments
from seglib.assess.thresholds import ALPHA


def catalogue_of(**levels: str) -> pd.DataFrame:
    return pd.DataFrame({"feature": list(levels), "level": list(levels.values())})


def segmented(
    features: pd.DataFrame, segments: pd.Series, catalogue: pd.DataFrame, fewest: int = 1, formed: tuple = ()
) -> Segments:
    catalogue = catalogue.assign(segmentation=catalogue.feature.isin(list(formed)))
    return Segments(features.assign(segment=segments.to_numpy()), catalogue, fewest=fewest)


def differences(*args, **kwargs) -> pd.DataFrame:
    return contrasts.differences(segmented(*args, **kwargs))


def against_rest(*args, **kwargs) -> pd.DataFrame:
    return contrasts.against_rest(segmented(*args, **kwargs))


def one(values: list[object], segments: list[int], level: str, fewest: int = 1) -> pd.Series:
    made = differences(pd.DataFrame({"x": values}), pd.Series(segments), catalogue_of(x=level), fewest)
    return made.iloc[0]


def test_ranks_give_the_published_statistic():
    # Hollander and Wolfe (1973, page 116): mucociliary efficiency, H = .7714, p = .68
    values = [2.9, 3.0, 2.5, 2.6, 3.2, 3.8, 2.7, 4.0, 2.4, 2.8, 3.4, 3.7, 2.2, 2.0]
    got = one(values, [1] * 5 + [2] * 4 + [3] * 5, "ratio")
    assert (got.statistic, got.p, got.effect) == pytest.approx((0.771429, 0.679965, 0.771429 / 13), abs=1e-6)
    assert (got.measure, got.matters, got.customers, got.compared) == ("epsilon squared", False, 14, 3)


def test_counts_give_the_published_statistic():
    # Agresti (2007, page 39): party and gender, X² = 30.07, p = 2.95e-7
    cells = {(1, "d"): 762, (1, "i"): 327, (1, "r"): 468, (2, "d"): 484, (2, "i"): 239, (2, "r"): 477}
    segments = np.repeat([s for s, _ in cells], list(cells.values()))
    got = one(list(np.repeat([a for _, a in cells], list(cells.values()))), list(segments), "nominal")
    assert (got.statistic, got.p) == pytest.approx((30.07015, 2.953589e-7), rel=1e-6)
    phi2 = 30.07015 / 2757 - 2 / 2756
    assert got.effect == pytest.approx(np.sqrt(phi2 / (2 - 1 / 2756 - 1)), rel=1e-6)
    assert got.matters  # V = .101: just enough


def test_few_counts_are_held_against_random_tables():
    # all expected counts are 2; of the 70 tables with these margins two are so far from even
    got = one(["a"] * 4 + ["b"] * 4, [1] * 4 + [2] * 4, "binary")
    assert got.p == pytest.approx(2 / 70, abs=0.006)
    assert got.p > 0.0047 * 4  # what the distribution would say: .0047


@pytest.mark.parametrize(
    ("p", "adjusted"),
    [
        ([0.01, 0.04, 0.03, 0.005], [0.03, 0.06, 0.06, 0.02]),
        ([0.5, 0.9], [1.0, 1.0]),
        ([0.04], [0.04]),
        ([np.nan, 0.02, 0.02], [np.nan, 0.04, 0.04]),
        ([], []),
    ],
)
def test_probabilities_are_adjusted_by_hand(p, adjusted):
    assert contrasts.holm(pd.Series(p, dtype=float)).tolist() == pytest.approx(adjusted, nan_ok=True)


def test_adjusted_probabilities_are_those_of_statsmodels():
    p = np.random.default_rng(7).random(40) ** 4
    assert contrasts.holm(pd.Series(p)).tolist() == pytest.approx(multipletests(p, method="holm")[1].tolist())


@settings(max_examples=50, deadline=None)
@given(st.lists(st.floats(0, 1), min_size=1, max_size=12))
def test_adjusting_keeps_the_order_and_never_lowers(p):
    raw = pd.Series(p)
    got = contrasts.holm(raw)
    assert (got >= raw - 1e-12).all()
    assert got.between(0, 1).all()
    assert (got[raw.sort_values().index].diff().dropna() >= 0).all()
    assert got[raw.idxmin()] == pytest.approx(min(1, raw.min() * len(raw)))


def test_noise_is_called_different_in_one_table_of_twenty_at_the_most():
    rng = np.random.default_rng(0)
    catalogue = catalogue_of(a="ratio", b="interval", c="ordinal", d="binary", e="nominal", f="nominal")
    n, repetitions, found = 240, 200, 0
    for _ in range(repetitions):
        features = pd.DataFrame(
            {
                "a": rng.normal(size=n),
                "b": rng.lognormal(size=n),
                "c": rng.integers(1, 6, n).astype(float),
                "d": rng.random(n) < 0.3,
                "e": rng.choice(list("uvw"), n),
                "f": rng.choice(list("pqrst"), n),
            }
        )
        made = differences(features, pd.Series(rng.integers(1, 4, n)), catalogue)
        found += bool((made.p_adjusted < ALPHA).any())
    assert found / repetitions <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / repetitions)


def test_differences_do_not_matter_when_they_are_negligible():
    n = 1_000_000
    rng = np.random.default_rng(0)
    segments = pd.Series(rng.integers(0, 2, n))
    features = pd.DataFrame(
        {"spend": rng.normal(size=n) + 0.02 * segments, "member": rng.random(n) < 0.5 + 0.01 * segments}
    )
    made = differences(features, segments, catalogue_of(spend="ratio", member="binary"))
    assert (made.p_adjusted < 1e-9).all()
    assert not made.matters.any()


def test_a_planted_difference_matters_beside_noise():
    rng = np.random.default_rng(1)
    segments = pd.Series(np.repeat([1, 2, 3], 200))
    features = pd.DataFrame(
        {
            "spend": rng.normal(size=600) + 0.5 * (segments == 3),
            "noise": rng.normal(size=600),
            "town": np.where(rng.random(600) < 0.2 + 0.3 * (segments == 1), "Bath", "York"),
        }
    )
    made = differences(features, segments, catalogue_of(spend="ratio", noise="ratio", town="nominal"))
    assert made.set_index("feature").matters.to_dict() == {"spend": True, "noise": False, "town": True}


def test_a_large_effect_in_few_customers_does_not_matter():
    got = one([1.0, 2.0, 3.0, 4.0], [1, 1, 2, 2], "ratio")
    assert got.effect > 0.5
    assert not got.matters


def test_what_formed_the_segments_is_measured_and_not_tested():
    rng = np.random.default_rng(2)
    x = pd.Series(rng.normal(size=400))
    features, segments = pd.DataFrame({"x": x, "y": rng.normal(size=400)}), (x > 0).astype(int)
    got = differences(features, segments, catalogue_of(x="ratio", y="ratio"), formed=["x"])
    assert got.p.isna().tolist() == [True, False]
    assert got.p_adjusted[1] == got.p[1]  # a family of one
    assert got.matters.tolist() == [True, False]


def test_sizes_are_words_and_tests_are_named():
    rng = np.random.default_rng(6)
    segments = pd.Series(np.repeat([1, 2], 500))
    features = pd.DataFrame(
        {
            "much": segments + rng.normal(0, 0.3, 1000),
            "none": rng.normal(size=1000),
            "town": np.where(rng.random(1000) < 0.3 + 0.2 * segments, "a", "b"),
            "one": 1.0,
        }
    )
    got = differences(
        features, segments, catalogue_of(much="ratio", none="ratio", town="nominal", one="ratio")
    )
    assert got["size"].fillna("").tolist() == ["large", "negligible", "small", ""]
    assert got.test.tolist() == ["Kruskal–Wallis", "Kruskal–Wallis", "chi-squared", "Kruskal–Wallis"]


def test_responses_are_compared_among_those_contacted_alone():
    catalogue = pd.DataFrame(
        {"feature": ["x"], "level": ["ratio"], "label": ["Orders"], "basis": ["behavioural"]}
    )
    answered = pd.DataFrame({"customer": range(80), "response to Spring": [1.0] * 40 + [0.0] * 40})
    known = pd.DataFrame({"customer": range(100), "x": 1.0})
    people = segmented(known, pd.Series([1] * 40 + [2] * 60), catalogue, fewest=10).with_responses(answered)
    assert people.compared() == [("x", "ratio"), ("response to Spring", "binary")]
    got = contrasts.differences(people).set_index("feature")
    assert got.customers["response to Spring"] == 80
    assert got.matters["response to Spring"]


@pytest.mark.parametrize(
    ("values", "segments", "level", "why"),
    [
        ([1.0] * 6, [1, 1, 1, 2, 2, 2], "ratio", "constant"),
        (["a"] * 6, [1, 1, 1, 2, 2, 2], "nominal", "constant"),
        ([1.0, 2, 3, 4, 5, 6], [1] * 6, "ratio", "one segment"),
        (
            [1.0, 2, 3, np.nan, np.nan, np.nan],
            [1, 1, 1, 2, 2, 2],
            "ratio",
            "one segment",
        ),
        ([np.nan] * 6, [1, 1, 1, 2, 2, 2], "ratio", "one segment"),
        ([None] * 6, [1, 1, 1, 2, 2, 2], "nominal", "one segment"),
    ],
)
def test_what_cannot_be_compared_says_why(values, segments, level, why):
    got = one(values, segments, level)
    assert got.why == why
    assert np.isnan([got.statistic, got.p, got.p_adjusted, got.effect]).all()
    assert not got.matters


def test_missing_values_are_left_out():
    values, segments = [1.0, 2.0, 3.0, 7.0, 8.0, 9.0], [1, 1, 1, 2, 2, 2]
    whole, holes = one(values, segments, "ratio"), one([*values, np.nan, np.nan], [*segments, 1, 2], "ratio")
    assert (whole.statistic, whole.effect, whole.customers) == (
        holes.statistic,
        holes.effect,
        holes.customers,
    )


def test_a_segment_of_too_few_is_left_out():
    values, segments = list(np.arange(20.0)) + [900.0] * 9, [1] * 10 + [2] * 10 + [3] * 9
    got, without = one(values, segments, "ratio", 10), one(values[:20], segments[:20], "ratio", 10)
    assert (got.compared, got.statistic) == (2, without.statistic)
    assert one(values, segments, "ratio", 11).why == "one segment"


def test_nullable_and_categorical_columns_are_taken():
    segments = pd.Series([1] * 20 + [2] * 20)
    features = pd.DataFrame(
        {
            "n": pd.array([None, *range(39)], dtype="Int64"),
            "c": pd.Categorical(list("ab") * 20),
            "t": pd.array(["u", None] * 20, dtype="string"),
        }
    )
    got = differences(features, segments, catalogue_of(n="ratio", c="nominal", t="interval"))
    assert got.why.tolist() == ["", "", "constant"]
    assert got.customers.tolist() == [39, 40, 20]


def test_rare_answers_are_taken_together():
    values = pd.Series(["x"] * 30 + [f"surname {i}" for i in range(20)])
    made = contrasts.counted(values, pd.Series([1, 2] * 25), fewest=10)
    assert made.to_dict("list") == {"x": [15, 15], "other": [10, 10]}


def test_hostile_answers_are_answers():
    rng = np.random.default_rng(4)
    hostile = ["other", "", " ", "=1+1", "<b>", "nan", "Ω\n", "rare"]
    values = pd.Series(rng.choice(hostile, 400, p=[0.16] * 6 + [0.03, 0.01]))
    segments = pd.Series(np.where(values == "=1+1", 1, rng.integers(1, 3, 400)))
    features, catalogue = pd.DataFrame({"x": values}), catalogue_of(x="nominal")
    assert differences(features, segments, catalogue, 30).matters.tolist() == [True]
    assert against_rest(features, segments, catalogue, 30).answer[0] == "=1+1"


def test_effects_against_the_rest_by_hand():
    # 12 pairs of one of segment 1 and one of the rest: 10 with the larger number here, 2 there
    features = pd.DataFrame({"x": [5.0, 6.0, 3.0, 1.0, 2.0, 4.0, 3.5]})
    got = against_rest(features, pd.Series([1, 1, 1, 2, 2, 2, 3]), catalogue_of(x="ratio"))
    got = got.set_index("segment")
    assert got.effect[1] == pytest.approx((10 - 2) / 12)
    assert got.measure.unique().tolist() == ["Cliff's delta"]
    assert got.known.tolist() == [3, 3, 1]


def test_the_answer_is_the_one_beyond_the_rest():
    features = pd.DataFrame({"town": ["a"] * 30 + ["b"] * 10 + ["a"] * 10 + ["b"] * 30})
    got = against_rest(features, pd.Series([1] * 40 + [2] * 40), catalogue_of(town="nominal"))
    assert got.answer.tolist() == ["a", "b"]
    assert got.effect.tolist() == pytest.approx([0.4903, 0.4903], abs=1e-4)


def test_effects_of_too_few_customers_are_not_given():
    features = pd.DataFrame({"x": np.arange(25.0), "t": ["a", "b", "b", "a", "b"] * 5})
    got = against_rest(features, pd.Series([1] * 20 + [2] * 5), catalogue_of(x="ratio", t="nominal"), 10)
    assert got.effect.isna().all()  # of two segments, one is the rest of the other
    assert got.answer.isna().all()


def test_one_segment_has_no_rest():
    features = pd.DataFrame({"x": [1.0, 2.0], "t": ["a", "b"]})
    assert against_rest(features, pd.Series([1, 1]), catalogue_of(x="ratio", t="nominal")).effect.isna().all()


def test_numbers_of_segments_do_not_matter():
    rng = np.random.default_rng(3)
    features = pd.DataFrame(
        {
            "x": rng.normal(size=90),
            "t": rng.choice(list("abc"), 90),
            "rare": ["a"] * 4 + ["b"] * 4 + ["c"] * 82,
        }
    )
    segments = pd.Series(rng.integers(1, 4, 90))
    catalogue, swapped = (
        catalogue_of(x="ratio", t="nominal", rare="nominal"),
        segments.map({1: 3, 2: 1, 3: 2}),
    )
    first, second = (differences(features, s, catalogue) for s in (segments, swapped))
    pd.testing.assert_frame_equal(first, second)


def test_inputs_stay_as_they_are():
    features, segments = (
        pd.DataFrame({"x": [1.0, 2.0, 3.0, 4.0]}),
        pd.Series([1, 1, 2, 2], index=[9, 8, 7, 6]),
    )
    before = features.copy(), segments.copy()
    got = differences(features, segments, catalogue_of(x="ratio"))
    assert got.compared.tolist() == [2]
    pd.testing.assert_frame_equal(features, before[0])
    pd.testing.assert_series_equal(segments, before[1])
