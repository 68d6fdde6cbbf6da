"""Columns that hold names of persons, recognised by how entries are written and by frequent given names."""

from __future__ import annotations

import re

from seglib.privacy.personal.column_names import WORDS
from seglib.vocabulary import plain_letters

_WORD = r"[^\W\d_]+(?:['’-][^\W\d_]+)*\.?"
_SHAPE = re.compile(rf"{_WORD}(?:(?:,? |,){_WORD}){{1,3}}")
_SINGLE = re.compile(r"[^\W\d_]{2,}(?:['’-][^\W\d_]+)*")
_GIVEN_NAMES = frozenset(WORDS["given names"].split())
_PARTICLES = frozenset({"de", "da", "van", "von", "der", "den", "la", "le", "di"})
_TITLES = frozenset(WORDS["titles"].split())
_NOT_PERSONS = frozenset(WORDS["not persons"].split())

#: Least share of entries that are written as a full name, and of those that begin or end with a frequent
#: given name (or a title).
WRITTEN, FREQUENT = 0.9, 0.05
#: Least share of entries that are a frequent given name, where each entry is one word.
SINGLE = 0.4
#: Fewest different entries by which a column of names is recognised.
FEWEST = 5


def _folded(word: str) -> str:
    return plain_letters(word).strip(".,")


def _written(text: str) -> bool:
    """Check whether a text is two to four words that all begin with a capital (or all are capitals)."""
    words = re.split(r",? |,", text)
    capital = all(w[:1].isupper() or w.casefold() in _PARTICLES for w in words)
    place = re.search(r"[a-z],? [A-Z]{2}$", text)  # as in 'Omaha, NE'
    firm = _NOT_PERSONS & {_folded(w) for w in words}
    return bool(_SHAPE.fullmatch(text)) and capital and not place and not firm


def _frequent(text: str) -> bool:
    words = [_folded(w) for w in re.split(r"[ ,-]+", text) if w]
    return words[0] in _TITLES or words[0] in _GIVEN_NAMES or words[-1] in _GIVEN_NAMES


def share_of_names(entries: list[str]) -> float:
    """Compute the share of different entries that are names of persons, 0 where too few are.

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
    >>> share_of_names(["WEISS,ANNA", "JONES-KIM,PETER", "YU,ZOE", "LUND,OTTO", "EK,INES"])
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
    given = sum(bool(_SINGLE.fullmatch(e)) and _folded(e) in _GIVEN_NAMES for e in entries)
    return given / len(entries) if given >= SINGLE * len(entries) else 0.0


def given_name(word: str) -> bool:
    """Check whether a word is a frequent given name.

    Examples
    --------
    >>> given_name("anna"), given_name("kitchen")
    (True, False)
    """
    return _folded(word) in _GIVEN_NAMES
