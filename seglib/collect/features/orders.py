"""Orders: transactions summed up, once for all bases that count them."""

from __future__ import annotations

import datetime as dt
import re

import ibis

from seglib.vocabulary import YES

#: A text that says yes, or a number above zero. One pattern: the engine puts it to each text of a column once.
_SAYS_YES = rf"^({'|'.join(map(re.escape, YES))}|\+?[0-9.,]*[1-9][0-9.,]*)$"


def yes(column: ibis.Value) -> ibis.Value:
    """Read a flag, or a number of points: is it yes, or above zero? Missing is no."""
    if column.type().is_boolean():
        said = column
    elif column.type().is_numeric():
        said = column > 0
    else:
        said = column.cast("string").strip().lower().re_search(_SAYS_YES)
    return said.fill_null(False)


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
    """Give the orders of a run: those computed already, or else computed here."""
    return tables["orders"] if "orders" in tables else orders(tables["transactions"])
