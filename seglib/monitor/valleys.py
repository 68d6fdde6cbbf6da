"""Whether customers of two segments are apart: the valley between them, in this month and in the earlier one."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd
from sklearn.neighbors import KNeighborsClassifier

from seglib import estimators
from seglib.monitor.thresholds import FEWEST, MOST_ROWS, NEIGHBOURS, ROUNDS, SHRUNK


@dataclass(frozen=True)
class Space:
    """The segmentation variables of two months, prepared alike.

    Attributes
    ----------
    now, then
        One row per customer (index), as numbers; at most `MOST_ROWS` drawn customers of each month.
    """

    now: pd.DataFrame
    then: pd.DataFrame

    @classmethod
    def of(cls, now: pd.DataFrame, then: pd.DataFrame, seed: int = 0) -> Space:
        """Take prepared rows, by customer, of two months."""
        drawn = [t.sample(min(len(t), MOST_ROWS), random_state=seed) for t in (now, then)]
        both = pd.concat(drawn)
        numbers = pd.DataFrame(estimators.coded(both), both.index).fillna(0.0)
        return cls(numbers.iloc[: len(drawn[0])], numbers.iloc[len(drawn[0]) :])

    def placed(self, labels: pd.Series) -> pd.Series:
        """Give customers of the earlier month the label that their nearest neighbours have now."""
        own = labels.reindex(self.now.index).dropna().astype(int)
        fit = KNeighborsClassifier(min(NEIGHBOURS, len(own))).fit(self.now.loc[own.index], own)
        return pd.Series(fit.predict(self.then), self.then.index)


def valley(one: np.ndarray, other: np.ndarray) -> float:
    """Measure how far the density falls between two groups, as a share of the lower of the peaks beside.

    Parameters
    ----------
    one, other
        Where the customers of each group lie on a line.

    Returns
    -------
    float
        0 where both are one heap, 1 where no customer is between them; 0 where a group has too few customers.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> x = np.sort(rng.normal(size=400))
    >>> round(valley(x[:200], x[200:]), 1), round(valley(x, x + 6), 1)
    (0.0, 1.0)
    """
    if min(len(one), len(other)) < FEWEST // 2:
        return 0.0
    n = len(one) + len(other)
    spread = np.sqrt((len(one) * one.var() + len(other) * other.var()) / n)
    low, high = sorted((float(one.mean()), float(other.mean())))
    if spread == 0:
        return float(high > low)
    width = 1.06 * spread * min(len(one), len(other)) ** -0.2  # Silverman (1986, section 3.4.2)
    at = np.linspace(low, high, 65)
    density = _density(np.r_[one, other], at, width)
    floor = int(density.argmin())
    peaks = min(density[: floor + 1].max(), density[floor:].max())
    return float(1 - density[floor] / peaks) if peaks > 0 else 0.0


def _density(points: np.ndarray, at: np.ndarray, width: float) -> np.ndarray:
    return np.exp(-0.5 * ((at[:, None] - points[None, :]) / width) ** 2).sum(axis=1)


@dataclass(frozen=True)
class Divide:
    """A plane between two groups of customers, and how deep the valley at it is.

    Attributes
    ----------
    way, level
        A customer is on the far side if their variables times `way` are above `level`.
    depth
        From `valley`, of customers who did not place the plane.
    """

    way: np.ndarray
    level: float
    depth: float = 0.0

    @classmethod
    def of(cls, rows: pd.DataFrame, one: pd.Index, other: pd.Index) -> Divide:
        """Find the plane between two groups, whom a fit may have distinguished badly, and its depth.

        A linear discriminant (Fisher, 1936) with one covariance, shrunk towards that of unrelated variables,
        placed again between the groups that it distinguishes. Its depth is that of one half of the customers
        where the other half placed the plane.
        """
        x = rows.loc[one.append(other)].to_numpy()
        far = np.repeat([False, True], [len(one), len(other)])
        halves = [np.arange(len(x)) % 2 == half for half in (0, 1)]
        depths = [_depth(*_plane(x[h], far[h]), x[~h]) for h in halves]
        return cls(*_plane(x, far), float(np.mean(depths)))

    def depth_of(self, rows: pd.DataFrame, customers: pd.Index) -> float:
        """Measure the valley that the plane meets in other customers."""
        return _depth(self.way, self.level, rows.loc[customers].to_numpy())


def _plane(x: np.ndarray, far: np.ndarray) -> tuple[np.ndarray, float]:
    way, level = np.zeros(x.shape[1]), 0.0
    for _ in range(ROUNDS):
        if min(far.sum(), (~far).sum()) < FEWEST // 2:
            break
        one, other = x[~far], x[far]
        within = np.cov(np.vstack([one - one.mean(0), other - other.mean(0)]).T).reshape(2 * way.shape)
        within = (1 - SHRUNK) * within + SHRUNK * np.diag(np.diag(within) + 1e-9)
        way = np.linalg.solve(within, other.mean(0) - one.mean(0))
        level = float((one.mean(0) + other.mean(0)) @ way / 2)
        far = x @ way > level
    return way, level


def _depth(way: np.ndarray, level: float, x: np.ndarray) -> float:
    height = x @ way - level
    return valley(height[height <= 0], height[height > 0])
