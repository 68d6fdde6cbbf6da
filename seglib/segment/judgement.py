"""The judgement: the candidate that the data support, beside reference data, and how sure its number is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from seglib.segment.comparison import Comparison, best, chosen_at, with_candidate
from seglib.segment.cuts import Cut, found, groups, within
from seglib.segment.niches import set_apart
from seglib.segment.partitions import crossing, jaccard_stability
from seglib.segment.reference_data import Judged, judge
from seglib.segment.stability import Candidate, Resampling
from seglib.segment.thresholds import NESTED, SAME_PARTITION, STABLE

#: Finer divisions that are tried, and samples of resamples from which the chances of each number are counted.
_FINER, _SAMPLES = 3, 100


@dataclass(frozen=True)
class Judgement:
    """What was chosen, and why.

    Attributes
    ----------
    comparison
        With the choice.
    judged
        The choice beside reference data.
    cuts
        Divisions by one column, which are rules and no segments.
    coarse
        The segments of the coarser level in which those chosen are nested; nothing if there is one level.
    chances
        By number of segments, how often it would be chosen with other resamples (0 to 1).
    undecided
        Other numbers of segments that more draws of reference data might have led to.
    """

    comparison: Comparison
    judged: Judged
    cuts: list[Cut]
    coarse: np.ndarray | None
    chances: pd.Series
    undecided: tuple[int, ...] = ()


def judgement(
    comparison: Comparison,
    rows: pd.DataFrame,
    plan: Resampling,
    min_share: float,
    fewest: int = 10,
    finest: bool = True,
) -> Judgement:
    """Choose the finest division that the data support.

    Candidates that are cuts by one column are rules and are set aside. If one of them would be
    preferred, or several columns share a spike, that is known, and all others must show more. Of the
    rest the candidate that `best` prefers is compared with reference data; if it is not beyond
    them, the next preferred ones are. If the choice is beyond, finer stable divisions nested in it,
    none of whose segments is divided by one column alone, are compared with reference data that have
    its segments and nothing else; the finest that is beyond these is taken. At last niches are set
    apart from the segments, unless there would be more segments than were compared; they are too few
    to be judged again.

    Parameters
    ----------
    comparison
        The candidates.
    rows
        One row per customer, prepared.
    plan
        Gives the seed and the number of processes.
    min_share
        Smallest share of customers in a segment.
    fewest
        Fewest customers in a niche.
    finest
        Whether finer levels are looked for.
    """
    table = comparison.candidates
    preferred = best(table, comparison.fits)
    rules, cuts = found(
        {at: fit.labels for at, fit in comparison.fits.items()},
        (str(table.method[preferred]), int(table.k[preferred])),
        rows,
        plan.seed,
    )
    is_rule = np.array([(m, k) in rules for m, k in zip(table.method, table.k, strict=True)], dtype=bool)
    comparison = replace(comparison, candidates=table.assign(rule=is_rule))
    known = groups(cuts, len(rows))
    eligible = comparison.candidates[~is_rule]
    tried: dict[int, Judged] = {}
    chosen = None
    for at in _preferred(eligible if len(eligible) else comparison.candidates, comparison):
        tried[at] = _beside(comparison, at, rows, plan, known)
        if tried[at].beyond and comparison.candidates.admissible[at]:
            chosen = at
            break
    coarse, open_ = None, _unsettled(comparison, tried)
    if chosen is not None and finest:
        levels = _finer(comparison, chosen, rows, plan, known)
        open_ += _unsettled(comparison, levels)
        if reached := [at for at, judged in levels.items() if _reaches(judged)]:
            coarse = _fit(comparison, chosen).labels
            chosen = reached[-1]
            tried[chosen] = levels[chosen]
    if chosen is None:
        stable = [at for at in tried if comparison.candidates.admissible[at]]
        plain = [at for at in stable if pd.isna(comparison.candidates.overlap[at])]
        chosen = next(iter([*plain, *stable, *tried]))
    judged = tried[chosen]
    rivals = _rivals(comparison, chosen, [at for at in tried if at != chosen])
    counted = chances(comparison, rivals, plan.seed, min_share)
    marked = chosen_at(comparison, chosen)
    apart = set_apart(marked.fit, rows, plan, min_share, fewest) if judged.beyond else None
    if apart is not None and len(apart.stability) <= comparison.candidates.k.max():
        marked, counted = _with_niches(marked, apart, counted, rows, plan, min_share)
    undecided = tuple(sorted({k for k in open_ if k != marked.k}))
    return Judgement(marked, judged, cuts, coarse, counted, undecided)


def _fit(comparison: Comparison, at: int) -> Candidate:
    row = comparison.candidates.loc[at]
    return comparison.fits[row.method, row.k]


def _beside(
    comparison: Comparison, at: int, rows: pd.DataFrame, plan: Resampling, known: np.ndarray | None
) -> Judged:
    return judge(str(comparison.candidates.method[at]), _fit(comparison, at), rows, plan, known)


def _preferred(eligible: pd.DataFrame, comparison: Comparison) -> list[int]:
    """List the candidates to compare with reference data, those that are preferred first; equal ones once."""
    first = best(eligible, comparison.fits)
    asked = [first, best(eligible.assign(separated=False), comparison.fits)]
    others = (
        eligible[eligible.admissible],
        eligible[eligible.k != eligible.k[first]],
        eligible[eligible.method != eligible.method[first]],
    )
    asked += [best(rows, comparison.fits) for rows in others if len(rows)]
    listed: list[int] = []
    for at in asked:
        own = _fit(comparison, at).labels
        if all(adjusted_rand_score(own, _fit(comparison, other).labels) < SAME_PARTITION for other in listed):
            listed.append(at)
    return listed


def _finer(
    comparison: Comparison, at: int, rows: pd.DataFrame, plan: Resampling, known: np.ndarray | None
) -> dict[int, Judged]:
    """Compare stable divisions nested in a chosen one with reference data that have the level before them."""
    table = comparison.candidates
    reached, tried = at, dict[int, Judged]()
    large = table.k - table.niches  # a niche among the segments is not one that divides the rest
    finer = table[table.admissible & ~table.rule & (large > large[at])]
    for place in finer.sort_values(["k", "silhouette"], ascending=[True, False]).index.astype(int):
        coarse, own = _fit(comparison, reached).labels, _fit(comparison, place).labels
        failed = sum(not _reaches(judged) for judged in tried.values())
        if large[place] <= large[reached] or _nested(own, coarse) < NESTED or failed == _FINER:
            continue
        if within(coarse, own, rows, plan.seed):
            continue
        sides = coarse if known is None else coarse * (known.max() + 1) + known
        tried[place] = _beside(comparison, place, rows, plan, sides)
        reached = place if _reaches(tried[place]) else reached
    return tried


def _reaches(judged: Judged) -> bool:
    """Tell whether a finer level is beyond the one before it, whatever more draws would say."""
    return judged.beyond and judged.settled


def _unsettled(comparison: Comparison, tried: dict[int, Judged]) -> list[int]:
    """List the numbers of stable segments for which more draws might have decided otherwise."""
    table = comparison.candidates
    return [int(table.k[at]) for at, judged in tried.items() if table.admissible[at] and not judged.settled]


def _with_niches(
    comparison: Comparison,
    apart: Candidate,
    counted: pd.Series,
    rows: pd.DataFrame,
    plan: Resampling,
    min_share: float,
) -> tuple[Comparison, pd.Series]:
    """Choose the candidate that sets niches apart, with the separation and the chances of the one before."""
    chosen, k = comparison.chosen, len(apart.stability)
    added = with_candidate(comparison, comparison.method, apart, rows, plan.seed, min_share)
    marked = chosen_at(added, len(added.candidates) - 1)
    table = marked.candidates
    marked = replace(marked, candidates=table.assign(apart=np.where(table.chosen, chosen.apart, np.nan)))
    return marked, counted.rename({int(chosen.k): k}).groupby(level=0).sum()


def _nested(finer: np.ndarray, coarse: np.ndarray) -> float:
    """Return the share of customers who are in the coarser segment that most of their finer segment is in."""
    return float(crossing(finer, coarse).max(1).sum() / len(finer))


def _rivals(comparison: Comparison, chosen: int, rejected: list[int]) -> pd.DataFrame:
    """Keep the candidates that might have been chosen: no rules, and nothing like those that were rejected."""
    table = comparison.candidates
    out = [_fit(comparison, at).labels for at in rejected]
    kept = [
        at == chosen
        or not (
            table.rule[at]
            or any(
                adjusted_rand_score(own, _fit(comparison, int(at)).labels) >= SAME_PARTITION for own in out
            )
        )
        for at in table.index
    ]
    return table[kept]


def chances(comparison: Comparison, rivals: pd.DataFrame, seed: int, min_share: float) -> pd.Series:
    """Count how often each number of segments would be preferred if other resamples had been drawn.

    Parameters
    ----------
    comparison
        The candidates.
    rivals
        The rows of the table `candidates` among which is chosen.
    seed
        Of the samples of resamples.
    min_share
        Smallest share of customers in a segment.
    """
    rng = np.random.default_rng(seed)
    each = {at: _per_resample(fit) for at, fit in comparison.fits.items()}
    counts: dict[int, int] = {}
    for _ in range(_SAMPLES):
        weakest = []
        for method, k in zip(rivals.method, rivals.k, strict=True):
            stability = each[method, k]
            drawn = rng.integers(0, max(len(stability), 1), len(stability))
            weakest.append(stability[drawn].mean(0).min() if len(stability) else 0.0)
        shifted = rivals.assign(weakest=weakest)
        sizes = rivals.admissible | (rivals.weakest < STABLE)
        shifted = shifted.assign(
            admissible=(shifted.weakest >= STABLE) & sizes & (rivals.smallest >= min_share)
        )
        k = int(rivals.k[best(shifted)])
        counts[k] = counts.get(k, 0) + 1
    return pd.Series(counts, dtype=float).sort_index() / _SAMPLES


def _per_resample(fit: Candidate) -> np.ndarray:
    """Return the stability of each segment in each resample."""
    own = fit.labels[fit.compared]
    return np.array([jaccard_stability(own, p) for p in fit.partitions])
