"""The verdict on a candidate, and the gates that each of its segments must pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from seglib.segment.judgement import Judgement
from seglib.segment.niches import niches
from seglib.segment.thresholds import LIKELY, MOST_DIFFERENCE, OVERLAPS, TRUSTED

STRUCTURES = ("natural", "reproducible", "constructive", "none")


@dataclass(frozen=True)
class Verdict:
    """Whether there are segments, and the measures that say so.

    Attributes
    ----------
    word
        One of `STRUCTURES`.
    close
        Whether it is too close to call: more draws of reference data might change the word.
    k, niches, coarse
        The numbers of segments, of niches among them, and of segments of a coarser level (0 if there is none).
    k_close
        Other numbers of segments that would be chosen in a quarter of other resamples or more, or that more
        draws of reference data might have led to.
    admissible
        Whether all segments are stable, and large enough or niches.
    rule
        Whether the division is a rule on one column, and no segmentation.
    weakest
        Stability (Jaccard) of the least stable segment.
    smallest
        Share of customers of the smallest segment that is no niche.
    overlap
        Largest share of one segment that would be assigned to another; missing unless they are
        well separated.
    reference
        The reference data that are hardest to be ahead of (a key of `REFERENCES`).
    statistic, own, expected, spread
        The statistic that decided, its value, and its mean and standard deviation in these.
    evidence
        Mean standardised difference of all statistics from these.
    """

    word: str
    close: bool
    k: int
    niches: int
    coarse: int
    k_close: list[int]
    admissible: bool
    rule: bool
    weakest: float
    smallest: float
    overlap: float
    reference: str
    statistic: str
    own: float
    expected: float
    spread: float
    evidence: float


def verdict(judgement: Judgement) -> Verdict:
    """Judge whether there are segments.

    *Natural*: well separated, every segment stable, and beyond all reference data. *Reproducible*:
    the same, but overlapping. *Constructive*: stable, but not beyond. *None*: not stable. A rule on
    one column is none of the first two, however well it is found again.
    """
    chosen, judged = judgement.comparison.chosen, judgement.judged
    beyond, admissible = judged.beyond and not chosen.rule, bool(chosen.admissible)
    hardest = judged.table[judged.table.reference == judged.hardest]
    counted = hardest.difference.clip(-MOST_DIFFERENCE, MOST_DIFFERENCE)
    deciding = hardest.loc[counted.idxmax() if judged.beyond else counted.idxmin()]
    likely = [int(k) for k, c in judgement.chances.items() if k != chosen.k and c >= LIKELY]
    return Verdict(
        word=_word(beyond, admissible, separated=bool(pd.notna(chosen.apart))),
        close=not judged.settled and admissible and not chosen.rule,
        k=int(chosen.k),
        niches=int(chosen.niches),
        coarse=0 if judgement.coarse is None else int(judgement.coarse.max()) + 1,
        k_close=sorted({*likely, *judgement.undecided}),
        admissible=admissible,
        rule=bool(chosen.rule),
        weakest=float(chosen.weakest),
        smallest=float(chosen.smallest),
        overlap=float(chosen.apart),
        reference=judged.hardest,
        statistic=str(deciding.statistic),
        own=float(deciding.own),
        expected=float(deciding["mean"]),
        spread=float(deciding.spread),
        evidence=float(judged.evidence[judged.hardest]),
    )


def _word(beyond: bool, admissible: bool, separated: bool) -> str:
    if not admissible:
        return "none"
    if not beyond:
        return "constructive"
    return "natural" if separated else "reproducible"


#: Gates of a segment, and the flag of one that fails.
GATES = {"stable": "not stable", "large_enough": "too small", "distinct": "overlaps its neighbour"}
NICHE = "niche"


def gates(own: pd.DataFrame, min_share: float) -> pd.DataFrame:
    """Flag segments that are not stable, are too small, or overlap a neighbour; niches are called so.

    Parameters
    ----------
    own
        The rows of one candidate in the table `stability`.
    min_share
        Smallest share of customers (0 to 1).

    Returns
    -------
    pandas.DataFrame
        One row per segment: part, stable, large_enough, distinct (bool), neighbour, flags (those
        of `GATES` that it fails; empty if none).
    """
    passed = own[["part", "neighbour"]].assign(
        stable=own.stability >= TRUSTED,
        large_enough=own["size"] >= min_share * own["size"].sum(),
        distinct=own.exchanged < OVERLAPS,
    )
    flags = ["; ".join(flag for gate, flag in GATES.items() if not row[gate]) for _, row in passed.iterrows()]
    own_niches = niches(own.stability.to_numpy(), own["size"].to_numpy(), own.exchanged.to_numpy(), min_share)
    return passed.assign(flags=np.where(own_niches, NICHE, flags))


def merges(flagged: pd.DataFrame) -> np.ndarray:
    """Find the segment that each becomes if flagged ones are merged into their neighbours.

    Returns
    -------
    numpy.ndarray
        Per part the segment 0, 1, … it belongs to afterwards.

    Examples
    --------
    >>> flagged = pd.DataFrame({"part": [0, 1, 2], "neighbour": [2, 0, 0], "flags": ["", "too small", ""]})
    >>> merges(flagged).tolist()
    [0, 0, 1]
    """
    into = np.arange(len(flagged))
    for part, neighbour, flags in zip(flagged.part, flagged.neighbour, flagged["flags"], strict=True):
        if flags not in ("", NICHE):
            into[into == into[part]] = into[neighbour]
    return np.unique(into, return_inverse=True)[1]
