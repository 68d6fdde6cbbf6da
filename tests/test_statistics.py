"""Intervals and a prior: what libraries and textbooks give, the ends, and what was simulated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.power import NormalIndPower
from statsmodels.stats.proportion import power_proportions_2indep
from statsmodels.stats.weightstats import DescrStatsW

from seglib.errors import DataError
from seglib.statistics import (
    ENDS,
    LEVEL,
    POWER,
    Z90,
    Z,
    beta_prior,
    size_for_means,
    size_for_shares,
    student,
    visible_mean,
    visible_share,
    wilson,
)


def test_quantiles_are_those_of_the_normal():
    assert pytest.approx((0.025, 0.975)) == ENDS
    assert pytest.approx(stats.norm.ppf((1 + LEVEL) / 2), abs=1e-14) == Z
    assert pytest.approx(stats.norm.ppf(0.95), abs=1e-14) == Z90


def test_wilson_equals_scipys_interval():
    for yes, n in ((0, 10), (3, 17), (10, 10), (812, 2000)):
        low, high = wilson(pd.Series([yes]), pd.Series([n])).iloc[0]
        peer = stats.binomtest(yes, n).proportion_ci(LEVEL, method="wilson")
        assert (low, high) == pytest.approx((peer.low, peer.high), abs=1e-12)


def test_wilson_is_missing_without_customers():
    got = wilson(
        pd.Series([0.0, np.nan, 2.0]),
        pd.Series([0, 10, 4]),
    )
    assert got.isna().all(axis=1).tolist() == [True, True, False]


def test_wilson_has_exact_ends_for_no_and_for_all_customers():
    got = wilson(pd.Series([0, 3000]), pd.Series([3000, 3000]))
    assert (got.low[0], got.high[1]) == (0.0, 1.0)


def test_student_equals_statsmodels():
    values = np.array([3.0, 4.5, 9.0, 2.0, 7.5])
    low, high = student(pd.Series([values.mean()]), pd.Series([values.var(ddof=1)]), pd.Series([5]))
    assert (low[0], high[0]) == pytest.approx(DescrStatsW(values).tconfint_mean(), abs=1e-12)


def test_student_is_missing_below_two_customers_and_closed_where_nothing_varies():
    low, high = student(pd.Series([5.0, 5.0]), pd.Series([np.nan, 0.0]), pd.Series([1, 2]))
    assert low.isna().tolist() == high.isna().tolist() == [True, False]
    assert low[1] == high[1] == 5.0


@pytest.mark.parametrize(("a", "b"), [(2.0, 5.0), (0.5, 0.5), (6.0, 2.0)])
def test_the_prior_of_simulated_shares_is_found(a, b):
    rng = np.random.default_rng(1)
    of = 1 + rng.poisson(5, 20_000)
    share = pd.Series(rng.binomial(of, rng.beta(a, b, 20_000)) / of)
    mean, weight = beta_prior(share, pd.Series(of))
    assert mean == pytest.approx(a / (a + b), abs=0.01)
    assert weight == pytest.approx(a + b, rel=0.1)


ARMS = (0.5, 0.2, 0.1)


@pytest.mark.parametrize("held_out", ARMS)
@pytest.mark.parametrize(("baseline", "effect"), [(0.1, 0.05), (0.004, 0.006), (0.5, -0.1), (0.0, 0.02)])
def test_the_size_for_shares_has_its_power_by_statsmodels(baseline, effect, held_out):
    contacted, kept = size_for_shares(baseline, effect, held_out)
    ratio = held_out / (1 - held_out)

    def power(n):
        return power_proportions_2indep(effect, baseline, n, ratio, 1 - LEVEL, return_results=False)

    assert power(contacted) >= POWER - 1e-4 > power(contacted * 0.99) - 1e-4
    assert kept == pytest.approx(contacted * ratio, abs=1)


@pytest.mark.parametrize("held_out", ARMS)
@pytest.mark.parametrize("correlation", [0.0, 0.5, -0.9])
def test_the_size_for_means_has_its_power_by_statsmodels(held_out, correlation):
    contacted, kept = size_for_means(40.0, 3.0, held_out, correlation)
    standardised = 3.0 / (40.0 * np.sqrt(1 - correlation**2))
    power = NormalIndPower().power(standardised, contacted, 1 - LEVEL, held_out / (1 - held_out))
    assert POWER <= power < POWER + 0.003
    assert kept == pytest.approx(contacted * held_out / (1 - held_out), abs=1)


@pytest.mark.parametrize("held_out", ARMS)
def test_the_visible_effect_undoes_the_size(held_out):
    assert visible_share(0.1, *size_for_shares(0.1, 0.03, held_out)) == pytest.approx(0.03, abs=2e-4)
    assert visible_mean(9.0, *size_for_means(9.0, 1.0, held_out, 0.3), 0.3) == pytest.approx(1.0, abs=2e-3)


def test_a_comparison_finds_a_visible_effect_as_often_as_its_power():
    rng = np.random.default_rng(4)
    effect = visible_share(0.1, 900, 300)
    contacted, kept = (rng.binomial(n, p, 4000) for n, p in ((900, 0.1 + effect), (300, 0.1)))
    pooled = (contacted + kept) / 1200
    z = (contacted / 900 - kept / 300) / np.sqrt(pooled * (1 - pooled) * (1 / 900 + 1 / 300))
    assert (np.abs(z) > Z).mean() == pytest.approx(POWER, abs=0.02)


def test_an_empty_arm_shows_nothing_and_a_small_one_nothing_that_is_possible():
    assert np.isnan(visible_share(0.1, 900, 0)) and np.isnan(visible_mean(1.0, 0, 3))
    assert np.isnan(visible_share(0.5, 2, 2))


@pytest.mark.parametrize(
    ("call", "found"),
    [
        (lambda: size_for_shares(0.1, 0.0), "effect of 0.0"),
        (lambda: size_for_shares(0.1, 0.05, 1.0), "1.0 held out"),
        (lambda: size_for_shares(0.98, 0.05), "0.98 without a contact and 1.03 with one"),
        (lambda: size_for_means(0.0, 1.0), "standard deviation of 0.0"),
        (lambda: visible_mean(1.0, 10, 10, 1.0), "correlation of 1.0"),
    ],
)
def test_a_comparison_outside_its_range_is_refused(call, found):
    with pytest.raises(DataError, match=found):
        call()
