"""Resampling: planted segments are stable, results do not depend on how the work is spread."""

from __future__ import annotations

from dataclasses import replace

import joblib
import numpy as np
import pandas as pd
import pytest

from seglib.errors import DataError
from seglib.segment import comparison, partitions, stability

FAST = stability.Resampling(n_resamples=12, sample=400, seed=0, n_jobs=1)


def planted(n: int = 600, k: int = 4, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    centres = rng.normal(0, 6, (k, 5))
    truth = rng.integers(0, k, n)
    return pd.DataFrame(centres[truth] + rng.normal(0, 1, (n, 5)), columns=list("abcde")), truth


def equal(one: dict, two: dict) -> bool:
    return all(
        np.array_equal(one[k].labels, two[k].labels)
        and np.array_equal(one[k].stability, two[k].stability)
        and np.array_equal(one[k].agreement, two[k].agreement)
        and one[k].strength == two[k].strength
        for k in one
    )


def test_planted_segments_are_stable_and_one_more_is_not():
    rows, _ = planted(k=3)
    found = stability.resample("k-means", [3, 4], rows, FAST)
    assert found[3].stability.min() > 0.95
    assert found[3].strength > 0.9
    assert found[4].stability.min() < 0.8
    assert np.median(found[3].agreement) > np.median(found[4].agreement)


@pytest.mark.parametrize("method", ["k-means", "merged mixture"])
def test_results_depend_neither_on_the_number_of_jobs_nor_on_the_backend(method):
    rows, _ = planted(300, 3)
    one = stability.resample(method, [2, 3], rows, FAST)
    two = stability.resample(method, [2, 3], rows, replace(FAST, n_jobs=2))
    with joblib.parallel_config(backend="threading"):
        threads = stability.resample(method, [2, 3], rows, replace(FAST, n_jobs=2))
    assert equal(one, two)
    assert equal(one, threads)


def test_a_mixture_offers_no_more_segments_than_it_has_components():
    rows, _ = planted(k=3)
    assert max(stability.resample("merged mixture", range(2, 9), rows, FAST)) == 3


def test_every_method_can_be_resampled():
    rows, _ = planted(120, 2)
    for method in ("ward", "gower", "hdbscan", "latent classes", "gaussian mixture", "k-prototypes"):
        found = stability.resample(method, [2], rows, replace(FAST, n_resamples=4, halvings=1))
        assert found[2].stability.min() > 0.9, method


def test_fewer_customers_than_segments_are_refused():
    with pytest.raises(DataError, match="7 customers cannot be divided into 6 segments"):
        comparison.compare(["k-means"], planted(7)[0], range(2, 7), FAST, min_share=0.0)


def test_no_more_segments_are_tried_than_there_are_different_customers():
    rows = pd.DataFrame(
        np.repeat([[0.0, 1.0, 1.0], [1.0, 0.0, 1.0], [1.0, 1.0, 0.0]], 40, axis=0), columns=list("abc")
    )
    table = comparison.compare(["k-means"], rows, range(2, 7), FAST, min_share=0.0).candidates
    assert table.k.tolist() == [2, 3]
    with pytest.raises(
        DataError, match="have 1 different combinations only, and segment.k asks for at least 2"
    ):
        comparison.compare(["k-means"], rows.head(40), range(2, 7), FAST, min_share=0.0)


def test_the_tables_have_a_row_per_candidate_and_per_segment():
    rows, _ = planted(k=3)
    got = comparison.compare(["k-means", "merged mixture"], rows, range(2, 5), FAST, min_share=0.1)
    table, segments, fits = got.candidates, got.stability, got.fits
    assert table.groupby("method").k.apply(list).to_dict() == {"k-means": [2, 3, 4], "merged mixture": [2, 3]}
    assert segments.groupby(["method", "k"]).size().tolist() == [2, 3, 4, 2, 3]
    assert (segments.groupby(["method", "k"])["size"].sum() == len(rows)).all()
    assert segments.across[segments.k == 2].isna().all()
    assert table.bic.notna().tolist() == [False] * 3 + [True] * 2
    assert set(fits) == set(zip(table.method, table.k, strict=True))


def test_joined_segments_are_measured_as_one():
    rows, truth = planted(k=3)
    fit = stability.resample("k-means", [4], rows, FAST)[4]
    into = partitions.matched(truth, fit.labels, 3)
    joined = fit.joined(into)
    assert joined.stability.min() > fit.stability.min()
    assert len(np.unique(joined.labels)) == 3
    assert partitions.jaccard_stability(truth, joined.labels).min() > 0.95


@pytest.mark.parametrize(
    ("labels", "other", "expected"),
    [
        ([0, 0, 1, 1], [0, 0, 1, 1], [1.0, 1.0]),
        ([0, 0, 1, 1], [0, 0, 0, 0], [0.5, 0.5]),
        ([0, 0, 0, 1], [0, 1, 2, 0], [1 / 3, 0.5]),
    ],
)
def test_jaccard_stability_by_hand(labels, other, expected):
    assert partitions.jaccard_stability(np.array(labels), np.array(other)) == pytest.approx(expected)


def test_exchange_rows_add_up_unless_a_part_has_no_counterpart():
    labels, other = np.array([0, 0, 1, 1, 2, 2]), np.array([0, 0, 1, 1, 1, 1])
    moved = partitions.exchange(labels, other)
    assert moved.shape == (3, 3)
    assert moved.sum(1) == pytest.approx([1, 1, 1])
    assert moved[0, 0] == 1


def test_across_is_one_for_a_pure_split_and_zero_for_a_mix():
    coarser = np.repeat([0, 1], 50)
    split = np.repeat([0, 1, 2], [50, 25, 25])
    mixed = np.tile([0, 1], 50)
    assert partitions.across(split, coarser) == pytest.approx([1, 1, 1])
    assert partitions.across(mixed, coarser) == pytest.approx([0, 0])


def test_prediction_strength_by_hand():
    assert partitions.prediction_strength(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 0])) == 1
    assert partitions.prediction_strength(np.array([0, 0, 0, 0]), np.array([0, 0, 1, 1])) == pytest.approx(
        1 / 3
    )


def test_segments_are_numbered_by_size_whatever_the_fit_called_them():
    labels = np.array([3, 3, 0, 5, 5, 5])
    assert partitions.by_size(labels).tolist() == [2, 2, 3, 1, 1, 1]
    assert partitions.by_size(labels * 7 + 1).tolist() == [2, 2, 3, 1, 1, 1]
