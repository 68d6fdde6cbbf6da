"""Channels: through which segments order and respond."""

from __future__ import annotations

import ibis
import pandas as pd
from ibis import _

from seglib.collect.features.orders import yes
from seglib.target.offers.finding import Finding, without_rows
from seglib.target.offers.shares import COLUMNS, order_shares, rates

#: Channels with most customers that are compared.
MOST_CHANNELS = 12
#: What contacts are called that name no channel.
ANY = "any"
_TYPES = {"segment": "int64", "channel": "string", **COLUMNS}


def channels(orders: ibis.Table, segments: pd.DataFrame) -> Finding:
    """Compare through which channels segments order.

    Parameters
    ----------
    orders
        One row per customer and order: customer, and channel as far as known.
    segments
        One row per customer: customer, segment.

    Returns
    -------
    Finding
        One row per segment and channel, as `shares.order_shares` has them.
    """
    if "channel" not in orders.columns:
        return Finding(without_rows(_TYPES), missing="transactions.channel")
    keyed = orders.filter(orders.channel.notnull()).select("customer", key=_.channel.cast("string"))
    names, remarks = _frequent(keyed)
    return Finding(_typed(order_shares(keyed, segments, names)), remarks)


def answers(campaigns: ibis.Table, segments: pd.DataFrame) -> Finding:
    """Compare through which channels segments respond to campaigns.

    Parameters
    ----------
    campaigns
        One row per customer and contact: customer, responded, and as far as named channel and
        holdout; holdouts are no contacts.
    segments
        One row per customer: customer, segment.

    Returns
    -------
    Finding
        One row per segment and channel (`ANY` where none is named): as `shares.rates` has them, of contacts.
    """
    if "responded" not in campaigns.columns:
        return Finding(without_rows(_TYPES), missing="campaigns.responded")
    made = campaigns if "holdout" not in campaigns.columns else campaigns.filter(~yes(campaigns.holdout))
    key = made.channel.cast("string") if "channel" in made.columns else ibis.literal(ANY)
    rows = made.select("customer", key=key, x=yes(made.responded).cast("int64")).filter(_.key.notnull())
    names, remarks = _frequent(rows)
    counted = rows.filter(rows.key.isin(names)).group_by("customer", "key").agg(x=_.x.sum(), n=_.count())
    return Finding(_typed(rates(counted, segments)), remarks)


def _frequent(keyed: ibis.Table) -> tuple[list[str], tuple[dict[str, object], ...]]:
    """Choose the channels with most customers, and remark on it if there are others."""
    counted = keyed.group_by("key").agg(n=_.customer.nunique())
    users = counted.order_by(ibis.desc("n"), ibis.asc("key")).limit(MOST_CHANNELS + 1).to_pandas()
    remarks = ({"code": "most_channels", "most": MOST_CHANNELS},) if len(users) > MOST_CHANNELS else ()
    return sorted(users.key.head(MOST_CHANNELS)), remarks


def _typed(table: pd.DataFrame) -> pd.DataFrame:
    return table.rename(columns={"key": "channel"})[list(_TYPES)].astype(_TYPES)
