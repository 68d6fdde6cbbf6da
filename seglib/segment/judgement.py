"""The judgement: the candidate that the data support, beside reference data, and how sure its number is."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from seglib.segment.comparison import Comparison, best, chosen_at, with_candidate
from seglib.segment.cuts import Cut, found, groups
from seglib.segment.levels import Level, finer_level
from seglib.segment.niches import set_apart
from seglib.segment.partitions import jaccard_stability
from seglib.segment.reference_data import Judged, judge
from seglib.segment.stability import Candidate, Resampling
from seglib.segment.thresholds import LEANS, SAME_PARTITION, STABLE

#: Samples of resamples from which the chances of each number are counted.
_SAMPLES = 100


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
    coarse, level, open_ = None, None, _unsettled(comparison, tried)
    if chosen is not None and finest:
        level, more = finer_level(comparison, chosen, rows, plan, known, min_share)
        open_ += more
    if chosen is None:
        chosen = _nearest(comparison.candidates, tried)
    judged = tried[chosen]
    rejected = [comparison.at(at).labels for at in tried if at != chosen]
    if level is not None:
        coarse, judged = comparison.at(chosen).labels, level.judged
        comparison, chosen = _with_level(comparison, level, rows, plan.seed, min_share)
        counted = _chances_of_level(level.fit, int(coarse.max()) + 1, plan.seed)
    else:
        rivals = _rivals(comparison, chosen, rejected)
        counted = chances(comparison, rivals, plan.seed, min_share)
    marked = chosen_at(comparison, chosen)
    plain = marked.k
    apart = set_apart(marked.fit, rows, plan, min_share, fewest) if judged.beyond else None
    if apart is not None and len(apart.stability) <= comparison.candidates.k.max():
        marked, counted = _with_niches(marked, apart, counted, rows, plan, min_share)
    undecided = tuple(sorted({k for k in open_ if k not in (plain, marked.k)}))
    return Judgement(marked, judged, cuts, coarse, counted, undecided)


def _nearest(table: pd.DataFrame, tried: dict[int, Judged]) -> int:
    """Choose where nothing is beyond reference data: a stable candidate, the one nearest to it if one leans that way.

    Otherwise one of a method of prototypes, whose segments are of useful sizes.
    """
    stable = [at for at in tried if table.admissible[at]]
    evidence = {at: tried[at].evidence[tried[at].hardest] for at in stable}
    if evidence and max(evidence.values()) >= LEANS:
        return max(evidence, key=lambda at: evidence[at])
    plain = [at for at in stable if pd.isna(table.overlap[at])]
    return next(iter([*plain, *stable, *tried]))


def _beside(
    comparison: Comparison, at: int, rows: pd.DataFrame, plan: Resampling, known: np.ndarray | None
) -> Judged:
    return judge(str(comparison.candidates.method[at]), comparison.at(at), rows, plan, known)


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
        own = comparison.at(at).labels
        if all(adjusted_rand_score(own, comparison.at(other).labels) < SAME_PARTITION for other in listed):
            listed.append(at)
    return listed


def _with_level(
    comparison: Comparison, level: Level, rows: pd.DataFrame, seed: int, min_share: float
) -> tuple[Comparison, int]:
    """Add a level some of whose segments were joined to the candidates, and say where it is."""
    k = len(level.fit.stability)
    if comparison.fits.get((level.method, k)) is not level.fit:
        comparison = with_candidate(comparison, level.method, level.fit, rows, seed, min_share)
    table = comparison.candidates
    return comparison, int(table.index[(table.method == level.method) & (table.k == k)][0])


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


def _rivals(comparison: Comparison, chosen: int, rejected: list[np.ndarray]) -> pd.DataFrame:
    """Keep the candidates that might have been chosen: no rules, and nothing like those that were rejected."""
    table = comparison.candidates
    kept = [
        at == chosen
        or not (
            table.rule[at]
            or any(
                adjusted_rand_score(own, comparison.at(int(at)).labels) >= SAME_PARTITION for own in rejected
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


def _chances_of_level(fit: Candidate, coarse: int, seed: int) -> pd.Series:
    """Count how often all segments of a finer level would be stable if other resamples had been drawn."""
    rng = np.random.default_rng(seed)
    each = _per_resample(fit)
    drawn = rng.integers(0, len(each), (_SAMPLES, len(each)))
    stable = float((each[drawn].mean(1).min(1) >= STABLE).mean())
    return pd.Series({len(fit.stability): stable, coarse: 1 - stable})[lambda c: c > 0].sort_index()


def _per_resample(fit: Candidate) -> np.ndarray:
    """Return the stability of each segment in each resample."""
    own = fit.labels[fit.compared]
    return np.array([jaccard_stability(own, p) for p in fit.partitions])
