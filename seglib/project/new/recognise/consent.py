"""Columns that say who agreed to be profiled, and columns that say who objected."""

from __future__ import annotations

import re

from seglib.project.new.recognise.columns import Column
from seglib.project.new.recognise.words import LISTS, holds_in_a_row, listed, names, says
from seglib.vocabulary import NO, YES, words_of

_PHRASES = {key: [words_of(name) for name in listed(entry)] for key, entry in LISTS["consent"].items()}
_WORDS = {key: {word for phrase in phrases for word in phrase} for key, phrases in _PHRASES.items()}
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


def doubt(column: Column) -> str:
    """Explain why a column of consent should be checked, or return nothing."""
    if not readable(column):
        return "has entries other than yes and no; a run stops until they are changed"
    if not n_yes(column):
        return "no entry says yes; no customer may be profiled"
    return "read as consent to profiling" if _limits(column.name) else ""


def open_questions(columns: dict[str, Column], read: str | None) -> dict[str, str]:
    """List every column about consent that a run does not read, with what the user must decide.

    Parameters
    ----------
    columns
        Of a source.
    read
        The column of consent that a run reads.
    """
    questions = {}
    for name in consent_columns(columns):
        if name != read:
            reader = f"{read} alone" if read else "customers alone"
            questions[name] = f"says who agreed; a run reads consent in {reader}"
    for name in filter(objects, columns):
        questions[name] = (
            "says who objected, which a run does not read; remove these customers, or add a column that says yes "
            "of all others and set it as columns.consent"
        )
    return questions


def readable(column: Column) -> bool:
    """Check whether all entries are yes, no or blank."""
    return column.distinct == len(column.answers) and all(_plain(a) in YES + NO for a in column.answers)


def n_yes(column: Column) -> int:
    """Count the entries that say yes."""
    return sum(n for answer, n in column.answers.items() if _plain(answer) in YES)


def _agrees(column: Column) -> bool:
    words = _words(column.name)
    if (
        says(column.name, names("customers", "purposes")) >= 0.5
        and column.holds == "text"
        and not readable(column)
    ):
        return False  # what was agreed to, a role of its own
    if _place(words, _PHRASES["phrases"]) is not None:
        return True
    if set(words) & _WORDS["weak"] and set(words) <= _WORDS["weak"] | _WORDS["beside"] | _WORDS["limits"]:
        return True
    return column.flag and says(column.name, LISTS["consent"]["weak"]) >= 0.65


def _words(name: str) -> tuple[str, ...]:
    """Split a name into words, and off what is glued before consent: noconsent, werbeeinwilligung."""
    return tuple(part for word in words_of(name) for part in _PART.split(word) if part)


def _place(words: tuple[str, ...], phrases: list[tuple[str, ...]]) -> int | None:
    """Find the first word of consent."""
    for at, word in enumerate(words):
        if _PART.match(word) or any(words[at : at + len(phrase)] == phrase for phrase in phrases):
            return at
    return None


def _limits(name: str) -> int:
    return sum(word in _WORDS["limits"] for word in _words(name))


def _plain(answer: str) -> str:
    return answer.strip().casefold()
