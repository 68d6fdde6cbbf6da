"""Figures of what segments need and answer to."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator, PercentFormatter

from seglib.report.figures.theme import MUTE, SOFT, colour, grid, stands_for, wrapped

_LETTERS = "JFMAMJJASOND"


def seasons(table: pd.DataFrame, names: dict[int, str]) -> Axes:
    """Draw in which months each segment orders; only months that stand out have colour.

    Parameters
    ----------
    table
        One row per segment and month: segment, month, share, overall, more, customers.
    names
        Of the segments.
    """
    segments = sorted(table.segment.unique())
    panels = grid(len(segments), min(3, len(segments)), 9.4, 1.75)
    top = 1.1 * float(table[["share", "overall"]].max().max())
    for place, (ax, segment) in enumerate(zip(panels, segments, strict=True)):
        rows = table[table.segment == segment].sort_values("month")
        ax.bar(
            rows.month,
            rows.share.fillna(0),
            color=[colour(place) if m else MUTE for m in rows.more],
            width=0.8,
        )
        ax.hlines(rows.overall, rows.month - 0.45, rows.month + 0.45, color=SOFT, linewidth=1.4)
        ax.set_title(wrapped(names[segment], 32), fontsize=9)
        ax.set_xticks(range(1, 13), _LETTERS, fontsize=8)
        ax.set(xlim=(0.4, 12.6), ylim=(0, top))
        ax.yaxis.set_major_locator(MaxNLocator(3))
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
        ax.tick_params(axis="y", labelsize=8)
    stands_for(panels[0], table.customers[table.share.notna()])
    return panels[0]
