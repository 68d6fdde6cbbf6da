"""Cells of too few customers: which are not shown, and which must be suppressed with them."""

from __future__ import annotations

from collections.abc import Collection
from typing import TypeVar

import numpy as np
import pandas as pd

from seglib.errors import DataError

#: Totals that a reader may know: of every row, of every column, of all cells.
TOTALS = ("rows", "columns", "all")
Counts = TypeVar("Counts", pd.Series, pd.DataFrame)


def hidden(counts: Counts, min_cell: int, totals: Collection[str] = TOTALS) -> Counts:
    """Tell which cells may not be shown: too small ones, and those that would give them away.

    An empty cell is shown. To every cell that is too small the smallest of its row, column or
    table is added as long as the totals leave a reader with fewer than `min_cell` possible
    numbers for any cell that is not shown (complementary suppression; Hundepool et al.,
    Statistical Disclosure Control, 2012, chapter 4). A total that is itself too small, and one
    that would give it away, is taken for unknown: it may not be shown either.

    Parameters
    ----------
    counts
        Customers behind each cell; missing is none.
    min_cell
        Fewest customers of a cell that is shown.
    totals
        Sums of `counts` that a reader may know, of `TOTALS`; a series has only the total of all.

    Examples
    --------
    >>> hidden(pd.Series([40, 12, 3]), 10).tolist(), hidden(pd.Series([40, 12, 3]), 10, ()).tolist()
    ([False, True, True], [False, False, True])
    """
    n = np.nan_to_num(np.asarray(counts, dtype=float))
    square = n[:, None] if n.ndim == 1 else n
    lines, empty = _lines(square, min_cell, {"all"} & set(totals) if n.ndim == 1 else set(totals))
    out = _protected(square.ravel(), lines, min_cell, empty).reshape(n.shape)
    return counts.notna() & False | out


def _lines(n: np.ndarray, least: int, totals: set[str]) -> tuple[list[np.ndarray], np.ndarray]:
    """List the sets of cells whose sum a reader knows, and the cells that a total shows to be empty."""
    cells = np.arange(n.size).reshape(n.shape)
    lines, empty = [], np.zeros(n.size, dtype=bool)
    for name, axis, number in (("rows", 1, n.shape[1]), ("columns", 0, n.shape[0])):
        if name not in totals or number < 2:
            continue
        sums = n.sum(axis)
        unknown = _protected(sums, [np.arange(len(sums))], least)
        sets = cells if axis else cells.T
        lines += [*sets[~unknown & (sums > 0)], sets[unknown].ravel()]
        empty[sets[~unknown & (sums == 0)]] = True
    if "all" in totals:
        lines.append(cells.ravel())
    return [line for line in lines if n.ravel()[line].sum() >= least], empty


def _protected(
    n: np.ndarray, lines: list[np.ndarray], least: int, empty: np.ndarray | None = None
) -> np.ndarray:
    """Hide cells until none can be worked out from the sums of the lines.

    Hiding those that are known to be empty would hide nothing.
    """
    out = (n > 0) & (n < least)
    free = np.ones(n.size, dtype=bool) if empty is None else ~empty
    while (more := _next(n, out, free, lines, least)) is not None:
        out[more] = True
    return out


def _next(
    n: np.ndarray, out: np.ndarray, free: np.ndarray, lines: list[np.ndarray], least: int
) -> int | None:
    """Find the cell to be hidden next, if one must be."""
    for line in lines:
        covered, left = line[out[line]], line[~out[line] & free[line]]
        if len(covered) and len(left) and (len(covered) < 2 or n[covered].sum() < least):
            return _smallest(n, left)
    for cell in _told(n, out, lines, least):
        beside = np.unique(np.concatenate([line for line in lines if cell in line]))
        for near in (beside, np.arange(n.size)):
            if len(left := near[~out[near] & free[near]]):
                return _smallest(n, left)
    return None


def _smallest(n: np.ndarray, cells: np.ndarray) -> int:
    """Choose the smallest cell that is not empty, or an empty one where there is none."""
    return int(min(cells, key=lambda cell: (n[cell] == 0, n[cell], cell)))


def _told(n: np.ndarray, out: np.ndarray, lines: list[np.ndarray], least: int) -> list[int]:
    """List the hidden cells that crossing sums confine to fewer than `least` numbers.

    The bounds are those of linear programs; sums of rows and columns have whole solutions. Lines
    that do not cross need none: with two hidden cells of enough customers they tell nothing.
    """
    places = np.flatnonzero(out)
    if len(places) == 0 or sum(map(len, lines)) == len(set().union(*map(set, lines))):
        return []
    sums = np.array([np.isin(places, line) for line in lines], dtype=float).reshape(len(lines), len(places))
    from scipy.optimize import linprog

    told = []
    for at, place in enumerate(places):
        one = np.eye(len(places))[at]
        ends = [linprog(sign * one, A_eq=sums, b_eq=sums @ n[places], method="highs") for sign in (1, -1)]
        bounded = all(end.status == 0 for end in ends)
        if bounded and -ends[1].fun - ends[0].fun < least - 1e-6:
            told.append(int(place))
    return told


