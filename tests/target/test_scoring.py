"""The score: money of the best play, or points on scales of their own; and who becomes a target."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.assess import criteria as tests_of_segments
from seglib.errors import ParamsError
from seglib.report import worded
from seglib.report.context import Context, under
from seglib.target import anchors, criteria, scoring
from seglib.target.criteria import Evidence

NOTHING = {
    "retention": pd.DataFrame({"segment": [], "age": [], "share": []}),
    "satisfaction": pd.DataFrame({"segment": [], "item": [], "mean": [], "nps": []}),
    "effects": pd.DataFrame({"campaign": [], "segment": [], "outcome": [], "mean": [], "contacted": []}),
}


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


def scored(score: list[float], sd: float | list[float] = 0.1, **more: object) -> pd.DataFrame:
    """Scores of segments 1, 2, …; the chance that each is above 0 follows."""
    k = len(score)
    table = pd.DataFrame({"segment": range(1, k + 1), "score": score, "sd": sd}).assign(pays=True, acts=False)
    table["name"] = [f"Segment {chr(97 + at)}" for at in range(k)]
    table["chance"] = scoring.stats.norm.cdf(table.score / table.sd)
    texts = {"play": "Letter", "per_contact": table.score, "at_stake": 1.0, "stake": 1.0}
    return table.assign(**texts, attractiveness=np.nan, strength=np.nan, **more)


def card(k: int, out: tuple[int, ...] = ()) -> pd.DataFrame:
    rows = [(s, "stable", 0.5 if s in out else 0.9, 0.6, s not in out, True) for s in range(1, k + 1)]
    return pd.DataFrame(rows, columns=["segment", "criterion", "measured", "asked", "passed", "knock_out"])


def ranked(
    table: pd.DataFrame,
    basis: str = "profit",
    most: int = 3,
    out: tuple[int, ...] = (),
    structure: str = "natural",
) -> pd.DataFrame:
    """The ranking, with the words of its table."""
    rules = scoring.rules(basis, card(len(table), out), most, structure)
    made = scoring.ranking(table, rules).assign(basis=basis, behind=100)
    with under(Context(stage="target", currency="EUR")):
        return worded("ranking", made).set_index("segment")


def test_what_does_not_pay_with_the_asked_chance_is_no_target():
    got = ranked(scored([5.0, 1.0, -2.0, np.nan], sd=[1.0, 2.0, 1.0, np.nan]))
    assert got.target.to_dict() == {1: True, 2: False, 3: False, 4: False}
    assert got.decision.to_dict() == {1: "chosen", 2: "unsure", 3: "loss", 4: "unknown"}
    assert "69% only: test it first" in got.decided_by[2] and "cost more than it brings" in got.decided_by[3]


def test_where_nothing_pays_nothing_is_recommended():
    assert not ranked(scored([-0.1, -3.0, -5.0])).target.any()


def test_all_segments_that_pay_are_targets_as_far_as_there_are_places():
    assert ranked(scored([3.0, 2.0])).target.all()
    got = ranked(scored([4.0, 3.0, 2.0, 1.0]), most=2)
    assert got.decision.tolist() == ["chosen", "chosen", "outranked", "outranked"]
    assert "two segments rank higher" in got.decided_by[3]


def test_a_difference_within_its_error_decides_nothing():
    got = ranked(scored([5.0, 4.9, 1.0], sd=[0.5, 0.5, 0.1]))
    assert got["rank"].tolist() == [1, 1, 3] and got.tied.tolist() == [True, True, False]
    assert "equal within its error" in got.decided_by[2]


def test_a_knocked_out_segment_is_no_target_however_much_it_earns():
    got = ranked(scored([9.0, 2.0]), out=(1,))
    assert got.target.to_dict() == {1: False, 2: True}
    assert "stability 0.50" in got.decided_by[1] and "0.60" in got.decided_by[1]


def test_one_segment_needs_structure():
    assert not ranked(scored([5.0]), structure="none").target.any()
    assert ranked(scored([5.0]), structure="natural").target.all()
    assert ranked(scored([5.0, -1.0]), structure="none").target.any()


def test_without_value_and_weights_there_is_no_ranking():
    best = pd.DataFrame({"unknown": ["value", "contact"]})
    nothing = pd.DataFrame({"at_stake": [np.nan, np.nan]})
    assert scoring.basis(best, nothing, weighted=False, objective="growth") == "none"
    assert scoring.basis(best, nothing, weighted=True, objective="growth") == "points"
    got = ranked(scored([np.nan, np.nan]), basis="none")
    assert not got.target.any() and set(got.decision) == {"unranked"}


def test_points_never_choose_all_segments_and_none_at_or_below_all_customers():
    got = ranked(scored([1.0, 0.5]), basis="points")
    assert got.target.tolist() == [True, False]
    assert ranked(scored([-0.1, -0.5]), basis="points").decision.tolist() == ["below", "below"]


def test_retention_goes_where_the_leavers_are_and_not_where_the_most_customers_are():
    """Bank cards: 29 % with 32 % at risk and 71 % with 9 %, the same value per head; the same offer to both."""
    stakes = pd.DataFrame({"customers": [29, 71], "at_risk": [0.32, 0.09]})
    points = anchors.points(stakes.assign(segment=[1, 2]).drop(columns="customers"), stakes.customers)
    assert points.at_risk[0] > 1 > 0 > points.at_risk[1]


@settings(max_examples=25, deadline=None)
@given(st.lists(st.floats(0.01, 0.99), min_size=2, max_size=6), st.floats(0.0, 0.99))
def test_points_of_a_segment_do_not_depend_on_which_is_lowest_or_highest(risks, other):
    """Another segment of a risk such as all customers have changes no one's points."""
    table = pd.DataFrame({"segment": range(len(risks)), "at_risk": risks})
    sizes = pd.Series(100.0, index=table.index)
    before = anchors.points(table, sizes)
    more = pd.concat(
        [table, pd.DataFrame({"segment": [99], "at_risk": [float(np.mean(risks))]})], ignore_index=True
    )
    after = anchors.points(more, pd.Series([*sizes, 500.0]))
    assert after.at_risk[: len(risks)].tolist() == pytest.approx(before.at_risk.tolist(), abs=1e-9)


