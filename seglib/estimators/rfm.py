"""RFM segments: recency, frequency and monetary value, scored and named by rules."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator
from sklearn.utils.validation import check_is_fitted, validate_data

from seglib.vocabulary import OTHERS

#: The bounds published with R package rfm: the first rule that fits names the segment.
#: Each bound is (lowest score, highest score) of recency, frequency and monetary value.
PUBLISHED_RULES: tuple[tuple[str, tuple[int, int], tuple[int, int], tuple[int, int]], ...] = (
    ("Champions", (5, 5), (5, 5), (5, 5)),
    ("Potential Loyalist", (3, 5), (3, 5), (2, 5)),
    ("Loyal Customers", (2, 4), (2, 4), (2, 4)),
    ("Promising", (3, 4), (1, 3), (3, 5)),
    ("New Customers", (4, 5), (1, 3), (1, 5)),
    ("Can't Lose Them", (1, 2), (3, 4), (4, 5)),
    ("At Risk", (1, 2), (2, 5), (4, 5)),
    ("Need Attention", (1, 3), (3, 5), (3, 5)),
    ("About To Sleep", (2, 3), (1, 3), (1, 4)),
    ("Lost", (1, 1), (1, 5), (1, 5)),
)


def three_columns(estimator: BaseEstimator, X: Any, names: Sequence[str], reset: bool) -> np.ndarray:
    """Return the three columns that rules are about as numbers, NaN where missing.

    Parameters
    ----------
    estimator
        Whose input it is.
    X
        One row per customer, three columns in the order of `names`.
    names
        What the columns mean, for the message.
    reset
        Whether the estimator is being fitted; if not, the columns must be those of the fit.

    Raises
    ------
    ValueError
        If there are not three columns.

    Examples
    --------
    >>> three_columns(RFMSegments(), [[1, 2, None]], ("recency", "frequency", "monetary"), reset=True)
    array([[ 1.,  2., nan]])
    """
    needed = f"three columns are needed ({', '.join(names)}), found"
    if np.ndim(X) != 2:
        raise ValueError(f"{needed} shape {np.shape(X)}. Reshape your data to one row per customer.")
    values = validate_data(estimator, X, reset=reset, dtype="float64", ensure_all_finite="allow-nan")
    if values.shape[1] != 3:
        raise ValueError(f"{needed} n_samples={len(values)}, n_features={values.shape[1]}")
    return values


class RFMSegments(BaseEstimator):
    """Score recency, frequency and monetary value by quantile and name segments by rules.

    Parameters
    ----------
    n_bins : int
        Scores run from 1 to this number.
    rules : sequence
        Name, and bounds of the three scores; the first rule that fits decides.

    Attributes
    ----------
    bounds_ : dict of ndarray
        For each column the values at which the next score begins: a quantile of the fitted
        customers + 1, as in R package rfm.
    labels_ : ndarray of str
        The segment of each fitted row.

    Notes
    -----
    Takes three columns in this order: days since the last order, number of orders, money. A
    missing value gets the lowest score.

    No clusterer of scikit-learn's, which number their clusters: the segments have names.

    Examples
    --------
    >>> rows = pd.DataFrame({"recency": [1, 400], "orders": [20, 1], "value": [900.0, 5.0]})
    >>> RFMSegments().fit(rows).labels_.tolist()
    ['Champions', 'Lost']
    """

    _COLUMNS = ("recency", "frequency", "monetary")

    def __init__(self, n_bins: int = 5, rules: Sequence = PUBLISHED_RULES) -> None:
        self.n_bins = n_bins
        self.rules = rules

    def fit(self, X: Any, y: None = None) -> RFMSegments:
        """Find where scores begin.

        Parameters
        ----------
        X
            One row per customer: recency (days), frequency (orders), monetary value (money).
        """
        values = three_columns(self, X, self._COLUMNS, reset=True)
        if self.n_bins < 2:
            raise ValueError(f"n_bins={self.n_bins}; at least 2 are needed")
        shares = np.linspace(0, 1, self.n_bins + 1)[1:-1]
        cuts = np.nanquantile(values, shares, axis=0) + 1
        self.bounds_ = dict(zip(self._COLUMNS, cuts.T, strict=True))
        self.labels_ = self.predict(X)
        return self

    def scores(self, X: Any) -> pd.DataFrame:
        """Score customers: one row per customer, columns recency, frequency and monetary (1 is worst)."""
        check_is_fitted(self)
        scores, values = {}, three_columns(self, X, self._COLUMNS, reset=False)
        for name, column in zip(self._COLUMNS, values.T, strict=True):
            score = 1 + np.searchsorted(self.bounds_[name], column, side="right")
            score = self.n_bins + 1 - score if name == "recency" else score
            scores[name] = np.where(np.isnan(column), 1, score)
        return pd.DataFrame(scores)

    def predict(self, X: Any) -> np.ndarray:
        """Name the segment of each customer; 'Others' where no rule fits."""
        scores = self.scores(X).to_numpy()
        bounds = [np.transpose(bounds) for _name, *bounds in self.rules]
        fits = [((scores >= low) & (scores <= high)).all(axis=1) for low, high in bounds]
        return np.select(fits, [rule[0] for rule in self.rules], default=OTHERS)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags
