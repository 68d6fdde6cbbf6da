"""A budget over segments: the best split, what it brings, and what limits it."""

from __future__ import annotations

from itertools import product

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.errors import DataError, ParamsError
from seglib.target.budget import allocation, outcomes
from seglib.target.pooling import pooled_effects

THREE = pd.DataFrame(
    {
        "segment": ["Loyal", "New", "Quiet"],
        "customers": [2000, 5000, 8000],
        "effect": [0.06, 0.03, 0.015],
        "sd": [0.02, 0.01, 0.01],
        "margin": [60.0, 50.0, 40.0],
        "cost": [1.0, 0.5, 0.3],
    }
)
STEPS = 40


def grid(parts: int, steps: int = STEPS) -> np.ndarray:
    """All ways to give shares of a budget, in steps, to some segments; not all need be given."""
    ways = np.array(list(product(range(steps + 1), repeat=parts)))
    return ways[ways.sum(axis=1) <= steps] / steps


GRID = grid(3)


def profit(
    table: pd.DataFrame, spent: np.ndarray, effect: np.ndarray | None = None, shape: float = allocation.SHAPE
) -> np.ndarray:
    """Add up what amounts earn, written down independently: one row of amounts per split; -inf if they can't be spent."""
    customers, margin, cost = (table[c].to_numpy() for c in ("customers", "margin", "cost"))
    effect = table.effect.to_numpy() if effect is None else effect
    left = 1 - spent / (cost * customers)
    earned = (margin * effect * customers * (1 - np.maximum(left, 0) ** shape) - spent).sum(axis=-1)
    return np.where((left >= -1e-9).all(axis=-1), earned, -np.inf)


def best_by_force(
    table: pd.DataFrame, total: float, effect: np.ndarray | None = None, shape: float = allocation.SHAPE
) -> float:
    return float(profit(table, GRID * total, effect, shape).max())


@pytest.mark.parametrize("shape", [1.0, 1.5, 2.0, 4.0])
@pytest.mark.parametrize("total", [500.0, 2000.0, 4000.0])
def test_the_split_equals_brute_force_when_effects_are_known(shape, total):
    found = outcomes.split(THREE, total, shape)
    best = best_by_force(THREE, total, shape=shape)
    assert best - 1e-6 <= found.profit.sum() <= 1.01 * best
    assert found.profit.sum() == pytest.approx(profit(THREE, found.budget.to_numpy(), shape=shape))
    assert found.budget.sum() <= total + 1e-6


def test_the_margins_of_segments_that_get_money_are_equal():
    found = outcomes.split(THREE, 2000.0, shape=2.0)
    left = 1 - found.contacts / THREE.customers
    next_unit = THREE.margin * THREE.effect * 2 * left / THREE.cost
    assert (found.budget > 0).all()
    assert next_unit.tolist() == pytest.approx([next_unit[0]] * 3)


def test_a_split_by_noisy_effects_earns_nearly_what_the_best_one_does():
    rng = np.random.default_rng(5)
    earned, best = [], []
    for _ in range(200):
        truth = rng.normal(0.03, 0.015, 3)
        seen = rng.normal(truth, 0.008)
        effect, sd = pooled_effects(seen, np.full(3, 0.008), 0.03, 0.015)
        table = THREE.assign(
            effect=effect, sd=sd, cost=rng.uniform(0.3, 1.5, 3), customers=rng.integers(1000, 9000, 3)
        )
        spent = outcomes.split(table, 4000.0).budget.to_numpy()
        earned.append(float(profit(table, spent, truth)))
        best.append(best_by_force(table, 4000.0, truth))
    assert np.sum(earned) >= 0.95 * np.sum(best)


@pytest.mark.parametrize(
    ("customers", "sd"), [([2000, 5000, 8000], [0.02, 0.01, 0.01]), ([150, 200, 120], [0.002] * 3)]
)
def test_intervals_hold_what_planted_effects_and_chance_bring(customers, sd):
    """With few customers and well-known effects nearly all that is unsure is who answers."""
    rng = np.random.default_rng(6)
    table = THREE.assign(customers=customers, sd=sd)
    found = outcomes.split(table, 4000.0)
    part = (found.contacts / table.customers).to_numpy()
    rates = rng.normal(table.effect, table.sd, (4000, 3)) * allocation.gains(part) / part
    n = found.contacts.round().astype(int).to_numpy()
    earned = (
        table.margin.to_numpy() * np.sign(rates) * rng.binomial(n, np.abs(rates)) - found.budget.to_numpy()
    )
    inside = (earned >= found.profit_low.to_numpy()) & (earned <= found.profit_high.to_numpy())
    assert ((inside.mean(axis=0) >= 0.93) & (inside.mean(axis=0) <= 0.99)).all()
    whole = outcomes.compared(table, 4000.0).iloc[0]
    total = earned.sum(axis=1)
    assert 0.93 <= ((total >= whole.profit_low) & (total <= whole.profit_high)).mean() <= 0.99


