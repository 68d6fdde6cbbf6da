"""Klaviyo lists, as a CSV file.

Sources: "Create and add contacts to a new list" and "Troubleshoot list imports" (help.klaviyo.com/hc/en-us/articles/
115005078967 and 115005078807). The first column is Email or Phone Number; every row has one of them; no duplicates; at
most 50 MB, larger uploads in several files; phone numbers as E.164. No column of consent is written: a list of people
who agreed does not change what Klaviyo knows of their consent.
"""

from __future__ import annotations

import pandas as pd

from seglib.implement.destinations import hashing
from seglib.implement.destinations.form import MB, Audience, Destination, Limits
from seglib.implement.destinations.own_tools import people_table

_HEADERS = {
    "email": "Email",
    "phone": "Phone Number",
    "id": "Customer ID",
    "first_name": "First Name",
    "last_name": "Last Name",
    "city": "City",
    "country": "Country",
    "segment": "Segment",
    "segment_code": "Segment Code",
    "campaign": "Campaign",
}


def rows(audience: Audience) -> pd.DataFrame:
    """Write people with an e-mail address or a phone number, each once."""
    table = people_table(audience, _HEADERS)
    for key in ("Email", "Phone Number"):
        table = table[(table[key] == "") | ~table[key].duplicated()]
    return hashing.without_duplicates(table, ["Email", "Phone Number"])


DESTINATION = Destination(
    name="klaviyo",
    title="Klaviyo",
    kind="crm",
    rows=rows,
    source="https://help.klaviyo.com/hc/en-us/articles/115005078967",
    limits=Limits(bytes=50 * MB),
)
