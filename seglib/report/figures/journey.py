"""Figures of the journey: how far each segment comes in the funnel."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes

from seglib.report.context import Context
from seglib.report.figures.theme import SOFT, based_on, colour, grid, share_axis, wrapped
from seglib.report.readings.journey import shown_reach


def funnel(table: pd.DataFrame, terms: Context) -> Axes:
    """Draw which share of each segment reaches every step, beside all customers, a small figure per segment."""
    rows = shown_reach(table, terms)
    own, everyone = rows[rows.segment.notna()], rows[rows.segment.isna()].set_index("place").reach
    segments = sorted(own.segment.unique())
    panels = grid(len(segments), min(3, len(segments)), 9.4, 0.7 + 0.32 * len(everyone))
    ordered = sorted(terms.names or segments)
    for at, (ax, segment) in enumerate(zip(panels, segments, strict=True)):
        part = own[own.segment == segment]
        ax.barh(part.place, part.reach.fillna(0), color=colour(ordered.index(segment)), height=0.62)
        ax.vlines(everyone[part.place], part.place - 0.36, part.place + 0.36, color=SOFT, linewidth=1.6)
        ax.set_yticks(part.place, [wrapped(s, 14) for s in part.step] if at % 3 == 0 else [""] * len(part))
        ax.set(xlim=(0, 1.02), ylim=(len(part) + 0.6, 0.4), xticks=np.linspace(0, 1, 3))
        share_axis(ax.xaxis)
        ax.set_title(wrapped(terms.segment(segment), 34), fontsize=9)
        ax.tick_params(labelsize=8)
    based_on(panels[0], rows.least)
    return panels[0]
