"""The interval of a share."""

from __future__ import annotations

import numpy as np
import pandas as pd
from statsmodels.stats.proportion import proportion_confint

#: Two-sided, of all intervals of shares.
LEVEL = 0.95


def wilson(yes: pd.Series, n: pd.Series) -> pd.DataFrame:
    """Bound shares (Wilson, 1927, JASA 22).

    Parameters
    ----------
    yes, n
        Of whom it holds, and all; n may be an effective number.

    Returns
    -------
    pandas.DataFrame
        low and high, 0 to 1; missing where a number is missing, or n is nothing.

    Examples
    --------
    >>> wilson(pd.Series([10, 0]), pd.Series([100, 10])).round(4).to_numpy().tolist()
    [[0.0552, 0.1744], [0.0, 0.2775]]
    """
    yes, n = yes.astype("float64"), n.astype("float64")
    known = (yes.notna() & (n > 0)).to_numpy()
    ends = np.full((2, len(n)), np.nan)
    ends[:, known] = proportion_confint(
        yes[known].to_numpy(), n[known].to_numpy(), 1 - LEVEL, method="wilson"
    )
    low, high = np.clip(ends, 0, 1)
    # nobody and everybody are so exactly, not but for rounding
    return pd.DataFrame(
        {
            "low": np.where(known & (yes <= 0), 0.0, low),
            "high": np.where(known & (yes >= n), 1.0, high),
        },
        index=n.index,
    )
