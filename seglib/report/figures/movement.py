"""Figures of how segments move: value by month, retention by age."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

from seglib.report.figures.theme import axes, colour, grid, short_number, stands_for, wrapped


def monthly(table: pd.DataFrame, names: dict[int, str]) -> Axes:
    """Draw what each segment ordered by month, a small figure per segment, each on its own scale.

    Parameters
    ----------
    table
        One row per segment and month: month (date), customers, value; what is missing is a gap.
    names
        Of the segments; their order gives the colours.
    """
    shown = [s for s in sorted(names) if s in set(table.segment)]
    panels = grid(len(shown), min(3, len(shown)), 9.4, 1.75)
    for ax, segment in zip(panels, shown, strict=True):
        rows = table[table.segment == segment]
        tint = colour(sorted(names).index(segment))
        ax.plot(rows.month, rows.value, color=tint, linewidth=1.6)
        ax.fill_between(rows.month, rows.value.to_numpy(float), color=tint, alpha=0.15, linewidth=0)
        ax.set_title(wrapped(names[segment], 34), fontsize=9)
        ax.set_xlim(table.month.min(), table.month.max() if table.month.nunique() > 1 else None)
        ax.set_ylim(bottom=0)
        locator = AutoDateLocator(minticks=2, maxticks=5)
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
        ax.yaxis.set_major_locator(MaxNLocator(3))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda x, _: short_number(x)))
        ax.tick_params(labelsize=7.8)
    stands_for(panels[0], table.customers)
    return panels[0]


def retention(table: pd.DataFrame, names: dict[int, str]) -> Axes:
    """Draw the share of each segment that orders in every month after the first, with its interval.

    Parameters
    ----------
    table
        One row per segment and age: share, low, high, behind.
    names
        Of the segments; their order gives the colours.
    """
    ax = axes(7.0, 3.4)
    known = table.dropna(subset="share")
    for segment, rows in known.groupby("segment"):
        tint = colour(sorted(names).index(segment))
        whole = rows.set_index("age").reindex(range(1, int(known.age.max()) + 1))
        ax.plot(whole.index, whole.share, "o-", color=tint, markersize=3.5, label=wrapped(names[segment], 30))
        ax.fill_between(
            whole.index,
            whole.low.to_numpy(float),
            whole.high.to_numpy(float),
            color=tint,
            alpha=0.18,
            linewidth=0,
        )
    top = float(np.nanmax(known.high))
    ax.set(
        xlabel="months after that of the first order",
        ylabel="order in that month",
        ylim=(0, min(1.02, top * 1.1)),
    )
    ax.xaxis.set_major_locator(MaxNLocator(12, integer=True))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=8, labelspacing=0.9, frameon=False)
    stands_for(ax, known.behind)
    return ax
