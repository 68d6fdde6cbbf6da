"""The estimator: its objective is Huang's, and what it does where data are poor."""

from __future__ import annotations

import itertools

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from kmodes.kmodes import KModes
from kmodes.kprototypes import KPrototypes as Huang
from sklearn.cluster import KMeans
from sklearn.metrics import adjusted_rand_score
from sklearn.utils.estimator_checks import parametrize_with_checks
from threadpoolctl import threadpool_limits

from seglib.estimators import KPrototypes, mixed_rows, prototypes

SEEDS = st.integers(0, 10_000)


def mixed(n: int = 300, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    """Three planted segments in two numbers and two categories."""
    rng = np.random.default_rng(seed)
    truth = rng.integers(0, 3, n)
    return pd.DataFrame(
        {
            "x": rng.normal(truth * 4.0, 1),
            "y": rng.normal(-truth * 4.0, 1),
            "c": np.where(rng.random(n) < 0.85, np.array(list("abc"))[truth], rng.choice(list("abc"), n)),
            "d": pd.Categorical(np.where(rng.random(n) < 0.85, truth, 0).astype(str)),
        }
    ), truth


def rough(n: int, seed: int, missing: float = 0.2) -> pd.DataFrame:
    """No segments: four numbers, a category of 2, 3, 7 and up to 400 levels, and holes."""
    rng = np.random.default_rng(seed)
    rows = pd.DataFrame(rng.normal(0, [1, 5, 0.1, 2], (n, 4)), columns=list("uvwx"))
    rows = rows.assign(**{f"c{m}": rng.integers(0, m, n).astype(str) for m in (2, 3, 7, 400)})
    return rows.mask(pd.DataFrame(rng.random(rows.shape) < missing, columns=rows.columns))


def distance_by_hand(row: tuple, mean: np.ndarray, mode: list, gamma: float) -> float:
    """Gower's way, cell by cell: each kind is rescaled by what is present of it."""
    there = [not pd.isna(value) for value in row]
    p, total = len(mean), 0.0
    if any(there[:p]):
        squares = sum((v - m) ** 2 for v, m, t in zip(row[:p], mean, there[:p], strict=True) if t)
        total += squares * p / sum(there[:p])
    if any(there[p:]):
        differing = sum(v != m for v, m, t in zip(row[p:], mode, there[p:], strict=True) if t)
        total += gamma * differing * len(mode) / sum(there[p:])
    return total


def distances_by_hand(model: KPrototypes, rows: pd.DataFrame) -> np.ndarray:
    means, codes = model.cluster_centers_
    modes = [[levels[code] for levels, code in zip(model.categories_, row, strict=True)] for row in codes]
    return np.array(
        [
            [distance_by_hand(row, mean, mode, model.gamma_) for mean, mode in zip(means, modes, strict=True)]
            for row in rows.itertuples(index=False)
        ]
    )


@parametrize_with_checks([KPrototypes(3, n_init=2)])
def test_what_scikit_learn_asks_of_an_estimator(estimator, check):
    check(estimator)


# The objective


def test_planted_segments_are_found():
    rows, truth = mixed()
    assert adjusted_rand_score(truth, KPrototypes(3, random_state=0).fit_predict(rows)) > 0.95


@pytest.mark.parametrize("gamma", [None, 0.7])
def test_cost_and_gamma_equal_those_of_kmodes_for_equal_labels(gamma):
    rows, _ = mixed()
    ours = KPrototypes(3, gamma=gamma, random_state=0).fit(rows)
    peer = Huang(n_clusters=3, gamma=gamma, n_init=3, random_state=0).fit(
        rows.astype({"d": str}).to_numpy(object), categorical=[2, 3]
    )
    assert adjusted_rand_score(ours.labels_, peer.labels_) == 1.0
    assert ours.gamma_ == pytest.approx(peer.gamma, rel=1e-12)
    assert ours.inertia_ == pytest.approx(peer.cost_, rel=1e-6)


def test_cost_is_not_above_that_of_kmodes_where_there_are_no_segments():
    rows = rough(200, seed=3, missing=0).drop(columns="c400")
    peer = Huang(n_clusters=4, gamma=2.0, n_init=3, random_state=0).fit(
        rows.to_numpy(object), categorical=[4, 5, 6]
    )
    assert KPrototypes(4, gamma=2.0, n_init=20, random_state=0).fit(rows).inertia_ <= peer.cost_ * (1 + 1e-6)


def test_without_numbers_it_is_k_modes():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 200)
    rows = pd.DataFrame(
        {
            f"c{j}": np.where(rng.random(200) < 0.9, truth, rng.integers(0, 3, 200)).astype(str)
            for j in range(8)
        }
    )
    ours = KPrototypes(3, random_state=0).fit(rows)
    peer = KModes(3, n_init=5, random_state=0).fit(rows.to_numpy(object))
    assert adjusted_rand_score(ours.labels_, peer.labels_) == 1.0
    assert ours.gamma_ == 1.0
    assert ours.inertia_ == peer.cost_


