"""TikTok Custom Audiences from a customer file, hashed.

Source: "How to create a Custom Audience with a customer file" (ads.tiktok.com/help/article/how-to-create-a-custom-
audience-with-a-customer-file, September 2025). Headers Email_SHA256 and Phone_SHA256, MAID as it is. E-mail: no
blanks, lower case. Phone: E.164 with "+", which that page recommends. At least 1,000 entries; files of less than 1 GB.
(An older list, of August 2025, removes "+" from phones and "+tag" from e-mail addresses.)
"""

from __future__ import annotations

import pandas as pd

from seglib.implement.destinations import hashing
from seglib.implement.destinations.form import MB, Audience, Destination, Limits


def rows(audience: Audience) -> pd.DataFrame:
    """Write hashed e-mail and phone, and advertising ids in lower case."""
    people = audience.people
    table = pd.DataFrame(
        {
            "Email_SHA256": hashing.hashed(people, "email", hashing.email),
            "Phone_SHA256": hashing.phones(people).map(hashing.sha256).astype("string"),
            "MAID": hashing.column(people, "device_id", lambda t: t.strip().lower() or None),
        }
    )
    kept = [c for c in table if (table[c] != "").any()]
    return hashing.without_duplicates(table[kept], kept)


DESTINATION = Destination(
    name="tiktok",
    title="TikTok",
    kind="advertising",
    rows=rows,
    source="https://ads.tiktok.com/help/article/how-to-create-a-custom-audience-with-a-customer-file",
    limits=Limits(bytes=1000 * MB),
    consents=("ad_user_data", "ad_personalization"),
    least=1000,
)
