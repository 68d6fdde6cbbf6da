"""Answers that have an order."""

from __future__ import annotations

import re

from seglib.project.new.recognise.words import LISTS, folded, listed

#: Answers in their order, by their places; answers of one step have the same.
_SCALES: tuple[dict[str, int], ...] = tuple(
    {answer: place for place, step in enumerate(listed(order), 1) for answer in step.split("=")}
    for order in LISTS["orders"]
)
_TIMES = LISTS["times a year"]
_NUMBER = r"\d[\d.,' ]*"
_UNITS = re.compile(r"[$€£%]|\b(?:eur|usd|gbp|years?|jahre?|ans|anos|años|k)\b")
_FROM = re.compile(
    rf"(?P<from>{_NUMBER})(?:\s*(?:-|–|to|bis|a|à|and)\s*{_NUMBER}|\s*\+|\s*(?:and|or) (?:more|over|older))"
    rf"|(?:>=?|over|more than|above|uber|über|ab|plus de|mas de|más de)\s*(?P<above>{_NUMBER})\+?"
)
_BELOW = re.compile(rf"(?:<=?|under|less than|below|unter|bis|moins de|menos de)\s*({_NUMBER})")


def ordered(answers: list[str]) -> dict[str, float] | None:
    """Put answers that have an order into it, each with a number, or return nothing if they have none.

    Parameters
    ----------
    answers
        All texts of a column.

    Examples
    --------
    >>> ordered(["high", "low", "medium"])
    {'low': 1, 'medium': 2, 'high': 3}
    >>> ordered(["-1", "0", "I love it!+1"])
    {'-1': -1, '0': 0, 'I love it!+1': 1}
    >>> ordered(["18-24", "65+", "25-64"])
    {'18-24': 1, '25-64': 2, '65+': 3}
    >>> ordered(["Never", "More than once a week", "Once a week", "Every three months"])
    {'Never': 1, 'Every three months': 2, 'Once a week': 3, 'More than once a week': 4}
    >>> ordered(["red", "green", "blue"]) is None
    True
    """
    if not 3 <= len(answers) <= 30:
        return None
    for scale in _SCALES:
        if all(folded(a) in scale for a in answers):
            steps = {a: float(scale[folded(a)]) for a in answers}
            return _numbered(steps) if len(set(steps.values())) >= 3 else None
    for read in (_leading, _trailing, _frequency, _band):
        places = {a: place for a in answers if (place := read(a)) is not None}
        if len(places) == len(set(places.values())) == len(answers):
            return _numbered(places, own=read in (_leading, _trailing))
    return None


def _numbered(places: dict[str, float], own: bool = False) -> dict[str, float]:
    """Put answers into their order and count them: 1, 2, …, or take their own whole numbers."""
    steps = {place: n for n, place in enumerate(sorted(set(places.values())), 1)}
    in_order = sorted(places.items(), key=lambda item: item[1])
    return {answer: int(place) if own else steps[place] for answer, place in in_order}


def _leading(answer: str) -> float | None:
    """Read '1) under 100' or '2 - agree' as its number."""
    match = re.match(r"\s*(\d{1,2})\s*(?:[).:=]\s+|\s[-–=]\s+)\D*[^\d\s]", answer)
    return float(match[1]) if match else None


def _trailing(answer: str) -> float | None:
    """Read 'I hate it!-5', '(3)' or '+2' as its number."""
    match = re.fullmatch(r"[^\d+-]*?\(?([+-]?\d{1,2})\)?\s*", answer)
    return float(match[1]) if match else None


def _band(answer: str) -> float | None:
    """Read '18-24', '< 18', '65+' or '$1,000 - $2,000' as its lower end."""
    plain = _UNITS.sub("", answer.strip().lower()).strip()
    if match := _FROM.fullmatch(plain):
        return _plain(match["from"] or match["above"])
    match = _BELOW.fullmatch(plain)
    return _plain(match[1]) - 1e9 if match else None


def _plain(number: str) -> float:
    """Read a number in a band, in which points and commas group thousands."""
    digits = re.sub(r"[.,' ](?=\d{3}(?:\D|$))", "", number.strip()).replace(",", ".").strip(". ")
    return float(re.sub(r"[^\d.]", "", digits) or 0)


def _frequency(answer: str) -> float | None:
    """Read 'once a month' as times a year."""
    words = folded(answer).split() or [""]
    if " ".join(words) in _TIMES["adverbs"]:
        return _TIMES["adverbs"][" ".join(words)]
    forms = (form for word in words for form in (word, word.rstrip("s"), word.rstrip("en"), word.rstrip("e")))
    period = next((_TIMES["periods"][form] for form in forms if form in _TIMES["periods"]), None)
    if period is None:
        return None
    counts = (float(_TIMES["numbers"].get(w, w)) for w in words if w in _TIMES["numbers"] or w.isdigit())
    count = next(counts, 1.0)
    factor = _TIMES["more or less"].get(words[0], 1.0)
    if words[0] in listed(_TIMES["each"]):
        return factor * period / count
    return factor * period * count if count > 1 or set(words) & {*listed(_TIMES["per"])} else None
