"""What features may be about, by the words in their names and labels: `concepts.yaml`."""

from __future__ import annotations

from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

from seglib.vocabulary import says_no, says_yes, words_of


@cache
def concepts() -> dict[str, list[set[str]]]:
    """Read what features may be about: concept to phrases that say so, each as the set of its words."""
    raw = yaml.safe_load((Path(__file__).parent / "concepts.yaml").read_text(encoding="utf-8"))
    return {str(concept): [set(words_of(phrase)) for phrase in phrases] for concept, phrases in raw.items()}


def about(row: Any, concept: str) -> bool:
    """Check whether a row of profiles is about a concept: some phrase has all its words in the name or label.

    A number, and a level that says yes, go by their feature; another level needs a word of its own answer in the
    phrase, for 'device protection: no internet service' tells nothing of devices.
    """
    words, own = {*words_of(row.feature), *words_of(row.label)}, set()
    if not pd.isna(row.answer) and not affirmed(row):
        own = set(words_of(row.answer))
        if "no" in own or says_no(row.answer, two=True):
            return False
    return any(phrase <= words | own and (not own or phrase & own) for phrase in concepts()[concept])


def affirmed(row: Any) -> bool:
    """Check whether a row of profiles is of a level that says yes."""
    return says_yes(row.answer, two=isinstance(getattr(row, "other", None), str))
