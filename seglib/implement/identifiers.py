"""E-mail addresses and phone numbers as they are compared: whatever a source writes, one form."""

from __future__ import annotations

import functools
import re
from collections.abc import Callable
from typing import Any

import pandas as pd
import phonenumbers
from babel import Locale
from babel.core import get_global

from seglib.vocabulary import BLANK

_LANGUAGES = ("en", "de", "fr", "es", "it", "pt", "pl", "nl")
_ALSO = {"great britain": "GB", "england": "GB", "scotland": "GB", "wales": "GB", "northern ireland": "GB"}
_ALSO |= {"united states of america": "US", "u.s.": "US", "u.s.a.": "US", "u.k.": "GB", "holland": "NL"}

#: A name, one @, labels of a domain and a top-level domain; each part no longer than mail allows (RFC 5321).
_EMAIL = re.compile(
    r"[^\s@,;:<>()\[\]\\\"\x00-\x1f\x7f]{1,64}@(?:[^\W_](?:[\w-]{0,61}[^\W_])?\.)+[^\W\d_]{2,63}", re.UNICODE
)


def email(text: object) -> str | None:
    """Write an e-mail address without blanks around, in small letters; nothing if it is none.

    Examples
    --------
    >>> email("  Ann.Lee@Example.COM "), email("ann@"), email(None)
    ('ann.lee@example.com', None, None)
    """
    if not isinstance(text, str):
        return None
    plain = text.strip().removeprefix("mailto:").lower()
    if not _EMAIL.fullmatch(plain) or ".." in plain or plain.startswith(".") or ".@" in plain:
        return None
    return plain


@functools.lru_cache(maxsize=100_000)
def phone(text: object, country: str | None = None) -> str | None:
    """Write a phone number as E.164; nothing if it is none, or a national one without a known country.

    Parameters
    ----------
    country
        ISO code of the country whose national form is meant.

    Examples
    --------
    >>> phone("+44 (0)20 7946 0958"), phone("020 7946 0958", "GB"), phone("020 7946 0958")
    ('+442079460958', '+442079460958', None)
    """
    if not isinstance(text, str):
        return None
    plain = re.sub(r"\(0\)", "", text.strip().removeprefix("tel:"))
    plain = re.sub(r"^00(?=[1-9])", "+", plain)
    if not plain.startswith("+") and country is None:
        return None
    try:
        number = phonenumbers.parse(plain, country)
    except phonenumbers.NumberParseException:
        return None
    if not phonenumbers.is_possible_number(number) or not number.national_number:
        return None
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)


def countries(addresses: pd.DataFrame, default: str | None) -> pd.Series:
    """Return the ISO code of each customer's country: that of the column, else the default; else missing."""
    given = pd.Series(default, index=addresses.index, dtype="string")
    if "country" not in addresses:
        return given
    return addresses.country.map(country_code).astype("string").fillna(given)


@functools.cache
def _names() -> dict[str, Any]:
    """Collect the names and codes of countries: CLDR's, in the languages that `vocabulary.YES` reads."""
    spoken: dict[str, Any] = {language: dict(Locale(language).territories) for language in _LANGUAGES}
    codes = {c for c in spoken["en"] if re.fullmatch("[A-Z]{2}", c)} - {"EU", "EZ", "UN", "ZZ"}
    named = {name.casefold(): c for words in spoken.values() for c, name in words.items() if c in codes}
    replaced: dict[str, Any] = dict(get_global("territory_aliases"))
    aliases = {old.casefold(): new[0] for old, new in replaced.items() if len(new) == 1}
    return aliases | named | {code.casefold(): code for code in codes} | _ALSO


def country_code(text: object) -> str | None:
    """Return the ISO 3166 code of a country by its code or name; nothing if it is not known.

    Examples
    --------
    >>> country_code(" gb "), country_code("Germany"), country_code("Atlantis")
    ('GB', 'DE', None)
    """
    if not isinstance(text, str):
        return None
    return _names().get(text.strip().casefold())


def phones(addresses: pd.DataFrame, default: str | None) -> pd.Series:
    """Write all phone numbers as E.164; missing where that cannot be done."""
    where = countries(addresses, default)
    pairs = zip(addresses.phone, where, strict=True)
    made = [phone(None if pd.isna(p) else p, None if pd.isna(c) else c) for p, c in pairs]
    return pd.Series(made, index=addresses.index, dtype="string")


def compared(kind: str, addresses: pd.DataFrame, country: str | None) -> pd.Series:
    """Write one kind of address in the form in which two are compared; missing where it is not usable."""
    if kind == "phone":
        return phones(addresses, country)
    write: Callable[[object], str | None] = email if kind == "email" else _text
    made = [write(None if pd.isna(v) else v) for v in addresses[kind]]
    return pd.Series(made, index=addresses.index, dtype="string")


def _text(value: object) -> str | None:
    plain = str(value).strip() if value is not None else ""
    return None if plain.casefold() in BLANK else plain


def usable(kind: str, addresses: pd.DataFrame, country: str | None) -> pd.Series:
    """Tell whose address of a kind can be used."""
    return compared(kind, addresses, country).notna()
