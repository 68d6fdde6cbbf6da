"""Identifiers as advertising platforms compare them: normalised as each documents it, then hashed with SHA-256."""

from __future__ import annotations

import hashlib
import re
import unicodedata
from collections.abc import Callable

import pandas as pd

from seglib.implement import identifiers

Write = Callable[[str], str | None]


def sha256(text: str | None) -> str:
    """Hash a text, as lower-case hexadecimal digits; an empty text where there is nothing to hash.

    Examples
    --------
    >>> sha256("adsapi")[:16], sha256(None)
    ('49e0be2aeccfb51a', '')
    """
    return hashlib.sha256(text.encode()).hexdigest() if text else ""


def column(people: pd.DataFrame, kind: str, write: Write) -> pd.Series:
    """Write one kind of address for all people: a text each, empty where there is none."""
    name = f"address_{kind}"
    if name not in people:
        return pd.Series("", index=people.index, dtype="string")
    made = [(write(str(value)) or "") if pd.notna(value) else "" for value in people[name]]
    return pd.Series(made, index=people.index, dtype="string")


def hashed(people: pd.DataFrame, kind: str, write: Write) -> pd.Series:
    """Write one kind of address for all people as a hash; empty where there is none."""
    return column(people, kind, write).map(sha256).astype("string")


def phones(people: pd.DataFrame) -> pd.Series:
    """Write phone numbers as E.164; empty where that cannot be done."""
    if "address_phone" not in people:
        return pd.Series("", index=people.index, dtype="string")
    pairs = zip(people.address_phone, people.country_code, strict=True)
    made = [identifiers.phone(p, None if pd.isna(c) else c) if pd.notna(p) else None for p, c in pairs]
    return pd.Series([m or "" for m in made], index=people.index, dtype="string")


def email(text: str) -> str | None:
    """Write an e-mail address trimmed and in lower case; nothing if it is none.

    Examples
    --------
    >>> email(" Ann.Lee+Sale@Gmail.com "), email("ann"), email("ann @example.com")
    ('ann.lee+sale@gmail.com', None, 'ann@example.com')
    """
    return identifiers.email(re.sub(r"\s+", "", text))


def plain(text: str, drop: str = r"[^\w\s]|_") -> str | None:
    """Write a name in lower case, without what a pattern names, with single blanks; accents stay.

    Examples
    --------
    >>> plain("  O'Neill-Smith Jr. "), plain("Zoë"), plain(" - ")
    ('oneillsmith jr', 'zoë', None)
    """
    letters = unicodedata.normalize("NFC", text).casefold() if text.isascii() else text.lower()
    return " ".join(re.sub(drop, "", unicodedata.normalize("NFC", letters)).split()) or None


def without_duplicates(rows: pd.DataFrame, keys: list[str]) -> pd.DataFrame:
    """Keep rows that identify somebody, each set of identifiers once, the first."""
    known = rows[keys].ne("").any(axis=1)
    kept = rows[known]
    return kept[~kept[keys].duplicated()]