def test_soybean_from_caos_start_recovers_the_four_diseases(reference):
    table = pd.read_csv(reference / "soybean" / "soybean.csv.gz", header=None, dtype=str)
    model = KPrototypes(4, init="cao").fit(table.iloc[:, :-1])
    assert model.inertia_ == 199
    assert adjusted_rand_score(table.iloc[:, -1], model.labels_) == 1.0
    assert sorted(np.bincount(model.labels_)) == [10, 10, 10, 17]


def test_without_categories_it_is_k_means():
    numbers = np.random.default_rng(0).normal(size=(500, 4))
    ours = KPrototypes(5, random_state=0).fit(numbers)
    peer = KMeans(5, init=ours.cluster_centers_[0], n_init=1).fit(numbers)
    assert (ours.labels_ == peer.labels_).all()
    assert ours.inertia_ == pytest.approx(peer.inertia_, rel=1e-6)
    assert ours.transform(numbers) == pytest.approx(peer.transform(numbers) ** 2, rel=1e-5, abs=1e-6)


@settings(max_examples=15, deadline=None)
@given(SEEDS)
def test_distances_and_cost_are_those_computed_by_hand(seed):
    rows = rough(60, seed)
    weights = np.random.default_rng(seed).random(60)
    model = KPrototypes(4, gamma=1.5, n_init=1, random_state=seed).fit(rows, sample_weight=weights)
    by_hand = distances_by_hand(model, rows)
    assert model.transform(rows) == pytest.approx(by_hand, rel=1e-5, abs=1e-5)
    assert by_hand[np.arange(60), model.labels_] == pytest.approx(by_hand.min(axis=1), rel=1e-5, abs=1e-5)
    assert model.inertia_ == pytest.approx(weights @ by_hand.min(axis=1), rel=1e-6)
    assert model.score(rows, sample_weight=weights) == pytest.approx(-model.inertia_, rel=1e-12)
    assert (model.predict(rows) == model.labels_).all()


@settings(max_examples=25, deadline=None)
@given(SEEDS, st.integers(2, 9), st.sampled_from(["k-means++", "random"]))
def test_the_cost_never_rises(seed, k, init):
    weights = np.random.default_rng(seed).exponential(size=150)
    model = KPrototypes(k, gamma=1.0, init=init, n_init=1, tol=0.0, random_state=seed)
    model.fit(rough(150, seed), sample_weight=weights)
    assert len(model.cost_path_) == model.n_iter_ > 1
    assert (np.diff(model.cost_path_) <= 0).all()
    assert model.inertia_ <= model.cost_path_[-1] * (1 + 1e-6)


def test_no_single_mean_or_mode_lowers_the_cost_further():
    rows = rough(120, seed=5)
    model = KPrototypes(3, gamma=1.0, random_state=0).fit(rows)
    means, modes = model.cluster_centers_
    for number, column in itertools.product(range(3), range(4)):
        for step in (-0.01, 0.01):
            moved = means.copy()
            moved[number, column] += step
            model.cluster_centers_ = (moved, modes)
            assert distances_by_hand(model, rows)[np.arange(120), model.labels_].sum() > model.inertia_
    for number, level in itertools.product(range(3), range(7)):
        moved = modes.copy()
        moved[number, 2] = level
        model.cluster_centers_ = (means, moved)
        assert distances_by_hand(model, rows)[np.arange(120), model.labels_].sum() >= model.inertia_ * (
            1 - 1e-7
        )


