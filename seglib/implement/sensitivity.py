"""Audiences that no advertising platform may receive: formed or named on health, finance or protected attributes.

Google (Personalized advertising policies), Meta (Customer List Custom Audiences Terms), TikTok and X forbid
audiences that reveal sensitive facts about people, whatever they are called; all four name health and financial
status.
"""

from __future__ import annotations

from collections.abc import Collection, Mapping
from pathlib import Path

import pandas as pd
import yaml

from seglib.privacy.protected import attribute
from seglib.vocabulary import words_of

_FILE = yaml.safe_load(Path(__file__).with_suffix(".yaml").read_text("utf-8"))
_FINANCE, _NOT_FINANCE = (frozenset(_FILE[words].split()) for words in ("finance", "not_finance"))


def topic(text: str) -> str:
    """Return what sensitive matter a name or a label tells of: health, finance, age …; nothing if none.

    Examples
    --------
    >>> topic("mostly diabetic"), topic("high income"), topic("Large baskets, few visits"), topic("credit card")
    ('health', 'finance', '', '')
    """
    found = attribute(text)
    if found:
        return found
    words = set(words_of(text))
    return "finance" if words & _FINANCE and not words & _NOT_FINANCE else ""


def sensitive(
    profiles: pd.DataFrame, names: Mapping[int, str], plays: pd.DataFrame, extra: Collection[str] = ()
) -> dict[int, str]:
    """Find the segments that an advertising platform may not receive.

    Parameters
    ----------
    profiles
        The table `profiles`: what formed the segments makes all of them sensitive.
    names
        By segment; a word of a name makes that segment sensitive.
    plays
        The table `plays`: so does a word of the play.
    extra
        Features that the project calls protected.

    Returns
    -------
    dict
        Segment to the reason: what formed or named it, and the matter.
    """
    formed = profiles[profiles.segmentation].drop_duplicates("feature")
    reasons: dict[int, str] = {}
    for row in formed.itertuples():
        matter = "protected" if row.feature in extra else topic(row.feature) or topic(str(row.label))
        if matter:
            reasons |= {
                number: f"formed on {row.label} ({matter})" for number in names if number not in reasons
            }
    for number, name in names.items():
        if number not in reasons and (matter := topic(str(name))):
            reasons[number] = f"named on {matter}"
    for row in plays[plays.target].itertuples():
        if row.segment not in reasons and (matter := topic(str(row.play))):
            reasons[row.segment] = f"its play is named on {matter}"
    return reasons
