"""Criteria, weights and the ranking: small tables typed by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib.assess import criteria
from seglib.errors import ParamsError
from seglib.target import capability as strengths
from seglib.target import evaluation
from seglib.target import ranking as target


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
    return pd.concat([criteria.substantial(value, 0.02), criteria.stable(came, 0.6)], ignore_index=True)


def test_a_segment_that_does_not_come_back_is_no_target():
    value, came, profile = scores([0.4, 0.3, 0.28, 0.02], [0.5, 0.9, 0.9, 0.9])
    card = judged(value, came)
    scored = evaluation.criteria(value, came, profile, [])
    weights = evaluation.weights("retention", list(scored.columns)).together
    got = target.ranking(scored, weights, card, most=2, structure="reproducible").set_index("segment")
    assert got.target.to_dict() == {1: False, 2: True, 3: True, 4: False}
    assert got.decided_by[1] == "not stable (50%; asked: comes back to at least 60% in resampling)"


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
