"""What a portrait of a segment is made of: its leading features, and a typical customer."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from math import floor, log10
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from seglib.assess.naming.distances import columns
from seglib.assess.naming.phrases import answer_words
from seglib.assess.naming.profiles import square

if TYPE_CHECKING:
    from seglib.assess.segments import Segments

#: Features in a sentence, and of a typical customer, at the most.
_MOST, _MOST_TYPICAL = 3, 4
#: Customers nearest to the centre who are summarised together, and the fewest who ever are.
NEAREST, _FEWEST = 20, 5
_EVIDENCE = [
    *("segment", "part", "words", "answer", "unit", "statistic"),
    *("typical", "overall", "known", "everyone", "typical_answer", "overall_answer"),
]
#: Bases that tell what customers do and bring, where no value is known.
_DOING = frozenset({"behavioural", "purchase_cycle", "value"})


def evidence(listed: pd.DataFrame, catalogue: pd.DataFrame, valued: bool) -> pd.DataFrame:
    """Choose the evidence of a portrait.

    Parameters
    ----------
    listed
        From `leading.leading_features`.
    catalogue
        One row per feature, with unit and basis.
    valued
        Whether it is known what customers bring; if not, what they do takes its place.

    Returns
    -------
    pandas.DataFrame
        One row per segment and feature: segment, part (who: what formed them; besides:
        descriptors; does: descriptors of behaviour, where no value is known), words, answer, unit,
        statistic, typical, overall, known and everyone (customers behind these two); three at the most of
        each, the leading first.
    """
    known = catalogue.set_index("feature")
    doing = known.basis.reindex(listed.feature).isin(_DOING).to_numpy() & (not valued)
    part = np.select([listed.forms.astype(bool), doing], ["who", "does"], default="besides")
    made = listed.assign(part=part, unit=known.unit.reindex(listed.feature).to_numpy())
    made = made.groupby(["segment", "part"], sort=False).head(_MOST)
    return made[_EVIDENCE].reset_index(drop=True)


def typical(segments: Segments, profiles: pd.DataFrame, listed: pd.DataFrame) -> pd.DataFrame:
    """Describe the customers nearest to the centre of each segment, together and rounded.

    No single customer is described: numbers are medians of the nearest `NEAREST` customers (or
    `segments.fewest`, if that is more) rounded to two digits, shares to twentieths; an answer is one
    that enough of them give.

    Parameters
    ----------
    segments
        What is assessed.
    profiles, listed
        From `description.profiles` and `leading.leading_features`; what leads comes first.

    Returns
    -------
    pandas.DataFrame
        One row per segment and feature, up to four of those that formed it and set it apart most:
        segment, feature, label, unit, answer (missing for a number), value (missing for an answer),
        behind (customers). Nothing of a segment of too few customers.
    """
    catalogue, features, fewest = segments.shown, segments.customers, segments.fewest
    forming = profiles[
        profiles.feature.isin(catalogue.feature[catalogue.segmentation]) & profiles.distance.notna()
    ]
    words = catalogue.set_index("feature")
    rows: list[dict[str, Any]] = []
    if len(forming):
        scaled = np.nan_to_num(columns(features, square(forming).index))
        for segment, own in forming.groupby("segment"):
            first = [*listed.feature[(listed.segment == segment) & listed.forms], *_by_distance(own)]
            own_rows = np.flatnonzero(segments.of_each.to_numpy() == segment)
            nearest = _nearest(scaled, own_rows, max(fewest, NEAREST))
            if len(nearest) >= max(fewest, _FEWEST):
                near = features.iloc[nearest].assign(
                    **{
                        f: _as_answers(features[f].iloc[nearest], segments.ordered[f])
                        for f in first
                        if f in segments.ordered
                    }
                )
                rows += _described(segment, near, first, words, max(fewest, _FEWEST))
    return pd.DataFrame(rows, columns=["segment", "feature", "label", "unit", "answer", "value", "behind"])


def _as_answers(values: pd.Series, answers: Mapping[float, str]) -> pd.Series:
    """Write ordered answers as answers."""
    return values.astype(float).map(dict(answers)).astype("string")


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
    """Describe the nearest by the first features of which enough is known; no words are used twice."""
    made: list[dict[str, Any]] = []
    used: set[str] = set()
    for feature in dict.fromkeys(features):
        values, entry = nearest[feature].dropna(), words.loc[feature]
        row = {"segment": segment, "feature": feature, "label": entry.label, "unit": entry.unit}
        if not pd.api.types.is_numeric_dtype(values) or entry.level in ("nominal", "binary"):
            counts = values.astype("string").value_counts().sort_index()
            text = answer_words(str(counts.idxmax()), entry) if len(counts) else ""
            if len(counts) and counts.max() >= max(least, len(nearest) / 2) and text not in used:
                made.append(row | {"answer": counts.idxmax(), "behind": int(counts.max())})
                used.add(text)
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
