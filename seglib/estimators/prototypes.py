"""Prototypes of rows: means and modes, the distance from them, and the descent to better ones."""

from __future__ import annotations

from math import prod
from typing import Any, NamedTuple

import numpy as np
from sklearn.utils.random import sample_without_replacement

from seglib.estimators.mixed_rows import Chunk, MixedRows

TINY, EPSILON = np.finfo(np.float64).tiny, np.finfo(np.float64).eps
#: Beyond this, sums of distances leave the range of float32; numbers decide nothing long before.
LARGEST = 1e30
#: A start on more rows than these converges on a random sample of so many first.
SAMPLE = 50_000


class Prototypes(NamedTuple):
    """Means of the encoded numbers (k, n_numeric), codes of the modes (k, n_categorical); -1: none."""

    means: np.ndarray
    modes: np.ndarray


# Distance


class Comparison:
    """Prototypes, prepared for being compared with many rows."""

    def __init__(
        self, rows: MixedRows, prototypes: Prototypes, gamma: float, last: Comparison | None = None
    ) -> None:
        self.means, self.modes = prototypes.means, prototypes.modes
        self.gamma = np.float64(gamma)  # a Python float times float32 would be float32
        squares = self.means**2
        self.crosses, self.squares = (-2 * self.means).astype(np.float32), squares.astype(np.float32)
        self.lengths = squares.sum(axis=1, keepdims=True).astype(np.float32)
        same = last if last is not None and np.array_equal(last.modes, self.modes) else None
        self.differing: list[np.ndarray] = same.differing if same else rows.differing(self.modes)

    def nearest(self, chunk: Chunk) -> np.ndarray:
        """Return the nearest prototype of each row, the first of several."""
        # less each row's own length, which is the same for all prototypes
        distance = np.dot(self.crosses, chunk.numbers)
        if chunk.seen is None:
            distance += self.lengths
        else:
            distance += np.dot(self.squares, chunk.seen.astype(np.float32))
            distance *= chunk.number_share.astype(np.float32)
        weight = np.minimum(self.gamma * chunk.category_share, LARGEST).astype(np.float32)
        for table, codes in zip(self.differing, chunk.codes, strict=True):
            differing = table.take(codes, axis=1)
            differing *= weight
            distance += differing
        return _first_least(distance)

    def distances(self, chunk: Chunk) -> np.ndarray:
        """Return the distance of each row from each prototype, (k, rows)."""
        distance = np.stack([self._in_numbers(chunk, mean[:, None]) for mean in self.means])
        # counted before they are weighed, so that ties are ties whatever columns they are in
        tables = zip(self.differing, chunk.codes, strict=True)
        differing = sum(np.take(table, codes, axis=1) for table, codes in tables)
        distance += self.gamma * chunk.category_share * differing
        return distance

    def own(self, chunk: Chunk, labels: np.ndarray) -> np.ndarray:
        """Return the distance of each row from one prototype, named for each."""
        distance = self._in_numbers(chunk, self.means.T[:, labels])
        for table, codes in zip(self.differing, chunk.codes, strict=True):
            distance += self.gamma * chunk.category_share * table[labels, codes]
        return distance

    def _in_numbers(self, chunk: Chunk, means: np.ndarray) -> np.ndarray:
        away = chunk.numbers - means
        if chunk.seen is not None:
            away *= chunk.seen
        return np.einsum("pr,pr->r", away, away) * chunk.number_share


def _first_least(distance: np.ndarray) -> np.ndarray:
    """Compute argmin(axis=0), ten times faster where there are few prototypes."""
    kind = np.min_scalar_type(len(distance))
    least, labels = distance[0].copy(), np.zeros(distance.shape[1], dtype=kind)
    for prototype in range(1, len(distance)):
        nearer = distance[prototype] < least
        np.minimum(least, distance[prototype], out=least)
        np.maximum(labels, nearer.view(np.uint8) * kind.type(prototype), out=labels)
    return labels


def assigned(rows: MixedRows, prototypes: Prototypes, gamma: float) -> tuple[np.ndarray, np.ndarray]:
    """Return each row's prototype and its distance from it."""
    labels, distance = np.empty(rows.n_rows, dtype=np.int32), np.empty(rows.n_rows)
    comparison = Comparison(rows, prototypes, gamma)
    for chunk in rows.chunks():
        nearest = comparison.nearest(chunk)
        labels[chunk.where] = nearest
        distance[chunk.where] = comparison.own(chunk, nearest)
    return labels, distance


