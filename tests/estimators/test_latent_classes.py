"""Latent classes: published figures, peers, and what happens where data are poor."""

from __future__ import annotations

import pickle
import warnings

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.exceptions import ConvergenceWarning
from sklearn.metrics import adjusted_rand_score
from sklearn.mixture import GaussianMixture
from stepmix import StepMix

from seglib.estimators.latent_classes import LatentClasses, distinct
from seglib.project.store import read_frame


def mixed(n: int = 600, holes: float = 0.0) -> tuple[pd.DataFrame, np.ndarray]:
    """Three planted classes in a number, yes and no, and two categories."""
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, n)
    named = np.array(list("abc"))
    rows = pd.DataFrame(
        {
            "x": rng.normal(truth * 4.0, 1),
            "yes": (rng.random(n) < np.array([0.1, 0.5, 0.9])[truth]).astype(float),
            "c": np.where(rng.random(n) < 0.8, named[truth], rng.choice(named, n)),
            "d": pd.Categorical(np.where(rng.random(n) < 0.8, named[truth], rng.choice(named, n))),
            "fan": truth == 2,
        }
    )
    return rows.mask(pd.DataFrame(rng.random(rows.shape) < holes, columns=rows.columns)), truth


def answers(reference) -> pd.DataFrame:
    table = pd.read_csv(reference / "mcdonalds" / "mcdonalds.csv.gz")
    return (table.iloc[:, :11] == "Yes").astype(float)


# Published and recomputed figures


@pytest.mark.parametrize(
    ("k", "log_likelihood", "within"),
    [
        (1, -543.6498, 1e-4),
        (2, -504.4677, 1e-4),
        (3, -503.3011, 2e-3),  # all but one degree of freedom: a ridge that no fit climbs to the top
    ],
)
def test_values_equal_the_published_log_likelihood(reference, k, log_likelihood, within):
    rows = read_frame(reference / "polca" / "values.parquet").astype("category")
    model = LatentClasses(k, random_state=0).fit(rows)
    assert model.log_likelihood_ == pytest.approx(log_likelihood, abs=within)
    assert model.n_parameters_ == 5 * k - 1


def test_cheating_equals_the_published_log_likelihood(reference):
    rows = read_frame(reference / "polca" / "cheating.parquet").iloc[:, :4].astype("string")
    assert LatentClasses(2, random_state=0).fit(rows).log_likelihood_ == pytest.approx(-440.0271, abs=2e-4)


@pytest.mark.parametrize(
    ("k", "log_likelihood", "within"),
    [
        (2, -7610.84, 0.01),
        (3, -7311.48, 0.01),
        (4, -7111.11, 0.01),
        (5, -7011.17, 0.5),
        (6, -6956.02, 0.5),
        (7, -6900.14, 0.5),
    ],
)
def test_mcdonalds_equals_the_recomputed_log_likelihood(reference, k, log_likelihood, within):
    model = LatentClasses(k, random_state=0).fit(answers(reference))
    assert model.log_likelihood_ == pytest.approx(log_likelihood, abs=within)


# Peers


def test_log_likelihood_is_that_of_stepmix_with_the_same_parameters():
    rows, _ = mixed(holes=0.1)
    model = LatentClasses(3, random_state=0).fit(rows[["yes", "fan"]])
    peer = StepMix(3, measurement="binary_nan", progress_bar=0, random_state=0, max_iter=1)
    given_rows = rows[["yes", "fan"]].astype(float).to_numpy()
    with warnings.catch_warnings():
        warnings.simplefilter("ignore", ConvergenceWarning)  # one iteration, to have it set up
        peer.fit(given_rows)
    peer.weights_ = model.weights_
    peer._mm.set_parameters(model.parameters_["two levels"])
    assert model.score(rows[["yes", "fan"]]) == pytest.approx(peer.score(given_rows))
    assert model.predict_proba(rows[["yes", "fan"]]) == pytest.approx(peer.predict_proba(given_rows))


def test_result_is_not_less_likely_than_that_of_stepmix(reference):
    rows = answers(reference)
    peer = StepMix(4, measurement="binary", n_init=3, abs_tol=1e-8, progress_bar=0, random_state=0).fit(rows)
    assert LatentClasses(4, random_state=0).fit(rows).score(rows) >= peer.score(rows) - 1e-6


def test_numbers_alone_are_a_diagonal_gaussian_mixture_in_their_own_units():
    rng = np.random.default_rng(0)
    truth = rng.integers(0, 3, 900)
    rows = rng.normal(truth[:, None] * 5.0, 1, (900, 3)) * [1, 1000, 0.01]
    model = LatentClasses(3, reg_covar=1e-9, random_state=0).fit(rows)
    peer = GaussianMixture(
        3, covariance_type="diag", reg_covar=1e-9, tol=1e-8, max_iter=500, random_state=0
    ).fit(rows)
    assert model.score(rows) == pytest.approx(peer.score(rows), abs=1e-5)
    assert model.bic(rows) == pytest.approx(peer.bic(rows), abs=0.05)


# Kinds of columns


