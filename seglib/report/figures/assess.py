"""Figures of page 04: what sets segments apart, and how large they are."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from seglib.report.context import Context
from seglib.report.figures.decision import bars
from seglib.report.figures.segments import profile
from seglib.report.figures.theme import based_on, colour
from seglib.report.profiles import published
from seglib.report.readings.assess import share_of


def what_sets_apart(profiles: pd.DataFrame, terms: Context) -> Axes | None:
    """Draw every segment's distances from all customers, of the features that formed it."""
    rows = published(profiles, terms.min_cell)
    rows = rows[rows.segmentation]
    if not rows.distance.notna().any():
        return None
    names = {segment: terms.segment(segment) for segment in rows.segment.unique()}
    return profile(rows, names)


def value_bars(table: pd.DataFrame, terms: Context) -> Axes | None:
    """Draw each segment's share of value; of customers where no share of value is known."""
    colours = [colour(place) for place in range(len(table))]
    kept = ~terms.few(table.customers)
    shown = table[kept]
    if shown.empty:
        return None
    shares = shown[share_of(table)].set_axis([terms.segment(s) for s in shown.segment])
    ax = bars(shares, [tint for tint, on in zip(colours, kept, strict=True) if on])
    based_on(ax, shown.customers)
    return ax
