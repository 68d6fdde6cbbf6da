"""How customers may be reached: consent, addresses and suppression lists, read when an audience is made.

Addresses are held in memory alone: no table of a run has them, and nothing shows them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, get_args

import pandas as pd

from seglib.errors import DataError, listing
from seglib.implement import identifiers
from seglib.implement.vocabulary import ADDRESSES, NEEDED, SHOWN, Purpose, channel_of
from seglib.privacy.consent import normal_key, purposes
from seglib.vocabulary import BLANK, NO, YES

#: What is known of a consent: yes, no, or nothing.
YES_NO = "boolean"


@dataclass(frozen=True)
class Contacts:
    """What is needed to contact customers, one row per customer and in one order.

    Attributes
    ----------
    ids
        customer (pseudonym) and id (the real one, as text).
    consent
        A column per channel and purpose: yes, no, or missing where it is unknown.
    addresses
        A column per kind of address that the params name, as text.
    suppressed
        By channel ("" is every channel) the reason for those on a list; missing for others.
    country
        ISO code of the country of phone numbers where no column says it.
    columns
        Further columns of the source that destinations take.
    """

    ids: pd.DataFrame
    consent: pd.DataFrame = field(repr=False)
    addresses: pd.DataFrame = field(repr=False)
    suppressed: dict[str, pd.Series] = field(repr=False)
    country: str | None = None
    columns: pd.DataFrame = field(default_factory=pd.DataFrame, repr=False)

    def __repr__(self) -> str:
        return f"Contacts({len(self.ids):,} customers)"

    def person(self, channel: str) -> pd.Series:
        """Return by what customers are one person to a channel: their address there, else their id."""
        for kind in NEEDED.get(channel, ()):
            if kind in ("email", "phone") and kind in self.addresses:
                known = identifiers.compared(kind, self.addresses, self.country)
                return known.fillna("id " + self.ids.id.astype("string"))
        return "id " + self.ids.id.astype("string")

    def agreed(self, channel: str) -> pd.Series:
        """Return what customers said to a channel; who shares an address with one who refused has refused.

        All are missing where no column says it.
        """
        if channel not in self.consent:
            return pd.Series(pd.NA, index=self.ids.index, dtype=YES_NO)
        own, person = self.consent[channel], self.person(channel)
        refused = person.isin(set(person[(~own).fillna(False)]))
        return own.mask(refused, False)

    def needs_consent(self, channel: str, needed: Mapping[str, bool | list[str]]) -> pd.Series:
        """Tell to whom a channel may be used only with a yes: to all, to none, or in some countries.

        Parameters
        ----------
        channel
            As plays name it.
        needed
            What the params say of channels: true, false, or codes of countries; who is in a country that is not
            known needs it.
        """
        terms = {channel_of(name): value for name, value in needed.items()}
        term = terms.get(channel, channel not in SHOWN)
        if isinstance(term, bool):
            return pd.Series(term, index=self.ids.index)
        country = identifiers.countries(self.addresses, self.country)
        return (country.isna() | country.isin(term)).astype(bool)

    def reach(self, channel: str) -> pd.Series:
        """Tell who can be reached: missing where no column of the channel's address is named."""
        known = [kind for kind in NEEDED.get(channel, ()) if kind in self.addresses]
        if not known:
            return pd.Series(pd.NA, index=self.ids.index, dtype=YES_NO)
        usable = [identifiers.usable(kind, self.addresses, self.country) for kind in known]
        return pd.concat(usable, axis=1).any(axis=1).astype(YES_NO)

    def suppression(self, channel: str) -> pd.Series:
        """Return why customers, or others at the same address, are on a list that closes the channel; else missing."""
        everywhere = pd.Series(pd.NA, index=self.ids.index, dtype="string")
        for closed in ("", channel):
            everywhere = everywhere.fillna(self.suppressed.get(closed, everywhere))
        if not everywhere.notna().any():
            return everywhere
        person = self.person(channel)
        shared = everywhere[everywhere.notna()].groupby(person).first()
        return everywhere.fillna(person.map(shared).astype("string"))


def read_consent(column: pd.Series) -> pd.Series:
    """Read a column of consent: yes, no, or missing; blank is not yes, and neither is it no.

    Raises
    ------
    DataError
        If an entry is neither yes nor no.

    Examples
    --------
    >>> read_consent(pd.Series(["Yes", "no", None, ""])).tolist()
    [True, False, <NA>, <NA>]
    """
    text = column.astype("string").fillna("").str.strip().str.casefold()
    strange = ~text.isin(YES + NO)
    if strange.any():
        raise DataError(
            f"customers: {int(strange.sum()):,} entries of the consent column '{column.name}' are neither yes nor "
            "no; allowed: yes and no, true and false, 1 and 0; blank is unknown"
        )
    blank = text.isin(BLANK)
    return text.isin(YES).astype(YES_NO).mask(blank)


