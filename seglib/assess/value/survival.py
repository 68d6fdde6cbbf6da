"""Survival: how long customers of a segment subscribe."""

from __future__ import annotations

import datetime as dt
from typing import Any

import ibis
import numpy as np
import pandas as pd

from seglib.assess.thresholds import FEWEST
from seglib.statistics import LEVEL, Z
from seglib.vocabulary import DAYS_PER_MONTH

COLUMNS = (
    *("segment", "customers", "ended", "month", "still", "low", "high", "at_risk", "gone", "within"),
    *("lifetime", "lifetime_low", "lifetime_high", "reason"),
)
#: The curve is looked at after so many months, and the last of them is the most that lifetimes are counted to.
MONTHS = (1, 2, 3, 6, 9, 12, 18, 24, 30, 36, 48, 60)


def spells(subscriptions: ibis.Table, as_of: dt.date) -> pd.DataFrame:
    """Sum up how long each customer has subscribed: from the first contract to the end of the last.

    Parameters
    ----------
    subscriptions
        One row per contract: customer, start, and end (the last day; missing while it runs).
    as_of
        The day before which it is known how contracts went.

    Returns
    -------
    pandas.DataFrame
        One row per customer with a contract: customer, months, ended (whether no contract runs).
    """
    today = ibis.literal(as_of)
    runs = ibis.literal(True)
    last = today
    if "end" in subscriptions.columns:
        end = subscriptions.end.cast("date")
        runs = (end >= today).fill_null(True)
        last = ibis.ifelse(runs, today, end)
    dated = subscriptions.select("customer", start=subscriptions.start.cast("date"), last=last, runs=runs)
    dated = dated.filter(dated.start < today)
    made = dated.group_by("customer").agg(
        first=dated.start.min(), last=dated["last"].max(), runs=dated.runs.any()
    )
    days = made["last"].delta(made["first"], unit="day")
    found = made.select("customer", months=ibis.greatest(days, 1) / DAYS_PER_MONTH, ended=~made.runs)
    return found.order_by("customer").to_pandas()


def survival(spells: pd.DataFrame, segments: pd.DataFrame, fewest: int = FEWEST) -> pd.DataFrame:
    """Estimate how many of each segment still subscribe after so many months (Kaplan and Meier, 1958).

    Parameters
    ----------
    spells
        From `spells`.
    segments
        One row per customer: customer, segment.
    fewest
        Customers of a segment who must have been observed for a month, for lifetimes to be counted to it.

    Returns
    -------
    pandas.DataFrame
        One row per segment and month: the table `survival`. Intervals are 95 %, of shares on the scale
        of log −log, of restricted means after Klein and Moeschberger (2003, section 4.5).
    """
    known = spells.merge(segments[["customer", "segment"]], on="customer")
    if not known.ended.any():
        return nothing("no contract has ended" if len(known) else "no customer has a contract")
    enough = known.groupby("segment").months.transform("size") >= max(fewest, 2)
    within = _horizon(known[enough], fewest)
    if not within:
        return nothing("too few customers have been observed for long enough")
    groups = known[enough].groupby("segment")
    made = [_curve(rows, within).assign(segment=segment) for segment, rows in groups]
    return pd.concat(made, ignore_index=True).assign(within=within, reason="")[[*COLUMNS]]


def nothing(reason: str) -> pd.DataFrame:
    """Build the empty table of `survival`, with the reason in its one row."""
    return pd.DataFrame([{"reason": reason}], columns=[*COLUMNS]).convert_dtypes().astype({"reason": object})


def _horizon(known: pd.DataFrame, fewest: int) -> int:
    """Find the last of `MONTHS` for which enough customers of every segment have been observed."""
    least = max(fewest, 2)
    come = [
        m for m in MONTHS if len(known) and ((known.months >= m).groupby(known.segment).sum() >= least).all()
    ]
    return max(come, default=0)


def _curve(rows: pd.DataFrame, within: int) -> pd.DataFrame:
    from lifelines import KaplanMeierFitter  # takes a second, and is needed only where there are contracts

    fitter = KaplanMeierFitter(alpha=1 - LEVEL).fit(rows.months, rows.ended)
    months = [0, *(m for m in MONTHS if m <= within)]
    still = fitter.survival_function_at_times(months).to_numpy()
    ends = fitter.confidence_interval_survival_function_
    at = np.searchsorted(ends.index, months, side="right") - 1
    made = pd.DataFrame(
        {
            "month": months,
            "still": still,
            "low": ends.iloc[at, 0].to_numpy(),
            "high": ends.iloc[at, 1].to_numpy(),
            "at_risk": [(rows.months >= m).sum() for m in months],
            "gone": [(rows.ended & (rows.months <= m)).sum() for m in months],
        }
    )
    mean, error = restricted_mean(fitter, within)
    return made.assign(
        gone=made.gone.diff().fillna(made.gone).astype(int),
        customers=len(rows),
        ended=int(rows.ended.sum()),
        lifetime=mean,
        lifetime_low=max(mean - Z * error, 0.0),
        lifetime_high=min(mean + Z * error, within),
    )


def restricted_mean(fitter: Any, within: float) -> tuple[float, float]:
    """Compute the mean lifetime up to a month, and its standard error.

    Parameters
    ----------
    fitter
        A fitted Kaplan–Meier estimator of lifelines.
    within
        The month.

    Returns
    -------
    float
        The area under the curve up to the month.
    float
        Its standard error (Klein and Moeschberger, 2003, equation 4.5.2).
    """
    table = fitter.event_table
    table = table[table.index < within]
    steps = fitter.survival_function_.iloc[:, 0]
    level = steps[steps.index < within]
    areas = level.to_numpy() * np.diff([*level.index, within])
    after = areas[::-1].cumsum()[::-1]  # from each time on
    died, risk = table.observed.to_numpy(float), table.at_risk.to_numpy(float)
    left = risk * (risk - died)
    variance = (after**2 * np.divide(died, left, out=np.zeros_like(died), where=left > 0)).sum()
    return float(areas.sum()), float(np.sqrt(variance))
