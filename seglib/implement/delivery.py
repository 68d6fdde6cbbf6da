"""Audiences delivered: the contacted customers of each campaign as files of each destination."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import Any

import pandas as pd

from seglib.implement import audiences, identifiers
from seglib.implement.contacts import Contacts
from seglib.implement.destinations import Audience, Destination, destination
from seglib.implement.destinations.files import keep, written
from seglib.implement.vocabulary import TREATMENT

#: Which customer each row of each file is, for `forget`: files for advertising hold no id.
MEMBERS = "members.parquet"
COLUMNS = ("destination", "campaign", "code", "customers", "rows", "files", "dropped", "note")


def deliver(
    rows: pd.DataFrame,
    contacts: Contacts,
    names: Mapping[int, str],
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
    settings
        The section `implement` as plain values.
    folder
        That receives the files; none writes nothing.

    Returns
    -------
    pandas.DataFrame
        One row per destination and campaign; columns as the table `deliveries` declares.
    """
    people = contacted(rows, contacts, names)
    exports = settings["destinations"] or [{"to": "csv", "plays": [], "columns": {}}]
    made, members = [], []
    for export in exports:
        tool = destination(export["to"])
        for campaign, own in people.groupby("campaign", sort=True):
            if export["plays"] and not set(own.play) & set(export["plays"]):
                continue
            audience = Audience(str(campaign), own, export["columns"])
            row, index = _delivered(tool, audience, settings, folder)
            made.append(row)
            members += index
    if folder is not None and members:
        table = pd.concat(members, ignore_index=True)
        path = folder / MEMBERS
        path.touch(mode=0o600)
        table.to_parquet(path, index=False)
    return pd.DataFrame(made, columns=list(COLUMNS))


def contacted(rows: pd.DataFrame, contacts: Contacts, names: Mapping[int, str]) -> pd.DataFrame:
    """Return who is contacted, with their addresses and consents, one row each."""
    chosen = rows[(rows.step == "selected") & (rows.arm == TREATMENT) & ~rows.universal]
    also = [c for c in chosen.columns if c in audiences.HOOKS]
    people = chosen[["customer", "id", "segment", "campaign", "play", "channel", "gain", *also]]
    people = people.assign(segment_name=people.segment.map(names).astype("string"))
    known = contacts.addresses.add_prefix("address_")
    known = known.join(contacts.consent.add_prefix("consent_")).assign(
        customer=contacts.ids.customer,
        country_code=identifiers.countries(contacts.addresses, contacts.country),
    )
    return people.merge(known, on="customer", how="left", validate="one_to_one").sort_values(
        ["campaign", "id"], ignore_index=True
    )


def _delivered(
    tool: Destination, audience: Audience, settings: Mapping[str, Any], folder: Path | None
) -> tuple[dict[str, Any], list[pd.DataFrame]]:
    table = tool.rows(audience)
    index = []
    files = 0
    for number, (content, own) in enumerate(written(table, tool), 1):
        files += 1
        name = f"{tool.name}/{audience.name}{f'-{number}' if number > 1 else ''}.csv"
        if folder is not None:
            keep(folder / name, content)
        index.append(pd.DataFrame({"id": audience.people.id[own].to_numpy(), "file": name}))
    row = {
        "destination": tool.title,
        "campaign": audience.name,
        "code": audience.name,
        "customers": len(audience.people),
        "rows": len(table),
        "files": files,
        "dropped": len(audience.people) - len(table),
        "note": "",
    }
    return row, index
