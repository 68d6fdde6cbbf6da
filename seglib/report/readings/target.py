"""Facts of page 05: what counts, and which segments to target."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.report.context import Context


def targets(ranking: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List the targets; without any, why there is none."""
    return {"targets": list(ranking.segment[ranking.target]), "why": ranking.decided_by.iloc[0]}


def weights(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find how much of the score is capability, and which criteria have no data."""
    capable = table[(table.axis == "capability").fillna(False)]
    return {
        "capability": list(capable.criterion),
        "capability_share": capable.in_score.sum(),
        "unmeasured": list(table.criterion[~table.measured]),
    }
