"""Contacts of campaigns: who was contacted, who was held out, and what followed."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
from scipy import stats

from seglib.assess.campaigns.two_groups import GROUPS
from seglib.collect.features.orders import money, yes
from seglib.errors import DataError, listing
from seglib.vocabulary import ONE_YEAR

#: What a campaign may move, and the column that it is read from.
OUTCOMES = {"response": "responded", "value": "value"}
_ROLES = ("customer", "campaign", "holdout", "responded", "value", "before", "cost")


def gathered(campaigns: ibis.Table | None, transactions: ibis.Table | None = None) -> pd.DataFrame:
    """Sum contacts up to one row per customer and campaign, with what was ordered before.

    Several contacts of one campaign count as one. Who was contacted and held out in one campaign is of neither
    group. Orders count from a year before the contact; where some contacts of a campaign have no
    time, before the campaign's first, so that both groups are looked at alike.

    Parameters
    ----------
    campaigns
        One row per customer and contact: customer, campaign, and as far as named time, channel,
        holdout, responded, cost and revenue; nothing where there is no such source.
    transactions
        One row per product in an order: customer, time, amount; nothing where there are none.

    Returns
    -------
    pandas.DataFrame
        One row per customer and campaign: customer, campaign, both (was contacted and held out), and
        as far as known holdout, responded, value (money that followed), cost (money), channel (the
        first in the alphabet) and before (money ordered).
    """
    if campaigns is None:
        return pd.DataFrame(
            {"customer": [], "campaign": pd.Series(dtype="string"), "both": pd.Series(dtype=bool)}
        )
    named = campaigns.filter(campaigns.campaign.notnull())
    sums = named.group_by("customer", "campaign").agg(**_sums(named))
    if transactions is not None and "time" in named.columns:
        sums = sums.left_join(_before(named, transactions), ["customer", "campaign"])
        sums = sums.drop("customer_right", "campaign_right").mutate(before=sums.before.fill_null(0))
    frame = sums.to_pandas().sort_values(["customer", "campaign"], ignore_index=True)
    return frame.astype({c: "float64" for c in ("value", "cost", "before") if c in frame})


def _sums(named: ibis.Table) -> dict[str, ibis.Value]:
    """Return how the contacts of one customer in one campaign are summed up."""
    sums = {"both": named.campaign.isnull().any()}  # false where there is no holdout
    if "holdout" in named.columns:
        held = yes(named.holdout)
        sums |= {"both": held.any() & (~held).any(), "holdout": held.any()}
    if "responded" in named.columns:
        sums["responded"] = named.responded.any()
    if "channel" in named.columns:
        sums["channel"] = named.channel.min()
    amounts = {"value": "revenue", "cost": "cost"}
    return sums | {name: money(named[c]).sum() for name, c in amounts.items() if c in named.columns}


def _before(named: ibis.Table, transactions: ibis.Table) -> ibis.Table:
    """Sum what each customer ordered in the year before a contact: one row per customer and campaign."""
    whole = ibis.window(group_by="campaign")
    timed = named.mutate(timed=named.time.notnull().all().over(whole), start=named.time.min().over(whole))
    moments = timed.group_by("customer", "campaign").agg(
        moment=ibis.ifelse(timed.timed, timed.time, timed.start).min()
    )
    orders = transactions.select("time", "amount", buyer=transactions.customer)
    met = moments.join(orders, moments.customer == orders.buyer)
    days = met.moment.date().delta(met.time.date(), unit="day")
    earlier = met.filter((met.time < met.moment) & (days <= ONE_YEAR))
    return earlier.group_by("customer", "campaign").agg(before=earlier.amount.sum())


def joined(contacts: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Add to every contact its segment, its group, and numbers for what followed.

    Parameters
    ----------
    contacts
        One row per customer and campaign: customer, campaign, and as far as known holdout,
        responded (yes or no), value, before, cost (numbers), both (of neither group).
    segments
        One row per customer: customer, segment.

    Returns
    -------
    pandas.DataFrame
        One row per contact of a customer who has a segment: customer, campaign, segment, arm (of
        `GROUPS`), and responded (1 or 0), value, before, cost as far as they are there.

    Raises
    ------
    DataError
        If a column is missing or unreadable, or a customer stands twice in a campaign.
    """
    _check(contacts, segments)
    known = segments[["customer", "segment"]].dropna()
    sent = contacts[[c for c in _ROLES if c in contacts.columns]]
    sent = sent[~contacts.both] if "both" in contacts.columns else sent
    rows = sent.dropna(subset=["customer", "campaign"]).merge(known, on="customer")
    held = (
        _flag(rows, "holdout").fillna(0) > 0 if "holdout" in rows.columns else np.zeros(len(rows), dtype=bool)
    )
    rows = rows.assign(arm=np.where(held, GROUPS[1], GROUPS[0]))
    read = {c: _number(rows, c) for c in ("value", "before", "cost") if c in rows.columns}
    if "responded" in rows.columns:
        read["responded"] = _flag(rows, "responded")
    return rows.assign(**read)


