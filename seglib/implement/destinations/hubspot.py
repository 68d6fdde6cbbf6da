"""HubSpot contacts, as an import file.

Source: "Set up import files" (knowledge.hubspot.com/import-and-export/set-up-your-import-file): CSV in UTF-8, a header
per property, fewer than 1,000 columns, at most 512 MB and 1,048,576 rows (20 MB in free accounts). Contacts are told
from each other by Email.
"""

from __future__ import annotations

import pandas as pd

from seglib.implement.destinations import hashing
from seglib.implement.destinations.form import MB, Audience, Destination, Limits
from seglib.implement.destinations.own_tools import people_table

_HEADERS = {
    "email": "Email",
    "first_name": "First Name",
    "last_name": "Last Name",
    "phone": "Phone Number",
    "street": "Street Address",
    "city": "City",
    "state": "State/Region",
    "postcode": "Postal Code",
    "country": "Country/Region",
    "id": "Customer ID",
    "segment": "Segment",
    "segment_code": "Segment Code",
    "campaign": "Campaign",
    "channel": "Campaign Channel",
}


def rows(audience: Audience) -> pd.DataFrame:
    """Write people with an e-mail address, each once."""
    return hashing.without_duplicates(people_table(audience, _HEADERS), ["Email"])


DESTINATION = Destination(
    name="hubspot",
    title="HubSpot",
    kind="crm",
    rows=rows,
    source="https://knowledge.hubspot.com/import-and-export/set-up-your-import-file",
    limits=Limits(rows=1_048_575, bytes=512 * MB, columns=999),
)
