"""Channels: through which segments order and answer."""

from __future__ import annotations

import ibis
import pandas as pd
from ibis import _

from seglib.collect.features.orders import yes
from seglib.target.offers.found import Found, without_rows
from seglib.target.offers.shares import COLUMNS, order_shares, rates

#: Channels with most customers that are looked at.
MOST_CHANNELS = 12
#: What contacts are called that name no channel.
ANY = "any"
_TYPES = {"segment": "int64", "channel": "string", **COLUMNS, "behind": "float64"}


def channels(orders: ibis.Table, segments: pd.DataFrame, min_cell: int) -> Found:
    """Compare through which channels segments order.

    Parameters
    ----------
    orders
        One row per customer and order: customer, and channel as far as known.
    segments
        One row per customer: customer, segment.
    min_cell
        Orders of a segment and channel that stand for fewer customers do not count; their share is
        missing.

    Returns
    -------
    Found
        One row per segment and channel that enough customers use: customers (who do), share
        (of the segment's orders through such a channel), lower, upper, overall, differs, more, most,
        behind (customers).
    """
    if "channel" not in orders.columns:
        return Found(without_rows(_TYPES), lacking="columns.channel of sources.transactions")
    keyed = orders.filter(orders.channel.notnull()).select("customer", key=_.channel.cast("string"))
    kept, remarks = _frequent(keyed, min_cell)
    if not kept:
        return Found(without_rows(_TYPES), (*remarks, "No channel is used by enough customers to be shown."))
    made = order_shares(keyed, segments, kept, min_cell).rename(columns={"key": "channel"})
    return Found(_typed(made.assign(behind=made.customers)), remarks)


def answers(campaigns: ibis.Table, segments: pd.DataFrame, min_cell: int) -> Found:
    """Compare through which channels segments answer campaigns.

    Parameters
    ----------
    campaigns
        One row per customer and contact: customer, responded, and as far as named channel and
        holdout; holdouts are no contacts.
    segments, min_cell
        As `channels` takes them.

    Returns
    -------
    Found
        One row per segment and channel ('any' where none is named): customers (contacted), share (of
        contacts that were answered), lower, upper, overall, differs, more, most, behind (customers
        who answered once at least, or who failed to, whichever are fewer).
    """
    if "responded" not in campaigns.columns:
        return Found(without_rows(_TYPES), lacking="columns.responded of sources.campaigns")
    made = campaigns if "holdout" not in campaigns.columns else campaigns.filter(~yes(campaigns.holdout))
    key = made.channel.cast("string") if "channel" in made.columns else ibis.literal(ANY)
    rows = made.select("customer", key=key, x=yes(made.responded).cast("int64")).filter(_.key.notnull())
    kept, remarks = _frequent(rows, min_cell)
    counted = rows.filter(rows.key.isin(kept)).group_by("customer", "key").agg(x=_.x.sum(), n=_.count())
    shown = (
        rates(counted, segments, min_cell).rename(columns={"key": "channel"})
        if kept
        else without_rows(_TYPES)
    )
    if shown.empty:
        remarks = (*remarks, f"No segment has {min_cell} customers who were contacted through a channel.")
    return Found(_typed(shown), remarks)


def _frequent(keyed: ibis.Table, min_cell: int) -> tuple[list[str], tuple[str, ...]]:
    """Choose the channels that enough customers use, those of most customers first, and say what is left out."""
    users = (
        keyed.group_by("key")
        .agg(n=_.customer.nunique())
        .to_pandas()
        .sort_values(["n", "key"], ascending=[False, True])
    )
    enough = users[users.n >= min_cell]
    said = []
    if rare := len(users) - len(enough):
        said.append(f"Channels of fewer than {min_cell} customers are left out ({rare}).")
    if len(enough) > MOST_CHANNELS:
        said.append(f"Only the {MOST_CHANNELS} channels with most customers are looked at.")
    return sorted(enough.key.head(MOST_CHANNELS)), tuple(said)


def _typed(made: pd.DataFrame) -> pd.DataFrame:
    return made[list(_TYPES)].astype({"channel": "string"})
