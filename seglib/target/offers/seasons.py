"""Seasons: in which months segments order."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis import _

from seglib.collect.features.orders import whole_years
from seglib.target.offers.found import Found, memberships, without_rows
from seglib.target.offers.shares import COLUMNS, order_shares
from seglib.target.thresholds import LEAST_OF_A_YEAR
from seglib.vocabulary import DAYS_PER_YEAR

_TYPES = {"segment": "int64", "month": "int64", **COLUMNS, "cycles": "int64"}


def months(orders: ibis.Table, segments: pd.DataFrame, as_of: dt.date, min_cell: int) -> Found:
    """Compare in which months segments order.

    Parameters
    ----------
    orders
        One row per customer and order: customer, time.
    segments
        One row per customer: customer, segment.
    as_of
        Nothing from this day on is looked at.
    min_cell
        Orders of a segment and month that stand for fewer customers do not count; their share is missing.

    Returns
    -------
    Found
        One row per segment and month (1 to 12): customers (with an order in it), share (of the
        segment's orders), lower, upper, overall (share of all orders), differs, more and most as
        `shares.order_shares` has them, cycles (whole years that the segment has seen: customers who
        came lately, or left, order in the months in which they were there). Of whole years only, so
        that every month counts equally often; the remark says how many. Without a whole year there
        are no rows.
    """
    ends = orders.agg(first=_.time.min(), last=_.time.max()).to_pandas().iloc[0]
    cycles, start = (
        (0, as_of)
        if pd.isna(ends["first"])
        else whole_years(ends["first"].date(), ends["last"].date(), as_of)
    )
    if not cycles:
        return Found(without_rows(_TYPES), lacking="orders of a whole year")
    within = orders.filter(orders.time >= pd.Timestamp(start).to_pydatetime())
    keyed = within.select("customer", key=within.time.month().cast("int64"))
    made = order_shares(keyed, segments, list(range(1, 13)), min_cell).rename(columns={"key": "month"})
    seen = _years_seen(within, segments, start, cycles)
    made = made.assign(cycles=made.segment.map(seen))
    return Found(made.astype(_TYPES)[list(_TYPES)], (_cycles(cycles),))


def _years_seen(within: ibis.Table, segments: pd.DataFrame, start: dt.date, years: int) -> pd.Series:
    """Count by segment the whole years that hold enough of its orders."""
    days = within.time.date().delta(ibis.literal(start), unit="day")
    year = (days / DAYS_PER_YEAR).floor().cast("int64").clip(upper=years - 1)
    joined = within.select("customer", year=year).inner_join(memberships(segments), "customer")
    counts = joined.group_by("segment", "year").agg(n=_.count()).to_pandas()
    even = counts.groupby("segment").n.transform("sum") / years
    return (counts.n >= LEAST_OF_A_YEAR * even).groupby(counts.segment).sum().clip(upper=years)


def _cycles(years: int) -> str:
    if years >= 2:
        return f"Months are those of {years} whole years."
    return (
        "Months are those of one whole year: every month was seen once only, so a season cannot be told from "
        "an event."
    )
