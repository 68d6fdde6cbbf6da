"""The verdict on a candidate, and the gates that each of its segments must pass."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from seglib.segment.thresholds import OVERLAPS, TRUSTED

STRUCTURES = ("natural", "reproducible", "constructive", "none")


@dataclass(frozen=True)
class Verdict:
    """Whether there are segments, and the measures that say so.

    Attributes
    ----------
    word
        One of `STRUCTURES`.
    k, admissible
        The number of segments, and whether all of them are stable and large enough.
    weakest
        Stability (Jaccard) of the least stable segment.
    overlap
        Largest share of one segment that would be assigned to another; missing unless they are
        well separated.
    agreement, silhouette
        Agreement (ARI) of resamples, and mean silhouette.
    reference
        The reference data that come closest to the candidate (a key of `REFERENCES`).
    reference_agreement, reference_silhouette
        The same measures of these.
    by
        The measure by which candidate and reference data are compared: agreement or silhouette.
    """

    word: str
    k: int
    admissible: bool
    weakest: float
    overlap: float
    agreement: float
    silhouette: float
    reference: str
    reference_agreement: float
    reference_silhouette: float
    by: str


def verdict(chosen: pd.Series, references: pd.DataFrame) -> Verdict:
    """Judge whether there are segments.

    Parameters
    ----------
    chosen
        The row of the chosen candidate in the table `candidates`.
    references
        The table `references`, of this candidate.
    """
    closest = references.sort_values(["better", "agreement"], ascending=[True, False], kind="stable").iloc[0]
    by_silhouette = closest.better and chosen.agreement <= closest.agreement
    return Verdict(
        word=_word(chosen, bool(references.better.all())),
        k=int(chosen.k),
        admissible=bool(chosen.admissible),
        weakest=float(chosen.weakest),
        overlap=float(chosen.apart),
        agreement=float(chosen.agreement),
        silhouette=float(chosen.silhouette),
        reference=str(closest.reference),
        reference_agreement=float(closest.agreement),
        reference_silhouette=float(closest.silhouette),
        by="silhouette" if by_silhouette else "agreement",
    )


def _word(chosen: pd.Series, better: bool) -> str:
    if pd.notna(chosen.apart):
        return "natural"
    if better and chosen.admissible:
        return "reproducible"
    return "constructive" if better or chosen.admissible else "none"


#: Gates of a segment, and the flag of one that fails.
GATES = {"stable": "not stable", "large_enough": "too small", "distinct": "overlaps its neighbour"}


def gates(own: pd.DataFrame, min_share: float) -> pd.DataFrame:
    """Flag segments that are not stable, are too small, or overlap a neighbour.

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
    return passed.assign(flags=flags)


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
        if flags:
            into[into == into[part]] = into[neighbour]
    return np.unique(into, return_inverse=True)[1]
