"""Whether a segment that looks born, dead, split or merged is so, or is another fit of the same customers."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import pandas as pd

from seglib.monitor.identity import crossed, jaccard
from seglib.monitor.thresholds import CLEAR, FALLEN, FEWEST, SAME, THERE
from seglib.monitor.valleys import Divide, Space


@dataclass(frozen=True)
class Months:
    """What is compared: each Series has a segment per customer (index).

    Attributes
    ----------
    space
        The segmentation variables of both months.
    before
        Segments of the earlier month.
    found
        Segments of this month by a new fit.
    then
        Segments of that fit that customers of the earlier month would have.
    """

    space: Space
    before: pd.Series
    found: pd.Series
    then: pd.Series

    @classmethod
    def of(cls, space: Space, before: pd.Series, found: pd.Series) -> Months:
        """Place the customers of the earlier month in the segments of the new fit."""
        return cls(space, before, found, space.placed(found))


def confirmed(table: pd.DataFrame, months: Months) -> pd.Series:
    """Tell of each changed segment whether the change lies in the customers.

    A *split* is confirmed where a valley lies between the pieces that did not lie there in the earlier month;
    *merged* where the valley between the earlier segments is gone; *born* where a valley lies around the new
    segment, and the earlier month had nothing in its place; *died* where the customers of the segment are gone
    or scattered.

    Parameters
    ----------
    table
        From `identities`.
    months
        The customers.

    Returns
    -------
    pandas.Series of bool
        By row of the table; kept segments are confirmed.
    """
    tests = {"split": _split, "merged": _merged, "born": _born, "died": _died}
    return pd.Series(
        [row.fate == "kept" or tests[row.fate](row, table, months) for row in table.itertuples()],
        table.index,
        dtype=bool,
    )


def _members(labels: pd.Series, segment: int, rows: pd.DataFrame) -> pd.Index:
    return labels.index[labels == segment].intersection(rows.index)


def _split(row: Any, table: pd.DataFrame, months: Months) -> bool:
    pieces = table[table.found.notna() & (table.fate == "split")]
    own = pieces[[_same(row, s) for s in pieces.sources]].found.astype(int).tolist()
    if len(own) < 2:
        return False
    own = [int(row.found), *(p for p in own if p != row.found)] if pd.notna(row.found) else own
    return any(_apart_now_only(own[0], other, months) for other in own[1:])


def _same(row: Any, sources: list[int]) -> bool:
    return list(sources) == (list(row.sources) or [int(row.earlier)])


def _apart_now_only(one: int, other: int, months: Months) -> bool:
    """Tell whether a valley lies between two new segments that did not lie there in the earlier month."""
    now, then = months.space.now, months.space.then
    divide = Divide.of(now, *(_members(months.found, s, now) for s in (one, other)))
    if divide.depth < CLEAR:
        return False
    there = _members(months.then, one, then).append(_members(months.then, other, then))
    known = Divide.of(then, *(_members(months.found, s, then) for s in (one, other)))  # wherever they were
    return max(divide.depth_of(then, there), known.depth) < FALLEN * divide.depth


def _merged(row: Any, table: pd.DataFrame, months: Months) -> bool:
    """Tell whether the valley between two earlier segments is gone, among the customers of then."""
    if pd.isna(row.found):  # its partner carries the sources
        return any(
            _merged(r, table, months)
            for r in table[table.found.notna() & (table.fate == "merged")].itertuples()
            if row.earlier in r.sources
        )
    now, then = months.space.now, months.space.then
    divide = Divide.of(then, *(_members(months.before, s, then) for s in row.sources[:2]))
    together = months.found.index[months.found == row.found].intersection(now.index)
    one, other = (together.intersection(months.before.index[months.before == s]) for s in row.sources[:2])
    few = min(len(one), len(other)) < FEWEST
    # where they are now, for all may have drifted
    depth = divide.depth_of(now, together) if few else Divide.of(now, one, other).depth
    return divide.depth >= CLEAR and depth < FALLEN * divide.depth


def _born(row: Any, table: pd.DataFrame, months: Months) -> bool:
    """Tell whether a new segment is apart from its neighbour, and was not there in the earlier month."""
    now, new = months.space.now, int(row.found)
    centres = now.groupby(months.found.reindex(now.index)).mean()
    if new not in centres.index or len(centres) < 2:
        return False
    near = int(((centres.drop(new) - centres.loc[new]) ** 2).sum(axis=1).idxmin())
    share, was = (float((labels == new).mean()) for labels in (months.found, months.then))
    if was >= THERE * share:
        return False
    return Divide.of(now, *(_members(months.found, s, now) for s in (new, near))).depth >= CLEAR


def _died(row: Any, table: pd.DataFrame, months: Months) -> bool:
    """Tell whether the customers of an earlier segment are gone, or are nowhere together."""
    alike = jaccard(crossed(months.before, months.found))
    return row.earlier not in alike.index or float(alike.loc[row.earlier].max()) < SAME
