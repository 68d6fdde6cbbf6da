"""Mailchimp audiences, as an import file.

Source: "Format guidelines for your import file" (mailchimp.com/help/format-guidelines-for-your-import-file): one e-mail
address per contact, with letters of other alphabets only after the @; texts of at most 255 bytes; tags of at most 100
characters, several separated by commas; phone numbers as E.164; countries by their two letters. No size of a
file is published there; files are split at 10 MB, which tutorials of others name.
"""

from __future__ import annotations

import pandas as pd

from seglib.implement.destinations import hashing
from seglib.implement.destinations.form import MB, Audience, Destination, Limits
from seglib.implement.destinations.own_tools import clipped, people_table

_HEADERS = {
    "email": "Email Address",
    "first_name": "First Name",
    "last_name": "Last Name",
    "phone": "Phone Number",
    "country": "Country",
    "id": "Customer ID",
    "segment": "Segment",
    "campaign": "Tags",
}
_TEXT, _TAG = 255, 100


def rows(audience: Audience) -> pd.DataFrame:
    """Write people with an e-mail address that Mailchimp takes, each once; the campaign is their tag."""
    table = people_table(audience, _HEADERS)
    usable = table["Email Address"].map(lambda address: address.partition("@")[0].isascii())
    table = table[usable.astype(bool)]
    texts = {c: table[c].map(lambda t: clipped(t, _TEXT)) for c in table.columns.drop("Tags")}
    table = table.assign(**texts, Tags=table.Tags.str.replace(",", " ").str.slice(0, _TAG))
    return hashing.without_duplicates(table, ["Email Address"])


DESTINATION = Destination(
    name="mailchimp",
    title="Mailchimp",
    kind="crm",
    rows=rows,
    source="https://mailchimp.com/help/format-guidelines-for-your-import-file/",
    limits=Limits(bytes=10 * MB),
)
