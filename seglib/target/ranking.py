"""Which segments to go after."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.assess.scorecard import removed
from seglib.target import evaluation
from seglib.target.thresholds import FLOOR


def places(n_segments: int, most: int) -> int:
    """Give the number of targets at the most: never all segments, unless there is one."""
    return min(most, max(1, n_segments - 1))


def near_the_first(score: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Tell which segments come near enough to the best of those allowed.

    Parameters
    ----------
    score
        One entry per segment, in the last axis.
    allowed
        Whether a segment passes all knock-outs.
    """
    best = np.where(allowed, score, -np.inf).max(axis=-1, keepdims=True)
    return allowed & (score >= FLOOR * best)


def ranking(
    criteria: pd.DataFrame,
    weights: dict[str, float],
    scorecard: pd.DataFrame,
    most: int,
    structure: str,
) -> pd.DataFrame:
    """Rank the segments and choose targets.

    Parameters
    ----------
    criteria
        From `evaluation.criteria`.
    weights
        Criterion to weight, of both axes together (`evaluation.Weights.together`).
    scorecard
        One row per segment and criterion; a knock-out that is not passed removes a segment.
    most
        Targets at the most; never all segments.
    structure
        The verdict; where there is none, and no rules to divide customers by, nothing is targeted.

    Returns
    -------
    pandas.DataFrame
        One row per segment, the best first: score (0 to 1), rank, target,
        decided_by (the rule in words).
    """
    made = evaluation.weighed(criteria, weights).rename("score").reset_index()
    made = made.sort_values(["score", "segment"], ascending=[False, True], ignore_index=True)
    made["rank"] = np.arange(1, len(made) + 1)
    reasons = removed(scorecard)
    free = places(len(made), most)
    near = near_the_first(made.score.to_numpy(), ~made.segment.isin(reasons.index).to_numpy())
    chosen, decided = [], []
    for row, enough in zip(made.itertuples(), near, strict=True):
        if structure == "none" and len(made) == 1:
            chosen.append(False)
            decided.append("no structure was found to target")
        elif row.segment in reasons.index:
            chosen.append(False)
            decided.append(str(reasons[row.segment]))
        elif not enough:
            chosen.append(False)
            decided.append(f"score {row.score:.2f}, under a third of the highest")
        elif sum(chosen) < free:
            chosen.append(True)
            decided.append(f"place {row.rank} by score")
        else:
            chosen.append(False)
            more = f"{free} segments rank" if free > 1 else "one segment ranks"
            decided.append(f"score {row.score:.2f}; {more} higher")
    return made.assign(target=chosen, decided_by=decided)
