"""k-modes: published numbers, missing and unseen categories, and where it may be chosen."""

from __future__ import annotations

from typing import get_args

import numpy as np
import pandas as pd
import pytest
from kmodes.kmodes import KModes as Peer
from kmodes.util.dissim import matching_dissim
from kmodes.util.init_methods import init_cao
from sklearn.metrics import adjusted_rand_score

from seglib import estimators
from seglib.estimators import METHODS, KModes
from seglib.estimators.mixed_rows import MixedEncoding
from seglib.estimators.prototypes import by_density
from seglib.vocabulary import Method


def test_soybean_from_caos_start_recovers_the_four_diseases(reference):
    table = pd.read_csv(reference / "soybean" / "soybean.csv.gz", header=None, dtype=str)
    model = estimators.build("k-modes", 4, seed=0).fit(table.iloc[:, :-1])
    assert model.inertia_ == 199
    assert adjusted_rand_score(table.iloc[:, -1], model.labels_) == 1.0
    assert sorted(np.bincount(model.labels_)) == [10, 10, 10, 17]


def test_labels_and_cost_equal_those_of_kmodes():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame({c: rng.choice(list("abc"), 300) for c in "uvwx"})
    peer = Peer(3, init="Cao", n_init=1).fit(rows.to_numpy(object))
    model = KModes(3).fit(rows)
    assert (model.labels_ == peer.labels_).all()
    assert model.inertia_ == peer.cost_
    assert model.cluster_centers_.tolist() == peer.cluster_centroids_.tolist()


def test_caos_start_of_k_prototypes_equals_that_of_kmodes():
    rng = np.random.default_rng(1)
    for _ in range(20):
        codes = rng.integers(0, 4, (200, 3))
        rows = pd.DataFrame(codes.astype(str), columns=list("uvw"))
        start = by_density(MixedEncoding(rows).rows(rows), 4).modes
        assert start.tolist() == init_cao(codes, 4, matching_dissim).tolist()


def test_a_missing_category_is_one_of_its_own_and_an_unseen_one_differs_from_every_mode():
    rows = pd.DataFrame({"a": pd.Categorical(["x", "x", None, None]), "b": ["u", "u", "v", "v"]})
    model = KModes(2).fit(rows)
    assert model.inertia_ == 0
    assert len(set(model.predict(rows))) == 2
    new = pd.DataFrame({"a": pd.Categorical(["z"]), "b": ["w"]})
    assert model.transform(new).tolist() == [[2.0, 2.0]]


def test_fewer_rows_than_modes_are_refused():
    with pytest.raises(ValueError, match=r"n_samples=2 should be >= n_clusters=3"):
        KModes(3).fit([["a"], ["b"]])


def test_it_is_chosen_for_tables_of_categories_alone():
    assert estimators.suitable(["k-modes"], {"categories"}) == ["k-modes"]
    for other in ("numbers", "yes or no"):
        with pytest.raises(ValueError, match=f"k-modes cannot take {other}"):
            estimators.suitable(["k-modes"], {"categories", other})
    assert "k-modes" not in estimators.suitable("auto", {"categories"})


def test_every_method_that_params_may_name_is_described():
    assert tuple(METHODS) == get_args(Method)
