"""Google Ads Customer Match, as a hashed file.

Sources: "Format your customer data file" (support.google.com/google-ads/answer/7659867: headers, UTF-8, all four of
first name, last name, country and zip for a match by address) and "Format user data" of the Data Manager API
(developers.google.com/data-manager/api/devguides/concepts/formatting: normalisation). E-mail: blanks removed, also
between words; lower case; for gmail.com and googlemail.com the dots before @ and everything from "+" are removed, and
for no other domain. Phone: E.164 with "+". Names: lower case, without prefixes such as Mrs. and suffixes such as Jr.
All of these are hashed with SHA-256; country (ISO 3166, two letters) and postcode are not. For the European Economic
Area consent to ad_user_data and ad_personalization must be granted, and is stated for a whole upload
(developers.google.com/google-ads/api/docs/remarketing/audience-segments/customer-match). An audience serves from
about 1,000 matched members on Search and 100 on Display (support.google.com/google-ads/answer/7659867). A file may have
5 GB (support.google.com/adwords/answer/6276125); it is split far below that, so that an upload that fails is short.
"""

from __future__ import annotations

import re

import pandas as pd

from seglib.implement.destinations import hashing
from seglib.implement.destinations.form import MB, Audience, Destination, Limits

_GMAIL = ("gmail.com", "googlemail.com")
_PREFIX = re.compile(
    r"^(?:mrs?|ms|miss|mx|dr|prof|sir|dame|herr|frau|mme|mlle|sra?|sig|dhr|mevr)\.?\s+", re.I
)
_SUFFIX = re.compile(r"[\s,]+(?:jr|sr|ii|iii|iv|ph\.?d|md|esq)\.?$", re.I)


def email(text: str) -> str | None:
    """Normalise an e-mail address.

    Examples
    --------
    >>> email("cloudy.sanfrancisco+shopping@gmail.com"), email(" User.Name+NYC@Example.com ")
    ('cloudysanfrancisco@gmail.com', 'user.name+nyc@example.com')
    """
    plain = hashing.email(text)
    if plain is None:
        return None
    name, _, domain = plain.rpartition("@")
    if domain not in _GMAIL:
        return plain
    name = name.partition("+")[0].replace(".", "")
    return f"{name}@{domain}" if name else None


def given_name(text: str) -> str | None:
    """Normalise a first name: lower case, without a prefix.

    Examples
    --------
    >>> given_name(" Mrs. Ann ")
    'ann'
    """
    return _PREFIX.sub("", text.strip()).lower().strip() or None


def family_name(text: str) -> str | None:
    """Normalise a last name: lower case, without a suffix.

    Examples
    --------
    >>> family_name("O'Neill, Jr.")
    "o'neill"
    """
    return _SUFFIX.sub("", text.strip()).lower().strip() or None


def rows(audience: Audience) -> pd.DataFrame:
    """Write hashed e-mail, phone and names, with country and postcode as they are."""
    people = audience.people
    address = pd.DataFrame(
        {
            "First Name": hashing.hashed(people, "first_name", given_name),
            "Last Name": hashing.hashed(people, "last_name", family_name),
            "Country": people.country_code.astype("string").fillna(""),
            "Zip": hashing.column(people, "postcode", lambda t: t.strip() or None),
        }
    )
    whole = address.ne("").all(axis=1)
    table = pd.DataFrame(
        {
            "Email": hashing.hashed(people, "email", email),
            "Phone": hashing.phones(people).map(hashing.sha256).astype("string"),
            **{c: address[c].where(whole, "") for c in address},
        }
    )
    return hashing.without_duplicates(table, ["Email", "Phone", "First Name", "Last Name", "Zip"])


DESTINATION = Destination(
    name="google_ads",
    title="Google Ads",
    kind="advertising",
    rows=rows,
    source="https://developers.google.com/data-manager/api/devguides/concepts/formatting",
    limits=Limits(rows=500_000, bytes=100 * MB),
    consents=("ad_user_data", "ad_personalization"),
    least=1000,
)
