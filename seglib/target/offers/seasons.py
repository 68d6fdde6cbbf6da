"""Seasons: in which months segments order."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
from ibis import _

from seglib.collect.features.orders import years_covered
from seglib.target.offers.finding import Finding, memberships, without_rows
from seglib.target.offers.shares import COLUMNS, order_shares
from seglib.target.thresholds import LEAST_OF_A_YEAR
from seglib.vocabulary import DAYS_PER_YEAR

_TYPES = {"segment": "int64", "month": "int64", **COLUMNS, "cycles": "int64"}


def months(orders: ibis.Table, segments: pd.DataFrame, as_of: dt.date) -> Finding:
    """Compare in which months segments order.

    Parameters
    ----------
    orders
        One row per customer and order: customer, time.
    segments
        One row per customer: customer, segment.
    as_of
        Nothing from this day on counts.

    Returns
    -------
    Finding
        One row per segment and month (1 to 12): as `shares.order_shares` has them, and cycles (whole
        years in which the segment was present: customers who came lately, or left, order in the
        months in which they were there). Of whole years only, so that every month counts equally
        often; the remark says how many. Without a whole year there are no rows.
    """
    cycles, start, _end = years_covered(orders, as_of)
    if not cycles:
        return Finding(without_rows(_TYPES), missing="whole_year")
    within = orders.filter(orders.time >= pd.Timestamp(start).to_pydatetime())
    keyed = within.select("customer", key=within.time.month().cast("int64"))
    table = order_shares(keyed, segments, list(range(1, 13))).rename(columns={"key": "month"})
    table = table.assign(cycles=table.segment.map(_years_present(within, segments, start, cycles)))
    return Finding(table.astype(_TYPES)[list(_TYPES)], ({"code": "whole_years", "years": cycles},))


def _years_present(within: ibis.Table, segments: pd.DataFrame, start: dt.date, years: int) -> pd.Series:
    """Count by segment the whole years that hold enough of its orders."""
    days = within.time.date().delta(ibis.literal(start), unit="day")
    year = (days / DAYS_PER_YEAR).floor().cast("int64").clip(upper=years - 1)
    joined = within.select("customer", year=year).inner_join(memberships(segments), "customer")
    counts = joined.group_by("segment", "year").agg(n=_.count()).to_pandas()
    even = counts.groupby("segment").n.transform("sum") / years
    return (counts.n >= LEAST_OF_A_YEAR * even).groupby(counts.segment).sum().clip(upper=years)
