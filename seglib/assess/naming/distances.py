"""How far segments are from all customers, and how that varies with the customers who are drawn."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from seglib.assess.naming.profiles import scaled, square

#: Customers who are drawn at a time, so that memory does not grow with their number.
_AT_ONCE = 20_000


@dataclass(frozen=True)
class Resampled:
    """Distances on bootstrap samples of customers.

    Attributes
    ----------
    traits
        Feature and answer (empty for a number).
    segments
        The segments.
    distances
        One entry per sample, segment and trait; missing where none of the customers is known.
    correlations
        Between traits over all customers, of both known.
    """

    traits: pd.MultiIndex
    segments: pd.Index
    distances: np.ndarray
    correlations: np.ndarray


def traits(profiles: pd.DataFrame) -> pd.MultiIndex:
    """List by what any segment stands out: feature and answer (empty for a number), each once."""
    loud = profiles[profiles.stands_out]
    return square(loud).index if len(loud) else square(profiles).index[:0]


def columns(features: pd.DataFrame, wanted: pd.MultiIndex) -> np.ndarray:
    """Express customers in standard deviations: one row each, one column per feature or answer.

    A number is scaled as in `profiles.profiles`; an answer is 1 where it is given, 0 where another is.
    """
    made = np.empty((len(features), len(wanted)), dtype="float32")
    for at, (name, answer) in enumerate(wanted):
        values = features[name]
        if answer:
            text = values.astype("string")
            values = (text == answer).astype("float64").mask(text.isna())
            spread = float(values.std(ddof=0)) or 1.0
            made[:, at] = (values - values.mean()) / spread
        else:
            made[:, at] = scaled(values)
    return made


def resampled(
    features: pd.DataFrame, segments: pd.Series, wanted: pd.MultiIndex, draws: int = 100, seed: int = 0
) -> Resampled:
    """Measure the distances again on bootstrap samples of customers; segments stay as they are.

    Each customer is drawn as often as a Poisson variable of mean 1 says, which is the bootstrap
    (Efron, 1979) where there are many (Oza and Russell, 2001).

    Parameters
    ----------
    features
        One row per customer.
    segments
        The segment of each, in the same order.
    wanted
        From `traits`.
    draws, seed
        Number of draws, and their seed.

    Examples
    --------
    >>> shop = pd.DataFrame({"orders": [1.0, 2, 8, 9] * 50})
    >>> wanted = pd.MultiIndex.from_tuples([("orders", "")], names=["feature", "answer"])
    >>> found = resampled(shop, pd.Series([1, 1, 2, 2] * 50), wanted)
    >>> found.distances.shape, bool((found.distances[:, 1, 0] > 0).all())
    ((100, 2, 1), True)
    """
    made = columns(features, wanted)
    groups = segments.to_numpy()
    codes = pd.Index(np.unique(groups))
    rng = np.random.default_rng(seed)
    n = len(wanted)
    sums, known = np.zeros((draws, len(codes), n)), np.zeros((draws, len(codes), n))
    together, squares = np.zeros((n, n)), np.zeros((n, n))
    for start in range(0, len(made), _AT_ONCE):
        rows = slice(start, start + _AT_ONCE)
        there = ~np.isnan(made[rows])
        values, there = np.nan_to_num(made[rows]), there.astype("float32")
        weights = rng.poisson(1.0, (draws, len(values))).astype("float32")
        for at, code in enumerate(codes):
            own = groups[rows] == code
            sums[:, at] += weights[:, own] @ values[own]
            known[:, at] += weights[:, own] @ there[own]
        together += values.T @ values
        squares += (values**2).T @ there
    return Resampled(wanted, codes, _distances(sums, known), _correlations(together, squares))


def _distances(sums: np.ndarray, known: np.ndarray) -> np.ndarray:
    """Subtract the mean of the whole sample from that of each segment."""
    own = np.divide(sums, known, out=np.full_like(sums, np.nan), where=known > 0)
    all_known = known.sum(axis=1, keepdims=True)
    everyone = np.divide(
        sums.sum(axis=1, keepdims=True), all_known, out=np.zeros_like(all_known), where=all_known > 0
    )
    return own - everyone


def _correlations(together: np.ndarray, squares: np.ndarray) -> np.ndarray:
    scale = np.sqrt(squares * squares.T)
    return np.divide(together, scale, out=np.zeros_like(together), where=scale > 0)


def beyond(distances: np.ndarray) -> np.ndarray:
    """Measure how far each segment is beyond all others in its own direction; 0 where it is not.

    Parameters
    ----------
    distances
        Of one segment per row of the last axis but one, one column per trait.

    Examples
    --------
    >>> beyond(np.array([[2.0, -0.5], [1.0, -1.5], [-3.0, 2.0]])).tolist()
    [[1.0, 0.0], [0.0, 1.0], [4.0, 2.5]]
    """
    n = distances.shape[-2]
    made = np.zeros_like(distances)
    for at in range(n):
        others, own = np.delete(distances, at, axis=-2), distances[..., at, :]
        if n > 1:
            most, least = np.fmax.reduce(others, axis=-2), np.fmin.reduce(others, axis=-2)
        else:
            most = least = np.zeros_like(own)
        made[..., at, :] = np.where(own > 0, own - np.nan_to_num(most), np.nan_to_num(least) - own)
    return np.nan_to_num(np.clip(made, 0, None))
