"""Figures of segments: their stability, where they lie, and what sets them apart."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.colors import to_hex
from matplotlib.ticker import MaxNLocator

from seglib.explore.patterns import Layout
from seglib.privacy.disclosure import hidden
from seglib.report.context import Context
from seglib.report.figures.decision import bars
from seglib.report.figures.theme import (
    MUTE,
    SOFT,
    axes,
    based_on,
    beside,
    colour,
    grid,
    heatmap,
    sequential,
    wrapped,
)
from seglib.report.readings.segment import shown_segments
from seglib.report.words import jaccard
from seglib.segment.thresholds import STABLE


def _cells(points: pd.DataFrame, width: int = 34) -> pd.DataFrame:
    """Put points into the cells of a square grid over their middle 98 %."""
    made = points.copy()
    for axis in ("first", "second"):
        low, high = points[axis].quantile([0.01, 0.99])
        step = (high - low) / width or 1.0
        made[axis] = (np.floor((points[axis].clip(low, high) - low) / step)).clip(0, width - 1)
    return made


def density_map(
    points: pd.DataFrame, min_cell: int, groups: pd.Series | None = None, names: dict[int, str] | None = None
) -> Axes:
    """Draw where customers lie on two dimensions, by cells, never by single points.

    Parameters
    ----------
    points
        Columns first and second.
    min_cell
        Cells of fewer customers are not drawn, nor those that would give them away.
    groups
        The segment of each point; a cell takes the colour of the most frequent.
    names
        Of the segments, for the legend.
    """
    width = int(np.clip(np.sqrt(len(points) / (1.5 * min_cell)), 8, 34))
    cells = _cells(points, width)
    keys = [cells["first"], cells["second"]]
    ax = axes(7.4, 4.6)
    if groups is None:
        counts = cells.groupby(keys).size()
        counts = counts[~hidden(counts, min_cell)]
        weight = np.sqrt(counts / counts.max()) if len(counts) else counts
        tint = [to_hex(sequential()(0.15 + 0.85 * w)) for w in weight]
        first, second = (counts.index.get_level_values(n) for n in (0, 1))
        ax.scatter(first, second, c=tint, s=(230 / width) ** 2, marker="s", linewidths=0)
    else:
        grouped = groups.groupby(keys)
        counts = grouped.size()
        counts = counts[~hidden(counts, min_cell)]
        most = grouped.agg(lambda g: g.mode().iloc[0]).reindex(counts.index)
        for place, group in enumerate(sorted(groups.unique())):
            at = most.index[most == group]
            first, second = (at.get_level_values(n) for n in (0, 1))
            size = 40 + 130 * np.sqrt(counts[at] / counts.max()) if len(at) else 40
            label = wrapped((names or {}).get(group, str(group)), 30)
            ax.scatter(first, second, color=colour(place), s=size, linewidths=0, label=label)
        beside(ax, fontsize=8, labelspacing=0.9)
    based_on(ax, counts)
    ax.set(xlabel="first dimension", ylabel="second dimension", xticks=[], yticks=[])
    ax.set(xlim=(-1, width), ylim=(-1, width))
    return ax


def stability(own: pd.DataFrame, terms: Context) -> Axes | None:
    """Draw how stable each segment is; segments of too few customers are left out."""
    rows = shown_segments(own, terms).reset_index(drop=True)
    if rows.empty:
        return None
    values = rows.stability.set_axis([terms.segment(s) for s in rows.segment])
    ax = bars(values, [colour(int(s) - 1) for s in rows.segment], STABLE, "stable", 1.0, jaccard)
    based_on(ax, rows["size"])
    return ax


def segment_map(layout: Layout, segments: pd.DataFrame, terms: Context) -> Axes:
    """Draw where the segments lie on two dimensions."""
    names = {int(s): terms.segment(s) for s in segments.segment.unique()}
    return density_map(layout.points, terms.min_cell, segments.segment.loc[layout.points.index], names)


def rfm_rules(counts: pd.DataFrame, pairs: pd.DataFrame, terms: Context) -> Axes:
    """Draw the share of each segment's customers by RFM segment, of those cells that may be shown."""
    shares = counts.div(counts.sum(axis=1), axis=0).mask(hidden(counts, terms.min_cell, {"rows"}))
    ax = axes(8.4, 1.3 + 0.42 * len(shares))
    based_on(ax, counts.where(shares.notna()).to_numpy(dtype=float).ravel())
    shares.index = [wrapped(terms.segment(s), 34) for s in shares.index]
    shares.columns = [wrapped(c, 10) for c in shares.columns]
    heatmap(shares, ax, vmin=0, vmax=1, annot=True, fmt=".0%", annot_kws={"fontsize": 8}, cbar=False)
    ax.set(xlabel="RFM segment by the published rules", ylabel="")
    ax.tick_params(axis="x", labelsize=7.5)
    return ax


def profile(rows: pd.DataFrame, names: dict[int, str], most: int = 14) -> Axes:
    """Draw every segment's distances from all customers; only what stands out has colour.

    Parameters
    ----------
    rows
        One row per segment and feature: segment, label, distance, stands_out, behind.
    names
        Of the segments.
    most
        Features drawn at the most, those that tell segments apart best.
    """
    square = rows.pivot_table(index="label", columns="segment", values="distance", observed=True)
    order = square.abs().max(axis=1).sort_values(ascending=False).head(most).index
    square = square.loc[order]
    drawn = rows[rows.label.isin(order) & rows.distance.notna()]
    loud = rows.pivot_table(index="label", columns="segment", values="stands_out", aggfunc="any").loc[order]
    columns = min(3, len(square.columns))
    panels = grid(len(square.columns), columns, 9.4, 0.8 + 0.21 * len(square))
    reach = max(1.0, float(square.abs().max().max())) * 1.08
    for place, (ax, segment) in enumerate(zip(panels, square.columns, strict=True)):
        tints = [colour(place) if on else MUTE for on in loud[segment].fillna(False)]
        ax.barh(range(len(square)), square[segment].fillna(0), color=tints, height=0.7)
        ax.axvline(0, color=SOFT, linewidth=1)
        ax.set_title(wrapped(names[segment], 32), fontsize=9)
        shown = [wrapped(label, 30) for label in square.index] if place % columns == 0 else []
        ax.set_yticks(range(len(square)) if shown else [], shown, fontsize=7.8)
        ax.set_ylim(len(square) - 0.4, -0.6)
        ax.set_xlim(-reach, reach)
        ax.xaxis.set_major_locator(MaxNLocator(5))
        ax.spines["left"].set_visible(False)
    based_on(panels[0], drawn.behind)
    return panels[0]
