"""K-prototypes: k-means and k-modes in one, for numbers and categories together."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.base import BaseEstimator, ClusterMixin, TransformerMixin
from sklearn.utils import check_random_state
from sklearn.utils.validation import check_is_fitted, validate_data


class KPrototypes(ClusterMixin, TransformerMixin, BaseEstimator):
    """Partition rows around k prototypes of means and modes (Huang, 1998).

    Minimises the squared Euclidean distance over the numeric columns plus `gamma` times the
    number of categories that differ. Without categorical columns this is k-means, without
    numeric ones k-modes. A missing cell takes no part in its row's distance, which is rescaled
    by what is present (Gower, 1971).

    Parameters
    ----------
    n_clusters : int
        Number of prototypes.
    gamma : float or None
        Weight of one differing category; half the mean standard deviation of the numeric
        columns (Huang's choice) if None, 1 if there are none.
    init : {'k-means++', 'random', 'cao'}
        Starts: spread by distance; any rows; by density (categorical columns only, from
        kmodes; Cao, Liang and Bai, 2009).
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
    inertia_ : float
        Cost of the partition.
    cluster_centers_ : tuple of ndarray
        Means (n_clusters, n_numeric), and codes of the modes (n_clusters, n_categorical).
    categories_ : list of list
        What the codes stand for, per categorical column.
    gamma_ : float
    n_iter_ : int

    Notes
    -----
    In a DataFrame, columns of dtype category, string, object and bool are categorical; in an
    array, all columns are numeric.

    Examples
    --------
    >>> rows = pd.DataFrame({"x": [0.0, 0.1, 9.0, 9.1], "c": ["a", "a", "b", "b"]})
    >>> model = KPrototypes(n_clusters=2, random_state=0).fit(rows)
    >>> bool(model.labels_[0] == model.labels_[1] != model.labels_[2])
    True
    """

    def __init__(
        self,
        n_clusters: int = 8,
        *,
        gamma: float | None = None,
        init: str = "k-means++",
        n_init: int = 10,
        max_iter: int = 100,
        tol: float = 1e-10,
        random_state: Any = None,
    ) -> None:
        self.n_clusters = n_clusters
        self.gamma = gamma
        self.init = init
        self.n_init = n_init
        self.max_iter = max_iter
        self.tol = tol
        self.random_state = random_state

    # Encoding

    def _split(self, X: Any, fitting: bool) -> tuple[np.ndarray, np.ndarray]:
        """Give numbers (NaN where missing) and codes (-1 where missing or unknown)."""
        if not isinstance(X, pd.DataFrame):
            X = validate_data(self, X, reset=fitting, dtype="float64", ensure_all_finite="allow-nan")
            if fitting:
                self.categorical_, self.categories_ = [], []
            return X, np.empty((len(X), 0), dtype=np.int32)
        validate_data(self, X, reset=fitting, skip_check_array=True)
        if fitting:
            if X.empty:
                raise ValueError(f"Found array with 0 sample(s) (shape={X.shape})")
            self.categorical_ = [
                c for c in X.columns
                if not pd.api.types.is_numeric_dtype(X[c]) or pd.api.types.is_bool_dtype(X[c])
            ]  # fmt: skip
            self.categories_ = [sorted(X[c].dropna().unique(), key=str) for c in self.categorical_]
        numeric = X.drop(columns=self.categorical_).astype("float64").to_numpy()
        codes = np.empty((len(X), len(self.categorical_)), dtype=np.int32)
        for j, (c, levels) in enumerate(zip(self.categorical_, self.categories_, strict=True)):
            codes[:, j] = pd.Categorical(X[c].astype(object), categories=levels).codes
        return numeric, codes

    # Distance

    def _distances(self, numeric: np.ndarray, codes: np.ndarray, centers: tuple) -> np.ndarray:
        """Distance of each row from each prototype, (n_rows, n_clusters)."""
        means, modes = centers
        made = np.zeros((len(numeric), len(means)))
        if numeric.shape[1]:
            missing = np.isnan(numeric)
            if missing.any():
                present, filled = (~missing).astype(float), np.where(missing, 0.0, numeric)
                made = (filled**2).sum(1)[:, None] - 2 * filled @ means.T + present @ (means**2).T
                made *= self._rescale(present.sum(1), numeric.shape[1])[:, None]
            else:
                made = (numeric**2).sum(1)[:, None] - 2 * numeric @ means.T + (means**2).sum(1)
            np.maximum(made, 0, out=made)
        if codes.shape[1]:
            differ = np.zeros_like(made)
            for j, levels in enumerate(self.categories_):
                table = np.ones((len(levels) + 1, len(modes)))
                table[-1] = 0  # a code of -1: missing
                table[modes[:, j], np.arange(len(modes))] = 0
                differ += table[codes[:, j]]
            differ *= self._rescale((codes >= 0).sum(1), codes.shape[1])[:, None]
            made += self.gamma_ * differ
        return made

    @staticmethod
    def _rescale(present: np.ndarray, of: int) -> np.ndarray:
        return np.divide(of, present, out=np.zeros(len(present)), where=present > 0)

    def _centers(
        self, numeric: np.ndarray, codes: np.ndarray, labels: np.ndarray, weights: np.ndarray
    ) -> tuple[np.ndarray, np.ndarray]:
        """Weighted means and modes of each cluster; what is entirely missing gets 0."""
        k = self.n_clusters
        member = np.zeros((k, len(labels)))
        member[labels, np.arange(len(labels))] = weights
        missing = np.isnan(numeric)
        if missing.any():
            scaled = member * self._rescale((~missing).sum(1), numeric.shape[1])
            sums, n = scaled @ np.where(missing, 0.0, numeric), scaled @ (~missing).astype(float)
        else:
            sums, n = member @ numeric, member.sum(1)[:, None].repeat(numeric.shape[1], 1)
        means = np.divide(sums, n, out=np.zeros_like(sums), where=n > 0)
        share = weights * self._rescale((codes >= 0).sum(1), codes.shape[1])
        modes = np.zeros((k, codes.shape[1]), dtype=np.int32)
        for j, levels in enumerate(self.categories_):
            seen = codes[:, j] >= 0
            cell = labels[seen] * len(levels) + codes[seen, j]
            counts = np.bincount(cell, share[seen], minlength=k * len(levels))
            modes[:, j] = counts.reshape(k, -1).argmax(1) if levels else 0
        return means, modes

    # Starts

    def _rows_as_centers(self, numeric: np.ndarray, codes: np.ndarray, rows: np.ndarray) -> tuple:
        return np.nan_to_num(numeric[rows], nan=0.0), np.maximum(codes[rows], 0)

    def _start(
        self, numeric: np.ndarray, codes: np.ndarray, weights: np.ndarray, rng: np.random.RandomState
    ) -> tuple[np.ndarray, np.ndarray]:
        k, p = self.n_clusters, weights / weights.sum()
        if self.init == "cao":
            from kmodes.util.dissim import matching_dissim
            from kmodes.util.init_methods import init_cao

            modes = init_cao(codes, k, matching_dissim).astype(np.int32)
            return np.empty((k, 0)), modes
        if self.init == "random":
            return self._rows_as_centers(
                numeric, codes, rng.choice(len(p), k, replace=(p > 0).sum() < k, p=p)
            )
        rows = [rng.choice(len(p), p=p)]
        nearest = self._distances(numeric, codes, self._rows_as_centers(numeric, codes, rows))[:, 0]
        for _ in range(1, k):
            odds = nearest * weights
            odds = odds / odds.sum() if odds.sum() > 0 else p
            trials = rng.choice(len(p), 2 + int(np.log(k)), p=odds)
            away = self._distances(numeric, codes, self._rows_as_centers(numeric, codes, trials))
            left = np.minimum(nearest[:, None], away)
            best = (left * weights[:, None]).sum(0).argmin()
            rows, nearest = [*rows, trials[best]], left[:, best]
        return self._rows_as_centers(numeric, codes, np.array(rows))

    def _one_run(
        self, numeric: np.ndarray, codes: np.ndarray, weights: np.ndarray, rng: np.random.RandomState
    ) -> tuple[float, np.ndarray, tuple, int]:
        centers = self._start(numeric, codes, weights, rng)
        cost, done = np.inf, 0
        while done < self.max_iter:
            done += 1
            distances = self._distances(numeric, codes, centers)
            labels = self._mended(distances, weights)
            before, cost = cost, self._cost(distances, labels, weights)
            centers = self._centers(numeric, codes, labels, weights)
            if before - cost <= self.tol * cost:
                break
        distances = self._distances(numeric, codes, centers)
        labels = distances.argmin(1)
        return self._cost(distances, labels, weights), labels, centers, done

    @staticmethod
    def _cost(distances: np.ndarray, labels: np.ndarray, weights: np.ndarray) -> float:
        return float((distances[np.arange(len(labels)), labels] * weights).sum())

    def _mended(self, distances: np.ndarray, weights: np.ndarray) -> np.ndarray:
        """Assign rows to the nearest prototype; an empty one takes the row farthest from its own."""
        labels = distances.argmin(1)
        sizes = np.bincount(labels, weights, minlength=self.n_clusters)
        own = distances[np.arange(len(labels)), labels] * (weights > 0)
        for empty in np.flatnonzero(sizes == 0):
            farthest = own.argmax()
            if own[farthest] <= 0:
                break
            labels[farthest], own[farthest] = empty, 0
        return labels

    # The estimator's interface

    def _check(self, n_rows: int, codes: np.ndarray, numeric: np.ndarray) -> None:
        if self.init not in ("k-means++", "random", "cao"):
            raise ValueError(f"init={self.init!r}; allowed: 'k-means++', 'random', 'cao'")
        if self.init == "cao" and (numeric.shape[1] or (codes < 0).any()):
            raise ValueError("init='cao' takes categorical columns without missing values only")
        for name in ("n_clusters", "n_init", "max_iter"):
            if getattr(self, name) < 1:
                raise ValueError(f"{name}={getattr(self, name)}; at least 1 is needed")
        if n_rows < self.n_clusters:
            raise ValueError(f"n_samples={n_rows} should be >= n_clusters={self.n_clusters}.")
        if self.gamma is not None and not 0 <= self.gamma < np.inf:
            raise ValueError(f"gamma={self.gamma}; a finite number of at least 0 is needed")

    def fit(self, X: Any, y: None = None, sample_weight: Any = None) -> KPrototypes:
        """Find the prototypes.

        Parameters
        ----------
        X
            One row per customer: a DataFrame, or an array of numbers.
        sample_weight
            One weight per row; a row of weight 2 counts as two rows.
        """
        numeric, codes = self._split(X, fitting=True)
        self._check(len(numeric), codes, numeric)
        weights = np.ones(len(numeric)) if sample_weight is None else np.asarray(sample_weight, float)
        if weights.shape != (len(numeric),) or (weights < 0).any() or weights.sum() <= 0:
            raise ValueError("sample_weight needs one weight of at least 0 per row, not all 0")
        scale = np.nanstd(numeric, axis=0).mean() if numeric.shape[1] else np.nan
        self.gamma_ = self.gamma if self.gamma is not None else 0.5 * scale if scale > 0 else 1.0
        rng = check_random_state(self.random_state)
        starts = 1 if self.init == "cao" else self.n_init
        runs = [self._one_run(numeric, codes, weights, rng) for _ in range(starts)]
        best = min(runs, key=lambda run: run[0])
        self.inertia_, self.labels_, self.cluster_centers_, self.n_iter_ = best
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Give the distance of each row from each prototype."""
        check_is_fitted(self)
        return self._distances(*self._split(X, fitting=False), self.cluster_centers_)

    def predict(self, X: Any) -> np.ndarray:
        """Give the nearest prototype of each row."""
        return self.transform(X).argmin(1)

    def score(self, X: Any, y: None = None) -> float:
        """Give minus the cost of assigning these rows."""
        return -float(self.transform(X).min(1).sum())

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = True
        tags.input_tags.categorical = True
        return tags
