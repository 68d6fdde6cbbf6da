"""The criteria that a segment must meet, one by one and together."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib.assess import contrasts, criteria, description, scorecard
from seglib.assess import summary as assess
from seglib.assess.playbook import Play
from seglib.assess.segments import Segments
from seglib.report import Context, under, worded
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


def with_rules(card: pd.DataFrame) -> pd.DataFrame:
    with under(Context("assess")):
        return worded("scorecard", card)


def segmented(
    features: pd.DataFrame,
    segments: pd.Series,
    variables: list[str],
    catalogue: pd.DataFrame | None = None,
    fewest: int = 1,
) -> Segments:
    if catalogue is None:
        catalogue = pd.DataFrame({"feature": features.columns, "level": "ratio", "basis": "behavioural"})
    catalogue = catalogue.assign(segmentation=catalogue.feature.isin(variables), protected=False)
    return Segments(features.assign(segment=segments.to_numpy()), catalogue, fewest=fewest)


def test_known_cells_and_values_by_hand():
    features = pd.DataFrame(
        {"x": [1, np.nan, 3, 4.0], "y": [np.nan, np.nan, 7, 8.0], "paid": [1, np.nan, 1, 1.0]}
    )
    made = criteria.measurable(segmented(features, pd.Series([1, 1, 2, 2]), ["x", "y"]), "paid")
    assert rows(made, "measurable").measured.tolist() == [0.25, 1.0]
    assert rows(made, "measurable").passed.tolist() == [False, True]
    assert rows(made, "measurable by value").measured.tolist() == [0.5, 1.0]
    assert not made.knock_out.any()
    assert rows(made, "measurable").asked.tolist() == [0.7, 0.7]


def test_shares_known_are_true_whatever_the_smallest_cell():
    features = pd.DataFrame({"x": [np.nan, *range(99), np.nan, *range(19), *range(30)]})
    segments = pd.Series([1] * 100 + [2] * 20 + [3] * 30)
    got = rows(criteria.measurable(segmented(features, segments, ["x"], fewest=10)), "measurable")
    assert got.measured.tolist() == [0.99, 0.95, 1.0]
    assert got.passed.all()


def test_measurable_says_why_not_without_variables_or_value():
    got = criteria.measurable(segmented(pd.DataFrame({"x": [1.0, 2.0]}), pd.Series([1, 2]), []), "paid")
    assert got.measured.isna().all()
    assert got.passed.all()
    assert got.why.unique().tolist() == ["no variables", "no value"]
    assert with_rules(got).rule.str.startswith("not measured: ").all()


def test_too_few_customers_knock_out_and_too_little_value_warns():
    value = pd.DataFrame({"segment": [1, 2], "share": [0.99, 0.01], "value_share": [0.01, 0.99]})
    made = criteria.substantial(value, 0.02)
    assert made.passed.tolist() == [True, False, False, True]
    assert made.knock_out.tolist() == [True, True, False, False]


@pytest.mark.parametrize(
    ("table", "why"),
    [
        ({"segment": [1], "share": [1.0]}, "no value"),
        ({"segment": [1], "share": [1.0], "value_share": [np.nan]}, "negative value"),
    ],
)
def test_value_that_cannot_be_shared_is_not_measured(table, why):
    got = rows(criteria.substantial(pd.DataFrame(table), 0.02), "substantial by value")
    assert got.passed.all()
    assert got.why[1] == why


def people(n: int = 900) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Three segments by recency; the town predicts the first, and club is noise."""
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
    got = criteria.accessible(segmented(known, known.segment, ["recency"], catalogue))
    assert got.measured[0] > 0.95
    assert got.asked.tolist() == [0.7] * 3
    none = criteria.accessible(segmented(known, known.segment, ["recency"], catalogue[:1]))
    assert none.measured.isna().all()
    assert none.passed.all()
    assert none.why[0] == "no descriptors"


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
    people = segmented(features, segments, [])
    made = criteria.differentiable(
        contrasts.differences(people),
        contrasts.against_rest(people),
        pd.DataFrame({"segment": [1, 2], "margin": 0.3}),
    )
    assert rows(made, "differentiable").measured.tolist() == [0.0, 0.0]


def test_a_segment_is_knocked_out_when_it_is_unstable():
    got = criteria.stable(pd.DataFrame({"segment": [1, 2, 3], "stability": [0.6, 0.59, np.nan]}), 0.6)
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


def test_a_library_without_conditions_measures_nothing():
    profile = pd.DataFrame({"segment": [1], "feature": ["recency"], "answer": None, "distance": [0.9]})
    none = criteria.actionable(profile, pd.DataFrame({"segment": [1], "customers": [100]}), LIBRARY[3:])
    assert none.measured.isna().all()
    assert none.passed.all()
    assert none.why[0] == "no plays"


def carded(one: bool = False, fewest: int = 10) -> pd.DataFrame:
    known, catalogue = people()
    known = known.assign(segment=1) if one else known
    catalogue = catalogue.assign(label="X", unit="", high="", low="")
    value = assess.value(known[["customer", *catalogue.feature]], known[["customer", "segment", "margin"]])
    stability = pd.DataFrame({"segment": [1, 2, 3], "stability": [0.9, 0.5, 0.8]})[: 1 if one else 3]
    all_of_them = segmented(known, known.segment, ["recency"], catalogue, fewest)
    assessment = scorecard.Assessment(
        all_of_them,
        description.profiles(all_of_them, 0.3),
        value,
        stability,
        contrasts.differences(all_of_them),
    )
    return with_rules(scorecard.judge(assessment, LIBRARY, scorecard.Requirements(0.02, 0.6)))


def test_the_scorecard_holds_every_criterion_of_every_segment_once():
    made = carded()
    assert tuple(made) == (*scorecard.COLUMNS, "rule")
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
    scores = pd.DataFrame({"segment": [1, 2, 3], "score": [0.3, 0.4, 0.3], "sd": 0.01, "chance": 1.0})
    rules = scoring.rules("points", carded(), 2, "reproducible")
    got = scoring.ranking(scores, rules).set_index("segment")
    assert got.target.to_dict() == {1: True, 2: False, 3: True}
    assert (got.decision[2], got.failed[2]) == (
        "failed",
        [{"criterion": "stable", "measured": 0.5, "asked": 0.6}],
    )


def test_one_segment_differs_in_nothing_and_is_not_measured():
    made = carded(one=True).set_index("criterion")
    assert made.index.tolist() == list(scorecard.ORDER)
    assert made.measured[["differentiable", "substantial"]].tolist() == [0.0, 1.0]
    assert made.index[~made.passed].tolist() == ["differentiable", "actionable"]
    assert made.why["accessible"] == "too few"


def test_the_order_of_customers_does_not_matter():
    known, catalogue = people(300)
    shuffled = known.sample(frac=1, random_state=0)
    for made in (
        contrasts.differences,
        contrasts.against_rest,
        lambda people: criteria.measurable(people, "net_value"),
    ):
        both = (segmented(k, k.segment, ["recency"], catalogue, 10) for k in (known, shuffled))
        pd.testing.assert_frame_equal(*(made(people) for people in both))
