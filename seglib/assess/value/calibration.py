"""Calibration: what the model would have predicted for the last part of the period, and what happened."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, replace

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
    *("segment", "of", "buyers", "expected", "low", "high", "happened", "ratio"),
    *("covered", "since", "until", "why"),
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


@dataclass(frozen=True)
class HeldBack:
    """One test of the model: purchases before a day, and what happened after it.

    Attributes
    ----------
    since, until
        The day from which on, and the one before which purchases are held back.
    before
        From `histories`, before the first of them.
    after
        One row per customer of these: customer, happened (days with a purchase that were held back).
    segments
        One row per customer: customer, segment, formed from what was known on the day `since`; without,
        all buyers are compared together.
    why
        Why there are no segments, if there are none.
    """

    since: dt.date
    until: dt.date
    before: pd.DataFrame
    after: pd.DataFrame
    segments: pd.DataFrame | None = None
    why: str = ""


def held_back(
    orders: ibis.Table, since: dt.date, until: dt.date, segments: pd.DataFrame | None = None, why: str = ""
) -> HeldBack:
    """Read the purchases of one test: orders (customer, time, amount) before a day, and after it."""
    before = histories(orders, since)
    after = before[["customer"]].merge(happened(orders, since, until), on="customer", how="left")
    return HeldBack(since, until, before, after.fillna({"happened": 0}), segments, why)


def calibration(test: HeldBack, assumptions: Assumptions | None = None) -> pd.DataFrame:
    """Fit on the purchases before a day, and compare what is predicted after it with what happened.

    Parameters
    ----------
    test
        From `held_back`.
    assumptions
        What is assumed; its days are those of the test.

    Returns
    -------
    pandas.DataFrame
        One row for all buyers of the time before, and one per segment: the table `calibration`.

    Raises
    ------
    DataError
        If the purchases before the day do not carry a model.
    """
    assumed = replace(assumptions or Assumptions(), days=(test.until - test.since).days)
    fitted = fit(test.before, assumed, money=False)
    parts = [("all", test.after.assign(segment=0))]
    if test.segments is not None:
        parts.append(("segment", test.after.merge(test.segments[["customer", "segment"]], on="customer")))
    rows = [_compared(by_segment(fitted, test.before, own), own).assign(of=of) for of, own in parts]
    table = pd.concat(rows, ignore_index=True).assign(
        since=pd.Timestamp(test.since), until=pd.Timestamp(test.until), why=test.why
    )
    table["segment"] = table.segment.astype("Int64").mask(table.of == "all")
    return table[[*COLUMNS]]


def _compared(ahead: pd.DataFrame, rows: pd.DataFrame) -> pd.DataFrame:
    """Add what happened to what was predicted."""
    found = ahead.rename(columns={"purchases": "expected", "purchases_low": "low", "purchases_high": "high"})
    found["happened"] = rows.groupby("segment").happened.sum().reindex(found.segment).to_numpy()
    found["ratio"] = found.expected / found.happened.where(found.happened > 0)
    return found.assign(covered=found.happened.between(found.low, found.high))


def miss(table: pd.DataFrame) -> float:
    """Measure the calibration error beyond chance.

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