def named_purposes(entries: pd.Series, wanted: Iterable[str]) -> pd.DataFrame:
    """Read which channels and purposes customers named in one column; who named none is unknown.

    Examples
    --------
    >>> named_purposes(pd.Series(["profiling; E-Mail", None]), ["e-mail", "letter"]).to_dict("list")
    {'e-mail': [True, None], 'letter': [False, None]}
    """
    named = entries.map(lambda entry: {channel_of(word) for word in purposes(entry)})
    blank = ~named.map(bool)
    return pd.DataFrame(
        {
            purpose: named.map(lambda said, p=purpose: channel_of(p) in said).astype(YES_NO).mask(blank)
            for purpose in wanted
        },
        index=entries.index,
    )


def read_contacts(
    source: pd.DataFrame,
    ids: pd.DataFrame,
    settings: Mapping[str, Any],
    channels: Sequence[str],
    lists: Sequence[tuple[Mapping[str, Any], pd.Series]],
) -> Contacts:
    """Read what a source says of the customers of a run.

    Parameters
    ----------
    source
        One row per customer of the source: `key` (the id as text), `purposes` where there is such a column, and
        the columns that the settings name.
    ids
        The table `ids` of the run; others in the source are not looked at.
    settings
        The section `implement` as plain values.
    channels
        Of the plays.
    lists
        Suppression lists: what the params say of each, and its entries.

    Raises
    ------
    DataError
        If a consent is neither yes nor no, or a list does not hold what it should.
    """
    frame = ids.rename(columns={"key": "id"}).merge(
        source.drop_duplicates("key"), left_on="id", right_on="key", how="left"
    )
    named = {channel_of(name): column for name, column in settings["consent"]["channels"].items()}
    named |= settings["consent"]["purposes"]
    consent = {name: read_consent(frame[column]) for name, column in named.items()}
    if "purposes" in frame:
        wanted = [c for c in (*channels, *get_args(Purpose)) if c not in consent]
        consent |= dict(named_purposes(frame.purposes, wanted).items())
    addresses = pd.DataFrame(
        {kind: frame[column].astype("string") for kind, column in settings["addresses"].items()},
        index=frame.index,
    )
    own = frame[["customer", "id"]]
    suppressed = _suppressed(own, addresses, settings, lists)
    further = sorted({c for export in settings["destinations"] for c in export["columns"].values()})
    columns = frame[further].astype("string").add_prefix("column_")
    consents = pd.DataFrame(consent, index=frame.index)
    return Contacts(own, consents, addresses, suppressed, settings["country"], columns)


def _suppressed(
    ids: pd.DataFrame,
    addresses: pd.DataFrame,
    settings: Mapping[str, Any],
    lists: Sequence[tuple[Mapping[str, Any], pd.Series]],
) -> dict[str, pd.Series]:
    """Find who is on which list, by channel."""
    found: dict[str, pd.Series] = {}
    for terms, entries in lists:
        there = _entries(terms, entries, ids, addresses, settings["country"])
        reason = pd.Series(terms["reason"], index=ids.index, dtype="string").where(there)
        for channel in terms["channels"] or [""]:
            name = channel_of(channel) if channel else ""
            found[name] = found[name].fillna(reason) if name in found else reason
    return found


def _entries(
    terms: Mapping[str, Any],
    entries: pd.Series,
    ids: pd.DataFrame,
    addresses: pd.DataFrame,
    country: str | None,
) -> pd.Series:
    holds, given = terms["holds"], entries.dropna().astype("string")
    if holds == "customer":
        return ids.id.map(normal_key).isin(set(given.map(normal_key)))
    if holds not in addresses:
        raise DataError(
            f"the suppression list {terms['path']} holds {holds} addresses, and implement.addresses names no "
            f"column for '{holds}', by which customers could be found; it names {listing(addresses) or 'none'} "
            f"(allowed: {listing(ADDRESSES, 20)})"
        )
    own = identifiers.compared(holds, addresses, country)
    wanted = identifiers.compared(holds, pd.DataFrame({holds: given}), country)
    return own.notna() & own.isin(set(wanted.dropna()))
