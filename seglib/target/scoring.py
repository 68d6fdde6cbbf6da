"""What each segment scores on two axes, and which segments become targets.

The segment evaluation plot is Dolnicar, Grün and Leisch's (Market Segmentation Analysis, 2018,
section 10.1): what makes a segment attractive to the company, against how well the company can
serve it, each a weighted mean of criteria.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from seglib.target.thresholds import FLOOR
from seglib.vocabulary import Objective

#: What makes a segment attractive, by objective; the params can replace it. Weights are shares.
ATTRACTIVENESS: dict[Objective, dict[str, float]] = {
    "retention": {"value_share": 0.35, "at_risk": 0.30, "value_per_customer": 0.20, "stability": 0.15},
    "growth": {"growth": 0.35, "value_per_customer": 0.25, "value_share": 0.25, "stability": 0.15},
    "acquisition": {"size": 0.35, "value_per_customer": 0.30, "growth": 0.20, "stability": 0.15},
    "service": {"size": 0.30, "separation": 0.25, "value_share": 0.25, "stability": 0.20},
}
#: What shows that we can serve a segment well, by objective.
CAPABILITY: dict[Objective, dict[str, float]] = {
    "retention": {"retained": 0.35, "satisfied": 0.30, "responding": 0.20, "found": 0.15},
    "growth": {"responding": 0.30, "retained": 0.25, "satisfied": 0.25, "found": 0.20},
    "acquisition": {"found": 0.50, "satisfied": 0.25, "responding": 0.25},
    "service": {"satisfied": 0.45, "retained": 0.35, "found": 0.20},
}
#: Weight of `size` and `stability` where nothing that the objective asks for is measured.
_FALLBACK = ("size", "stability")


@dataclass(frozen=True)
class Weights:
    """How much each criterion counts.

    Attributes
    ----------
    attractiveness, capability
        Criterion to weight; each sums to 1. Nothing of capability may be measured.
    capability_share
        How much of the score is capability: the less of it is measured, the less.
    unmeasured
        Criteria with a weight that the data do not carry.
    """

    attractiveness: dict[str, float]
    capability: dict[str, float]
    capability_share: float
    unmeasured: tuple[str, ...]

    @property
    def in_score(self) -> dict[str, float]:
        """The weights in the score; they sum to 1."""
        table = self.table().groupby("criterion", sort=False).in_score.sum()
        return {str(c): float(w) for c, w in table.items() if w > 0}

    def table(self) -> pd.DataFrame:
        """List the criteria of both axes, those without data last: one row per criterion and axis."""
        axes = (
            ("attractiveness", self.attractiveness, 1 - self.capability_share),
            ("capability", self.capability, self.capability_share),
        )
        rows: list[tuple] = [(c, axis, w, w * part, True) for axis, own, part in axes for c, w in own.items()]
        rows += [(c, None, 0.0, 0.0, False) for c in self.unmeasured]
        return pd.DataFrame(rows, columns=["criterion", "axis", "weight", "in_score", "measured"])

    def terms(self, min_stability: float) -> pd.DataFrame:
        """Return what the decision rests on: one row, its criteria still to be put into words."""
        axes = {"attractiveness": self.attractiveness, "capability": self.capability}
        rest = {"strength_share": self.capability_share, "absent": list(self.unmeasured)}
        return pd.DataFrame([axes | rest | {"min_stability": min_stability}])


def weights(
    objective: Objective,
    available: list[str],
    *,
    attractiveness: dict[str, float] | None = None,
    capability: dict[str, float] | None = None,
    capability_share: float = 0.25,
) -> Weights:
    """Set the weights of the criteria that were measured; they share the weight of the others.

    Parameters
    ----------
    objective
        Of the project.
    available
        Criteria that were measured.
    attractiveness, capability
        Weights of the params, where they replace the objective's.
    capability_share
        How much of the score is capability, if all of it is measured.

    Examples
    --------
    >>> weights("retention", ["stability", "retained", "satisfied"], capability_share=0.2).capability_share
    0.13
    """
    axes, absent, part = [], [], 0.0
    for wanted in (attractiveness or ATTRACTIVENESS[objective], capability or CAPABILITY[objective]):
        measured = {c: w for c, w in wanted.items() if w > 0 and c in available}
        absent += [c for c, w in wanted.items() if w > 0 and c not in available]
        axes.append({c: w / sum(measured.values()) for c, w in measured.items()})
        part = sum(measured.values()) / sum(wanted.values())
    attractive = axes[0] or {c: 0.5 for c in _FALLBACK if c in available}
    total = sum(attractive.values())
    attractive = {c: w / total for c, w in attractive.items()}
    return Weights(attractive, axes[1], round(capability_share * part, 6), tuple(dict.fromkeys(absent)))


def weighted(criteria: pd.DataFrame, weights: dict[str, float]) -> pd.Series:
    """Weigh the criteria, each from 0 (the lowest segment) to 1 (the highest)."""
    chosen = criteria.set_index("segment")[list(weights)].astype(float)
    return pd.Series((scaled(chosen.to_numpy()) * np.array([*weights.values()])).sum(axis=1), chosen.index)


def axes(criteria: pd.DataFrame, weights: Weights) -> pd.DataFrame:
    """Return both axes, 0 to 1: one row per segment; `strength`, our capability, is missing if not measured."""
    attractive = weighted(criteria, weights.attractiveness).rename("attractiveness").to_frame()
    capable = weighted(criteria, weights.capability) if weights.capability else np.nan
    return attractive.assign(strength=capable).reset_index()


def scaled(measured: np.ndarray) -> np.ndarray:
    """Scale every criterion from 0 for the lowest segment to 1 for the highest; missing is 0.

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


