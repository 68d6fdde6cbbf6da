"""Whether there are segments at all, how many, and which of them to keep."""

from __future__ import annotations

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from seglib.estimators import MAX_OVERLAP, METHODS
from seglib.segment.stability import Candidate
from seglib.segment.thresholds import (
    OVERLAPS,
    SAME_PARTITION,
    SAME_SILHOUETTE,
    STABLE,
    SUBSTANTIAL_SILHOUETTE,
    TRUSTED,
)

# The choice


def choose(
    candidates: pd.DataFrame, fits: dict[tuple[str, int], Candidate], min_share: float
) -> pd.DataFrame:
    """Choose a candidate, and the next best number of segments.

    1. Merged components that stay apart, each large enough and coming back, are segments that
       the data hold; the largest number of them is chosen. If a method of prototypes gives the
       same segments, it is taken, for it is simpler; and also if it gives as many that are
       stable where these are not quite.
    2. Otherwise the candidates whose every segment is stable and large enough. Each method is
       represented by its largest silhouette, if that says anything; below
       `SUBSTANTIAL_SILHOUETTE` nothing is separated, and the most segments that come back are
       taken. Of methods whose silhouettes differ by less than `SAME_SILHOUETTE` the one whose
       weakest segment comes back most.
    3. Otherwise the candidate whose weakest segment comes back most, and the verdict says so.

    Returns
    -------
    pandas.DataFrame
        The candidates with separated, chosen and next_best (bool), and for the one chosen
        apart: the overlap of its segments, if they lie apart.
    """
    made = candidates.assign(
        separated=(candidates.overlap <= MAX_OVERLAP)
        & (candidates.weakest >= TRUSTED)
        & (candidates.smallest >= min_share)
    )
    best = _simplest(_best(made), made, fits)
    rest = made[made.k != made.k[best]]
    second = _simplest(_best(rest), rest, fits) if len(rest) else None
    apart = made[made.separated & (made.k == made.k[best])]
    same = [i for i in apart.index if _alike(made, i, best, fits)]
    overlap = made.overlap[same].min() if same else np.nan
    return made.assign(
        chosen=made.index == best,
        next_best=made.index == second,
        apart=np.where(made.index == best, overlap, np.nan),
    )


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
    found = [fits[table.method[i], table.k[i]].labels for i in (one, other)]
    return adjusted_rand_score(*found) >= SAME_PARTITION


def _simplest(best: int, table: pd.DataFrame, fits: dict[tuple[str, int], Candidate]) -> int:
    """Give the first method, in the order of `METHODS`, that finds the same segments.

    Where merged components lie apart but come back less than a stable segment must, and another
    method has as many segments that are all stable, those are taken.
    """
    as_many = table[(table.k == table.k[best]) & (table.weakest >= TRUSTED)]
    order = list(METHODS)
    for at in sorted(as_many.index, key=lambda i: order.index(table.method[i])):
        if _alike(table, best, at, fits):
            best = int(at)
            break
    stable = as_many[as_many.admissible & as_many.overlap.isna()]
    if len(stable) and not table.admissible[best] and table.separated[best]:
        return int(stable.weakest.idxmax())
    return best


# The verdict


def verdict(candidates: pd.DataFrame, by_chance: pd.DataFrame) -> tuple[str, str]:
    """Say whether there are segments, and why, in a word and a sentence.

    Parameters
    ----------
    candidates
        From `choose`.
    by_chance
        From `references.measured`, of the chosen candidate.

    Returns
    -------
    str
        natural, reproducible, constructive or none.
    str
        The reason.
    """
    chosen = candidates[candidates.chosen].iloc[0]
    k = int(chosen.k)
    beaten = (chosen.agreement > by_chance.agreement) | (
        chosen.silhouette > by_chance.silhouette + SAME_SILHOUETTE
    )
    against = _against(chosen, by_chance.assign(beaten=beaten))
    back = f"the weakest comes back to {_nearly(chosen.weakest)} in other samples"
    if chosen.apart == chosen.apart:
        return "natural", (
            f"The {k} segments lie apart: {_at_most(chosen.apart)} of one would be put into another, and "
            f"{back}; {against}."
        )
    if beaten.all() and chosen.admissible:
        return "reproducible", (
            f"The {k} segments blend into each other (silhouette {chosen.silhouette:.2f}), yet even {back}; "
            f"{against}."
        )
    if chosen.admissible:
        return "constructive", (
            f"The {k} segments come back, but so do cuts through data without segments: {against}. They divide "
            "the customers usefully at best; they were not found."
        )
    if beaten.all():
        return "constructive", (
            f"The customers differ from one cloud, but no division is found again: {back}, below the {STABLE:.0%} "
            f"of a stable one; {against}."
        )
    return "none", f"Nothing holds the customers together: {back}, and {against}."


def _nearly(share: float) -> str:
    return f"{share:.0%}" if share < 0.995 or share == 1 else "over 99%"


def _at_most(overlap: float) -> str:
    return f"at most {overlap:.1%}" if overlap >= 0.001 else "under 0.1%"


def _against(chosen: pd.Series, by_chance: pd.DataFrame) -> str:
    """Compare with the reference that comes closest to the candidate."""
    closest = by_chance.sort_values(["beaten", "agreement"], ascending=[True, False], kind="stable").iloc[0]
    if closest.beaten and chosen.agreement <= closest.agreement:
        return f"their silhouette is {chosen.silhouette:.2f}, and {closest.silhouette:.2f} {closest['data']}"
    return (
        f"two resamples agree to {chosen.agreement:.2f} (adjusted Rand index), and {closest['data']} "
        f"95 of 100 pairs agree to {closest.agreement:.2f} or less"
    )


def over_segmented(candidates: pd.DataFrame) -> int | None:
    """Give the number of segments of the chosen method from which on not all can be trusted."""
    chosen = candidates[candidates.chosen].iloc[0]
    finer = candidates[(candidates.method == chosen.method) & (candidates.k > chosen.k)]
    failing = finer[finer.weakest < TRUSTED]
    return int(failing.k.min()) if len(failing) else None


# The gates of single segments


def gates(own: pd.DataFrame, min_share: float) -> pd.DataFrame:
    """Flag segments that do not come back, are too small, or overlap a neighbour.

    Parameters
    ----------
    own
        The rows of the chosen candidate from `stability.compare`.
    min_share
        Smallest share of customers (0 to 1).

    Returns
    -------
    pandas.DataFrame
        One row per segment: part, returns, large_enough, distinct (bool), neighbour, flags (what
        is wrong, in words; empty if nothing).
    """
    made = own[["part", "neighbour"]].assign(
        returns=own.recovery >= TRUSTED,
        large_enough=own["size"] >= min_share * own["size"].sum(),
        distinct=own.exchanged < OVERLAPS,
    )
    words = {
        "returns": "does not come back",
        "large_enough": "too small",
        "distinct": "overlaps its neighbour",
    }
    return made.assign(
        flags=["; ".join(word for gate, word in words.items() if not row[gate]) for _, row in made.iterrows()]
    )


def merges(flagged: pd.DataFrame) -> np.ndarray:
    """Say which segment each becomes if flagged ones are merged into their neighbours.

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
    for row in flagged.itertuples():
        if row.flags:
            into[into == into[row.part]] = into[row.neighbour]
    return np.unique(into, return_inverse=True)[1]
