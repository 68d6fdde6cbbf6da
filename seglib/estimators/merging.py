"""Components of a mixture that are no segments of their own, merged pair by pair."""

from __future__ import annotations

import numpy as np


def misclassified(posterior: np.ndarray) -> np.ndarray:
    """Estimate how much of each component would be put into each other one.

    Parameters
    ----------
    posterior
        Probability of each component (columns) for each row.

    Returns
    -------
    numpy.ndarray
        Share of the row's component assigned to the column's one; 0 on the diagonal (DEMP:
        Hennig, 2010, section 4.3).

    Examples
    --------
    >>> misclassified(np.array([[0.9, 0.1], [0.8, 0.2], [0.3, 0.7]])).round(2).tolist()
    [[0.0, 0.15], [0.3, 0.0]]
    """
    k = posterior.shape[1]
    assigned = np.zeros_like(posterior)
    assigned[np.arange(len(posterior)), posterior.argmax(1)] = 1
    shares = posterior.T @ assigned / np.maximum(posterior.sum(0), 1e-12)[:, None]
    shares[np.arange(k), np.arange(k)] = 0
    return shares


def merge_path(posterior: np.ndarray, min_share: float = 0.0) -> dict[int, tuple[np.ndarray, float, float]]:
    """Merge components one pair at a time, those first that are hardest to tell apart.

    Parameters
    ----------
    posterior
        Probability of each component (columns) for each row.
    min_share
        Components with a smaller share of the rows, such as a handful of outliers, are merged
        before all others, each with the one it shares most with.

    Returns
    -------
    dict
        For each number of segments down to 1 the segment (0, 1, …) of each component, the
        largest share of one segment that would be put into another one, and the share of rows
        of the smallest.

    Examples
    --------
    >>> path = merge_path(np.array([[0.6, 0.4, 0.0], [0.4, 0.6, 0.0], [0.0, 0.0, 1.0]]))
    >>> path[2][0].tolist(), path[2][1]
    ([0, 0, 1], 0.0)
    """
    segment, path = np.arange(posterior.shape[1]), {}
    for k in range(posterior.shape[1], 0, -1):
        shared = misclassified(summed(posterior, segment))
        most = np.maximum(shared, shared.T)
        sizes = np.bincount(segment, posterior.mean(0))
        path[k] = (segment.copy(), float(most.max()), float(sizes.min()))
        smallest = sizes.argmin()
        if sizes[smallest] < min_share:
            other = np.lexsort((sizes, most[smallest]))  # the last: the most shared, then the largest
            pair = (smallest, other[other != smallest][-1] if k > 1 else smallest)
        else:
            pair = np.unravel_index(most.argmax(), most.shape)
        keep, gone = sorted(pair)
        segment = np.where(segment == gone, keep, segment)
        segment = segment - (segment > gone)
    return path


def summed(posterior: np.ndarray, segment: np.ndarray) -> np.ndarray:
    """Add up the probabilities of the components of each segment."""
    return posterior @ np.eye(segment.max() + 1)[segment]
