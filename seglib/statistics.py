"""Intervals and the power of comparisons that several stages share, at one level, and the prior of shares."""

from __future__ import annotations

from statistics import NormalDist

import numpy as np
import pandas as pd

from seglib.errors import DataError

#: Two-sided level of all intervals.
LEVEL = 0.95
#: Probabilities of the ends of an interval.
ENDS = ((1 - LEVEL) / 2, (1 + LEVEL) / 2)
#: Standard deviations of a normal from its middle to either end of an interval.
Z = NormalDist().inv_cdf(ENDS[1])
#: The same of a range of 90 %, which plays state what is believed in.
Z90 = NormalDist().inv_cdf(0.95)
#: Chance that a comparison shows an effect which is there (Cohen, 1988, chapter 2).
POWER = 0.8


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


def size_for_shares(
    baseline: float, effect: float, held_out: float = 0.5, power: float = POWER
) -> tuple[int, int]:
    """Compute how many customers show a difference of two shares: contacted, and held out.

    The two-sided z-test of two proportions at the level of all intervals, its variance pooled under
    no effect (Fleiss, Levin and Paik, Statistical Methods for Rates and Proportions, 2003, section 4.2).

    Parameters
    ----------
    baseline
        Share of those held out that respond, 0 to 1.
    effect
        What a contact adds to it (or takes away), in shares.
    held_out
        Share of the customers that is not contacted, between 0 and 1.
    power
        Chance that the difference is significant.

    Raises
    ------
    DataError
        If a share is outside its range, or there is no effect.

    Examples
    --------
    >>> size_for_shares(0.10, 0.05)
    (686, 686)
    >>> size_for_shares(0.10, 0.05, held_out=0.2)
    (1779, 445)
    """
    from statsmodels.stats.proportion import samplesize_proportions_2indep_onetail  # slow to import

    _checked(effect, held_out, power)
    _checked_shares(baseline, baseline + effect)
    ratio = held_out / (1 - held_out)
    contacted = samplesize_proportions_2indep_onetail(effect, baseline, power, ratio, 1 - LEVEL)
    return _arms(contacted, ratio)


def size_for_means(
    sd: float, effect: float, held_out: float = 0.5, correlation: float = 0.0, power: float = POWER
) -> tuple[int, int]:
    """Compute how many customers show a difference of two means: contacted, and held out.

    Parameters
    ----------
    sd
        Standard deviation of the outcome between customers, in its own unit.
    effect
        Difference of the means, in the same unit.
    held_out
        Share of the customers that is not contacted, between 0 and 1.
    correlation
        Of the outcome with the same number before the contact, by which it is adjusted (CUPED; Deng,
        Xu, Kohavi and Walker, WSDM 2013): the variance falls by its square.
    power
        Chance that the difference is significant (z-test, two-sided).

    Raises
    ------
    DataError
        If a number is outside its range, or there is no effect.

    Examples
    --------
    >>> size_for_means(50.0, 5.0)
    (1570, 1570)
    >>> size_for_means(50.0, 5.0, correlation=0.5)
    (1178, 1178)
    """
    from statsmodels.stats.power import NormalIndPower  # slow to import

    _checked(effect, held_out, power)
    ratio = held_out / (1 - held_out)
    contacted = NormalIndPower().solve_power(
        abs(effect) / _adjusted_sd(sd, correlation), None, 1 - LEVEL, power, ratio
    )
    return _arms(float(contacted), ratio)


def visible_share(baseline: float, contacted: float, held_out: float, power: float = POWER) -> float:
    """Compute the smallest increase of a share that a comparison would show.

    Parameters
    ----------
    baseline, power
        As `size_for_shares` takes them.
    contacted, held_out
        Customers in either arm.

    Returns
    -------
    float
        In shares; missing if an arm is empty, or no increase is large enough to be shown.

    Examples
    --------
    >>> round(visible_share(0.10, 1779, 445), 3)
    0.05
    """
    from scipy.optimize import brentq
    from statsmodels.stats.proportion import power_proportions_2indep  # slow to import

    if not (contacted >= 1 and held_out >= 1):
        return np.nan
    _checked(1.0, 0.5, power)
    _checked_shares(baseline, baseline)

    def short(effect: float) -> float:
        return float(
            power_proportions_2indep(
                effect, baseline, contacted, held_out / contacted, 1 - LEVEL, return_results=False
            )
            - power
        )

    # with a rate of 0 or 1 in both arms there is no variance
    least, most = 1e-9, 1 - baseline - 1e-9
    return float(brentq(short, least, most)) if most > least and short(most) > 0 else np.nan


def visible_mean(
    sd: float, contacted: float, held_out: float, correlation: float = 0.0, power: float = POWER
) -> float:
    """Compute the smallest difference of two means that a comparison would show, in the unit of `sd`.

    Parameters
    ----------
    sd, correlation, power
        As `size_for_means` takes them.
    contacted, held_out
        Customers in either arm; missing is returned if one is empty.

    Examples
    --------
    >>> round(visible_mean(50.0, 1570, 1570), 2)
    5.0
    """
    from statsmodels.stats.power import NormalIndPower  # slow to import

    if not (contacted >= 1 and held_out >= 1):
        return np.nan
    _checked(1.0, 0.5, power)
    effect = NormalIndPower().solve_power(None, contacted, 1 - LEVEL, power, held_out / contacted)
    return float(effect) * _adjusted_sd(sd, correlation)


def _arms(contacted: float, ratio: float) -> tuple[int, int]:
    """Round both arms up, without what rounding errors add."""
    return int(np.ceil(contacted - 1e-6)), int(np.ceil(contacted * ratio - 1e-6))


def _adjusted_sd(sd: float, correlation: float) -> float:
    if not (sd > 0 and -1 < correlation < 1):
        raise DataError(
            f"A comparison of means has a standard deviation of {sd} and a correlation of {correlation}; "
            "allowed are a standard deviation above 0 and a correlation between -1 and 1."
        )
    return float(sd * np.sqrt(1 - correlation**2))


def _checked(effect: float, held_out: float, power: float) -> None:
    if not (np.isfinite(effect) and effect != 0 and 0 < held_out < 1 and 1 - LEVEL < power < 1):
        raise DataError(
            f"A comparison has an effect of {effect}, {held_out} held out and a power of {power}; allowed are an "
            f"effect other than 0, a share between 0 and 1, and a power between {1 - LEVEL:.2f} and 1."
        )


def _checked_shares(without: float, with_contact: float) -> None:
    if not (0 <= without <= 1 and 0 <= with_contact <= 1):
        raise DataError(
            f"A comparison of shares has {without} without a contact and {with_contact:.4g} with one; allowed "
            "are shares from 0 to 1."
        )
