"""Reference data keep everything of customers but their segments."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from projects import ROOT

from seglib import estimators
from seglib.segment.copula import Copula, one_mode

sys.path.insert(0, str(ROOT / "benchmarks"))
from families import RULES, TUNING
from planted import planted

N = 1500


def prepared(family) -> pd.DataFrame:
    rows, levels = family(N, np.random.default_rng(3))
    return estimators.preparation(estimators.plan(rows, levels)).fit_transform(rows)


@pytest.mark.parametrize("family", [*TUNING, *RULES], ids=lambda f: f.__name__)
def test_distributions_are_the_same_and_rank_correlations_are_close(family):
    rows = prepared(family)
    cloud = Copula(rows, np.random.default_rng(0))
    draws = [cloud.draw(np.random.default_rng(seed)) for seed in range(8)]
    for column in rows:
        assert sorted(draws[0][column]) == sorted(rows[column])
        assert draws[0][column].dtype == rows[column].dtype
    numbers = list(rows.select_dtypes("number"))
    mean = np.mean([d[numbers].corr("spearman") for d in draws], axis=0)
    differs = np.abs(mean - rows[numbers].corr("spearman").to_numpy())
    assert np.nanmax(differs - np.eye(len(numbers))) < 0.07, family.__name__


def test_a_category_keeps_its_association_with_numbers():
    rng = np.random.default_rng(0)
    level = rng.integers(0, 4, N)
    rows = pd.DataFrame(
        {"x": level[:] * 1.0 + rng.normal(size=N), "c": pd.Categorical(np.array(list("kazm"))[level])}
    )
    drawn = Copula(rows, rng).draw(rng)
    means = [r.groupby("c", observed=True).x.mean().loc[list("kazm")].to_numpy() for r in (rows, drawn)]
    assert np.abs(means[0] - means[1]).max() < 0.35


def test_missing_cells_stay_missing_in_the_same_patterns():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.normal(size=(N, 3)), columns=list("xyz"))
    rows.loc[rng.random(N) < 0.3, ["x", "y"]] = np.nan
    drawn = Copula(rows, rng).draw(rng)
    assert drawn.x.isna().sum() == rows.x.isna().sum()
    assert (drawn.x.isna() == drawn.y.isna()).all()


def test_smoothing_takes_second_modes_and_gaps_away_and_keeps_spikes_levels_and_skewness():
    rng = np.random.default_rng(0)
    two = np.sort(np.concatenate([rng.normal(-4, 1, 700), rng.normal(4, 1, 700)]))
    smoothed = one_mode(two)
    assert (np.abs(two) < 1).mean() < 0.01 and (np.abs(smoothed) < 1).mean() > 0.05
    spiked = np.sort(np.concatenate([np.zeros(400), rng.lognormal(3, 0.5, 1000)]))
    assert (one_mode(spiked) == 0).sum() == 400
    levels = np.sort(rng.integers(1, 6, N)).astype(float)
    assert (one_mode(levels) == levels).all()
    skewed = np.sort(rng.exponential(size=N))
    assert np.abs(one_mode(skewed) - skewed).max() < 0.6
    assert np.abs(one_mode(skewed) - skewed).mean() < 0.02


def test_two_planted_segments_survive_in_their_distributions_and_not_when_those_are_smoothed():
    """What each reference can see: gaps of single columns are evidence that the first one keeps."""
    case = planted("numeric", "least", "round", "even", 2, 1)
    rows = pd.DataFrame(
        {
            c: x if c == "x1" else (case.truth * 8.0 + np.random.default_rng(0).normal(size=len(x)))
            for c, x in case.rows.items()
        }
    )
    cloud = Copula(rows, np.random.default_rng(0))
    middle = [
        ((d.x0 > 3) & (d.x0 < 5)).mean()
        for d in (cloud.draw(np.random.default_rng(1)), cloud.draw(np.random.default_rng(1), smooth=True))
    ]
    assert middle[0] < 0.01 < 0.05 < middle[1]
