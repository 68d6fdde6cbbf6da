"""k-modes of the package kmodes, from the one start that depends on no draw."""

from __future__ import annotations

from typing import Any

import numpy as np
from kmodes.kmodes import KModes as Modes
from sklearn.base import BaseEstimator, ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin
from sklearn.preprocessing import OrdinalEncoder
from sklearn.utils.validation import check_is_fitted, validate_data


class KModes(ClassNamePrefixFeaturesOutMixin, ClusterMixin, TransformerMixin, BaseEstimator):
    """Partition rows of categories about modes (Huang, 1998), from Cao's start (Cao, Liang and Bai, 2009).

    The distance is the number of categories that differ. Every column is one of categories; a
    missing cell is a category of its own, and one that `fit` has not seen differs from every mode.

    Parameters
    ----------
    n_clusters : int
        Number of modes; fewer where there are fewer distinct rows.
    max_iter : int
        Maximum number of iterations.
    random_state : int, RandomState or None
        Seed of the row that an empty segment is given.

    Attributes
    ----------
    labels_ : ndarray of shape (n_rows,)
        Number of the nearest mode.
    inertia_ : float
        Cost of the partition: categories that differ from their row's mode.
    cluster_centers_ : ndarray of shape (n_clusters, n_columns)
        The modes.
    n_iter_ : int

    Examples
    --------
    >>> model = KModes(2).fit([["a", "x"], ["a", "y"], ["b", "z"], ["b", "z"]])
    >>> model.inertia_, model.cluster_centers_.tolist()
    (1.0, [['b', 'z'], ['a', 'x']])
    """

    def __init__(self, n_clusters: int = 8, *, max_iter: int = 100, random_state: Any = None) -> None:
        self.n_clusters = n_clusters
        self.max_iter = max_iter
        self.random_state = random_state

    def fit(self, X: Any, y: None = None) -> KModes:
        """Find the modes.

        Raises
        ------
        ValueError
            If there are fewer rows than modes.
        """
        validate_data(self, X, reset=True, skip_check_array=True)
        self._encoder = OrdinalEncoder(
            handle_unknown="use_encoded_value", unknown_value=-1, encoded_missing_value=-2, dtype=np.int64
        )
        codes = self._encoder.fit_transform(X)
        if len(codes) < self.n_clusters:
            raise ValueError(f"n_samples={len(codes)} should be >= n_clusters={self.n_clusters}.")
        modes = Modes(self.n_clusters, self.max_iter, init="Cao", random_state=self.random_state).fit(codes)
        self._modes = modes.cluster_centroids_.astype(np.int64)
        self._n_features_out = len(self._modes)
        # a copy, for it changes what it is given
        self.cluster_centers_ = self._encoder.inverse_transform(self._modes.copy())
        self.labels_ = self.predict(X)
        self.inertia_ = float(self.transform(X).min(axis=1).sum())
        self.n_iter_ = max(modes.n_iter_, 1)
        return self

    def transform(self, X: Any) -> np.ndarray:
        """Count the categories of each row that differ from each mode, (n_rows, n_clusters)."""
        check_is_fitted(self)
        codes = self._encoder.transform(X)
        return np.column_stack([(codes != mode).sum(axis=1) for mode in self._modes]).astype(float)

    def predict(self, X: Any) -> np.ndarray:
        """Return the number of the nearest mode of each row."""
        return self.transform(X).argmin(axis=1)

    def __sklearn_tags__(self) -> Any:
        tags = super().__sklearn_tags__()
        tags.input_tags.allow_nan = tags.input_tags.categorical = tags.input_tags.string = True
        return tags
