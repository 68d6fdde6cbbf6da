"""All that is asked of a segment before it may become a target, and what was found."""

from __future__ import annotations

from dataclasses import dataclass

import pandas as pd

from seglib.assess import criteria
from seglib.assess.playbook import Play

#: Criteria in the order in which they are shown.
ORDER = (
    "measurable",
    "measurable by value",
    "substantial",
    "substantial by value",
    "accessible",
    "differentiable",
    "distinct",
    "stable",
    "actionable",
)
#: Criteria of the scorecard that are numbers of something; all others there are shares.
AS_NUMBERS = ("differentiable", "actionable")
COLUMNS = ("segment", "criterion", "measured", "asked", "passed", "knock_out", "rule")


@dataclass(frozen=True)
class Asked:
    """What is asked of a segment.

    Attributes
    ----------
    min_share
        Smallest share of customers, and of value.
    min_recovery
        Smallest recovery in resamples.
    min_known
        Smallest share of known cells.
    min_auc
        Smallest area under the curve of descriptors.
    min_cell
        Nothing is computed from fewer customers of a segment.
    """

    min_share: float
    min_recovery: float
    min_known: float = criteria.MIN_KNOWN
    min_auc: float = criteria.MIN_AUC
    min_cell: int = 1


def judge(
    known: pd.DataFrame,
    catalogue: pd.DataFrame,
    variables: list[str],
    value: pd.DataFrame,
    recovery: pd.DataFrame,
    profiles: pd.DataFrame,
    differences: pd.DataFrame,
    against_rest: pd.DataFrame,
    library: list[Play],
    asked: Asked,
    *,
    value_feature: str | None = None,
    seed: int = 0,
) -> pd.DataFrame:
    """Ask of every segment what a segment must be: the scorecard.

    Parameters
    ----------
    known
        One row per customer: customer, segment and the features, as collected.
    catalogue
        One row per feature, with level and basis; protected ones (column `protected`) describe and
        are not used to find customers.
    variables
        Features that formed the segments.
    value
        From `assess.value`: share, margin and, where there is value, value_share.
    recovery
        One row per segment: segment, recovery.
    profiles
        From `profiles.profiles`.
    differences, against_rest
        From `contrasts.contrasts` and `contrasts.against_rest`.
    library
        From `playbook.library`.
    asked
        What is asked for.
    value_feature
        Feature that holds a customer's value; net_value if absent.
    seed
        Of samples and folds.

    Returns
    -------
    pandas.DataFrame
        One row per segment and criterion, in the order of `ORDER`: segment, criterion, measured
        (missing where it could not be: not failed, unless it knocks out), asked, passed, knock_out,
        rule (in words; why it was not measured).
    """
    segments, min_cell = known.segment, asked.min_cell
    made = pd.concat(
        [
            criteria.measurable(
                known, segments, variables, value_feature or "net_value", asked.min_known, min_cell
            ),
            criteria.substantial(value, asked.min_share),
            criteria.accessible(
                known[catalogue.feature],
                segments,
                catalogue,
                variables,
                min_auc=asked.min_auc,
                min_cell=min_cell,
                seed=seed,
            ),
            criteria.differentiable(differences, against_rest, value),
            criteria.stable(recovery, asked.min_recovery),
            criteria.actionable(profiles, value, library),
        ],
        ignore_index=True,
    )
    place = made.criterion.map(ORDER.index)
    return made.assign(place=place).sort_values(["segment", "place"], ignore_index=True)[list(COLUMNS)]


def knocked_out(scorecard: pd.DataFrame) -> pd.DataFrame:
    """List the knock-outs that were not passed: rows of the scorecard."""
    return scorecard[~scorecard.passed & scorecard.knock_out]


def removed(scorecard: pd.DataFrame) -> pd.Series:
    """Say of every segment that was knocked out why: the criteria and their rules, by segment."""
    failed = knocked_out(scorecard)
    why = [f"not {r.criterion} ({_found(r)}asked: {r.rule})" for r in failed.itertuples()]
    return pd.Series(why, failed.segment.to_numpy(), dtype="object").groupby(level=0).agg("; ".join)


def _found(row: object) -> str:
    """Say what was measured of a criterion that is a share; numbers of things say no more than their rule."""
    if pd.isna(row.measured):
        return "not measured; "
    return "" if row.criterion in AS_NUMBERS else f"{row.measured:.0%}; "
