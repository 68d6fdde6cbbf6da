"""Figures of what segments need and respond to."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from seglib.report.context import Context
from seglib.report.figures.theme import MUTE, SOFT, based_on, colour, grid, share_axis, wrapped
from seglib.report.readings.offers import shown_months

_LETTERS = "JFMAMJJASOND"


def seasons(table: pd.DataFrame, terms: Context) -> Axes:
    """Draw in which months each segment orders; only months that stand out have colour."""
    table = shown_months(table, terms)
    segments = sorted(table.segment.unique())
    panels = grid(len(segments), min(3, len(segments)), 9.4, 1.75)
    top = 1.1 * float(table[["share", "overall"]].max().max())
    for place, (ax, segment) in enumerate(zip(panels, segments, strict=True)):
        rows = table[table.segment == segment].sort_values("month")
        colours = [colour(place) if more else MUTE for more in rows.more]
        ax.bar(rows.month, rows.share.fillna(0), color=colours, width=0.8)
        ax.hlines(rows.overall, rows.month - 0.45, rows.month + 0.45, color=SOFT, linewidth=1.4)
        ax.set_title(wrapped(terms.segment(segment), 32), fontsize=9)
        ax.set_xticks(range(1, 13), _LETTERS, fontsize=8)
        ax.set(xlim=(0.4, 12.6), ylim=(0, top))
        ax.yaxis.set_major_locator(MaxNLocator(3))
        share_axis(ax.yaxis)
        ax.tick_params(axis="y", labelsize=8)
    based_on(panels[0], table.behind[table.share.notna()])
    return panels[0]
