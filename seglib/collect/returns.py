"""Returns and cancellations, each with the order that it reverses."""

from __future__ import annotations

from dataclasses import replace

import ibis
import pandas as pd
from ibis import _

from seglib.catalogue.sources import KINDS
from seglib.collect.ledger import Entry, Terms, entry


def matched(purchases: ibis.Table, returns: ibis.Table) -> ibis.Table:
    """Find for every return the nearest earlier purchase that it reverses.

    A return reverses a purchase of the same customer, product and amount that no other return has
    reversed yet. Taken in time, purchases open and returns close, as brackets do: the balance of
    purchases over returns, floored at zero, is the depth, and a return closes what was last opened
    at its depth.

    Parameters
    ----------
    purchases, returns
        One row per product in an order or a return: key, order, time, amount, and product where
        the source has one; amounts of returns are negative.

    Returns
    -------
    ibis.Table
        One row per return: its own columns, `reverses` (the order, missing where there is none)
        and `reverses_time`.
    """
    columns = returns.columns
    same = ["key", *(c for c in ("product",) if c in columns), "size"]
    back = returns.mutate(size=returns.amount.abs(), sign=ibis.literal(-1, "int64"))
    bought = purchases.mutate(size=purchases.amount, sign=ibis.literal(1, "int64")).semi_join(back, same)
    both = bought.select(back.columns).union(back)
    in_time = [_.time, _.sign.desc(), _.order]
    so_far = ibis.cumulative_window(group_by=same, order_by=in_time)
    both = both.mutate(balance=_.sign.sum().over(so_far))
    both = both.mutate(floor=ibis.least(_.balance.min().over(so_far), 0))
    both = both.mutate(depth=_.balance - _.floor)
    before = _.depth.lag().over(group_by=same, order_by=in_time).fill_null(0)
    both = both.mutate(level=ibis.ifelse(_.sign > 0, _.depth, before))
    opened = ibis.window(group_by=[*same, "level"], order_by=in_time)
    both = both.mutate(last=_.order.lag().over(opened), last_time=_.time.lag().over(opened))
    found = (_.sign < 0) & (_.level > 0)
    both = both.mutate(
        reverses=found.ifelse(_.last, ibis.null("string")),
        reverses_time=found.ifelse(_.last_time, ibis.null("timestamp")),
    )
    return both.filter(_.sign < 0).select(*columns, "reverses", "reverses_time")


def partly_matched(purchases: ibis.Table, returns: ibis.Table) -> ibis.Table:
    """Find, for returns that reverse no whole row, the nearest earlier one that they reverse a part of.

    Parameters
    ----------
    purchases
        As `matched` takes them.
    returns
        From `matched`.

    Returns
    -------
    ibis.Table
        The returns, with `part`: whether they reverse a part of `reverses`.
    """
    numbered = returns.mutate(place=ibis.row_number().over(order_by=["key", "time", "order", "amount"]))
    same = ["key", *(c for c in ("product",) if c in returns.columns)]
    lone = numbered.filter(_.reverses.isnull()).select(*same, "place", "time", "amount")
    bought = purchases.select(*same, bought=_.time, whole_order=_.order, whole=_.amount)
    pairs = lone.inner_join(bought, same)
    pairs = pairs.filter((pairs.bought <= pairs.time) & (pairs.whole > pairs.amount.abs()))
    nearest = ibis.row_number().over(group_by="place", order_by=[ibis.desc("bought"), "whole_order"])
    pairs = pairs.mutate(rank=nearest).filter(_.rank == 0).select("place", "whole_order", "bought")
    found = numbered.left_join(pairs, "place")
    return found.mutate(
        part=found.whole_order.notnull(),
        reverses=found.reverses.coalesce(found.whole_order),
        reverses_time=found.reverses_time.coalesce(found.bought),
    ).select(*returns.columns, "part")


def outcomes(returns: ibis.Table, lone: int, worth: float) -> pd.DataFrame:
    """Count the outcomes of returns: one row per outcome, with returns, value and their share.

    Parameters
    ----------
    returns
        One row per return, from `partly_matched`.
    lone, worth
        Returns of customers without a purchase, and their value.
    """
    kinds = ibis.cases(
        (_.reverses.isnull(), "reverses no known order"),
        (_.part, "reverses a part of an earlier row"),
        else_="reverses an earlier row",
    )
    sums = returns.mutate(outcome=kinds).group_by("outcome").agg(returns=_.count(), value=_.amount.sum())
    table = sums.order_by("outcome").to_pandas().astype({"returns": "int64", "value": "float64"})
    if lone:
        table.loc[len(table)] = ["customer has no purchase", lone, worth]
    return table.assign(share=table.returns / max(table.returns.sum(), 1))


def settled(returns: ibis.Table, terms: Terms) -> tuple[ibis.Table, Entry]:
    """Keep or exclude the returns that reverse no known order, as the params say.

    Parameters
    ----------
    returns
        One row per return, from `partly_matched`.
    terms
        What the params say of the rows of transactions.

    Raises
    ------
    DataError
        If there are some and the rule says stop.
    """
    rule = KINDS["transactions"].rule("unmatched_return")
    action, lone = terms.action(rule), returns.reverses.isnull()
    money = returns.amount.sum(where=lone).fill_null(0)
    sums = returns.agg(rows=returns.count(), n=lone.sum(), value=money).to_pandas().iloc[0]
    n = int(sums.n or 0)
    settled = entry("transactions", rule, action, int(sums.rows), n, float(sums.value or 0))
    return (returns.filter(~lone) if action == "drop" else returns), replace(settled, source="returns")