@dataclass(frozen=True)
class Rules:
    """How scores become targets.

    Attributes
    ----------
    weights
        Criterion to weight in the score.
    failed
        Segment to the knock-outs of the scorecard that it does not pass.
    most
        Targets at most.
    structured
        Whether there are segments at all: found, or made by rules.
    """

    weights: dict[str, float]
    failed: dict[Any, list[dict[str, Any]]]
    most: int
    structured: bool

    def allowed(self, segments: pd.Series) -> np.ndarray:
        """Return which segments pass all knock-outs; one segment needs structure."""
        return ~segments.isin(self.failed).to_numpy() & (self.structured or len(segments) > 1)

    def places(self, n_segments: int) -> int:
        """Return the number of targets at most: never all segments, unless there is one."""
        return min(self.most, max(1, n_segments - 1))


def rules(weights: dict[str, float], scorecard: pd.DataFrame, most: int, structure: str) -> Rules:
    """Set the rules of targeting, from weights in the score, knock-outs, the most targets and the verdict."""
    out = scorecard[~scorecard.passed & scorecard.knock_out][["segment", "criterion", "measured", "asked"]]
    failed = {s: rows.drop(columns="segment").to_dict("records") for s, rows in out.groupby("segment")}
    return Rules(weights, failed, most, structure != "none")


def near_the_first(score: np.ndarray, allowed: np.ndarray) -> np.ndarray:
    """Return which segments have at least `FLOOR` of the highest score of those allowed.

    Parameters
    ----------
    score
        One entry per segment, in the last axis.
    allowed
        Whether a segment passes all knock-outs.
    """
    best = np.where(allowed, score, -np.inf).max(axis=-1, keepdims=True)
    return allowed & (score >= FLOOR * best)


def ranking(criteria: pd.DataFrame, rules: Rules) -> pd.DataFrame:
    """Rank the segments and choose targets.

    Returns
    -------
    pandas.DataFrame
        One row per segment, the best first: segment, score (0 to 1), rank, target, decision (by what:
        unstructured, failed, low, chosen, outranked), failed (knock-outs), places (targets at most).
    """
    made = weighted(criteria, rules.weights).rename("score").reset_index()
    made = made.sort_values(["score", "segment"], ascending=[False, True], ignore_index=True)
    allowed, places = rules.allowed(made.segment), rules.places(len(made))
    near = near_the_first(made.score.to_numpy(), allowed)
    target = near & (np.cumsum(near) <= places)
    out = made.segment.isin(rules.failed).to_numpy()
    decision = np.select(
        [np.full(len(made), not rules.structured and len(made) == 1), out, ~near, target],
        ["unstructured", "failed", "low", "chosen"],
        "outranked",
    )
    return made.assign(
        rank=np.arange(1, len(made) + 1),
        target=target,
        decision=decision,
        failed=[rules.failed.get(s, []) for s in made.segment],
        places=places,
    )
