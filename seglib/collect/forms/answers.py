"""Yes and no: wholly understood, or not at all."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from seglib.errors import DataError, listing
from seglib.privacy import personal
from seglib.vocabulary import BLANK, NO, YES


def understood(texts: Iterable[str], answers: dict[str, float] | None = None) -> tuple[list[str], list[str]]:
    """Divide answers into those that mean yes and those that mean no; others are in neither.

    Parameters
    ----------
    texts
        Different answers.
    answers
        1 or 0 by answer, as `levels` gives them; then no other word is known.

    Examples
    --------
    >>> understood(["Ja", "nein", "False.", "perhaps"])
    (['Ja'], ['nein', 'False.'])
    >>> understood(["Closed", "Active"], {"Closed": 1, "Active": 0})
    (['Closed'], ['Active'])
    """
    texts = [str(text) for text in texts]
    if answers is not None:
        by_answer = {str(answer).strip().casefold(): number for answer, number in answers.items()}
        known = {text: by_answer.get(text.strip().casefold()) for text in texts}
    else:
        words = {**dict.fromkeys(NO, 0), **dict.fromkeys(YES, 1), **dict.fromkeys(BLANK, None)}
        known = {text: words.get(text.strip().casefold().rstrip(".")) for text in texts}
    return [t for t, n in known.items() if n == 1], [t for t, n in known.items() if n == 0]


def yes_or_no(column: pd.Series, place: str, answers: dict[str, float] | None = None) -> pd.Series:
    """Read a column in hand as yes and no.

    Parameters
    ----------
    column
        One entry per customer, under its name: booleans, numbers or texts.
    place
        Where the params name it, for messages.
    answers
        1 or 0 by answer.

    Returns
    -------
    pandas.Series
        Booleans, missing where nothing was said.

    Raises
    ------
    DataError
        If an answer is neither yes nor no.

    Examples
    --------
    >>> yes_or_no(pd.Series(["yes", None], name="left"), "assess.risk").tolist()
    [True, <NA>]
    """
    if pd.api.types.is_bool_dtype(column):
        return column.astype("boolean")
    text = column.astype("string").str.strip().str.replace(r"^([01])\.0+$", r"\1", regex=True)
    text = text.mask(text.str.casefold().isin(BLANK))
    yes, no = understood(text.dropna().unique(), answers)
    strange = text[text.notna() & ~text.isin(yes + no)]
    if len(strange):
        few = [t for t in strange.unique() if not personal.scan_text(t)]
        shown = f" ({listing(few, 3)})" if len(few) <= 30 else ""
        raise DataError(
            f"{place} names '{column.name}', of which {len(strange):,} entries are neither yes nor no{shown}; "
            f"set levels.{column.name} to say which answer means yes, as in {{ANSWER: 1, OTHER: 0}}"
        )
    return text.map({**dict.fromkeys(yes, True), **dict.fromkeys(no, False)}).astype("boolean")
