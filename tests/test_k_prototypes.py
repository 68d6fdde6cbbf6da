"""The estimator: its objective is Huang's, and what it does where data are poor."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kmodes.kprototypes import KPrototypes as Huang
from sklearn.metrics import adjusted_rand_score

from seglib.estimators import KPrototypes


def mixed(n: int = 300, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Three planted segments in two numbers and two categories."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    return pd.DataFrame({
        "x": rng.normal(truth * 4.0, 1), "y": rng.normal(-truth * 4.0, 1),
        "c": np.where(rng.random(n) < 0.85, np.array(list("abc"))[truth], rng.choice(list("abc"), n)),
        "d": pd.Categorical(np.where(rng.random(n) < 0.85, truth, 0).astype(str)),
    }), truth  # fmt: skip


def test_planted_segments_are_found():
    rows, truth = mixed()
    assert adjusted_rand_score(truth, KPrototypes(3, random_state=0).fit_predict(rows)) > 0.95


def test_cost_is_not_above_that_of_kmodes():
    rows, _ = mixed()
    peer = Huang(n_clusters=3, gamma=0.7, n_init=3, random_state=0).fit(rows.astype({"d": str}).to_numpy(object), categorical=[2, 3])  # fmt: skip
    assert KPrototypes(3, gamma=0.7, random_state=0).fit(rows).inertia_ <= peer.cost_ * (1 + 1e-6)


def test_cost_equals_that_of_kmodes_for_equal_labels():
    rows, _ = mixed()
    ours = KPrototypes(3, gamma=0.7, random_state=0).fit(rows)
    peer = Huang(n_clusters=3, gamma=0.7, n_init=3, random_state=0).fit(rows.astype({"d": str}).to_numpy(object), categorical=[2, 3])  # fmt: skip
    assert adjusted_rand_score(ours.labels_, peer.labels_) == 1.0
    assert ours.inertia_ == pytest.approx(peer.cost_, rel=1e-6)


@settings(max_examples=20, deadline=None)
@given(st.integers(0, 10_000))
def test_permuting_rows_and_columns_changes_nothing(seed):
    rows, _ = mixed(90, seed=1)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(rows))
    shuffled = rows.iloc[order][rng.permutation(rows.columns)]
    one = KPrototypes(3, random_state=0).fit(rows)
    other = KPrototypes(3, random_state=0).fit(shuffled)
    assert adjusted_rand_score(one.labels_[order], other.labels_) == 1.0
    assert one.inertia_ == pytest.approx(other.inertia_)


def test_halving_the_weight_of_doubled_rows_changes_nothing():
    rows, _ = mixed(120)
    one = KPrototypes(3, random_state=0).fit(rows)
    twice = pd.concat([rows, rows], ignore_index=True)
    other = KPrototypes(3, gamma=one.gamma_, random_state=0).fit(twice, sample_weight=np.full(240, 0.5))
    assert adjusted_rand_score(one.labels_, other.labels_[:120]) == 1.0
    assert one.inertia_ == pytest.approx(other.inertia_)


def test_a_missing_cell_takes_no_part():
    rows, truth = mixed(600)
    rng = np.random.default_rng(0)
    holes = rows.mask(pd.DataFrame(rng.random(rows.shape) < 0.15, columns=rows.columns))
    assert adjusted_rand_score(truth, KPrototypes(3, random_state=0).fit_predict(holes)) > 0.8


def test_a_row_without_any_value_still_gets_a_segment():
    rows, _ = mixed(60)
    rows.loc[0] = [np.nan, np.nan, None, None]
    assert KPrototypes(3, random_state=0).fit(rows).labels_[0] in (0, 1, 2)


def test_an_unknown_category_differs_from_none_and_all():
    rows, _ = mixed(60)
    model = KPrototypes(3, random_state=0).fit(rows)
    strange = rows.head(3).assign(c="never seen")
    assert model.predict(strange).shape == (3,)


@pytest.mark.parametrize(("settings", "message"), [
    ({"init": "magic"}, "init='magic'; allowed"), ({"n_clusters": 0}, "n_clusters=0; at least 1"),
    ({"n_clusters": 999}, "n_samples=60 should be >= n_clusters=999"), ({"gamma": -1.0}, "gamma=-1.0"),
    ({"gamma": np.inf}, "gamma=inf"), ({"init": "cao"}, "categorical columns without missing values"),
])  # fmt: skip
def test_bad_settings_are_named(settings, message):
    with pytest.raises(ValueError, match=message):
        KPrototypes(**settings).fit(mixed(60)[0])


def test_weights_must_be_usable():
    rows, _ = mixed(60)
    with pytest.raises(ValueError, match="sample_weight needs one weight"):
        KPrototypes(2).fit(rows, sample_weight=np.zeros(60))


def test_more_clusters_than_distinct_rows_gives_an_answer():
    rows = pd.DataFrame({"x": [0.0] * 5 + [1.0] * 5, "c": ["a"] * 10})
    model = KPrototypes(4, random_state=0).fit(rows)
    assert model.inertia_ == 0
    assert len(set(model.labels_[:5])) >= 1
