"""How robust the ranking is: chances within the errors, and the line between targets and others."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from seglib.errors import DataError
from seglib.report import text
from seglib.report.context import Context, under
from seglib.target import scoring, sensitivity

WEIGHTS = {"value_share": 0.5, "growth": 0.3, "stability": 0.2}


def ranked(
    score: list[float], sd: float = 1.0, most: int = 3, basis: str = "profit", out: tuple[int, ...] = ()
):
    """The ranking of segments 1, 2, … and its rules."""
    k = len(score)
    card = pd.DataFrame(
        {
            "segment": range(1, k + 1),
            "criterion": "stable",
            "measured": 0.5,
            "asked": 0.6,
            "passed": [s not in out for s in range(1, k + 1)],
            "knock_out": True,
        }
    )
    rules = scoring.rules(basis, card, most, "natural")
    table = pd.DataFrame({"segment": range(1, k + 1), "score": score, "sd": sd})
    return scoring.ranking(table.assign(chance=stats.norm.cdf(table.score / table.sd)), rules), rules


def best(k: int, play: str = "", learned: str = "Spring") -> pd.DataFrame:
    plays = [play or f"Play {at}" for at in range(k)]
    return pd.DataFrame({"segment": range(1, k + 1), "play": plays, "learned_from": learned})


def simulated(table: pd.DataFrame, rules: scoring.Rules, **more: object) -> pd.DataFrame:
    drawn = sensitivity.drawn_profits(table, best(len(table), **more))
    return sensitivity.simulations(table, rules, drawn)


def test_a_chance_is_that_of_a_normal():
    table, rules = ranked([2.5, 2.0], most=1)
    got = simulated(table, rules).set_index("segment")
    assert got.chance_target[1] == pytest.approx(stats.norm.cdf(0.5 / 2**0.5), abs=0.015)
    assert got.chance_first.sum() == pytest.approx(1.0)


def test_only_what_pays_takes_a_place():
    table, rules = ranked([3.0, 0.2, -1.0])
    got = simulated(table, rules).set_index("segment")
    assert got.chance_target.to_dict() == {1: pytest.approx(1.0, abs=0.01), 2: 0.0, 3: 0.0}


def test_what_plays_assume_of_one_response_is_off_by_the_same():
    table, rules = ranked([3.0, 2.9], sd=2.0, most=1)
    apart = simulated(table, rules).ahead[0]
    alike = simulated(table, rules, play="Letter", learned="").ahead[0]
    assert apart < 0.6 and alike == 1.0


def test_the_line_between_targets_and_others_is_too_close_to_call_within_its_error():
    close, rules = ranked([5.0, 4.9], most=1)
    far, _ = ranked([9.0, 4.0], most=1)
    calls = [sensitivity.decisive(simulated(t, rules))["call"] for t in (close, far)]
    assert calls == ["too close to call", "clear"]
    with under(Context("target", names={1: "Loyal", 2: "New"})):
        said = text("decisive", **sensitivity.decisive(simulated(close, rules)))
    assert "too close to call" in said and "**Loyal**" in said and "**New**" in said


def test_without_a_target_there_is_nothing_to_call():
    table, rules = ranked([-5.0, -6.0])
    assert sensitivity.decisive(simulated(table, rules)) == {"call": "nothing to call"}
    table, rules = ranked([5.0, 6.0], out=(1, 2))
    assert sensitivity.decisive(simulated(table, rules)) == {"call": "nothing to call"}


def test_renumbered_segments_have_the_same_chances():
    table, rules = ranked([3.0, 2.5, 2.0], most=2)
    again = table.assign(segment=table.segment.map({1: 3, 2: 1, 3: 2}))
    chosen = best(3).assign(segment=[3, 1, 2])
    one = sensitivity.simulations(table, rules, sensitivity.drawn_profits(table, best(3)))
    two = sensitivity.simulations(again, rules, sensitivity.drawn_profits(again, chosen))
    assert one.chance_target.tolist() == two.chance_target.tolist()


def test_points_are_drawn_with_weights_and_samples():
    table, _ = ranked([0.6, 0.2], basis="points", sd=0.1)
    samples = [pd.DataFrame({"segment": [1, 2], "a": [1.0 + d, 0.0], "b": [0.0, 0.5]}) for d in (-0.1, 0.1)]
    drawn = sensitivity.drawn_scores(table, "points", best(2), samples, {"a": 0.6, "b": 0.4}, n=2000)
    assert drawn.mean(axis=0).tolist() == pytest.approx([0.6, 0.2], abs=0.02)
    with pytest.raises(DataError, match="criterion 'c' has a weight and was measured in no sample"):
        sensitivity.drawn_points(table, samples, {"c": 1.0}, 10, 0)


def test_where_nothing_is_ranked_nothing_is_simulated():
    table, rules = ranked([np.nan, np.nan], basis="none")
    got = simulated(table, rules)
    assert got.chance_target.isna().all() and not got.allowed.any()


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


def test_a_share_just_short_of_all_or_of_what_is_asked_does_not_look_like_it():
    table, rules = ranked([5.0, 4.9], most=1)
    got = simulated(table, rules).assign(chance_target=1.0, ahead=0.8999)
    assert sensitivity.decisive(got, 0.9)["holds"] == 0.89
    assert sensitivity.decisive(got.assign(ahead=0.9999), 0.9)["holds"] == 0.99