def test_intervals_do_not_depend_on_order_or_on_other_segments():
    found = outcomes.split(THREE, 1e6).set_index("segment")
    turned = outcomes.split(THREE.iloc[::-1], 1e6).set_index("segment")
    pd.testing.assert_frame_equal(turned.loc[found.index], found)
    alone = outcomes.split(THREE.iloc[[1]], 1e6).set_index("segment")
    pd.testing.assert_frame_equal(alone, found.loc[["New"]])


def test_the_curves_end_in_what_contacting_everybody_brings():
    whole = outcomes.everybody(THREE.assign(minimum=50.0, maximum=60.0)).set_index("segment")
    assert whole.budget.to_dict() == pytest.approx({"Loyal": 2000.0, "New": 2500.0, "Quiet": 2400.0})
    assert whole.profit["Loyal"] == pytest.approx(2000 * 0.06 * 60 - 2000)
    lines = outcomes.curves(THREE, 1e9).groupby("segment", sort=False)
    assert lines.profit.last().to_dict() == pytest.approx(whole.profit.to_dict())
    assert (lines[["budget", "profit"]].first() == 0).all(axis=None)
    assert outcomes.curves(THREE, 100.0).budget.max() == 100.0


def test_the_curve_runs_from_nothing_to_the_whole_measured_effect():
    shares = np.linspace(0, 1, 11)
    for shape in (1.0, 2.0, 7.0):
        made = allocation.gains(shares, shape)
        assert (made[0], made[-1]) == (0, 1) and (np.diff(made, 2) <= 1e-12).all()


def test_the_curve_is_what_contacting_the_best_first_brings():
    rng = np.random.default_rng(0)
    single = np.sort(3.0 * 0.02 * rng.random(200_000) ** 2)[::-1]
    assert single.mean() == pytest.approx(0.02, rel=0.01)
    for share in (0.1, 0.5, 0.9):
        assert single[: int(share * len(single))].sum() / single.sum() == pytest.approx(
            allocation.gains(share, 3.0), abs=0.005
        )


def test_the_comparison_is_by_hand_and_the_split_leads():
    found = outcomes.compared(THREE, 3000.0).set_index("split")
    assert found.index.tolist() == list(outcomes.SPLITS)
    assert found.profit["equal split"] == pytest.approx(float(profit(THREE, np.full(3, 1000.0))))
    proportional = 3000 * THREE.customers.to_numpy() / 15_000
    assert found.profit["in proportion to customers"] == pytest.approx(float(profit(THREE, proportional)))
    assert found.profit.idxmax() == "this split"
    assert (found.profit_low < found.profit).all() and (found.profit < found.profit_high).all()
    assert found.ahead.isna().tolist() == [True, False, False] and found.ahead.dropna().between(0.6, 1).all()


def test_bounds_are_kept():
    bounded = THREE.assign(minimum=[0.0, 0.0, 900.0], maximum=[300.0, np.nan, np.nan])
    found = outcomes.split(bounded, 2000.0).set_index("segment").budget
    assert found.to_dict() == pytest.approx({"Loyal": 300.0, "New": 800.0, "Quiet": 900.0})
    free = outcomes.split(THREE, 2000.0).set_index("segment").budget
    assert free["Loyal"] > 300 and free["Quiet"] < 900


def test_a_minimum_is_spent_at_a_loss_and_nothing_else_is():
    bad = THREE.assign(effect=-0.01, minimum=[100.0, 0.0, 0.0])
    found = outcomes.split(bad, 2000.0)
    assert found.budget.tolist() == [100.0, 0.0, 0.0] and found.profit.tolist()[1:] == [0.0, 0.0]
    assert found.profit[0] < -100


def test_no_budget_buys_nothing():
    found = outcomes.split(THREE, 0.0)
    assert (found[["budget", "contacts", "responses", "profit", "profit_low"]] == 0).all(axis=None)
    assert outcomes.left_over(THREE, 0.0) == {}


