"""What files for a company's own tools share: identifiers in clear, texts that personalise a contact."""

from __future__ import annotations

import re
from collections.abc import Mapping

import pandas as pd

from seglib.implement.destinations import hashing
from seglib.implement.destinations.form import Audience

#: What personalises a contact, where it is known.
HOOKS = {
    "next_products": "Next products",
    "preferred_channel": "Preferred channel",
    "preferred_hour": "Preferred hour",
}


def people_table(audience: Audience, headers: Mapping[str, str]) -> pd.DataFrame:
    """Write addresses and what is known of the campaign under a tool's headers, without columns that are empty.

    Parameters
    ----------
    headers
        Header by what it holds: a kind of address, id, segment, segment_code, campaign, play or channel.
    """
    people = audience.people
    known = {
        "id": people.id.astype("string"),
        "email": hashing.column(people, "email", hashing.email),
        "phone": hashing.phones(people),
        "country": people.country_code.astype("string").fillna(""),
        "segment": people.segment_name.astype("string"),
        "segment_code": people.segment.astype("string"),
        "campaign": people.campaign.astype("string"),
        "play": people.play.astype("string"),
        "channel": people.channel.astype("string"),
    }
    for kind in ("first_name", "last_name", "street", "city", "state", "postcode"):
        known[kind] = hashing.column(people, kind, tidy)
    table = pd.DataFrame({header: known[what] for what, header in headers.items()})
    more = {name: people[hook].astype("string").fillna("") for hook, name in HOOKS.items() if hook in people}
    more |= {name: people[f"column_{c}"].astype("string").fillna("") for name, c in audience.columns.items()}
    table = table.assign(**more)
    must = {headers.get(what) for what in ("id", "email", "phone")}
    return table[[c for c in table if c in must or (table[c] != "").any()]]


def tidy(text: str) -> str | None:
    """Write a text without control characters, on one line."""
    return " ".join(re.sub(r"[\x00-\x1f\x7f]", " ", text).split()) or None


def clipped(text: str, most: int) -> str:
    """Cut a text to so many bytes of UTF-8, at the end of a character.

    Examples
    --------
    >>> clipped("naïve", 3)
    'na'
    """
    return text.encode()[:most].decode(errors="ignore")
