"""The score: what is measured of each segment, how much it counts, and who becomes a target."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd
import pytest

from seglib.assess import criteria as tests_of_segments
from seglib.errors import ParamsError
from seglib.report import worded
from seglib.report.context import Context, under
from seglib.target import criteria, scoring
from seglib.target.criteria import Evidence
from seglib.vocabulary import Objective

NOTHING = {
    "retention": pd.DataFrame({"segment": [], "age": [], "share": []}),
    "satisfaction": pd.DataFrame({"segment": [], "item": [], "mean": [], "nps": []}),
    "effects": pd.DataFrame({"campaign": [], "segment": [], "outcome": [], "mean": [], "contacted": []}),
}


def ranked(
    measured: pd.DataFrame,
    weights: dict[str, float],
    card: pd.DataFrame,
    most: int,
    structure: str,
) -> pd.DataFrame:
    """The ranking with the words of its table."""
    table = scoring.ranking(measured, scoring.rules(weights, card, most, structure))
    with under(Context(stage="target")):
        return worded("ranking", table)


def scores(share: list[float], stability: list[float]) -> tuple[pd.DataFrame, pd.DataFrame, pd.DataFrame]:
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
    stability = pd.DataFrame({"segment": range(1, k + 1), "stability": stability})
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
    return value, stability, profile


def judged(value: pd.DataFrame, stability: pd.DataFrame) -> pd.DataFrame:
    return pd.concat(
        [tests_of_segments.substantial(value, 0.02), tests_of_segments.stable(stability, 0.6)],
        ignore_index=True,
    )


def test_an_unstable_segment_is_no_target():
    value, stability, profile = scores([0.4, 0.3, 0.28, 0.02], [0.5, 0.9, 0.9, 0.9])
    card = judged(value, stability)
    scored = Evidence(value, stability, profile).criteria()
    weights = scoring.weights("retention", list(scored.columns)).in_score
    got = ranked(scored, weights, card, 2, "reproducible").set_index("segment")
    assert got.target.to_dict() == {1: False, 2: True, 3: True, 4: False}
    assert "stability 0.50" in got.decided_by[1] and "0.60" in got.decided_by[1]


def test_all_customers_as_one_are_no_target_and_rules_may_be():
    value, stability, profile = scores([1.0], [0.9])
    card = judged(value, stability)
    got = ranked(Evidence(value, stability, profile).criteria(), {"size": 1.0}, card, 3, "none")
    assert not got.target.any()
    assert got.decided_by.tolist() == ["no structure was found to target"]
    value, stability, profile = scores([0.6, 0.4], [0.9, 0.9])
    card = judged(value, stability)
    assert ranked(Evidence(value, stability, profile).criteria(), {"size": 1.0}, card, 3, "none").target.any()


def test_a_segment_far_below_the_first_is_no_target():
    value, stability, profile = scores([0.6, 0.25, 0.15], [0.9, 0.9, 0.9])
    card = judged(value, stability)
    scored = Evidence(value, stability, profile).criteria()
    got = ranked(scored, {"size": 1.0}, card, 3, "natural").set_index("segment")
    assert got.target.to_dict() == {1: True, 2: False, 3: False}
    assert got.decided_by[2].startswith("score 0.22, below one third")


def test_never_all_segments_are_targets():
    value, stability, profile = scores([0.6, 0.4], [0.9, 0.9])
    card = judged(value, stability)
    got = ranked(Evidence(value, stability, profile).criteria(), {"size": 1.0}, card, 5, "natural")
    assert got.target.tolist() == [True, False]


def test_weights_of_criteria_without_data_are_shared():
    got = scoring.weights("growth", ["value_share", "stability", "found"])
    assert sum(got.attractiveness.values()) == sum(got.in_score.values()) == pytest.approx(1)
    assert got.attractiveness["value_share"] == pytest.approx(0.25 / 0.40)
    assert got.capability == {"found": 1.0}
    assert got.in_score["found"] == pytest.approx(0.25 * 0.20)  # a fifth of strength is measured
    assert got.unmeasured == ("growth", "value_per_customer", "responding", "retained", "satisfied")


def test_capability_counts_for_nothing_where_nothing_of_it_is_measured():
    got = scoring.weights("growth", ["value_share", "stability"], capability_share=0.5)
    assert (got.capability, got.capability_share) == ({}, 0.0)
    assert got.in_score == got.attractiveness


def test_a_criterion_on_both_axes_counts_on_both():
    got = scoring.weights(
        "growth", ["size"], attractiveness={"size": 2}, capability={"size": 1}, capability_share=0.4
    )
    assert got.in_score == {"size": pytest.approx(1.0)}


def test_capability_is_read_from_what_was_measured():
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
    got = criteria.capability(pd.Series([2, 1, 3]), card, retention, satisfaction, effects).set_index(
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
    only = NOTHING | {"satisfaction": satisfaction.query("item == 'nps'")}
    alone = criteria.capability(pd.Series([1]), card.head(0), **only)
    assert alone.to_dict("list") == {"segment": [1], "satisfied": [0.1]}


def test_both_axes_add_up_to_the_score():
    value, stability, profile = scores([0.5, 0.3, 0.2], [0.7, 0.9, 0.8])
    known = pd.DataFrame({"segment": [1, 2, 3], "found": [0.6, 0.7, 0.9]})
    measured = Evidence(value, stability, profile, known).criteria()
    got = scoring.weights("retention", list(measured.columns), capability_share=0.3)
    axes = scoring.axes(measured, got).set_index("segment")
    score = scoring.weighted(measured, got.in_score)
    assert (0.955 * axes.attractiveness + 0.045 * axes.strength).tolist() == pytest.approx(score.tolist())
    none = scoring.axes(measured, scoring.weights("retention", ["size", "stability"]))
    assert none.strength.isna().all()


def test_a_weight_on_nothing_known_is_refused():
    value, stability, profile = scores([0.6, 0.4], [0.9, 0.9])
    with pytest.raises(
        ParamsError,
        match=r"target\.weights or target\.strength name 'recencie'; allowed .*Did you mean 'recency'",
    ):
        Evidence(value, stability, profile, named=("recencie",)).criteria()


def test_a_weighted_feature_counts_by_its_distance():
    value, stability, profile = scores([0.6, 0.4], [0.9, 0.9])
    got = Evidence(value, stability, profile, named=("recency", "size")).criteria()
    assert got.recency.tolist() == [1.0, 1.0] and "size" in got


def test_every_objective_has_weights_that_sum_to_one():
    for axis in (scoring.ATTRACTIVENESS, scoring.CAPABILITY):
        assert tuple(axis) == get_args(Objective)
        for weights in axis.values():
            assert sum(weights.values()) == pytest.approx(1) and set(weights) <= set(criteria.CRITERIA)


def test_the_table_of_weights_lists_what_was_not_measured():
    got = scoring.weights("service", ["size", "retained"]).table().set_index("criterion")
    assert got.measured.to_dict() == {
        "size": True,
        "retained": True,
        "separation": False,
        "value_share": False,
        "stability": False,
        "satisfied": False,
        "found": False,
    }
    assert got.in_score.sum() == pytest.approx(1)
