"""How a segment stands out by one feature, in plain words that are true of it."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import numpy as np
import pandas as pd

from seglib.assess.naming.profiles import places, square
from seglib.assess.thresholds import MOST, NEARLY_ALL
from seglib.vocabulary import says_no, says_yes, uncapitalised

#: Where the answer stands in the words for a feature of several answers.
ANSWER = "{answer}"
#: How words begin that are true of one half at least, by a feature that is a share or a percentage.
MOSTLY = "mostly "


def with_answers(catalogue: pd.DataFrame, labels: Mapping[str, Any]) -> pd.DataFrame:
    """Add to the catalogue what the params call single answers.

    Parameters
    ----------
    catalogue
        One row per feature.
    labels
        By feature: label, high, low, answers.

    Returns
    -------
    pandas.DataFrame
        The same with answers (dict of answer to words, empty where there are none).
    """
    answers = [
        dict(labels[f].get("answers") or {}) if isinstance(labels.get(f), Mapping) else {}
        for f in catalogue.feature
    ]
    return catalogue.assign(answers=pd.Series(answers, index=catalogue.index, dtype=object))


def is_yes_or_no(answer: object, level: str) -> bool:
    """Check whether an answer is one of yes and no, so that who does not say one says the other.

    Examples
    --------
    >>> is_yes_or_no("No", "binary"), is_yes_or_no("No", "nominal"), is_yes_or_no("own servers", "binary")
    (True, False, False)
    """
    return level == "binary" and (says_yes(answer, True) or says_no(answer, True))


def phrase(row: Any, words: pd.DataFrame) -> str:
    """Describe in plain words how a segment stands out by one feature, as `phrased` does."""
    return phrased(row, words)[0]


def phrased(row: Any, words: pd.DataFrame) -> tuple[str, bool]:
    """Describe in plain words how a segment stands out by one feature, and of which share that is true.

    An answer is the segment's own only where at least half of its customers give it; else it is given
    more often, or less often, than by all. So with words that begin with "mostly" and a share.

    Parameters
    ----------
    row
        A row of `profiles`: feature, answer, distance, typical, and other where there are two answers.
    words
        The catalogue by feature: label, level, unit, high, low, and answers if there are some.

    Returns
    -------
    str
        The words.
    bool
        Whether they are about the rest: about those who do not give the answer, or of the rest of a share.

    Examples
    --------
    >>> words = pd.DataFrame({"label": ["Tasty", "Town"], "level": ["binary", "nominal"], "high": "", "low": ""},
    ...                      ["tasty", "town"])
    >>> def example(feature, answer, typical, distance):
    ...     row = {"feature": feature, "answer": answer, "typical": typical, "distance": distance}
    ...     return phrase(pd.Series(row), words)
    >>> example("tasty", "Yes", 0.9, 1.0), example("tasty", "Yes", 0.1, -1.0), example("tasty", "Yes", 0.4, 1.0)
    ('tasty', 'seldom tasty', 'more often tasty')
    >>> example("town", "York", 0.6, 1.0), example("town", "York", 0.2, 1.0), example("town", "York", 0.0, -1.0)
    ('mostly York (town)', 'more often York (town)', 'seldom York (town)')
    """
    entry, more = words.loc[row.feature], bool(row.distance > 0)
    high, low = _own(entry.high), _own(entry.low)
    if pd.isna(row.answer):
        if (ordered := _ordered(row, entry)) is not None:
            return ordered, False
        words_of = (high if more else low) or f"{'high' if more else 'low'} {uncapitalised(entry.label)}"
        share = _as_share(row.typical, entry)
        return _most_of_them(words_of, share, more), words_of.startswith(
            MOSTLY
        ) and not more and share == share
    if is_yes_or_no(row.answer, entry.level):
        yes = says_yes(row.answer, True)
        share = row.typical if yes else 1 - row.typical
        text, of_yes = _yes_or_no(high or uncapitalised(entry.label), low, share, more == yes)
        return text, of_yes != yes
    other = row.get("other") if isinstance(row, pd.Series) else getattr(row, "other", None)
    if not more and isinstance(other, str):
        return _answer(answer_words(other, entry), 1 - row.typical, True), True
    return _answer(answer_words(str(row.answer), entry), row.typical, more), False


def _ordered(row: Any, entry: pd.Series) -> str | None:
    """Name the answer that is typical of ordered ones, where the params have no better words."""
    own, of_all = (getattr(row, f"{side}_answer", None) for side in ("typical", "overall"))
    label = uncapitalised(entry.label)
    plain = {"", f"high {label}", f"low {label}"} >= {_own(entry.high), _own(entry.low)}
    if not isinstance(own, str) or own == of_all or not plain:
        return None
    return f"{label} {own}"


def _own(word: object) -> str:
    return word if isinstance(word, str) else ""


def _as_share(typical: float, entry: pd.Series) -> float:
    """Read what is typical as a share where it is one, or a percentage."""
    if entry.get("unit") == "share":
        return float(typical)
    return float(typical) / 100 if entry.label.endswith("(%)") else np.nan


def _most_of_them(text: str, share: float, more: bool) -> str:
    """Write "more often" for "mostly" where it is not true of one half.

    Examples
    --------
    >>> _most_of_them("mostly at weekends", 0.7, True), _most_of_them("mostly at weekends", 0.4, True)
    ('mostly at weekends', 'more often at weekends')
    """
    held = share if more else 1 - share
    return text.replace(MOSTLY, "more often ", 1) if text.startswith(MOSTLY) and not held >= MOST else text


def _yes_or_no(yes: str, no: str, share: float, more: bool) -> tuple[str, bool]:
    """Describe a segment of which `share` says yes, and whether the words are about those who do."""
    if more:
        return (yes if share >= MOST else f"more often {yes}"), True
    if no and share <= 1 - MOST:
        return no, False
    return (f"seldom {yes}" if share <= 1 - NEARLY_ALL else f"less often {yes}"), True


def _answer(words: str, share: float, more: bool) -> str:
    """Describe a segment of which `share` gives the answer."""
    if more:
        return words if share >= NEARLY_ALL else f"mostly {words}" if share >= MOST else f"more often {words}"
    return f"seldom {words}" if share <= 1 - NEARLY_ALL else f"less often {words}"


def answer_words(answer: str, entry: pd.Series) -> str:
    """Describe somebody by what they have answered.

    Examples
    --------
    >>> entry = pd.Series({"label": "Tasty", "level": "binary", "high": "", "low": "not tasty"})
    >>> answer_words("Yes", entry), answer_words("No", entry), answer_words("No", entry.replace("not tasty", ""))
    ('tasty', 'not tasty', 'tasty: no')
    >>> answer_words("York", pd.Series({"label": "Town", "level": "nominal", "high": "from {answer}", "low": ""}))
    'from York'
    >>> answer_words("2", pd.Series({"label": "Channel", "level": "nominal", "high": "", "low": ""}))
    'channel 2'
    """
    known, label = entry.get("answers"), uncapitalised(entry.label)
    high, low = _own(entry.high), _own(entry.low)
    if isinstance(known, Mapping) and known.get(answer):
        return str(known[answer])
    if ANSWER in high:
        return high.replace(ANSWER, answer)
    if says_yes(answer, entry.level == "binary"):
        return high or label
    if says_no(answer, entry.level == "binary"):
        return low or f"{label}: no"
    return f"{label} {answer}" if answer.isdecimal() else f"{answer} ({label})"


def holds_true(profiles: pd.DataFrame) -> pd.Series:
    """Find the rows of which it is true what is said of them.

    A segment is said to have much of something only if it has more than all customers, by what is
    typical as well as by its distance, and more than the middle one of the other segments; likewise little.

    Parameters
    ----------
    profiles
        From `profiles.profiles`.

    Returns
    -------
    pandas.Series
        One bool per row.

    Examples
    --------
    >>> table = pd.DataFrame({"segment": [1, 2, 3], "feature": "x", "answer": None, "typical": [9.0, 8, 1],
    ...                       "overall": 7.0, "distance": [0.6, 0.5, -2.0]})
    >>> holds_true(table).tolist()
    [True, True, True]
    >>> holds_true(table.assign(distance=[0.6, 0.6, -2.0], typical=[9.0, 5, 1])).tolist()
    [True, False, True]
    """
    distances = square(profiles)
    others = pd.DataFrame({s: distances.drop(columns=s).median(axis=1) for s in distances.columns})
    middle = np.nan_to_num(others.to_numpy(dtype=float)[places(profiles, distances)])
    sign = np.sign(profiles.distance.astype(float))
    beyond = sign * (profiles.distance - middle) > 0
    return (
        (sign != 0) & profiles.distance.notna() & beyond & (sign * (profiles.typical - profiles.overall) >= 0)
    )
