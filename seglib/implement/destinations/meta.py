"""Meta Custom Audiences from a customer list, as a hashed file.

Sources: "How to format a customer list" (facebook.com/business/help/2082575038703844: headers, at least 100 people)
and "Customer File Custom Audiences" of the Marketing API (developers.facebook.com/docs/marketing-api/audiences/guides/
custom-audiences: normalisation before SHA-256). E-mail: trimmed, lower case, no rule for gmail. Phone: digits only,
with the country code, without "+" and leading zeros. Names: lower case without punctuation, accents in UTF-8. City:
lower case without punctuation and blanks. State: two letters in the USA, elsewhere lower case without punctuation and
blanks. Postcode: lower case without blanks; the first five digits in the USA, area, district and sector in Britain.
Country: ISO 3166, two letters, lower case. Advertising ids are not hashed. No size of a file
is published there; files are split at 1 GB.
"""

from __future__ import annotations

import re
import unicodedata
from pathlib import Path

import pandas as pd
import yaml

from seglib.implement.destinations import hashing
from seglib.implement.destinations.form import MB, Audience, Destination, Limits

_USA = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))["states"]


def phone(e164: str) -> str | None:
    """Write a phone number: digits with the country code, no "+", no leading zeros.

    Examples
    --------
    >>> phone("+442079460958")
    '442079460958'
    """
    return re.sub(r"\D", "", e164).lstrip("0") or None


def city(text: str) -> str | None:
    """Write a city: letters alone, in lower case.

    Examples
    --------
    >>> city("St. John's"), city("São Paulo")
    ('stjohns', 'sãopaulo')
    """
    return re.sub(r"[\W\d_]", "", unicodedata.normalize("NFC", text).lower()) or None


def state(text: str, country: str) -> str | None:
    """Write a state: its two letters in the USA.

    Examples
    --------
    >>> state("New York", "US"), state("N.Y.", "US"), state("Île-de-France", "FR")
    ('ny', 'ny', 'îledefrance')
    """
    plain = city(text)
    return _USA.get(plain, plain) if plain and country == "US" else plain


def postcode(text: str, country: str) -> str | None:
    """Write a postcode.

    Examples
    --------
    >>> postcode("94025-1234", "US"), postcode("M1 1AE", "GB"), postcode(" 1011 AB ", "NL")
    ('94025', 'm11', '1011ab')
    """
    plain = re.sub(r"[\s-]", "", text).lower()
    if country == "US":
        return plain[:5] or None
    if country == "GB" and re.fullmatch(r"[a-z]{1,2}\d[a-z\d]?\d[a-z]{2}", plain):
        return plain[:-2]
    return plain or None


def rows(audience: Audience) -> pd.DataFrame:
    """Write hashed identifiers, and advertising ids as they are."""
    people = audience.people
    where = people.country_code.astype("string").fillna("")

    def by_country(kind: str, write: object) -> pd.Series:
        if f"address_{kind}" not in people:
            return pd.Series("", index=people.index, dtype="string")
        pairs = zip(people[f"address_{kind}"], where, strict=True)
        made = [hashing.sha256(write(str(v), c)) if pd.notna(v) else "" for v, c in pairs]  # type: ignore[operator]
        return pd.Series(made, index=people.index, dtype="string")

    table = pd.DataFrame(
        {
            "email": hashing.hashed(people, "email", hashing.email),
            "phone": hashing.phones(people)
            .map(lambda n: hashing.sha256(phone(n) if n else None))
            .astype("string"),
            "madid": hashing.column(people, "device_id", lambda t: t.strip().lower() or None),
            "fn": hashing.hashed(people, "first_name", hashing.plain),
            "ln": hashing.hashed(people, "last_name", hashing.plain),
            "zip": by_country("postcode", postcode),
            "ct": hashing.hashed(people, "city", city),
            "st": by_country("state", state),
            "country": where.str.lower().map(hashing.sha256).astype("string"),
        }
    )
    named = table[["fn", "ln"]].ne("").all(axis=1)
    known = table[["email", "phone", "madid"]].ne("").any(axis=1) | named
    kept = [c for c in table if (table[c] != "").any()]
    return hashing.without_duplicates(table[known][kept], [c for c in kept if c != "country"])


DESTINATION = Destination(
    name="meta",
    title="Meta",
    kind="advertising",
    rows=rows,
    source="https://developers.facebook.com/docs/marketing-api/audiences/guides/custom-audiences",
    limits=Limits(bytes=1024 * MB),
    consents=("ad_user_data", "ad_personalization"),
    least=100,
)
