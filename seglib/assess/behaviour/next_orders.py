"""How soon customers of a segment order first, again and a third time, and where each segment stops."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
from ibis import _

from seglib.assess.behaviour.movement import located
from seglib.assess.contrasts import holm
from seglib.assess.thresholds import FEWEST, SIGNIFICANT, SOON
from seglib.collect.features.orders import SLACK, days_before
from seglib.statistics import Z

COLUMNS = (
    *("segment", "step", "customers", "ordered", "soon", "low", "high", "median_days", "days"),
    *("difference", "difference_low", "difference_high", "p", "differs"),
)
#: Orders that are waited for: the first after the first contact, the second after the first, and so on.
STEPS = (1, 2, 3)


def next_orders(
    transactions: ibis.Table | None,
    segments: ibis.Table,
    as_of: dt.date,
    events: ibis.Table | None = None,
) -> pd.DataFrame:
    """Estimate which share of a segment orders within `SOON` days, and after how many days half have.

    Who has not ordered by `as_of` may still do so, and counts for as long as they were observed (Kaplan
    and Meier, 1958); several orders of a day are one. The first contact is the first event, of customers
    who were not seen in the first `SLACK` days of the events and had not ordered before.

    Parameters
    ----------
    transactions
        One row per product in an order: customer, time; or nothing.
    segments
        One row per customer: customer, segment.
    as_of
        The day before which everything was observed.
    events
        One row per event: customer, time; or nothing.

    Returns
    -------
    pandas.DataFrame
        The table `next_orders`: one row per segment and step, and per step for all customers; none without
        transactions.
    """
    if transactions is None:
        return pd.DataFrame(columns=list(COLUMNS))
    days = transactions.select("customer", ago=days_before(as_of, transactions.time)).distinct()
    placed = days.mutate(order=ibis.row_number().over(group_by="customer", order_by=ibis.desc("ago")) + 1)
    steps = placed.filter(_.order <= STEPS[-1]).select("customer", "ago", order=_.order.cast("int64"))
    if events is not None:
        steps = steps.union(_contacts(events, as_of))
    square = located(steps, segments).to_pandas()
    square = square.pivot(index=["customer", "segment"], columns="order", values="ago")
    square = square.reindex(columns=range(STEPS[-1] + 1)).astype(float)
    square[0] = square[0].where(~(square[1] > square[0]))  # had ordered before
    groups = square.index.get_level_values("segment").to_numpy()
    rows = []
    for step in STEPS:
        begun = square[step - 1].notna()
        waited = (square[step - 1] - square[step].fillna(0.0))[begun].to_numpy()
        came = square[step].notna()[begun].to_numpy()
        if len(waited) < FEWEST:
            continue
        everyone = _waiting(waited, came)
        rows.append({"segment": np.nan, "step": step} | everyone)
        for segment in sorted(set(groups[begun])):
            own = groups[begun] == segment
            if own.sum() >= FEWEST:
                compared = _against(waited, came, own, everyone)
                rows.append({"segment": segment, "step": step} | compared)
    table = pd.DataFrame(rows, columns=[*COLUMNS, "variance"])
    p = holm(table.p)
    return table.assign(p=p, differs=p < SIGNIFICANT)[list(COLUMNS)]


def _contacts(events: ibis.Table, as_of: dt.date) -> ibis.Table:
    """Find the first contact of each customer, as order 0, where events reach back before it."""
    days = events.select("customer", ago=days_before(as_of, events.time))
    first = days.group_by("customer").agg(ago=_.ago.max())
    new = first.filter(_.ago < ibis.literal(days.ago.max().to_pandas()) - SLACK)
    return new.select("customer", "ago", order=ibis.literal(0, "int64"))


def _against(
    waited: np.ndarray, came: np.ndarray, own: np.ndarray, everyone: dict[str, float]
) -> dict[str, float]:
    """Compare a segment with all customers; its error is that against the others, times their part."""
    from scipy.stats import norm

    row = _waiting(waited[own], came[own])
    if (~own).sum() < FEWEST or row["soon"] != row["soon"] or everyone["soon"] != everyone["soon"]:
        return row
    rest = _waiting(waited[~own], came[~own])
    error = (1 - own.mean()) * np.sqrt(row["variance"] + rest["variance"])
    difference = row["soon"] - everyone["soon"]
    ends = {"difference_low": difference - Z * error, "difference_high": difference + Z * error}
    p = 2 * float(norm.sf(abs(difference) / error)) if error > 0 else np.nan
    return row | {"difference": difference, "p": p} | ends


def _waiting(waited: np.ndarray, came: np.ndarray) -> dict[str, float]:
    from lifelines import KaplanMeierFitter

    fit = KaplanMeierFitter().fit(waited, came)
    row: dict[str, float] = {"customers": len(waited), "ordered": int(came.sum()), "days": SOON}
    seen = bool(waited.max() >= SOON)
    ends = fit.confidence_interval_.loc[:SOON].iloc[-1] if seen else pd.Series([np.nan, np.nan])
    soon = 1 - float(fit.predict(SOON)) if seen else np.nan
    row |= {"soon": soon, "low": 1 - float(ends.iloc[1]), "high": 1 - float(ends.iloc[0])}
    at = fit.event_table.loc[:SOON]
    left = at.at_risk * (at.at_risk - at.observed)
    row["variance"] = (1 - soon) ** 2 * float((at.observed / left.where(left > 0)).sum())  # Greenwood, 1926
    median = float(fit.median_survival_time_)
    return row | {"median_days": median if np.isfinite(median) else np.nan}
