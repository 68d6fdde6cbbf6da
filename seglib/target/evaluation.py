"""How attractive each segment is, and how strong we are with it: the two axes of the evaluation plot.

The segment evaluation plot is Dolnicar, Grün and Leisch's (Market Segmentation Analysis, 2018,
section 10.1): what makes a segment attractive to the company against what makes the company
attractive to the segment, each a weighted mean of criteria.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from seglib.errors import ParamsError, listing, nearest

#: What makes a segment attractive, by objective; the params may say otherwise. Weights are shares.
ATTRACTIVENESS: dict[str, dict[str, float]] = {
    "retention": {"value_share": 0.35, "at_risk": 0.30, "value_per_customer": 0.20, "recovery": 0.15},
    "growth": {"growth": 0.35, "value_per_customer": 0.25, "value_share": 0.25, "recovery": 0.15},
    "acquisition": {"size": 0.35, "value_per_customer": 0.30, "growth": 0.20, "recovery": 0.15},
    "service": {"size": 0.30, "separation": 0.25, "value_share": 0.25, "recovery": 0.20},
}
#: What makes us strong with a segment, by objective.
STRENGTH: dict[str, dict[str, float]] = {
    "retention": {"retained": 0.35, "satisfied": 0.30, "responding": 0.20, "found": 0.15},
    "growth": {"responding": 0.30, "retained": 0.25, "satisfied": 0.25, "found": 0.20},
    "acquisition": {"found": 0.50, "satisfied": 0.25, "responding": 0.25},
    "service": {"satisfied": 0.45, "retained": 0.35, "found": 0.20},
}
#: Criteria in the words of a page.
CRITERIA: dict[str, str] = {
    "value_share": "share of value",
    "value_per_customer": "value per customer",
    "size": "share of customers",
    "growth": "growth",
    "at_risk": "customers at risk",
    "recovery": "found again in other samples",
    "separation": "distance from the next segment",
    "retained": "customers who come back",
    "satisfied": "satisfaction",
    "responding": "response to past campaigns",
    "found": "how surely others like them are found",
}
#: Criteria that are shares of something.
AS_SHARES = ("value_share", "size", "growth", "at_risk", "recovery", "separation", "retained", "responding")


@dataclass(frozen=True)
class Weights:
    """How much each criterion counts.

    Attributes
    ----------
    attractiveness, strength
        Criterion to weight; each sums to 1. Nothing of strength may be measured.
    strength_share
        How much of the score is strength: the less of it is measured, the less.
    unmeasured
        Criteria with a weight that the data do not carry.
    """

    attractiveness: dict[str, float]
    strength: dict[str, float]
    strength_share: float
    unmeasured: tuple[str, ...]

    @property
    def together(self) -> dict[str, float]:
        """Give the weights in the score; they sum to 1."""
        parts = ((self.attractiveness, 1 - self.strength_share), (self.strength, self.strength_share))
        made: dict[str, float] = {}
        for axis, part in parts:
            for criterion, weight in axis.items():
                made[criterion] = made.get(criterion, 0.0) + weight * part
        return {c: w for c, w in made.items() if w > 0}


def weights(
    objective: str,
    available: list[str],
    *,
    attractiveness: dict[str, float] | None = None,
    strength: dict[str, float] | None = None,
    strength_share: float = 0.25,
) -> Weights:
    """Settle the weights of the criteria that can be measured; the others' weight is shared out.

    Parameters
    ----------
    objective
        Key of `ATTRACTIVENESS` and `STRENGTH`.
    available
        Criteria that were measured.
    attractiveness, strength
        Weights of the params, where they differ from the objective's.
    strength_share
        How much of the score is strength, if all of it is measured.

    Examples
    --------
    >>> weights("retention", ["recovery", "retained", "satisfied"], strength_share=0.2).strength_share
    0.13
    """
    axes, absent, part = [], [], 0.0
    for wanted in (attractiveness or ATTRACTIVENESS[objective], strength or STRENGTH[objective]):
        there = {c: w for c, w in wanted.items() if w > 0 and c in available}
        absent += [c for c, w in wanted.items() if w > 0 and c not in available]
        axes.append({c: w / sum(there.values()) for c, w in there.items()})
        part = sum(there.values()) / sum(wanted.values())
    attractive = axes[0] or {c: 0.5 for c in ("size", "recovery") if c in available}
    total = sum(attractive.values())
    attractive = {c: w / total for c, w in attractive.items()}
    return Weights(attractive, axes[1], round(strength_share * part, 6), tuple(dict.fromkeys(absent)))


def words(profiles: pd.DataFrame) -> dict[str, str]:
    """Give the words for criteria, those that are features among them."""
    return profiles[profiles.answer.isna()].set_index("feature").label.str.lower().to_dict() | CRITERIA


def terms(settled: Weights, labels: dict[str, str], min_recovery: float) -> pd.DataFrame:
    """Write down by what was decided: one row."""

    def said(axis: dict[str, float]) -> str:
        return ", ".join(f"{labels.get(c, c)} {w:.0%}" for c, w in axis.items())

    missing = ", ".join(labels.get(c, c) for c in settled.unmeasured)
    return pd.DataFrame(
        [
            {
                "weights": said(settled.attractiveness),
                "strengths": said(settled.strength),
                "strength_share": settled.strength_share,
                "unmeasured": missing,
                "min_recovery": min_recovery,
            }
        ]
    )


def criteria(
    value: pd.DataFrame,
    recovery: pd.DataFrame,
    profiles: pd.DataFrame,
    asked: list[str],
    strengths: pd.DataFrame | None = None,
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
    strengths
        From `strengths.strengths`.

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
            f"target.weights or target.strength name '{min(unknown)}'; allowed are criteria and numeric features: "
            f"{listing(known, 40)}.{nearest(min(unknown), known)}"
        )
    named = distances[[c for c in asked if c in distances.columns and c not in CRITERIA]].reset_index()
    made = value.merge(recovery[["segment", "recovery"]], on="segment")
    made = made.rename(columns={"share": "size", "margin": "separation"})
    if strengths is not None:
        made = made.merge(strengths, on="segment", how="left")
    there = [c for c in CRITERIA if c in made and made[c].notna().any()]
    return made[["segment", *there]].merge(named, on="segment")


def weighed(criteria: pd.DataFrame, weights: dict[str, float]) -> pd.Series:
    """Weigh the criteria, each from 0 (the lowest segment) to 1 (the highest)."""
    chosen = criteria.set_index("segment")[list(weights)].astype(float)
    return pd.Series(
        (scaled(chosen.to_numpy()) * np.array([*weights.values()])).sum(axis=1), index=chosen.index
    )


def both_axes(criteria: pd.DataFrame, settled: Weights) -> pd.DataFrame:
    """Give the two axes of the evaluation plot: one row per segment: attractiveness, strength (0 to 1).

    Strength is missing where nothing of it is measured.
    """
    made = weighed(criteria, settled.attractiveness).rename("attractiveness").to_frame()
    strength = weighed(criteria, settled.strength) if settled.strength else np.nan
    return made.assign(strength=strength).reset_index()


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
