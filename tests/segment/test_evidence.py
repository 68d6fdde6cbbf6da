"""What is measured of a division, beside clouds that are cut."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.cluster import KMeans

from seglib.segment.evidence import STATISTICS, likelihood_gain, statistics, valleys
from seglib.segment.reference_data import REFERENCES, judge
from seglib.segment.stability import Resampling, resample

PLAN = Resampling(n_resamples=4, sample=500, seed=0, n_jobs=1, halvings=0)


def two(distance: float, n: int = 600, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = rng.random(n) < 0.5
    rows = pd.DataFrame(rng.normal(size=(n, 4)) + distance * truth[:, None] / 2, columns=list("abcd"))
    return (rows - rows.mean()) / rows.std(), truth.astype(int)


def test_every_statistic_is_larger_for_segments_than_for_a_cloud_that_is_cut():
    apart, _ = two(6)
    cloud, _ = two(0)
    measured = []
    for rows in (apart, cloud):
        labels = KMeans(2, n_init=4, random_state=0).fit_predict(rows)
        measured.append(statistics(rows, labels))
    assert all(measured[0][s] > measured[1][s] + 0.05 for s in STATISTICS)


def test_one_segment_has_no_evidence():
    rows, _ = two(6)
    assert set(statistics(rows, np.zeros(len(rows), dtype=int)).values()) == {0.0}
    assert set(statistics(rows, None).values()) == {0.0}


@given(st.permutations(range(3)), st.integers(0, 5))
@settings(deadline=None, max_examples=20)
def test_names_of_segments_and_the_order_of_rows_do_not_matter(names, seed):
    rng = np.random.default_rng(seed)
    labels = rng.integers(0, 3, 90)
    rows = pd.DataFrame(rng.normal(size=(90, 3)) + 3 * labels[:, None], columns=list("xyz"))
    order = rng.permutation(90)
    one = statistics(rows, labels)
    other = statistics(rows.iloc[order].reset_index(drop=True), np.array(names)[labels][order])
    assert other == pytest.approx(one, rel=1e-9)


def test_a_valley_is_as_deep_as_the_density_falls():
    points = np.concatenate([np.linspace(0, 1, 200), np.linspace(4, 5, 200)])[:, None]
    assert valleys(points, np.repeat([0, 1], 200)).min() > 0.95
    flat = np.random.default_rng(0).random((4000, 1))
    assert valleys(flat, (flat[:, 0] > 0.5).astype(int)).max() < 0.25


def test_two_classes_of_answers_are_likelier_than_one():
    rng = np.random.default_rng(0)
    truth = rng.random(800) < 0.5
    answers = (rng.random((800, 8)) < np.where(truth[:, None], 0.85, 0.15)).astype(float)
    dummies = np.hstack([answers, 1 - answers])
    nothing = np.empty((800, 0))
    assert likelihood_gain(nothing, dummies, truth.astype(int)) > 1
    alike = (rng.random((800, 8)) < 0.5).astype(float)
    assert likelihood_gain(nothing, np.hstack([alike, 1 - alike]), truth.astype(int)) < 0.1


def test_groups_that_are_known_leave_nothing_to_find():
    rows, truth = two(8)
    fit = resample("k-means", [2], rows, PLAN)[2]
    alone, beside = judge("k-means", fit, rows, PLAN), judge("k-means", fit, rows, PLAN, truth)
    assert alone.beyond and alone.settled and not beside.beyond
    assert set(alone.table.reference) == set(REFERENCES)
    assert alone.evidence.max() <= 10


def test_the_same_seed_gives_the_same_judgement_on_one_process_and_on_two():
    rows, _ = two(3)
    fit = resample("k-means", [2], rows, PLAN)[2]
    one = judge("k-means", fit, rows, PLAN)
    two_processes = judge("k-means", fit, rows, Resampling(4, 500, 0, n_jobs=2, halvings=0))
    pd.testing.assert_frame_equal(one.table, two_processes.table)
