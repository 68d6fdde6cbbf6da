"""A finer level is taken only as far as each of its cuts is more than the method's habit."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score

from seglib import segment
from seglib.segment.levels import finer_level

PLAN = segment.Resampling(n_resamples=20, sample=1000, seed=0, n_jobs=2)


def clouds(
    rng: np.random.Generator, centres: list, stretch: float, n: int = 250
) -> tuple[pd.DataFrame, np.ndarray]:
    """Draw clouds that are as long as they are stretched, along one diagonal of two columns."""
    truth = np.repeat(np.arange(len(centres)), n)
    long = rng.normal(size=(len(truth), 1)) * stretch * np.array([1.0, 1.0, 0.0, 0.0])
    rows = np.array(centres)[truth] + long + rng.normal(size=(len(truth), 4))
    return pd.DataFrame(rows / rows.std(0), columns=list("abcd")), truth


def judged(rows: pd.DataFrame) -> segment.Judgement:
    compared = segment.compare(["k-means"], rows, range(2, 9), PLAN, min_share=0.02)
    return segment.judgement(compared, rows, PLAN, min_share=0.02)


#: Two far groups, one of which is two clouds; the other clouds are long, so that k-means cuts them too.
TWO_AND_ONE = [(-14, -14, 0, 0), (-14, -14, 6, 0), (14, 14, 0, 0), (0, 0, 0, 16)]


@pytest.mark.parametrize("seed", [0, 1])
def test_the_cut_of_a_long_cloud_is_joined_and_the_cut_between_two_is_kept(seed):
    rows, truth = clouds(np.random.default_rng(seed), TWO_AND_ONE, stretch=2.5)
    found = judged(rows)
    assert found.comparison.k == 4
    assert adjusted_rand_score(truth, found.comparison.fit.labels) > 0.95


@pytest.mark.parametrize("seed", range(4))
def test_long_clouds_alone_have_no_finer_level(seed):
    rows, truth = clouds(np.random.default_rng(seed), TWO_AND_ONE[:1] + TWO_AND_ONE[2:], stretch=2.5)
    compared = segment.compare(["k-means"], rows, range(2, 7), PLAN, min_share=0.02)
    table = compared.candidates
    three = int(table.index[table.k == 3][0])
    assert adjusted_rand_score(truth, compared.fits["k-means", 3].labels) > 0.95
    level, _open = finer_level(compared, three, rows, PLAN, None, 0.02)
    assert level is None
