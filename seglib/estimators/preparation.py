"""Preparation of features by their level of measurement."""

from __future__ import annotations

from collections.abc import Collection
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer
from sklearn.utils.validation import check_is_fitted, validate_data

from seglib.estimators.scales import Censored, Ipsatised, NormalScores, ShrunkShare, SpikeScaler, columns_of
from seglib.vocabulary import OTHER

SKEWED = 1.0
_SHRINK = "shrink, "
_IPSATISED, _IPSATISED_YES = "less mean answer, scale", "as 0 and 1, less mean answer, scale"


def _numeric(column: pd.Series) -> np.ndarray:
    values = column.to_numpy("float64", na_value=np.nan)
    if np.isinf(values).any():
        raise ValueError(f"column '{column.name}' holds infinity; missing is allowed, infinity is not")
    return values


def split_columns(estimator: Any, X: Any, reset: bool) -> tuple[np.ndarray, np.ndarray]:
    """Split rows into numbers and codes of categories.

    In a DataFrame, columns of dtype category, string and object are categorical, all others
    (bool among them) numbers; in an array, all are numbers.

    Parameters
    ----------
    estimator
        Gets `categorical_` and `categories_` (the columns, and the levels of each) when reset.
    X
        One row per customer: a DataFrame, or an array of numbers.
    reset
        Whether the estimator is being fitted; if not, the columns must be those of the fit.

    Returns
    -------
    numbers : ndarray of shape (n_rows, n_numeric)
        NaN where missing.
    codes : ndarray of shape (n_rows, n_categorical)
        Positions among the levels; -1 where missing or never seen.

    Examples
    --------
    >>> rows = pd.DataFrame({"age": [30, None], "town": ["a", "b"]})
    >>> numbers, codes = split_columns(BaseEstimator(), rows, reset=True)
    >>> numbers.ravel().tolist(), codes.ravel().tolist()
    ([30.0, nan], [0, 1])
    """
    if not isinstance(X, pd.DataFrame):
        X = validate_data(estimator, X, reset=reset, dtype="float64", ensure_all_finite="allow-nan")
        if reset:
            estimator.categorical_, estimator.categories_ = [], []
        return X, np.empty((len(X), 0), dtype="int64")
    validate_data(estimator, X, reset=reset, skip_check_array=True)
    if X.empty:
        raise ValueError(f"Found array with 0 sample(s) or 0 feature(s) (shape={X.shape})")
    if reset:
        estimator.categorical_ = [c for c in X.columns if not pd.api.types.is_numeric_dtype(X[c])]
        estimator.categories_ = [sorted(X[c].dropna().unique(), key=str) for c in estimator.categorical_]
    numbers = [_numeric(X[c]) for c in X.columns if c not in set(estimator.categorical_)]
    codes = [
        pd.Categorical(X[c].astype(object), categories=levels).codes
        for c, levels in zip(estimator.categorical_, estimator.categories_, strict=True)
    ]
    empty = np.empty((len(X), 0))
    return np.column_stack([empty, *numbers]), np.column_stack([empty, *codes]).astype("int64")


