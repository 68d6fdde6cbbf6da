"""Sentences of page 05: whom to go after."""

from __future__ import annotations

import pandas as pd

from seglib.report.words import listed


def targets(ranking: pd.DataFrame) -> str:
    """Name the targets."""
    chosen = ranking[ranking.target]
    if chosen.empty:
        return f"No segment is a target: {ranking.decided_by.iloc[0]}."
    return f"Go after {listed(f'**{n}**' for n in chosen['name'])}. The decision page says the rest."
