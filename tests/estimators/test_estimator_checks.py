"""Scikit-learn's own checks of an estimator; what cannot pass is named, with the reason."""

from __future__ import annotations

import pickle

import numpy as np
import pandas as pd
import pytest
from sklearn.base import BaseEstimator, clone
from sklearn.utils.estimator_checks import parametrize_with_checks

from seglib.estimators.density import Density
from seglib.estimators.hierarchical import Hierarchical
from seglib.estimators.k_modes import KModes
from seglib.estimators.latent_classes import LatentClasses
from seglib.estimators.preparation import RareLevels, ZeroOne
from seglib.estimators.purchase_cycle import PurchaseCycle
from seglib.estimators.rfm import RFMSegments
from seglib.estimators.scales import Censored, NormalScores, SpikeScaler

WIDTH = "fits on more or fewer columns than the three that the rules are about"
VALUES = "fits on columns of more than two values, which are not binary"
BLOBS = "expects segments of numbers, and each number is a category of its own"
TEXT = "compares the output as numbers, and levels are text"

NEED_OTHER_WIDTHS = (
    "check_estimators_overwrite_params",
    "check_estimators_fit_returns_self",
    "check_readonly_memmap_input",
    "check_n_features_in_after_fitting",
    "check_positive_only_tag_during_fit",
    "check_estimators_dtypes",
    "check_dtype_object",
    "check_estimators_pickle",
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
    "check_fit_idempotent",
    "check_fit_check_is_fitted",
    "check_n_features_in",
)
NEED_MANY_VALUES = (
    "check_estimators_overwrite_params",
    "check_dont_overwrite_parameters",
    "check_estimators_fit_returns_self",
    "check_readonly_memmap_input",
    "check_n_features_in_after_fitting",
    "check_positive_only_tag_during_fit",
    "check_estimators_dtypes",
    "check_f_contiguous_array_estimator",
    "check_transformer_data_not_an_array",
    "check_transformer_general",
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
    "check_fit2d_1feature",
    "check_dict_unchanged",
    "check_fit_idempotent",
    "check_fit_check_is_fitted",
    "check_n_features_in",
    "check_fit2d_predict1d",
)
NEED_NUMBERS = (
    "check_pipeline_consistency",
    "check_estimators_pickle",
    "check_transformer_data_not_an_array",
    "check_transformer_general",
    "check_methods_sample_order_invariance",
    "check_methods_subset_invariance",
    "check_fit_idempotent",
)

EXPECTED_FAILURES: dict[type, dict[str, str]] = {
    RFMSegments: dict.fromkeys(NEED_OTHER_WIDTHS, WIDTH),
    # its rules come with the data, so that it fits in checks in which RFM's does not get that far
    PurchaseCycle: dict.fromkeys(
        (*NEED_OTHER_WIDTHS, "check_fit_score_takes_y", "check_pipeline_consistency"), WIDTH
    ),
    ZeroOne: dict.fromkeys(NEED_MANY_VALUES, VALUES),
    RareLevels: dict.fromkeys(NEED_NUMBERS, TEXT),
    KModes: {"check_clustering": BLOBS},
}


def expected_failures(estimator: BaseEstimator) -> dict[str, str]:
    return EXPECTED_FAILURES.get(type(estimator), {})


@parametrize_with_checks(
    [
        LatentClasses(2, n_init=3, random_state=0),
        Hierarchical(2),
        Hierarchical(2, linkage="gower"),
        Density(),
        KModes(2),
        RFMSegments(),
        PurchaseCycle(),
        RareLevels(),
        ZeroOne(),
        Censored(),
        NormalScores(),
        SpikeScaler(),
    ],
    expected_failed_checks=expected_failures,
    xfail_strict=True,
)
def test_estimator_passes_the_check(estimator, check):
    check(estimator)


PURCHASES = pd.DataFrame(
    {
        "recency": [3.0, 40, 200, 9, np.nan, 70],
        "orders": [4.0, 2, 3, 1, 0, 9],
        "third": [20.0, 30, 40, np.nan, np.nan, 8],
    }
)
LEVELS = pd.DataFrame({"a": ["x", "y", None, "x", "x", "y"], "b": ["no", "yes", "yes", "no", "no", "no"]})


@pytest.mark.parametrize(
    ("estimator", "rows"),
    [
        (RFMSegments(), PURCHASES),
        (PurchaseCycle(), PURCHASES),
        (RareLevels(), LEVELS),
        (KModes(2), LEVELS),
        (ZeroOne(), LEVELS),
    ],
    ids=lambda value: type(value).__name__,
)
def test_estimator_keeps_the_excused_promises_on_rows_that_suit_it(estimator, rows):
    def told(model: BaseEstimator, rows: object) -> list[list[object]]:
        made = (model.transform if hasattr(model, "transform") else model.predict)(rows)
        return pd.DataFrame(made).astype("string").fillna("missing").to_numpy().tolist()

    before, model = rows.copy(), clone(estimator)
    assert model.fit(rows) is model
    first = told(model, rows)
    assert told(model.fit(rows), rows) == first
    assert told(pickle.loads(pickle.dumps(model)), rows) == first
    assert told(model, rows.iloc[::-1]) == first[::-1]
    assert told(model, rows.iloc[2:3]) == first[2:3]
    array = rows.to_numpy()
    array.setflags(write=False)
    assert told(clone(estimator).fit(array), array) == first
    assert model.get_params() == estimator.get_params()
    assert model.n_features_in_ == rows.shape[1]
    assert model.feature_names_in_.tolist() == rows.columns.tolist()
    pd.testing.assert_frame_equal(rows, before)
    with pytest.raises(ValueError, match="feature names should match"):
        told(model, rows[rows.columns[::-1]])
