"""Which segment of this run is which of an earlier one: kept, born, died, split, merged."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from scipy.optimize import linear_sum_assignment

from seglib.monitor.thresholds import GONE, MOSTLY, PIECE, SAME

#: What became of a segment.
FATES = ("kept", "born", "split", "merged", "died")


@dataclass(frozen=True)
class Identities:
    """Segments of this run and of an earlier one.

    Attributes
    ----------
    table
        One row per segment of either: segment (the number that it has from now on), found (its number as it was
        found; missing if it died), earlier (its number before; missing if it is new), fate (of `FATES`), jaccard
        (with the earlier segment; missing if there is none), sources, becomes (lists of earlier segments that
        it came from, and of segments that it went into).
    """

    table: pd.DataFrame

    @property
    def numbers(self) -> dict[int, int]:
        """The number that each segment has from now on, by that under which it was found."""
        there = self.table.dropna(subset=["found"])
        return dict(zip(there.found.astype(int), there.segment.astype(int), strict=True))

    @property
    def changed(self) -> pd.DataFrame:
        """The segments that were born, died, were split or merged."""
        return self.table[self.table.fate != "kept"]


def crossed(one: pd.Series, other: pd.Series) -> pd.DataFrame:
    """Count the customers whom two partitions share, by the segments of both."""
    both = pd.concat([one, other], axis=1, keys=["one", "other"]).dropna().astype(int)
    return pd.crosstab(both.one, both.other)


def jaccard(counts: pd.DataFrame) -> pd.DataFrame:
    """Compute the Jaccard similarity of each segment with each of another partition.

    Examples
    --------
    >>> jaccard(pd.DataFrame([[8, 2], [0, 10]])).round(2).to_numpy().tolist()
    [[0.8, 0.1], [0.0, 0.83]]
    """
    n = counts.to_numpy(float)
    union = n.sum(1)[:, None] + n.sum(0)[None, :] - n
    return pd.DataFrame(
        np.divide(n, union, out=np.zeros_like(n), where=union > 0), counts.index, counts.columns
    )


def matched(
    alike: pd.DataFrame, near: pd.DataFrame | None = None, least: float = SAME
) -> list[tuple[int, int]]:
    """Match segments so that their similarities beyond a least one add up to the most; the others stay unmatched.

    An assignment (Hungarian method; Kuhn, 1955) in which every segment may also be matched with none.

    Parameters
    ----------
    alike
        Jaccard similarity, earlier segments in rows.
    near
        How near the centres are, 0 to 1, of the same shape; it decides between equal similarities.
    least
        Similarity below which segments stay unmatched.

    Examples
    --------
    >>> alike = pd.DataFrame([[0.9, 0.0, 0.0], [0.0, 0.1, 0.6]], [1, 2], [1, 2, 3])
    >>> matched(alike)
    [(1, 1), (2, 3)]
    """
    rows, columns = alike.shape
    gain = np.zeros((rows + columns, rows + columns))
    ties = 0.0 if near is None else 1e-6 * near.to_numpy(float)
    gain[:rows, :columns] = alike.to_numpy(float) - least + ties
    places = zip(*linear_sum_assignment(-gain), strict=True)
    return [
        (int(alike.index[i]), int(alike.columns[j]))
        for i, j in places
        if i < rows and j < columns and alike.iat[i, j] >= least
    ]


def nearness(earlier: pd.DataFrame, now: pd.DataFrame) -> pd.DataFrame:
    """Compute how near centres are: 1 at the same place, towards 0 far away.

    Parameters
    ----------
    earlier, now
        One row per segment, one column per prepared variable; missing ones are left out.
    """
    both = earlier.columns.intersection(now.columns)
    apart = earlier[both].to_numpy(float)[:, None, :] - now[both].to_numpy(float)[None, :, :]
    return pd.DataFrame(1 / (1 + np.sqrt(np.nanmean(apart**2, axis=2))), earlier.index, now.index)


def identities(
    rescored: pd.Series,
    found: pd.Series,
    earlier: pd.Series | None = None,
    near: pd.DataFrame | None = None,
    taken: int = 0,
    unchanged: bool = False,
) -> Identities:
    """Find what became of each segment.

    Parameters
    ----------
    rescored
        Per customer (index) the segment that the stored model assigns now or, where there is no stored model
        that can, the segment of the earlier run.
    found
        Per customer the segment of the new partition.
    earlier
        Per customer the segment in the earlier run; customers who were not there are missing. `rescored` if
        absent.
    near
        Nearness of centres, earlier segments in rows.
    taken
        The highest number that a segment of this project ever had: new ones are numbered beyond.
    unchanged
        Match all segments, however little they share: it is known that none was born, died, was split or merged.
        Their similarity is then that with the segment of the new partition that is most like them.

    Returns
    -------
    Identities
        A segment is *split* where two or more new ones are mostly of it, *merged* where one new is mostly of
        two or more, which the stored model can still distinguish. A new segment that is mostly of customers from
        elsewhere is *born*; one to which hardly any customer is assigned has *died*.
    """
    before = rescored if earlier is None else earlier
    counts = crossed(rescored, found)
    counts = counts.reindex(sorted(set(counts.index) | set(before.dropna().astype(int))), fill_value=0)
    alike = jaccard(counts)
    near = None if near is None else near.reindex(counts.index, axis=0).reindex(counts.columns, axis=1)
    if unchanged:
        by_new = {new: old for old, new in matched(alike, near, least=0.0)}
        table = _table(counts, alike, by_new, {}, {}, taken)
        return Identities(table.assign(jaccard=table.earlier.map(alike.max(axis=1))))
    known = crossed(rescored[rescored.index.isin(before.dropna().index)], found)
    pairs = _pairs(jaccard(known).reindex_like(alike).fillna(0), alike, near)
    gone = _gone(counts, before)
    pairs = {old: new for old, new in pairs.items() if old not in gone}
    by_new = {new: old for old, new in pairs.items()}
    origin = _origins(before, found)
    splits = _pieces(counts, origin, by_new)
    merges = _joined(counts, gone)
    return Identities(_table(counts, alike, by_new, splits, merges, taken))


def _pairs(shared: pd.DataFrame, alike: pd.DataFrame, near: pd.DataFrame | None) -> dict[int, int]:
    """Match segments by customers who were there before, and what is left by all customers of this month."""
    near = None if near is None else near.fillna(0)
    pairs = dict(matched(shared, near))
    rows = [s for s in alike.index if s not in pairs]
    columns = [s for s in alike.columns if s not in pairs.values()]
    if rows and columns:
        rest = alike.loc[rows, columns]
        pairs |= dict(matched(rest, None if near is None else near.loc[rows, columns]))
    return pairs


def _gone(counts: pd.DataFrame, before: pd.Series) -> set[int]:
    """Find the earlier segments to which hardly any customer is assigned now."""
    was = before.value_counts(normalize=True)
    now = counts.sum(axis=1) / max(counts.to_numpy().sum(), 1)
    return {int(s) for s in counts.index if s in was.index and now[s] < GONE * was[s]}


def _origins(before: pd.Series, found: pd.Series) -> pd.DataFrame:
    """Compute which share of each new segment was in each earlier one; the rest were in none."""
    counts = crossed(before, found)
    return counts / found.value_counts().reindex(counts.columns).to_numpy()


def _pieces(counts: pd.DataFrame, origin: pd.DataFrame, by_new: dict[int, int]) -> dict[int, list[int]]:
    """Find the earlier segments that were divided, and the new segments that are mostly of each."""
    of_new, of_old = counts / counts.sum(axis=0), counts.div(counts.sum(axis=1).clip(lower=1), axis=0)
    divided = {}
    for old in counts.index:
        pieces = [
            int(new)
            for new in counts.columns
            if of_new.at[old, new] >= MOSTLY
            and of_old.at[old, new] >= PIECE
            and (by_new.get(new) == old or _from(origin, old, new) >= MOSTLY)
        ]
        if len(pieces) > 1:
            divided[int(old)] = pieces
    return divided


def _from(origin: pd.DataFrame, old: int, new: int) -> float:
    return float(origin.at[old, new]) if old in origin.index and new in origin.columns else 0.0


def _joined(counts: pd.DataFrame, gone: set[int]) -> dict[int, list[int]]:
    """Find the new segments that are mostly of two or more earlier ones, and these."""
    of_new, of_old = counts / counts.sum(axis=0), counts.div(counts.sum(axis=1).clip(lower=1), axis=0)
    joint = {}
    for new in counts.columns:
        parts = [
            int(old)
            for old in counts.index
            if old not in gone and of_old.at[old, new] >= MOSTLY and of_new.at[old, new] >= PIECE
        ]
        if len(parts) > 1:
            joint[int(new)] = parts
    return joint


def _table(
    counts: pd.DataFrame,
    alike: pd.DataFrame,
    by_new: dict[int, int],
    splits: dict[int, list[int]],
    merges: dict[int, list[int]],
    taken: int,
) -> pd.DataFrame:
    fresh = max([taken, *map(int, counts.index)])
    piece_of = {piece: old for old, pieces in splits.items() for piece in pieces}
    into = {old: new for new, olds in merges.items() for old in olds}
    rows: list[tuple[Any, ...]] = []
    numbers: dict[int, int] = {}
    for new in sorted(map(int, counts.columns), key=lambda s: (s not in by_new, s)):
        old = by_new.get(new)
        if old is None:
            fresh += 1
        numbers[new] = number = old if old is not None else fresh
        fate = (
            "split" if new in piece_of else "merged" if new in merges else "born" if old is None else "kept"
        )
        sources = merges.get(new, [piece_of[new]] if new in piece_of else [] if old is None else [old])
        similarity = np.nan if old is None else float(alike.at[old, new])
        rows.append((number, new, old, fate, similarity, sources, []))
    kept = set(by_new.values())
    for old in map(int, counts.index):
        if old in kept:
            continue
        targets = [into[old]] if old in into else splits.get(old, [])
        fate = "merged" if old in into else "split" if old in splits else "died"
        rows.append((old, None, old, fate, np.nan, [], [numbers[t] for t in targets]))
    columns = ["segment", "found", "earlier", "fate", "jaccard", "sources", "becomes"]
    table = pd.DataFrame(rows, columns=columns)
    return table.astype({"segment": "Int64", "found": "Int64", "earlier": "Int64", "jaccard": float})