def answered(contacts: pd.DataFrame, most: int = 6) -> pd.DataFrame:
    """List for every contacted customer which campaigns they responded to, to be compared as features are.

    Parameters
    ----------
    contacts
        From `gathered`.
    most
        Campaigns at the most: those with most contacts.

    Returns
    -------
    pandas.DataFrame
        One row per contacted customer: customer, and a column per campaign (1, 0; missing where not
        contacted). Without campaigns, or where nothing says who responded, customer alone.

    Examples
    --------
    >>> contacts = pd.DataFrame({"customer": [1, 2, 3], "campaign": "Spring", "both": False,
    ...                          "holdout": [False, False, True], "responded": [True, False, True]})
    >>> answered(contacts).to_dict("list")
    {'customer': [1, 2], 'response to Spring': [1.0, 0.0]}
    """
    if "responded" not in contacts.columns:
        return pd.DataFrame({"customer": contacts.customer.head(0)})
    out = contacts.both | (contacts.holdout if "holdout" in contacts.columns else False)
    sent = contacts[~out.astype(bool)]
    known = sent.assign(yes=_flag(sent, "responded").fillna(0))
    often = (
        known.campaign.value_counts().sort_index().sort_values(ascending=False, kind="stable").index[:most]
    )
    wide = known[known.campaign.isin(often)].pivot(index="customer", columns="campaign", values="yes")
    return wide.rename(columns="response to {}".format).rename_axis(columns=None).reset_index()


def spread(contacts: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Test whether those contacted spread over the segments as those held out do.

    They should, for chance chose them. Where they do not, a campaign has moved customers between
    segments, or holdouts were not chosen by chance, and effects by segment mislead (a sample
    ratio mismatch; Fabijan and others, 2019).

    Returns
    -------
    pandas.DataFrame
        One row per campaign that has both groups and two segments: campaign, p (chi-squared).
    """
    recorded = set(OUTCOMES.values()) & set(contacts.columns)
    rows = joined(contacts, segments) if recorded else pd.DataFrame({"campaign": []})
    tests = []
    for campaign, own in rows.groupby("campaign"):
        counts = pd.crosstab(own.segment, own.arm)
        if min(counts.shape) > 1:
            tests.append((campaign, stats.chi2_contingency(counts.to_numpy(), correction=False).pvalue))
    return pd.DataFrame(tests, columns=["campaign", "p"]).astype({"p": float})


def _check(contacts: pd.DataFrame, segments: pd.DataFrame) -> None:
    for name, table, columns in (
        ("campaigns", contacts, ["customer", "campaign"]),
        ("segments", segments, ["customer", "segment"]),
    ):
        missing = set(columns) - set(table.columns)
        if missing:
            raise DataError(f"{name} has no column {listing(missing)}; it needs {listing(columns)}.")
    if not set(OUTCOMES.values()) & set(contacts.columns):
        raise DataError(
            f"campaigns has no outcome; name at least one of {listing(OUTCOMES.values())} among its columns."
        )
    if segments.customer.dropna().duplicated().any():
        raise DataError("segments has customers in two rows; each has one segment.")
    named = contacts.dropna(subset=["customer", "campaign"])
    twice = named[named.duplicated(["customer", "campaign"])]
    if len(twice):
        raise DataError(
            f"campaigns has {twice.customer.nunique():,} customers more than once in one campaign; one row per "
            "customer and campaign is allowed. Give each wave of a campaign a name of its own."
        )


def _number(rows: pd.DataFrame, column: str) -> pd.Series:
    try:
        read = pd.to_numeric(rows[column]).astype("float64")
    except (TypeError, ValueError):
        raise DataError(
            f"campaigns.{column} holds values that are not numbers; convert them in the source."
        ) from None
    if np.isinf(read).any():
        raise DataError(f"campaigns.{column} holds infinite numbers; allowed are finite and missing ones.")
    return read


def _flag(rows: pd.DataFrame, column: str) -> pd.Series:
    """Read yes and no as 1 and 0; missing stays."""
    flags = rows[column]
    if not flags.dropna().isin([False, True]).all():
        raise DataError(
            f"campaigns.{column} holds values other than yes and no; allowed are true, false, 1, 0."
        )
    return flags.astype("boolean").astype("Float64").astype("float64")
