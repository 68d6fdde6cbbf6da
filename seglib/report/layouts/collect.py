"""Tables of page 01, shaped for a reader."""

from __future__ import annotations

import pandas as pd


def ledger(table: pd.DataFrame) -> pd.DataFrame:
    """Shape the ledger: the first rule of each source, and those that did something."""
    did = ["dropped", "set_aside", "blanked", "warned"]
    shown = table[table[did].any(axis=1) | ~table.source.duplicated()]
    idle = [c for c in did if not table[c].any()]
    unvalued = ["value"] if table.value.isna().all() else []
    return shown.drop(columns=[*idle, *unvalued, "why"])
