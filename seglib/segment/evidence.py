"""Statistics of a division by which customers with segments differ from one cloud."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import silhouette_score

from seglib.estimators import coded

#: What is measured of a division, each higher for segments than for a cloud that is cut;
#: benchmarks/panel.py prints the power of each, and of their mean, at a fixed error.
STATISTICS = ("silhouette", "valley", "gain")
#: Steps of expectation and maximisation from the segments on, and least variance within a segment.
_STEPS, _LEAST_VARIANCE = 8, 0.05
#: Points between which the density along an axis is measured.
_GRID = 64
#: Rows of which the silhouette is the mean; they are in random order.
_MOST_FOR_SILHOUETTE = 1200


def statistics(rows: pd.DataFrame, labels: np.ndarray | None) -> dict[str, float]:
    """Measure a division.

    Parameters
    ----------
    rows
        One row per customer, prepared, in random order.
    labels
        Segments 0, 1, …; nothing where the method found none.

    Returns
    -------
    dict
        By statistic: the mean silhouette; the gain in log-likelihood per customer of a mixture with
        these segments over one class; the mean depth of the density's valley between each segment
        and its nearest neighbour (0 to 1). All are 0 where there is one segment.
    """
    if labels is None or len(np.unique(labels)) < 2:
        return dict.fromkeys(STATISTICS, 0.0)
    parts = np.unique(labels, return_inverse=True)[1]
    points = np.nan_to_num(coded(rows))
    return {
        "silhouette": _silhouette(points[:_MOST_FOR_SILHOUETTE], parts[:_MOST_FOR_SILHOUETTE]),
        "gain": likelihood_gain(*numbers_and_answers(rows), parts),
        "valley": float(valleys(points, parts).mean()),
    }


def _silhouette(points: np.ndarray, labels: np.ndarray) -> float:
    return float(silhouette_score(points, labels)) if 1 < len(np.unique(labels)) < len(labels) else 0.0


def numbers_and_answers(rows: pd.DataFrame) -> tuple[np.ndarray, np.ndarray]:
    """Split rows into standardised numbers, and dummies of categories and of yes and no."""
    numeric = rows.select_dtypes("number")
    numbers = numeric.loc[:, numeric.nunique() > 2]
    spread = numbers.std(ddof=0).replace(0, 1)
    answers = rows.drop(columns=numbers.columns).astype(object)
    dummies = [pd.get_dummies(answers[c], dtype=float).to_numpy() for c in answers]
    return (
        ((numbers - numbers.mean()) / spread).fillna(0).to_numpy(float),
        np.hstack([np.empty((len(rows), 0)), *dummies]),
    )


def likelihood_gain(numbers: np.ndarray, answers: np.ndarray, labels: np.ndarray) -> float:
    """Measure by how much a mixture that starts from given segments is likelier than one class, per row.

    Within a class, numbers are Gaussian and answers are drawn, all independent of each other.
    """
    one = _expected(numbers, answers, np.ones((len(labels), 1)))[0].mean()
    posterior = np.eye(labels.max() + 1)[labels]
    for _ in range(_STEPS):
        each, posterior = _expected(numbers, answers, posterior)
    return float(each.mean() - one)


def _expected(
    numbers: np.ndarray, answers: np.ndarray, posterior: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's log-likelihood, and its posterior probability of each class."""
    sizes = posterior.sum(0) + 1e-9
    centres = posterior.T @ numbers / sizes[:, None]
    spread = np.maximum(posterior.T @ numbers**2 / sizes[:, None] - centres**2, _LEAST_VARIANCE)
    likely = (posterior.T @ answers + 0.5 * answers.mean(0)) / (sizes[:, None] + 0.5)
    squares = numbers**2 @ (1 / spread).T - 2 * numbers @ (centres / spread).T + (centres**2 / spread).sum(1)
    joint = (
        np.log(sizes / sizes.sum())
        - 0.5 * (np.log(2 * np.pi * spread).sum(1) + squares)
        + answers @ np.log(np.maximum(likely, 1e-12)).T
    )
    top = joint.max(1, keepdims=True)
    shares = np.exp(joint - top)
    total = shares.sum(1, keepdims=True)
    return (top + np.log(total))[:, 0], shares / total


def valleys(points: np.ndarray, labels: np.ndarray) -> np.ndarray:
    """Measure how deep the density falls between each segment and its nearest neighbour.

    Rows of both are projected on the axis through their centres, in units of the spread within segments.

    Returns
    -------
    numpy.ndarray
        Per segment 1 less the least density between the centres over the lower of the two peaks.

    Examples
    --------
    >>> points = np.concatenate([np.linspace(0, 1, 50), np.linspace(5, 6, 50)])[:, None]
    >>> valleys(points, np.repeat([0, 1], 50)).round(1).tolist()
    [1.0, 1.0]
    """
    k = labels.max() + 1
    centres = np.array([points[labels == s].mean(0) for s in range(k)])
    within = np.sqrt(np.mean([points[labels == s].var(0) for s in range(k)], axis=0)) + 0.05
    scaled, middles = points / within, centres / within
    gaps = ((middles[:, None] - middles[None]) ** 2).sum(2)
    np.fill_diagonal(gaps, np.inf)
    depth = np.zeros(k)
    for own, other in enumerate(gaps.argmin(1)):
        length = float(np.sqrt(gaps[own, other]))
        if length > 0:
            axis = (middles[other] - middles[own]) / length
            sides = [(scaled[labels == side] - middles[own]) @ axis for side in (own, other)]
            spread = np.sqrt(np.mean([side.var() for side in sides]))
            depth[own] = _valley(np.concatenate(sides), length, max(spread, 1e-9))
    return depth


def _valley(at: np.ndarray, length: float, spread: float) -> float:
    """Return the depth of the density's valley between the peaks nearest to 0 and to `length`."""
    width = 0.9 * spread * len(at) ** -0.2  # Silverman's rule within segments
    grid = np.linspace(-0.5 * length, 1.5 * length, _GRID)
    counts, edges = np.histogram(at, 4 * _GRID, range=(grid[0] - 3 * width, grid[-1] + 3 * width))
    density = np.exp(-0.5 * ((grid[:, None] - (edges[1:] + edges[:-1]) / 2) / width) ** 2) @ counts
    first, last = np.searchsorted(grid, [0, length])
    lowest = first + density[first : last + 1].argmin()
    peaks = density[: lowest + 1].max(), density[lowest:].max()
    return float(1 - density[lowest] / max(min(peaks), 1e-12))
