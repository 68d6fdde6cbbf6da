"""Looking at a campaign while it runs: whether its arms are as planned, and bounds that hold at any time."""

from __future__ import annotations

import numpy as np
from scipy import stats

from seglib.statistics import LEVEL


def sample_ratio(contacted: int, held: int, planned: float) -> float:
    """Test whether as many customers were held out as planned (binomial; Fabijan and others, 2019).

    Examples
    --------
    >>> sample_ratio(900, 100, 0.1), sample_ratio(1000, 50, 0.1) < 0.001
    (1.0, True)
    """
    if not 0 < planned < 1 or contacted + held == 0:
        return np.nan
    return float(min(stats.binomtest(held, contacted + held, planned).pvalue, 1.0))


def sequence(effect: float, se: float, elapsed: float) -> tuple[float, float]:
    """Bound an effect at any time before the planned end, however often it is looked at.

    The confidence sequence of a normal mixture in intrinsic time (Robbins, 1970; Howard, Ramdas, McAuliffe and
    Sekhon, Annals of Statistics, 2021, section 3), narrowest at the planned end.

    Parameters
    ----------
    effect, se
        A difference of two means and its standard error now.
    elapsed
        Share of the planned time that is over, 0 to 1: the variance grows with it.

    Examples
    --------
    >>> low, high = sequence(1.0, 0.2, 1.0)
    >>> round(low, 2), round(high, 2)
    (0.39, 1.61)
    """
    alpha = 1 - LEVEL
    log = 2 * np.log(1 / alpha)
    variance = se**2
    mixing = variance / max(elapsed, 1e-9) / (log + np.log(1 + log))
    half = np.sqrt((variance + mixing) * (np.log((variance + mixing) / mixing) + log))
    return float(effect - half), float(effect + half)
