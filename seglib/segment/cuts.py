"""Cuts: divisions that one column makes by itself, and facts that several columns repeat."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd
from sklearn.discriminant_analysis import LinearDiscriminantAnalysis
from sklearn.metrics import adjusted_rand_score
from sklearn.model_selection import StratifiedKFold, cross_val_predict
from sklearn.tree import DecisionTreeClassifier

from seglib.estimators import METHODS, coded, measured
from seglib.segment.copula import FEW_VALUES
from seglib.segment.thresholds import NEAR_COPY, PERSISTS, REPRODUCES, SAME_CUT, SAME_SPIKE, SPIKE

#: Rows on which cuts are looked for, smallest share of a leaf, starts of a method without the
#: columns of a cut, and parts of which each is predicted from the others.
_MOST_ROWS, _LEAST_LEAF, _STARTS, _FOLDS = 2000, 0.005, 4, 5


@dataclass(frozen=True)
class Cut:
    """A division that one column makes, and that nothing else in the table makes.

    Attributes
    ----------
    columns
        The column, and after it those that make the same division.
    sides
        Per row the side 0, 1, … of the cut.
    """

    columns: tuple[str, ...]
    sides: np.ndarray


def found(
    candidates: dict[tuple[str, int], np.ndarray], preferred: tuple[str, int], rows: pd.DataFrame, seed: int
) -> tuple[set[tuple[str, int]], list[Cut]]:
    """Find the candidates that are cuts, and the cuts that must be known to judge the others.

    A division is a cut, and no segmentation, if one column reproduces it (ARI from `REPRODUCES` on),
    and it is not found again when that column and its near-copies are left out.

    Parameters
    ----------
    candidates
        Segments of all rows, by method and number of segments.
    preferred
        The candidate that would be chosen.
    rows
        One row per customer, prepared.
    seed
        Of the sample, and of the fits without the columns.

    Returns
    -------
    rules : set
        The candidates that are cuts.
    cuts : list of Cut
        That of the preferred candidate if it is one, and those by spikes that several columns share.
    """
    rng = np.random.default_rng(seed)
    picked = np.sort(rng.choice(len(rows), min(len(rows), _MOST_ROWS), replace=False))
    some = rows.iloc[picked].reset_index(drop=True)
    every: list[Cut] = []
    rules: dict[tuple[str, int], Cut] = {}
    for (method, k), labels in candidates.items():
        own = np.unique(labels[picked], return_inverse=True)[1]
        known = next((c for c in every if adjusted_rand_score(c.sides[picked], own) >= REPRODUCES), None)
        if known is None and (column := _reproducing(some, own)):
            known = _cut(column, rows, picked, own, seed)
            every += [known] if known else []
        if known is not None:
            rules[method, k] = known
    cuts = [rules[preferred]] if preferred in rules else []
    for sides in _shared_spikes(some):
        if all(adjusted_rand_score(c.sides[picked], sides) < SAME_CUT for c in cuts):
            cut = _cut(_reproducing(some, sides) or "", rows, picked, sides, seed)
            cuts += [cut] if cut else []
    return set(rules), cuts


def within(coarse: np.ndarray, finer: np.ndarray, rows: pd.DataFrame, seed: int) -> bool:
    """Tell whether some coarser segment is divided by one column alone.

    Parameters
    ----------
    coarse, finer
        Segments of all rows on both levels.
    rows
        One row per customer, prepared.
    seed
        Of the samples, and of the fits without the columns.
    """
    rng = np.random.default_rng(seed)
    for group in np.unique(coarse):
        inside = np.flatnonzero(coarse == group)
        parts, sizes = np.unique(finer[inside], return_counts=True)
        inside = inside[np.isin(finer[inside], parts[sizes >= SPIKE * len(inside)])]
        if len(np.unique(finer[inside])) < 2:
            continue
        picked = np.sort(rng.choice(inside, min(len(inside), _MOST_ROWS), replace=False))
        labels = np.unique(finer[picked], return_inverse=True)[1]
        some = rows.iloc[picked].reset_index(drop=True)
        column = _reproducing(some, labels)
        if column and _cut(column, some, np.arange(len(some)), labels, seed):
            return True
    return False


def _cut(column: str, rows: pd.DataFrame, picked: np.ndarray, labels: np.ndarray, seed: int) -> Cut | None:
    """Return the cut by a column, unless the division is found again without it and its near-copies."""
    if not column:
        return None
    some = rows.iloc[picked].reset_index(drop=True)
    columns = [column, *(c for c in rows if c != column and _copies(some, column, c, labels))]
    rest = some.drop(columns=columns)
    if len(rest.columns) and _again(rest, labels, seed) >= PERSISTS:
        return None
    return Cut(tuple(columns), _sides(some[column], labels, rows[column]))


def _reproducing(rows: pd.DataFrame, labels: np.ndarray) -> str | None:
    """Return the column that reproduces a division best, if any does; of those that a tree on all would use."""
    dummies = {c: rows[[c]] if _is_number(rows[c]) else pd.get_dummies(rows[c], dtype=float) for c in rows}
    owners = [c for c, own in dummies.items() for _ in own.columns]
    tree = DecisionTreeClassifier(
        max_leaf_nodes=max(2, int(labels.max()) + 1), min_samples_leaf=_LEAST_LEAF, random_state=0
    ).fit(np.hstack([own.to_numpy(float) for own in dummies.values()]), labels)
    used = {owners[place] for place in tree.tree_.feature if place >= 0}
    agreement = {c: adjusted_rand_score(_sides(rows[c], labels, rows[c]), labels) for c in used}
    best = max(agreement, key=lambda c: (agreement[c], str(c)), default=None)
    return str(best) if best is not None and agreement[best] >= REPRODUCES else None


def _copies(rows: pd.DataFrame, column: str, other: str, labels: np.ndarray) -> bool:
    """Tell whether a column says the same as another: nearly the same ranks, the same spike, or the same answers.

    A column of numbers that divides the customers alike without being a copy is evidence of segments.
    """
    numeric = rows[[column, other]].select_dtypes("number")
    if len(numeric.columns) == 2 and abs(numeric.corr("spearman").iloc[0, 1]) >= NEAR_COPY:
        return True
    alike = adjusted_rand_score(_sides(rows[other], labels, rows[other]), labels) >= SAME_CUT
    few = rows[other].nunique() <= FEW_VALUES
    return alike and (few or _spike(rows[column], labels) & _spike(rows[other], labels) != set())


def _spike(column: pd.Series, labels: np.ndarray) -> set[int]:
    """List the parts of a division in which nearly all have one value of a column."""
    shares = column.groupby(labels).agg(lambda own: own.value_counts(normalize=True).max())
    return {int(part) for part, share in shares.items() if share >= SAME_SPIKE}


def _sides(column: pd.Series, labels: np.ndarray, of: pd.Series) -> np.ndarray:
    """Predict a division from one column alone: as many intervals as parts, or each level's most frequent part."""
    k = labels.max() + 1
    if not _is_number(column):
        usual = (
            pd.Series(labels)
            .groupby(column.astype(object).fillna("").to_numpy())
            .agg(lambda s: s.mode().iloc[0])
        )
        return of.astype(object).fillna("").map(usual).fillna(usual.mode().iloc[0]).to_numpy(dtype=int)
    tree = DecisionTreeClassifier(max_leaf_nodes=max(k, 2), min_samples_leaf=_LEAST_LEAF, random_state=0)
    return tree.fit(column.to_frame().to_numpy(), labels).predict(of.to_frame().to_numpy())


