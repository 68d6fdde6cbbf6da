"""Audiences delivered: the contacted customers of each campaign as files of each destination."""

from __future__ import annotations

import hashlib
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from seglib.implement import audiences, identifiers
from seglib.implement.contacts import Contacts
from seglib.implement.destinations import Audience, Destination, destination
from seglib.implement.destinations.files import keep, written
from seglib.implement.vocabulary import TREATMENT

#: Which customer each row of each file is, in order, for `forget`: hashed files hold no id.
MEMBERS = "members.parquet"
COLUMNS = ("destination", "campaign", "code", "customers", "rows", "files", "dropped", "note")


def neutral_code(project: str, campaign: str) -> str:
    """Name an audience by a code that says nothing of who is in it.

    Examples
    --------
    >>> neutral_code("acme", "win-back")
    'aud-1781d138'
    """
    return "aud-" + hashlib.sha256(f"{project}:{campaign}".encode()).hexdigest()[:8]


def deliver(
    rows: pd.DataFrame,
    contacts: Contacts,
    names: Mapping[int, str],
    sensitive: Mapping[int, str],
    settings: Mapping[str, Any],
    folder: Path | None,
) -> pd.DataFrame:
    """Write the contacted customers of each campaign for each destination.

    Parameters
    ----------
    rows
        Of an `Assignment`.
    contacts
        With addresses.
    names
        Names of segments, by number.
    sensitive
        By segment, why no advertising platform may receive it.
    settings
        The section `implement` as plain values.
    folder
        That receives the files; none writes nothing.

    Returns
    -------
    pandas.DataFrame
        One row per destination and campaign; columns as the table `deliveries` declares. The note is a code:
        refused: REASON, no consent column, small: LEAST, or empty.
    """
    people = contacted(rows, contacts, names)
    made: list[dict[str, Any]] = []
    members: list[pd.DataFrame] = []
    for export in settings["destinations"] or [{"to": "csv", "plays": [], "columns": {}}]:
        tool = destination(export["to"])
        for campaign, own in people.groupby("campaign", sort=True):
            if export["plays"] and not set(own.play) & set(export["plays"]):
                continue
            row, index = _delivered(tool, str(campaign), own, export["columns"], sensitive, settings, folder)
            made.append(row)
            members += index
    if folder is not None and members:
        path = folder / MEMBERS
        path.touch(mode=0o600)
        pd.concat(members, ignore_index=True).to_parquet(path, index=False)
    return pd.DataFrame(made, columns=list(COLUMNS))


def contacted(rows: pd.DataFrame, contacts: Contacts, names: Mapping[int, str]) -> pd.DataFrame:
    """Return who is contacted, with their addresses and consents, one row each."""
    chosen = rows[(rows.step == "selected") & (rows.arm == TREATMENT) & ~rows.universal]
    also = [c for c in chosen.columns if c in audiences.HOOKS]
    people = chosen[["customer", "id", "segment", "campaign", "play", "channel", "gain", *also]]
    people = people.assign(segment_name=people.segment.map(names).astype("string"))
    known = contacts.addresses.add_prefix("address_").join(contacts.consent.add_prefix("consent_"))
    known = known.join(contacts.columns).assign(
        customer=contacts.ids.customer,
        country_code=identifiers.countries(contacts.addresses, contacts.country),
    )
    whole = people.merge(known, on="customer", how="left", validate="one_to_one")
    return whole.sort_values(["campaign", "id"], ignore_index=True)


def allowed(people: pd.DataFrame, tool: Destination) -> pd.Series:
    """Tell who agreed to everything that a destination needs; unknown is not yes."""
    fine = pd.Series(True, index=people.index)
    for purpose in tool.consents:
        name = f"consent_{purpose}"
        fine &= people[name].fillna(False).astype(bool) if name in people else False
    return fine


def _delivered(
    tool: Destination,
    campaign: str,
    people: pd.DataFrame,
    columns: dict[str, str],
    sensitive: Mapping[int, str],
    settings: Mapping[str, Any],
    folder: Path | None,
) -> tuple[dict[str, Any], list[pd.DataFrame]]:
    """Write one campaign for one destination."""
    advertising = tool.kind == "advertising"
    code = neutral_code(settings["project"], campaign) if advertising else campaign
    note, own = "", people[allowed(people, tool)]
    if advertising:
        refused = [sensitive[s] for s in sorted(set(people.segment)) if s in sensitive]
        if refused:
            note, own = f"refused: {refused[0]}", own.iloc[:0]
        elif any(f"consent_{purpose}" not in people for purpose in tool.consents):
            note = "no consent column"
    table = tool.rows(Audience(code, own, columns))
    least = max(tool.least, settings["least"] if advertising else 0)
    if not note and 0 < len(table) < least:
        note = f"small: {least}"
    index = []
    for number, (content, places) in enumerate(written(table, tool), 1):
        granted = "-granted" if tool.consents else ""
        name = f"{tool.name}/{code}{granted}{f'-{number}' if number > 1 else ''}.csv"
        if folder is not None:
            keep(folder / name, content)
        index.append(pd.DataFrame({"id": people.id[places].to_numpy(), "file": name}))
    row = {
        "destination": tool.title,
        "campaign": campaign,
        "code": code,
        "customers": len(people),
        "rows": len(table),
        "files": len(index),
        "dropped": len(people) - len(table),
        "note": note,
    }
    return row, index
