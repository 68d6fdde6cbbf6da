"""Preparation of features by their level of measurement."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.compose import ColumnTransformer
from sklearn.impute import SimpleImputer
from sklearn.pipeline import Pipeline
from sklearn.preprocessing import FunctionTransformer, QuantileTransformer, StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data

OTHER = "other levels"
SKEWED = 1.0


class RareLevels(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
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
    {'uk': 98, 'other levels': 2}
    """

    def __init__(self, min_share: float = 0.02) -> None:
        self.min_share = min_share

    def fit(self, X: pd.DataFrame, y: None = None) -> RareLevels:
        """Find the levels to keep."""
        validate_data(self, X, skip_check_array=True)
        shares = {c: X[c].value_counts(normalize=True) for c in X.columns}
        self.levels_ = {
            c: sorted(map(str, share.index[share >= self.min_share])) for c, share in shares.items()
        }
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Give the columns as categories; missing stays missing."""
        check_is_fitted(self)
        made = {}
        for c, levels in self.levels_.items():
            text = X[c].astype("string")
            kept = text.where(text.isna() | text.isin(levels), OTHER)
            made[c] = pd.Categorical(kept, categories=[*levels, OTHER])
        return pd.DataFrame(made, index=X.index)


def transformation(values: pd.Series, level: str) -> str:
    """Say how a feature is prepared, from its level and its distribution.

    Returns
    -------
    str
        categories, as 0 and 1, log and scale, rank, or scale.

    Examples
    --------
    >>> transformation(pd.Series([1.0, 2.0, 2.0, 900.0]), "ratio")
    'log and scale'
    """
    if level == "nominal" or (level == "binary" and not pd.api.types.is_numeric_dtype(values)):
        return "as 0 and 1" if level == "binary" else "categories"
    if level == "binary":
        return "as 0 and 1"
    skewed = abs(values.skew()) > SKEWED
    if level == "ratio" and skewed and (values.dropna() >= 0).all():
        return "log and scale"
    return "rank" if skewed and level in ("ratio", "interval") else "scale"


def plan(features: pd.DataFrame, levels: dict[str, str]) -> pd.DataFrame:
    """State how each feature will be prepared.

    Parameters
    ----------
    features
        One row per customer, the segmentation variables alone.
    levels
        Level of measurement per feature.

    Returns
    -------
    pandas.DataFrame
        One row per feature: feature, level, transformation, known (customers), missing
        (share, 0 to 1), skewness.
    """
    rows = []
    for name in features.columns:
        numeric = pd.api.types.is_numeric_dtype(features[name])
        rows.append({
            "feature": name, "level": levels[name],
            "transformation": transformation(features[name], levels[name]),
            "known": int(features[name].notna().sum()), "missing": float(features[name].isna().mean()),
            "skewness": float(features[name].skew()) if numeric else np.nan,
        })  # fmt: skip
    return pd.DataFrame(rows)


class ZeroOne(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Write columns of two levels as 0 and 1, the later one in the alphabet as 1.

    Examples
    --------
    >>> ZeroOne().fit_transform(pd.DataFrame({"yummy": ["No", "Yes"]})).yummy.tolist()
    [0.0, 1.0]
    """

    def fit(self, X: pd.DataFrame, y: None = None) -> ZeroOne:
        """Find the two levels of each column."""
        validate_data(self, X, skip_check_array=True)
        self.levels_ = {c: sorted(X[c].dropna().unique().tolist(), key=str) for c in X.columns}
        for c, levels in self.levels_.items():
            if len(levels) > 2:
                raise ValueError(f"column '{c}' is binary and has {len(levels)} levels")
        return self

    def transform(self, X: pd.DataFrame) -> pd.DataFrame:
        """Give 0.0 and 1.0; missing stays missing."""
        check_is_fitted(self)
        made = {
            c: (X[c] == levels[-1]).astype("float64").mask(X[c].isna()) for c, levels in self.levels_.items()
        }
        return pd.DataFrame(made, index=X.index)


def _steps(transformation: str, min_share: float, known: int) -> Any:
    median = ("median", SimpleImputer(strategy="median"))
    log = FunctionTransformer(np.log1p, feature_names_out="one-to-one")
    rank = QuantileTransformer(n_quantiles=min(200, known), output_distribution="normal", random_state=0)
    return {
        "categories": RareLevels(min_share),
        "as 0 and 1": Pipeline([("levels", ZeroOne()), ("most", SimpleImputer(strategy="most_frequent"))]),
        "log and scale": Pipeline([median, ("log", log), ("scale", StandardScaler())]),
        "rank": Pipeline([median, ("rank", rank)]),
        "scale": Pipeline([median, ("scale", StandardScaler())]),
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
    steps = [(row.feature, _steps(row.transformation, min_share, row.known), [row.feature])
             for row in plan.itertuples()]  # fmt: skip
    made = ColumnTransformer(steps, verbose_feature_names_out=False)
    return made.set_output(transform="pandas")
