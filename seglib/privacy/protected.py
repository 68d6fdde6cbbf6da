"""Protected attributes: which features tell of them, and whether a segment is one in disguise."""

from __future__ import annotations

from collections.abc import Collection, Iterator
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from ruamel.yaml import YAML

from seglib.errors import ParamsError, listing, nearest
from seglib.privacy.thresholds import AUC, AUC_LOW, FEWEST, HELD, HELD_LOW, LIFT
from seglib.statistics import Z, wilson
from seglib.vocabulary import words_of

_FILE: dict[str, Any] = YAML(typ="safe", pure=True).load(Path(__file__).with_suffix(".yaml"))
#: Words, without accents, by which names tell of an attribute; see the file.
WORDS = {name: frozenset(words.split()) for name, words in _FILE["words"].items()}
_PAIRS = {tuple(words.split()): name for words, name in _FILE["pairs"].items()}
_ALONE: dict[str, str] = _FILE["alone"]
_AGES, _THINGS = frozenset(_FILE["ages"].split()), frozenset(_FILE["things"].split())
_WELLBEING, _GOODS = frozenset(_FILE["wellbeing"].split()), frozenset(_FILE["goods"].split())
#: The attribute of a feature that the params or its basis call protected, where no name names one.
UNNAMED = "protected"


def attribute(name: str, label: str = "") -> str:
    """Find which protected attribute a name or a label tells of; nothing if none.

    Examples
    --------
    >>> attribute("SeniorCitizen"), attribute("Geschlecht"), attribute("fecha_nacimiento"), attribute("healthy")
    ('age', 'gender', 'age', '')
    >>> attribute("account_age"), attribute("page_views"), attribute("c17", "Age of the customer")
    ('', '', 'age')
    >>> attribute("AGEG"), attribute("generation"), attribute("health_and_beauty")
    ('age', 'age', '')
    >>> attribute("device_age_months", "Age of the phone (months)")
    ''
    """
    for text in (name, label):
        words = [word for word in words_of(text) if word.isalpha()]
        if "età" in text.casefold().replace("_", " ").split():
            return "age"
        if len(words) == 1 and words[0] in _ALONE:
            return _ALONE[words[0]]
        for pair, found in _PAIRS.items():
            if pair in pairwise(words):
                return found
        for found, known in WORDS.items():
            told = known & set(words)
            of_things = told <= _AGES and _THINGS & set(words)
            of_goods = told <= _WELLBEING and _GOODS & set(words)
            if told and not of_things and not of_goods:
                return found
    return ""


def protected(name: str, label: str = "", extra: Collection[str] = ()) -> bool:
    """Check whether a feature is of age, gender, ethnicity, health or religion.

    Parameters
    ----------
    name, label
        The feature's, in English, German, French, Spanish, Portuguese, Italian, Dutch or Polish.
    extra
        Features that are protected whatever they are called.

    Examples
    --------
    >>> protected("gender"), protected("union", extra=["union"]), protected("region")
    (True, True, False)
    """
    return name in extra or bool(attribute(name, label))


def marked(
    catalogue: pd.DataFrame, extra: Collection[str] = (), form_on: Collection[str] = ()
) -> pd.DataFrame:
    """Mark the protected features of a catalogue.

    Parameters
    ----------
    catalogue
        One row per feature; one that its column `protected` marks already stays so.
    extra
        Further features to be protected.
    form_on
        Protected features that may form segments; looked at here for their spelling only.

    Returns
    -------
    pandas.DataFrame
        The catalogue with `protected` (bool) and `attribute` (which; empty for others).

    Raises
    ------
    ParamsError
        If `extra` or `form_on` names a feature that is not there.
    """
    for key, names in (("protected", extra), ("form_on", form_on)):
        for name in sorted(set(names) - set(catalogue.feature)):
            raise ParamsError(
                f"privacy.{key} names '{name}'; known features: {listing(catalogue.feature, 40)}."
                f"{nearest(name, catalogue.feature)}"
            )
    known = catalogue.get("protected", pd.Series(False, catalogue.index)).astype(bool)
    told = [attribute(f, label) for f, label in zip(catalogue.feature, catalogue.label, strict=True)]
    marks = known | catalogue.feature.isin(list(extra)) | (np.array(told, dtype=object) != "")
    words = [word or UNNAMED if mark else "" for word, mark in zip(told, marks, strict=True)]
    return catalogue.assign(protected=marks, attribute=words)


