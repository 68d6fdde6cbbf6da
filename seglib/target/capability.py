"""How strong we are with each segment: whether it comes back, is satisfied, answers, and can be found."""

from __future__ import annotations

import pandas as pd

#: Months after which a cohort's customers are asked whether they come back, the first that all segments have.
_RETAINED_AT = (6, 3, 1)


def strengths(
    segments: pd.Series,
    scorecard: pd.DataFrame,
    retention: pd.DataFrame | None = None,
    satisfaction: pd.DataFrame | None = None,
    effects: pd.DataFrame | None = None,
) -> pd.DataFrame:
    """Collect what is known of how strong we are with each segment.

    Parameters
    ----------
    segments
        The segments.
    scorecard
        One row per segment and criterion; 'accessible' is the area under the curve by which
        descriptors tell a segment's customers from the others.
    retention
        One row per segment and age in months: share of a cohort that orders again.
    satisfaction
        One row per segment and item: mean, and nps where it is a recommendation.
    effects
        One row per campaign, segment and outcome: mean (of those contacted), contacted.

    Returns
    -------
    pandas.DataFrame
        One row per segment: found, and as far as the tables tell retained, satisfied, responding.
    """
    made = pd.DataFrame(index=pd.Index(segments, name="segment"))
    found = scorecard[scorecard.criterion == "accessible"].set_index("segment").measured
    known = {
        "found": found,
        "retained": _retained(retention),
        "satisfied": _satisfied(satisfaction),
        "responding": _responding(effects),
    }
    for criterion, measured in known.items():
        if measured is not None and measured.reindex(made.index).notna().any():
            made[criterion] = measured.reindex(made.index).astype(float)
    return made.reset_index()


def _retained(retention: pd.DataFrame | None) -> pd.Series | None:
    """Take the share that comes back after the longest time that is known of every segment."""
    if retention is None or retention.empty:
        return None
    square = retention.pivot(index="segment", columns="age", values="share").reindex(
        columns=list(_RETAINED_AT)
    )
    whole = square.columns[square.notna().all()]
    return square[whole[0]] if len(whole) else None


def _satisfied(satisfaction: pd.DataFrame | None) -> pd.Series | None:
    """Take satisfaction where it was asked, else what customers recommend."""
    if satisfaction is None or satisfaction.empty:
        return None
    plain = satisfaction[satisfaction.nps.isna() & satisfaction["mean"].notna()]
    if len(plain):
        return plain.groupby("segment")["mean"].mean()
    return satisfaction.groupby("segment").nps.mean()


def _responding(effects: pd.DataFrame | None) -> pd.Series | None:
    """Take the share of contacts that were answered, over all campaigns."""
    if effects is None or effects.empty:
        return None
    of_one = effects.campaign.notna()  # rows without one put all campaigns together
    known = effects[of_one & (effects.outcome == "response") & effects["mean"].notna()]
    answered = (known["mean"] * known.contacted.astype(float)).groupby(known.segment).sum()
    return answered / known.contacted.astype(float).groupby(known.segment).sum()