def test_segments_that_a_contact_puts_off_get_nothing():
    bad = THREE.assign(effect=[-0.06, 0.0, -0.01])
    assert outcomes.split(bad, 5000.0).budget.tolist() == [0.0, 0.0, 0.0]
    left = {"rest": 5000.0, "total": 5000.0, "why": "unprofitable", "segments": []}
    assert outcomes.left_over(bad, 5000.0) == left
    assert outcomes.compared(bad, 5000.0).profit.idxmax() == 0


def test_money_beyond_what_pays_is_left_over():
    found = outcomes.split(THREE, 1e6, shape=2.0)
    worth = 2 * THREE.margin * THREE.effect * (1 - found.contacts / THREE.customers)
    assert worth.tolist() == pytest.approx(THREE.cost.tolist())
    left = outcomes.left_over(THREE, 1e6, shape=2.0)
    assert left["rest"] == pytest.approx(1e6 - found.budget.sum()) and left["why"] == "costly"


def test_customers_who_are_alike_are_all_contacted_if_the_budget_is_larger_than_they_cost():
    found = outcomes.split(THREE, 1e6, shape=1.0)
    assert found.contacts.tolist() == THREE.customers.tolist()
    assert outcomes.left_over(THREE, 1e6, shape=1.0)["why"] == "complete"


def test_money_that_maximums_hold_back_is_left_over():
    left = outcomes.left_over(THREE.assign(maximum=100.0), 1000.0)
    assert left == {"rest": 700.0, "total": 1000.0, "why": "bounded", "segments": ["Loyal", "New", "Quiet"]}


def test_one_segment_gets_what_pays():
    assert outcomes.split(THREE.iloc[[1]], 700.0).budget.tolist() == pytest.approx([700.0])
    assert outcomes.split(THREE.iloc[:0], 700.0).empty


@pytest.mark.parametrize("shape", [1.0, 2.0])
@pytest.mark.parametrize("total", [300.0, 1000.0, 1e5])
def test_identical_segments_get_identical_shares(shape, total):
    same = pd.concat([THREE.iloc[[0]]] * 3).assign(segment=["a", "b", "c"])
    found = outcomes.split(same, total, shape).budget
    assert found.nunique() == 1 and found.sum() == pytest.approx(min(total, found.sum()))
    assert found.iloc[0] > 0


def test_free_contacts_go_to_all_whom_they_do_not_put_off():
    found = outcomes.split(THREE.assign(cost=[0.0, 0.0, 0.3], effect=[0.06, -0.01, 0.015]), 100.0)
    assert found.contacts.tolist()[:2] == [2000.0, 0.0] and found.budget.tolist() == pytest.approx(
        [0, 0, 100]
    )


def test_a_shape_of_its_own_is_taken():
    found = outcomes.split(THREE.assign(shape=[1.0, np.nan, 4.0]), 4000.0, shape=2.0)
    assert found.contacts[0] == 2000
    left = 1 - found.contacts / THREE.customers
    assert 50 * 0.03 * 2 * left[1] / 0.5 == pytest.approx(40 * 0.015 * 4 * left[2] ** 3 / 0.3)


def test_the_next_amount_goes_where_it_earns_most():
    found = outcomes.next_amount(THREE, 1000.0, 1000.0).set_index("segment")
    assert found.budget.sum() == pytest.approx(1000.0)
    gained = outcomes.split(THREE, 2000.0).profit.sum() - outcomes.split(THREE, 1000.0).profit.sum()
    assert found.profit.sum() == pytest.approx(gained) and (found.budget >= 0).all()
    enough = outcomes.next_amount(THREE, 1e6)
    assert (enough[["budget", "contacts", "responses", "profit"]] == 0).all(axis=None)


def test_one_segment_alone_is_weighed_by_precision_and_an_unmeasured_one_learns_from_the_others():
    mean, sd = pooled_effects(np.array([np.nan, np.nan]), np.array([np.nan, np.nan]), 0.02, 0.01)
    assert mean.tolist() == [0.02, 0.02] and sd.tolist() == [0.01, 0.01]
    mean, sd = pooled_effects(np.array([0.05, 0.05, np.nan]), np.array([0.004, 0.004, np.nan]), 0.02, 0.01)
    assert 0.02 < mean[2] < mean[0] < 0.05 and sd[0] < sd[2]


def test_pooled_effects_are_nearer_the_truth_than_prior_or_measurement_and_know_how_near():
    rng = np.random.default_rng(0)
    off, stated, alone = [], [], []
    for _ in range(300):
        truth = rng.normal(rng.normal(0.02, 0.01), 0.006, 6)
        seen = truth + rng.normal(0, 0.012, 6)
        mean, sd = pooled_effects(seen, np.full(6, 0.012), 0.02, 0.01)
        off.append((mean - truth) ** 2)
        stated.append(sd**2)
        alone.append((seen - truth) ** 2)
    assert np.mean(off) < 0.6 * np.mean(alone)
    assert np.sqrt(np.mean(off)) == pytest.approx(np.sqrt(np.mean(stated)), rel=0.15)


