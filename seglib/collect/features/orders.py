"""Orders: transactions summed up, once for all bases that count them."""

from __future__ import annotations

import datetime as dt
import re

import ibis
import pandas as pd
from ibis import _

from seglib.vocabulary import YES

#: A text that says yes, or a number above zero. One pattern: the engine puts it to each text of a column once.
_SAYS_YES = rf"^({'|'.join(map(re.escape, YES))}|\+?[0-9.,]*[1-9][0-9.,]*)$"

#: Days that may be missing at both ends of a whole year, and between the last order and `as_of`.
SLACK = 28


def yes(column: ibis.Value) -> ibis.Value:
    """Read a flag, or a number of points: is it yes, or above zero? Missing is no."""
    if column.type().is_boolean():
        flag = column
    elif column.type().is_numeric():
        flag = column > 0
    else:
        flag = column.cast("string").strip().lower().re_search(_SAYS_YES)
    return flag.fill_null(False)


def money(column: ibis.Value) -> ibis.Value:
    """Write a number as money, whose sums are exact in whatever order rows are read."""
    return column if column.type().is_decimal() else column.round(4).cast("decimal(18, 4)")


def days_before(as_of: dt.date, time: ibis.Value) -> ibis.Value:
    """Count whole days from a time to `as_of`."""
    return ibis.literal(as_of).delta(time.date(), unit="day")


def orders(transactions: ibis.Table) -> ibis.Table:
    """Sum transactions up to orders.

    Returns
    -------
    ibis.Table
        One row per customer and order: time (of its first row), amount (money), and as far as
        the source has them items, discounted (bool), channel (the first in the alphabet),
        loyal (bool), margin (money: amount less cost of the rows whose cost is known) and
        uncosted (money: amount of the others, missing without any).
    """
    sums = {"time": transactions.time.min(), "amount": transactions.amount.sum()}
    if "quantity" in transactions.columns:
        quantity = transactions.quantity
        exact = quantity.type().is_integer() or quantity.type().is_decimal()
        sums["items"] = (quantity if exact else quantity.round(3).cast("decimal(18, 3)")).sum()
    if "discount" in transactions.columns:
        sums["discounted"] = (transactions.discount > 0).fill_null(False).any()
    if "channel" in transactions.columns:
        sums["channel"] = transactions.channel.cast("string").min()
    if "loyalty" in transactions.columns:
        sums["loyal"] = yes(transactions.loyalty).any()
    if "cost" in transactions.columns:
        sums["margin"] = (transactions.amount - money(transactions.cost)).sum()
        sums["uncosted"] = transactions.amount.sum(where=transactions.cost.isnull())
    return transactions.group_by("customer", "order").agg(**sums)


def placed(tables: dict[str, ibis.Table]) -> ibis.Table:
    """Return the orders of a run: those computed already, or else computed here."""
    return tables["orders"] if "orders" in tables else orders(tables["transactions"])


def data_end(last: dt.date, as_of: dt.date) -> pd.Timestamp:
    """Find the day on which data end: `as_of`, or the day after the last order if that is long before it."""
    near = (as_of - last).days <= SLACK
    return pd.Timestamp(as_of) if near else pd.Timestamp(last) + pd.Timedelta(days=1)


def years_covered(orders: ibis.Table, as_of: dt.date) -> tuple[int, dt.date, pd.Timestamp]:
    """Count the whole years that a table of orders covers, as `whole_years` does; none of no rows.

    Parameters
    ----------
    orders
        One row per order, or per product in one: time.
    as_of
        Nothing from this day on is in it.

    Returns
    -------
    int, datetime.date
        As of `whole_years`; 0 and `as_of` without rows.
    pandas.Timestamp
        The day on which the data end.
    """
    ends = orders.agg(first=_.time.min(), last=_.time.max()).to_pandas().iloc[0]
    if pd.isna(ends["first"]):
        return 0, as_of, pd.Timestamp(as_of)
    first, last = ends["first"].date(), ends["last"].date()
    return *whole_years(first, last, as_of), data_end(last, as_of)


def whole_years(first: dt.date, last: dt.date, as_of: dt.date) -> tuple[int, dt.date]:
    """Count the whole years that orders cover, back from the end of the data.

    Returns
    -------
    int
        Whole years; up to `SLACK` days may be missing at both ends.
    datetime.date
        Their first day, or the first order where there is no whole year.

    Examples
    --------
    >>> whole_years(dt.date(2010, 12, 1), dt.date(2011, 12, 9), dt.date(2011, 12, 10))
    (1, datetime.date(2010, 12, 10))
    """
    end, years = data_end(last, as_of), 0
    while end - pd.DateOffset(years=years + 1) >= pd.Timestamp(first) - pd.Timedelta(days=SLACK):
        years += 1
    return years, (end - pd.DateOffset(years=years)).date() if years else first
