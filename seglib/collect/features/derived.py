"""What every basis takes, and what it returns."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import ibis
import pandas as pd

from seglib.collect.features.catalogue import Feature


@dataclass(frozen=True)
class Settings:
    """What features are derived under.

    Attributes
    ----------
    as_of
        The day that everything is counted back from; nothing from it on is looked at.
    currency
        The unit of money; 'money' if it is not known.
    not_products
        Products that do not count for breadth, such as postage.
    scales
        By name: basis, items, reverse, range.
    needs
        By name: importance and met, each an item of a survey.
    branches
        By name: latitude and longitude.
    labels
        Plain words for features: a label, or label, high, low and answers.
    min_cell
        Rare categories of fewer customers are folded together.
    allow
        Columns that look like personal data and may be used all the same.
    """

    as_of: dt.date
    currency: str = "money"
    not_products: tuple[str, ...] = ()
    scales: dict[str, dict[str, Any]] = field(default_factory=dict)
    needs: dict[str, dict[str, Any]] = field(default_factory=dict)
    branches: dict[str, dict[str, float]] = field(default_factory=dict)
    labels: dict[str, str | dict[str, Any]] = field(default_factory=dict)
    min_cell: int = 10
    allow: tuple[str, ...] = ()


@dataclass(frozen=True)
class Derived:
    """What a basis could make of the sources.

    Attributes
    ----------
    frames
        Each one row per customer of whom there are data: customer (its number) and features.
    features
        One per column of the frames.
    remarks
        Sentences for the page: scales that do not hang together, answers that look careless, ….
    """

    frames: tuple[ibis.Table | pd.DataFrame, ...] = ()
    features: tuple[Feature, ...] = ()
    remarks: tuple[str, ...] = ()


def count_as_missing(table: ibis.Table, impossible: ibis.Value, what: str) -> list[str]:
    """Warn of values that cannot be right; `table` has one row per customer."""
    odd = impossible.fill_null(False).cast("int64").sum()
    counts = table.agg(odd=odd, n=table.count()).to_pandas().iloc[0]
    if not counts.n or not counts.odd:
        return []
    return [f"{what}, found for {counts.odd:,.0f} of {counts.n:,.0f} customers, count as missing."]
