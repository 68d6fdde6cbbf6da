"""Hierarchical clustering of numbers and of mixed rows, and density-based segments."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy.spatial.distance import cdist
from sklearn.cluster import AgglomerativeClustering
from sklearn.datasets import make_blobs
from sklearn.metrics import adjusted_rand_score

from seglib.estimators.density import NOISE, Density
from seglib.estimators.hierarchical import Hierarchical, gower

CENTRES = [[0, 0], [8, 0], [0, 8]]


def blobs(n: int = 300, spread: float = 1.0) -> tuple[np.ndarray, np.ndarray]:
    return make_blobs(n, centers=CENTRES, cluster_std=spread, random_state=0)


def mixed(n: int = 300) -> tuple[pd.DataFrame, np.ndarray]:
    """Three planted segments in numbers and categories, a tenth of the cells missing."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, n)
    named = np.array(list("abc"))
    rows = pd.DataFrame(
        {
            "x": rng.normal(truth * 5.0, 1),
            "y": rng.normal(-truth * 500.0, 100),
            "c": np.where(rng.random(n) < 0.95, named[truth], rng.choice(named, n)),
            "d": pd.Categorical(np.where(rng.random(n) < 0.95, named[truth], rng.choice(named, n))),
        }
    )
    return rows.mask(pd.DataFrame(rng.random(rows.shape) < 0.1, columns=rows.columns)), truth


# Ward


def test_ward_is_that_of_scikit_learn():
    rows, truth = blobs()
    model = Hierarchical(3).fit(rows)
    assert model.labels_.tolist() == AgglomerativeClustering(3).fit(rows).labels_.tolist()
    assert adjusted_rand_score(truth, model.labels_) > 0.98


def test_ward_places_new_rows_at_the_nearest_centre():
    rows, _ = blobs()
    model = Hierarchical(3).fit(rows)
    assert model.cluster_centers_[model.predict(CENTRES)] == pytest.approx(np.array(CENTRES), abs=0.4)
    assert model.transform(rows) == pytest.approx(cdist(rows, model.cluster_centers_))


def test_ward_refuses_categories_and_names_the_column():
    with pytest.raises(ValueError, match="column 'c' is categorical, .* use linkage='gower'"):
        Hierarchical(2).fit(mixed()[0])


# Gower


def test_gower_distance_equals_the_one_worked_out_by_hand():
    numbers = np.array([[10.0, 1.0], [20.0, np.nan], [50.0, 5.0]])
    codes = np.array([[0], [1], [-1]])
    ranges = np.array([40.0, 4.0])
    # 1-2: (10/40 + 1) / 2, the second number missing; 1-3: (1 + 1) / 2, the category missing; 2-3: 30/40
    expected = [[0, 0.625, 1], [0.625, 0, 0.75], [1, 0.75, 0]]
    assert gower((numbers, codes), (numbers, codes), ranges).tolist() == expected


def test_rows_that_share_no_known_column_are_as_far_apart_as_can_be():
    one, other = (np.array([[1.0, np.nan]]), np.empty((1, 0))), (np.array([[np.nan, 1.0]]), np.empty((1, 0)))
    assert gower(one, other, np.ones(2)).tolist() == [[1]]


def test_gower_finds_planted_segments_in_mixed_rows_with_holes():
    rows, truth = mixed()
    model = Hierarchical(3, linkage="gower").fit(rows)
    assert adjusted_rand_score(truth, model.labels_) > 0.9
    assert adjusted_rand_score(truth, model.predict(rows)) > 0.9


def test_gower_leaves_no_single_odd_customers_where_answers_do_not_split(reference):
    table = pd.read_csv(reference / "mcdonalds" / "mcdonalds.csv.gz")
    labels = Hierarchical(4, linkage="gower").fit(table).labels_
    assert np.bincount(labels).min() > 0.1 * len(table)


def test_a_row_without_any_value_still_gets_a_segment():
    rows, _ = mixed()
    rows.loc[0] = None
    assert Hierarchical(3, linkage="gower").fit(rows).labels_[0] in (0, 1, 2)


def test_gower_transform_is_the_mean_distance_less_half_of_that_within():
    rows = pd.DataFrame({"x": [0.0, 1.0, 10.0], "c": ["a", "a", "b"]})
    model = Hierarchical(2, linkage="gower").fit(rows)
    found = model.transform(pd.DataFrame({"x": [0.0], "c": ["b"]}))[0]
    near = model.labels_[0]
    assert found[[near, 1 - near]] == pytest.approx(
        [((0 + 1) / 2 + (0.1 + 1) / 2) / 2 - 0.05 / 4, (1 + 0) / 2]
    )


