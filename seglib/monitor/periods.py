"""How segments fare over time: sales, retention, satisfaction and the gain over the universal holdout."""

from __future__ import annotations

import itertools
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seglib.assess.campaigns.two_groups import welch
from seglib.monitor.history import Past
from seglib.statistics import Z, student, wilson

#: Whose segment counts: that of the first run, held fixed, so that survivors do not flatter it; or that of each run.
VIEWS = ("first assigned", "as of each run")
#: Columns of the table `success`.
COLUMNS = (
    *("view", "segment", "start", "as_of", "days", "customers", "buyers", "retention", "low", "high"),
    *("revenue", "per_customer", "growth", "growth_low", "growth_high", "season", "a_year_ago"),
    *("answers", "satisfaction", "satisfaction_low", "satisfaction_high"),
    *("held_out", "gain", "gain_low", "gain_high"),
)
_YEAR = pd.DateOffset(years=1)


@dataclass(frozen=True)
class Record:
    """What customers did, as far as it is known.

    Attributes
    ----------
    orders
        Since the first run, one row per product in an order: customer, time, amount.
    daily
        Revenue of all customers by day (index), since the data begin.
    answers
        One row per answer to the question on satisfaction: customer, time, score.
    holdout
        The universal holdout, one row per customer: customer, arm (treatment or holdout), first_assigned.
    """

    orders: pd.DataFrame
    daily: pd.Series | None = None
    answers: pd.DataFrame | None = None
    holdout: pd.DataFrame | None = None


def success(pasts: list[Past], record: Record) -> pd.DataFrame:
    """Follow each segment from run to run.

    Parameters
    ----------
    pasts
        The runs, the oldest first.
    record
        What customers did since the first of them.

    Returns
    -------
    pandas.DataFrame
        The table `success`, one row per view, segment and period between two runs. Growth is of revenue per
        customer and day against the period before, with an interval of the logarithm of the ratio that
        follows the same customers through both; season is the change of all customers' revenue a day between
        the same periods a year earlier; a_year_ago compares with the period that began a year before.
    """
    parts: list[pd.DataFrame] = []
    first = pasts[0].tables["segments"]
    earlier: dict[str, pd.DataFrame] = {}
    for before, now in itertools.pairwise(pasts):
        start, end = (pd.Timestamp(past.as_of).as_unit("ns") for past in (before, now))
        for view, segments in zip(VIEWS, (first, before.tables["segments"]), strict=True):
            own = _followed(segments, record, start, end)
            part = _sums(own).join(_growth(own, earlier.get(view))).join(_gains(own, record.holdout, start))
            part = part.join(_content(own, record.answers, start, end))
            season = _season(record.daily, start, end, earlier.get(view))
            parts.append(part.reset_index().assign(view=view, start=start, as_of=now.as_of.isoformat()))
            parts[-1] = parts[-1].assign(days=(end - start).days, season=season)
            earlier[view] = own.assign(start=start)
    if not parts:
        return pd.DataFrame(columns=list(COLUMNS))
    table = pd.concat(parts, ignore_index=True).sort_values(["view", "segment", "start"], ignore_index=True)
    table["a_year_ago"] = _against_a_year_ago(table.assign(daily=table.per_customer / table.days))
    return table[list(COLUMNS)].replace([np.inf, -np.inf], np.nan)


def _followed(segments: pd.DataFrame, record: Record, start: pd.Timestamp, end: pd.Timestamp) -> pd.DataFrame:
    """Find what the customers of segments brought in a period; who is no longer there brought nothing."""
    orders = record.orders
    bought = orders[(orders.time >= start) & (orders.time < end)].groupby("customer").amount.sum()
    amount = segments.customer.map(bought).fillna(0.0)
    return segments[["customer", "segment"]].assign(
        amount=amount, bought=amount > 0, daily=amount / (end - start).days
    )


def _sums(own: pd.DataFrame) -> pd.DataFrame:
    sums = own.groupby("segment").agg(
        customers=("customer", "size"), buyers=("bought", "sum"), revenue=("amount", "sum")
    )
    sums["retention"], sums["per_customer"] = sums.buyers / sums.customers, sums.revenue / sums.customers
    return sums.join(wilson(sums.buyers, sums.customers))


