"""The criteria that a segment must meet, one by one and together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib.assess import contrasts, criteria, scorecard
from seglib.assess import summary as assess
from seglib.assess.naming import profiles
from seglib.assess.playbook import Play
from seglib.target import scoring


def rows(made: pd.DataFrame, name: str) -> pd.DataFrame:
    return made[made.criterion == name].set_index("segment")


def play(name: str, when: dict[str, float], objectives: tuple[str, ...] = ("retention",)) -> Play:
    return Play(name, "message", "offer", "channel", "timing", "measure", when, objectives)


LIBRARY = [
    play("Win back", {"recency": 0.5}),
    play("Reward", {"recency": -0.1, "orders": 0.5}),
    play("Grow", {"orders": 0.1}, ("growth",)),
    play("Ask", {}),
    play("Leave alone", {}),
]


def test_known_cells_and_values_by_hand():
    features = pd.DataFrame(
        {"x": [1, np.nan, 3, 4.0], "y": [np.nan, np.nan, 7, 8.0], "paid": [1, np.nan, 1, 1.0]}
    )
    made = criteria.measurable(features, pd.Series([1, 1, 2, 2]), ["x", "y"], "paid")
    assert rows(made, "measurable").measured.tolist() == [0.25, 1.0]
    assert rows(made, "measurable").passed.tolist() == [False, True]
    assert rows(made, "measurable by value").measured.tolist() == [0.5, 1.0]
    assert not made.knock_out.any()
    assert rows(made, "measurable").rule[1] == "at least 70% of what its segmentation variables say is known"


def test_shares_known_tell_of_no_few_customers_and_still_pass():
    features = pd.DataFrame({"x": [np.nan, *range(99), np.nan, *range(19), *range(30)]})
    segments = pd.Series([1] * 100 + [2] * 20 + [3] * 30)
    got = rows(criteria.measurable(features, segments, ["x"], min_cell=10), "measurable")
    assert got.measured.tolist() == [0.9, 0.7, 1.0]  # .99, .95 and all
    assert got.passed.all()


def test_a_segment_of_too_few_is_not_measured():
    got = criteria.measurable(
        pd.DataFrame({"x": [1.0] * 30}), pd.Series([1] * 21 + [2] * 9), ["x"], min_cell=10
    )
    assert rows(got, "measurable").measured.isna().tolist() == [False, True]


def test_without_variables_or_value_the_rule_says_so():
    got = criteria.measurable(pd.DataFrame({"x": [1.0, 2.0]}), pd.Series([1, 2]), [], "paid")
    assert got.measured.isna().all()
    assert got.passed.all()
    assert got.rule.unique().tolist() == [
        "not measured: no feature formed the segments",
        "not measured: these data hold no value",
    ]


def test_too_few_customers_knock_out_and_too_little_value_warns():
    value = pd.DataFrame({"segment": [1, 2], "share": [0.99, 0.01], "value_share": [0.01, 0.99]})
    made = criteria.substantial(value, 0.02)
    assert made.passed.tolist() == [True, False, False, True]
    assert made.knock_out.tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"segment": [1], "share": [1.0]}, "these data hold no value"),
        ({"segment": [1], "share": [1.0], "value_share": [np.nan]}, "shares of value mean nothing"),
    ],
)
def test_value_that_cannot_be_shared_is_not_measured(table, why):
    got = rows(criteria.substantial(pd.DataFrame(table), 0.02), "substantial by value")
    assert got.passed.all()
    assert got.rule[1].startswith(f"not measured: {why}")


def people(n: int = 900) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Three segments by recency; the town tells of the first, and club is noise."""
    rng = np.random.default_rng(0)
    segments = np.repeat([1, 2, 3], [n // 2, n // 3, n - n // 2 - n // 3])
    known = pd.DataFrame(
        {
            "customer": np.arange(n),
            "segment": segments,
            "margin": 0.3,
            "recency": segments * 10 + rng.normal(size=n),
            "net_value": rng.lognormal(size=n),
            "town": np.where(segments == 1, "Bath", rng.choice(["York", "Ely"], n)),
            "club": rng.choice(["yes", "no"], n),
        }
    )
    catalogue = pd.DataFrame(
        {
            "feature": ["recency", "net_value", "town", "club"],
            "level": ["ratio", "ratio", "nominal", "binary"],
            "basis": ["behavioural", "value", "geographic", "psychographic"],
        }
    )
    return known, catalogue


def test_descriptors_make_accessible_and_their_absence_is_no_failure():
    known, catalogue = people(300)
    got = criteria.accessible(known, known.segment, catalogue, ["recency"])
    assert got.measured[0] > 0.95
    assert got.asked.tolist() == [0.7] * 3
    none = criteria.accessible(known, known.segment, catalogue[:1], ["recency"])
    assert none.measured.isna().all()
    assert none.passed.all()
    assert none.rule[0] == (
        "not measured: there are no descriptors of other bases than those that formed the segments"
    )


def test_only_what_matters_differentiates():
    tested = pd.DataFrame({"feature": ["a", "b", "c"], "matters": [True, True, False]})
    apart = pd.DataFrame(
        {
            "segment": [1, 1, 1, 2, 2, 2],
            "feature": list("abc") * 2,
            "asked": 0.147,
            "effect": [0.5, -0.2, 0.9, 0.1, np.nan, -0.9],
        }
    )
    value = pd.DataFrame({"segment": [1, 2], "margin": [0.05, 0.2]})
    made = criteria.differentiable(tested, apart, value)
    assert rows(made, "differentiable").measured.tolist() == [2.0, 0.0]
    assert rows(made, "differentiable").passed.tolist() == [True, False]
    assert rows(made, "differentiable").knock_out.all()
    assert rows(made, "distinct").passed.tolist() == [False, True]
    assert not rows(made, "distinct").knock_out.any()


def test_descriptors_of_noise_do_not_differentiate():
    rng = np.random.default_rng(5)
    features, segments = pd.DataFrame({"x": rng.normal(size=500)}), pd.Series(rng.integers(1, 3, 500))
    catalogue = pd.DataFrame({"feature": ["x"], "level": ["ratio"]})
    made = criteria.differentiable(
        contrasts.contrasts(features, segments, catalogue),
        contrasts.against_rest(features, segments, catalogue),
        pd.DataFrame({"segment": [1, 2], "margin": 0.3}),
    )
    assert rows(made, "differentiable").measured.tolist() == [0.0, 0.0]


def test_a_segment_that_was_never_found_again_is_knocked_out():
    got = criteria.stable(pd.DataFrame({"segment": [1, 2, 3], "recovery": [0.6, 0.59, np.nan]}), 0.6)
    assert got.passed.tolist() == [True, False, False]
    assert got.knock_out.all()


def test_plays_count_if_the_segment_meets_them():
    profile = pd.DataFrame(
        {
            "segment": [1, 1, 2, 2, 3, 3],
            "feature": ["recency", "orders"] * 3,
            "answer": None,
            "distance": [0.9, 0.0, -0.5, 0.7, 0.1, 0.05],
            "typical": 1.0,
            "overall": 1.0,
            "label": "X",
            "unit": "",
            "words": "x",
        }
    )
    made = criteria.actionable(profile, pd.DataFrame({"segment": [1, 2, 3], "customers": 100}), LIBRARY)
    assert made.measured.tolist() == [1.0, 2.0, 0.0]
    assert made.passed.tolist() == [True, True, False]
    assert not made.knock_out.any()


def test_a_library_without_conditions_says_nothing_of_a_segment():
    profile = pd.DataFrame({"segment": [1], "feature": ["recency"], "answer": None, "distance": [0.9]})
    none = criteria.actionable(profile, pd.DataFrame({"segment": [1], "customers": [100]}), LIBRARY[3:])
    assert none.measured.isna().all()
    assert none.passed.all()
    assert none.rule[0] == "not measured: the library has no play with conditions"


def carded(one: bool = False, min_cell: int = 10) -> pd.DataFrame:
    known, catalogue = people()
    known = known.assign(segment=1) if one else known
    value = assess.value(known[["customer", *catalogue.feature]], known[["customer", "segment", "margin"]])
    recovery = pd.DataFrame({"segment": [1, 2, 3], "recovery": [0.9, 0.5, 0.8]})[: 1 if one else 3]
    profile = profiles.profiles(known[catalogue.feature], known.segment, catalogue, 0.3, min_cell)
    profile = profile.assign(label="X", unit="", words="x")
    tested = contrasts.contrasts(known, known.segment, catalogue, min_cell, ["recency"])
    apart = contrasts.against_rest(known, known.segment, catalogue, min_cell)
    asked = scorecard.Asked(min_share=0.02, min_recovery=0.6, min_cell=min_cell)
    return scorecard.judge(
        known, catalogue, ["recency"], value, recovery, profile, tested, apart, LIBRARY, asked
    )


def test_the_scorecard_holds_every_criterion_of_every_segment_once():
    made = carded()
    assert tuple(made) == scorecard.COLUMNS
    assert made.groupby("segment").criterion.apply(tuple).tolist() == [scorecard.ORDER] * 3
    assert (made.passed.dtype, made.knock_out.dtype) == (bool, bool)
    assert made[made.knock_out].criterion.unique().tolist() == list(criteria.KNOCK_OUT)
    failed = made[~made.passed]
    assert list(zip(failed.segment, failed.criterion, strict=True)) == [
        (1, "actionable"),
        (2, "stable"),
        (2, "actionable"),
    ]


def test_the_scorecard_decides_as_before_who_may_be_a_target():
    scores = pd.DataFrame({"segment": [1, 2, 3], "size": [0.3, 0.4, 0.3]})
    rules = scoring.rules({"size": 1.0}, carded(), 2, "reproducible")
    got = scoring.ranking(scores, rules).set_index("segment")
    assert not got.target[2]
    assert (got.decision[2], got.failed[2]) == (
        "failed",
        [{"criterion": "stable", "measured": 0.5, "asked": 0.6}],
    )


def test_one_segment_differs_from_nobody_and_is_not_sought():
    made = carded(one=True).set_index("criterion")
    assert made.index.tolist() == list(scorecard.ORDER)
    assert made.measured[["differentiable", "substantial"]].tolist() == [0.0, 1.0]
    assert made.index[~made.passed].tolist() == ["differentiable", "actionable"]
    assert made.rule["accessible"].startswith("not measured: too few customers or segments")


def test_the_order_of_customers_does_not_matter():
    known, catalogue = people(300)
    shuffled = known.sample(frac=1, random_state=0)
    for made in (
        lambda k: contrasts.contrasts(k, k.segment, catalogue, 10, ["recency"]),
        lambda k: contrasts.against_rest(k, k.segment, catalogue, 10),
        lambda k: criteria.measurable(k, k.segment, ["recency"], "net_value", min_cell=10),
    ):
        pd.testing.assert_frame_equal(made(known), made(shuffled))
