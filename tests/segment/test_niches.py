"""Niches: found where they are, nowhere else, and scored like everybody."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.cluster import KMeans

from seglib import estimators, segment
from seglib.segment.niches import set_apart
from seglib.segment.stability import resample

PLAN = segment.Resampling(n_resamples=6, sample=2000, seed=0, halvings=1, n_jobs=1)


def customers(
    niches: list[tuple[int, float]], seed: int = 0, columns: int = 5
) -> tuple[pd.DataFrame, np.ndarray]:
    """Make two segments of 600, and niches of so many customers, so far from both."""
    rng = np.random.default_rng(seed)
    directions = np.linalg.qr(rng.normal(size=(columns, columns)))[0]
    centres = [4 * directions[0], -4 * directions[0]] + [
        far * directions[i + 1] for i, (_, far) in enumerate(niches)
    ]
    truth = np.repeat(range(len(centres)), [600, 600, *(n for n, _ in niches)])
    rows = np.array(centres)[truth] + rng.normal(size=(len(truth), columns))
    return pd.DataFrame(rows, columns=[f"x{j}" for j in range(columns)]), truth


def two(rows: pd.DataFrame):
    return resample("k-means", [2], rows, PLAN)[2]


@pytest.mark.parametrize("seed", range(4))
def test_two_niches_are_set_apart(seed):
    rows, truth = customers([(12, 9.0), (20, 9.0)], seed)
    apart = set_apart(two(rows), rows, PLAN, min_share=0.02)
    assert apart is not None and len(apart.stability) == 4
    for niche in (2, 3):
        labels, counts = np.unique(apart.labels[truth == niche], return_counts=True)
        found = labels[counts.argmax()]
        assert found >= 2
        assert (apart.labels == found)[truth == niche].mean() >= 0.9
        assert (truth == niche)[apart.labels == found].mean() >= 0.9
    assert apart.stability[2:].min() >= 0.75


@pytest.mark.parametrize(
    "rows",
    [
        customers([])[0],
        customers([(12, 9.0), (100, 9.0)])[0].iloc[:1200],
        pd.DataFrame(np.random.default_rng(0).standard_t(3, (1200, 4)), columns=list("abcd")),
        pd.DataFrame(np.random.default_rng(1).integers(1, 6, (1200, 5)).astype(float), columns=list("abcde")),
    ],
    ids=["segments alone", "none drawn", "heavy tails", "five points"],
)
def test_there_are_no_niches_where_there_are_none(rows):
    assert set_apart(two(rows), rows, PLAN, min_share=0.02) is None


def test_those_with_one_value_in_one_column_are_no_niche():
    rows, _ = customers([])
    rows.loc[rows.sample(15, random_state=0).index, "x0"] = 40.0
    assert set_apart(two(rows), rows, PLAN, min_share=0.02) is None


def test_those_of_a_segment_whose_answer_was_filled_in_are_no_niche():
    truth = np.repeat([0, 1], 600)
    noise = np.random.default_rng(0).normal(size=(1200, 5))
    rows = pd.DataFrame(7.0 * truth[:, None] + noise, columns=list("abcde"))
    far = rows.copy()
    far.loc[600:614, "a"] = 0.3 * noise[:15, 0]
    assert set_apart(two(far), far, PLAN, min_share=0.02) is not None
    rows.loc[600:614, "a"] = rows.a[truth == 0].median()
    assert set_apart(two(rows), rows, PLAN, min_share=0.02) is None


def test_niches_of_too_few_customers_to_publish_are_not_set_apart():
    rows, _ = customers([(9, 9.0), (20, 9.0)])
    apart = set_apart(two(rows), rows, PLAN, min_share=0.02, fewest=15)
    assert apart is not None and len(apart.stability) == 3
    assert (apart.labels == 2).sum() >= 15
    assert set_apart(two(rows), rows, PLAN, min_share=0.02, fewest=60) is None


def test_a_segment_is_not_set_apart_from_itself():
    rows, truth = customers([(15, 9.0)])
    fit = two(rows)
    with_niche = set_apart(fit, rows, PLAN, min_share=0.02)
    assert set_apart(with_niche, rows, PLAN, min_share=0.02) is None
    assert (truth == 2).sum() == 15


def test_the_model_scores_members_and_strangers():
    rows, truth = customers([(15, 9.0)])
    apart = set_apart(two(rows), rows, PLAN, min_share=0.02)
    model = apart.model
    assert isinstance(model, estimators.NichesApart)
    np.testing.assert_array_equal(model.predict(rows), apart.labels)
    assert model.transform(rows).shape == (len(rows), 3)
    far = rows[truth == 2].mean().to_frame().T
    assert model.predict(far)[0] == 2
    assert model.predict(far * 6)[0] < 2  # beyond its reach


def test_probabilities_of_a_niche_are_one():
    rows, truth = customers([(15, 9.0)])
    mixture = estimators.MergedMixture(2, random_state=0).fit(rows)
    segments = np.array([rows[mixture.labels_ == s].mean() for s in range(2)])
    niche = rows[truth == 2].mean().to_numpy()[None]
    model = estimators.NichesApart(mixture, segments, niche, np.array([5.0]))
    likely = model.predict_proba(rows)
    assert likely.sum(1) == pytest.approx(1)
    np.testing.assert_array_equal(likely.argmax(1), model.predict(rows))
    apart = model.predict(rows) == 2
    assert likely[apart, 2].min() == 1 and not likely[~apart, 2].any()
    assert apart.any()
    assert not hasattr(model, "transform")
    assert hasattr(estimators.NichesApart(KMeans(2), segments, niche, np.ones(1)), "transform")
