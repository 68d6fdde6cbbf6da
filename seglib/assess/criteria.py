"""What a segment must be: measurable, substantial, accessible, differentiable, actionable; and stable.

The five criteria are those of Kotler and Keller (Marketing Management, 2012, chapter 8); that a
segment must also come back in other samples is Hennig's (2007).
"""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seglib.assess import accessibility
from seglib.assess.playbook import LEAVE_ALONE, Play, conditions, measures, traits
from seglib.assess.thresholds import CLEAR_MARGIN, MIN_AUC, MIN_KNOWN
from seglib.privacy.disclosure import bounded

#: Criteria that remove a segment from targeting.
KNOCK_OUT = ("substantial", "differentiable", "stable")


def measurable(
    features: pd.DataFrame,
    segments: pd.Series,
    variables: list[str],
    value: str | None = None,
    min_known: float = MIN_KNOWN,
    min_cell: int = 1,
) -> pd.DataFrame:
    """Ask how much of what forms a segment is known in it, and of how many customers the value is.

    Parameters
    ----------
    features
        One row per customer, as collected: missing where not known.
    segments
        The segment of each, in the same order.
    variables
        Features that formed the segments.
    value
        Feature that holds a customer's value, where there is one.
    min_known
        The share asked for.
    min_cell
        Shares are kept so many customers off their ends (`disclosure.bounded`), though never so
        far that one which passes would seem to fail.

    Returns
    -------
    pandas.DataFrame
        Rows of a scorecard: measurable (share of the variables' cells that are known) and measurable
        by value (share of customers).
    """
    groups = _groups(features, segments)
    sizes = groups.value_counts().sort_index()
    cells = features[list(variables)].notna().mean(axis=1) if len(variables) else None
    known = features[value].notna().astype(float) if value in features else None
    asked = f"at least {min_known:.0%}"
    return pd.concat(
        [
            _known_rows(
                "measurable",
                cells,
                groups,
                sizes,
                min_known,
                min_cell,
                f"{asked} of what its segmentation variables say is known",
                "no feature formed the segments",
            ),
            _known_rows(
                "measurable by value",
                known,
                groups,
                sizes,
                min_known,
                min_cell,
                f"value is known of {asked} of its customers",
                "these data hold no value",
            ),
        ],
        ignore_index=True,
    )


def _groups(features: pd.DataFrame, segments: pd.Series) -> pd.Series:
    return pd.Series(segments.to_numpy(), index=features.index)


def _known_rows(
    name: str,
    known: pd.Series | None,
    groups: pd.Series,
    sizes: pd.Series,
    asked: float,
    min_cell: int,
    rule: str,
    why_not: str,
) -> pd.DataFrame:
    if known is None:
        return _unmeasured(name, sizes.index, asked, why_not)
    shares = known.groupby(groups).mean().reindex(sizes.index)
    shown = (bounded(shares, sizes, min_cell) if min_cell > 1 else shares).where(sizes >= min_cell)
    return _rows(name, shown.where(shares < asked, shown.clip(lower=asked)), asked, rule)


def _rows(name: str, measured: pd.Series, asked: float, rule: str) -> pd.DataFrame:
    """Make rows of a scorecard from one number per segment.

    What knocks out must be shown to hold; of all else, what was not measured has not failed.
    """
    knock_out = name in KNOCK_OUT
    measured = measured.astype(float)
    passed = (measured >= asked) | (measured.isna() & (not knock_out))
    return pd.DataFrame(
        {
            "segment": measured.index,
            "criterion": name,
            "measured": measured.to_numpy(),
            "asked": float(asked),
            "passed": passed.to_numpy(),
            "knock_out": knock_out,
            "rule": rule,
        }
    )


def _unmeasured(name: str, segments: pd.Index, asked: float, why_not: str) -> pd.DataFrame:
    return _rows(name, pd.Series(np.nan, index=segments), asked, f"not measured: {why_not}")