def test_a_response_known_for_certain_is_refused():
    with pytest.raises(DataError, match="no range from low to high"):
        pooled_effects(np.array([0.03]), np.array([0.01]), 0.02, 0.0)


@pytest.mark.parametrize(
    ("change", "kind", "said"),
    [
        (
            {"effect": [0.1, np.nan, 0.1]},
            DataError,
            "effect of New is missing or out of range; allowed are finite numbers",
        ),
        (
            {"cost": -1.0},
            DataError,
            "cost of Loyal, New, Quiet is missing or out of range; allowed are numbers from 0 up",
        ),
        ({"sd": "a secret"}, DataError, "sd of Loyal, New, Quiet is missing"),
        ({"margin": np.inf}, DataError, "margin of Loyal, New, Quiet"),
        ({"segment": "Loyal"}, DataError, "a segment twice or without a name"),
        (
            {"minimum": 5000.0},
            ParamsError,
            "The minimum of Loyal, New, Quiet is above its maximum, or above what",
        ),
        ({"minimum": 400.0}, ParamsError, "The segments' minimums come to 1,200.00, the budget is 1,000.00"),
        (
            {"minimum": 30.0, "maximum": 20.0},
            ParamsError,
            "The minimum of Loyal, New, Quiet is above its maximum",
        ),
        ({"maximum": -1.0}, ParamsError, "below 0"),
        ({"maximum": "lots"}, ParamsError, "minimum, maximum or shape of a segment is not a number"),
        ({"shape": 0.5}, ParamsError, r"shape is 0.5, 0.5, 0.5; allowed is 1 \(customers"),
    ],
)
def test_what_cannot_be_split_is_refused_in_one_line(change, kind, said):
    with pytest.raises(kind, match=said) as refused:
        outcomes.split(THREE.assign(**change), 1000.0)
    assert "\n" not in str(refused.value) and "secret" not in str(refused.value)


@pytest.mark.parametrize("total", [-1.0, np.nan, np.inf])
def test_an_impossible_budget_is_refused(total):
    with pytest.raises(ParamsError, match="The budget is .*; allowed is an amount from 0 up"):
        outcomes.split(THREE, total)
    with pytest.raises(ParamsError, match="The next amount is"):
        outcomes.next_amount(THREE, 100.0, -5.0)
    with pytest.raises(DataError, match="have no column margin, sd"):
        outcomes.split(THREE.drop(columns=["margin", "sd"]), 100.0)


amounts = st.floats(0, 1e5)
rows = st.tuples(
    st.integers(0, 100_000),
    st.floats(-0.2, 0.5),
    st.floats(0, 0.1),
    st.floats(-10, 500),
    st.floats(0.001, 20),
    st.sampled_from([0.0, 0.0, 10.0]),
    st.one_of(st.just(np.inf), amounts),
    st.sampled_from([1.0, 1.001, 1.5, 2.0, 10.0]),
)


@settings(max_examples=150, deadline=None)
@given(st.lists(rows, min_size=1, max_size=5), st.floats(100, 1e6))
def test_a_split_keeps_the_total_and_the_bounds_and_is_never_expected_to_earn_less(drawn, total):
    columns = ["customers", "effect", "sd", "margin", "cost", "minimum", "maximum", "shape"]
    table = pd.DataFrame(drawn, columns=columns).rename_axis("segment").reset_index()
    upper = (table.customers * table.cost).clip(upper=table.maximum)
    table["minimum"] = table.minimum.clip(upper=upper)
    found = outcomes.split(table, total)
    assert found.budget.sum() <= total * (1 + 1e-9)
    assert (found.budget >= table.minimum - 1e-6).all() and (found.budget <= upper * (1 + 1e-9)).all()
    assert (found.contacts <= table.customers).all()
    losing = table.margin * table.effect <= 0
    assert (found.budget[losing] == table.minimum[losing]).all()
    splits = outcomes.compared(table, total)
    assert (splits.budget <= total * (1 + 1e-9)).all()
    tolerance = 1e-7 * (1 + splits.profit.abs().max())
    assert splits.profit[0] >= splits.profit.max() - tolerance
    more = outcomes.next_amount(table, total)
    assert more.profit.sum() >= -tolerance and (more.budget >= -1e-6).all()