class _Levels(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """What transformers of levels share: text and missing cells are taken, an array gives an array."""

    def transform(self, X: Any) -> Any:
        """Convert the columns; missing stays missing."""
        check_is_fitted(self)
        frame = self._transformed(columns_of(self, X, reset=False))
        return frame if isinstance(X, pd.DataFrame) else frame.to_numpy()

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.categorical = tags.input_tags.string = True
        tags.transformer_tags.preserves_dtype = []
        return tags


class RareLevels(_Levels):
    """Fold levels that few customers have, and levels never seen, into one.

    Parameters
    ----------
    min_share : float
        Levels with a smaller share of the fitted rows are folded.

    Attributes
    ----------
    levels_ : dict
        The levels kept, per column.

    Examples
    --------
    >>> rows = pd.DataFrame({"country": ["uk"] * 98 + ["fr", "de"]})
    >>> RareLevels().fit_transform(rows).country.value_counts().to_dict()
    {'uk': 98, 'other': 2}
    """

    def __init__(self, min_share: float = 0.02) -> None:
        self.min_share = min_share

    def fit(self, X: Any, y: None = None) -> RareLevels:
        """Find the levels to keep."""
        self.levels_ = {}
        for c, column in columns_of(self, X, reset=True).items():
            share = column.astype("string").value_counts(normalize=True)
            self.levels_[c] = sorted(share.index[(share >= self.min_share) & (share.index != OTHER)])
        return self

    def _transformed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return the columns as categories."""
        columns = {}
        for c, levels in self.levels_.items():
            text = rows[c].astype("string")
            folded = text.where(text.isna() | text.isin(levels), OTHER)
            columns[c] = pd.Categorical(folded, categories=[*levels, OTHER])
        return pd.DataFrame(columns, index=rows.index)


def transformation(values: pd.Series, level: str) -> str:
    """State how a feature is prepared, from its level and its distribution.

    Returns
    -------
    str
        categories, as 0 and 1, log and scale, rank, or scale.

    Examples
    --------
    >>> transformation(pd.Series([1.0, 2.0, 2.0, 900.0]), "ratio")
    'log and scale'
    """
    if level in ("nominal", "binary"):
        return "as 0 and 1" if level == "binary" else "categories"
    skewed = abs(values.skew()) > SKEWED
    if level == "ratio" and skewed and (values.dropna() >= 0).all():
        return "log and scale"
    return "rank" if skewed or level == "ordinal" else "scale"


def plan(
    features: pd.DataFrame,
    levels: dict[str, str],
    counts: dict[str, str] | None = None,
    battery: Collection[str] = (),
) -> pd.DataFrame:
    """State how each feature will be prepared.

    Parameters
    ----------
    features
        One row per customer, the segmentation variables alone.
    levels
        Level of measurement per feature.
    counts
        By share the feature that counts what it is a share of; empty for all other features.
    battery
        Items whose level of agreement is taken out.

    Returns
    -------
    pandas.DataFrame
        One row per feature: feature, level, transformation, of (what a share is shrunk by, empty for
        all others), known (customers), missing (share, 0 to 1), skewness.
    """
    counts = counts or {}
    rows = []
    for name, values in features.items():
        skewness = float(values.skew()) if pd.api.types.is_numeric_dtype(values) else np.nan
        known, prepared = int(values.notna().sum()), transformation(values, levels[name])
        of = counts.get(str(name), "")
        prepared = _SHRINK + prepared if of else prepared
        if name in battery:
            prepared = _IPSATISED_YES if levels[name] == "binary" else _IPSATISED
        rows.append((name, levels[name], prepared, of, known, float(values.isna().mean()), skewness))
    columns = ["feature", "level", "transformation", "of", "known", "missing", "skewness"]
    return pd.DataFrame(rows, columns=columns)


def inputs(plan: pd.DataFrame) -> list[str]:
    """List the columns that the transformer of a plan takes: its features, and what shares are shrunk by."""
    return [*plan.feature, *(of for of in plan.of.unique() if of and of not in set(plan.feature))]


class ZeroOne(_Levels):
    """Code columns of two levels as 0 and 1, the later one in the alphabet as 1.

    Examples
    --------
    >>> ZeroOne().fit_transform(pd.DataFrame({"yummy": ["No", "Yes"]})).yummy.tolist()
    [0.0, 1.0]
    """

    def fit(self, X: Any, y: None = None) -> ZeroOne:
        """Find the two levels of each column."""
        rows = columns_of(self, X, reset=True)
        self.levels_ = {c: sorted(rows[c].dropna().unique().tolist(), key=str) for c in rows}
        for c, levels in self.levels_.items():
            if len(levels) > 2:
                raise ValueError(f"column '{c}' is binary and has {len(levels)} levels")
        return self

    def _transformed(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Return 0.0 and 1.0."""
        columns = {
            c: rows[c].isin(levels[-1:]).astype("float64").mask(rows[c].isna())
            for c, levels in self.levels_.items()
        }
        return pd.DataFrame(columns, index=rows.index)


def _steps(transformation: str, of: str, min_share: float) -> Any:
    if of:
        alone = _steps(transformation.removeprefix(_SHRINK), "", min_share)
        return Pipeline([("shrink", ShrunkShare()), *alone.steps])
    median = ("median", SimpleImputer(strategy="median"))
    log = FunctionTransformer(np.log1p, feature_names_out="one-to-one")
    return {
        "categories": RareLevels(min_share),
        "as 0 and 1": Pipeline([("levels", ZeroOne()), ("most", SimpleImputer(strategy="most_frequent"))]),
        "log and scale": Pipeline([median, ("log", log), ("spike", Censored()), ("scale", SpikeScaler())]),
        "rank": Pipeline([median, ("rank", NormalScores()), ("scale", SpikeScaler())]),
        _IPSATISED: Pipeline([("mean answer", Ipsatised()), median, ("scale", SpikeScaler())]),
        _IPSATISED_YES: Pipeline(
            [("levels", ZeroOne()), ("mean answer", Ipsatised()), median, ("scale", SpikeScaler())]
        ),
        "scale": Pipeline([median, ("spike", Censored()), ("scale", SpikeScaler())]),
    }[transformation]


def preparation(plan: pd.DataFrame, min_share: float = 0.02) -> ColumnTransformer:
    """Build the transformer that a plan describes.

    Parameters
    ----------
    plan
        From `plan`.
    min_share
        Levels with a smaller share of customers are folded.

    Returns
    -------
    sklearn.compose.ColumnTransformer
        Unfitted; DataFrame in, DataFrame out, the same column names in the plan's order.
    """
    items = plan.feature[plan.transformation.isin([_IPSATISED, _IPSATISED_YES])].tolist()
    steps = [
        (row.feature, _steps(row.transformation, row.of, min_share), _takes(row.feature, row.of, items))
        for row in plan.itertuples()
    ]
    return ColumnTransformer(steps, verbose_feature_names_out=False).set_output(transform="pandas")


def computable(fitted: ColumnTransformer, rows: pd.DataFrame) -> pd.Series:
    """Tell of each row whether a fitted preparation can take the logarithms that it takes.

    A later month may hold a number of -1 or less where the month of the fit had none.
    """
    logs = [
        columns[0]
        for _, steps, columns in fitted.transformers_
        if any(getattr(step, "func", None) is np.log1p for step in getattr(steps, "named_steps", {}).values())
    ]
    return ~(rows[logs].astype(float) <= -1).any(axis=1)


def _takes(feature: str, of: str, items: list[str]) -> list[str]:
    """List the columns that the transformer of a feature takes, itself first."""
    others = [item for item in items if item != feature] if feature in items else []
    return [feature, *filter(None, [of]), *others]


def coded(rows: pd.DataFrame) -> np.ndarray:
    """Write prepared rows as numbers; a differing category counts as one unit of distance."""
    dummies = pd.get_dummies(rows, dtype=float)
    numeric = [c in rows.columns for c in dummies.columns]
    return dummies.to_numpy() * np.where(numeric, 1.0, np.sqrt(0.5))
