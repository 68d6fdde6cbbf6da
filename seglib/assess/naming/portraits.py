"""What a portrait of a segment is made of: its leading features, and a typical customer."""

from __future__ import annotations

from collections.abc import Iterable
from math import floor, log10
from typing import Any

import numpy as np
import pandas as pd

from seglib.assess.naming.distances import columns
from seglib.assess.naming.phrases import answer_words
from seglib.assess.naming.profiles import square

#: Features in a sentence, and of a typical customer, at the most.
_MOST, _MOST_TYPICAL = 3, 4
#: Customers nearest to the centre who are looked at together, and the fewest who ever are.
NEAREST, _FEWEST = 20, 5
#: Bases that tell what customers do and bring, where no value is known.
_DOING = frozenset({"behavioural", "purchase_cycle", "value"})


def evidence(listed: pd.DataFrame, catalogue: pd.DataFrame, valued: bool) -> pd.DataFrame:
    """Choose what the sentences of a portrait stand on.

    Parameters
    ----------
    listed
        From `speaking.speaking`.
    catalogue
        One row per feature, with unit and basis.
    valued
        Whether it is known what customers bring; if not, what they do is said in its place.

    Returns
    -------
    pandas.DataFrame
        One row per segment and feature: segment, part (who: what formed them; besides:
        descriptors; does: descriptors of behaviour, where no value is known), words, answer, unit,
        typical, overall; three at the most of each, the leading first.
    """
    known = catalogue.set_index("feature")
    doing = known.basis.reindex(listed.feature).isin(_DOING).to_numpy() & (not valued)
    part = np.select([listed.forms.astype(bool), doing], ["who", "does"], default="besides")
    made = listed.assign(part=part, unit=known.unit.reindex(listed.feature).to_numpy())
    made = made.groupby(["segment", "part"], sort=False).head(_MOST)
    return made[["segment", "part", "words", "answer", "unit", "typical", "overall"]].reset_index(drop=True)


def typical(
    features: pd.DataFrame,
    segments: pd.Series,
    profiles: pd.DataFrame,
    listed: pd.DataFrame,
    catalogue: pd.DataFrame,
    min_cell: int = 1,
) -> pd.DataFrame:
    """Describe the customers nearest to the centre of each segment, together and rounded.

    Nobody is shown: numbers are medians of the nearest `NEAREST` customers (or `min_cell`, if that is
    more) rounded to two digits, shares to twentieths; an answer is one that enough of them give.

    Parameters
    ----------
    features
        One row per customer.
    segments
        The segment of each, in the same order.
    profiles, listed
        From `profiles.profiles` and `speaking.speaking`; what speaks for a segment comes first.
    catalogue
        One row per feature, with unit and segmentation (bool).
    min_cell
        The fewest customers that a number may stand for.

    Returns
    -------
    pandas.DataFrame
        One row per segment and feature, up to four of those that formed it and set it apart most:
        segment, feature, label, unit, answer (missing for a number), value (missing for an answer),
        behind (customers). Nothing of a segment of too few customers.
    """
    forming = profiles[
        profiles.feature.isin(catalogue.feature[catalogue.segmentation]) & profiles.distance.notna()
    ]
    words = catalogue.set_index("feature")
    rows: list[dict[str, Any]] = []
    if len(forming):
        scaled = np.nan_to_num(columns(features, square(forming).index))
        for segment, own in forming.groupby("segment"):
            first = [*listed.feature[(listed.segment == segment) & listed.forms], *_by_distance(own)]
            nearest = _nearest(scaled, np.flatnonzero(segments.to_numpy() == segment), max(min_cell, NEAREST))
            if len(nearest) >= max(min_cell, _FEWEST):
                rows += _described(segment, features.iloc[nearest], first, words, max(min_cell, _FEWEST))
    return pd.DataFrame(rows, columns=["segment", "feature", "label", "unit", "answer", "value", "behind"])


def _nearest(scaled: np.ndarray, own: np.ndarray, n: int) -> np.ndarray:
    """Choose the rows nearest to the mean of a segment; of equally near ones the first."""
    far = ((scaled[own] - scaled[own].mean(axis=0)) ** 2).sum(axis=1).round(4)
    return own[np.argsort(far, kind="stable")[:n]]


def _by_distance(own: pd.DataFrame) -> pd.Series:
    """List the features of a segment, those that set it apart most first."""
    far = own.assign(far=own.distance.abs().round(6))
    return far.sort_values(["far", "feature"], ascending=[False, True]).feature


def _described(
    segment: object, nearest: pd.DataFrame, features: Iterable[str], words: pd.DataFrame, least: int
) -> list[dict[str, Any]]:
    """Describe the nearest by the first features of which enough is known; what is said is not said again."""
    made: list[dict[str, Any]] = []
    spoken: set[str] = set()
    for feature in dict.fromkeys(features):
        values, entry = nearest[feature].dropna(), words.loc[feature]
        row = {"segment": segment, "feature": feature, "label": entry.label, "unit": entry.unit}
        if entry.level in ("nominal", "binary"):
            counts = values.astype("string").value_counts().sort_index()
            said = answer_words(str(counts.idxmax()), entry) if len(counts) else ""
            if len(counts) and counts.max() >= max(least, len(nearest) / 2) and said not in spoken:
                made.append(row | {"answer": counts.idxmax(), "behind": int(counts.max())})
                spoken.add(said)
        elif len(values) >= least:
            made.append(row | {"value": rounded(float(values.median()), entry.unit), "behind": len(values)})
        if len(made) == _MOST_TYPICAL:
            break
    return made


def rounded(value: float, unit: str) -> float:
    """Round a number to two digits, or a share to a twentieth.

    Examples
    --------
    >>> rounded(1234.5, "GBP"), rounded(0.0372, ""), rounded(0.43, "share"), rounded(0.0, "days")
    (1200.0, 0.037, 0.45, 0.0)
    """
    if unit == "share":
        return round(round(value * 20) / 20, 2)
    return round(value, 1 - floor(log10(abs(value)))) if value else 0.0