# What must not matter


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_the_order_of_rows_and_columns_does_not_matter(seed):
    rows, _ = mixed(90, seed=1)
    rng = np.random.default_rng(seed)
    order = rng.permutation(len(rows))
    shuffled = rows.iloc[order][rng.permutation(rows.columns)]
    one, other = (KPrototypes(3, random_state=0).fit(r) for r in (rows, shuffled))
    assert adjusted_rand_score(one.labels_[order], other.labels_) == 1.0
    assert one.inertia_ == pytest.approx(other.inertia_)


@settings(max_examples=20, deadline=None)
@given(SEEDS)
def test_the_order_of_rows_does_not_matter_even_without_segments(seed):
    rows = rough(80, seed=2)
    order = np.random.default_rng(seed).permutation(80)
    one, other = (KPrototypes(4, n_init=1, random_state=0).fit(r) for r in (rows, rows.iloc[order]))
    assert (one.labels_[order] == other.labels_).all()


@settings(max_examples=20, deadline=None)
@given(st.permutations(["p", "q", "r"]), st.permutations(["0", "1", "2"]))
def test_the_names_of_categories_do_not_matter(c, d):
    rows, _ = mixed(90, seed=1)
    renamed = rows.assign(
        c=rows.c.map(dict(zip("abc", c, strict=True))),
        d=rows.d.astype(str).map(dict(zip("012", d, strict=True))),
    )
    one, other = (KPrototypes(3, random_state=0).fit(r) for r in (rows, renamed))
    assert adjusted_rand_score(one.labels_, other.labels_) == 1.0
    assert one.inertia_ == pytest.approx(other.inertia_)


@settings(max_examples=20, deadline=None)
@given(st.floats(-1e6, 1e6), st.sampled_from([7.0, "same"]), SEEDS)
def test_a_constant_column_does_not_matter(number, value, seed):
    rows, _ = mixed(90, seed=1)
    one = KPrototypes(3, gamma=1.0, random_state=0).fit(rows)
    other = KPrototypes(3, gamma=1.0, random_state=seed).fit(rows.assign(constant=number, other=value))
    assert adjusted_rand_score(one.labels_, other.labels_) == 1.0
    assert one.inertia_ == pytest.approx(other.inertia_)


@settings(max_examples=10, deadline=None)
@given(SEEDS)
def test_every_row_twice_with_half_the_weight_does_not_matter(seed):
    rows = rough(80, seed)
    one = KPrototypes(4, n_init=1, random_state=0).fit(rows)
    twice = pd.concat([rows, rows], ignore_index=True)
    other = KPrototypes(4, n_init=1, random_state=0).fit(twice, sample_weight=np.full(160, 0.5))
    assert (np.tile(one.labels_, 2) == other.labels_).all()
    assert one.gamma_ == pytest.approx(other.gamma_)
    assert one.inertia_ == pytest.approx(other.inertia_)


def test_a_far_origin_does_not_matter():
    rows, _ = mixed()
    one, other = (
        KPrototypes(3, random_state=0).fit(r) for r in (rows, rows.assign(x=rows.x + 1e8, y=rows.y - 1e8))
    )
    assert adjusted_rand_score(one.labels_, other.labels_) == 1.0
    assert one.inertia_ == pytest.approx(other.inertia_, rel=1e-6)


@pytest.mark.parametrize("unit", [1e-30, 1e30])
def test_the_unit_does_not_matter(unit):
    rows, _ = mixed()
    one = KPrototypes(3, gamma=0.7, random_state=0).fit(rows)
    other = KPrototypes(3, gamma=0.7 * unit**2, random_state=0).fit(
        rows.assign(x=rows.x * unit, y=rows.y * unit)
    )
    assert adjusted_rand_score(one.labels_, other.labels_) == 1.0
    assert one.inertia_ == pytest.approx(other.inertia_ / unit**2, rel=1e-6)


