"""Intervals of shares: of customers, of orders that customers cluster, of paired differences."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.statistics import Z, wilson


def of_customers(yes: pd.Series, n: pd.Series) -> pd.DataFrame:
    """Bound shares of customers, as `intervals.wilson` does: lower and upper."""
    return wilson(yes, n).set_axis(["lower", "upper"], axis="columns")


def clustered(sums: pd.DataFrame) -> pd.DataFrame:
    """Bound shares of orders, which a customer's orders are not independent draws of.

    The variance of the ratio Σx / Σn over customers (Cochran, 1977, Sampling Techniques, section
    9A.1) gives the effective number of orders, and this a Wilson interval (Korn and Graubard, 1998,
    Survey Methodology 24). Where all customers are alike, and where there is none or one of them,
    the orders weigh as their customers do: (Σn)² / Σn² (Kish, 1965).

    Parameters
    ----------
    sums
        Per cell, sums over its customers: x (orders counted), n (orders), xx, xn, nn (of products),
        and clusters (customers).

    Returns
    -------
    pandas.DataFrame
        share, lower, upper.
    """
    x, n = sums.x.astype(float), sums.n.astype(float).where(sums.n > 0)
    share = x / n
    spread = (sums.xx - 2 * share * sums.xn + share**2 * sums.nn).clip(lower=0) / n**2
    spread *= sums.clusters / (sums.clusters - 1).where(sums.clusters > 1)
    alike = n**2 / sums.nn
    effective = (share * (1 - share) / spread.where(spread > 1e-12)).clip(upper=n).fillna(alike)
    return pd.concat([share.rename("share"), of_customers(share * effective, effective)], axis=1)


def paired(first: np.ndarray, second: np.ndarray) -> tuple[float, float, float]:
    """Bound how much more often one of two holds, of the same customers.

    Half a customer is added to each of the four cells (Agresti and Min, 2005, Statistics in Medicine
    24), so that few customers do not make a significant difference.

    Returns
    -------
    tuple of float
        The difference of the two shares, its lower and its upper bound.

    Examples
    --------
    >>> [round(x, 3) for x in paired(np.array([True] * 8 + [False] * 2), np.array([True] * 5 + [False] * 5))]
    [0.3, -0.044, 0.544]
    """
    n = len(first) + 2
    only_first, only_second = (first & ~second).sum() + 0.5, (second & ~first).sum() + 0.5
    middle = (only_first - only_second) / n
    half = Z * np.sqrt((only_first + only_second) / n - middle**2) / np.sqrt(n)
    found = float(first.mean() - second.mean())
    return found, max(-1.0, float(middle - half)), min(1.0, float(middle + half))