def _away(rows: MixedRows, prototypes: Prototypes, gamma: float) -> np.ndarray:
    """Return the distance of each row from each prototype, (k, n_rows)."""
    comparison = Comparison(rows, prototypes, gamma)
    return np.concatenate([comparison.distances(chunk) for chunk in rows.chunks()], axis=1)


# Means and modes


class Tally:
    """What the members of each prototype have in sum: weights, numbers, counts of categories.

    The cost is least where a row counts in means and modes with its weight times its share.
    """

    def __init__(self, rows: MixedRows, k: int) -> None:
        self.rows, self.prototypes = rows, np.arange(k)[:, None]
        self.sizes = np.zeros((k, 1))
        self.sums = np.zeros((k, len(rows.numbers)))
        self.present = np.zeros_like(self.sums)
        self.counts = [np.zeros((k, prod(joint.shape))) for joint in rows.joints]

    def add(self, chunk: Chunk, labels: np.ndarray) -> None:
        """Count the members among some rows."""
        for counts, codes in zip(self.counts, chunk.codes, strict=True):
            cells = labels * np.intp(counts.shape[1]) + codes
            np.add.at(counts.reshape(-1), cells, chunk.weights * chunk.category_share)
        weights = chunk.weights if np.ndim(chunk.weights) else None
        self.sizes += np.bincount(labels, weights, len(self.sizes))[:, None]
        member = (labels == self.prototypes.astype(labels.dtype)).astype(np.float64)
        share = chunk.weights * chunk.number_share
        if np.ndim(share):
            member *= share
        self.sums += member @ chunk.numbers.T.astype(np.float64)
        if chunk.seen is not None:
            self.present += member @ chunk.seen.T.astype(np.float64)

    def best(self, gamma: float) -> tuple[Prototypes, float]:
        """Return means and modes, and by how much they lower the cost below that of `_cost_without`.

        Where no member has a value, mean and mode are those of all rows.
        """
        n = self.present if self.rows.missing[0] else self.sizes
        whole = self.sums.sum(axis=0) / np.maximum(n.sum(axis=0), TINY)
        means = np.divide(self.sums, n, out=np.zeros_like(self.sums) + whole, where=n > 0)
        modes, most = self._modes()
        return Prototypes(means, modes), gamma * most + float((means * self.sums).sum())

    def _modes(self) -> tuple[np.ndarray, float]:
        """Return the modes, -1 where a column has no levels, and the weight of who agrees with them."""
        modes = np.full((len(self.sums), len(self.rows.n_levels)), -1)
        most = np.zeros(modes.shape)
        for joint, counts in zip(self.rows.joints, self.counts, strict=True):
            for column in joint.columns:
                levels = joint.counts_of(column, counts)[:, : self.rows.n_levels[column]]
                if levels.shape[1]:
                    most[:, column] = levels.max(axis=1)
                    # the first of those that are equal but for the order in which they were added up
                    modes[:, column] = (levels >= (1 - 1e-9) * most[:, [column]]).argmax(axis=1)
                    if not most[:, column].all():
                        modes[most[:, column] == 0, column] = levels.sum(axis=0).argmax()
        return modes, float(most.sum())


def _cost_without(rows: MixedRows, gamma: float) -> float:
    """Return the cost if all means were 0 and all categories differed."""
    total = 0.0
    for chunk in rows.chunks():
        squares = np.einsum("pr,pr->r", chunk.numbers, chunk.numbers, dtype=np.float64)
        differing = rows.n_used[1] * np.sign(chunk.category_share)
        total += float((chunk.weights * (chunk.number_share * squares + gamma * differing)).sum())
    return total


def _tally(rows: MixedRows, comparison: Comparison) -> Tally:
    tally = Tally(rows, len(comparison.means))
    for chunk in rows.chunks():
        tally.add(chunk, comparison.nearest(chunk))
    return tally


# Starts


def _as_prototypes(rows: MixedRows, index: Any) -> Prototypes:
    """Take rows for prototypes: where a number is missing, about the mean; a category, no mode."""
    some = rows.chosen(np.asarray(index))
    codes = some.codes()
    modes = np.where(codes < np.array(rows.n_levels, dtype=int), codes, -1)
    return Prototypes(np.nan_to_num(some.numbers.T.astype(np.float64)), modes)