def test_rows_of_weight_0_are_only_assigned():
    rows, _ = mixed(90)
    far = pd.DataFrame({"x": [1e6, 4.0], "y": [1e6, -4.0], "c": ["z", "b"], "d": ["z", "1"]})
    one = KPrototypes(3, random_state=0).fit(rows)
    other = KPrototypes(3, random_state=0).fit(
        pd.concat([rows, far]), sample_weight=np.repeat([1.0, 0.0], [90, 2])
    )
    assert adjusted_rand_score(one.labels_, other.labels_[:90]) == 1.0
    assert one.gamma_ == pytest.approx(other.gamma_)
    assert one.inertia_ == pytest.approx(other.inertia_)
    assert other.labels_[91] == np.bincount(other.labels_[:90][rows.x.sub(4).abs().to_numpy() < 1]).argmax()


def test_neither_pieces_nor_combinations_nor_threads_matter(monkeypatch):
    rows = rough(500, seed=4)
    one = KPrototypes(4, gamma=1.0, n_init=2, random_state=0).fit(rows)
    with threadpool_limits(1):
        assert (KPrototypes(4, gamma=1.0, n_init=2, random_state=0).fit(rows).labels_ == one.labels_).all()
    monkeypatch.setattr(mixed_rows, "ROWS_AT_ONCE", 7)
    monkeypatch.setattr(mixed_rows, "MOST_COMBINATIONS", 1)
    other = KPrototypes(4, gamma=1.0, n_init=2, random_state=0).fit(rows)
    assert adjusted_rand_score(one.labels_, other.labels_) > 0
    assert other.inertia_ == pytest.approx(distances_by_hand(other, rows).min(axis=1).sum(), rel=1e-6)
    assert one.predict(rows).tolist() == one.labels_.tolist()


def test_many_rows_converge_on_a_sample_first_and_end_on_all(monkeypatch):
    rows, truth = mixed(2_000)
    monkeypatch.setattr(prototypes, "SAMPLE", 300)
    seen = []
    descend = prototypes.descend
    monkeypatch.setattr(
        prototypes, "descend", lambda rows, *rest: [seen.append(rows.n_rows), descend(rows, *rest)][1]
    )
    one, other = (KPrototypes(3, n_init=2, random_state=0).fit(rows) for _ in range(2))
    assert seen == [300, 2_000, 300, 2_000] * 2
    assert (one.labels_ == other.labels_).all()
    assert adjusted_rand_score(truth, one.labels_) > 0.95
    few = np.zeros(2_000)
    few[:100] = 1
    assert KPrototypes(3, n_init=1, random_state=0).fit(rows, sample_weight=few).labels_.shape == (2_000,)
    assert seen[-2:] == [100, 2_000]


# Types, and what is missing or unknown


@pytest.mark.parametrize(
    "dtypes",
    [
        {"c": "category"},
        {"c": "string"},
        {"c": object, "x": "Float64"},
        {"flag": "boolean", "n": "Int64"},
        {"n": "float32", "flag": object},
    ],
)
def test_the_dtype_does_not_matter(dtypes):
    rows, _ = mixed(90)
    rows = rows.assign(flag=rows.x > 2, n=rows.x.round().astype(int))
    one, other = (KPrototypes(3, random_state=0).fit(r) for r in (rows, rows.astype(dtypes)))
    assert (one.labels_ == other.labels_).all()
    assert (one.labels_ == one.predict(rows.astype(dtypes))).all()
    assert other.categories_ == [["a", "b", "c"], ["0", "1", "2"], [False, True]]


@pytest.mark.parametrize("nothing", [None, np.nan, pd.NA])
def test_all_ways_to_be_missing_are_one(nothing):
    rows = pd.DataFrame({"c": ["a", nothing, "b", "b"], "d": ["u", "u", nothing, "v"]})
    model = KPrototypes(2, random_state=0).fit(rows)
    assert model.categories_ == [["a", "b"], ["u", "v"]]
    assert model.labels_[0] == model.labels_[1] != model.labels_[2] == model.labels_[3]
    assert model.inertia_ == 0


