"""Hierarchical clustering: Ward's for numbers, Gower's distances for numbers and categories."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import numpy as np
import pandas as pd
from scipy.cluster.hierarchy import cut_tree, linkage
from scipy.spatial.distance import cdist, squareform
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.cluster import AgglomerativeClustering
from sklearn.utils import gen_batches
from sklearn.utils.validation import check_is_fitted, validate_data

from seglib.estimators.preparation import split_columns

LINKAGES = ("ward", "gower")
#: Rows whose distances from all fitted rows are held at once.
CHUNK = 512


def gower(
    one: tuple[np.ndarray, np.ndarray], other: tuple[np.ndarray, np.ndarray], ranges: np.ndarray
) -> np.ndarray:
    """Compute Gower's distance of each row of one table from each row of the other.

    Parameters
    ----------
    one, other
        Numbers (NaN where missing) and codes of categories (-1 where missing).
    ranges
        Range of each number, at which two values differ by 1; a column of range 0 is left out.

    Returns
    -------
    ndarray of shape (n_one, n_other)
        Mean difference over the columns known in both rows, 0 to 1; 1 if there are none.

    References
    ----------
    Gower (1971), A general coefficient of similarity and some of its properties, Biometrics 27.

    Examples
    --------
    >>> table = np.array([[0.0], [5.0]]), np.array([[0], [1]])
    >>> gower(table, table, np.array([10.0])).tolist()
    [[0.0, 0.75], [0.75, 0.0]]
    """
    differ = np.zeros((len(one[0]), len(other[0])))
    both_known = np.zeros_like(differ)
    for j in np.flatnonzero(ranges > 0):
        apart = np.abs(one[0][:, j, None] - other[0][:, j]) / ranges[j]
        both_known += ~np.isnan(apart)
        differ += np.clip(np.nan_to_num(apart), 0, 1)
    for mine, theirs in zip(one[1].T, other[1].T, strict=True):
        both = (mine >= 0)[:, None] & (theirs >= 0)
        both_known += both
        differ += both & (mine[:, None] != theirs)
    return np.divide(differ, both_known, out=np.ones_like(differ), where=both_known > 0)


class Hierarchical(ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin, BaseEstimator):
    """Merge the two most similar segments until `n_clusters` are left.

    Parameters
    ----------
    n_clusters : int
        Number of segments.
    linkage : {'ward', 'gower'}
        'ward' merges where the sum of squares grows least (Ward, 1963), and takes numbers
        alone. 'gower' merges by the same rule rows whose squared distance is Gower's, and takes
        categories and missing cells too: the mean over the columns known in both rows, of the
        difference as a share of the column's range for numbers and of 0 or 1 for categories
        (Gower, 1971).
    max_rows : int
        Largest table to fit; the distances of all pairs are held at once, which for 5,000 rows
        takes about 0.6 GB.

    Attributes
    ----------
    labels_ : ndarray of shape (n_rows,)
        The segments that were merged. `predict` assigns by distance, and so may place a few of
        the fitted rows elsewhere.
    cluster_centers_ : ndarray of shape (n_clusters, n_columns)
        Means; Ward's linkage only.
    categorical_, categories_ : list
        The categorical columns, and the levels of each; Gower's distance only.

    Notes
    -----
    The root of Gower's distance is Euclidean where nothing is missing (Gower and Legendre,
    1986), which is why Ward's rule may merge by it. Average linkage would leave single odd
    customers against all others, on which no one can act; complete linkage goes by the two most
    distant rows of two segments, which a few missing cells or stray values decide.

    Examples
    --------
    >>> rows = pd.DataFrame({"age": [20, 22, 60, 62], "town": ["a", "a", "b", None]})
    >>> model = Hierarchical(2, linkage="gower").fit(rows)
    >>> bool(model.labels_[0] == model.labels_[1] != model.labels_[2])
    True
    >>> model.predict(rows).tolist() == model.labels_.tolist()
    True
    """

    def __init__(self, n_clusters: int = 4, *, linkage: str = "ward", max_rows: int = 5000) -> None:
        self.n_clusters = n_clusters
        self.linkage = linkage
        self.max_rows = max_rows

    def _check(self, n_rows: int) -> None:
        if self.n_clusters < 1:
            raise ValueError(f"n_clusters={self.n_clusters}; at least 1 is needed")
        if n_rows < self.n_clusters:
            raise ValueError(f"n_samples={n_rows} should be >= n_clusters={self.n_clusters}.")
        if n_rows > self.max_rows:
            raise ValueError(
                f"{n_rows:,} rows, and max_rows={self.max_rows:,}: all pairs are compared. "
                "Fit on a sample of the rows, and predict the others."
            )

    def _numbers(self, X: Any, reset: bool) -> np.ndarray:
        if isinstance(X, pd.DataFrame):
            strange = [c for c in X.columns if not pd.api.types.is_numeric_dtype(X[c])]
            if strange:
                raise ValueError(
                    f"column '{strange[0]}' is categorical, and linkage='ward' takes numbers "
                    "alone; use linkage='gower'"
                )
        return validate_data(self, X, reset=reset, dtype="float64")

    def fit(self, X: Any, y: None = None) -> Hierarchical:
        """Merge the rows.

        Parameters
        ----------
        X
            One row per customer: an array of numbers, or a DataFrame.

        Raises
        ------
        ValueError
            If there are more rows than `max_rows`, or Ward's linkage gets categories.
        """
        if self.linkage not in LINKAGES:
            raise ValueError(f"linkage={self.linkage!r}; allowed: {', '.join(map(repr, LINKAGES))}")
        self._n_features_out = self.n_clusters
        return self._fit_ward(X) if self.linkage == "ward" else self._fit_gower(X)

    def _fit_ward(self, X: Any) -> Hierarchical:
        numbers = self._numbers(X, reset=True)
        self._check(len(numbers))
        clusters = AgglomerativeClustering(self.n_clusters, linkage="ward")
        self.labels_ = clusters.fit(numbers).labels_ if len(numbers) > 1 else np.zeros(1, dtype="int64")
        sums = self._membership().T @ numbers
        self.cluster_centers_ = sums / np.bincount(self.labels_)[:, None]
        return self

    def _fit_gower(self, X: Any) -> Hierarchical:
        self._rows = numbers, codes = split_columns(self, X, reset=True)
        self._check(len(numbers))
        seen = ~np.isnan(numbers)
        highest, lowest = np.where(seen, numbers, -np.inf).max(0), np.where(seen, numbers, np.inf).min(0)
        self._ranges = np.where(seen.any(axis=0), highest - lowest, 0.0)
        self.labels_ = np.zeros(len(numbers), dtype="int64")
        if len(numbers) > 1:
            distances = np.vstack(list(self._gower(numbers, codes)))
            np.fill_diagonal(distances, 0)  # a row without any value is as far as can be even from itself
            merged = linkage(np.sqrt(squareform(distances, checks=False)), "ward")
            self.labels_ = cut_tree(merged, self.n_clusters)[:, 0].astype("int64")
        self._share = self._membership() / np.bincount(self.labels_)
        within = np.vstack([each @ self._share for each in self._gower(numbers, codes)])
        self._spread = (within * self._share).sum(axis=0)
        return self

    def _gower(self, numbers: np.ndarray, codes: np.ndarray) -> Iterator[np.ndarray]:
        for rows in gen_batches(len(numbers), CHUNK):
            yield gower((numbers[rows], codes[rows]), self._rows, self._ranges)

    def _membership(self) -> np.ndarray:
        return np.eye(self.n_clusters)[self.labels_]

    def transform(self, X: Any) -> np.ndarray:
        """Return the distance of each row from each segment.

        Returns
        -------
        ndarray of shape (n_rows, n_clusters)
            Ward: Euclidean distance from the centre. Gower: mean distance from the segment's
            fitted rows, less half their mean distance from each other; where the root of the
            distance is Euclidean, the squared distance from the centre.
        """
        check_is_fitted(self)
        if self.linkage == "ward":
            return cdist(self._numbers(X, reset=False), self.cluster_centers_)
        numbers, codes = split_columns(self, X, reset=False)
        from_members = np.vstack([distances @ self._share for distances in self._gower(numbers, codes)])
        return np.maximum(from_members - self._spread / 2, 0)

    def predict(self, X: Any) -> np.ndarray:
        """Return the nearest segment of each row."""
        return self.transform(X).argmin(axis=1)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.categorical = self.linkage == "gower"
        return tags
