"""Merged mixtures: segments of any shape, and the door that all methods go through."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import parametrize_with_checks

from seglib import estimators
from seglib.estimators import Joined, MergedMixture
from seglib.estimators.merging import merge_path, misclassified
from seglib.segment import segmentation


@parametrize_with_checks([MergedMixture(random_state=0)])
def test_scikit_learn_s_checks_pass(estimator, check):
    check(estimator)


def skewed(n: int = 400, seed: int = 0) -> tuple[np.ndarray, np.ndarray]:
    """One skewed and one long segment, which a likelihood describes by several components."""
    rng = np.random.default_rng(seed)
    long = rng.normal(size=(n, 2)) * [4, 0.5] + [0, 12]
    return np.vstack([rng.exponential(2, (n, 2)), long]), np.repeat([0, 1], n)


def test_a_skewed_segment_is_one_although_it_takes_several_components():
    rows, truth = skewed()
    model = MergedMixture(random_state=0).fit(rows)
    assert model.n_components_ > 2
    assert model.n_clusters_ == 2
    assert adjusted_rand_score(truth, model.labels_) > 0.97


def test_one_cloud_is_one_segment():
    rng = np.random.default_rng(1)
    for rows in (rng.normal(size=(500, 3)), np.exp(rng.normal(size=(500, 3)) / 2)):
        assert MergedMixture(random_state=0).fit(rows).n_clusters_ == 1


def test_categories_and_missing_cells_are_taken():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 2, 400)
    rows = pd.DataFrame(
        {
            "x": rng.normal(truth * 5.0, 1),
            "c": pd.Categorical(np.where(rng.random(400) < 0.9, truth, 1 - truth).astype(str)),
            "yes": (rng.random(400) < 0.2 + 0.6 * truth).astype(float),
        }
    )
    rows.loc[::17, "x"] = np.nan
    model = MergedMixture(random_state=0).fit(rows)
    assert model.n_clusters_ == 2
    assert adjusted_rand_score(truth, model.predict(rows)) > 0.85


def test_an_atom_is_no_segment():
    rng = np.random.default_rng(0)
    rows = rng.normal(size=(600, 3))
    rows[:, 0] = np.maximum(rows[:, 0], 0)  # half of the customers have exactly 0
    assert MergedMixture(random_state=0).fit(rows).n_clusters_ == 1


def test_outliers_are_no_segment():
    rng = np.random.default_rng(0)
    rows = np.vstack([rng.normal(size=(500, 2)), rng.normal(60, 0.1, (3, 2))])
    assert MergedMixture(random_state=0).fit(rows).n_clusters_ == 1


def test_a_cut_is_the_same_mixture_merged_otherwise():
    rows, _ = skewed()
    model = MergedMixture(random_state=0).fit(rows)
    finer = model.cut(3)
    assert finer.n_clusters_ == 3
    assert finer.bic(rows) == model.bic(rows)
    assert (
        adjusted_rand_score(
            finer.predict(rows),
            MergedMixture(3, n_components=model.n_components_, covariance=model.covariance_, random_state=0)
            .fit(rows)
            .labels_,
        )
        > 0.99
    )
    with pytest.raises(ValueError, match=r"n_clusters=99; these rows support \d+ components"):
        model.cut(99)


def test_probabilities_of_segments_add_up():
    rows, _ = skewed()
    share = MergedMixture(random_state=0).fit(rows).predict_proba(rows)
    assert share.sum(1) == pytest.approx(1)


@pytest.mark.parametrize(
    ("settings", "message"),
    [
        ({"n_clusters": 0}, "n_clusters=0; at least 1"),
        ({"covariance": "round"}, "covariance='round'; allowed"),
        ({"max_overlap": 1.0}, "max_overlap=1.0; allowed"),
        ({"n_clusters": 999}, "n_samples=800 should be >="),
    ],
)
def test_bad_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        MergedMixture(**settings).fit(skewed()[0])


def test_misclassified_shares_by_hand():
    posterior = np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])
    assert misclassified(posterior) == pytest.approx(np.array([[0, 0.3 / 2.0], [0.3 / 1.0, 0]]))


def test_small_components_are_merged_first():
    posterior = np.vstack(
        [np.tile([0.55, 0.45, 0.0], (50, 1)), np.tile([0.45, 0.55, 0.0], (49, 1)), [[0.0, 0.0, 1.0]]]
    )
    assert merge_path(posterior)[2][0].tolist() == [0, 0, 1]
    assert len(set(merge_path(posterior, min_share=0.05)[2][0][:2])) == 2


@pytest.mark.parametrize("inner", ["k-means", "merged mixture"])
def test_joined_segments_predict_as_one(inner):
    rows, _ = skewed()
    model = estimators.fit_each(inner, [2], pd.DataFrame(rows), 0, 4)[2]
    joined = Joined(model, [0, 0])
    assert set(joined.predict(pd.DataFrame(rows))) == {0}
    assert hasattr(joined, "predict_proba") == (inner == "merged mixture")
    assert segmentation.margin(joined, pd.DataFrame(rows)) == pytest.approx(1)


@pytest.mark.parametrize("method", ["k-means", "gaussian mixture", "k-prototypes", "merged mixture", "ward"])
def test_margin_is_larger_in_the_middle(method):
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        np.vstack([rng.normal(size=(200, 2)), rng.normal(6, 1, (200, 2))]), columns=["x", "y"]
    )
    model = estimators.fit_each(method, [2], rows, 0, 2)[2]
    margin = segmentation.margin(model, rows)
    assert ((margin >= 0) & (margin <= 1)).all()
    inside, between = segmentation.margin(model, pd.DataFrame({"x": [0.0, 3.0], "y": [0.0, 3.0]}))
    assert inside > between


def test_the_table_of_methods_decides_what_auto_tries():
    assert estimators.suitable("auto", {"numbers"}) == ["k-means", "merged mixture"]
    assert estimators.suitable("auto", {"numbers", "yes or no", "categories"}) == [
        "k-prototypes",
        "merged mixture",
    ]
    assert estimators.suitable(["ward"], {"numbers"}) == ["ward"]
    with pytest.raises(ValueError, match="ward cannot take categories, which there are; use k-prototypes"):
        estimators.suitable(["ward"], {"numbers", "categories"})
