"""Preparation, RFM rules, and the door to the methods."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib import estimators, segment
from seglib.errors import ParamsError
from seglib.estimators import RareLevels, RFMSegments, ZeroOne
from seglib.estimators.scales import Censored, ShrunkShare


def test_preparation_follows_the_level_of_measurement():
    n = 200
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        {
            "amount": rng.lognormal(3, 1, n),
            "balance": rng.lognormal(3, 1, n) - 10,
            "age": rng.normal(40, 9, n),
            "town": rng.choice(["a", "b", "c"], n),
            "yes": rng.choice(["No", "Yes"], n),
        }
    )
    levels = {"amount": "ratio", "balance": "interval", "age": "ratio", "town": "nominal", "yes": "binary"}
    plan = estimators.plan(rows, levels)
    assert plan.transformation.tolist() == ["log and scale", "rank", "scale", "categories", "as 0 and 1"]
    made = estimators.preparation(plan).fit_transform(rows)
    assert made.columns.tolist() == rows.columns.tolist()
    assert made.town.dtype == "category"
    assert set(made.yes) == {0.0, 1.0}
    assert made[["amount", "age"]].std(ddof=0).to_numpy() == pytest.approx(1)


def test_a_missing_number_becomes_the_median():
    plan = estimators.plan(pd.DataFrame({"x": [1.0, 2.0, 9.0, np.nan]}), {"x": "interval"})
    made = estimators.preparation(plan).fit_transform(pd.DataFrame({"x": [1.0, 2.0, 9.0, np.nan]}))
    assert made.x.iloc[3] == made.x.iloc[1]


def test_a_level_never_seen_is_folded():
    made = (
        RareLevels()
        .fit(pd.DataFrame({"c": ["a", "b"] * 50}))
        .transform(pd.DataFrame({"c": ["a", "z", None]}))
    )
    assert made.c.astype(object).tolist()[:2] == ["a", "other"]
    assert made.c.isna().tolist() == [False, False, True]


def test_three_levels_are_not_binary():
    with pytest.raises(ValueError, match="column 'c' is binary and has 3 levels"):
        ZeroOne().fit(pd.DataFrame({"c": list("abc")}))


def test_methods_that_cannot_take_categories_are_refused():
    rows = pd.DataFrame({"c": pd.Categorical(["a", "b"])})
    with pytest.raises(ParamsError, match=r"segment\.methods: k-means cannot take categories"):
        segment.methods(["k-means"], rows)
    assert segment.methods("auto", rows) == ["k-prototypes", "merged mixture"]


@pytest.mark.parametrize("bad", [np.zeros((3, 2)), np.zeros(3)])
def test_rfm_needs_three_columns(bad):
    with pytest.raises(ValueError, match="three columns are needed"):
        RFMSegments().fit(bad)


def test_rfm_scores_a_missing_value_lowest():
    rows = pd.DataFrame({"r": [1.0, 2.0, 3.0], "f": [1.0, np.nan, 3.0], "m": [1.0, 2.0, 30.0]})
    assert RFMSegments().fit(rows).scores(rows).frequency.tolist()[1] == 1


def test_rfm_scores_new_customers_by_the_old_bounds():
    old = pd.DataFrame(np.arange(30.0).reshape(10, 3) * 10)
    model = RFMSegments().fit(old)
    assert model.predict(old.head(1)).tolist() == [model.labels_[0]]


def test_ordered_answers_are_scored_by_their_ranks():
    rng = np.random.default_rng(0)
    answers = pd.DataFrame({"item": rng.choice([1.0, 2, 3, 4, 5], 500, p=[0.6, 0.2, 0.1, 0.05, 0.05])})
    plan = estimators.plan(answers, {"item": "ordinal"})
    assert plan.transformation.tolist() == ["rank"]
    made = estimators.preparation(plan).fit_transform(answers).item
    stretched = estimators.preparation(plan).fit_transform(answers.replace({5.0: 50.0})).item
    np.testing.assert_allclose(made, stretched)
    assert made.std(ddof=0) == pytest.approx(
        2 * np.sqrt((answers.item == 1).mean() * (answers.item != 1).mean())
    )


@pytest.mark.parametrize("share", [0.1, 0.4, 0.7])
@pytest.mark.parametrize("end", ["lowest", "highest"])
def test_a_spike_takes_the_mean_of_the_part_that_a_censored_normal_distribution_lacks(share, end):
    drawn = np.random.default_rng(0).normal(size=20_000)
    cut = np.quantile(drawn, share)
    spiked = np.where(drawn <= cut, -50.0, drawn)[:, None]
    found = Censored().fit_transform(spiked if end == "lowest" else -spiked)
    found = found if end == "lowest" else -found
    assert found[drawn <= cut] == pytest.approx(drawn[drawn <= cut].mean(), abs=0.05)
    assert (found[drawn > cut] == spiked[drawn > cut]).all()


def test_a_spike_is_never_drawn_away_nor_past_another_value():
    counts = np.log1p(np.repeat([1.0, 2.0, 3.0, 9.0], [60, 20, 10, 10]))[:, None]
    drawn = Censored().fit_transform(counts)  # the nines are a spike at the other end
    assert (drawn[:60] >= counts[:60]).all()
    assert (drawn[90:] <= counts[90:]).all()
    two = np.repeat([0.0, 7.0], [50, 50])[:, None]  # a yes and a no, and no spike beside amounts
    assert (Censored().fit_transform(two) == two).all()
    steep = np.r_[np.zeros(30), np.geomspace(1, 1e9, 70)][:, None]
    assert (np.diff(Censored().fit_transform(steep).ravel()) >= 0).all()


def test_a_spike_at_the_lowest_value_is_no_outlier():
    rng = np.random.default_rng(0)
    balance = np.where(rng.random(500) < 0.4, -5.0, rng.lognormal(3, 1, 500))
    rows = pd.DataFrame({"balance": balance})
    made = estimators.preparation(estimators.plan(rows, {"balance": "interval"})).fit_transform(rows).balance
    assert made.min() > -2


@pytest.mark.parametrize("share", [0.6, 0.9, 0.99])
def test_a_nearly_constant_column_weighs_like_a_rare_yes(share):
    n = 2000
    rows = pd.DataFrame({"x": np.where(np.arange(n) < share * n, 0.0, np.linspace(1, 3, n))})
    made = estimators.preparation(estimators.plan(rows, {"x": "interval"})).fit_transform(rows).x
    assert made.std(ddof=0) == pytest.approx(2 * np.sqrt(share * (1 - share)), rel=0.01)


def habits(n: int = 5000, seed: int = 2) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw shares of few orders of customers whose habits differ, and the habits."""
    rng = np.random.default_rng(seed)
    truth, of = rng.beta(2, 4, n), 1 + rng.poisson(4, n)
    return pd.DataFrame({"weekends": rng.binomial(of, truth) / of, "orders": of.astype(float)}), truth


