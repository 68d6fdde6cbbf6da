"""Segments joined after the fit."""

from __future__ import annotations

from typing import Any, Self

import numpy as np
from sklearn.base import BaseEstimator
from sklearn.utils.metaestimators import available_if


def model_has(name: str) -> Any:
    """Make a method available where the model has it."""
    return available_if(lambda around: hasattr(around.model, name))


class Around(BaseEstimator):
    """What goes around a fitted model and needs no fit of its own."""

    def __sklearn_is_fitted__(self) -> bool:
        return True

    def fit(self, X: Any, y: None = None) -> Self:
        """Do nothing; the model is fitted."""
        return self


class Joined(Around):
    """Join segments of a fitted model.

    Parameters
    ----------
    model
        A fitted estimator with `predict`, and `transform` or `predict_proba`.
    into : list of int
        The segment (0, 1, …) that each of the model's becomes.

    Examples
    --------
    >>> from sklearn.cluster import KMeans
    >>> model = KMeans(3, random_state=0).fit([[0.0], [1.0], [9.0]])
    >>> low = sorted(range(3), key=lambda i: model.cluster_centers_[i, 0])[:2]
    >>> joined = Joined(model, [0 if i in low else 1 for i in range(3)])
    >>> joined.predict([[0.0], [1.0], [9.0]]).tolist()
    [0, 0, 1]
    """

    def __init__(self, model: Any, into: list[int]) -> None:
        self.model = model
        self.into = into

    def predict(self, X: Any) -> np.ndarray:
        """Return the joined segment of each row."""
        return np.asarray(self.into)[self.model.predict(X)]

    @model_has("transform")
    def transform(self, X: Any) -> np.ndarray:
        """Return the distance from the nearest of the segments joined."""
        distances = self.model.transform(X)
        into = np.asarray(self.into)
        return np.column_stack([distances[:, into == i].min(1) for i in range(into.max() + 1)])

    @model_has("predict_proba")
    def predict_proba(self, X: Any) -> np.ndarray:
        """Return the sum of the probabilities of the segments joined."""
        into = np.asarray(self.into)
        return self.model.predict_proba(X) @ np.eye(into.max() + 1)[into]