def test_units_and_order_of_columns_change_nothing():
    rows, _ = mixed()
    one = Hierarchical(3, linkage="gower").fit(rows)
    other = Hierarchical(3, linkage="gower").fit(
        rows[["d", "y", "c", "x"]].assign(y=rows.y / 1000, x=rows.x * 60)
    )
    assert adjusted_rand_score(one.labels_, other.labels_) == 1.0


def test_a_value_beyond_the_fitted_range_and_an_unknown_level_are_placed():
    rows, _ = mixed()
    model = Hierarchical(3, linkage="gower").fit(rows)
    strange = pd.DataFrame(
        {"x": [1e9, np.nan], "y": [np.nan, np.nan], "c": ["never seen", None], "d": ["a", None]}
    )
    assert (model.transform(strange) <= 1 + 1e-9).all()
    assert set(model.predict(strange)) <= {0, 1, 2}


def test_predicting_in_chunks_is_predicting_at_once():
    rows, _ = mixed(1200)
    model = Hierarchical(3, linkage="gower").fit(rows.head(200))
    at_once = model.transform(rows)
    assert np.vstack([model.transform(rows[i : i + 1]) for i in (0, 511, 512, 1199)]) == pytest.approx(
        at_once[[0, 511, 512, 1199]]
    )


@pytest.mark.parametrize("linkage", ["ward", "gower"])
def test_too_many_rows_are_refused_with_the_way_out(linkage):
    with pytest.raises(ValueError, match=r"300 rows, and max_rows=200: .* Fit on a sample"):
        Hierarchical(3, linkage=linkage, max_rows=200).fit(blobs()[0])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"linkage": "single"}, "linkage='single'; allowed: 'ward', 'gower'"),
        ({"n_clusters": 0}, "n_clusters=0"),
        ({"n_clusters": 301}, "n_samples=300 should be >= n_clusters=301"),
    ],
)
def test_impossible_settings_are_named(changed, message):
    with pytest.raises(ValueError, match=message):
        Hierarchical(**changed).fit(blobs()[0])


# Density


def test_density_finds_the_segments_without_being_told_how_many():
    rows, truth = blobs(spread=0.6)
    model = Density(min_cluster_size=20).fit(rows)
    assert model.n_clusters_ == 3
    inside = model.labels_ != NOISE
    assert inside.mean() > 0.8
    assert adjusted_rand_score(truth[inside], model.labels_[inside]) == 1.0


def test_density_predicts_members_as_themselves_and_far_rows_as_noise():
    rows, _ = blobs(spread=0.6)
    model = Density(min_cluster_size=20).fit(rows)
    inside = model.labels_ != NOISE
    assert model.predict(rows)[inside].tolist() == model.labels_[inside].tolist()
    assert model.predict([[4.0, 4.0], [100.0, 0.0]]).tolist() == [NOISE, NOISE]


def test_density_reaches_as_far_as_the_loneliest_member_is_from_its_fellows():
    # two lines of rows one apart, the second ten times as far apart as the first
    rows = np.concatenate([np.arange(10) / 10, 100 + np.arange(10.0)])[:, None]
    model = Density(min_cluster_size=5, min_samples=2).fit(rows)
    left, right = model.labels_[0], model.labels_[-1]
    assert model.reach_[[left, right]] == pytest.approx([0.1, 1.0])
    assert model.predict([[-0.09], [-0.11], [99.1], [98.9]]).tolist() == [left, NOISE, right, NOISE]


def test_density_calls_all_noise_where_nothing_is_dense():
    model = Density(min_cluster_size=10).fit(np.arange(5.0)[:, None])
    assert (model.n_clusters_, model.labels_.tolist(), model.predict([[1.0]]).tolist()) == (
        0,
        [NOISE] * 5,
        [NOISE],
    )
    scattered = np.random.default_rng(0).uniform(size=(200, 6))
    assert Density(min_cluster_size=40).fit(scattered).n_clusters_ == 0


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"min_cluster_size": 1}, "min_cluster_size=1; at least 2"),
        ({"min_samples": 0}, "min_samples=0; at least 1"),
    ],
)
def test_impossible_densities_are_named(changed, message):
    with pytest.raises(ValueError, match=message):
        Density(**changed).fit(blobs()[0])
