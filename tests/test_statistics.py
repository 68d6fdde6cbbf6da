"""Intervals and a prior: what libraries and textbooks give, the ends, and what was simulated."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.weightstats import DescrStatsW

from seglib.statistics import ENDS, LEVEL, Z90, Z, beta_prior, student, wilson


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
