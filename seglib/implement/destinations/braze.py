"""Braze user profiles, as a CSV import.

Sources: "CSV import" (braze.com/docs/user_guide/data/user_data_collection/user_import/csv_import: one identifier for
all rows, external_id; reserved names for default attributes) and "Import users" (braze.com/docs/user_guide/audience/
manage_audience/import_users: at most 500 MB); blank cells change nothing; HTML is not
cleaned by Braze, so tags are removed here. No subscription state is written.
"""

from __future__ import annotations

import re

import pandas as pd

from seglib.implement.destinations import hashing
from seglib.implement.destinations.form import MB, Audience, Destination, Limits
from seglib.implement.destinations.own_tools import people_table

_HEADERS = {
    "id": "external_id",
    "email": "email",
    "phone": "phone",
    "first_name": "first_name",
    "last_name": "last_name",
    "city": "home_city",
    "country": "country",
    "segment": "segment",
    "segment_code": "segment_code",
    "campaign": "campaign",
    "channel": "campaign_channel",
}


def rows(audience: Audience) -> pd.DataFrame:
    """Write all people by their id, each once."""
    table = people_table(audience, _HEADERS)
    table = table.assign(**{c: table[c].map(without_tags) for c in table.columns.drop("external_id")})
    names = {c: re.sub(r"\W+", "_", c).lower() for c in table.columns}
    return hashing.without_duplicates(table.rename(columns=names), ["external_id"])


def without_tags(text: str) -> str:
    """Remove HTML from a text.

    Examples
    --------
    >>> without_tags("<b>Ann</b><script>x</script>")
    'Annx'
    """
    return re.sub(r"<[^>]*>?", "", text)


DESTINATION = Destination(
    name="braze",
    title="Braze",
    kind="crm",
    rows=rows,
    source="https://www.braze.com/docs/user_guide/data/user_data_collection/user_import/csv_import",
    limits=Limits(bytes=500 * MB),
)
