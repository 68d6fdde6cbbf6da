"""Google Analytics 4 user-data import.

Source: "Import user data" (support.google.com/analytics/answer/10071143): CSV with user_id as the key and a column per
user property, no key twice, at most 1 GB a file. A user_id must not identify a person by itself, so that an e-mail
address or a phone number is refused as one. Names of audiences there are codes.
"""

from __future__ import annotations

import pandas as pd

from seglib.implement import identifiers
from seglib.implement.destinations import hashing
from seglib.implement.destinations.form import MB, Audience, Destination, Limits

_LONGEST = 256


def user_id(text: str) -> str | None:
    """Return an id that Analytics may receive: neither an e-mail address nor a phone number.

    Examples
    --------
    >>> user_id(" C17 "), user_id("ann@example.com"), user_id("+442079460958")
    ('C17', None, None)
    """
    plain = text.strip()
    if not plain or len(plain) > _LONGEST or identifiers.email(plain):
        return None
    return None if plain.startswith("+") and identifiers.phone(plain) else plain


def rows(audience: Audience) -> pd.DataFrame:
    """Write the user id with the codes of segment and audience as user properties."""
    people = audience.people
    own = people if "address_user_id" in people else people.assign(address_user_id=people.id)
    table = pd.DataFrame(
        {
            "user_id": hashing.column(own, "user_id", user_id),
            "segment_code": people.segment.astype("string"),
            "audience_code": audience.name,
        }
    )
    return hashing.without_duplicates(table, ["user_id"])


DESTINATION = Destination(
    name="ga4",
    title="Google Analytics 4",
    kind="advertising",
    rows=rows,
    source="https://support.google.com/analytics/answer/10071143",
    limits=Limits(bytes=1000 * MB),
    consents=("ad_user_data",),
)