def _growth(own: pd.DataFrame, before: pd.DataFrame | None) -> pd.DataFrame:
    """Compare revenue per customer and day with the period before, by the logarithm of the ratio of means."""
    columns = ["growth", "growth_low", "growth_high"]
    if before is None:
        return pd.DataFrame(columns=columns, dtype=float)
    parts = []
    for rows in (own, before):
        groups = rows.groupby("segment").daily
        weight = (rows.daily / groups.transform("mean") - 1) / groups.transform("size")
        parts.append(rows[["segment", "customer"]].assign(weight=weight))
    both = parts[0].merge(parts[1], on=["segment", "customer"], how="outer", suffixes=("", "_before"))
    apart = (both.weight.fillna(0.0) - both.weight_before.fillna(0.0)) ** 2
    error = np.sqrt(apart.groupby(both.segment).sum())
    with np.errstate(divide="ignore", invalid="ignore"):
        log = np.log(own.groupby("segment").daily.mean() / before.groupby("segment").daily.mean())
    bought = (t.groupby("segment").bought.sum() for t in (own, before))
    known = np.isfinite(log) & np.logical_and(*(n.reindex(log.index, fill_value=0) > 1 for n in bought))
    ends = {"growth": log, "growth_low": log - Z * error, "growth_high": log + Z * error}
    table = pd.DataFrame({name: np.expm1(x) for name, x in ends.items()})
    table.loc[~known, ["growth_low", "growth_high"]] = np.nan
    return table


def _gains(own: pd.DataFrame, holdout: pd.DataFrame | None, start: pd.Timestamp) -> pd.DataFrame:
    """Compare revenue per customer with that of the universal holdout, of those assigned by then."""
    columns = ["held_out", "gain", "gain_low", "gain_high"]
    if holdout is None or holdout.empty:
        return pd.DataFrame(columns=columns, dtype=float)
    known = own.merge(holdout[holdout.first_assigned <= start][["customer", "arm"]], on="customer")
    arm = known.arm.map({"treatment": "contacted", "holdout": "holdout"})
    sums = known.groupby(["segment", arm]).amount.agg(["mean", "var", "size"]).unstack("arm")
    whole = pd.MultiIndex.from_product([["mean", "var", "size"], ["contacted", "holdout"]])
    sums = sums.reindex(columns=whole)
    found = welch(sums["mean"], sums["var"], sums["size"].fillna(0))
    gains = found.rename(
        columns={"effect": "gain", "effect_low": "gain_low", "effect_high": "gain_high"}
    ).assign(held_out=sums["size"].holdout.fillna(0))
    return gains[columns]


def _content(
    own: pd.DataFrame, answers: pd.DataFrame | None, start: pd.Timestamp, end: pd.Timestamp
) -> pd.DataFrame:
    """Average the last answer of each customer in a period."""
    columns = ["answers", "satisfaction", "satisfaction_low", "satisfaction_high"]
    if answers is None:
        return pd.DataFrame(columns=columns, dtype=float)
    given = answers[(answers.time >= start) & (answers.time < end)].sort_values("time", kind="stable")
    last = given.drop_duplicates("customer", keep="last").merge(own[["customer", "segment"]], on="customer")
    sums = last.groupby("segment").score.agg(["size", "mean", "var"])
    ends = student(sums["mean"], sums["var"], sums["size"])
    return pd.DataFrame(dict(zip(columns, (sums["size"], sums["mean"], *ends), strict=True)))


def _season(
    daily: pd.Series | None, start: pd.Timestamp, end: pd.Timestamp, before: pd.DataFrame | None
) -> float:
    """Find how revenue a day of all customers changed between the same two periods a year earlier."""
    if daily is None or before is None or daily.empty:
        return np.nan
    turn = before.start.iloc[0]
    if turn - _YEAR < daily.index.min():
        return np.nan
    spans = [(low - _YEAR, high - _YEAR) for low, high in ((turn, start), (start, end))]
    one, other = (
        daily[(daily.index >= low) & (daily.index < high)].sum() / (high - low).days for low, high in spans
    )
    return float(other / one - 1) if one > 0 else np.nan


def _against_a_year_ago(table: pd.DataFrame) -> pd.Series:
    """Compare each period with the one that began a year before, give or take ten days."""
    then = table[["view", "segment", "start", "daily"]].assign(start=table.start + pd.Timedelta(days=365))
    both = pd.merge_asof(
        table.reset_index().sort_values("start"),
        then.sort_values("start"),
        on="start",
        by=["view", "segment"],
        direction="nearest",
        tolerance=pd.Timedelta(days=10),
        suffixes=("", "_then"),
    ).set_index("index")
    return (both.daily / both.daily_then - 1).reindex(table.index)
