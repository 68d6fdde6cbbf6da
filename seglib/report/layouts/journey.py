"""The journey, shaped for a reader."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.assess.thresholds import NOTEWORTHY
from seglib.report.context import Context
from seglib.report.readings.journey import shown_steps
from seglib.report.words import named, points, quoted, share

#: Pairs of events that are named of a segment, either way.
_MOST = 2


def steps(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write each step of each segment beside all customers, step by step."""
    rows = shown_steps(table, terms)
    rows = rows[rows.segment.notna()].sort_values(["place", "segment"])
    return rows.assign(
        shown=[terms.segment(s) for s in rows.segment],
        text=[f"{share(r.share)} ({share(r.low)} to {share(r.high)})" for r in rows.itertuples()],
        apart=[_apart(r.difference, r.difference_low, r.difference_high) for r in rows.itertuples()],
    )


def _apart(difference: float, low: float, high: float) -> str | None:
    return f"{points(difference)} ({points(low)} to {points(high)})" if difference == difference else None


def transitions(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """List what follows which event more and less often in a segment than of all customers."""
    usual = table[table.segment.isna()].set_index(["kind", "following"]).share
    rows = table[table.differs & (table.difference.abs() >= NOTEWORTHY)]
    left = (rows.customers - rows.moved).astype(float)
    rows = rows.assign(
        least=np.minimum(rows.moved.where(rows.moved > 0, np.inf), left.where(left > 0, np.inf))
    )
    rows = rows[rows.least >= terms.min_cell].sort_values("difference", key=lambda d: -d.abs(), kind="stable")
    made = []
    for segment, own in rows.groupby("segment"):
        sides = {"more": own[own.difference > 0].head(_MOST), "less": own[own.difference < 0].head(_MOST)}
        texts = {
            name: "; ".join(
                f"{named(r.following)} after {quoted(r.kind)} ({share(r.share)}; {share(usual[r.kind, r.following])})"
                for r in side.itertuples()
            )
            for name, side in sides.items()
        }
        least = min(float(side.least.min()) for side in sides.values() if len(side))
        made.append({"segment": segment, "least": least} | {n: t or None for n, t in texts.items()})
    return pd.DataFrame(made, columns=["segment", "more", "less", "least"])
