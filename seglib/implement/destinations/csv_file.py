"""A plain CSV file with ids, for any tool that knows customers by them.

RFC 4180; UTF-8 with a byte order mark, so that spreadsheets read it. Cells that a spreadsheet would run as a
formula begin with an apostrophe (OWASP, CSV Injection).
"""

from __future__ import annotations

import pandas as pd

from seglib.implement.destinations.form import Audience, Destination, Limits

#: What `sources.campaigns` reads back, and what personalises a contact.
_ALSO = ("next_products", "preferred_channel", "preferred_hour")


def rows(audience: Audience) -> pd.DataFrame:
    """Write id, segment, campaign, channel and what personalises the contact."""
    people = audience.people
    table = pd.DataFrame(
        {
            "customer_id": people.id,
            "segment_code": people.segment.astype("string"),
            "segment": people.segment_name,
            "campaign": people.campaign,
            "play": people.play,
            "channel": people.channel,
        }
    )
    return table.assign(**{c: people[c] for c in _ALSO if c in people}, **_own(audience))


def _own(audience: Audience) -> dict[str, pd.Series]:
    return {header: audience.people[f"column_{column}"] for header, column in audience.columns.items()}


DESTINATION = Destination(
    name="csv",
    title="CSV",
    kind="crm",
    rows=rows,
    source="https://www.rfc-editor.org/rfc/rfc4180",
    limits=Limits(rows=1_000_000),  # a spreadsheet shows 1,048,576
    bom=True,
)
