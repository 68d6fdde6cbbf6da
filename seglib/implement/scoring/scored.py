"""New customers scored in Python, by the same rules as the SQL."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.estimators import ZeroOne
from seglib.implement.scoring.columns import TOO_LITTLE, no_logarithm, not_finite, unknown_level
from seglib.implement.scoring.dialects import LARGEST
from seglib.implement.scoring.query import NEW_NAME
from seglib.implement.scoring.stored import StoredSegmentation
from seglib.segment.segmentation import margin
from seglib.segment.variables import complete_enough


def score(stored: StoredSegmentation, features: pd.DataFrame) -> pd.DataFrame:
    """Give customers their segments.

    Parameters
    ----------
    stored
        The segmentation.
    features
        One row per customer: customer, and the features that the model takes.

    Returns
    -------
    pandas.DataFrame
        One row per customer, in their order: customer, segment (its number in the run; missing where the
        customer cannot be scored), margin (0 on the border, towards 1 in the middle), remark (why a
        customer cannot be scored, or what was guessed; missing for all others).

    Examples
    --------
    >>> one = StoredSegmentation(None, {0: 1}, frozenset())
    >>> score(one, pd.DataFrame({"customer": ["a"]})).segment.tolist()
    [1]
    """
    result = pd.DataFrame({"customer": features.customer.to_numpy()})
    remark = pd.Series(pd.NA, result.index, "string")
    if stored.model is None:
        return result.assign(segment=pd.array([1] * len(result), "Int64"), margin=1.0, remark=remark)
    rows = features[stored.inputs].reset_index(drop=True)
    refusals, remarks = _refusals(stored, rows), _remarks(stored, rows)
    cells = usable(stored, rows)
    labels = stored.labels(cells) if len(rows) else np.empty(0, dtype="int64")
    segments = pd.Series(labels, dtype="int64").map(stored.segment_of).astype("Int64")
    refusals[NEW_NAME] = segments.isna()
    refused = pd.Series(False, result.index)
    for words, condition in {**remarks, **dict(reversed(refusals.items()))}.items():
        remark = remark.mask(condition, words)
    for condition in refusals.values():
        refused |= condition
    clear = _margin(stored, cells) if len(rows) else np.empty(0)
    return result.assign(segment=segments.mask(refused), margin=pd.Series(clear).mask(refused), remark=remark)


def _logs(stored: StoredSegmentation) -> list[str]:
    return [
        n for n, steps in stored.steps().items() if any(getattr(s, "func", None) is np.log1p for s in steps)
    ]


def _refusals(stored: StoredSegmentation, rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Mark by reason the customers who cannot be scored."""
    numeric = [c for c in stored.inputs if c in stored.numeric]
    reasons = {not_finite(c): rows[c].astype("float64").abs() > LARGEST for c in numeric}
    reasons |= {no_logarithm(c): rows[c].astype("float64") <= -1 for c in _logs(stored)}
    if stored.variables:
        reasons[TOO_LITTLE] = ~complete_enough(rows, stored.variables, stored.least_known)
    return reasons


def _remarks(stored: StoredSegmentation, rows: pd.DataFrame) -> dict[str, pd.Series]:
    """Mark by remark the customers of whom something was guessed; the first remark is kept."""
    levels = {n: steps[0].levels_[n] for n, steps in stored.steps().items() if isinstance(steps[0], ZeroOne)}
    remarks = {unknown_level(n): rows[n].notna() & ~rows[n].isin(own) for n, own in levels.items()}
    return dict(reversed(remarks.items()))


def usable(stored: StoredSegmentation, rows: pd.DataFrame) -> pd.DataFrame:
    """Blank what cannot be computed with; those customers are refused."""
    numeric = [c for c in stored.inputs if c in stored.numeric]
    numbers = {c: rows[c].astype("float64") for c in numeric}
    numbers = {c: values.where(values.abs() <= LARGEST) for c, values in numbers.items()}
    numbers |= {c: numbers[c].where(numbers[c] > -1) for c in _logs(stored)}
    return rows.assign(**numbers)


def _margin(stored: StoredSegmentation, rows: pd.DataFrame) -> np.ndarray:
    if stored.by_rules:
        return np.ones(len(rows))
    steps = stored.model.named_steps
    return margin(steps["model"], steps["preparation"].transform(rows))
