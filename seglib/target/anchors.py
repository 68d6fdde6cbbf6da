"""Criteria that are not money, on scales of their own: all customers are 0, a stated meaningful difference is 1."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from seglib.errors import ParamsError
from seglib.target.criteria import CRITERIA


@dataclass(frozen=True)
class Anchor:
    """What counts as 0 and as 1 of a criterion.

    Attributes
    ----------
    unit
        The difference that counts 1.
    zero
        The value that counts 0; that of all customers if none.
    relative
        Whether the difference is a share of the value of all customers.
    """

    unit: float
    zero: float | None = None
    relative: bool = False


#: By criterion; docs/targeting.md gives the reasons. Features count by their distance from all customers, in
#: standard deviations, of which half a one is a medium difference (Cohen, 1988, section 2.2).
ANCHORS: dict[str, Anchor] = {
    "value_per_customer": Anchor(0.5, relative=True),
    "value_share": Anchor(1.0, relative=True),  # twice an equal share
    "size": Anchor(1.0, relative=True),
    "growth": Anchor(0.10),
    "at_risk": Anchor(0.10),
    "stability": Anchor(0.25, 0.6),  # from stable to highly stable (Hennig, 2007)
    "separation": Anchor(0.25, 0.0),
    "retained": Anchor(0.10),
    "satisfied": Anchor(1.0),
    "responding": Anchor(0.5, relative=True),
    "found": Anchor(0.2, 0.5),  # from chance to acceptable (Hosmer, Lemeshow and Sturdivant, 2013)
}
FEATURE = Anchor(0.5, 0.0)
#: Satisfaction as a net promoter score, from -1 to 1.
_NET_PROMOTERS = Anchor(0.10)


def points(criteria: pd.DataFrame, customers: pd.Series) -> pd.DataFrame:
    """Put every criterion on its anchors; no segment's points depend on which is the lowest or the highest.

    Parameters
    ----------
    criteria
        One row per segment: segment and criteria, or features by their distance.
    customers
        Of each segment, in the same order: all customers are the mean over them.

    Returns
    -------
    pandas.DataFrame
        As `criteria`; missing stays missing.

    Examples
    --------
    >>> table = pd.DataFrame({"segment": [1, 2], "at_risk": [0.32, 0.09], "found": [0.7, 0.5]})
    >>> points(table, pd.Series([29, 71])).round(2).to_numpy().tolist()
    [[1.0, 1.63, 1.0], [2.0, -0.67, 0.0]]
    """
    sizes = customers.to_numpy(dtype="float64")
    scored = {
        c: _scored(c, criteria[c].to_numpy(dtype="float64"), sizes) for c in criteria.columns.drop("segment")
    }
    return pd.DataFrame({"segment": criteria.segment, **scored})


def _scored(criterion: str, values: np.ndarray, sizes: np.ndarray) -> np.ndarray:
    anchor = ANCHORS.get(criterion, FEATURE)
    if criterion in ("size", "value_share"):
        return (values * len(values) - 1) / anchor.unit
    if criterion == "satisfied" and np.nanmax(np.abs(values), initial=0.0) <= 1:
        anchor = _NET_PROMOTERS
    zero = anchor.zero
    known = np.isfinite(values)
    if zero is None:
        weight = sizes[known].sum()
        zero = float((values[known] * sizes[known]).sum() / weight) if weight > 0 else np.nan
    if not anchor.relative:
        return (values - zero) / anchor.unit
    return (values / zero - 1) / anchor.unit if zero > 0 else np.full(len(values), np.nan)


def weighted(scored: pd.DataFrame, weights: dict[str, float]) -> pd.Series:
    """Weigh the points: one number per segment, as index; a criterion that is missing counts as all customers."""
    if not weights:
        return pd.Series(np.nan, index=pd.Index(scored.segment, name="segment"))
    chosen = scored.set_index("segment")[list(weights)].astype("float64").fillna(0.0)
    return chosen @ pd.Series(weights)


def axes(scored: pd.DataFrame, weights: Weights, samples: Sequence[pd.DataFrame] = ()) -> pd.DataFrame:
    """Weigh the points on both axes and in all: one row per segment.

    Parameters
    ----------
    scored
        From `points`.
    weights
        From `weights`.
    samples
        Points of resampled customers, from which the standard error follows.

    Returns
    -------
    pandas.DataFrame
        segment, attractiveness, strength (our capability; missing if it has no weight), points (both) and
        points_sd; all missing without weights.
    """
    made = pd.DataFrame(
        {
            "attractiveness": weighted(scored, weights.attractiveness),
            "strength": weighted(scored, weights.capability),
            "points": weighted(scored, weights.in_score),
        }
    )
    again = (
        [weighted(sample, weights.in_score).reindex(made.index) for sample in samples]
        if weights.in_score
        else []
    )
    made["points_sd"] = pd.concat(again, axis=1).std(axis=1) if len(again) > 1 else np.nan
    return made.reset_index()


@dataclass(frozen=True)
class Weights:
    """How much each criterion counts, where the params say so; money counts otherwise.

    Attributes
    ----------
    attractiveness, capability
        Criterion to weight; each sums to 1, or is empty.
    capability_share
        How much of the score is capability.
    unmeasured
        Criteria with a weight that the data do not carry.
    """

    attractiveness: dict[str, float]
    capability: dict[str, float]
    capability_share: float
    unmeasured: tuple[str, ...] = ()

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
        columns = {
            "criterion": "object",
            "axis": "object",
            "weight": float,
            "in_score": float,
            "measured": bool,
        }
        return pd.DataFrame(rows, columns=list(columns)).astype(columns)

    def terms(self, min_stability: float) -> pd.DataFrame:
        """Return what the decision rests on: one row, its criteria still to be put into words."""
        axes = {"attractiveness": self.attractiveness, "capability": self.capability}
        rest = {"strength_share": self.capability_share, "absent": list(self.unmeasured)}
        return pd.DataFrame([axes | rest | {"min_stability": min_stability}])


def weights(
    available: list[str],
    attractiveness: dict[str, float] | None = None,
    capability: dict[str, float] | None = None,
    capability_share: float = 0.25,
) -> Weights:
    """Set the weights of the params; criteria that were measured share the weight of those that were not.

    Parameters
    ----------
    available
        Criteria that were measured.
    attractiveness, capability
        Weights of the params; none if money decides.
    capability_share
        How much of the score is capability, if all of it is measured.

    Raises
    ------
    ParamsError
        If none of the criteria of attractiveness was measured.

    Examples
    --------
    >>> weights(["stability", "retained"], {"stability": 1}, {"retained": 1, "found": 1}, 0.2).capability_share
    0.1
    """
    axes, absent, part = [], [], 0.0
    for wanted in (attractiveness or {}, capability or {}):
        measured = {c: w for c, w in wanted.items() if w > 0 and c in available}
        absent += [c for c, w in wanted.items() if w > 0 and c not in available]
        axes.append({c: w / sum(measured.values()) for c, w in measured.items()})
        part = sum(measured.values()) / sum(wanted.values()) if wanted else 0.0
    if attractiveness and not axes[0]:
        known = ", ".join(c for c in CRITERIA if c in available)
        raise ParamsError(
            f"target.weights names only what was not measured ({', '.join(absent)}); measured here: {known}"
        )
    share = round(capability_share * part, 6) if axes[0] else 0.0
    return Weights(axes[0], axes[1] if axes[0] else {}, share, tuple(dict.fromkeys(absent)))
