"""Candidates compared: every method and number of segments, the choice among them, and the next best."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from seglib.errors import DataError
from seglib.estimators import MAX_OVERLAP, METHODS
from seglib.segment.niches import niches
from seglib.segment.partitions import across, crossing
from seglib.segment.stability import Candidate, Resampling, resample, silhouette
from seglib.segment.thresholds import (
    SAME_PARTITION,
    SAME_SILHOUETTE,
    SIMILAR,
    STABLE,
    SUBSTANTIAL_SILHOUETTE,
    TRUSTED,
)


@dataclass(frozen=True)
class Comparison:
    """What was compared, and what was chosen.

    Attributes
    ----------
    candidates
        The table `candidates`, one row per method and number of segments.
    stability
        The table `stability`, one row per method, number of segments, and segment.
    fits
        The candidates themselves, by method and number of segments.
    """

    candidates: pd.DataFrame
    stability: pd.DataFrame
    fits: dict[tuple[str, int], Candidate]

    @property
    def chosen(self) -> pd.Series:
        """The row of the candidate that was chosen."""
        return self.candidates[self.candidates.chosen].iloc[0]

    @property
    def method(self) -> str:
        """The method that was chosen."""
        return str(self.chosen.method)

    @property
    def k(self) -> int:
        """The number of segments that was chosen."""
        return int(self.chosen.k)

    @property
    def fit(self) -> Candidate:
        """The candidate that was chosen."""
        return self.fits[self.method, self.k]

    def at(self, place: int) -> Candidate:
        """Return the candidate of a row of the table `candidates`."""
        row = self.candidates.loc[place]
        return self.fits[row.method, row.k]

    @property
    def own(self) -> pd.DataFrame:
        """The rows of the chosen candidate in the table `stability`."""
        return self.stability[(self.stability.method == self.method) & (self.stability.k == self.k)]


def compare(
    methods: list[str], rows: pd.DataFrame, ks: range, plan: Resampling, min_share: float
) -> Comparison:
    """Try every method and number of segments.

    Parameters
    ----------
    methods
        Names that `estimators.METHODS` knows.
    rows
        One row per customer, prepared.
    ks
        Numbers of segments; more than there are different rows are not tried.
    plan
        How candidates are resampled.
    min_share
        Smallest share of customers in a segment.

    Raises
    ------
    DataError
        If there are fewer customers than segments are asked for, or all are alike.
    """
    if len(rows) < 2 * max(ks):
        raise DataError(
            f"{len(rows):,} customers cannot be divided into {max(ks)} segments; lower segment.k, or "
            "admit more customers"
        )
    different = len(rows.drop_duplicates())
    if different < min(ks):
        raise DataError(
            f"the segmentation variables have {different:,} different combinations only, and segment.k asks "
            f"for at least {min(ks)} segments; lower it, or name another basis in segment.on"
        )
    ks = range(min(ks), min(max(ks), different) + 1)
    candidates, stability, fits = [], [], {}
    for method in methods:
        found = resample(method, ks, rows, plan)
        for k, fit in found.items():
            fits[method, k] = fit
            stability.append(segment_table(method, fit, found.get(k - 1)))
            candidates.append({"method": method, "k": k} | _measures(fit, rows, plan.seed, min_share))
    return Comparison(pd.DataFrame(candidates), pd.concat(stability, ignore_index=True), fits)


def segment_table(method: str, fit: Candidate, coarser: Candidate | None = None) -> pd.DataFrame:
    """List the segments of a candidate, as the table `stability` does."""
    k = len(fit.stability)
    others = fit.exchange - np.eye(k) * 2
    came = across(fit.labels, coarser.labels) if coarser else np.full(fit.labels.max() + 1, np.nan)
    return pd.DataFrame(
        {
            "method": method,
            "k": k,
            "part": range(k),
            "size": np.bincount(fit.labels, minlength=k),
            "stability": fit.stability,
            "across": np.append(came, np.full(k - len(came), np.nan)),
            "neighbour": others.argmax(1),
            "exchanged": others.max(1),
        }
    )


def _measures(fit: Candidate, rows: pd.DataFrame, seed: int, min_share: float) -> dict[str, Any]:
    k = len(fit.stability)
    sizes = np.bincount(fit.labels, minlength=k)
    niche = niches(fit.stability, sizes, (fit.exchange - np.eye(k) * 2).max(1), min_share)
    weakest, others = float(fit.stability.min()), sizes[~niche]
    overlap = getattr(fit.model, "overlaps_", {}).get(k, np.nan)
    large = bool(others.min() >= min_share * len(rows))
    return {
        "agreement": float(np.median(fit.agreement)) if len(fit.agreement) else 0.0,
        "strength": fit.strength,
        "weakest": weakest,
        "smallest": int(others.min()) / len(rows),
        "customers": int(others.min()),
        "niches": int(niche.sum()),
        "rule": False,
        "silhouette": silhouette(rows, fit.labels, seed),
        "bic": float(fit.model.bic(rows)) if hasattr(fit.model, "bic") else np.nan,
        "overlap": overlap,
        "admissible": weakest >= STABLE and large,
        "separated": bool(overlap <= MAX_OVERLAP and weakest >= TRUSTED and large),
    }


def with_candidate(
    comparison: Comparison, method: str, fit: Candidate, rows: pd.DataFrame, seed: int, min_share: float
) -> Comparison:
    """Add a candidate, in the place of the one of the same method and number of segments."""
    k = len(fit.stability)
    row = {"method": method, "k": k} | _measures(fit, rows, seed, min_share)
    others = comparison.candidates[(comparison.candidates.method != method) | (comparison.candidates.k != k)]
    candidates = pd.concat([others, pd.DataFrame([row])], ignore_index=True)
    old = comparison.stability
    kept = old[(old.method != method) | (old.k != k)]
    stability = pd.concat([kept, segment_table(method, fit)], ignore_index=True)
    return Comparison(candidates, stability, comparison.fits | {(method, k): fit})


# The choice


def best(table: pd.DataFrame, fits: dict[tuple[str, int], Candidate] | None = None) -> int:
    """Return the place of the candidate that is preferred before reference data are looked at.

    1. Merged components that are well separated, each large enough and to be trusted; the
       largest number of them. If a method of prototypes forms the same segments, it is taken, for it
       is simpler; and also if it forms as many that are similar and stable where these are not quite.
       If neither is stable, the largest number of separated ones that are.
    2. Otherwise the candidates whose every segment is stable and large enough. Each method is
       represented by its largest silhouette, if that says anything; below
       `SUBSTANTIAL_SILHOUETTE` nothing is separated, and the largest number of stable segments is
       taken. Of methods whose silhouettes differ by less than `SAME_SILHOUETTE` the one whose
       least stable segment is most stable.
    3. Otherwise the candidate whose least stable segment is most stable.

    Parameters
    ----------
    table
        Rows of the table `candidates`.
    fits
        The candidates themselves; without them, simpler methods are not preferred.
    """
    preferred = _best(table)
    simplest = preferred if fits is None else _simplest(preferred, table, fits)
    stable = table[table.separated & table.admissible]
    if table.separated[preferred] and not table.admissible[simplest] and len(stable):
        return best(stable, fits)
    return simplest


def chosen_at(comparison: Comparison, at: int) -> Comparison:
    """Mark a choice, and the next best number of segments.

    Returns
    -------
    Comparison
        Its candidates with chosen and next_best (bool), and for the one chosen apart: the overlap
        of its segments, if they are well separated.
    """
    table, fits = comparison.candidates, comparison.fits
    rest = table[(table.k != table.k[at]) & ~table.rule]
    as_many = table[table.separated & (table.k == table.k[at])]
    same = [i for i in as_many.index if _alike(table, int(i), at, fits)]
    marked = table.assign(
        chosen=table.index == at,
        next_best=table.index == (best(rest, fits) if len(rest) else None),
        apart=np.where(table.index == at, table.overlap[same].min() if same else np.nan, np.nan),
    )
    return replace(comparison, candidates=marked)


def _best(table: pd.DataFrame) -> int:
    separated = table[table.separated]
    if len(separated):
        return int(separated.k.idxmax())
    plain = table[table.overlap.isna()]
    plain = plain if len(plain) else table
    admissible = plain[plain.admissible]
    if admissible.empty:
        return int(plain.weakest.idxmax())
    best = admissible.loc[[_of_one_method(rows) for _, rows in admissible.groupby("method", sort=False)]]
    most = best.silhouette.max()
    alike = best[best.silhouette.fillna(-1) >= (most if most == most else -1) - SAME_SILHOUETTE]
    return int(alike.weakest.idxmax())


def _of_one_method(rows: pd.DataFrame) -> int:
    separated = rows.silhouette.max() >= SUBSTANTIAL_SILHOUETTE
    return int(rows.silhouette.idxmax() if separated else rows.k.idxmax())


def _alike(table: pd.DataFrame, one: int, other: int, fits: dict[tuple[str, int], Candidate]) -> bool:
    return _agree(table, one, other, fits) >= SAME_PARTITION


def _agree(table: pd.DataFrame, one: int, other: int, fits: dict[tuple[str, int], Candidate]) -> float:
    first, second = (fits[table.method[i], table.k[i]].labels for i in (one, other))
    return float(adjusted_rand_score(first, second))


def _simplest(best: int, table: pd.DataFrame, fits: dict[tuple[str, int], Candidate]) -> int:
    """Return the first method, in the order of `METHODS`, that forms the same segments.

    Where merged components are well separated but not quite stable, and another method has as
    many segments that are all stable, those are taken.
    """
    as_many = table[(table.k == table.k[best]) & (table.weakest >= TRUSTED)]
    if table.admissible[best]:
        as_many = as_many[as_many.admissible]
    order = list(METHODS)
    for at in sorted(as_many.index, key=lambda i: order.index(table.method[i])):
        if _alike(table, best, at, fits):
            best = int(at)
            break
    stable = as_many[as_many.admissible & as_many.overlap.isna()]
    if len(stable) and not table.admissible[best] and table.separated[best]:
        likest = max(
            stable.index, key=lambda i: (_agree(table, best, int(i), fits), -order.index(table.method[i]))
        )
        return int(likest) if _agree(table, best, int(likest), fits) >= SIMILAR else best
    return best


def over_segmented(candidates: pd.DataFrame) -> int | None:
    """Return the number of segments of the chosen method from which on not all can be trusted."""
    chosen = candidates[candidates.chosen].iloc[0]
    finer = candidates[(candidates.method == chosen.method) & (candidates.k > chosen.k)]
    failing = finer[finer.weakest < TRUSTED]
    return int(failing.k.min()) if len(failing) else None


def flow(comparison: Comparison) -> pd.DataFrame:
    """Follow customers of the chosen method from each number of segments to the next.

    Returns
    -------
    pandas.DataFrame
        The table `flow`, one row per stream; the source is -1 at the first number of segments.
    """
    method, fits = comparison.method, comparison.fits
    ks = sorted(k for name, k in fits if name == method)
    rows = []
    for before, k in zip([None, *ks[:-1]], ks, strict=True):
        fit = fits[method, k]
        follows = before == k - 1
        coarser = fits[method, k - 1].labels if follows else np.zeros(len(fit.labels), dtype=int)
        counts = crossing(coarser, fit.labels)
        rows += [
            {
                "k": k,
                "source": int(source) if follows else -1,
                "part": int(part),
                "customers": int(counts[source, part]),
                "whole": int(counts[:, part].sum()),
                "stability": float(fit.stability[part]),
            }
            for part, source in np.argwhere(counts.T)
        ]
    return pd.DataFrame(rows, columns=["k", "source", "part", "customers", "whole", "stability"])