def visible(catalogue: pd.DataFrame, strict: bool) -> pd.DataFrame:
    """Leave protected features out of a catalogue from `marked`, where the params are strict."""
    return catalogue[~catalogue.protected] if strict else catalogue


_OF_FEATURE = ("feature", "label", "attribute")
_MEASURED = ("answer", "held", "overall", "auc", "nearly", "customers", "everyone")
_TYPES = {"answer": "string", "held": float, "overall": float, "auc": float, "nearly": bool}


def nearly_groups(features: pd.DataFrame, segments: pd.Series, catalogue: pd.DataFrame) -> pd.DataFrame:
    """Check of every segment how far it is a protected group.

    A segment is nearly a group if one answer holds at least 80 % of it and 1.5 times its share of
    all customers, or if the attribute predicts who belongs to it (area under the curve of 0.9 or
    more). The lower end of the 95 % interval must be 75 % (Wilson, 1927), or 0.8 (Hanley and
    McNeil, 1982), so that a few customers raise no alarm; segments of fewer than `FEWEST` of whom the
    attribute is known are not compared.

    Parameters
    ----------
    features
        One row per customer.
    segments
        The segment of each.
    catalogue
        From `marked`.

    Returns
    -------
    pandas.DataFrame
        One row per segment and protected feature, the strongest first: the table `protected`.
    """
    groups = pd.Series(segments.to_numpy(), index=features.index)
    rows = [
        (segment, entry.feature, entry.label, entry.attribute, *found)
        for entry in catalogue[catalogue.protected].itertuples()
        for segment, *found in _compared(features[entry.feature].rename(entry.feature), groups)
        if groups.nunique() > 1
    ]
    return (
        pd.DataFrame(rows, columns=["segment", *_OF_FEATURE, *_MEASURED])
        .astype(_TYPES)
        .sort_values(["nearly", "auc"], ascending=False, kind="stable", ignore_index=True)
    )


def _compared(values: pd.Series, groups: pd.Series) -> Iterator[tuple[object, ...]]:
    """Compare each segment of those of whom an attribute is known with all the others."""
    known = values.notna()
    values, groups = values[known], groups[known]
    number = pd.api.types.is_numeric_dtype(values) and values.nunique() > 2
    for segment in sorted(groups.unique()):
        inside = groups == segment
        if min(inside.sum(), (~inside).sum()) < FEWEST:
            continue
        answer, held, overall, made_up = (None, np.nan, np.nan, False) if number else _held(values, inside)
        auc, predicted = _predicted(_score(values, inside, number), inside.to_numpy())
        yield segment, answer, held, overall, auc, made_up or predicted, int(inside.sum()), len(values)


def _held(values: pd.Series, inside: pd.Series) -> tuple[str, float, float, bool]:
    """Find the answer that is most beyond its share of all customers, and whether it makes up the segment."""
    text = values.astype("string")
    counts = {"held": text[inside], "overall": text}
    shares = pd.DataFrame({k: v.value_counts(normalize=True) for k, v in counts.items()}).fillna(0.0)
    answer = (shares.held - shares.overall).idxmax()
    held, overall = shares.loc[answer].astype(float)
    n = int(inside.sum())
    lower = wilson(pd.Series([round(held * n)]), pd.Series([n])).low[0]
    made_up = held >= HELD and held >= LIFT * overall and lower >= HELD_LOW
    return str(answer), held, overall, bool(made_up)


def _score(values: pd.Series, inside: pd.Series, number: bool) -> np.ndarray:
    """Score customers by an attribute: an answer by its rate in the segment, a number by its place.

    A segment may be young, old, or of a middle age: the best of the three scores counts.
    """
    from sklearn.metrics import roc_auc_score

    if not number:
        return inside.groupby(values.astype("string")).transform("mean").to_numpy(float)
    plain = values.to_numpy(float)
    near = -np.abs(plain - np.median(plain[inside]))
    return max((plain, -plain, near), key=lambda score: roc_auc_score(inside, score))


def _predicted(score: np.ndarray, inside: np.ndarray) -> tuple[float, bool]:
    """Measure how well a score predicts membership, and whether significantly so (Hanley and McNeil, 1982)."""
    from sklearn.metrics import roc_auc_score

    a, n = float(roc_auc_score(inside, score)), int(inside.sum())
    m = len(inside) - n
    one, two = a / (2 - a), 2 * a * a / (1 + a)
    error = np.sqrt((a * (1 - a) + (n - 1) * (one - a * a) + (m - 1) * (two - a * a)) / (n * m))
    return a, bool(a >= AUC and a - Z * error >= AUC_LOW)
