"""Predicted lifetime value, its tests and survival, shaped for a reader."""

from __future__ import annotations

from collections.abc import Callable

import pandas as pd

from seglib.report.context import Context
from seglib.report.words import count, money


def lifetime(table: pd.DataFrame, terms: Context) -> pd.DataFrame | None:
    """Shape predictions with their intervals; nothing where there are none."""
    if not table.days.any():
        return None

    def between(middle: str, low: str, high: str, write: Callable[[float], str]) -> list[str | None]:
        rows = zip(table[middle], table[low], table[high], strict=True)
        return [None if pd.isna(m) else f"{write(m)} ({write(a)} to {write(b)})" for m, a, b in rows]

    def amount(x: float) -> str:
        return money(x, terms.currency)

    return table.assign(
        active=table.active.round(),
        purchases=between("purchases", "purchases_low", "purchases_high", count),
        lifetime_value=between("lifetime_value", "lifetime_low", "lifetime_high", amount),
        per_customer=between("per_customer", "per_customer_low", "per_customer_high", amount),
    )


def estimates(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape the parameters of the models."""
    low, high = table.low.map(_digits), table.high.map(_digits)
    return table.assign(estimate=table.estimate.map(_digits), range=low + " to " + high)


def _digits(x: float) -> str:
    return f"{x:.3g}" if x < 1000 else count(x)


def calibration(table: pd.DataFrame, terms: Context) -> pd.DataFrame | None:
    """Shape the tests of the model: all buyers first, then the segments."""
    tested = table[table.of != "none"]
    ends = zip(tested.low, tested.high, strict=True)
    return tested.assign(
        buyers_of=["All buyers" if pd.isna(s) else terms.segment(s) for s in tested.segment],
        range=[f"{count(low)} to {count(high)}" for low, high in ends],
    )


def survival(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape how long customers subscribe: one row per segment, its mean time with the interval."""
    each = table.dropna(subset="segment").drop_duplicates("segment")
    ends = zip(each.lifetime_low, each.lifetime_high, strict=True)
    return each.assign(range=[f"{low:.1f} to {high:.1f}" for low, high in ends])
