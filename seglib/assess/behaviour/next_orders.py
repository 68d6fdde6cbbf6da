"""How soon customers of a segment order a second and a third time, and where each segment stops."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
from ibis import _

from seglib.assess.behaviour.movement import located
from seglib.assess.thresholds import FEWEST, SOON
from seglib.collect.features.orders import days_before

COLUMNS = ("segment", "step", "customers", "ordered", "soon", "low", "high", "median_days", "days")
#: Orders that are waited for: the second after the first, the third after the second.
STEPS = (2, 3)


def next_orders(transactions: ibis.Table | None, segments: ibis.Table, as_of: dt.date) -> pd.DataFrame:
    """Estimate which share of a segment orders again within `SOON` days, and after how many days half have.

    Who has not ordered again by `as_of` may still do so, and counts for as long as they were observed
    (Kaplan and Meier, 1958); several orders of a day are one.

    Parameters
    ----------
    transactions
        One row per product in an order: customer, time; or nothing.
    segments
        One row per customer: customer, segment.
    as_of
        The day before which everything was observed.

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
    first = located(placed.filter(_.order <= STEPS[-1]), segments).to_pandas()
    square = first.pivot(index=["customer", "segment"], columns="order", values="ago")
    square = square.reindex(columns=range(1, STEPS[-1] + 1)).astype(float)
    groups = square.index.get_level_values("segment")
    rows = []
    for step in STEPS:
        begun = square[step - 1].notna()
        waited = (square[step - 1] - square[step].fillna(0.0))[begun]
        came = square[step].notna()[begun]
        for segment in [np.nan, *sorted(set(groups))]:
            own = np.ones(len(waited), dtype=bool) if segment != segment else (groups[begun] == segment)
            if own.sum() >= FEWEST:
                rows.append({"segment": segment, "step": step} | _waiting(waited[own], came[own]))
    return pd.DataFrame(rows, columns=list(COLUMNS))


def _waiting(waited: pd.Series, came: pd.Series) -> dict[str, float]:
    from lifelines import KaplanMeierFitter

    fit = KaplanMeierFitter().fit(waited.to_numpy(), came.to_numpy())
    row: dict[str, float] = {"customers": len(waited), "ordered": int(came.sum()), "days": SOON}
    seen = bool(waited.max() >= SOON)
    ends = fit.confidence_interval_.loc[:SOON].iloc[-1] if seen else pd.Series([np.nan, np.nan])
    soon = 1 - float(fit.predict(SOON)) if seen else np.nan
    row |= {"soon": soon, "low": 1 - float(ends.iloc[1]), "high": 1 - float(ends.iloc[0])}
    median = float(fit.median_survival_time_)
    return row | {"median_days": median if np.isfinite(median) else np.nan}
