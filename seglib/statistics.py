"""Intervals that several rooms share, at one level, and the prior of shares."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

#: Two-sided level of all intervals.
LEVEL = 0.95
#: Probabilities of the ends of an interval.
ENDS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
#: Standard deviations of a normal from its middle to either end of an interval.
Z = NormalDist().inv_cdf(ENDS[1])
#: The same of a range of 90 %, which plays state what is believed in.
Z90 = NormalDist().inv_cdf(0.95)


def wilson(yes: pd.Series, n: pd.Series) -> pd.DataFrame:
    """Bound shares (Wilson, 1927, JASA 22).

    Parameters
    ----------
    yes, n
        Of whom it holds, and all; n may be an effective number.

    Returns
    -------
    pandas.DataFrame
        low and high, 0 to 1; missing where a number is missing, or n is zero.

    Examples
    --------
    >>> wilson(pd.Series([10, 0]), pd.Series([100, 10])).round(4).to_numpy().tolist()
    [[0.0552, 0.1744], [0.0, 0.2775]]
    """
    from statsmodels.stats.proportion import proportion_confint  # slow to import

    yes, n = yes.astype("float64"), n.astype("float64")
    known = (yes.notna() & (n > 0)).to_numpy()
    ends = np.full((2, len(n)), np.nan)
    ends[:, known] = proportion_confint(
        yes[known].to_numpy(), n[known].to_numpy(), 1 - LEVEL, method="wilson"
    )
    low, high = np.clip(ends, 0, 1)
    # shares of 0 and 1 have exact ends, without rounding errors
    return pd.DataFrame(
        {
            "low": np.where(known & (yes <= 0), 0.0, low),
            "high": np.where(known & (yes >= n), 1.0, high),
        },
        index=n.index,
    )


def student(mean: pd.Series, variance: pd.Series, n: pd.Series) -> tuple[pd.Series, pd.Series]:
    """Bound means by Student's t (1908), from sums: missing below two customers.

    Parameters
    ----------
    mean, variance, n
        Mean, sample variance and number of customers.

    Examples
    --------
    >>> low, high = student(pd.Series([7.0]), pd.Series([10 / 3]), pd.Series([4]))
    >>> [round(float(end[0]), 2) for end in (low, high)]
    [4.09, 9.91]
    """
    from scipy import stats  # slow to import

    low, high = stats.t.interval(LEVEL, (n - 1).where(n > 1))
    error = np.sqrt(variance / n)
    return mean + low * error, mean + high * error


def beta_prior(share: pd.Series, of: pd.Series) -> tuple[float, float]:
    """Learn how far customers' shares differ beyond chance.

    The customers' true shares follow a beta distribution; its mean is the share of all orders, its weight
    comes from the analysis of variance of shares between and within customers (Kleinman, 1973).

    Parameters
    ----------
    share
        One per customer, 0 to 1.
    of
        The orders that it is a share of.

    Returns
    -------
    mean : float
        Share of all orders (0 to 1).
    weight : float
        Orders that the mean counts as in each customer's share; infinite if customers do not differ
        beyond chance, or none has two orders.

    Examples
    --------
    >>> beta_prior(pd.Series([0.0, 1.0, 0.0, 1.0]), pd.Series([9, 9, 9, 9]))
    (0.5, 0.0)
    >>> beta_prior(pd.Series([0.0, 1.0, 0.0, 1.0]), pd.Series([1, 1, 1, 1]))
    (0.5, inf)
    """
    orders, customers = float(of.sum()), len(of)
    mean = float((share * of).sum() / orders)
    if orders == customers or customers < 2:
        return mean, np.inf
    between = float((of * (share - mean) ** 2).sum()) / (customers - 1)
    within = float((of * share * (1 - share)).sum()) / (orders - customers)
    usual = (orders - float((of**2).sum()) / orders) / (customers - 1)
    alike = (between - within) / max(between + (usual - 1) * within, 1e-12)
    return mean, (1 - alike) / alike if alike > 0 else np.inf