def test_planted_classes_are_found_in_columns_of_every_kind():
    rows, truth = mixed()
    model = LatentClasses(3, random_state=0).fit(rows)
    assert adjusted_rand_score(truth, model.labels_) > 0.9
    # 2 sizes; per class a mean and a variance, two columns of two levels, two of three
    assert model.n_parameters_ == 2 + 3 * (2 + 1 + 1 + 2 + 2)


def test_planted_classes_are_found_though_cells_are_missing_everywhere():
    rows, truth = mixed(1500, holes=0.15)
    assert adjusted_rand_score(truth, LatentClasses(3, random_state=0).fit_predict(rows)) > 0.75


def test_missing_cells_are_left_out_of_the_likelihood():
    rows = pd.DataFrame({"a": [1.0, 1.0, 0.0, np.nan]})
    model = LatentClasses(1, random_state=0).fit(rows)
    assert model.log_likelihood_ == pytest.approx(2 * np.log(2 / 3) + np.log(1 / 3))
    assert model.score_samples(rows)[3] == pytest.approx(0)


@pytest.mark.parametrize(
    "column",
    [
        ["u", "u", "v", None],
        pd.Categorical(["u", "u", "v", None]),
        pd.array(["u", "u", "v", None], dtype="string"),
        pd.array([True, True, False, None], dtype="boolean"),
        pd.array([1, 1, 0, None], dtype="Int64"),
        pd.array([1.0, 1.0, 0.0, None], dtype="Float64"),
    ],
    ids=["object", "category", "string", "boolean", "Int64", "Float64"],
)
def test_two_levels_are_the_same_in_every_dtype(column):
    model = LatentClasses(1, random_state=0).fit(pd.DataFrame({"a": column}))
    assert model.log_likelihood_ == pytest.approx(2 * np.log(2 / 3) + np.log(1 / 3))
    assert model.n_parameters_ == 1


def test_a_level_never_seen_counts_as_missing():
    rows, _ = mixed()
    model = LatentClasses(3, random_state=0).fit(rows)
    new = pd.DataFrame(
        {
            "x": [1.0, 1.0],
            "yes": [0.5, np.nan],
            "c": ["never seen", None],
            "d": [None, None],
            "fan": [True, True],
        }
    )
    assert model.score_samples(new)[0] == pytest.approx(model.score_samples(new)[1])


def test_a_row_without_any_value_gets_the_sizes_of_the_classes():
    rows, _ = mixed(holes=0.05)
    rows.loc[0] = None
    model = LatentClasses(3, random_state=0).fit(rows.convert_dtypes())
    assert model.predict_proba(rows.head(1))[0] == pytest.approx(model.weights_)


def test_cells_missing_at_first_in_new_rows_are_taken():
    rows, _ = mixed()
    holes = rows.mask(np.random.default_rng(1).random(rows.shape) < 0.3)
    found = LatentClasses(3, random_state=0).fit(rows).predict_proba(holes)
    assert found.sum(axis=1) == pytest.approx(1)


def test_a_level_absent_from_a_class_leaves_everything_finite():
    rows = pd.DataFrame(
        {"a": list("uuuvvvww") * 5, "b": list("xxxyyyxy") * 5, "n": [0.0, 0, 0, 9, 9, 9, 5, 5] * 5}
    )
    model = LatentClasses(3, random_state=0).fit(rows)
    strange = pd.DataFrame({"a": ["u"], "b": ["y"], "n": [1e6]})
    assert np.isfinite(model.score_samples(strange)).all()
    assert model.predict_proba(strange).sum() == pytest.approx(1)


@pytest.mark.parametrize("holes", [False, True])
def test_equal_rows_do_not_make_a_class_infinitely_likely(holes):
    rows = np.concatenate(
        [np.zeros((30, 2)), np.random.default_rng(0).normal(5, 1, (60, 2)), [[99.0, -99.0]]]
    )
    if holes:
        rows[[0, 40], [0, 1]] = np.nan
    model = LatentClasses(3, random_state=0).fit(rows)
    assert np.isfinite(model.log_likelihood_)
    assert np.bincount(model.labels_).max() >= 30


def test_a_class_that_knows_nothing_of_a_column_gets_the_populations_share():
    rows = pd.DataFrame(
        {"n": [0.0] * 20 + [1e6 + i for i in range(20)], "a": [np.nan] * 20 + [1.0, 0.0] * 10}
    )
    model = LatentClasses(2, random_state=0).fit(rows)
    silent = model.labels_[0]
    assert model.parameters_["two levels"]["pis"][silent, 0] == pytest.approx(0.5)


def test_columns_of_one_value_are_left_out():
    rows, _ = mixed(200)
    flat = rows.assign(one=1.0, same="s", nothing=np.nan, seven=7.0)
    one, other = (LatentClasses(3, random_state=0).fit(table) for table in (rows, flat))
    assert other.log_likelihood_ == pytest.approx(one.log_likelihood_)
    assert other.n_parameters_ == one.n_parameters_


# What must change nothing


