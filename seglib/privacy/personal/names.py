"""Columns that hold names of persons, told by how their entries are written and by frequent given names."""

from __future__ import annotations

import re
import unicodedata

from seglib.privacy.personal.given_names import GIVEN_NAMES

_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?"
_SHAPE = re.compile(rf"{_WORD}(?:,? {_WORD}){{1,3}}")
_SINGLE = re.compile(r"[^\W\d_]{2,}(?:['’-][^\W\d_]+)*")
_TITLES = {
    "mr",
    "mrs",
    "ms",
    "miss",
    "dr",
    "prof",
    "herr",
    "frau",
    "mme",
    "mlle",
    "sr",
    "sra",
    "sig",
    "pan",
    "pani",
    "dhr",
    "mevr",
}
#: Words of firms, places and goods, which persons' names do not hold.
_NOT_PERSONS = {
    "ag",
    "and",
    "bank",
    "bv",
    "city",
    "co",
    "company",
    "corp",
    "corporation",
    "energy",
    "financial",
    "foods",
    "for",
    "gmbh",
    "group",
    "health",
    "holdings",
    "in",
    "inc",
    "industries",
    "insurance",
    "international",
    "ltd",
    "llc",
    "of",
    "or",
    "partners",
    "plc",
    "resources",
    "sa",
    "service",
    "services",
    "set",
    "stores",
    "systems",
    "technologies",
    "the",
    "und",
    "with",
}

#: Least share of entries that are written as a full name, and of those that begin or end with a frequent
#: given name (or a title).
WRITTEN, FREQUENT = 0.9, 0.05
#: Least share of entries that are a frequent given name, where each entry is one word.
SINGLE = 0.4
#: Fewest different entries by which a column of names is told.
FEWEST = 5


def _folded(word: str) -> str:
    plain = unicodedata.normalize("NFKD", word.casefold())
    return "".join(c for c in plain if not unicodedata.combining(c)).strip(".,")


def _written(text: str) -> bool:
    """Tell whether a text is two to four words that all begin with a capital (or all are capitals)."""
    words = re.split(r",? ", text)
    capital = all(
        w[:1].isupper() or w.casefold() in {"de", "da", "van", "von", "der", "den", "la", "le", "di"}
        for w in words
    )
    place = re.search(r"[a-z],? [A-Z]{2}$", text)  # as in 'Omaha, NE'
    firm = _NOT_PERSONS & {_folded(w) for w in words}
    return bool(_SHAPE.fullmatch(text)) and capital and not place and not firm


def _frequent(text: str) -> bool:
    words = [_folded(w) for w in re.split(r"[ ,-]+", text) if w]
    return words[0] in _TITLES or words[0] in GIVEN_NAMES or words[-1] in GIVEN_NAMES


def share_of_names(entries: list[str]) -> float:
    """Give the share of different entries that are names of persons, 0 where too few are.

    A column holds full names where nine in ten of its different entries are two to four capitalised
    words without those of firms, and one in twenty (two at least) begins or ends with a frequent given
    name or begins with a title; it holds given names where two in five of its entries are frequent ones.

    Parameters
    ----------
    entries
        Different entries of a column.

    Examples
    --------
    >>> share_of_names(["Anna Weiss", "Peter Jones", "Zoe Yu", "Otto Lund", "Ines Ek"])
    1.0
    >>> share_of_names(["Kitchen", "Garden", "Toys", "Books", "Office"])
    0.0
    """
    entries = [" ".join(entry.split()) for entry in entries]
    if len(entries) < FEWEST:
        return 0.0
    full = [entry for entry in entries if _written(entry)]
    frequent = sum(map(_frequent, full))
    if len(full) >= WRITTEN * len(entries) and frequent >= max(2, FREQUENT * len(full)):
        return len(full) / len(entries)
    given = sum(bool(_SINGLE.fullmatch(e)) and _folded(e) in GIVEN_NAMES for e in entries)
    return given / len(entries) if given >= SINGLE * len(entries) else 0.0
