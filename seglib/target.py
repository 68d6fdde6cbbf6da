"""Which segments to go after, and what to do for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from seglib import evaluation

#: A target has at least this share of the score of the first.
_FLOOR = 0.5
LEAVE_ALONE = "Leave alone"


@dataclass(frozen=True)
class Play:
    """Something to do for a segment.

    Attributes
    ----------
    play, message, offer, channel, timing, measure
        What is done, said, offered, through what, when, and how success is measured.
    when
        Feature to least (positive) or most (negative) distance from all customers, in standard
        deviations; all must hold.
    objectives
        Objectives that it serves.
    """

    play: str
    message: str
    offer: str
    channel: str
    timing: str
    measure: str
    when: dict[str, float]
    objectives: tuple[str, ...]


def library(entries: list[dict[str, object]]) -> list[Play]:
    """Read the entries of a library of plays."""
    return [Play(**entry) for entry in entries]


def knocked_out(scorecard: pd.DataFrame) -> pd.DataFrame:
    """List the knock-outs that were not passed: rows of the scorecard."""
    return scorecard[~scorecard.passed & scorecard.knock_out]


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
    return allowed & (score >= _FLOOR * best)


def ranking(
    criteria: pd.DataFrame, weights: dict[str, float], scorecard: pd.DataFrame, most: int,
    structure: str,
) -> pd.DataFrame:  # fmt: skip
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
    failed = knocked_out(scorecard)
    reasons = failed.groupby("segment").apply(
        lambda rows: "; ".join(
            f"{r.measured:.0%} where {r.rule} is asked" for r in rows.itertuples()
        ),
        include_groups=False,
    ) if len(failed) else pd.Series(dtype="object")  # fmt: skip
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
            decided.append(f"score {row.score:.2f}, under half of the highest")
        elif sum(chosen) < free:
            chosen.append(True)
            decided.append(f"place {row.rank} by score")
        else:
            chosen.append(False)
            more = f"{free} segments rank" if free > 1 else "one segment ranks"
            decided.append(f"score {row.score:.2f}; {more} higher")
    return made.assign(target=chosen, decided_by=decided)


def fit(play: Play, distances: pd.Series) -> float | None:
    """Say by how much a profile exceeds a play's conditions; nothing if one does not hold."""
    margins = []
    for feature, bound in play.when.items():
        distance = distances.get(feature, np.nan)
        beyond = distance - bound if bound > 0 else bound - distance
        if not beyond >= 0:
            return None
        margins.append(abs(distance))
    return float(np.mean(margins)) if margins else 0.0


def _apart(profiles: pd.DataFrame, segment: object) -> str:
    """Say in a few words what sets a segment apart, for a message of its own."""
    own = profiles[(profiles.segment == segment) & profiles.stands_out]
    own = own.loc[own.distance.abs().sort_values(ascending=False).index].head(3)
    return "; ".join(own.words) or "nothing in particular"


def plays(ranking: pd.DataFrame, profiles: pd.DataFrame, library: list[Play], objective: str) -> pd.DataFrame:
    """Choose a play for every segment; targets choose first and no two share the same text.

    Of the plays whose conditions the profile meets and that serve the objective, the one met
    by the widest margin is taken. A play without conditions is the last resort; its message
    names what sets the segment apart.

    Returns
    -------
    pandas.DataFrame
        One row per segment, in the order of the ranking: play, message, offer, channel,
        timing, measure, because (the conditions met).
    """
    numeric = profiles[profiles.answer.isna()]
    distances = numeric.pivot(index="segment", columns="feature", values="distance")
    alone = next(p for p in library if p.play == LEAVE_ALONE)
    serving = [p for p in library if p is not alone and objective in p.objectives]
    taken: set[str] = set()
    rows = []
    for row in ranking.itertuples():
        own = distances.loc[row.segment] if row.segment in distances.index else pd.Series(dtype=float)
        play = _best(own, [p for p in serving if p.play not in taken]) if row.target else alone
        play = play or alone
        taken |= {play.play} if play.when else set()
        rows.append({
            "segment": row.segment, "target": row.target, "play": play.play,
            "message": play.message.replace("{apart}", _apart(profiles, row.segment)),
            "offer": play.offer, "channel": play.channel, "timing": play.timing, "measure": play.measure,
            "because": _because(profiles, row.segment, play),
        })  # fmt: skip
    return pd.DataFrame(rows)


def _because(profiles: pd.DataFrame, segment: object, play: Play) -> str:
    """Say by which traits a segment meets a play's conditions."""
    if not play.when:
        return "no ready-made play fits its profile"
    own = profiles[(profiles.segment == segment) & profiles.feature.isin(list(play.when))]
    return "; ".join(own.words)


def _best(distances: pd.Series, library: list[Play]) -> Play | None:
    """Take the play with conditions that is met by the widest margin, else one without."""
    fits = [(bool(p.when), met, -n, p) for n, p in enumerate(library)
            if (met := fit(p, distances)) is not None]  # fmt: skip
    return max(fits, key=lambda f: f[:3])[3] if fits else None
