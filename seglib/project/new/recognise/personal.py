"""Columns that tell who somebody is."""

from __future__ import annotations

import pandas as pd

from seglib.privacy import personal as search
from seglib.project.new.recognise.columns import Column


def personal(columns: dict[str, Column]) -> dict[str, str]:
    """Find columns that hold personal data, by name and by content.

    Returns
    -------
    dict
        By column, the kind of personal data.
    """
    made: dict[str, str] = {}
    for name, column in columns.items():
        found = search.find(pd.DataFrame({name: column.values.reset_index(drop=True)}))
        if len(found):
            made[name] = str(found.kind.iloc[0])
    return made
