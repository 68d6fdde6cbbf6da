"""Figures of the demand ahead, and of purchases at a discount."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from seglib.report.context import Context
from seglib.report.figures.theme import MUTE, SOFT, axes, based_on, beside, colour, grid, short_axis, wrapped
from seglib.report.layouts.demand import depth_of
from seglib.report.readings.demand import shown_demand, shown_response

_LETTERS = "JFMAMJJASOND"


def demand(table: pd.DataFrame, terms: Context) -> Axes | None:
    """Draw what each segment is expected to buy by month, a small figure per segment, each on its own scale."""
    rows = shown_demand(table[table.category.isna()], terms)
    if rows.empty:
        return None
    months = sorted(table.month.unique())
    at = {month: place for place, month in enumerate(months)}
    segments = sorted(rows.segment.unique())
    ordered = sorted(terms.names or segments)
    panels = grid(len(segments), min(3, len(segments)), 9.4, 1.9)
    for ax, segment in zip(panels, segments, strict=True):
        own, tint = rows[rows.segment == segment], colour(ordered.index(segment))
        place = own.month.map(at)
        ax.bar(place, own.expected, color=[tint if peak else MUTE for peak in own.peak], width=0.72)
        ax.vlines(place, own.low, own.high, color=SOFT, linewidth=1.2)
        ax.plot(place, own.last_year, "o", color=SOFT, markersize=3.2, markerfacecolor="white")
        ax.set(xticks=range(len(months)), xlim=(-0.7, len(months) - 0.3), ylim=(0, None))
        ax.set_xticklabels([_LETTERS[pd.Timestamp(m).month - 1] for m in months])
        ax.set_title(wrapped(terms.segment(segment), 34), fontsize=9)
        short_axis(ax.yaxis, 4)
        ax.tick_params(labelsize=8)
    based_on(panels[0], pd.concat([rows.customers, rows.customers_last]))
    return panels[0]


def price_response(table: pd.DataFrame, terms: Context) -> Axes | None:
    """Draw the ratio of purchases by the depth of the discount, segment by segment."""
    rows = shown_response(table, terms)
    if rows.empty:
        return None
    depths = list(rows.sort_values("deeper")[["deeper", "up_to"]].drop_duplicates().itertuples(index=False))
    ax = axes(7.0, 3.2)
    segments = sorted(rows.segment.dropna().unique())
    ordered = sorted(terms.names or segments)
    shift = np.linspace(-0.28, 0.28, len(segments) + 1)
    for off, segment in zip(shift, [*segments, np.nan], strict=True):
        own = rows[rows.segment.isna() if segment != segment else rows.segment == segment]
        place = np.array([depths.index((r.deeper, r.up_to)) for r in own.itertuples()]) + off
        tint = MUTE if segment != segment else colour(ordered.index(segment))
        name = "all customers" if segment != segment else terms.segment(segment)
        ax.vlines(place, own.low, own.high, color=tint, linewidth=1.4)
        ax.plot(place, own.ratio, "o", color=tint, markersize=5, label=wrapped(name, 30))
    ax.axhline(1, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
    ax.set(xticks=range(len(depths)), xlabel="discount", ylabel="times as many pieces", ylim=(0, None))
    ax.set_xticklabels([depth_of(*d) for d in depths])
    beside(ax, fontsize=8, labelspacing=0.9)
    based_on(ax, rows.customers)
    return ax
