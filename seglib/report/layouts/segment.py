"""Tables of page 03, shaped for a reader."""

from __future__ import annotations

import pandas as pd

from seglib.assess.thresholds import CLEAR_MARGIN
from seglib.privacy.disclosure import bounded


def candidates(table: pd.DataFrame) -> pd.DataFrame:
    """Shape the candidates: what was measured, and in a word what became of each."""
    outcomes = {
        "chosen": "chosen",
        "next_best": "next best",
        "separated": "lies apart",
        "admissible": "admissible",
    }
    outcome = [
        next((word for column, word in outcomes.items() if row[column]), "") for _, row in table.iterrows()
    ]
    columns = [
        "method",
        "k",
        "outcome",
        "weakest",
        "agreement",
        "strength",
        "smallest",
        "silhouette",
        "overlap",
        "bic",
    ]
    made = table.assign(outcome=outcome)[columns]
    return made.drop(columns=[c for c in ("overlap", "bic") if made[c].isna().all()])


def references(by_chance: pd.DataFrame, chosen: pd.Series) -> pd.DataFrame:
    """Shape the references beside the candidate: agreement of resamples and silhouette."""
    found = pd.DataFrame(
        [("these customers", chosen.agreement, chosen.silhouette)],
        columns=["data", "agreement", "silhouette"],
    )
    return pd.concat([found, by_chance[found.columns]], ignore_index=True)


def gates(recovery: pd.DataFrame, disputed: pd.DataFrame, min_cell: int = 1) -> pd.DataFrame:
    """Shape what speaks against each segment; shares are kept `min_cell` customers off their ends."""
    away = bounded(recovery.exchanged, recovery["size"], min_cell)
    made = recovery.assign(exchanged=away).merge(disputed.drop(columns="customers"), on="segment", how="left")
    made = made.assign(flags=made["flags"].replace("", "none"))
    return made[["segment", "size", "recovery", "across", "neighbour", "exchanged", "disputed", "flags"]]


def overview(segments: pd.DataFrame, recovery: pd.DataFrame, min_cell: int = 1) -> pd.DataFrame:
    """Shape the segments by size: customers, share, recovery, customers near a border.

    The last are kept `min_cell` customers off the ends of their segment.
    """
    groups = segments.groupby("segment")
    made = pd.DataFrame({"customers": groups.size()})
    made["share"] = made.customers / len(segments)
    made["recovery"] = recovery.set_index("segment").recovery
    if segments.margin.notna().all():
        near = (segments.margin < CLEAR_MARGIN).groupby(segments.segment).mean()
        made["border"] = bounded(near, made.customers, min_cell)
    return made.reset_index()
