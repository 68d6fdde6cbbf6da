"""Batteries: items answered in the same way, and the level of agreement that goes through all of them."""

from __future__ import annotations

import numpy as np
import pandas as pd

#: Fewest items of a battery.
_ITEMS = 5
#: Columns of the table `battery`.
_COLUMNS = ("items", "level_share", "pattern_share", "lowest", "highest", "customers", "ipsatised")


def battery(features: pd.DataFrame, levels: dict[str, str]) -> list[str]:
    """Find the items of a battery: five or more segmentation variables with the same few answers.

    Parameters
    ----------
    features
        One row per customer, the segmentation variables alone.
    levels
        Level of measurement per feature.

    Returns
    -------
    list of str
        The items; empty if there are fewer. Of two batteries the longer one.

    Examples
    --------
    >>> rows = pd.DataFrame({f"q{i}": [1.0, 3.0, 5.0] for i in range(5)} | {"age": [20.0, 30.0, 40.0]})
    >>> battery(rows, dict.fromkeys(rows, "ordinal") | {"age": "ratio"})
    ['q0', 'q1', 'q2', 'q3', 'q4']
    """
    found: dict[tuple, list[str]] = {}
    for name, values in features.items():
        known = values.dropna()
        numeric = pd.api.types.is_numeric_dtype(values)
        if levels[str(name)] == "ordinal" and numeric and len(known):
            found.setdefault((float(known.min()), float(known.max())), []).append(str(name))
        elif levels[str(name)] == "binary":
            found.setdefault(("binary",), []).append(str(name))
    longest = max(found.values(), key=len, default=[])
    return longest if len(longest) >= _ITEMS else []


def answers(features: pd.DataFrame, items: list[str]) -> pd.DataFrame:
    """Write the answers to items as numbers from 0, the lowest, to 1, the highest; missing stays missing."""
    made = {}
    for item in items:
        values = features[item]
        codes = values if pd.api.types.is_numeric_dtype(values) else _codes(values)
        low, high = codes.min(), codes.max()
        made[item] = (codes.astype(float) - low) / (high - low if high > low else 1)
    return pd.DataFrame(made, index=features.index)


def _codes(values: pd.Series) -> pd.Series:
    found = sorted(values.dropna().unique(), key=str)
    return values.map({level: float(i) for i, level in enumerate(found)}).astype(float)


def level_of_agreement(
    features: pd.DataFrame, items: list[str], segments: pd.Series, ipsatised: bool = False
) -> pd.DataFrame:
    """Measure how much of what differs between segments is that some agree more than others with everything.

    The differences of the segments' mean answers from those of all are split into the mean over the
    items (the level) and what is left (the pattern), both weighted by customers. Differences that
    sampling alone makes are taken off both.

    Parameters
    ----------
    features
        One row per customer.
    items
        From `battery`.
    segments
        Segment of each customer.
    ipsatised
        Whether the level had been taken out before segments were formed.

    Returns
    -------
    pandas.DataFrame
        The table `battery`: one row, or none if there is no battery or one segment; both shares are
        missing where segments do not differ beyond chance.
    """
    numbers = answers(features, items)
    sizes = segments.groupby(segments.to_numpy()).size()
    if not items or len(sizes) < 2:
        return pd.DataFrame(columns=list(_COLUMNS))
    known = numbers.fillna(numbers.mean())
    means = known.groupby(segments.to_numpy()).mean()
    weights = (sizes / sizes.sum()).to_numpy()
    away = (means - known.mean()).to_numpy()
    level = away.mean(1, keepdims=True)
    own = known.mean(axis=1)
    left = known.sub(own, axis=0)
    groups = len(sizes) - 1
    between_level = float((weights * level[:, 0] ** 2).sum() - groups * own.var() / len(known))
    between_pattern = float(
        (weights[:, None] * (away - level) ** 2).sum(0).mean() - groups * left.var().mean() / len(known)
    )
    total = max(between_level, 0) + max(between_pattern, 0)
    share = max(between_level, 0) / total if total > 0 else np.nan
    by_level = own.groupby(segments.to_numpy()).mean()
    row = (len(items), share, 1 - share, by_level.min(), by_level.max(), len(known), ipsatised)
    return pd.DataFrame([dict(zip(_COLUMNS, row, strict=True))])
