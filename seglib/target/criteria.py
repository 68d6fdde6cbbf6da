"""What is measured of each segment: how attractive it is, and how well we can serve it."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from seglib.errors import ParamsError, listing, nearest

#: All criteria, in the order of their columns.
CRITERIA = (
    *("value_share", "value_per_customer", "size", "growth", "at_risk", "stability", "separation"),
    *("retained", "satisfied", "responding", "found"),
)
#: Months after which retention is read: the first that all segments have.
_RETAINED_AT = (6, 3, 1)


def capability(
    segments: pd.Series,
    scorecard: pd.DataFrame,
    retention: pd.DataFrame,
    satisfaction: pd.DataFrame,
    effects: pd.DataFrame,
) -> pd.DataFrame:
    """Collect how well we can serve each segment: whether customers are retained, satisfied, respond, are found.

    Parameters
    ----------
    segments
        The segments.
    scorecard, retention, satisfaction, effects
        Tables of the run; `accessible` of the scorecard is the AUC by which descriptors identify a
        segment's customers.

    Returns
    -------
    pandas.DataFrame
        One row per segment: found, and retained, satisfied and responding as far as they were measured.
    """
    made = pd.DataFrame(index=pd.Index(segments, name="segment"))
    accessible = scorecard[scorecard.criterion == "accessible"].set_index("segment").measured
    measured = {
        "found": accessible,
        "retained": _retained(retention),
        "satisfied": _satisfied(satisfaction),
        "responding": _responding(effects),
    }
    for criterion, values in measured.items():
        if values.reindex(made.index).notna().any():
            made[criterion] = values.reindex(made.index).astype(float)
    return made.reset_index()


def _retained(retention: pd.DataFrame) -> pd.Series:
    """Return the share that orders again at the latest age that is known of every segment."""
    square = retention.pivot(index="segment", columns="age", values="share").reindex(columns=_RETAINED_AT)
    whole = square.columns[square.notna().all()]
    return square[whole[0]] if len(square) and len(whole) else pd.Series(dtype=float)


def _satisfied(satisfaction: pd.DataFrame) -> pd.Series:
    """Return mean satisfaction where it was asked for, else the net promoter score."""
    plain = satisfaction[satisfaction.nps.isna() & satisfaction["mean"].notna()]
    if len(plain):
        return plain.groupby("segment")["mean"].mean()
    return satisfaction.groupby("segment").nps.mean()


def _responding(effects: pd.DataFrame) -> pd.Series:
    """Return the share of contacts that responded, over all campaigns."""
    single = effects.campaign.notna()  # rows without one put all campaigns together
    rows = effects[single & (effects.outcome == "response") & effects["mean"].notna()]
    contacted = rows.contacted.astype(float)
    return (rows["mean"] * contacted).groupby(rows.segment).sum() / contacted.groupby(rows.segment).sum()


@dataclass(frozen=True)
class Evidence:
    """What is known of the segments, from which criteria are measured.

    Attributes
    ----------
    value, stability, profiles
        Tables of the run.
    capability
        From `capability`.
    named
        Criteria that the params name; a numeric feature counts by its distance from all customers.
    """

    value: pd.DataFrame
    stability: pd.DataFrame
    profiles: pd.DataFrame
    capability: pd.DataFrame | None = None
    named: tuple[str, ...] = ()

    def criteria(self, value: pd.DataFrame | None = None) -> pd.DataFrame:
        """Measure the criteria: one row per segment, one column per criterion that the data carry.

        Parameters
        ----------
        value
            Of other customers, drawn from the same segments; the run's own if absent.

        Raises
        ------
        ParamsError
            If a named criterion is neither one of `CRITERIA` nor a numeric feature.
        """
        numeric = self.profiles[self.profiles.answer.isna()]
        distances = numeric.pivot(index="segment", columns="feature", values="distance")
        self._check_named(list(distances.columns))
        features = [c for c in dict.fromkeys(self.named) if c in distances.columns and c not in CRITERIA]
        made = (self.value if value is None else value).merge(
            self.stability[["segment", "stability"]], on="segment"
        )
        made = made.rename(columns={"share": "size", "margin": "separation"})
        if self.capability is not None:
            made = made.merge(self.capability, on="segment", how="left")
        measured = [c for c in CRITERIA if c in made and made[c].notna().any()]
        return made[["segment", *measured]].merge(distances[features].reset_index(), on="segment")

    def _check_named(self, features: list[str]) -> None:
        unknown = set(self.named) - set(CRITERIA) - set(features)
        if unknown:
            allowed = [*CRITERIA, *features]
            raise ParamsError(
                f"target.weights or target.strength name '{min(unknown)}'; allowed are criteria and numeric features: "
                f"{listing(allowed, 40)}.{nearest(min(unknown), allowed)}"
            )
