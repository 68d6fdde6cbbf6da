"""Planted segments must be found; noise must be refused."""

from __future__ import annotations

from functools import partial

import numpy as np
import pandas as pd
import pytest

from seglib import stability
from seglib.errors import DataError
from seglib.estimators import build

FAST = {"n_resamples": 20, "sample": 400, "seed": 0}


def planted(n: int = 600, k: int = 4, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 6, (k, 5))
    truth = rng.integers(0, k, n)
    return pd.DataFrame(centres[truth] + rng.normal(0, 1, (n, 5)), columns=list("abcde")), truth


def noise(n: int = 600, seed: int = 0) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(seed).normal(0, 1, (n, 5)), columns=list("abcde"))


def verdict_of(rows: pd.DataFrame) -> tuple[str, str, int]:
    table, _, _ = stability.compare(["k-means"], rows, range(2, 7), min_share=0.02, **FAST)
    best = table[table.chosen].iloc[0]
    by_chance = stability.reference("k-means", int(best.k), rows, **FAST)
    return (*stability.verdict(best, by_chance), int(best.k))


@pytest.mark.parametrize("k", [2, 3, 4, 5])
def test_planted_segments_are_counted_and_called_natural(k):
    rows, _ = planted(k=k, seed=k)
    structure, reason, found = verdict_of(rows)
    assert (structure, found) == ("natural", k), reason


@pytest.mark.parametrize("seed", range(4))
def test_noise_is_refused(seed):
    structure, reason, _ = verdict_of(noise(seed=seed))
    assert structure in ("none", "constructive"), reason


def test_results_do_not_depend_on_the_number_of_jobs():
    rows, _ = planted()
    one = stability.resample(partial(build, "k-means"), 4, rows, n_jobs=1, **FAST)
    two = stability.resample(partial(build, "k-means"), 4, rows, n_jobs=2, **FAST)
    assert np.array_equal(one.labels, two.labels)
    assert np.array_equal(one.recovery, two.recovery)
    assert np.array_equal(one.agreement, two.agreement)


def test_shuffled_columns_keep_their_distribution_alone():
    rows, _ = planted()
    shuffled = stability.without_structure(rows, seed=0)
    for column in rows:
        assert sorted(shuffled[column]) == sorted(rows[column])
    assert abs(shuffled.corr().to_numpy()[np.triu_indices(5, 1)]).max() < 0.15


def test_fewer_customers_than_segments_is_refused():
    with pytest.raises(DataError, match="3 customers cannot be divided into 6 segments"):
        stability.compare(["k-means"], noise(3), range(2, 7), min_share=0.0, **FAST)


def candidates(**columns) -> pd.DataFrame:
    base = {"method": "k-means", "k": [2, 3, 4], "agreement": 0.9, "weakest": [0.9, 0.8, 0.9],
            "smallest": 0.2, "silhouette": [0.3, 0.4, 0.35], "admissible": True}  # fmt: skip
    return pd.DataFrame(base | columns)


def test_the_best_separated_admissible_candidate_is_chosen():
    assert stability.choose(candidates()).k == 3
    assert stability.choose(candidates(admissible=[True, False, True])).k == 4


def test_the_most_segments_are_taken_where_none_are_separated():
    assert stability.choose(candidates(silhouette=[0.24, 0.2, 0.1])).k == 4


def test_the_strongest_weakest_is_taken_where_none_is_admissible():
    assert stability.choose(candidates(admissible=False, weakest=[0.4, 0.6, 0.5])).k == 3


def test_segments_are_numbered_by_size_whatever_the_fit_called_them():
    labels = np.array([3, 3, 0, 5, 5, 5])
    assert stability.by_size(labels).tolist() == [2, 2, 3, 1, 1, 1]
    assert stability.by_size(labels * 7 + 1).tolist() == [2, 2, 3, 1, 1, 1]


@pytest.mark.parametrize("method", ["k-means", "gaussian mixture", "k-prototypes"])
def test_margin_is_larger_in_the_middle(method):
    rows, truth = planted(k=2)
    model = build(method, 2, 0, 2).fit(rows)
    margin = stability.margin(model, rows)
    middle = pd.DataFrame([rows[truth == 0].mean(), (rows[truth == 0].mean() + rows[truth == 1].mean()) / 2])
    assert ((margin >= 0) & (margin <= 1)).all()
    inside, between = stability.margin(model, middle)
    assert inside > between


def test_small_cells_of_a_comparison_are_empty():
    a, b = pd.Series([1] * 20 + [2] * 20), pd.Series(["x"] * 19 + ["y"] * 21)
    agreement, shares = stability.crossed(a, b, min_cell=5)
    assert agreement > 0.8
    assert np.isnan(shares.loc[1, "y"])
    assert shares.loc[2].tolist() == [0.0, 1.0]
