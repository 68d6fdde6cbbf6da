"""Figures of how segments move: value by month, retention by age."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.dates import AutoDateLocator, ConciseDateFormatter
from matplotlib.ticker import MaxNLocator

from seglib.privacy.disclosure import bounded
from seglib.report.context import Context
from seglib.report.figures.theme import (
    axes,
    based_on,
    beside,
    colour,
    grid,
    share_axis,
    short_axis,
    wrapped,
)
from seglib.report.readings.movement import fewest, shown_sales, too_few


def _tint(segment: int, segments: pd.Series, terms: Context) -> str:
    """Return the colour of a segment, the same in all figures of a page."""
    return colour(sorted(terms.names or segments.unique()).index(segment))


def monthly(table: pd.DataFrame, terms: Context) -> Axes:
    """Draw what each segment ordered by month, a small figure per segment, each on its own scale."""
    table = shown_sales(table, terms)
    segments = sorted(table.segment.unique())
    panels = grid(len(segments), min(3, len(segments)), 9.4, 1.75)
    for ax, segment in zip(panels, segments, strict=True):
        rows, tint = table[table.segment == segment], _tint(segment, table.segment, terms)
        ax.plot(rows.month, rows.value, color=tint, linewidth=1.6)
        ax.fill_between(rows.month, rows.value.to_numpy(float), color=tint, alpha=0.15, linewidth=0)
        ax.set_title(wrapped(terms.segment(segment), 34), fontsize=9)
        ax.set_xlim(table.month.min(), table.month.max() if table.month.nunique() > 1 else None)
        ax.set_ylim(bottom=0)
        locator = AutoDateLocator(minticks=2, maxticks=5)
        ax.xaxis.set_major_locator(locator)
        ax.xaxis.set_major_formatter(ConciseDateFormatter(locator, show_offset=False))
        short_axis(ax.yaxis, 3)
        ax.tick_params(labelsize=7.8)
    based_on(panels[0], table.customers)
    return panels[0]


def retention(table: pd.DataFrame, terms: Context) -> Axes | None:
    """Draw the share of each segment that orders in every month after the first, with its interval.

    A share that would reveal few customers is drawn at the nearest that does not, without an interval.
    """
    behind = fewest(table["share"], table.customers)
    few = too_few(behind, terms)
    known = table.assign(
        share=bounded(table["share"], table.customers, terms.min_cell),
        low=table.low.mask(few),
        high=table.high.mask(few),
        behind=behind.mask(few, terms.min_cell),
    )[~too_few(table.customers, terms)].dropna(subset="share")
    if known.empty:
        return None
    ax = axes(7.0, 3.4)
    for segment, rows in known.groupby("segment"):
        tint = _tint(segment, table.segment, terms)
        whole = rows.set_index("age").reindex(range(1, int(known.age.max()) + 1))
        label = wrapped(terms.segment(segment), 30)
        ax.plot(whole.index, whole["share"], "o-", color=tint, markersize=3.5, label=label)
        low, high = whole.low.to_numpy(float), whole.high.to_numpy(float)
        ax.fill_between(whole.index, low, high, color=tint, alpha=0.18, linewidth=0)
    top = float(np.nanmax(known[["share", "high"]].to_numpy(float)))
    ax.set(
        xlabel="months after the first order", ylabel="order in that month", ylim=(0, min(1.02, top * 1.1))
    )
    ax.xaxis.set_major_locator(MaxNLocator(12, integer=True))
    share_axis(ax.yaxis)
    beside(ax, fontsize=8, labelspacing=0.9)
    based_on(ax, known.behind)
    return ax
