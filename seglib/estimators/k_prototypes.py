"""K-prototypes: k-means and k-modes in one, for numbers and categories together."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import KW_ONLY, dataclass
from functools import cache
from numbers import Integral, Real
from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.utils import _safe_indexing, check_random_state, gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data
from threadpoolctl import ThreadpoolController

from seglib.estimators import mixed_rows
from seglib.estimators import prototypes as descent
from seglib.estimators.mixed_rows import MixedEncoding, MixedRows
from seglib.estimators.prototypes import Comparison, Prototypes

INITS = ("k-means++", "random", "cao")


@dataclass(eq=False, repr=False)
class KPrototypes(ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin, BaseEstimator):
    """Partition rows around k prototypes of means and modes (Huang, 1998).

    Minimises the squared Euclidean distance over the numeric columns plus `gamma` times the
    number of categories that differ. Without categorical columns this is k-means, without
    numeric ones k-modes. A missing cell takes no part in its row's distance, which is rescaled
    by what is present of its kind (Gower, 1971).

    Parameters
    ----------
    n_clusters : int
        Number of prototypes.
    gamma : float or None
        Weight of one differing category, 0 or more; half the mean standard deviation of the
        numeric columns (Huang's choice) if None, 1 if there are none or they are constant.
    init : {'k-means++', 'random', 'cao'}
        Starts: spread by distance, the best of 2 + log(k) draws at each step; any rows; by
        density (categorical columns without missing values only; Cao, Liang and
        Bai, 2009), of which there is one whatever `n_init`.
    n_init : int
        Number of starts, of which the cheapest result is kept.
    max_iter : int
        Iterations of one start at the most.
    tol : float
        A start ends when the cost falls by no more than this share.
    random_state : int, RandomState or None
        Seed of the starts.

    Attributes
    ----------
    labels_ : ndarray of shape (n_rows,)
        Number of the nearest prototype; of the first if a row has no value at all.
    inertia_ : float
        Cost of the partition.
    cluster_centers_ : tuple of ndarray
        Means (n_clusters, n_numeric), and codes of the modes (n_clusters, n_categorical); NaN and
        -1 where a column has no value at all.
    categories_ : list of list
        What the codes mean, per categorical column.
    categorical_ : list of int
        Positions of the categorical columns.
    gamma_ : float
    n_iter_ : int
        Iterations of the best start on all rows.
    cost_path_ : ndarray of shape (n_iter_,)
        Cost after each of them; it never rises.
    n_features_in_ : int
    feature_names_in_ : ndarray of str
        If all columns of a DataFrame have texts for names.

    Notes
    -----
    In a DataFrame, columns of dtype category, string, object and bool are categorical; in an
    array, all columns are numeric. A level that `fit` has not seen differs from every mode. A
    column without any value takes no part, and a prototype without any value in a column has the
    mean or mode of all rows there.

    Each start on more than 50,000 rows converges on a random sample of 50,000 first and then
    goes on with all rows, where few iterations are left to do. On fewer rows, the result does not
    depend on their order, and a row of weight 2 is the same as two rows.

    Numbers are kept as float32 about their mean, categories as small integers, and rows are
    visited by some thousands, so that memory stays below three times the rows so kept. Sums and
    costs are added up in float64. `labels_`, `predict` and `transform` compare rows with the
    prototypes in float64, so that the same segments can be assigned by a database.

    Examples
    --------
    >>> rows = pd.DataFrame({"x": [0.0, 0.1, 9.0, 9.1], "c": ["a", "a", "b", "b"]})
    >>> model = KPrototypes(n_clusters=2, random_state=0).fit(rows)
    >>> bool(model.labels_[0] == model.labels_[1] != model.labels_[2])
    True
    """

    n_clusters: int = 8
    _: KW_ONLY
    gamma: float | None = None
    init: str = "k-means++"
    n_init: int = 10
    max_iter: int = 100
    tol: float = 1e-10
    random_state: Any = None

    def fit(self, X: Any, y: None = None, sample_weight: Any = None) -> KPrototypes:
        """Find the prototypes.

        Parameters
        ----------
        X
            One row per customer: a DataFrame, or an array of numbers.
        y
            Ignored.
        sample_weight
            One weight per row; a row of weight 2 counts as two rows, one of weight 0 is only
            assigned.

        Raises
        ------
        ValueError
            If a setting, a weight or a column is not as described above, or there are fewer rows
            than prototypes.
        """
        X = self._table(X, fitting=True)
        self._check_settings(len(X))
        weights = None if sample_weight is None else _weights(sample_weight, len(X))
        self._encoding = MixedEncoding(X, weights)
        rows = self._encoding.rows(X, weights)
        if self.init == "cao" and (len(rows.numbers) or rows.missing[1]):
            raise ValueError("init='cao' takes categorical columns without missing values only")
        self.categorical_, self.categories_ = self._encoding.categorical, self._encoding.levels
        self.gamma_ = float(self.gamma) if self.gamma is not None else 0.5 * self._encoding.spread or 1.0
        gamma = self.gamma_ / self._encoding.scale**2
        starts = self._starts(rows, gamma, check_random_state(self.random_state))
        with _one_thread():
            runs = [descent.descend(rows, start, gamma, self.max_iter, self.tol) for start in starts]
            prototypes, costs = min(runs, key=lambda run: run[1][-1])
            self._keep(rows, prototypes, np.array(costs), X)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the number of the nearest prototype of each row, in double precision."""
        check_is_fitted(self)
        return self._exactly(self._table(X, fitting=False))[0]

    def transform(self, X: Any) -> np.ndarray:
        """Return the distance of each row from each prototype, (n_rows, n_clusters)."""
        check_is_fitted(self)
        return np.concatenate([part.T for part in self._distances(self._table(X, fitting=False))])

    def score(self, X: Any, y: None = None, sample_weight: Any = None) -> float:
        """Return minus the cost of assigning these rows."""
        check_is_fitted(self)
        distance = self._exactly(self._table(X, fitting=False))[1]
        return -float(distance.sum() if sample_weight is None else distance @ _weights(sample_weight, len(X)))

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.categorical = True
        return tags

    # Steps

    def _check_settings(self, n_rows: int) -> None:
        for name in ("n_clusters", "n_init", "max_iter"):
            value = getattr(self, name)
            if not isinstance(value, Integral) or isinstance(value, bool) or value < 1:
                raise ValueError(f"{name}={value!r}; a whole number of at least 1 is needed")
        for name, value in (("gamma", 1.0 if self.gamma is None else self.gamma), ("tol", self.tol)):
            if not isinstance(value, Real) or not 0 <= value < np.inf:
                raise ValueError(f"{name}={value!r}; a finite number of at least 0 is needed")
        if not isinstance(self.init, str) or self.init not in INITS:
            init = " ".join(repr(self.init).split())
            raise ValueError(f"init={init}; allowed: {', '.join(map(repr, INITS))}")
        if n_rows < self.n_clusters:
            raise ValueError(f"n_samples={n_rows} should be >= n_clusters={self.n_clusters}.")

    def _table(self, X: Any, fitting: bool) -> Any:
        """Check the form of what was given: a DataFrame, or else numbers."""
        mixed = not fitting and bool(self._encoding.categorical)
        if not isinstance(X, pd.DataFrame) and not mixed:
            return validate_data(self, X, reset=fitting, dtype="float64", ensure_all_finite="allow-nan")
        X = X if isinstance(X, pd.DataFrame) else pd.DataFrame(X)
        validate_data(self, X, reset=fitting, skip_check_array=True)
        if X.empty:
            raise ValueError(f"Found array with 0 sample(s) or feature(s) (shape={X.shape})")
        return X

    def _starts(self, rows: MixedRows, gamma: float, rng: Any) -> Iterator[Prototypes]:
        """Return one start after the other; on many rows, each has converged on a sample."""
        if self.init == "cao":
            yield descent.by_density(rows, self.n_clusters)
        elif rows.n_rows <= descent.SAMPLE:
            sorted_rows = rows.chosen(rows.order())
            for _ in range(self.n_init):
                yield descent.first_prototypes(sorted_rows, self.n_clusters, self.init, gamma, rng)
        else:
            for _ in range(self.n_init):
                some = descent.sampled(rows, rng)
                start = descent.first_prototypes(some, self.n_clusters, self.init, gamma, rng)
                yield descent.descend(some, start, gamma, self.max_iter, self.tol)[0]

    def _keep(self, rows: MixedRows, prototypes: Prototypes, costs: np.ndarray, X: Any) -> None:
        encoding = self._encoding
        means = prototypes.means * encoding.scale + np.where(encoding.used, encoding.shift, np.nan)
        self.cluster_centers_ = (means, prototypes.modes)
        self.labels_, distance = self._exactly(X)
        self.inertia_ = rows.total(distance)
        self.cost_path_, self.n_iter_ = costs * encoding.scale**2, len(costs)
        self._n_features_out = self.n_clusters

    def _prototypes(self) -> tuple[Prototypes, float]:
        """Return the encoded prototypes, and gamma for the encoded numbers."""
        encoding, (means, modes) = self._encoding, self.cluster_centers_
        means = np.nan_to_num((means - encoding.shift) / encoding.scale)
        return Prototypes(means, modes), self.gamma_ / encoding.scale**2

    def _distances(self, X: Any) -> Iterator[np.ndarray]:
        """Return the distances from each prototype, (n_clusters, rows), of some thousand rows after the other."""
        prototypes, gamma = self._prototypes()
        for some in gen_batches(len(X), mixed_rows.ROWS_AT_ONCE):
            rows = self._encoding.rows(_safe_indexing(X, some), dtype=np.float64)
            (chunk,) = rows.chunks()
            yield Comparison(rows, prototypes, gamma).distances(chunk) * self._encoding.scale**2

    def _exactly(self, X: Any) -> tuple[np.ndarray, np.ndarray]:
        """Return each row's prototype, the first of several, and its distance from it."""
        parts = [(part.argmin(axis=0).astype(np.int32), part.min(axis=0)) for part in self._distances(X)]
        labels, distances = zip(*parts, strict=True)
        return np.concatenate(labels), np.concatenate(distances)


def _weights(sample_weight: Any, n_rows: int) -> np.ndarray:
    weights = np.asarray(sample_weight, dtype=np.float64)
    if weights.shape != (n_rows,):
        raise ValueError(f"sample_weight has the shape {weights.shape}; ({n_rows},) is needed, one per row")
    if not (np.isfinite(weights) & (weights >= 0)).all():
        ends = f"sample_weight goes from {weights.min()} to {weights.max()}"
        raise ValueError(f"{ends}; finite weights of at least zero are needed")
    if not weights.any():
        raise ValueError("sample_weight is zero in all rows; at least one weight above zero is needed")
    return weights


@cache
def _libraries() -> ThreadpoolController:
    return ThreadpoolController()


def _one_thread() -> Any:
    """Keep matrix products to one thread: they are so small that several only wait for each other."""
    return _libraries().limit(limits=1, user_api="blas")
