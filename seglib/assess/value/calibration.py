"""Calibration: what the model would have expected of the last part of the period, and what happened."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import ibis
import numpy as np
import pandas as pd

from seglib.assess.thresholds import LEAST_DAYS
from seglib.assess.value.assumptions import Assumptions
from seglib.assess.value.fits import fit
from seglib.assess.value.histories import happened, histories
from seglib.assess.value.lifetimes import by_segment
from seglib.statistics import Z

#: The most days that are held back, the shares of the period, and the days between two tests.
_HELD_BACK, _SHARES, _APART = 39 * 7, (1 / 3, 1 / 2), 28
COLUMNS = (
    "segment",
    "of",
    "buyers",
    "expected",
    "low",
    "high",
    "happened",
    "ratio",
    "covered",
    "since",
    "until",
    "why",
)


def split_days(first: dt.date, until: dt.date) -> list[dt.date]:
    """Choose the days from which on purchases are held back: the last third of the period, and the last half.

    One test may meet a quiet season or a loud one; two say more. No more than 39 weeks are held back, and
    no fewer than `LEAST_DAYS` must be left; days less than four weeks apart say the same.

    Parameters
    ----------
    first
        The day of the first purchase.
    until
        The day before which purchases are known.

    Examples
    --------
    >>> [str(day) for day in split_days(dt.date(1997, 1, 1), dt.date(1998, 7, 1))]
    ['1997-12-31', '1997-10-01']
    >>> split_days(dt.date(2024, 1, 1), dt.date(2024, 7, 1))
    []
    """
    made: list[dt.date] = []
    for share in _SHARES:
        day = until - dt.timedelta(days=min(_HELD_BACK, int((until - first).days * share)))
        if (day - first).days >= LEAST_DAYS and all((other - day).days >= _APART for other in made):
            made.append(day)
    return made


def calibration(
    orders: ibis.Table,
    split: dt.date,
    until: dt.date,
    assumptions: Assumptions | None = None,
    segments: pd.DataFrame | None = None,
    why: str = "",
) -> pd.DataFrame:
    """Fit on the purchases before a day, and compare what is expected after it with what happened.

    Parameters
    ----------
    orders
        One row per order: customer, time, amount.
    split, until
        The day from which on, and the one before which purchases are compared.
    assumptions
        What is assumed; its days are those between the two.
    segments
        One row per customer: customer, segment, formed from what was known on the day `split`;
        without, all buyers are compared together.
    why
        Why there are no segments, if there are none.

    Returns
    -------
    pandas.DataFrame
        One row for all buyers of the time before, and one per segment: segment (missing of all), of
        (all or segment), buyers, expected, low, high and happened (days with a purchase), ratio
        (expected to happened), covered (whether the interval holds what happened), since and until
        (days), why.

    Raises
    ------
    DataError
        If the purchases before the day do not carry a model.
    """
    told = replace(assumptions or Assumptions(), days=(until - split).days)
    known = histories(orders, split)
    fitted = fit(known, told, money=False)
    after = (
        known[["customer"]]
        .merge(happened(orders, split, until), on="customer", how="left")
        .fillna({"happened": 0})
    )
    everyone = after.assign(segment=0)
    parts = [("all", everyone)]
    if segments is not None:
        parts.append(("segment", after.merge(segments[["customer", "segment"]], on="customer")))
    made = [_compared(by_segment(fitted, known, rows), rows).assign(of=of) for of, rows in parts]
    table = pd.concat(made, ignore_index=True).assign(
        since=pd.Timestamp(split), until=pd.Timestamp(until), why=why
    )
    table["segment"] = table.segment.astype("Int64").mask(table.of == "all")
    return table[[*COLUMNS]]


def _compared(ahead: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Put what happened beside what was expected."""
    found = ahead.rename(columns={"purchases": "expected", "purchases_low": "low", "purchases_high": "high"})
    found["happened"] = rows.groupby("segment").happened.sum().reindex(found.segment).to_numpy()
    found["ratio"] = found.expected / found.happened.where(found.happened > 0)
    return found.assign(covered=found.happened.between(found.low, found.high))


def miss(table: pd.DataFrame) -> float:
    """Measure by how much calibration missed beyond chance.

    Parameters
    ----------
    table
        From `calibration`, of one or several tests.

    Returns
    -------
    float
        The root of the mean squared logarithm of ratios, less what the intervals allow for, weighed
        by what was expected, over all tests; of segments, or where there are none of all buyers. 0.1
        is an error of about 10 %.
    """
    own = table.groupby("since").of.transform(lambda of: (of == "segment").any())
    rows = table[(table.of == "segment") | ~own]
    rows = rows[rows.expected > 0]
    if rows.empty:
        return float("nan")
    error = np.log((rows.expected + 0.5) / (rows.happened + 0.5)) ** 2
    chance = (np.log((rows.high + 0.5) / (rows.low + 0.5)) / (2 * Z)) ** 2
    return float(np.sqrt(max(np.average(error - chance, weights=rows.expected), 0.0)))
