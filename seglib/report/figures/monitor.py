"""Figures of segments over time: sizes, and the flow of customers between two runs."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch
from matplotlib.path import Path

from seglib.monitor.periods import VIEWS
from seglib.report.context import Context
from seglib.report.figures.theme import MUTE, SOFT, axes, based_on, colour, share_axis, short_axis, wrapped
from seglib.report.readings.monitor import shown_flows

#: Runs that are drawn.
_MOST_RUNS = 24


def path(table: pd.DataFrame, terms: Context) -> Axes | None:
    """Draw the share of customers in each segment over the runs, with intervals."""
    days = sorted(table.as_of.unique())[-_MOST_RUNS:]
    rows = table[table.as_of.isin(days) & (table.customers >= terms.min_cell)]
    if len(days) < 2 or rows.empty:
        return None
    ax = axes(8.6, 3.4)
    place = {day: i for i, day in enumerate(days)}
    ends = []
    for segment, own in rows.groupby("segment"):
        at, tint = own.as_of.map(place).to_numpy(), colour(int(segment) - 1)
        ax.plot(at, own.share, color=tint, linewidth=2, marker="o", markersize=4)
        ax.fill_between(at, own.low, own.high, color=tint, alpha=0.15, linewidth=0)
        ends.append((float(own.share.iloc[-1]), wrapped(terms.segment(segment), 44), tint))
    _beside(ax, ends, len(days), 0.05 * float(rows.high.max()))
    ax.set_xticks(range(len(days)), days, fontsize=8, rotation=30 if len(days) > 6 else 0)
    ax.set(xlim=(-0.05 * len(days), len(days) - 0.95), ylim=(0, None))
    share_axis(ax.yaxis)
    based_on(ax, rows.customers)
    return ax


def success(table: pd.DataFrame, terms: Context) -> Axes | None:
    """Draw revenue per customer and 30 days: the customers first assigned beside those of each run (dashed)."""
    rows = table[~terms.few(table.buyers)]
    days = sorted(rows.as_of.unique())[-_MOST_RUNS:]
    if len(days) < 2:
        return None
    place = {day: i for i, day in enumerate(days)}
    ax, ends = axes(8.6, 3.6), []
    for (view, segment), own in rows[rows.as_of.isin(days)].groupby(["view", "segment"]):
        fixed, tint = view == VIEWS[0], colour(int(segment) - 1)
        at, height = own.as_of.map(place), 30 * own.per_customer / own.days
        ax.plot(
            at,
            height,
            color=tint,
            linewidth=2 if fixed else 1,
            linestyle="-" if fixed else (0, (3, 2)),
            marker="o",
            markersize=4 if fixed else 2,
        )
        if fixed:
            ends.append((float(height.iloc[-1]), wrapped(terms.segment(segment), 44), tint))
    _beside(ax, ends, len(days), 0.05 * ax.get_ylim()[1])
    ax.set_xticks(range(len(days)), days, fontsize=8, rotation=30 if len(days) > 6 else 0)
    ax.set(xlim=(-0.05 * len(days), len(days) - 0.95), ylim=(0, None))
    short_axis(ax.yaxis)
    ax.set_ylabel(f"per customer and 30 days, {terms.currency or 'money'}")
    based_on(ax, rows.customers)
    return ax


def _beside(ax: Axes, ends: list[tuple[float, str, str]], days: int, line: float) -> None:
    """Write names beside the ends of lines, one below the other."""
    below = -1.0
    for height, text, tint in sorted(ends):
        half = line * (1 + text.count("\n")) / 2
        middle = max(height, below + half)
        below = middle + half
        ax.annotate(text, (days - 0.93, middle), fontsize=8, color=tint, va="center", annotation_clip=False)


def migration(table: pd.DataFrame, terms: Context) -> Axes | None:
    """Draw the flow of customers from the segments before to those now; those who stayed are grey."""
    rows = shown_flows(table, terms)
    rows = rows[rows.customers >= terms.min_cell].assign(
        source=lambda t: t.source.fillna(0).astype(int),
        destination=lambda t: t.destination.fillna(0).astype(int),
    )
    if rows.empty:
        return None
    ax = axes(8.6, 4.4)
    left, right = (_stacked(rows.groupby(side).customers.sum()) for side in ("source", "destination"))
    for side, at, stack in (("right", 0.0, left), ("left", 1.0, right)):
        for segment, (low, high) in stack.items():
            tint = MUTE if segment == 0 else colour(segment - 1)
            ax.fill_between([at - 0.012, at + 0.012], low, high, color=tint, linewidth=0)
            outside = "entered" if at == 0 else "left"
            text = outside if segment == 0 else wrapped(terms.segment(segment), 26)
            off = -0.025 if side == "right" else 0.025
            ax.text(at + off, (low + high) / 2, text, ha=side, va="center", fontsize=8)
    start = {s: low for s, (low, _) in left.items()}
    end = {s: low for s, (low, _) in right.items()}
    for r in rows.sort_values(["source", "destination"]).itertuples():
        stays = r.movement == "stayed"
        tint = MUTE if stays or r.source == 0 else colour(r.source - 1)
        _ribbon(ax, start[r.source], end[r.destination], r.customers, tint, 0.25 if stays else 0.6)
        start[r.source] += r.customers
        end[r.destination] += r.customers
    ax.set(xlim=(-0.45, 1.45), xticks=[0, 1], yticks=[])
    ax.set_xticklabels(["before", "now"], fontsize=9, color=SOFT)
    ax.invert_yaxis()
    for spine in ax.spines.values():
        spine.set_visible(False)
    based_on(ax, rows.customers)
    return ax


def _stacked(sizes: pd.Series) -> dict[int, tuple[float, float]]:
    """Stack segments one below the other, with gaps; those outside last."""
    sizes = sizes.reindex(sorted(sizes.index, key=lambda s: (s == 0, s)))
    gap = 0.02 * float(sizes.sum())
    tops = np.cumsum([0.0, *sizes.iloc[:-1] + gap])
    return {int(s): (float(top), float(top + n)) for (s, n), top in zip(sizes.items(), tops, strict=True)}


def _ribbon(ax: Axes, low: float, to: float, width: float, tint: str, alpha: float) -> None:
    a, b, mid = 0.012, 0.988, 0.5
    points = [
        (a, low),
        (mid, low),
        (mid, to),
        (b, to),
        (b, to + width),
        (mid, to + width),
        (mid, low + width),
        (a, low + width),
        (a, low),
    ]
    codes = [
        Path.MOVETO,
        Path.CURVE4,
        Path.CURVE4,
        Path.CURVE4,
        Path.LINETO,
        Path.CURVE4,
        Path.CURVE4,
        Path.CURVE4,
        Path.CLOSEPOLY,
    ]
    ax.add_patch(PathPatch(Path(points, codes), facecolor=tint, alpha=alpha, linewidth=0))
