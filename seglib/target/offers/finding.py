"""What was measured of segments: a table, what bounds its reading, and which source would be needed."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import ibis
import pandas as pd

from seglib.errors import DataError


@dataclass(frozen=True)
class Finding:
    """What was measured.

    Attributes
    ----------
    table
        As the function that makes it describes it; without rows where nothing is known.
    remarks
        What bounds the reading: a `code` each, with its numbers.
    missing
        The source or column that would be needed; empty where it is there.
    """

    table: pd.DataFrame
    remarks: tuple[dict[str, Any], ...] = ()
    missing: str = ""


def without_rows(types: Mapping[str, str]) -> pd.DataFrame:
    """Make a table without rows, its columns of the types that they would have."""
    return pd.DataFrame({column: pd.Series(dtype=kind) for column, kind in types.items()})


def memberships(segments: pd.DataFrame) -> ibis.Table:
    """Hand customers and their segments to the engine; those without a segment are left out.

    Raises
    ------
    DataError
        If a customer has several segments.
    """
    known = segments.loc[segments.segment.notna(), ["customer", "segment"]]
    twice = int(known.customer.duplicated().sum())
    if twice:
        raise DataError(
            f"segments: {twice:,} customers have more than one segment; allowed is one each: "
            "run notebook 03_segment again"
        )
    return ibis.memtable(known.reset_index(drop=True))
