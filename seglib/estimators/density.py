"""Density-based segments: where customers lie close together, and noise between."""

from __future__ import annotations

from typing import Any

import numpy as np
from sklearn.base import BaseEstimator, ClusterMixin
from sklearn.cluster import HDBSCAN
from sklearn.neighbors import NearestNeighbors
from sklearn.utils.validation import check_is_fitted, validate_data

NOISE = -1


def _nearest(among: np.ndarray, rows: np.ndarray, position: int) -> tuple[np.ndarray, np.ndarray]:
    distances, neighbours = NearestNeighbors(n_neighbors=position + 1).fit(among).kneighbors(rows)
    return distances[:, position], neighbours[:, position]


class Density(ClusterMixin, BaseEstimator):
    """Find dense segments with HDBSCAN, and place new rows among them.

    The number of segments follows from the rows, and rows in thin regions belong to none
    (Campello, Moulavi and Sander, 2013).

    Parameters
    ----------
    min_cluster_size : int
        Rows that make a segment; fewer are noise.
    min_samples : int or None
        Rows that make a region dense, the row itself included; `min_cluster_size` if None.
    noise : bool
        Whether rows in thin regions belong to none; if not, to the segment of their nearest
        member.

    Attributes
    ----------
    labels_ : ndarray of shape (n_rows,)
        Segment of each fitted row; -1 is noise.
    n_clusters_ : int
        Number of segments, 0 if all is noise.
    reach_ : ndarray of shape (n_clusters_,)
        Within each segment, the largest distance of a row from its nearest fellow.
    members_, member_labels_ : ndarray
        The fitted rows that are not noise, and their segments.

    Notes
    -----
    HDBSCAN has no rule for new rows. Here a row belongs to the segment of the nearest member
    if it is no farther from it than that segment's `reach_`; otherwise it is noise. A fitted
    row that was noise may so be placed in a segment that it touches.

    Examples
    --------
    >>> rows = np.concatenate([np.linspace(0, 1, 20), np.linspace(9, 10, 20)])[:, None]
    >>> model = Density(min_cluster_size=5).fit(rows)
    >>> model.n_clusters_
    2
    >>> model.predict([[0.5], [5.0]]).tolist() == [model.labels_[0], NOISE]
    True
    """

    def __init__(
        self, min_cluster_size: int = 10, *, min_samples: int | None = None, noise: bool = True
    ) -> None:
        self.min_cluster_size = min_cluster_size
        self.min_samples = min_samples
        self.noise = noise

    def _check(self) -> None:
        if self.min_cluster_size < 2:
            raise ValueError(f"min_cluster_size={self.min_cluster_size}; at least 2 is needed")
        if self.min_samples is not None and self.min_samples < 1:
            raise ValueError(f"min_samples={self.min_samples}; at least 1 is needed, or None")

    def _labels(self, rows: np.ndarray) -> np.ndarray:
        """Fit; fewer rows than it takes are noise, on which HDBSCAN itself fails."""
        if len(rows) < max(self.min_cluster_size, self.min_samples or 1):
            return np.full(len(rows), NOISE)
        model = HDBSCAN(min_cluster_size=self.min_cluster_size, min_samples=self.min_samples, copy=True)
        return model.fit(rows).labels_.astype("int64")

    def fit(self, X: Any, y: None = None) -> Density:
        """Find the segments.

        Parameters
        ----------
        X
            One row per customer: an array or DataFrame of numbers, without missing cells.
        """
        rows = validate_data(self, X, dtype="float64")
        self._check()
        self.labels_ = self._labels(rows)
        self.n_clusters_ = int(self.labels_.max()) + 1
        members = self.labels_ != NOISE
        self.members_, self.member_labels_ = rows[members], self.labels_[members]
        segments = (self.members_[self.member_labels_ == k] for k in range(self.n_clusters_))
        self.reach_ = np.array([_nearest(segment, segment, 1)[0].max() for segment in segments])
        if not self.noise and self.n_clusters_:
            self.labels_ = self.predict(X)
        return self

    def predict(self, X: Any) -> np.ndarray:
        """Return the segment of each row by its nearest member, or -1 if none is near enough."""
        check_is_fitted(self)
        rows = validate_data(self, X, reset=False, dtype="float64")
        if not self.n_clusters_:
            return np.full(len(rows), NOISE)
        distances, neighbours = _nearest(self.members_, rows, 0)
        labels = self.member_labels_[neighbours]
        if not self.noise:
            return labels
        return np.where(distances <= self.reach_[labels], labels, NOISE)
