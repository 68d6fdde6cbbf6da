"""X list custom audiences, hashed.

Sources: "Custom Audiences User Data" (developer.x.com/en/docs/x-ads-api/audiences/overview/user-data: e-mail in lower
case without blanks around; user names without @, in lower case; SHA-256 without a salt, in lower-case digits) and
"List Custom Audiences" (business.x.com/en/help/campaign-setup/campaign-targeting/custom-audiences/lists: CSV, columns
assigned at upload; at most 10 GB). Phone numbers are hashed as E.164 with "+". An audience needs 100 matched users.
"""

from __future__ import annotations

import pandas as pd

from seglib.implement.destinations import hashing
from seglib.implement.destinations.form import MB, Audience, Destination, Limits


def handle(text: str) -> str | None:
    """Write a user name: no @, no blanks around, lower case.

    Examples
    --------
    >>> handle(" @AdsAPI ")
    'adsapi'
    """
    return text.strip().removeprefix("@").strip().lower() or None


def rows(audience: Audience) -> pd.DataFrame:
    """Write hashed e-mail, phone, user name and advertising id."""
    people = audience.people
    table = pd.DataFrame(
        {
            "email": hashing.hashed(people, "email", hashing.email),
            "phone_number": hashing.phones(people).map(hashing.sha256).astype("string"),
            "handle": hashing.hashed(people, "handle", handle),
            "device_id": hashing.hashed(people, "device_id", lambda t: t.strip().lower() or None),
        }
    )
    kept = [c for c in table if (table[c] != "").any()]
    return hashing.without_duplicates(table[kept], kept)


DESTINATION = Destination(
    name="x",
    title="X",
    kind="advertising",
    rows=rows,
    source="https://developer.x.com/en/docs/x-ads-api/audiences/overview/user-data",
    limits=Limits(bytes=5000 * MB),
    consents=("ad_user_data", "ad_personalization"),
    least=100,
)
