"""Tables of page 01, shaped for a reader."""

from __future__ import annotations

import pandas as pd

from seglib.report.context import Context


def ledger(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Keep the first rule of each source and those that had an effect, and the columns that are not all zero."""
    actions = ["dropped", "set_aside", "blanked", "warned"]
    rows = table[table[actions].any(axis=1) | ~table.source.duplicated()]
    idle = [c for c in actions if not table[c].any()]
    return rows.drop(columns=[*idle, *(["value"] if table.value.isna().all() else [])])
