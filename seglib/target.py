"""Which segments to go after, and what to do for each."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from seglib.errors import ParamsError, listing, nearest

#: What each objective looks for; the params may say otherwise. Weights are shares.
WEIGHTS: dict[str, dict[str, float]] = {
    "retention": {"value_share": 0.35, "at_risk": 0.30, "value_per_customer": 0.20, "recovery": 0.15},
    "growth": {"growth": 0.35, "value_per_customer": 0.25, "value_share": 0.25, "recovery": 0.15},
    "acquisition": {"size": 0.35, "value_per_customer": 0.30, "growth": 0.20, "recovery": 0.15},
    "service": {"size": 0.30, "separation": 0.25, "value_share": 0.25, "recovery": 0.20},
}

#: Criteria in the words of a page.
CRITERIA: dict[str, str] = {
    "value_share": "share of value", "value_per_customer": "value per customer",
    "size": "share of customers", "growth": "growth", "at_risk": "customers at risk",
    "recovery": "found again in other samples", "separation": "distance from the next segment",
}  # fmt: skip


#: A target has at least this share of the attractiveness of the first.
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


#: Criteria that are shares of something.
AS_SHARES = ("value_share", "size", "growth", "at_risk", "recovery", "separation")


def library(entries: list[dict[str, object]]) -> list[Play]:
    """Read the entries of a library of plays."""
    return [Play(**entry) for entry in entries]


def words(profiles: pd.DataFrame) -> dict[str, str]:
    """Give the words for criteria, those that are features among them."""
    return profiles[profiles.answer.isna()].set_index("feature").label.str.lower().to_dict() | CRITERIA


def terms(
    weights: dict[str, float], unmeasured: list[str], labels: dict[str, str], min_recovery: float
) -> pd.DataFrame:
    """Write down by what was decided: one row."""
    said = ", ".join(f"{labels.get(c, c)} {w:.0%}" for c, w in weights.items())
    missing = ", ".join(labels.get(c, c) for c in unmeasured)
    return pd.DataFrame([{"weights": said, "unmeasured": missing, "min_recovery": min_recovery}])


def criteria(
    value: pd.DataFrame, recovery: pd.DataFrame, profiles: pd.DataFrame, asked: list[str]
) -> pd.DataFrame:
    """Collect what is measured of each segment: one row per segment, one column per criterion.

    Parameters
    ----------
    value
        One row per segment.
    recovery
        One row per segment: segment, recovery.
    profiles
        One row per segment and feature.
    asked
        Criteria that the params name; a feature counts by its distance from all customers. A
        criterion that the data do not carry has no column.

    Raises
    ------
    ParamsError
        If a name is neither a criterion nor a numeric feature.
    """
    numeric = profiles[profiles.answer.isna()]
    distances = numeric.pivot(index="segment", columns="feature", values="distance")
    unknown = set(asked) - set(CRITERIA) - set(distances.columns)
    if unknown:
        known = [*CRITERIA, *distances.columns]
        raise ParamsError(
            f"target.weights names '{min(unknown)}'; allowed are criteria and numeric features: "
            f"{listing(known, 40)}.{nearest(min(unknown), known)}"
        )
    named = distances[[c for c in asked if c in distances.columns]].reset_index()
    made = value.merge(recovery[["segment", "recovery"]], on="segment")
    made = made.rename(columns={"share": "size", "margin": "separation"})
    there = [c for c in CRITERIA if c in made and made[c].notna().any()]
    return made[["segment", *there]].merge(named, on="segment")


def applied_weights(
    objective: str, available: list[str], override: dict[str, float]
) -> tuple[dict[str, float], list[str]]:
    """Settle the weights of the criteria that can be measured.

    Returns
    -------
    dict
        Criterion to weight; they sum to 1.
    list of str
        Criteria with a weight that the data do not carry.

    Examples
    --------
    >>> applied_weights("retention", ["recovery"], {})[0]
    {'recovery': 1.0}
    """
    wanted = {c: w for c, w in (override or WEIGHTS[objective]).items() if w > 0}
    there = {c: w for c, w in wanted.items() if c in available}
    if not there:
        there = dict.fromkeys([c for c in ("size", "recovery") if c in available], 1.0)
    total = sum(there.values())
    return {c: w / total for c, w in there.items()}, [c for c in wanted if c not in available]


def attractiveness(criteria: pd.DataFrame, weights: dict[str, float]) -> pd.Series:
    """Weigh the criteria, each from 0 (the lowest segment) to 1 (the highest)."""
    chosen = criteria.set_index("segment")[list(weights)].astype(float)
    weighed = scaled(chosen.to_numpy()) * np.array([*weights.values()])
    return pd.Series(weighed.sum(axis=1), index=chosen.index)


def scaled(measured: np.ndarray) -> np.ndarray:
    """Run every criterion from 0 for the lowest segment to 1 for the highest; missing is 0.

    Parameters
    ----------
    measured
        One row per segment, one column per criterion; more axes may come before.

    Examples
    --------
    >>> scaled(np.array([[10.0, 3.0], [30.0, 3.0], [np.nan, 3.0]])).tolist()
    [[0.0, 0.0], [1.0, 0.0], [0.0, 0.0]]
    """
    low = np.fmin.reduce(measured, axis=-2, keepdims=True)
    spread = np.fmax.reduce(measured, axis=-2, keepdims=True) - low
    return np.nan_to_num((measured - low) / np.where(spread > 0, spread, 1.0))


def knocked_out(scorecard: pd.DataFrame) -> pd.DataFrame:
    """List the knock-outs that were not passed: rows of the scorecard."""
    return scorecard[~scorecard.passed & scorecard.knock_out]


def places(n_segments: int, most: int) -> int:
    """Give the number of targets at the most: never all segments, unless there is one."""
    return min(most, max(1, n_segments - 1))


def attractive(attractiveness: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Tell which segments come near enough to the most attractive of those allowed.

    Parameters
    ----------
    attractiveness
        One entry per segment, in the last axis.
    allowed
        Whether a segment passes all knock-outs.
    """
    best = np.where(allowed, attractiveness, -np.inf).max(axis=-1, keepdims=True)
    return allowed & (attractiveness >= _FLOOR * best)


