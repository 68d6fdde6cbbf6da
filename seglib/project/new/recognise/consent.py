"""Columns that say who agreed to be profiled, and columns that say who objected."""

from __future__ import annotations

import re
from collections.abc import Collection

import pandas as pd

from seglib.errors import listing
from seglib.privacy import consent
from seglib.project.new.recognise.columns import Column
from seglib.project.new.recognise.words import LISTS, folded, holds_in_a_row, in_full, listed, names, says
from seglib.vocabulary import NO, words_of

_PHRASES = {key: [words_of(name) for name in listed(entry)] for key, entry in LISTS["consent"].items()}
_WORDS = {key: {word for phrase in phrases for word in phrase} for key, phrases in _PHRASES.items()}
#: What answers that begin so say in a column of consent, and in one of objections.
_STANCES: dict[str, tuple[int, int | None]] = {
    "plain yes": (1, 1),
    "plain no": (0, 0),
    "alone yes": (1, 1),
    "alone no": (0, 0),
    "opted in": (1, 0),
    "opted out": (0, 1),
    "given": (1, None),
    "lacking": (0, None),
}
_PART = re.compile(f"(?={'|'.join(_WORDS['parts'])})")


def consent_columns(columns: dict[str, Column]) -> list[str]:
    """List the columns that say who agreed, whatever their entries are, the one that a run should read first.

    A column whose name does not limit what is agreed to is preferred, then one whose entries are yes and no,
    then the one with the fewest yes.
    """
    agreed = [c for c in columns.values() if _agrees(c) and not objects(c.name)]
    return [c.name for c in sorted(agreed, key=lambda c: (_limits(c.name), not readable(c), n_yes(c)))]


def objects(name: str) -> bool:
    """Check whether a name says who objected, or did not agree.

    Examples
    --------
    >>> [objects(name) for name in ("opt_out", "no_consent", "consent_withdrawn_at", "consent no")]
    [True, True, True, False]
    """
    words = _words(name)
    if any(holds_in_a_row(words, phrase) for phrase in _PHRASES["objections"]):
        return True
    at = _place(words, _PHRASES["phrases"] + _PHRASES["weak"])
    if at is None:
        return False
    return bool(set(words[:at]) & _WORDS["negations before"] or set(words) & _WORDS["negations"])


def objections(columns: dict[str, Column]) -> list[str]:
    """List the columns that say who objected, the one that a run should read first.

    A column whose name does not limit what is objected to is preferred, then one whose entries are understood,
    then the one with the most objections.
    """
    out = [c for c in columns.values() if objects(c.name)]
    return [c.name for c in sorted(out, key=lambda c: (_limits(c.name), not readable(c), -n_yes(c)))]


def doubt(column: Column) -> str:
    """Explain why a column of consent should be checked, or return nothing."""
    if not readable(column):
        return _doubt_of_words(column, "agreed")
    if not n_yes(column):
        return "no entry says yes; no customer may be profiled"
    if column.holds == "time":
        return "a date is read as consent given on that day, a blank as none"
    return "read as consent to profiling" if _limits(column.name) else ""


def doubt_of_objection(column: Column) -> str:
    """Explain why a column of objections should be checked."""
    if not readable(column):
        return _doubt_of_words(column, "objected")
    return "yes, or a date, says who objected; they are not profiled"


def _doubt_of_words(column: Column, did: str) -> str:
    read = in_words(column)
    if not read:
        return "has entries other than yes and no; a run stops until they are changed"
    yes = [answer for answer, number in read.items() if number]
    return f"{listing(repr(a) for a in yes) or 'none'} is read as having {did}; see levels"


def open_questions(columns: dict[str, Column], read: Collection[str]) -> dict[str, str]:
    """List every column about consent that a run does not read, with what the user must decide.

    Parameters
    ----------
    columns
        Of a source.
    read
        The columns of consent and of objections that a run reads.
    """
    questions = {}
    agreed = next((n for n in read if not objects(n)), None)
    out = next((n for n in read if objects(n)), None)
    for name in consent_columns(columns):
        if name not in read:
            reader = f"{agreed} alone" if agreed else "customers alone"
            questions[name] = f"says who agreed; a run reads consent in {reader}"
    for name in filter(objects, columns):
        if name not in read:
            reader = f"{out} alone" if out else "customers alone"
            questions[name] = (
                f"says who objected; a run reads objections in {reader}: remove these customers, or make one column "
                "of both"
            )
    return questions


def readable(column: Column) -> bool:
    """Check whether all entries are yes, no, dates or blank."""
    if column.holds in ("time", "nothing"):
        return True
    if column.distinct != len(column.answers):
        return False
    yes = consent.means_yes(pd.Series(list(column.answers), dtype="string"))
    return all(a in yes or a.strip().casefold() in NO for a in column.answers)


