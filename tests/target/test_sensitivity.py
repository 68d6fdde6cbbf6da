"""How robust the ranking is: what is equal is too close to call, what is far apart is not."""

from __future__ import annotations

import time

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.errors import DataError
from seglib.report.context import Context, under
from seglib.report.sentences import sentence
from seglib.target import scoring, sensitivity

WEIGHTS = {"value_share": 0.5, "growth": 0.3, "stability": 0.2}


def card(k: int, out: tuple[int, ...] = ()) -> pd.DataFrame:
    segments = range(1, k + 1)
    return pd.DataFrame(
        {
            "segment": segments,
            "criterion": "stable",
            "measured": 0.5,
            "asked": 0.6,
            "passed": [s not in out for s in segments],
            "knock_out": True,
        }
    )


def measured(**columns: list[float]) -> pd.DataFrame:
    k = len(next(iter(columns.values())))
    return pd.DataFrame({"segment": range(1, k + 1), **columns})


def simulated(
    criteria: pd.DataFrame,
    weights: dict[str, float] = WEIGHTS,
    most: int = 2,
    out: tuple[int, ...] = (),
    structure: str = "natural",
    samples: list[pd.DataFrame] | tuple = (),
    **more: object,
) -> pd.DataFrame:
    rules = scoring.rules(weights, card(len(criteria), out), most, structure)
    return sensitivity.simulations(criteria, rules, samples, **{"n": 2000, **more})


def call(table: pd.DataFrame) -> str:
    return sensitivity.decisive(table)["call"]


def said(table: pd.DataFrame, names: dict[int, str] | None = None) -> str:
    with under(Context(stage="target", names=names or {})):
        return sentence("decisive", sensitivity.decisive(table)).replace("**", "")


FOUR = measured(value_share=[0.4, 0.3, 0.2, 0.1], growth=[0.2, 0.5, 0.1, 0.6], stability=[0.9, 0.8, 0.7, 0.9])


def test_weights_are_drawn_around_the_given_ones():
    drawn = sensitivity.drawn_weights(WEIGHTS, 20_000, 20.0, 0)
    given = np.array([*WEIGHTS.values()])
    assert drawn.sum(axis=1) == pytest.approx(1)
    assert drawn.mean(axis=0) == pytest.approx(given, abs=0.003)
    assert drawn.std(axis=0) == pytest.approx(np.sqrt(given * (1 - given) / 21), abs=0.002)


def test_weights_drawn_infinitely_closely_are_the_given_ones():
    assert sensitivity.drawn_weights({"a": 3.0, "b": 1.0}, 2, np.inf, 0).tolist() == [[0.75, 0.25]] * 2


def test_a_criterion_without_weight_stays_without():
    assert (sensitivity.drawn_weights({"a": 1.0, "b": 0.0, "c": 1.0}, 50, 20.0, 0)[:, 1] == 0).all()


@settings(max_examples=15, deadline=None)
@given(st.integers(2, 6), st.integers(1, 4), st.integers(0, 10_000))
def test_chances_are_those_of_ranking_under_every_weight(k, most, seed):
    rng = np.random.default_rng(seed)
    criteria = measured(**{c: list(rng.random(k)) for c in WEIGHTS})
    out = tuple(rng.choice(np.arange(1, k + 1), rng.integers(0, k), replace=False))
    got = simulated(criteria, most=most, out=out, n=25, seed=seed).set_index("segment")
    ranked = [
        scoring.ranking(
            criteria, scoring.rules(dict(zip(WEIGHTS, w, strict=True)), card(k, out), most, "natural")
        ).set_index("segment")
        for w in sensitivity.drawn_weights(WEIGHTS, 25, sensitivity.CONCENTRATION, seed)
    ]
    want = sum(r.target.astype(float) for r in ranked) / 25
    assert got.chance_target.to_dict() == pytest.approx(want.to_dict())
    first = [next((s for s in r.index if s not in out), None) for r in ranked]
    assert got.chance_first.to_dict() == pytest.approx({s: first.count(s) / 25 for s in got.index})
    assert got.score.to_dict() == scoring.weighted(criteria, WEIGHTS).to_dict()


def test_chances_sum_to_the_number_of_targets_and_to_one():
    close = measured(a=[1.0, 0.9, 0.95, 0.8, 0.0], b=[0.8, 1.0, 0.9, 0.95, 0.0])  # the first four over half
    for most in (1, 2, 3):
        got = simulated(close, {"a": 0.5, "b": 0.5}, most=most)
        assert got.chance_target.sum() == pytest.approx(most)
        assert got.chance_first.sum() == pytest.approx(1)
        assert got.target.sum() == most


