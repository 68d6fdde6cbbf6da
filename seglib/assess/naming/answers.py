"""Ordered answers, which are computed as numbers and told as answers."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd


def middle_answer(values: pd.Series, answers: Mapping[float, str]) -> str | None:
    """Find the answer of the customer in the middle; none where nothing is known.

    Parameters
    ----------
    values
        Numbers of ordered answers; missing where none was given.
    answers
        The answer that each number means, ascending.

    Examples
    --------
    >>> bands = {1.0: "18 to 24", 2.0: "25 to 34", 3.0: "35 and over"}
    >>> middle_answer(pd.Series([1.0, 2, 2, 3]), bands), middle_answer(pd.Series([1.0, 3, 3, None]), bands)
    ('25 to 34', '35 and over')
    """
    known = values.dropna().astype(float)
    if known.empty or not answers:
        return None
    middle = float(known.quantile(0.5, interpolation="lower"))
    return answers[min(answers, key=lambda number: abs(number - middle))]