def test_nullable_numbers_may_be_missing():
    rows = pd.DataFrame(
        {"x": pd.array([1, 1, None, 9], "Int64"), "y": pd.array([0.0, None, 8.0, 8.0], "Float64")}
    )
    assert KPrototypes(2, random_state=0).fit(rows).inertia_ == 0


def test_a_column_of_several_types_is_sorted_as_texts():
    rows = pd.DataFrame({"c": [2, "1", 1, (3, 4), None, "b"]})
    model = KPrototypes(2, random_state=0).fit(rows)
    assert model.categories_ == [[(3, 4), 1, "1", 2, "b"]]
    assert model.predict(rows).shape == (6,)


def test_an_unknown_level_differs_from_every_mode_and_a_missing_one_from_none():
    rows, _ = mixed(60)
    model = KPrototypes(3, gamma=2.0, random_state=0).fit(rows)
    numbers = rows.assign(c=pd.NA, d=pd.NA)
    assert model.transform(rows.assign(c="new", d="new")) == pytest.approx(model.transform(numbers) + 2 * 2.0)
    assert model.transform(rows.assign(c="new", d=pd.NA)) == pytest.approx(model.transform(numbers) + 2 * 2.0)


def test_missing_cells_do_not_hide_the_segments():
    rows, truth = mixed(600)
    holes = rows.mask(pd.DataFrame(np.random.default_rng(0).random(rows.shape) < 0.15, columns=rows.columns))
    assert adjusted_rand_score(truth, KPrototypes(3, random_state=0).fit_predict(holes)) > 0.8


def test_a_row_without_any_value_gets_the_first_segment_and_costs_nothing():
    rows, _ = mixed(60)
    more = rows.reindex(range(61))
    one, other = (KPrototypes(3, random_state=0).fit(r) for r in (rows, more))
    assert other.labels_[60] == 0
    assert other.transform(more.tail(1)).tolist() == [[0, 0, 0]]
    assert one.inertia_ == pytest.approx(other.inertia_)


def test_a_column_without_any_value_takes_no_part():
    rows, _ = mixed(60)
    rows.loc[3, ["x", "c"]] = None
    more = rows.assign(nothing=np.nan, none=pd.Series([None] * 60, dtype=object))
    one, other = (KPrototypes(3, gamma=1.0, random_state=0).fit(r) for r in (rows, more))
    assert adjusted_rand_score(one.labels_, other.labels_) == 1.0
    assert one.inertia_ == pytest.approx(other.inertia_)
    assert np.isnan(other.cluster_centers_[0][:, 2]).all()
    assert (other.cluster_centers_[1][:, 2] == -1).all()
    assert (other.predict(more.assign(nothing=1e9, none="now")) == other.labels_).all()


def test_every_column_without_any_value_is_one_segment():
    model = KPrototypes(2, random_state=0).fit(
        pd.DataFrame({"x": [np.nan] * 4, "c": pd.Series([None] * 4, dtype=object)})
    )
    assert model.labels_.tolist() == [0, 0, 0, 0]
    assert model.inertia_ == 0


# Few rows, one level, empty prototypes


def test_one_level_only_is_one_segment():
    model = KPrototypes(2, random_state=0).fit(pd.DataFrame({"c": ["a"] * 6}))
    assert model.inertia_ == 0
    assert set(model.labels_) == {0}


def test_more_clusters_than_distinct_rows_gives_each_its_own():
    rows = pd.DataFrame({"x": [0.0] * 5 + [1.0] * 5, "c": ["a"] * 10})
    model = KPrototypes(4, random_state=0).fit(rows)
    assert model.inertia_ == 0
    assert len(set(model.labels_[:5])) == len(set(model.labels_[5:])) == 1
    assert model.labels_[0] != model.labels_[5]


@pytest.mark.parametrize("seed", range(5))
def test_an_empty_prototype_moves_to_the_farthest_row(seed):
    rows = pd.DataFrame({"x": [0.0] * 98 + [5.0, 9.0], "c": ["a"] * 99 + ["b"]})
    model = KPrototypes(3, init="random", n_init=1, random_state=seed).fit(rows)
    assert sorted(np.bincount(model.labels_)) == [1, 1, 98]