def substantial(value: pd.DataFrame, min_share: float) -> pd.DataFrame:
    """Ask whether a segment holds enough customers and, where it is known, enough of the value.

    Parameters
    ----------
    value
        From `assess.value`: segment, share and, where there is value, value_share.
    min_share
        Smallest share of either; too few customers knock a segment out, too little value warns.

    Returns
    -------
    pandas.DataFrame
        Rows of a scorecard: substantial and substantial by value.
    """
    table = value.set_index("segment")
    customers = _rows("substantial", table["share"], min_share, f"at least {min_share:.0%} of customers")
    if "value_share" not in table:
        why_not = "these data hold no value"
    elif table.value_share.isna().all():
        why_not = "shares of value mean nothing where a segment gave back more than it brought"
    else:
        brought = _rows(
            "substantial by value", table.value_share, min_share, f"at least {min_share:.0%} of value"
        )
        return pd.concat([customers, brought], ignore_index=True)
    return pd.concat(
        [customers, _unmeasured("substantial by value", table.index, min_share, why_not)], ignore_index=True
    )


def accessible(
    features: pd.DataFrame,
    segments: pd.Series,
    catalogue: pd.DataFrame,
    variables: list[str],
    *,
    min_auc: float = MIN_AUC,
    min_cell: int = 1,
    seed: int = 0,
) -> pd.DataFrame:
    """Ask how well a segment's customers can be found by descriptors alone.

    Parameters
    ----------
    features
        One row per customer.
    segments
        The segment of each, in the same order.
    catalogue
        One row per feature, with its basis; protected ones (column `protected`) are not used.
    variables
        Features that formed the segments.
    min_auc
        The area under the curve asked for.
    min_cell, seed
        As `accessibility.accessibility` takes them.

    Returns
    -------
    pandas.DataFrame
        Rows of a scorecard: accessible (area under the curve, 0.5 is chance); not measured, and not
        failed, where there are no descriptors.
    """
    names = pd.Index(sorted(segments.dropna().unique()))
    used = accessibility.descriptors(catalogue, variables)
    if not used:
        return _unmeasured(
            "accessible",
            names,
            min_auc,
            "there are no descriptors of other bases than those that formed the segments",
        )
    found = accessibility.accessibility(features[used], segments, min_cell, seed=seed)
    if found.auc.isna().all():
        return _unmeasured(
            "accessible", names, min_auc, "too few customers or segments, or descriptors that do not vary"
        )
    rule = f"descriptors alone rank its customers above others at least {min_auc:.0%} of the time (50% is chance)"
    return _rows("accessible", found.set_index("segment").auc, min_auc, rule)


def differentiable(
    differences: pd.DataFrame, against_rest: pd.DataFrame, value: pd.DataFrame
) -> pd.DataFrame:
    """Ask in how many features a segment differs from the rest, and how far it is from the next.

    Parameters
    ----------
    differences, against_rest
        From `contrasts.contrasts` and `contrasts.against_rest`.
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
    rule = "differs from all others in at least one feature, surely and by more than a trifle"
    clear = f"half of its customers are nearer to it than to the next by {CLEAR_MARGIN:.0%}"
    return pd.concat(
        [_rows("differentiable", counts, 1.0, rule), _rows("distinct", margin, CLEAR_MARGIN, clear)],
        ignore_index=True,
    )


def stable(recovery: pd.DataFrame, min_recovery: float) -> pd.DataFrame:
    """Ask whether a segment comes back in other samples.

    Parameters
    ----------
    recovery
        One row per segment: segment, recovery (mean Jaccard over resamples).
    min_recovery
        Smallest recovery; a segment below is removed from targeting.
    """
    rule = f"comes back to at least {min_recovery:.0%} in resampling"
    return _rows("stable", recovery.set_index("segment").recovery, min_recovery, rule)


def actionable(profiles: pd.DataFrame, value: pd.DataFrame, library: list[Play]) -> pd.DataFrame:
    """Ask whether there is anything to do for a segment: a play whose conditions it meets.

    Plays without conditions fit everyone, and so say nothing of a segment: they don't count. Which
    objective a play serves, and what it requires, is asked when a target's play is chosen.

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
        return _unmeasured("actionable", names, 1.0, "the library has no play with conditions")
    own, measured = traits(profiles), measures(value, profiles).reindex(names)
    counts = [sum(_meets(own[s], measured.loc[s], p) for p in plays) for s in names]
    rule = "meets the conditions of at least one play of the library"
    return _rows("actionable", pd.Series(counts, index=names), 1.0, rule)


def _meets(own: dict[str, Any], measured: pd.Series, play: Play) -> bool:
    """Tell whether a segment meets a play's conditions, as far as the data say."""
    return all(check.held is not False for check in conditions(play, own, measured))
