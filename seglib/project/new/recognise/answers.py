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


def ordered(answers: list[str]) -> dict[str, float] | None:
    """Give numbers to answers that have an order, or nothing if they have none.

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
            places = {a: scale[folded(a)] for a in answers}
            return _stepwise(places) if len(set(places.values())) >= 3 else None
    for read in (_leading, _trailing, _frequency, _band):
        places = {a: read(a) for a in answers}
        if None not in places.values() and len(set(places.values())) == len(answers):
            whole = read in (_leading, _trailing)
            return _sorted(places) if whole else _stepwise(places)
    return None


def _sorted(places: dict[str, float]) -> dict[str, float]:
    return {a: int(n) for a, n in sorted(places.items(), key=lambda item: item[1])}


def _stepwise(places: dict[str, float]) -> dict[str, float]:
    """Give answers the numbers 1, 2, … in their order."""
    steps = {place: n for n, place in enumerate(sorted(set(places.values())), 1)}
    return {a: steps[p] for a, p in sorted(places.items(), key=lambda item: item[1])}


def _leading(answer: str) -> float | None:
    """Read '1) under 100' or '2 - agree' as its number."""
    found = re.match(r"\s*(\d{1,2})\s*(?:[).:=]\s+|\s[-–=]\s+)\D*[^\d\s]", answer)
    return float(found[1]) if found else None


def _trailing(answer: str) -> float | None:
    """Read 'I hate it!-5', '(3)' or '+2' as its number."""
    found = re.fullmatch(r"[^\d+-]*?\(?([+-]?\d{1,2})\)?\s*", answer)
    return float(found[1]) if found else None


def _band(answer: str) -> float | None:
    """Read '18-24', '< 18', '65+' or '$1,000 - $2,000' as its lower end."""
    plain = re.sub(
        r"[$€£%]|\b(?:eur|usd|gbp|years?|jahre?|ans|anos|años|k)\b", "", answer.strip().lower()
    ).strip()
    found = re.fullmatch(
        rf"({_NUMBER})(?:\s*(?:-|–|to|bis|a|à|and)\s*{_NUMBER}|\s*\+|\s*(?:and|or) (?:more|over|older))",
        plain,
    )
    if found:
        return _plain(found[1])
    above = re.fullmatch(
        rf"(?:>=?|over|more than|above|uber|über|ab|plus de|mas de|más de)\s*({_NUMBER})\+?", plain
    )
    below = re.fullmatch(rf"(?:<=?|under|less than|below|unter|bis|moins de|menos de)\s*({_NUMBER})", plain)
    return _plain(above[1]) if above else _plain(below[1]) - 1e9 if below else None


def _plain(number: str) -> float:
    """Read a number in a band, in which points and commas group thousands."""
    digits = re.sub(r"[.,' ](?=\d{3}(?:\D|$))", "", number.strip()).replace(",", ".").strip(". ")
    return float(re.sub(r"[^\d.]", "", digits) or 0)


def _frequency(answer: str) -> float | None:
    """Read 'once a month' as times a year."""
    text = folded(answer)
    if text in _TIMES["adverbs"]:
        return _TIMES["adverbs"][text]
    more = (
        1.5
        if re.match(r"(more|mehr|ofter|plus|mas)\b", text)
        else 0.7
        if re.match(r"(less|weniger|moins|menos)\b", text)
        else 1.0
    )
    words = text.split()
    period = next(
        (
            _TIMES["periods"][p]
            for w in words
            for p in (w, w.rstrip("s"), w.rstrip("en"), w.rstrip("e"))
            if p in _TIMES["periods"]
        ),
        None,
    )
    if period is None:
        return None
    count = next(
        (float(_TIMES["numbers"].get(w, w)) for w in words if w in _TIMES["numbers"] or w.isdigit()), 1.0
    )
    if words[0] in ("every", "alle", "jeden", "jede", "chaque", "tous", "cada", "each"):
        return more * period / count
    return (
        more * period * count
        if count > 1 or re.search(r"\b(once|time|times|a|per|pro|im|par|al|por|in)\b", text)
        else None
    )
