"""The contact policy: consent, reach, suppression lists, caps, and one audience per person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np
import pandas as pd

from seglib.errors import ParamsError, listing, nearest
from seglib.implement.contacts import Contacts
from seglib.implement.vocabulary import CHANNELS, UNIVERSAL, channel_of


def after_policy(
    members: pd.DataFrame,
    contacts: Contacts,
    history: pd.DataFrame,
    frozen: pd.DataFrame,
    settings: Mapping[str, Any],
    start: dt.date,
) -> pd.DataFrame:
    """Take out who may not be contacted, and say at which step and why.

    Parameters
    ----------
    members
        From `members`, or from `of_movements`.
    contacts
        What customers agreed to, where they can be reached, who is suppressed.
    history
        Past contacts, one row each: customer, channel, time; those held out are no contacts.
    frozen
        The table of holdouts.
    settings
        The section `implement` as plain values.
    start
        First day of contacts.

    Returns
    -------
    pandas.DataFrame
        As the members: step (what took them out: consent, reach, suppression, cap or single; empty for those who
        are left) and reason (a code).
    """
    check_channels(members, settings)
    at = contacts.ids.reset_index().set_index("customer")["index"]
    table = members if "step" in members else members.assign(step="", reason="")
    table = table.copy()
    for channel, rows in members.groupby("channel", sort=False):
        places = rows.customer.map(at)
        reasons = _reasons(str(channel), rows, contacts, places, history, settings, start)
        for step, codes in reasons.items():
            codes = codes.fillna("").astype(str)
            hit = (table.step.loc[rows.index] == "") & (codes != "")
            table.loc[hit.index[hit], ["step", "reason"]] = np.column_stack(
                [np.full(int(hit.sum()), step), codes[hit]]
            )
    person = pd.Series("", index=table.index, dtype="string")
    for channel, own in table.groupby("channel").customer:
        person[own.index] = contacts.person(str(channel)).loc[own.map(at)].to_numpy()
    return _one_each(table.assign(person=person), frozen, start).drop(columns="person")


def check_channels(members: pd.DataFrame, settings: Mapping[str, Any]) -> None:
    """Refuse channels in the settings that are neither usual nor those of a play."""
    known = {*CHANNELS, *members.channel} - {""}
    named = [
        (f"implement.consent.{key}", channel)
        for key in ("channels", "needed")
        for channel in settings["consent"][key]
    ]
    named += [("implement.caps", cap["channel"]) for cap in settings["caps"] if cap["channel"]]
    named += [("implement.suppress", c) for entry in settings["suppress"] for c in entry["channels"]]
    for where, channel in named:
        if channel_of(channel) not in known:
            raise ParamsError(
                f"{where} names '{channel}', which is no channel here; channels: {listing(known)}."
                f"{nearest(channel, known)}"
            )


def _reasons(
    channel: str,
    rows: pd.DataFrame,
    contacts: Contacts,
    places: pd.Series,
    history: pd.DataFrame,
    settings: Mapping[str, Any],
    start: dt.date,
) -> dict[str, pd.Series]:
    """Give for each step the code of what is against a contact; missing where nothing is."""
    none = pd.Series(pd.NA, index=rows.index, dtype="string")
    if not channel:
        return {"reach": none.fillna("no channel")}

    def of(column: pd.Series) -> pd.Series:
        return pd.Series(column.loc[places].to_numpy(), index=rows.index, dtype=column.dtype)

    needed = of(contacts.needs_consent(channel, settings["consent"]["needed"]))
    consent = _consent(none, channel, contacts, needed, of)
    reached = of(contacts.reach(channel))
    reach = none.mask((~reached).fillna(False), "no address")
    capped = _capped(rows, channel, history, settings["caps"], start)
    free = rows.service
    return {
        "consent": consent.mask(free),
        "reach": reach,
        "suppression": of(contacts.suppression(channel)),
        "cap": capped.mask(free),
    }


def _consent(
    none: pd.Series, channel: str, contacts: Contacts, needed: pd.Series, of: Callable[[pd.Series], pd.Series]
) -> pd.Series:
    """Give the code of what is against a contact: a no always is, and that nothing is known where a yes is needed."""
    said = of(contacts.agreed(channel))
    unknown = "unknown" if channel in contacts.consent else "no column"
    consent = none.mask(said.isna() & needed, unknown).mask((~said).fillna(False), "refused")
    if "marketing" in contacts.consent:
        agreed = of(contacts.consent["marketing"])
        against = (~agreed).fillna(False) | (agreed.isna() & needed)
        consent = consent.mask(against & consent.isna(), "marketing")
    return consent


def _capped(
    rows: pd.DataFrame, channel: str, history: pd.DataFrame, caps: list[dict[str, Any]], start: dt.date
) -> pd.Series:
    """Mark those to whom one more contact would be too many."""
    found = pd.Series(pd.NA, index=rows.index, dtype="string")
    for cap in caps:
        only = channel_of(cap["channel"]) if cap["channel"] else ""
        if only not in ("", channel):
            continue
        first = pd.Timestamp(start) - pd.Timedelta(days=cap["days"])
        recent = history[(history.time >= first) & (history.time < pd.Timestamp(start))]
        recent = recent[recent.channel == only] if only else recent
        counts = rows.customer.map(recent.customer.value_counts()).fillna(0)
        code = f"{cap['contacts']} in {cap['days']}" + (f" by {only}" if only else "")
        found = found.mask(found.isna() & (counts + 1 > cap["contacts"]), code)
    return found


def _one_each(table: pd.DataFrame, frozen: pd.DataFrame, start: dt.date) -> pd.DataFrame:
    """Leave each person in one audience: the campaign that still runs for them, else the first by priority."""
    running = frozen[(frozen.campaign != UNIVERSAL) & (frozen.until >= pd.Timestamp(start))]
    other = running.groupby("id").campaign.agg(list)
    busy = [
        bool(isinstance(own, list) and campaign not in own)
        for own, campaign in zip(table.id.map(other), table.campaign, strict=True)
    ]
    left = table.step == ""
    out = left & pd.Series(busy, index=table.index)
    table.loc[out, ["step", "reason"]] = ["single", "running"]
    left &= ~out
    # an address is contacted once, also where several ids have it; whoever is held out has it to themselves
    again = left & (table.id.where(left).duplicated() | table.person.where(left).duplicated())
    table.loc[again, ["step", "reason"]] = ["single", "priority"]
    return table