def test_every_criterion_has_an_anchor():
    assert set(anchors.ANCHORS) == set(criteria.CRITERIA)


def test_weights_of_criteria_without_data_are_shared():
    got = anchors.weights(
        ["at_risk", "stability", "found"], {"at_risk": 1, "growth": 2}, {"found": 1, "retained": 1}
    )
    assert got.attractiveness == {"at_risk": 1.0} and got.capability == {"found": 1.0}
    assert got.in_score == {"at_risk": pytest.approx(0.875), "found": pytest.approx(0.125)}
    assert got.unmeasured == ("growth", "retained")
    table = got.table().set_index("criterion")
    assert table.in_score.sum() == pytest.approx(1) and not table.measured["growth"]


def test_without_weights_no_criterion_counts():
    got = anchors.weights(["at_risk"], {}, {})
    assert got.in_score == {} and got.capability_share == 0.0 and got.table().empty
    axes = anchors.axes(pd.DataFrame({"segment": [1], "at_risk": [2.0]}), got)
    assert axes[["attractiveness", "strength", "points"]].isna().all(axis=None)


def test_weights_on_what_was_not_measured_alone_are_refused():
    with pytest.raises(ParamsError, match=r"target\.weights names only what was not measured \(growth\)"):
        anchors.weights(["size"], {"growth": 1.0})


def test_both_axes_add_up_to_the_points():
    table = pd.DataFrame({"segment": [1, 2], "at_risk": [1.0, -1.0], "found": [0.5, 2.0]})
    weights = anchors.weights(["at_risk", "found"], {"at_risk": 1.0}, {"found": 1.0}, 0.2)
    got = anchors.axes(table, weights)
    assert got.points.tolist() == pytest.approx((0.8 * got.attractiveness + 0.2 * got.strength).tolist())


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
