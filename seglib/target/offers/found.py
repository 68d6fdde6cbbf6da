"""What was found of segments: a table, what must be said about it, and what would tell where nothing does."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

import ibis
import pandas as pd

from seglib.errors import DataError


@dataclass(frozen=True)
class Found:
    """What was found.

    Attributes
    ----------
    table
        As the function that made it describes it; without rows where nothing can be said.
    remarks
        Sentences for the page: what bounds the reading.
    lacking
        The source or column that would tell; empty where it is there.
    """

    table: pd.DataFrame
    remarks: tuple[str, ...] = ()
    lacking: str = ""


def without_rows(types: Mapping[str, str]) -> pd.DataFrame:
    """Make a table without rows, its columns of the types that they would have."""
    return pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in types.items()})


def memberships(segments: pd.DataFrame) -> ibis.Table:
    """Give customers and segments to the engine.

    Parameters
    ----------
    segments
        One row per customer: customer and segment; who has no segment is left out.

    Returns
    -------
    ibis.Table
        One row per customer: customer, segment.

    Raises
    ------
    DataError
        If a customer stands there twice.
    """
    known = segments.loc[segments.segment.notna(), ["customer", "segment"]]
    twice = int(known.customer.duplicated().sum())
    if twice:
        raise DataError(
            f"segments: {twice:,} customers stand there more than once; a customer has one segment: "
            "mend the table of segments"
        )
    return ibis.memtable(known.reset_index(drop=True))
