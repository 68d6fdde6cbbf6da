"""Niches set apart from the segments of a fitted model."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import pairwise_distances

from seglib.estimators.joined import Around, model_has
from seglib.estimators.preparation import coded


class NichesApart(Around):
    """Set niches apart from the segments of a fitted model.

    A row is in a niche if it is nearer to the niche's centre than to the centre of its own segment,
    and within the niche's reach. Niches follow the segments in number.

    Parameters
    ----------
    model
        A fitted estimator with `predict`, and `transform` or `predict_proba`.
    segments : ndarray of shape (n_segments, n_columns)
        Centres of its segments, of rows as `coded`.
    niches : ndarray of shape (n_niches, n_columns)
        Centres of the niches.
    reach : ndarray of shape (n_niches,)
        Largest distance of a row from the centre of its niche.

    Examples
    --------
    >>> from sklearn.cluster import KMeans
    >>> rows = pd.DataFrame({"x": [0.0, 1.0, 8.0, 9.0, 30.0]})
    >>> model = KMeans(2, random_state=0).fit(rows[:4])
    >>> apart = NichesApart(model, model.cluster_centers_, np.array([[30.0]]), np.array([1.0]))
    >>> int(apart.predict(rows)[-1])
    2
    """

    def __init__(self, model: Any, segments: np.ndarray, niches: np.ndarray, reach: np.ndarray) -> None:
        self.model = model
        self.segments = segments
        self.niches = niches
        self.reach = reach

    def predict(self, X: pd.DataFrame) -> np.ndarray:
        """Return the segment or niche of each row."""
        own = np.asarray(self.model.predict(X))
        points = np.nan_to_num(coded(X))
        distances = pairwise_distances(points, self.niches)
        nearest = distances.argmin(1)
        least = distances[np.arange(len(points)), nearest]
        apart = (least <= self.reach[nearest]) & (least < np.linalg.norm(points - self.segments[own], axis=1))
        return np.where(apart, len(self.segments) + nearest, own)

    @model_has("transform")
    def transform(self, X: pd.DataFrame) -> np.ndarray:
        """Return the distance from each segment and niche."""
        return np.hstack([self.model.transform(X), pairwise_distances(np.nan_to_num(coded(X)), self.niches)])

    @model_has("predict_proba")
    def predict_proba(self, X: pd.DataFrame) -> np.ndarray:
        """Return the probability of each segment; of its niche it is 1 for a row in one."""
        k, labels = len(self.segments), self.predict(X)
        probabilities = np.hstack([self.model.predict_proba(X), np.zeros((len(labels), len(self.niches)))])
        apart = labels >= k
        probabilities[apart] = np.eye(k + len(self.niches))[labels[apart]]
        return probabilities
