"""Customers who keep a season: who order in the same part of every year."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd

from seglib.assess.thresholds import SEASON, TWO_CYCLES
from seglib.collect.features.orders import days_before
from seglib.vocabulary import DAYS_PER_MONTH, ONE_YEAR


def seasons(transactions: ibis.Table, as_of: dt.date) -> ibis.Table | pd.DataFrame:
    """Find the customers who keep a season: who order in the same part of every year.

    Customers whose orders of two years or more all lie in up to `SEASON` neighbouring months are
    expected in the next season, and not overdue until a year and the length of the season have passed
    since the last order. Twice the mean gap, which counts the days within a season, would call all
    buyers of Christmas presents overdue in August.

    Parameters
    ----------
    transactions
        One row per product in an order: customer, time.
    as_of
        The day that is judged on.

    Returns
    -------
    pandas.DataFrame
        One row per customer who keeps a season: customer, months (its length), silence (days that
        are allowed).
    """
    dated = transactions.select(
        "customer", ago=days_before(as_of, transactions.time), month=transactions.time.month()
    )
    inside = {f"m{m}": (dated.month == m).any() for m in range(1, 13)}
    calendar = dated.group_by("customer").agg(seen=dated.ago.max() - dated.ago.min(), **inside)
    ordered = sum(calendar[m].cast("int64") for m in inside)
    at_most = calendar.filter(calendar.seen >= TWO_CYCLES, ordered <= SEASON).to_pandas()
    months = _season_length(at_most[list(inside)].to_numpy(bool))
    kept = at_most.assign(months=months)[["customer", "months"]]
    kept = kept[kept.months <= SEASON]
    return kept.assign(silence=ONE_YEAR + kept.months * DAYS_PER_MONTH).sort_values(
        "customer", ignore_index=True
    )


def _season_length(ordered: np.ndarray) -> np.ndarray:
    """Count the months from the first to the last of a season that may reach over the new year.

    Parameters
    ----------
    ordered
        One row per customer, one column per month of the year.

    Examples
    --------
    >>> _season_length(np.array([[1, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1, 0], [0, 0, 1, 0, 0, 0, 0, 0, 1, 0, 0, 0]]) > 0)
    array([3, 7])
    """
    shortest = np.full(len(ordered), 12)
    for start in range(12):
        turned = np.roll(ordered, -start, axis=1)
        last = 12 - np.argmax(turned[:, ::-1], axis=1)
        shortest = np.where(turned[:, 0], np.minimum(shortest, last), shortest)
    return shortest