def ranking(
    criteria: pd.DataFrame, weights: dict[str, float], scorecard: pd.DataFrame, most: int,
    structure: str,
) -> pd.DataFrame:  # fmt: skip
    """Rank the segments and choose targets.

    Parameters
    ----------
    criteria
        From `criteria`.
    weights
        From `applied_weights`.
    scorecard
        One row per segment and criterion; a knock-out that is not passed removes a segment.
    most
        Targets at the most; never all segments.
    structure
        The verdict; where there is none, and no rules to divide customers by, nothing is targeted.

    Returns
    -------
    pandas.DataFrame
        One row per segment, the most attractive first: attractiveness (0 to 1), rank, target,
        decided_by (the rule in words).
    """
    made = attractiveness(criteria, weights).rename("attractiveness").reset_index()
    made = made.sort_values(["attractiveness", "segment"], ascending=[False, True], ignore_index=True)
    made["rank"] = np.arange(1, len(made) + 1)
    failed = knocked_out(scorecard)
    reasons = failed.groupby("segment").apply(
        lambda rows: "; ".join(
            f"{r.measured:.0%} where {r.rule} is asked" for r in rows.itertuples()
        ),
        include_groups=False,
    ) if len(failed) else pd.Series(dtype="object")  # fmt: skip
    free = places(len(made), most)
    near = attractive(made.attractiveness.to_numpy(), ~made.segment.isin(reasons.index).to_numpy())
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
            decided.append(f"attractiveness {row.attractiveness:.2f}, under half of the highest")
        elif sum(chosen) < free:
            chosen.append(True)
            decided.append(f"place {row.rank} by attractiveness")
        else:
            chosen.append(False)
            more = f"{free} segments rank" if free > 1 else "one segment ranks"
            decided.append(f"attractiveness {row.attractiveness:.2f}; {more} higher")
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