def test_equal_segments_are_too_close_to_call():
    criteria = measured(
        value_share=[0.5, 0.45, 0.45, 0.1], growth=[0.3, 0.2, 0.2, 0.1], stability=[0.9, 0.8, 0.8, 0.7]
    )
    got = simulated(criteria).set_index("segment")
    assert got.target.to_dict() == {1: True, 2: True, 3: False, 4: False}
    assert got.chance_target.to_dict() == {1: 1.0, 2: 0.5, 3: 0.5, 4: 0.0}
    assert got.ahead[2] == 0.5
    assert sensitivity.decisive(got.reset_index()) == {
        "call": "too close to call",
        "line": "ahead",
        "inside": 2,
        "outside": 3,
        "holds": 0.5,
        "required": 0.9,
        "draws": 2000,
    }
    text = said(got.reset_index(), {2: "Loyal", 3: "New"})
    for fact in ("too close to call", "Loyal is ahead of New in 50% of 2,000", "90%"):
        assert fact in text


def noisy(apart: float, n: int = 400) -> list[pd.DataFrame]:
    """Draw criteria of which those of segments 2 and 3 differ by so many standard errors of the difference."""
    rng = np.random.default_rng(7)
    centre = np.array([0.9, 0.5, 0.5 - 0.01 * np.sqrt(2) * apart, 0.0])
    return [measured(value_share=list(centre + rng.normal(0, 0.01, 4))) for _ in range(n)]


@pytest.mark.parametrize(
    ("apart", "word"), [(0.0, "too close to call"), (0.5, "too close to call"), (3.0, "clear")]
)
def test_segments_are_distinguished_by_their_standard_errors(apart, word):
    criteria = measured(value_share=[0.9, 0.5, 0.5 - 0.01 * np.sqrt(2) * apart, 0.0])
    got = simulated(criteria, {"value_share": 1.0}, samples=noisy(apart))
    assert call(got) == word
    assert got.ahead[1] == pytest.approx({0.0: 0.5, 0.5: 0.69, 3.0: 0.9987}[apart], abs=0.06)


def test_one_criterion_leaves_nothing_to_draw():
    got = simulated(measured(size=[0.5, 0.3, 0.2]), {"size": 1.0}, most=1)
    assert got.chance_target.tolist() == [1.0, 0.0, 0.0]
    assert (got.low == got.high).all()
    assert call(got) == "clear"
    assert "segment 1 is ahead of segment 2 in 100% of 2,000" in said(got)


@settings(max_examples=15, deadline=None)
@given(st.permutations([1, 2, 3, 4]))
def test_numbers_of_segments_do_not_matter(numbers):
    tied = FOUR.assign(
        value_share=[0.4, 0.2, 0.2, 0.1], growth=[0.2, 0.5, 0.5, 0.6], stability=[0.9, 0.8, 0.8, 0.9]
    )
    renamed = tied.assign(segment=tied.segment.map(dict(zip([1, 2, 3, 4], numbers, strict=True))))
    first = simulated(tied).set_index("segment")[["chance_target", "chance_first", "low", "high", "score"]]
    second = (
        simulated(renamed).set_index("segment").loc[numbers, list(first)].set_index(first.sort_index().index)
    )
    pd.testing.assert_frame_equal(first.sort_index(), second)


def test_all_alike_share_the_places():
    got = simulated(measured(size=[0.25] * 4), {"size": 1.0}, most=2)
    assert got.chance_target.tolist() == [0.5] * 4
    assert got.chance_first.tolist() == [0.25] * 4
    assert call(got) == "too close to call"


def test_a_knocked_out_segment_never_is_a_target():
    got = simulated(FOUR, out=(1,)).set_index("segment")
    assert (got.chance_target[1], got.chance_first[1], got.allowed[1]) == (0.0, 0.0, False)
    assert got.chance_first.sum() == pytest.approx(1)
    assert np.isnan(got.ahead[1])


def test_a_knocked_out_segment_shares_no_place():
    got = simulated(measured(size=[0.4, 0.4, 0.1]), {"size": 1.0}, most=1, out=(1,)).set_index("segment")
    assert got.chance_target.to_dict() == got.chance_first.to_dict() == {1: 0.0, 2: 1.0, 3: 0.0}


def test_with_all_segments_knocked_out_there_is_nothing_to_call():
    got = simulated(FOUR, out=(1, 2, 3, 4))
    assert got.chance_target.tolist() == got.chance_first.tolist() == [0.0] * 4
    assert call(got) == "nothing to call"


