"""Two groups, those contacted and those held out: how they differ, with intervals that hold for rare answers too."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy import stats
from statsmodels.stats.proportion import confint_proportions_2indep

from seglib.statistics import ENDS, Z

#: The columns of all tables here: those contacted, and those held out.
GROUPS = ("contacted", "holdout")
#: A normal this far out has a probability that a number can hold.
_FARTHEST = 37.0


def newcombe(yes: pd.DataFrame, n: pd.DataFrame) -> pd.DataFrame:
    """Compare two shares by Newcombe's interval (1998, method 10); p is where it meets zero.

    Parameters
    ----------
    yes, n
        One row per comparison; columns contacted and holdout: customers who responded, and all.

    Returns
    -------
    pandas.DataFrame
        effect, effect_low, effect_high, effect_sd (of a normal with so wide an interval), effect_p.

    Examples
    --------
    >>> compared = newcombe(pd.DataFrame({"contacted": [56], "holdout": [48]}),
    ...                     pd.DataFrame({"contacted": [70], "holdout": [80]}))
    >>> compared.round(4)[["effect", "effect_low", "effect_high"]].values.tolist()
    [[0.2, 0.0524, 0.3339]]
    """
    groups = list(GROUPS)
    yes_by, n_by = yes[groups].to_numpy(dtype="float64").T, n[groups].where(n > 0).to_numpy(dtype="float64").T
    low, high = _limits(yes_by, n_by, np.full(len(n), Z))
    inner, outer = np.zeros(len(n)), np.full(len(n), _FARTHEST)
    for _ in range(60):  # bisect for the z at which zero is a limit: statsmodels has no p of this interval
        middle = (inner + outer) / 2
        ends = _limits(yes_by, n_by, middle)
        inside = (ends[0] <= 0) & (ends[1] >= 0)
        inner, outer = np.where(inside, inner, middle), np.where(inside, middle, outer)
    effect = yes_by[0] / n_by[0] - yes_by[1] / n_by[1]
    return pd.DataFrame(
        {
            "effect": effect,
            "effect_low": low,
            "effect_high": high,
            "effect_sd": (high - low) / (2 * Z),
            "effect_p": np.where(np.isnan(effect), np.nan, 2 * stats.norm.sf(outer)),
        },
        index=n.index,
    )


def _limits(yes: np.ndarray, n: np.ndarray, z: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Compute both limits of each comparison, at a z of its own."""
    return confint_proportions_2indep(
        yes[0], n[0], yes[1], n[1], method="newcomb", compare="diff", alpha=2 * stats.norm.sf(z)
    )


def welch(mean: pd.DataFrame, variance: pd.DataFrame, n: pd.DataFrame) -> pd.DataFrame:
    """Compare two means by Welch's interval (1947), from sums: the libraries want the customers, or give no interval.

    Parameters
    ----------
    mean, variance, n
        One row per comparison; columns contacted and holdout.

    Returns
    -------
    pandas.DataFrame
        effect, effect_low, effect_high, effect_sd, effect_p; all but the effect are missing where
        a group has fewer than two customers or nothing varies.
    """
    part = (variance / n)[list(GROUPS)]
    error = np.sqrt(part.sum(axis=1, skipna=False))
    error = error.where(error > 0)
    freedom = error**4 / (part**2 / (n - 1).where(n > 1)).sum(axis=1, skipna=False)
    effect = mean.contacted - mean.holdout
    reach = stats.t.ppf(ENDS[1], freedom) * error
    return pd.DataFrame(
        {
            "effect": effect,
            "effect_low": effect - reach,
            "effect_high": effect + reach,
            "effect_sd": error,
            "effect_p": 2 * stats.t.sf((effect / error).abs(), freedom),
        }
    )
