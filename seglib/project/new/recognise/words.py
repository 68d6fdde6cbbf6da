"""Names and answers as words, and how far a name says something."""

from __future__ import annotations

import re
from collections.abc import Iterable
from functools import lru_cache
from pathlib import Path
from typing import Any

from ruamel.yaml import YAML

from seglib.vocabulary import plain_letters, words_of

#: What columns and their entries are called, by what it is for; see the file.
LISTS: dict[str, Any] = YAML(typ="safe", pure=True).load(Path(__file__).with_name("words.yaml"))


def listed(names: str) -> list[str]:
    """Split a list of names, separated by commas."""
    return [name.strip() for name in names.split(",") if name.strip()]


#: Texts that are read as missing, folded.
MISSING = frozenset(["", *listed(LISTS["missing"]["always"])])
#: Texts that are read as missing where all else is numbers or times, and may be an answer elsewhere.
MISSING_AMONG_NUMBERS = frozenset(listed(LISTS["missing"]["among numbers"]))
#: By role, answers by which it is recognised in any column.
ANSWERS = {role: frozenset(listed(answers)) for role, answers in LISTS["answers"].items()}


#: Words of tables, as exports write them before the names of columns.
_TABLES = frozenset(listed(LISTS["tables"]))
#: Words of whom or what a column is, before its name.
_BEFORE = frozenset(("billing", "shipping", "buyer", "guest", "member"))


def names(kind: str, role: str) -> str:
    """List what columns of a role are called in a kind of source."""
    return ", ".join(LISTS["names"][table].get(role, "") for table in (kind, "every kind"))


#: Abbreviations in names of columns, in full.
_ABBREVIATIONS: dict[str, str] = LISTS["abbreviations"]


_VOWELS = re.compile(r"(?<=.)[aeiou]")
#: Long words by what is left of them without vowels.
_WITHOUT_VOWELS = {
    _VOWELS.sub("", word): word for word in listed(LISTS["without vowels"]) if len(_VOWELS.sub("", word)) > 3
}


def in_full(own: Iterable[str]) -> tuple[str, ...]:
    """Write the abbreviations among words in full.

    Examples
    --------
    >>> in_full(["mrtl", "stat"]), in_full(["prflng", "objctn", "dt"])
    (('marital', 'status'), ('profiling', 'objection', 'date'))
    """
    return tuple(_ABBREVIATIONS.get(word, _WITHOUT_VOWELS.get(word, word)) for word in own)


@lru_cache(maxsize=50_000)
def words(name: str) -> tuple[str, ...]:
    """Split a name into its words, plurals of English cut and abbreviations in full.

    Examples
    --------
    >>> words("CustomerID"), words("order_lines"), words("trx_dt")
    (('customer', 'id'), ('order', 'line'), ('transaction', 'date'))
    """
    return in_full(map(_singular, words_of(name)))


def _singular(word: str) -> str:
    plural = len(word) > 4 and word.endswith("s") and not word.endswith(("ss", "us", "is"))
    return word[:-1] if plural else word


def folded(text: object) -> str:
    """Fold an answer: small letters, without accents and signs.

    Examples
    --------
    >>> folded(" Très Élevé! ")
    'tres eleve'
    """
    return " ".join(re.findall(r"[^\W_]+", plain_letters(text)))


@lru_cache(maxsize=500)
def phrases(listing: str) -> tuple[tuple[tuple[str, ...], float], ...]:
    """Read a list of names as words, each with its weight; a question mark says that a name is weak."""
    return tuple((words(name.rstrip("?")), 0.6 if name.endswith("?") else 1.0) for name in listed(listing))


def says(name: str, listing: str) -> float:
    """Measure how far a name says one of a list of names, from 0 to 1.

    A name that is the phrase says it wholly; one that holds its words, or ends with it as the compounds of
    German and Dutch do, the more of it the phrase covers.

    Examples
    --------
    >>> says("CustomerID", "customer id"), says("colour", "customer id")
    (1.0, 0.0)
    >>> 0.5 < says("Bestelldatum", "datum") < says("datum", "datum")
    True
    >>> says("subscriptions.mrr", "mrr"), says("Order Lines/Subtotal", "subtotal"), says("Town/City", "city") < 0.9
    (0.95, 0.95, True)
    """
    own = words(name)
    table, bare = _parted(name)
    return max(
        (
            weight * max(_covers(own, phrase), 0.95 * _covers(bare, phrase) if table else 0.0)
            for phrase, weight in phrases(listing)
        ),
        default=0.0,
    )


@lru_cache(maxsize=50_000)
def _parted(name: str) -> tuple[tuple[str, ...], tuple[str, ...]]:
    """Part a name into the table that it names before a dot or a stroke, if it does, and the column."""
    table, _, bare = name.rpartition(".") if "." in name else name.rpartition("/")
    own = words(table)
    return (own, words(bare)) if own and set(own) <= _TABLES else ((), ())


def called(name: str, listing: str) -> bool:
    """Check whether a name is one of a list, or ends with one of several words, tables before it aside.

    Examples
    --------
    >>> [called(n, "note, phone number") for n in ("Order Notes", "home phone number", "credit note", "note type")]
    [True, True, False, False]
    >>> called("account_company_name", "company name")
    True
    """
    own, read = words(name), [phrase for phrase, _ in phrases(listing)]
    ends = any(len(phrase) > 1 and own[-len(phrase) :] == phrase for phrase in read)
    while own not in read and len(own) > 1 and own[0] in _TABLES | _BEFORE:
        own = own[1:]
    return ends or own in read


def holds_in_a_row(own: tuple[str, ...], phrase: tuple[str, ...]) -> bool:
    """Check whether words contain a phrase, its words in a row."""
    return any(own[i : i + len(phrase)] == phrase for i in range(len(own)))


def _covers(own: tuple[str, ...], phrase: tuple[str, ...]) -> float:
    name, part = "".join(own), "".join(phrase)
    if not name or not part:
        return 0.0
    if name == part:
        return 1.0
    if len(part) == 1:
        return 0.0  # a letter says what it says alone
    share = len(part) / len(name)
    if holds_in_a_row(own, phrase):
        return 0.5 + 0.4 * share
    longer = [w for w in own if len(part) >= 4 and len(w) >= len(part) + 3]
    if any(w.endswith(part) for w in longer):
        return 0.35 + 0.4 * share
    # The head of a compound stands at its end; what only begins so may be another word: valor, valoración.
    return 0.2 + 0.4 * share if any(w.startswith(part) for w in longer) else 0.0