def _is_number(column: pd.Series) -> bool:
    return bool(pd.api.types.is_numeric_dtype(column))


def _again(rows: pd.DataFrame, labels: np.ndarray, seed: int) -> float:
    """Return how far other columns predict a division, or it is found in them by prototypes."""
    best, levels = _predicted(rows, labels), measured(rows)
    if best >= PERSISTS or len(rows.drop_duplicates()) <= labels.max() + 1:
        return best
    name = next(n for n in ("k-means", "k-prototypes") if levels <= METHODS[n].takes)
    own = METHODS[name].make(int(labels.max()) + 1, seed, _STARTS).fit(rows).predict(rows)
    return max(best, float(adjusted_rand_score(own, labels)))


def _predicted(rows: pd.DataFrame, labels: np.ndarray) -> float:
    """Return how far a linear rule on other columns, learned in some rows, places the rest of the rows."""
    if np.bincount(labels).min() < _FOLDS:
        return 0.0
    rule = LinearDiscriminantAnalysis(solver="lsqr", shrinkage=0.1)
    folds = StratifiedKFold(_FOLDS, shuffle=True, random_state=0)
    predicted = cross_val_predict(rule, np.nan_to_num(coded(rows)), labels, cv=folds)
    return float(adjusted_rand_score(labels, predicted))


def _shared_spikes(rows: pd.DataFrame) -> list[np.ndarray]:
    """Find divisions by a value that many rows have in several columns at once, such as none of anything."""
    spikes = {}
    for name, column in rows.select_dtypes("number").items():
        counts = column.value_counts(normalize=True)
        if len(counts) > 2 and SPIKE <= counts.iloc[0] <= 1 - SPIKE:
            spikes[name] = (column == counts.index[0]).to_numpy()
    shared: list[np.ndarray] = []
    for one, other in combinations(spikes.values(), 2):
        alike = (one & other).sum() / (one | other).sum() >= SAME_SPIKE
        if alike and all(adjusted_rand_score(one, known) < SAME_CUT for known in shared):
            shared.append(one)
    return [own.astype(int) for own in shared]


def groups(cuts: list[Cut], n_rows: int) -> np.ndarray | None:
    """Combine the sides of all cuts into groups of rows; nothing where there are no cuts."""
    if not cuts:
        return None
    return np.unique(np.column_stack([c.sides for c in cuts]), axis=0, return_inverse=True)[1].reshape(n_rows)