def _spread_out(rows: MixedRows, weights: np.ndarray, k: int, gamma: float, rng: Any) -> np.ndarray:
    """Choose rows by k-means++: in proportion to the distance, the best of several trials."""
    chosen: list[int] = []
    nearest, odds = np.full(rows.n_rows, np.inf), weights
    while len(chosen) < k:
        cumulated = np.cumsum(odds if odds.any() else weights)
        drawn = cumulated[-1] * rng.uniform(size=2 + int(np.log(k)) if chosen else 1)
        trials = np.searchsorted(cumulated, drawn, side="right").clip(max=rows.n_rows - 1)
        left = np.minimum(nearest, _away(rows, _as_prototypes(rows, trials), gamma))
        best = int((left @ weights).argmin())
        chosen, nearest = [*chosen, int(trials[best])], left[best]
        odds = weights * nearest
    return np.array(chosen)


def by_density(rows: MixedRows, k: int) -> Prototypes:
    """Choose modes as Cao, Liang and Bai (2009) do."""
    codes = rows.codes()
    density = np.sum([np.bincount(column)[column] for column in codes.T], axis=0)
    chosen = [int(density.argmax())]
    while len(chosen) < k:
        differing = np.min([(codes != codes[row]).sum(axis=1) for row in chosen], axis=0)
        chosen.append(int((differing * density).argmax()))
    return Prototypes(np.empty((k, 0)), codes[chosen].astype(int))


def sampled(rows: MixedRows, rng: Any) -> MixedRows:
    """Draw some of the rows whose weight is not 0."""
    weighty = None if rows.weights is None else np.flatnonzero(rows.weights)
    n = rows.n_rows if weighty is None else len(weighty)
    index = np.sort(sample_without_replacement(n, min(n, SAMPLE), random_state=rng))
    return rows.chosen(index if weighty is None else weighty[index])


def first_prototypes(rows: MixedRows, k: int, init: str, gamma: float, rng: Any) -> Prototypes:
    """Choose first prototypes; which do not depend on the order of the rows if these are sorted."""
    weights = np.ones(rows.n_rows) if rows.weights is None else rows.weights
    whole = weights * np.concatenate([np.broadcast_to(c.anything, c.n_rows) for c in rows.chunks()])
    weights = whole if whole.any() else weights
    if init == "k-means++":
        return _as_prototypes(rows, _spread_out(rows, weights, k, gamma, rng))
    few = np.count_nonzero(weights) < k
    return _as_prototypes(rows, rng.choice(rows.n_rows, k, replace=few, p=weights / weights.sum()))


# Descent


def _without_empty(rows: MixedRows, prototypes: Prototypes, empty: np.ndarray, gamma: float) -> Prototypes:
    """Move each empty prototype to the row that is farthest from its own."""
    means, modes = prototypes.means.copy(), prototypes.modes.copy()
    distance = assigned(rows, prototypes, gamma)[1] * (rows.weights is None or rows.weights > 0)
    for number in empty:
        if not distance.any():  # there are no more distinct rows
            break
        row = _as_prototypes(rows, [distance.argmax()])
        means[number], modes[number] = row.means[0], row.modes[0]
        np.minimum(distance, _away(rows, row, gamma)[0], out=distance)
    return Prototypes(means, modes)


def descend(
    rows: MixedRows, prototypes: Prototypes, gamma: float, max_iter: int, tol: float
) -> tuple[Prototypes, list[float]]:
    """Assign rows and move prototypes in turn; give the last prototypes and the cost after each turn."""
    without = _cost_without(rows, gamma)
    costs: list[float] = []
    comparison = None
    for _ in range(max_iter):
        comparison = Comparison(rows, prototypes, gamma, last=comparison)
        tally = _tally(rows, comparison)
        if not tally.sizes.all():
            prototypes = _without_empty(rows, prototypes, np.flatnonzero(tally.sizes == 0), gamma)
            tally = _tally(rows, Comparison(rows, prototypes, gamma))
        moved, saved = tally.best(gamma)
        cost = max(without - saved, 0.0)
        fall = costs[-1] - cost if costs else np.inf
        if fall < 0:  # float32 took one of two equally near prototypes for the nearer
            break
        prototypes = moved
        costs.append(cost)
        if fall <= tol * cost + EPSILON * without:
            break
    return prototypes, costs
