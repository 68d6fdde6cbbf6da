"""Rows of numbers and categories, in the small form in which prototypes are compared with them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, NamedTuple

import numpy as np
import pandas as pd

#: Rows worked on together: their temporary arrays stay in a processor's cache.
ROWS_AT_ONCE = 16_384
#: Most combinations of categories that are looked up as one code.
MOST_COMBINATIONS = 4_096
#: Beyond this, sums of squares leave the range of float64.
LARGEST_NUMBER = 1e150


class JointCodes(NamedTuple):
    """Codes of some categorical columns combined into one, so that one look-up serves them all."""

    columns: list[int]
    shape: tuple[int, ...]
    codes: np.ndarray

    def table(self, per_column: list[np.ndarray]) -> np.ndarray:
        """Add up tables (k, codes), one per column, for each combination: (k, combinations)."""
        total = np.zeros((len(per_column[0]), 1), dtype=np.float32)
        for column, size in zip(self.columns, self.shape, strict=True):
            total = (total[:, :, None] + per_column[column][:, None, :size]).reshape(len(total), -1)
        return total

    def counts_of(self, column: int, counts: np.ndarray) -> np.ndarray:
        """Reduce counts (k, combinations) to those of one of the columns, (k, codes)."""
        others = tuple(1 + i for i, c in enumerate(self.columns) if c != column)
        return np.add.reduce(counts.reshape(len(counts), *self.shape), axis=others)


class MixedRows(NamedTuple):
    """Encoded rows.

    `numbers` is (n_numeric, n_rows), NaN where missing. A categorical column of n levels has the
    codes 0 to n - 1, n where missing, n + 1 where the level is unknown.
    """

    numbers: np.ndarray
    joints: list[JointCodes]
    n_levels: list[int]
    n_rows: int
    n_used: tuple[int, int]  # numeric and categorical columns that are not missing entirely
    missing: tuple[bool, bool]  # whether there are missing numbers, and missing categories
    weights: np.ndarray | None = None  # each row counts as one if None

    def total(self, distance: np.ndarray) -> float:
        """Add up a number per row by weight."""
        return float(distance.sum() if self.weights is None else (distance * self.weights).sum())

    def chosen(self, index: np.ndarray) -> MixedRows:
        """Return some of the rows."""
        joints = [joint._replace(codes=joint.codes[index]) for joint in self.joints]
        weights = None if self.weights is None else self.weights[index]
        numbers = self.numbers[:, index]
        return self._replace(numbers=numbers, joints=joints, n_rows=len(index), weights=weights)

    def order(self) -> np.ndarray:
        """Sort the rows by what they hold, so that equal ones are side by side."""
        return np.lexsort([*self.numbers, *(joint.codes for joint in self.joints)])

    def codes(self) -> np.ndarray:
        """Return the codes, one column per categorical column."""
        codes = np.empty((self.n_rows, len(self.n_levels)), dtype=np.int32)
        for joint in self.joints:
            codes[:, joint.columns] = np.stack(np.unravel_index(joint.codes, joint.shape), axis=1)
        return codes

    def differing(self, modes: np.ndarray) -> list[np.ndarray]:
        """Count for each combination of codes how many differ from each prototype's modes.

        What is missing differs from nothing; an unknown level from everything, as does a mode of -1.
        """
        per_column = []
        for n, mode in zip(self.n_levels, modes.T, strict=True):
            differs = np.arange(n + 2) != mode[:, None]
            differs[:, n] = False
            per_column.append(differs.astype(np.float32))
        return [joint.table(per_column) for joint in self.joints]

    def chunks(self) -> Iterator[Chunk]:
        """Go through the rows, some thousand at a time."""
        no_modes = np.full((1, len(self.n_levels)), -1)
        present = self.differing(no_modes) if self.missing[1] else []
        for first in range(0, self.n_rows, ROWS_AT_ONCE):
            yield Chunk(self, slice(first, min(first + ROWS_AT_ONCE, self.n_rows)), present)


class Chunk:
    """Some thousand rows, unpacked.

    The shares are by how much a row's distance in numbers, and in categories, is raised to make
    up for what is missing (Gower, 1971); 0 where all is. `anything` says whether a row has a value.
    """

    def __init__(self, rows: MixedRows, where: slice, present: list[np.ndarray]) -> None:
        self.where, self.n_rows = where, where.stop - where.start
        self.numbers, self.seen = rows.numbers[:, where], None
        self.weights: Any = 1.0 if rows.weights is None else rows.weights[where]
        self.codes = [joint.codes[where].astype(np.intp) for joint in rows.joints]
        self.number_share: Any = 1.0
        self.category_share: Any = 1.0
        if rows.missing[0]:
            self.seen = ~np.isnan(self.numbers)
            self.numbers = np.where(self.seen, self.numbers, np.float32(0))
            self.number_share = _share(rows.n_used[0], self.seen.sum(axis=0))
        if rows.missing[1]:
            n = sum(table[0, codes] for table, codes in zip(present, self.codes, strict=True))
            self.category_share = _share(rows.n_used[1], n)
        shares = (self.number_share, self.category_share)
        self.anything = sum(n * share for n, share in zip(rows.n_used, shares, strict=True)) > 0


def _share(of: int, present: np.ndarray) -> np.ndarray:
    return np.divide(of, present, out=np.zeros(len(present)), where=present > 0, dtype=np.float64)


# Combinations of categories


def combined(codes: list[np.ndarray], n_levels: list[int], n_rows: int) -> list[JointCodes]:
    """Combine columns as long as there are few combinations beside the rows.

    Examples
    --------
    >>> [joint] = combined([np.array([0, 1, 2] * 9), np.array([0, 0, 1] * 9)], [3, 2], 27)
    >>> joint.shape, joint.codes[:3].tolist()
    ((3, 2), [0, 2, 5])
    """
    sizes = [max(n, int(c.max(initial=0)) + 1) for c, n in zip(codes, n_levels, strict=True)]
    most = min(MOST_COMBINATIONS, n_rows // 4)
    fewest = len(_groups(sizes, most))
    limits = (min(2**power, most) for power in range(1, 13))
    # of equally few groups, those with the smallest tables
    columns = next(groups for limit in limits if len(groups := _groups(sizes, limit)) == fewest)
    return [_joint(group, tuple(sizes[c] for c in group), codes, n_rows) for group in columns]


def _groups(sizes: list[int], most: int) -> list[list[int]]:
    groups: list[list[int]] = []
    product = np.inf
    for column, size in enumerate(sizes):
        if product * size > most:
            groups, product = [*groups, []], 1
        groups[-1].append(column)
        product *= size
    return groups


def _joint(columns: list[int], shape: tuple[int, ...], codes: list[np.ndarray], n_rows: int) -> JointCodes:
    kind = np.min_scalar_type(int(np.prod(shape)))
    joint = np.zeros(n_rows, kind)
    for column, size in zip(columns, shape, strict=True):
        joint *= kind.type(size)
        joint += codes[column].astype(kind)
    return JointCodes(columns, shape, joint)


# Encoding


class MixedEncoding:
    """How the columns of a table become numbers and codes; learned from one table.

    Numbers are put about their mean, and divided by one power of two for all columns, so that float32 keeps
    small differences between large numbers and nothing overflows.

    Parameters
    ----------
    X
        A DataFrame, or an array of numbers.
    weights
        One weight per row; rows of weight 0 are not learned from.

    Raises
    ------
    ValueError
        If a column holds neither numbers nor categories, or a number is infinite or too large.
    """

    def __init__(self, X: Any, weights: np.ndarray | None = None) -> None:
        self.categorical = _categorical(X)
        self.numeric = [j for j in range(X.shape[1]) if j not in set(self.categorical)]
        learned = [_moments(_numbers(X, j), weights) for j in self.numeric]
        mean, spread, reach = np.array(learned, dtype=float).reshape(-1, 3).T
        self.used = ~np.isnan(mean)
        self.spread = float(spread[self.used].mean()) if self.used.any() else 0.0
        largest = reach[self.used].max(initial=0)
        self.scale = float(2.0 ** np.ceil(np.log2(largest))) if largest > 0 else 1.0
        # a centre that is not the last digits of a sum: equal tables are encoded equally
        step = 2.0 ** np.maximum(np.floor(np.log2(np.where(reach > 0, reach, 1.0))) - 10, -1022)
        self.shift = np.where(self.used, np.round(mean / step) * step, 0.0)
        self.levels = [_levels(X.iloc[:, j]) for j in self.categorical]

    def rows(self, X: Any, weights: np.ndarray | None = None, dtype: Any = np.float32) -> MixedRows:
        """Encode a table of the same columns; numbers as this type."""
        if self.categorical and not isinstance(X, pd.DataFrame):
            X = pd.DataFrame(np.asarray(X, dtype=object))
        numbers = np.full((len(self.numeric), len(X)), np.nan, dtype=dtype)
        for i in np.flatnonzero(self.used):
            scaled = _numbers(X, self.numeric[i]) - self.shift[i]
            scaled /= self.scale
            numbers[i] = np.clip(scaled, -1e30, 1e30, out=scaled)
        columns = (X.iloc[:, j] for j in self.categorical)
        codes = [_codes(column, levels) for column, levels in zip(columns, self.levels, strict=True)]
        n_levels = [len(levels) for levels in self.levels]
        missing = (
            any(np.isnan(row).any() for row in numbers),
            any((c == n).any() for c, n in zip(codes, n_levels, strict=True)),
        )
        n_used = (int(self.used.sum()), sum(n > 0 for n in n_levels))
        joints = combined(codes, n_levels, len(X))
        return MixedRows(numbers, joints, n_levels, len(X), n_used, missing, weights)


def _categorical(X: Any) -> list[int]:
    """Return the positions of the categorical columns; those of an array are all numeric."""
    if not isinstance(X, pd.DataFrame):
        return []
    for name, kind in X.dtypes.items():
        if kind.kind in "mMc":  # times and complex numbers
            allowed = "numbers, categories, texts and booleans are allowed"
            raise ValueError(f"column {name!r} is of dtype {kind}; {allowed}")
    number, truth = pd.api.types.is_numeric_dtype, pd.api.types.is_bool_dtype
    return [j for j, kind in enumerate(X.dtypes) if not number(kind) or truth(kind)]


def _numbers(X: Any, position: int) -> np.ndarray:
    """Return a column as float64, NaN where missing."""
    frame = isinstance(X, pd.DataFrame)
    name, column = (X.columns[position], X.iloc[:, position]) if frame else (position, X[:, position])
    try:
        numbers = column.to_numpy(dtype="float64", na_value=np.nan) if frame else column
    except (TypeError, ValueError):
        raise ValueError(f"column {name!r} is of dtype {column.dtype}; it held numbers in fit") from None
    largest = max(np.fmax.reduce(numbers, initial=0), -np.fmin.reduce(numbers, initial=0))
    if largest > LARGEST_NUMBER:
        raise ValueError(f"column {name!r} holds {largest}; numbers up to {LARGEST_NUMBER} are allowed")
    return numbers


def _moments(numbers: np.ndarray, weights: np.ndarray | None) -> tuple[float, float, float]:
    """Return mean, standard deviation, and the farthest from the mean; NaN if all is missing."""
    present = ~np.isnan(numbers)
    present = present if weights is None else present & (weights > 0)
    if not present.all():
        numbers, weights = numbers[present], None if weights is None else weights[present]
    if not len(numbers):
        return np.nan, np.nan, np.nan
    mean = float(np.average(numbers, weights=weights))
    away = np.abs(numbers - mean)
    return mean, float(np.sqrt(np.average(away**2, weights=weights))), float(away.max())


def _values(column: pd.Series) -> tuple[np.ndarray, list]:
    """Return codes, -1 where missing, and what they mean."""
    if isinstance(column.dtype, pd.CategoricalDtype):
        return column.cat.codes.to_numpy(), list(column.cat.categories)
    try:
        codes, values = pd.factorize(column)
    except TypeError as error:
        raise ValueError(f"column {column.name!r} holds values that are no categories: {error}") from None
    return codes, list(values)


def _levels(column: pd.Series) -> list:
    """Sort the values that occur as texts, for they may be of several types."""
    codes, values = _values(column)
    occurs = np.zeros(len(values) + 1, dtype=bool)
    occurs[codes] = True
    present = [value for value, there in zip(values, occurs, strict=False) if there]
    return sorted(present, key=lambda value: (str(value), type(value).__name__))


def _codes(column: pd.Series, levels: list) -> np.ndarray:
    """Return codes in the order of the levels: their number where missing, one more where unknown."""
    codes, values = _values(column)
    position = {level: code for code, level in enumerate(levels)}
    unknown = len(levels) + 1 if levels else 0
    lookup = [position.get(value, unknown) for value in values] + [len(levels)]
    return np.array(lookup, dtype=np.min_scalar_type(unknown))[codes]
