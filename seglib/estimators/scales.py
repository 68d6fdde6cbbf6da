"""Scales: ranks, spreads, and shares of few."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from scipy.stats import norm
from sklearn.base import BaseEstimator, OneToOneFeatureMixin, TransformerMixin
from sklearn.preprocessing import StandardScaler
from sklearn.utils.validation import check_is_fitted, validate_data

from seglib.statistics import beta_prior

#: A value that so many rows have is a spike.
SPIKE = 0.05
#: Ranks are stored for so many values of a column at the most.
_KNOTS = 400


def columns_of(estimator: Any, X: Any, reset: bool) -> pd.DataFrame:
    """Check the columns; an array's are called by their positions, or as in the fit."""
    if isinstance(X, pd.DataFrame):
        validate_data(estimator, X, reset=reset, skip_check_array=True)
        return X
    rows = validate_data(estimator, X, reset=reset, dtype=None, ensure_all_finite="allow-nan")
    return pd.DataFrame(rows, columns=getattr(estimator, "feature_names_in_", range(rows.shape[1])))


class NormalScores(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Replace values by the normal scores of their ranks; equal values share their mean rank.

    Attributes
    ----------
    knots_ : list of tuple of ndarray
        Per column values in ascending order and their scores; between them scores are interpolated.

    Examples
    --------
    >>> answers = pd.DataFrame({"item": [1, 1, 2, 2, 3, 3]})
    >>> NormalScores().fit_transform(answers).item.round(2).tolist()
    [-0.97, -0.97, 0.0, 0.0, 0.97, 0.97]
    """

    def fit(self, X: Any, y: None = None) -> NormalScores:
        """Rank the values."""
        self.knots_ = []
        for column in np.asarray(validate_data(self, X, dtype="float64")).T:
            values, counts = np.unique(column, return_counts=True)
            middles = (counts.cumsum() - counts / 2) / len(column)
            if len(values) > _KNOTS:
                kept = np.unique(np.searchsorted(middles, np.linspace(middles[0], middles[-1], _KNOTS)))
                values, middles = values[kept], middles[kept]
            self.knots_.append((values, norm.ppf(middles)))
        return self

    def transform(self, X: Any) -> Any:
        """Return scores."""
        check_is_fitted(self)
        numbers = np.asarray(validate_data(self, X, reset=False, dtype="float64"))
        scores = np.column_stack([np.interp(c, *k) for c, k in zip(numbers.T, self.knots_, strict=True)])
        return pd.DataFrame(scores, X.index, X.columns) if isinstance(X, pd.DataFrame) else scores


class Censored(OneToOneFeatureMixin, TransformerMixin, BaseEstimator):
    """Draw a spike at the lowest or highest value to where a censored normal distribution would have it.

    Many zeros beside amounts of a hundred and more lie far from all of them, on a logarithmic scale
    too, and the distance would outweigh all differences among the amounts. A normal distribution is
    fitted to the other values as the part above (or below) the share of the spike (Tobin, 1958), and
    the spike takes the mean of the part that is cut off; it is never moved away from the others.

    Attributes
    ----------
    bounds_ : ndarray of shape (2, n_columns)
        Least and largest value of each column afterwards; infinite where there is no spike.

    Examples
    --------
    >>> Censored().fit_transform([[0.0]] * 3 + [[5.0], [6.0], [7.0]]).ravel().round(2).tolist()
    [3.39, 3.39, 3.39, 5.0, 6.0, 7.0]
    """

    def fit(self, X: Any, y: None = None) -> Censored:
        """Find the spikes."""
        columns = np.asarray(validate_data(self, X, dtype="float64")).T
        low, high = ([_end(sign * c) for c in columns] for sign in (1, -1))
        self.bounds_ = np.array([low, [-end for end in high]])
        return self

    def transform(self, X: Any) -> Any:
        """Return the values between the bounds."""
        check_is_fitted(self)
        numbers = np.clip(np.asarray(validate_data(self, X, reset=False, dtype="float64")), *self.bounds_)
        return pd.DataFrame(numbers, X.index, X.columns) if isinstance(X, pd.DataFrame) else numbers


def _end(column: np.ndarray) -> float:
    """Find the value that a spike at the lower end takes; minus infinity if there is none."""
    others = np.sort(column[column > column.min()])
    share = 1 - len(others) / len(column)
    if share < SPIKE or len(np.unique(others)) < 2:
        return -np.inf
    scores = norm.ppf(share + (1 - share) * (np.arange(len(others)) + 0.5) / len(others))
    spread, mean = np.polyfit(scores, others, 1)
    return float(np.clip(mean - spread * norm.pdf(norm.ppf(share)) / share, column.min(), others[0]))


class SpikeScaler(StandardScaler):
    """Scale to a standard deviation of 1; of 2 √(s (1 − s)) where a share s > ½ of all have one value.

    A column that is nearly constant then weighs no more than a yes or no that is as rare.

    Examples
    --------
    >>> float(SpikeScaler().fit_transform([[0.0]] * 98 + [[7.0], [9.0]]).std().round(2))
    0.28
    """

    def fit(self, X: Any, y: None = None, sample_weight: None = None) -> SpikeScaler:
        """Find means, spreads, and the share of the commonest value."""
        super().fit(X, y, sample_weight)
        share = np.array([np.unique(c, return_counts=True)[1].max() / len(c) for c in np.asarray(X).T])
        weight = np.where(share > 0.5, 2 * np.sqrt(share * (1 - share)), 1).clip(1e-9)
        self.scale_ = vars(self)["scale_"] / weight
        return self


class _FirstColumn(TransformerMixin, BaseEstimator):
    """What transformers share that return their first column, changed by the others; missing cells are taken."""

    def get_feature_names_out(self, input_features: Any = None) -> np.ndarray:
        """Return the name of the first column."""
        return np.asarray(self.feature_names_in_[:1], dtype=object)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        return tags


class Ipsatised(_FirstColumn):
    """Take a respondent's mean answer off the answer to an item (Cattell, 1944; Fischer, 2004).

    Takes the item, and after it the other items of the battery; returns the item.

    Attributes
    ----------
    lowest_, range_ : ndarray of shape (n_items,)
        By which each item is brought to 0 to 1 beforehand.

    Examples
    --------
    >>> Ipsatised().fit_transform(pd.DataFrame({"q1": [5.0, 1.0], "q2": [5.0, 5.0]})).q1.tolist()
    [0.5, 0.0]
    """

    def fit(self, X: Any, y: None = None) -> Ipsatised:
        """Find the lowest and the highest answer to each item."""
        numbers = columns_of(self, X, reset=True).astype(float)
        self.lowest_ = numbers.min().to_numpy()
        self.range_ = (numbers.max() - numbers.min()).replace(0, 1).to_numpy()
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Return the answer less the mean of the known answers; missing stays missing."""
        check_is_fitted(self)
        numbers = (columns_of(self, X, reset=False).astype(float) - self.lowest_) / self.range_
        return numbers.iloc[:, :1].sub(numbers.mean(axis=1), axis=0)


class ShrunkShare(_FirstColumn):
    """Shrink a share towards all rows', the more so the fewer it is a share of (empirical Bayes).

    Takes two columns, the share (0 to 1) and the count that it is a share of, and returns the share.

    Attributes
    ----------
    mean_, weight_ : float
        Share of all, and what it counts as in each row's share (`seglib.statistics.beta_prior`).

    Examples
    --------
    >>> rows = pd.DataFrame({"weekends": [0.0, 1.0, 0.25, 0.5, 1.0, 0.0], "orders": [1, 1, 8, 8, 2, 20]})
    >>> ShrunkShare().fit_transform(rows).weekends.round(2).tolist()
    [0.11, 0.63, 0.25, 0.47, 0.75, 0.01]
    """

    def fit(self, X: Any, y: None = None) -> ShrunkShare:
        """Learn how far shares differ beyond chance."""
        rows = columns_of(self, X, reset=True)
        known = rows.dropna()
        self.mean_, self.weight_ = beta_prior(known.iloc[:, 0], known.iloc[:, 1])
        return self

    def transform(self, X: Any) -> pd.DataFrame:
        """Return the shrunk share; missing stays missing, and where the count is missing the share stays."""
        check_is_fitted(self)
        rows = columns_of(self, X, reset=False)
        share, of = rows.iloc[:, 0].astype(float), rows.iloc[:, 1].astype(float)
        own = of / (of + self.weight_)  # 0 where shares do not differ beyond chance
        return (self.mean_ + own.fillna(1.0) * (share - self.mean_)).to_frame(rows.columns[0])