@settings(max_examples=10, deadline=None)
@given(st.integers(0, 10_000))
def test_the_order_of_rows_changes_nothing(seed):
    rows, _ = mixed(120, holes=0.1)
    order = np.random.default_rng(seed).permutation(len(rows))
    one = LatentClasses(2, n_init=3, random_state=0).fit(rows)
    other = LatentClasses(2, n_init=3, random_state=0).fit(rows.iloc[order])
    assert other.labels_.tolist() == one.labels_[order].tolist()


def test_units_change_the_log_likelihood_by_their_factor_and_nothing_else():
    rows, _ = mixed()
    one, other = (LatentClasses(3, random_state=0).fit(rows.assign(x=rows.x * unit)) for unit in (1, 1000))
    assert other.labels_.tolist() == one.labels_.tolist()
    assert other.log_likelihood_ == pytest.approx(one.log_likelihood_ - len(rows) * np.log(1000))


def test_a_weight_of_two_is_a_row_twice_and_one_of_none_no_row():
    rows, _ = mixed(200, holes=0.1)
    rows = pd.concat([rows, rows.head(1).assign(c="only here")], ignore_index=True)
    weights = np.append(np.random.default_rng(0).integers(1, 4, 200), 0)
    one = LatentClasses(3, random_state=0).fit(rows, sample_weight=weights)
    other = LatentClasses(3, random_state=0).fit(rows.loc[rows.index.repeat(weights)])
    assert one.log_likelihood_ == pytest.approx(other.log_likelihood_)
    assert one.n_parameters_ == other.n_parameters_
    assert one.predict(rows).tolist() == other.predict(rows).tolist()


def test_the_same_seed_gives_the_same_classes():
    rows, _ = mixed()
    one, other = (LatentClasses(4, random_state=5).fit(rows) for _ in range(2))
    assert (one.predict_proba(rows) == other.predict_proba(rows)).all()


def test_reported_figures_agree_with_each_other():
    rows, _ = mixed(holes=0.1)
    model = LatentClasses(3, random_state=0).fit(rows)
    assert model.score(rows) * len(rows) == pytest.approx(model.log_likelihood_)
    assert model.bic(rows) == pytest.approx(
        model.n_parameters_ * np.log(len(rows)) - 2 * model.log_likelihood_
    )
    assert model.predict_proba(rows).mean(axis=0) == pytest.approx(model.weights_, abs=1e-3)
    assert pickle.loads(pickle.dumps(model)).labels_.tolist() == model.predict(rows).tolist()


def test_a_model_holds_nothing_but_arrays_so_that_a_store_need_not_trust_stepmix(tmp_path):
    import skops.io

    rows, _ = mixed(100)
    skops.io.dump(LatentClasses(2, random_state=0).fit(rows), tmp_path / "model.skops")
    types = skops.io.get_untrusted_types(file=tmp_path / "model.skops")
    assert [t for t in types if not t.startswith("seglib.")] == []
    assert skops.io.load(tmp_path / "model.skops", trusted=types).predict(rows).shape == (100,)


def test_distinct_rows_keep_the_total_weight():
    rows = np.array([[1.0, np.nan], [0.0, 1.0], [1.0, np.nan], [1.0, 0.0]])
    folded, weights = distinct(rows, np.array([1.0, 2, 3, 4]))
    assert np.nan_to_num(folded, nan=-1).tolist() == [[0, 1], [1, 0], [1, -1]]
    assert weights.tolist() == [2, 4, 4]


# Errors and warnings


def test_a_fit_that_was_cut_short_says_so_in_one_line():
    with pytest.warns(ConvergenceWarning, match="has not converged within max_iter=2; raise max_iter or tol"):
        LatentClasses(3, max_iter=2, random_state=0).fit(mixed()[0])


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"n_clusters": 0}, "n_clusters=0; at least 1"),
        ({"n_init": 0}, "n_init=0"),
        ({"max_iter": 0}, "max_iter=0"),
        ({"tol": 0.0}, "tol=0.0"),
        ({"reg_covar": -1.0}, "reg_covar=-1.0; a finite number above 0"),
        ({"n_clusters": 999}, "n_samples=100 should be >= n_clusters=999"),
    ],
)
def test_impossible_settings_are_named(changed, message):
    with pytest.raises(ValueError, match=message):
        LatentClasses(**changed).fit(mixed(100)[0])


def test_columns_that_tell_nothing_apart_are_refused():
    with pytest.raises(ValueError, match="no column has two different values"):
        LatentClasses(2).fit(pd.DataFrame({"a": ["u"] * 9, "b": [np.nan] * 9}))


def test_infinity_is_refused_and_the_column_named():
    with pytest.raises(ValueError, match="column 'a' holds infinity"):
        LatentClasses(2).fit(pd.DataFrame({"a": [1.0, np.inf, 2.0]}))


def test_more_classes_than_distinct_rows_gives_an_answer():
    model = LatentClasses(4, random_state=0).fit(pd.DataFrame({"a": ["u", "v"] * 5}))
    assert model.log_likelihood_ == pytest.approx(10 * np.log(0.5))
