"""Two partitions of the same customers, compared. Labels are segments 0, 1, …."""

from __future__ import annotations

import numpy as np
from scipy.optimize import linear_sum_assignment


def crossing(labels: np.ndarray, other: np.ndarray, k: int | None = None) -> np.ndarray:
    """Count the rows by the segments 0, 1, … of two partitions, of which one has `k` at least."""
    rows, columns = max(k or 0, labels.max() + 1), other.max() + 1
    return np.bincount(labels * columns + other, minlength=rows * columns).reshape(rows, columns)


def _jaccard(both: np.ndarray) -> np.ndarray:
    union = both.sum(1)[:, None] + both.sum(0)[None, :] - both
    return np.divide(both, union, out=np.zeros(both.shape), where=union > 0)


def jaccard_stability(labels: np.ndarray, resampled: np.ndarray) -> np.ndarray:
    """Measure how stable each segment is in another partition of the same rows.

    Parameters
    ----------
    labels, resampled
        Segments 0, 1, … of the same rows under both partitions.

    Returns
    -------
    numpy.ndarray
        Per segment of `labels` the largest Jaccard similarity with one of `resampled`
        (Hennig, 2007, section 2).

    Examples
    --------
    >>> jaccard_stability(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 1])).round(2).tolist()
    [0.67, 0.5]
    """
    return _jaccard(crossing(labels, resampled)).max(1)


def matched(labels: np.ndarray, other: np.ndarray, k: int) -> np.ndarray:
    """Match each segment of another partition with one of `k` segments.

    Segments are matched so that their Jaccard similarities add up to the most; any that remain
    are matched with the segment that they are most like.

    Examples
    --------
    >>> matched(np.array([0, 0, 1, 1, 1]), np.array([2, 2, 0, 0, 1]), 2).tolist()
    [1, 1, 0]
    """
    alike = _jaccard(crossing(labels, other, k))
    place = alike.argmax(0)
    mine, theirs = linear_sum_assignment(-alike)
    place[theirs] = mine
    return place


def exchange(labels: np.ndarray, resampled: np.ndarray) -> np.ndarray:
    """Measure which share of each segment another partition puts into each other segment.

    Returns
    -------
    numpy.ndarray
        Shares of each row's segment, after segments of both partitions were `matched`.

    Examples
    --------
    >>> exchange(np.array([0, 0, 1, 1]), np.array([1, 1, 0, 1])).tolist()
    [[1.0, 0.0], [0.5, 0.5]]
    """
    k = labels.max() + 1
    both = np.zeros((k, k))
    found = crossing(labels, matched(labels, resampled, k)[resampled])
    both[:, : found.shape[1]] = found
    return both / np.maximum(both.sum(1), 1)[:, None]


def across(labels: np.ndarray, coarser: np.ndarray) -> np.ndarray:
    """Measure whether the customers of each segment were together when there was one segment fewer.

    Returns
    -------
    numpy.ndarray
        Per segment 1 − H / log(number of coarser segments), where H is the entropy of the
        coarser segments that its customers come from; 1 if they all come from one (Dolnicar
        and Leisch, 2017).

    Examples
    --------
    >>> across(np.array([0, 0, 1, 1, 2, 2]), np.array([0, 0, 1, 1, 0, 1])).tolist()
    [1.0, 1.0, 0.0]
    """
    both = crossing(labels, coarser)
    share = both / np.maximum(both.sum(1), 1)[:, None]
    entropy = -(share * np.log(np.where(share > 0, share, 1))).sum(1)
    return 1 - entropy / max(np.log(both.shape[1]), 1e-12) * (both.shape[1] > 1)


def prediction_strength(labels: np.ndarray, predicted: np.ndarray) -> float:
    """Measure how well segments of one half are predicted from the other half.

    Parameters
    ----------
    labels
        Segments found in the rows of the second half.
    predicted
        Segments of the same rows by a model fitted on the first half.

    Returns
    -------
    float
        Of the pairs of rows in one segment the share that is predicted to be in one segment,
        for the segment for which it is least (Tibshirani and Walther, 2005).

    Examples
    --------
    >>> prediction_strength(np.array([0, 0, 0, 1, 1]), np.array([1, 1, 0, 0, 0])).__round__(2)
    0.33
    """
    both = crossing(labels, predicted).astype(float)
    pairs = both.sum(1) * (both.sum(1) - 1)
    together = (both * (both - 1)).sum(1)
    return float((together[pairs > 0] / pairs[pairs > 0]).min(initial=1.0))


def by_size(labels: np.ndarray) -> np.ndarray:
    """Renumber segments from 1 by size, the largest first, whatever they were called.

    Examples
    --------
    >>> by_size(np.array([7, 2, 2, 7, 2])).tolist()
    [2, 1, 1, 2, 1]
    """
    values, first, counts = np.unique(labels, return_index=True, return_counts=True)
    order = sorted(range(len(values)), key=lambda i: (-counts[i], first[i]))
    place = {values[i]: n for n, i in enumerate(order, 1)}
    return np.array([place[label] for label in labels], dtype="int64")
