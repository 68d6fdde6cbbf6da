"""What a segment must be: measurable, substantial, accessible, differentiable, actionable; and stable.

The five criteria are those of Kotler and Keller (Marketing Management, 2012, chapter 8); stability
is Hennig's (2007).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seglib.assess import accessibility
from seglib.assess.playbook import LEAVE_ALONE, Play, conditions, measures, resolved, traits
from seglib.assess.segments import Segments
from seglib.assess.thresholds import CLEAR_MARGIN, MIN_AUC, MIN_KNOWN

#: Criteria that remove a segment from targeting.
KNOCK_OUT = ("substantial", "differentiable", "stable")


def measurable(segments: Segments, value: str | None = None, min_known: float = MIN_KNOWN) -> pd.DataFrame:
    """Measure how much of what forms a segment is known in it, and of how many customers the value is.

    Parameters
    ----------
    segments
        What is assessed.
    value
        Feature that holds a customer's value, where there is one.
    min_known
        The share required.

    Returns
    -------
    pandas.DataFrame
        Rows of a scorecard: measurable (share of the variables' cells that are known) and measurable
        by value (share of customers).
    """
    features, variables = segments.customers, segments.variables
    cells = features[variables].notna().mean(axis=1) if variables else None
    known = features[value].notna().astype(float) if value in features else None
    parts = [
        _known_rows("measurable", cells, segments, min_known, "no variables"),
        _known_rows("measurable by value", known, segments, min_known, "no value"),
    ]
    return pd.concat(parts, ignore_index=True)


def _known_rows(
    name: str, known: pd.Series | None, segments: Segments, required: float, why_not: str
) -> pd.DataFrame:
    if known is None:
        return _unmeasured(name, pd.Index(segments.names), required, why_not)
    return _rows(name, known.groupby(segments.of_each).mean(), required)


def _rows(name: str, measured: pd.Series, required: float, why: str = "") -> pd.DataFrame:
    """Make rows of a scorecard from one number per segment.

    What knocks out must be shown to hold; of all else, what was not measured has not failed.
    """
    knock_out = name in KNOCK_OUT
    measured = measured.astype(float)
    passed = (measured >= required) | (measured.isna() & (not knock_out))
    return pd.DataFrame(
        {
            "segment": measured.index,
            "criterion": name,
            "measured": measured.to_numpy(),
            "asked": float(required),
            "passed": passed.to_numpy(),
            "knock_out": knock_out,
            "why": why,
        }
    )


def _unmeasured(name: str, segments: pd.Index, required: float, why: str) -> pd.DataFrame:
    return _rows(name, pd.Series(np.nan, index=segments), required, why)


def substantial(value: pd.DataFrame, min_share: float) -> pd.DataFrame:
    """Check whether a segment holds enough customers and, where it is known, enough of the value.

    Parameters
    ----------
    value
        The table `value`.
    min_share
        Smallest share of either; too few customers knock a segment out, too little value warns.

    Returns
    -------
    pandas.DataFrame
        Rows of a scorecard: substantial and substantial by value.
    """
    table = value.set_index("segment")
    if "value_share" not in table:
        brought = _unmeasured("substantial by value", table.index, min_share, "no value")
    elif table.value_share.isna().all():
        brought = _unmeasured("substantial by value", table.index, min_share, "negative value")
    else:
        brought = _rows("substantial by value", table.value_share, min_share)
    return pd.concat([_rows("substantial", table["share"], min_share), brought], ignore_index=True)


def accessible(segments: Segments, min_auc: float = MIN_AUC, seed: int = 0) -> pd.DataFrame:
    """Measure how well a segment's customers can be found by descriptors alone.

    Parameters
    ----------
    segments
        What is assessed; protected features are not used.
    min_auc
        The area under the curve required.
    seed
        Of the sample and the folds.

    Returns
    -------
    pandas.DataFrame
        Rows of a scorecard: accessible (area under the curve, 0.5 is chance); not measured, and not
        failed, where there are no descriptors.
    """
    names = pd.Index(segments.names)
    used = accessibility.descriptors(segments.catalogue, segments.variables)
    if not used:
        return _unmeasured("accessible", names, min_auc, "no descriptors")
    found = accessibility.accessibility(
        segments.customers[used], segments.of_each, segments.fewest, seed=seed
    )
    if found.auc.isna().all():
        return _unmeasured("accessible", names, min_auc, "too few")
    rows = _rows("accessible", found.set_index("segment").auc, min_auc)
    return rows.assign(why=rows.why.mask(rows.measured.isna(), "too few"))


def differentiable(
    differences: pd.DataFrame, against_rest: pd.DataFrame, value: pd.DataFrame
) -> pd.DataFrame:
    """Count in how many features a segment differs from the rest, and measure how far it is from the next.

    Parameters
    ----------
    differences, against_rest
        From `contrasts.differences` and `contrasts.against_rest`.
    value
        One row per segment, with margin (median over its customers).

    Returns
    -------
    pandas.DataFrame
        Rows of a scorecard: differentiable (features that matter and in which its own effect is not
        small) and distinct (margin; a warning).
    """
    margin = value.set_index("segment").margin
    matters = differences.feature[differences.matters.astype(bool)]
    apart = against_rest[
        against_rest.feature.isin(matters) & (against_rest.effect.abs() >= against_rest.asked)
    ]
    counts = apart.groupby("segment").feature.nunique().reindex(margin.index, fill_value=0)
    rows = [_rows("differentiable", counts, 1.0), _rows("distinct", margin, CLEAR_MARGIN)]
    return pd.concat(rows, ignore_index=True)


def stable(stability: pd.DataFrame, min_stability: float) -> pd.DataFrame:
    """Check whether a segment is stable: found again in bootstrap samples.

    Parameters
    ----------
    stability
        One row per segment: segment, stability (mean Jaccard over resamples).
    min_stability
        Smallest stability; a segment below is removed from targeting.
    """
    return _rows("stable", stability.set_index("segment").stability, min_stability)


def actionable(profiles: pd.DataFrame, value: pd.DataFrame, library: list[Play]) -> pd.DataFrame:
    """Check whether there is anything to do for a segment: a play whose conditions it meets.

    Plays without conditions fit everyone and are not counted. Which objective a play serves, and
    what it requires, is checked when a target's play is chosen.

    Parameters
    ----------
    profiles
        One row per segment and feature, with distance.
    value
        One row per segment: segment, customers, and what plays may ask for (`playbook.measures`).
    library
        From `playbook.library`.

    Returns
    -------
    pandas.DataFrame
        Rows of a scorecard: actionable (number of such plays).
    """
    names = pd.Index(sorted(profiles.segment.unique()))
    plays = [p for p in library if p.conditional and p.who != "others" and p.play != LEAVE_ALONE]
    if not plays:
        return _unmeasured("actionable", names, 1.0, "no plays")
    own, measured = traits(profiles), measures(value, profiles).reindex(names)
    counts = [sum(_meets(own[s], measured.loc[s], p) for p in plays) for s in names]
    return _rows("actionable", pd.Series(counts, index=names), 1.0)


def _meets(own: dict[str, Any], measured: pd.Series, play: Play) -> bool:
    """Check whether a segment meets a play's conditions, as far as the data show."""
    checks = conditions(play, resolved(play, own), measured)
    return all(check.held is not False for check in checks)
