"""Salesforce campaign members, for the Data Import Wizard.

Sources: "How large can my import file be?" (help.salesforce.com, xcloud.faq_import_general_are_there_size: 100 MB, 90
fields a record) and "General importing questions" (sf.faq_import_general: more than 50,000 records need Data Loader).
Members are matched by email or by an external id; the wizard asks for the campaign.
"""

from __future__ import annotations

import pandas as pd

from seglib.implement.destinations import hashing
from seglib.implement.destinations.form import MB, Audience, Destination, Limits
from seglib.implement.destinations.own_tools import people_table

_HEADERS = {
    "id": "External ID",
    "email": "Email",
    "first_name": "First Name",
    "last_name": "Last Name",
    "phone": "Phone",
    "campaign": "Campaign Name",
    "segment": "Segment",
    "segment_code": "Segment Code",
}


def rows(audience: Audience) -> pd.DataFrame:
    """Write all people by their id, each once, as planned members."""
    return hashing.without_duplicates(people_table(audience, _HEADERS), ["External ID"]).assign(
        Status="Planned"
    )


DESTINATION = Destination(
    name="salesforce",
    title="Salesforce",
    kind="crm",
    rows=rows,
    source="https://help.salesforce.com/s/articleView?id=xcloud.import_limits.htm",
    limits=Limits(rows=50_000, bytes=100 * MB, columns=90),
)
