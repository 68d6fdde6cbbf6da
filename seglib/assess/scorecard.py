"""The scorecard: all that is required of a segment before it may become a target, and what was measured."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import pandas as pd

from seglib.assess import contrasts, criteria, thresholds
from seglib.assess.playbook import Play
from seglib.assess.segments import Segments

#: Criteria in the order in which they are shown.
ORDER = (
    *("measurable", "measurable by value", "substantial", "substantial by value"),
    *("accessible", "differentiable", "distinct", "stable", "actionable"),
)
#: Criteria of the scorecard that are numbers of something, and those that are scores from 0 to 1; all
#: others there are shares.
AS_NUMBERS, AS_SCORES = ("differentiable", "actionable"), ("accessible", "distinct", "stable")
COLUMNS = ("segment", "customers", "criterion", "measured", "asked", "passed", "knock_out", "why")


@dataclass(frozen=True)
class Requirements:
    """What is required of a segment.

    Attributes
    ----------
    min_share
        Smallest share of customers, and of value.
    min_stability
        Smallest stability (Jaccard).
    min_known
        Smallest share of known cells.
    min_auc
        Smallest area under the curve of descriptors.
    value
        Feature that holds a customer's value.
    """

    min_share: float
    min_stability: float
    min_known: float = thresholds.MIN_KNOWN
    min_auc: float = thresholds.MIN_AUC
    value: str = "net_value"


@dataclass(frozen=True)
class Assessment:
    """What is known of the segments when they are judged.

    Attributes
    ----------
    segments
        What is assessed, with responses to campaigns where there are some.
    profiles, value, stability, differences
        The tables of these names.
    """

    segments: Segments
    profiles: pd.DataFrame
    value: pd.DataFrame
    stability: pd.DataFrame
    differences: pd.DataFrame


def judge(
    assessment: Assessment, library: Sequence[Play], requirements: Requirements, seed: int = 0
) -> pd.DataFrame:
    """Check of every segment what is required of it.

    Parameters
    ----------
    assessment
        What is known of the segments.
    library
        From `playbook.library`.
    requirements
        What is required.
    seed
        Of samples and folds.

    Returns
    -------
    pandas.DataFrame
        One row per segment and criterion, in the order of `ORDER`: the table `scorecard` without rule.
    """
    a, required = assessment, requirements
    rows = pd.concat(
        [
            criteria.measurable(a.segments, required.value, required.min_known),
            criteria.substantial(a.value, required.min_share),
            criteria.accessible(a.segments, required.min_auc, seed),
            criteria.differentiable(a.differences, contrasts.against_rest(a.segments), a.value),
            criteria.stable(a.stability, required.min_stability),
            criteria.actionable(a.profiles, a.value, list(library)),
        ],
        ignore_index=True,
    )
    sizes = a.value.set_index("segment").customers
    rows = rows.assign(place=rows.criterion.map(ORDER.index), customers=rows.segment.map(sizes))
    return rows.sort_values(["segment", "place"], ignore_index=True)[list(COLUMNS)]


def knocked_out(scorecard: pd.DataFrame) -> pd.DataFrame:
    """List the knock-outs that were not passed: rows of the scorecard."""
    return scorecard[~scorecard.passed & scorecard.knock_out]


def removed(scorecard: pd.DataFrame) -> pd.Series:
    """List why each segment that was knocked out was: the criteria and their rules, by segment."""
    failed = knocked_out(scorecard)
    why = [f"not {r.criterion} ({_measured(r)}required: {r.rule})" for r in failed.itertuples()]
    return pd.Series(why, failed.segment.to_numpy(), dtype="object").groupby(level=0).agg("; ".join)


def _measured(row: Any) -> str:
    """Write what was measured of a criterion; numbers of things add nothing to their rule."""
    if pd.isna(row.measured):
        return "not measured; "
    if row.criterion in AS_NUMBERS:
        return ""
    return f"{row.measured:.2f}; " if row.criterion in AS_SCORES else f"{row.measured:.0%}; "
