"""What a division is made of: the one or two cuts that come closest to each segment, and to each cut."""

from __future__ import annotations

from math import ceil, floor, log10

import numpy as np
import pandas as pd
from sklearn.tree import DecisionTreeClassifier

from seglib.segment.cuts import Cut

#: Customers that rules are learned from at the most, the fewest on one side of a cut, and answers of a category.
_MOST_ROWS, _LEAST_SHARE, _MOST_ANSWERS = 20_000, 0.005, 12
_COLUMNS = [
    *("segment", "place", "feature", "answer", "above", "most"),
    *("holds", "customers", "size", "precision", "coverage"),
]


def segment_rules(features: pd.DataFrame, segments: np.ndarray, min_cell: int) -> pd.DataFrame:
    """Find the one or two cuts that come closest to each segment.

    Parameters
    ----------
    features
        The segmentation variables as they are, one row per customer; cells may be missing.
    segments
        The segment of each row.
    min_cell
        The fewest customers on either side of a cut.

    Returns
    -------
    pandas.DataFrame
        The table `segment_rules`, one row per segment and cut.
    """
    coded = _coded(features)
    rng = np.random.default_rng(0)
    picked = rng.choice(len(coded), min(len(coded), _MOST_ROWS), replace=False)
    rows: list[dict[str, object]] = []
    for segment in np.unique(segments):
        inside = segments == segment
        if inside.all():
            continue
        least = max(int(_LEAST_SHARE * len(picked)), min(min_cell, int(inside[picked].sum())), 1)
        tree = DecisionTreeClassifier(
            max_depth=2, min_samples_leaf=least, class_weight="balanced", random_state=0
        )
        tree.fit(coded.to_numpy()[picked], inside[picked])
        leaves = tree.apply(coded.to_numpy())
        follows = leaves == max(np.unique(leaves), key=lambda leaf: _f1(leaves == leaf, inside))
        shares = {
            "customers": int(follows.sum()),
            "size": int(inside.sum()),
            "precision": float(inside[follows].mean()),
            "coverage": float(follows[inside].mean()),
        }
        for place, cut in enumerate(_path(tree, coded, leaves[follows][0]), 1):
            rows.append({"segment": segment, "place": place} | cut | shares)
    return pd.DataFrame(rows, columns=_COLUMNS).astype({"answer": "string", "above": float, "most": float})


def _coded(features: pd.DataFrame) -> pd.DataFrame:
    """Write features as numbers; each frequent answer of a category becomes a column of 0 and 1."""
    columns: dict[tuple[str, str], pd.Series] = {}
    for name, column in features.items():
        if pd.api.types.is_numeric_dtype(column):
            columns[str(name), ""] = column.astype("float64")
            continue
        text = column.astype("string")
        for answer in text.value_counts().index[:_MOST_ANSWERS]:
            columns[str(name), str(answer)] = (text == answer).fillna(False).astype("float64")
    return pd.DataFrame(columns)


def _f1(follows: np.ndarray, inside: np.ndarray) -> float:
    return 2 * (follows & inside).sum() / (follows.sum() + inside.sum())


def _path(tree: DecisionTreeClassifier, coded: pd.DataFrame, leaf: int) -> list[dict[str, object]]:
    """List the cuts that lead to a leaf, those on the same number joined."""
    inner, cuts, node = tree.tree_, {}, leaf
    above = {int(child): (at, True) for at, child in enumerate(inner.children_right) if child >= 0}
    below = {int(child): (at, False) for at, child in enumerate(inner.children_left) if child >= 0}
    while node != 0:
        node, higher = (above | below)[int(node)]
        feature, answer = coded.columns[inner.feature[node]]
        if answer:
            cuts[feature, answer] = {"answer": answer, "holds": higher}
        else:
            known = cuts.setdefault((feature, ""), {"holds": True})
            values, bound = coded[feature, answer], float(inner.threshold[node])
            right = values.astype("float32") > bound  # as the tree sees them
            same = roundest(float(values[~right].max()), float(values[right].min()))
            known.setdefault("above" if higher else "most", same)
    return [{"feature": feature} | cut for (feature, _), cut in reversed(list(cuts.items()))]


def roundest(low: float, high: float) -> float:
    """Find the number with the fewest digits that is at least `low` and below `high`.

    Two cuts between the same two customers divide alike; the rounder one reads better, and tells of neither.

    Examples
    --------
    >>> roundest(74, 75), roundest(1234.5, 1301), roundest(-3, 5), roundest(0.12338, 0.1239), roundest(-27, -16.3)
    (74.0, 1300.0, 0.0, 0.1234, -20.0)
    """
    if low <= 0 < high:
        return 0.0
    largest = floor(log10(max(abs(low), abs(high))))
    for digits in range(-largest, 17 - largest):
        number = round(ceil(round(low * 10.0**digits, 6)) / 10.0**digits, max(digits, 0))
        if low <= number < high:
            return number
    return low


def cut_table(cuts: list[Cut], features: pd.DataFrame, min_cell: int) -> pd.DataFrame:
    """Describe divisions by one column as conditions on the column as it is.

    Parameters
    ----------
    cuts
        From `judgement`.
    features
        The segmentation variables as they are, one row per customer.
    min_cell
        Cuts with fewer customers on a side are left out.

    Returns
    -------
    pandas.DataFrame
        The table `cuts`, one row per division and side but the largest.
    """
    rows = []
    for cut in cuts:
        sizes = np.bincount(cut.sides)
        for side in np.argsort(sizes)[:-1]:
            if sizes[side] < min_cell:
                continue
            condition, value = _condition(features[cut.columns[0]], cut.sides == side, min_cell)
            n = len(cut.sides)
            rows.append(
                {"feature": cut.columns[0], "condition": condition, "value": value}
                | {"copies": list(cut.columns[1:]), "customers": int(sizes[side])}
                | {"all": n, "share": sizes[side] / n}
            )
    columns = ["feature", "condition", "value", "copies", "customers", "all", "share"]
    return pd.DataFrame(rows, columns=columns)


def _condition(column: pd.Series, inside: np.ndarray, min_cell: int) -> tuple[str, str]:
    """Say in a word and a value what holds of a column on one side of a cut; rare answers are not named."""
    own, others = column[inside].dropna(), column[~inside].dropna()
    if len(own) < inside.sum() / 2:
        return "not known", ""
    if not pd.api.types.is_numeric_dtype(column):
        counts = own.astype("string").value_counts()
        usual = counts[counts >= min_cell]
        answers = usual.index[(usual / len(own)).cumsum().shift(fill_value=0.0) < 0.99]
        return ("is", str(answers[0])) if len(answers) == 1 else ("among", ", ".join(map(str, answers)))
    if own.nunique() == 1:
        return "is", f"{own.iloc[0]:.4g}"
    if own.max() <= others.min():
        return "below", f"{others.min():.4g}"
    if own.min() >= others.max():
        return "above", f"{others.max():.4g}"
    if others.nunique() == 1:
        return "not", f"{others.iloc[0]:.4g}"
    return "around", f"{own.median():.4g}"