def test_gamma_0_ignores_categories():
    rows, _ = mixed(90)
    mute = KPrototypes(3, gamma=0, random_state=0).fit(rows)
    alone = KPrototypes(3, random_state=0).fit(rows[["x", "y"]])
    assert mute.inertia_ == pytest.approx(alone.inertia_)
    assert adjusted_rand_score(mute.labels_, alone.labels_) == 1.0


def test_a_huge_gamma_leaves_numbers_without_a_say():
    rows, _ = mixed(90)
    loud = KPrototypes(3, gamma=1e100, n_init=50, random_state=0).fit(rows)
    alone = KPrototypes(3, gamma=1.0, n_init=50, random_state=0).fit(rows[["c", "d"]])
    assert loud.inertia_ == pytest.approx(1e100 * alone.inertia_)


def test_segments_have_names_as_columns():
    rows, _ = mixed(60)
    model = KPrototypes(2, random_state=0).set_output(transform="pandas").fit(rows)
    assert model.transform(rows).columns.tolist() == ["kprototypes0", "kprototypes1"]


# Errors


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        ({"init": "magic"}, r"init='magic'; allowed: 'k-means\+\+', 'random', 'cao'"),
        ({"init": np.zeros((3, 2))}, "init=array.* 0.*; allowed"),
        ({"init": "cao"}, "init='cao' takes categorical columns without missing values only"),
        ({"n_clusters": 0}, "n_clusters=0; a whole number of at least 1"),
        ({"n_clusters": 2.0}, "n_clusters=2.0; a whole number"),
        ({"n_clusters": True}, "n_clusters=True; a whole"),
        ({"n_clusters": 61}, "n_samples=60 should be >= n_clusters=61"),
        ({"n_init": 0}, "n_init=0; a whole number"),
        ({"max_iter": "9"}, "max_iter='9'; a whole number"),
        ({"gamma": -1.0}, "gamma=-1.0; a finite number of at least 0"),
        ({"gamma": np.inf}, "gamma=inf; a finite"),
        ({"gamma": np.nan}, "gamma=nan; a finite"),
        ({"gamma": "auto"}, "gamma='auto'; a finite"),
        ({"tol": -1e-3}, "tol=-0.001; a finite"),
    ],
)
def test_bad_settings_are_named(wrong, message):
    with pytest.raises(ValueError, match=message):
        KPrototypes(**{"n_clusters": 2, **wrong}).fit(mixed(60)[0])


@pytest.mark.parametrize(
    ("weights", "message"),
    [
        (np.zeros(60), "sample_weight is zero in all rows"),
        (np.r_[-1.0, np.ones(59)], "from -1.0 to 1.0; finite weights"),
        (np.ones(59), r"shape \(59,\); \(60,\) is needed"),
        (np.r_[np.inf, np.ones(59)], "from 1.0 to inf"),
    ],
)
def test_bad_weights_are_described(weights, message):
    with pytest.raises(ValueError, match=message):
        KPrototypes(2).fit(mixed(60)[0], sample_weight=weights)


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"x": [np.inf] + [0.0] * 59}, "column 'x' holds inf; numbers up to"),
        ({"x": [-1e200] + [0.0] * 59}, "column 'x' holds 1e[+]200; numbers up to 1e[+]150 are allowed"),
        ({"x": pd.Timestamp("2020-01-01")}, r"column 'x' is of dtype datetime64\[\w+\]; numbers, categories"),
        ({"c": [[1]] * 60}, "column 'c' holds values that are no categories: unhashable"),
    ],
)
def test_bad_columns_are_named(change, message):
    with pytest.raises(ValueError, match=message):
        KPrototypes(2).fit(mixed(60)[0].assign(**change))


def test_texts_where_fit_saw_numbers_are_named():
    rows, _ = mixed(60)
    with pytest.raises(ValueError, match="column 'x' is of dtype object; it held numbers in fit"):
        KPrototypes(2).fit(rows).predict(rows.assign(x="much"))


def test_a_frame_without_rows_is_refused():
    with pytest.raises(ValueError, match=r"0 sample\(s\)"):
        KPrototypes(2).fit(mixed(60)[0].head(0))