def n_yes(column: Column) -> int:
    """Count the entries that say yes."""
    if column.holds in ("time", "nothing"):
        return column.known if column.holds == "time" else 0
    yes = set(consent.means_yes(pd.Series(list(column.answers), dtype="string")))
    return sum(n for answer, n in column.answers.items() if answer in yes)


def _agrees(column: Column) -> bool:
    words = _words(column.name)
    if (
        says(column.name, names("customers", "purposes")) >= 0.5
        and column.holds == "text"
        and not readable(column)
    ):
        return False  # what was agreed to, a role of its own
    if _place(words, _PHRASES["phrases"]) is not None or (
        _asked(words) and (readable(column) or in_words(column) or _yes_or_no(column))
    ):
        return True
    if column.holds == "time" and set(words) & _WORDS["weak"] <= {"authorised", "authorized"}:
        return False  # when a payment was
    if set(words) & _WORDS["weak"] and set(words) <= _WORDS["weak"] | _WORDS["beside"] | _WORDS["limits"]:
        return True
    return column.flag and says(column.name, LISTS["consent"]["weak"]) >= 0.65


def _asked(words: tuple[str, ...]) -> bool:
    """Tell whether a heading is a question for consent: I agree that my answers may be used."""
    said, what = (any(holds_in_a_row(words, p) for p in _PHRASES[key]) for key in ("said", "of what"))
    return said and what


def _yes_or_no(column: Column) -> bool:
    """Tell whether a few answers begin with yes or no, whatever follows: a run stops until they are understood."""
    begins = [tuple(folded(answer).split())[:1] for answer in column.answers]
    plain = {*_PHRASES["plain yes"], *_PHRASES["plain no"]}
    return (
        column.holds == "text" and column.distinct <= 4 and sum(b in plain for b in begins) >= len(begins) / 2
    )


def in_words(column: Column) -> dict[str, int]:
    """Read answers in words as yes (1) and no (0), by how they begin; empty unless all are understood.

    Of a column of objections, yes says that somebody objected.

    Examples
    --------
    `granted` and `denied`, `Yes, I agree` and `No`; in a column of objections `Opted in` says no.
    """
    if column.holds != "text" or not 1 <= len(column.answers) == column.distinct <= 8:
        return {}
    read = {answer: _stance(answer, objects(column.name)) for answer in column.answers}
    return {a: said for a, said in read.items() if said is not None} if None not in read.values() else {}


def _stance(answer: str, objection: bool) -> int | None:
    """Read one answer as yes (1) or no (0) to consent, or to an objection; nothing where it is not certain.

    An answer by which somebody would be profiled is certain if nothing follows that could take it back:
    `Opt-in pending`, `Yes, but not by phone` and, in a column of objections, `No marketing` are not.

    Examples
    --------
    >>> [_stance("Opted in", objection) for objection in (False, True)]
    [1, 0]
    >>> [_stance(a, False) for a in ("Granted", "Not granted", "Opt-in pending", "Perhaps")]
    [1, 0, None, None]
    >>> [_stance(a, True) for a in ("Granted", "No", "No marketing", "Yes, all of it")]
    [None, 0, None, 1]
    """
    said = tuple(folded(answer).split())
    begins = {key: max((len(p) for p in _PHRASES[key] if said[: len(p)] == p), default=0) for key in _STANCES}
    longest = max(begins.values())
    keys = [key for key, length in begins.items() if length == longest]
    rest = {word for word in said[longest:] if not word.isdigit()}
    if not longest or len(keys) > 1 or (rest and keys[0].startswith("alone")):
        return None
    yes = _STANCES[keys[0]][objection]
    if yes is None or bool(yes) == objection:
        return yes  # no one more is profiled for it
    harmless = "of objections" if objection and keys[0] == "plain no" else "harmless"
    return yes if rest <= _WORDS[harmless] else None


def _words(name: str) -> tuple[str, ...]:
    """Split a name into words, and off what is glued before consent: noconsent, werbeeinwilligung."""
    return in_full(part for word in words_of(name) for part in _PART.split(word) if part)


def _place(words: tuple[str, ...], phrases: list[tuple[str, ...]]) -> int | None:
    """Find the first word of consent."""
    for at, word in enumerate(words):
        if _PART.match(word) or any(words[at : at + len(phrase)] == phrase for phrase in phrases):
            return at
    return None


def _limits(name: str) -> int:
    return sum(word in _WORDS["limits"] for word in _words(name))
