"""Finer levels: stable divisions nested in a chosen one, each of whose cuts holds against reference data."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from threadpoolctl import threadpool_limits

from seglib.estimators import Joined, fit_each
from seglib.segment.comparison import Comparison
from seglib.segment.cuts import within
from seglib.segment.niches import niches
from seglib.segment.partitions import crossing
from seglib.segment.reference_data import Judged, judge
from seglib.segment.stability import RESAMPLE_STARTS, Candidate, Resampling
from seglib.segment.thresholds import DIVIDES, NESTED, STABLE

#: Finer divisions that are tried, and the share of a segment from which on a part of it is one.
_FINER, _PART = 3, 0.1
#: A whole division with less evidence is not looked into further.
_LEAST = 1.0


@dataclass(frozen=True)
class Level:
    """A level of segments.

    Attributes
    ----------
    method
        That formed it.
    fit
        The candidate; segments of it may be joined.
    judged
        The division beside reference data that have the level above it and nothing else; where it is not beyond
        these as a whole, its weakest cut beside those of the customers whom it divides.
    """

    method: str
    fit: Candidate
    judged: Judged


def finer_level(
    comparison: Comparison,
    at: int,
    rows: pd.DataFrame,
    plan: Resampling,
    known: np.ndarray | None,
    min_share: float,
) -> tuple[Level | None, list[int]]:
    """Find the finest level nested in a candidate, going down from level to level.

    A level is beyond reference data that have the level above it and nothing else, and each of its cuts
    has evidence of `DIVIDES` or more against a reference of the segment that it divides; or each cut is
    beyond these by itself. Parts of other cuts are joined. Parts that are less than a tenth of a segment
    are not judged by themselves.

    Parameters
    ----------
    comparison, at
        The candidates, and the place of the one that was chosen.
    rows
        One row per customer, prepared.
    plan
        Gives the seed and the number of processes.
    known
        What is known already, per row.
    min_share
        Smallest share of customers in a segment.

    Returns
    -------
    level : Level or None
    open : list of int
        Larger numbers of segments for which more draws of reference data might have decided otherwise.
    """
    table = comparison.candidates
    reached: Level | None = None
    coarse, k = comparison.at(at).labels, int(table.k[at] - table.niches[at])
    failed, open_ = 0, list[int]()
    large = table.k - table.niches  # a niche among the segments is not one that divides the rest
    finer = table[table.admissible & ~table.rule & (large > k)]
    for place in finer.sort_values(["k", "silhouette"], ascending=[True, False]).index:
        method, fit = str(table.method[place]), comparison.at(int(place))
        if large[place] <= k or failed == _FINER or _nested(fit.labels, coarse) < NESTED:
            continue
        if within(coarse, fit.labels, rows, plan.seed):
            continue
        sides = coarse if known is None else coarse * (known.max() + 1) + known
        judged = judge(method, fit, rows, plan, sides)
        if not judged.settled:
            open_.append(int(table.k[place]))
        made, judged = _supported(method, fit, coarse, rows, plan, judged, known)
        n = 0 if made is None else _segments(made, rows, min_share)
        if made is None or n <= k:
            failed += 1
            continue
        reached, coarse, k = Level(method, made, judged), made.labels, n
    return reached, [n for n in open_ if n > k]


def _nested(finer: np.ndarray, coarse: np.ndarray) -> float:
    """Return the share of customers who are in the coarser segment that most of their finer segment is in."""
    return float(crossing(finer, coarse).max(1).sum() / len(finer))


def _segments(fit: Candidate, rows: pd.DataFrame, min_share: float) -> int:
    """Count the segments that are no niches; none where one of them is not stable or too small."""
    sizes = np.bincount(fit.labels, minlength=len(fit.stability))
    apart = niches(fit.stability, sizes, (fit.exchange - np.eye(len(sizes)) * 2).max(1), min_share)
    large = sizes[~apart].min() >= min_share * len(rows)
    return int((~apart).sum()) if large and fit.stability.min() >= STABLE else 0


def _supported(
    method: str,
    fit: Candidate,
    coarse: np.ndarray,
    rows: pd.DataFrame,
    plan: Resampling,
    judged: Judged,
    known: np.ndarray | None,
) -> tuple[Candidate | None, Judged]:
    """Join the parts of each segment whose division does not hold against reference data; nothing if no cut is left.

    The second is the whole division beside reference data, or the weakest cut where the whole is not beyond.
    """
    if judged.evidence[judged.hardest] < _LEAST:
        return None, judged
    whole = judged.beyond and judged.settled
    owner = crossing(fit.labels, coarse).argmax(1)
    into, groups, cuts = np.full(len(owner), -1), 0, list[Judged]()
    for segment in np.unique(owner):
        parts = np.flatnonzero(owner == segment)
        cut = _cut(method, fit, parts, coarse == segment, rows, plan, known) if len(parts) > 1 else None
        apart = cut is not None and (_divides(cut) if whole else cut.beyond and cut.settled)
        into[parts] = groups + (np.arange(len(parts)) if apart else 0)
        groups = int(into.max()) + 1
        cuts += [cut] if apart and cut else []
    if not cuts:
        return None, judged
    weakest = judged if whole else min(cuts, key=lambda cut: cut.evidence[cut.hardest])
    weakest = replace(weakest, k=groups, decides=weakest.hardest)
    if groups == len(owner):
        return fit, weakest
    return replace(fit.joined(into), model=Joined(fit.model, into.tolist())), weakest


def _divides(cut: Judged) -> bool:
    """Tell whether one cut, of a division that is beyond as a whole, is more than the method's habit."""
    return bool(max(cut.evidence) >= DIVIDES)


def _cut(
    method: str,
    fit: Candidate,
    parts: np.ndarray,
    inside: np.ndarray,
    rows: pd.DataFrame,
    plan: Resampling,
    known: np.ndarray | None,
) -> Judged | None:
    """Divide one segment's customers alone into as many parts, beside reference data; nothing for parts too small."""
    own = fit.labels[inside]
    large = [part for part in parts if (own == part).sum() >= _PART * len(own)]
    kept = np.flatnonzero(inside)[np.isin(own, large)]
    some = rows.iloc[kept].reset_index(drop=True)
    if len(large) < 2:
        return None
    with threadpool_limits(1):
        model = fit_each(method, [len(large)], some, plan.seed, RESAMPLE_STARTS).get(len(large))
    if model is None:
        return None
    sides = None if known is None else known[kept]
    return judge(method, replace(fit, model=model, stability=np.zeros(len(large))), some, plan, sides)