def coded(yes: pd.Series, base: pd.Series, min_cell: int) -> pd.Series:
    """Keep counts of a known base off both ends, where a share would give few customers away.

    A count of fewer than `min_cell` is moved up to it, one that leaves out so few is moved down;
    what that adds or takes is made up where there is most room, so that the total stays true
    (controlled tabular adjustment; Dandekar and Cox, 2002). None and all stay.

    Parameters
    ----------
    yes, base
        Customers per group of whom something holds, and all of the group.
    min_cell
        The fewest customers that a cell may be based on.

    Returns
    -------
    pandas.Series
        Counts (float) to be shown; missing where they cannot be kept off the ends.

    Examples
    --------
    >>> coded(pd.Series([197, 100, 3]), pd.Series([200, 200, 200]), 10).tolist()
    [190.0, 100.0, 10.0]
    >>> coded(pd.Series([200, 100, 3]), pd.Series([200, 200, 200]), 10).tolist()
    [200.0, 93.0, 10.0]
    """
    yes, base = yes.astype(float), base.astype(float)
    near = ((yes > 0) & (yes < min_cell)) | ((yes < base) & (yes > base - min_cell))
    if not near.any():
        return yes
    made = yes.where(~near, yes.clip(lower=min_cell).clip(upper=base - min_cell))
    more = float((made - yes).sum())
    free = (yes > 0) & (yes < base) & ~near
    room = (made - min_cell if more > 0 else base - min_cell - made).where(free, 0.0)
    if (base[near] < 2 * min_cell).any() or (more and room.max() < abs(more)):
        return yes * np.nan
    made.loc[room.idxmax()] -= more
    return made


def rounded(counts: Counts, min_cell: int) -> Counts:
    """Round counts to twice the smallest cell; what is nearer to none is missing.

    Where nearly every line holds a small cell, suppression would leave nothing of a table. What
    is rounded to twice as much hides a small cell in each difference (Hundepool et al., 2012,
    section 5.4: conventional rounding), at the price of exactness, which a figure does not need.

    Examples
    --------
    >>> rounded(pd.Series([1443, 57, 12, 4]), 10).tolist(), rounded(pd.Series([1443, 0]), 1).tolist()
    ([1440.0, 60.0, 20.0, nan], [1443.0, nan])
    """
    base = 2 * min_cell if min_cell > 1 else 1
    whole = (counts / base + 0.5).astype(int).astype(float) * base
    return whole.where(counts >= min_cell).where(whole > 0)


def bounded(share: pd.Series, base: pd.Series, min_cell: int) -> pd.Series:
    """Keep shares of a known base off both ends, where no total gives them away.

    Examples
    --------
    >>> bounded(pd.Series([0.0, 0.01, 0.5, 0.98]), pd.Series([200] * 4), 10).tolist()
    [0.0, 0.05, 0.5, 0.95]
    """
    least = min_cell / base.astype(float)
    kept = share.clip(lower=least, upper=1 - least).where(least <= 0.5)
    return share.where((share == 0) | (share == 1), kept)


def behind(table: pd.DataFrame, customers: str, shares: Collection[str] = ()) -> pd.DataFrame:
    """Count the customers behind a number of customers, and behind shares of them.

    Returns
    -------
    pandas.DataFrame
        The number; and per share those of whom it holds or those of whom it does not, whichever
        are fewer and anybody.

    Examples
    --------
    >>> behind(pd.DataFrame({"n": [200, 50], "risk": [0.9, 0.0]}), "n", ["risk"]).to_numpy().tolist()
    [[200.0, 20.0], [50.0, 50.0]]
    """
    n = table[customers].astype(float)
    made = pd.DataFrame({customers: n})
    for share in [c for c in shares if c in table]:
        parts = pd.DataFrame({"yes": (table[share] * n).round(), "no": ((1 - table[share]) * n).round()})
        made[share] = parts.where(parts > 0).min(axis=1)
    return made


def check(customers: int, min_cell: int) -> None:
    """Refuse customers of whom nothing could be shown.

    Raises
    ------
    DataError
        If all of them are fewer than one cell must be based on.
    """
    if customers < min_cell:
        raise DataError(
            f"{customers} customers are looked at, and every published cell must be based on {min_cell} at least, so "
            "there is nothing to show; look at the sources, or lower privacy.min_cell"
        )


def pooled(sizes: pd.Series, min_cell: int) -> pd.Series:
    """Tell which groups are put together so that none is too small to be shown.

    Returns
    -------
    pandas.Series
        True for those of fewer than `min_cell` customers and, where they are fewer even
        together, for the next smallest.

    Examples
    --------
    >>> pooled(pd.Series([80, 15, 4, 3]), 10).tolist(), pooled(pd.Series([80, 15]), 10).tolist()
    ([False, True, True, True], [False, False])
    """
    out = sizes < min_cell
    while out.any() and not out.all() and sizes[out].sum() < min_cell:
        out.loc[sizes[~out].idxmin()] = True
    return out


def smallest(customers: object) -> int | None:
    """Give the smallest number of customers behind any cell; nothing where there is no cell.

    Examples
    --------
    >>> smallest(pd.Series([40, 0, None, 12]))
    12
    """
    table = customers if isinstance(customers, pd.DataFrame) else pd.Series(customers)
    n = np.asarray(table, float)
    n = n[np.nan_to_num(n) > 0]
    return round(float(n.min())) if n.size else None
