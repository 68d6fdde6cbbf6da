"""Power: what the arms can show, beside statsmodels, and campaigns that are simulated."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats import proportion
from statsmodels.stats.proportion import power_proportions_2indep

from seglib.implement import audiences, power


@pytest.mark.parametrize("rate", [0.01, 0.05, 0.2, 0.6])
@pytest.mark.parametrize(("contacted", "held_out"), [(900, 100), (5000, 500), (50_000, 5000), (2000, 2000)])
def test_the_smallest_visible_effect_has_the_power_that_statsmodels_computes(rate, contacted, held_out):
    effect = power.visible(rate, contacted, held_out)
    own = power_proportions_2indep(effect, rate, contacted, held_out / contacted, 0.05, return_results=False)
    assert own == pytest.approx(0.8, abs=1e-4)


def test_cuped_divides_the_visible_effect_by_the_root_of_what_it_leaves():
    plain, adjusted = (power.visible(0.1, 4500, 500, r) for r in (0.0, 0.6))
    assert adjusted == pytest.approx(0.8 * plain)


@pytest.mark.parametrize(
    ("rate", "contacted", "held_out"), [(0.05, 9000, 1000), (0.2, 2000, 2000), (0.5, 4500, 500)]
)
def test_simulated_campaigns_detect_the_promised_effect_in_four_of_five(rate, contacted, held_out):
    rng = np.random.default_rng(0)
    effect = power.visible(rate, contacted, held_out)
    ones, others = rng.binomial(contacted, rate + effect, 200), rng.binomial(held_out, rate, 200)
    hits = [
        proportion.proportions_ztest([a, b], [contacted, held_out])[1] < 0.05
        for a, b in zip(ones, others, strict=True)
    ]
    assert np.mean(hits) == pytest.approx(0.8, abs=0.085)  # 3 standard errors of 200 draws


def test_the_share_to_hold_out_is_the_smallest_that_shows_the_effect():
    share = power.share_for(0.1, 0.03, 5000)
    assert power.visible(0.1, 5000 * (1 - share), 5000 * share) <= 0.03
    assert power.visible(0.1, 5000 * (1.01 - share), 5000 * (share - 0.01)) > 0.03
    assert power.share_for(0.1, 0.03, 200) == power.MOST
    assert power.share_for(float("nan"), 0.03, 5000) is None


def arms(**columns) -> pd.DataFrame:
    usual = {"outcome": "share", "sd": np.nan, "rate": 0.1, "correlation": 0.0, "high": 0.05}
    return pd.DataFrame(usual | columns)


def test_what_cannot_be_proven_alone_is_pooled_or_refused():
    table = power.with_proof(arms(contacted=[20_000, 900, 900, 900], held_out=[2000, 350, 350, 350]))
    assert table.proof.tolist() == ["alone", "pooled", "pooled", "pooled"]
    assert table.pooled.iloc[0] != table.pooled.iloc[0]
    assert table.pooled.iloc[1] < table.visible.iloc[1]
    assert power.with_proof(arms(contacted=[90, 90], held_out=[10, 10])).proof.tolist() == ["none", "none"]
    assert power.with_proof(arms(contacted=[90], held_out=[10], rate=[np.nan])).proof.tolist() == ["unknown"]
    assert power.with_proof(arms(contacted=[0], held_out=[0])).proof.tolist() == ["empty"]
    assert power.with_proof(arms(contacted=[900], held_out=[100], rate=[0.999])).proof.tolist() == ["full"]


def test_outcomes_count_orders_of_the_window_and_of_the_year_before():
    as_of = dt.date(2025, 9, 1)
    orders = ibis.memtable(
        pd.DataFrame(
            {
                "customer": [1, 1, 2, 3, 4],
                "time": pd.to_datetime(
                    ["2025-08-20", "2025-07-20", "2024-09-10", "2025-09-01", "2025-08-31 23:59"],
                    format="mixed",
                ),
            }
        )
    )
    segments = pd.DataFrame({"customer": [1, 2, 3, 4, 5], "segment": [1, 1, 2, 2, 2]})
    found = power.outcomes(orders, segments, as_of, 30)
    assert found.rate[1] == pytest.approx((1 + 0.5) / (2 + 1))
    assert found.rate[2] == pytest.approx((1 + 0.5) / (3 + 1))
    assert power.outcomes(None, segments, as_of, 30).rate.isna().all()


def test_a_plan_says_how_many_and_how_long():
    value = pd.DataFrame({"segment": [1, 2, 3], "name": list("abc"), "customers": [50_000, 1000, 1000]})
    shares, inflow = pd.Series(0.2, [1, 2, 3]), pd.Series({1: 5.0, 2: 10.0})
    known = pd.DataFrame({"outcome": "share", "rate": 0.1, "sd": np.nan, "effect": 0.02}, [1, 2, 3])
    table = power.plan(value, known, inflow, shares, 60).set_index("segment")
    assert table.enough.tolist() == [True, False, False]
    assert table.days[1] == 60
    assert table.days[2] == 60 + np.ceil((table.contacted[2] + table.held_out[2] - 1000) / 10)
    assert np.isnan(table.days[3])


@pytest.mark.parametrize(("contacted", "held_out", "correlation"), [(2000, 500, 0.0), (4500, 500, 0.5)])
def test_simulated_campaigns_detect_the_promised_mean_in_four_of_five(contacted, held_out, correlation):
    rng = np.random.default_rng(1)
    effect = power.visible(float("nan"), contacted, held_out, correlation, sd=30.0)
    hits = []
    for _ in range(300):
        before = rng.gamma(1, 30, contacted + held_out)  # skewed, as spend is
        own = rng.gamma(1, 30, contacted + held_out)
        after = correlation * before + np.sqrt(1 - correlation**2) * own
        after[:contacted] += effect
        left = after - correlation * before
        hits.append(stats.ttest_ind(left[:contacted], left[contacted:], equal_var=False).pvalue < 0.05)
    assert np.mean(hits) == pytest.approx(0.8, abs=0.07)


def test_means_are_proven_in_their_unit_and_pooled_with_their_like_alone():
    means = {"outcome": ["orders", "orders", "spend", "share"], "sd": [1.0, 1.0, 40.0, np.nan]}
    table = power.with_proof(arms(**means, contacted=900, held_out=100, high=[0.25, 0.25, 20.0, 0.01]))
    assert table.proof.tolist() == ["pooled", "pooled", "alone", "none"]
    assert table.visible[2] == pytest.approx(40 * table.visible[0])
    assert table.pooled[0] == pytest.approx(table.visible[0] / np.sqrt(2), rel=1e-3)
    assert power.with_proof(arms(outcome="spend", sd=[np.nan], contacted=9, held_out=9)).proof.tolist() == [
        "unknown"
    ]


def test_the_card_of_a_play_says_what_its_arms_are_measured_in():
    tests = pd.DataFrame(
        {
            "segment": [1, 2],
            "play": ["Cross-sell", "Win-back"],
            "held_out": [200, 100],
            "customers": [1000, 1000],
            "outcome": ["spend", "share"],
            "baseline": [55.0, 0.2],
            "baseline_sd": [80.0, np.nan],
            "effect": [1.2, 0.03],
        }
    )
    plays = pd.DataFrame({"segment": [1, 2, 3], "play": ["Cross-sell", "Win-back", "None"], "response": 0.03})
    campaigns = plays.assign(**audiences.card(plays, tests))
    assert campaigns.unit.tolist() == pytest.approx([40.0, 1.0, 1.0])
    assert campaigns.outcome.tolist() == ["spend", "share", "share"]
    seen = pd.DataFrame({"rate": 0.1, "share": 0.2, "orders": 0.3, "spend": 0.4}, index=[1, 2, 3])
    usual = {"outcome": {"rate": None, "correlation": None}}
    known = power.baselines(seen, campaigns, usual)
    assert known.rate.tolist() == [55.0, 0.2, 0.1] and known.correlation.tolist() == [0.4, 0.2, 0.2]
    given = power.baselines(seen, campaigns, {"outcome": {"rate": 0.5, "correlation": 0.1}})
    assert given.outcome.eq("share").all() and given.rate.eq(0.5).all() and given.sd.isna().all()


def test_correlations_of_orders_and_money_are_those_of_the_two_windows():
    rng = np.random.default_rng(3)
    n = 400
    rate = rng.gamma(2, 1, n)
    windows = {"2025-07-15": rng.poisson(rate), "2025-08-15": rng.poisson(rate)}
    rows = [
        pd.DataFrame({"customer": np.arange(n).repeat(c), "time": pd.Timestamp(d)})
        for d, c in windows.items()
    ]
    orders = pd.concat(rows, ignore_index=True).assign(amount=10.0)
    segments = pd.DataFrame({"customer": range(n), "segment": 1})
    found = power.outcomes(ibis.memtable(orders), segments, dt.date(2025, 9, 1), 30).loc[1]
    assert found.orders == pytest.approx(np.corrcoef(*windows.values())[0, 1])
    assert found.spend == pytest.approx(found.orders)