@pytest.mark.parametrize(
    ("structure", "chance", "word"), [("natural", 1.0, "clear"), ("none", 0.0, "nothing to call")]
)
def test_one_segment_is_a_target_if_there_is_structure(structure, chance, word):
    got = simulated(measured(size=[1.0]), {"size": 1.0}, structure=structure)
    assert got.chance_target.tolist() == [chance]
    assert call(got) == word


def test_a_segment_near_a_third_of_the_first_is_too_close_to_call():
    # three places, and the second is at 0.5 or a little beside it, as the weights have it
    got = simulated(measured(a=[1.0, 0.33, 0.0, 0.0], b=[1.0, 0.3, 0.0, 0.0]), {"a": 0.5, "b": 0.5}, most=3)
    assert not got.target[1]
    assert call(got) == "clear"  # under a third whatever the weights
    got = simulated(measured(a=[1.0, 0.5, 0.0, 0.0], b=[1.0, 0.15, 0.0, 0.0]), {"a": 0.5, "b": 0.5}, most=3)
    assert not got.target[1]
    assert {k: sensitivity.decisive(got)[k] for k in ("call", "line", "outside")} == {
        "call": "too close to call",
        "line": "below",
        "outside": 2,
    }
    assert "Window shoppers stays below one third" in said(got, {2: "Window shoppers"})


def test_a_target_hardly_over_a_third_of_the_first_is_too_close_to_call():
    got = simulated(measured(a=[1.0, 0.52, 0.0], b=[1.0, 0.16, 0.0]), {"a": 0.5, "b": 0.5}, most=2)
    assert got.target.tolist() == [True, True, False]
    assert {k: sensitivity.decisive(got)[k] for k in ("call", "line", "inside")} == {
        "call": "too close to call",
        "line": "among",
        "inside": 2,
    }
    assert "segment 2 is selected as a target in " in said(got)


def test_a_share_just_short_of_all_or_of_what_is_asked_does_not_look_like_it():
    table = simulated(FOUR).assign(
        target=[True, True, False, False], allowed=True, chance_target=1.0, ahead=0.8999
    )
    assert "in 89% of" in said(table)
    assert "in 99% of" in said(table.assign(ahead=0.9999))


def test_customers_are_drawn_again_and_renumbered():
    customers = pd.DataFrame({"customer": [7, 8, 9], "segment": [1, 1, 2], "spend": [1.0, 3.0, 10.0]})
    seen = []

    def measure(drawn: pd.DataFrame) -> pd.DataFrame:
        seen.append(drawn)
        return drawn.groupby("segment", as_index=False).spend.mean()

    tables = sensitivity.resampled(customers, measure, n=300, seed=0)
    assert all(d.customer.tolist() == [0, 1, 2] for d in seen)
    first = pd.concat(tables).groupby("segment").spend.mean()
    assert first.to_dict() == pytest.approx({1: 2.0, 2: 10.0}, abs=0.15)
    assert customers.customer.tolist() == [7, 8, 9]
    got = simulated(
        customers.groupby("segment", as_index=False).spend.mean(), {"spend": 1.0}, most=1, samples=tables
    )
    both = np.mean([set(t.segment) == {1, 2} for t in tables])
    assert (
        got.set_index("segment").chance_target[1] <= 1 - both + 0.01
    )  # only where no customer of segment 2 was drawn


def test_a_criterion_that_no_sample_measures_is_refused():
    with pytest.raises(
        DataError, match=r"criterion 'growth' has a weight and was measured in no sample of customers"
    ):
        simulated(FOUR, samples=[FOUR.drop(columns="growth")])


def test_ten_thousand_draws_take_well_under_a_second():
    rng = np.random.default_rng(0)
    criteria = measured(**{c: list(rng.random(12)) for c in WEIGHTS})
    start = time.process_time()
    simulated(criteria, most=3, n=10_000, samples=[criteria] * 200)
    assert time.process_time() - start < 1


def test_the_same_seed_draws_the_same():
    pd.testing.assert_frame_equal(simulated(FOUR, seed=5), simulated(FOUR, seed=5))
    assert simulated(FOUR, seed=5).low.tolist() != simulated(FOUR, seed=6).low.tolist()


def test_never_all_segments_are_targets_however_near_they_are():
    got = simulated(measured(a=[1.0, 0.0], b=[0.0, 1.0]), {"a": 0.6, "b": 0.4}, most=5, n=20_000)
    assert got.target.tolist() == [True, False]
    assert got.places.tolist() == [1, 1]
    assert got.chance_target.sum() == pytest.approx(1)
    # the weight of a is drawn from Beta(12, 8), which lies above a half in 82 %
    assert got.ahead[0] == pytest.approx(0.8204, abs=0.01)
