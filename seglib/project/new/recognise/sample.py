"""The rows of a source that are looked at."""

from __future__ import annotations

import math

import ibis
import pandas as pd
from ibis import _

#: Rows that are read; counts are over all rows.
SAMPLE = 20_000
#: A prime number, by which the row that is drawn moves from step to step.
_MOVES = 7_919


def sample(table: ibis.Table, rows: int) -> pd.DataFrame:
    """Draw one row of each of equal steps, the same in every run.

    Its place in the step moves, so that rows of several kinds that alternate are all met.
    """
    step = math.ceil(rows / SAMPLE)
    if step <= 1:
        return table.to_pandas()
    numbered = table.mutate(_row=ibis.row_number())
    drawn = numbered.filter(_._row % step == (_._row // step) * _MOVES % step)
    return drawn.drop("_row").to_pandas()


def with_entries(table: ibis.Table, drawn: pd.Series, known: int) -> pd.Series:
    """Keep the entries of one column in drawn rows; of one that is missing in all of them, read the first there are."""
    if not known or not (drawn.isna() | (drawn == "")).all():
        return drawn
    column = table[str(drawn.name)]
    return table.select(column).filter(column.notnull()).limit(SAMPLE).to_pandas().iloc[:, 0]