def test_shrunk_shares_are_nearer_the_truth_and_keep_the_mean():
    rows, truth = habits()
    new = ShrunkShare().fit_transform(rows).weekends
    assert ((new - truth) ** 2).mean() < 0.6 * ((rows.weekends - truth) ** 2).mean()
    assert np.average(new, weights=rows.orders) == pytest.approx(
        np.average(rows.weekends, weights=rows.orders), abs=0.01
    )
    assert (new - rows.weekends).abs()[rows.orders >= 12].mean() < 0.1


def test_a_missing_share_stays_missing_and_one_without_a_count_as_it_is():
    rows, _ = habits(400)
    rows.loc[0, "weekends"], rows.loc[1, "orders"] = np.nan, np.nan
    new = ShrunkShare().fit_transform(rows).weekends
    assert np.isnan(new[0]) and new[1] == rows.weekends[1]
    assert new.notna().sum() == 399


def test_shares_that_do_not_differ_beyond_chance_are_those_of_all():
    rows = pd.DataFrame({"weekends": [0.0, 1.0, 0.0, 1.0], "orders": 1.0})
    assert ShrunkShare().fit_transform(rows).weekends.tolist() == [0.5] * 4


@pytest.mark.parametrize("features", [["weekends", "spend"], ["orders", "spend", "weekends"]])
def test_preparation_shrinks_by_counts_that_may_form_segments_too_or_not(features):
    rows, _ = habits(600)
    rows["spend"] = np.random.default_rng(0).normal(size=600)
    counts = {"weekends": "orders"}
    plan = estimators.plan(rows[features], dict.fromkeys(rows, "interval"), counts)
    assert plan.set_index("feature").transformation.weekends.startswith("shrink, ")
    taken = estimators.inputs(plan)
    assert sorted(taken) == ["orders", "spend", "weekends"]
    fitted = estimators.preparation(plan).fit(rows[taken])
    made = fitted.transform(rows[taken])
    assert made.columns.tolist() == features
    assert made.weekends.corr(ShrunkShare().fit_transform(rows[["weekends", "orders"]]).weekends) > 0.95
    few = rows[taken].head(3)
    pd.testing.assert_frame_equal(fitted.transform(few), made.head(3))  # by the prior of the fit


def test_a_later_month_whose_logarithm_does_not_exist_is_told():
    spent = pd.DataFrame({"spent": np.exp(np.linspace(0, 6, 60)), "age": np.linspace(20, 60, 60)})
    plan = estimators.plan(spent, {"spent": "ratio", "age": "interval"}, {})
    assert plan.transformation.iloc[0] == "log and scale"
    fitted = estimators.preparation(plan).fit(spent)
    later = pd.DataFrame({"spent": [5.0, -3.0, np.nan], "age": [30.0, 30.0, 30.0]})
    fine = estimators.computable(fitted, later)
    assert fine.tolist() == [True, False, True]
    assert fitted.transform(later[fine]).notna().all().all()
