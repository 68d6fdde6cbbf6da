"""Figures of the number of segments: how stable each is, which splits off which, which methods agree."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path

from seglib.report.context import Context
from seglib.report.figures.theme import (
    BLUE,
    INK,
    MUTE,
    SOFT,
    above,
    axes,
    based_on,
    grid,
    heatmap,
    note,
    wrapped,
)
from seglib.report.readings.segment import shown_streams
from seglib.segment.thresholds import STABLE, TRUSTED

ORANGE = "#D55E00"
_PALE = "#8fbbdc"
#: Height between two segments, as a share of all customers.
_GAP = 0.03


def stability_by_k(candidates: pd.DataFrame, terms: Context) -> Axes:
    """Draw the stability of the least stable segment, and the agreement of resamples, by number of segments."""
    chosen = candidates[candidates.chosen].iloc[0]
    panels = grid(2, 2, 9.2, 3.1)
    labels = {
        "weakest": "stability (Jaccard) of the least stable segment",
        "agreement": "agreement (ARI) of two samples",
    }
    for ax, (measure, label) in zip(panels, labels.items(), strict=True):
        for method, rows in candidates.groupby("method", sort=False):
            own = method == chosen.method
            tint, front = (BLUE, 3) if own else (MUTE, 2)
            ax.plot(rows.k, rows[measure], "o-", color=tint, zorder=front, markersize=4.5)
        ax.plot([chosen.k], [chosen[measure]], "o", color=ORANGE, markersize=8.5, zorder=4)
        ax.set(xlabel="number of segments", ylim=(0, 1.04), xticks=sorted(candidates.k.unique()))
        ax.set_title(label, fontsize=9)
    panels[0].axhline(STABLE, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
    note(panels[0], "stable", (candidates.k.min(), STABLE), (0, 3), fontsize=8, color=SOFT)
    _name_lines(panels[1], candidates, chosen.method)
    return panels[0]


def _name_lines(ax: Axes, candidates: pd.DataFrame, chosen: str) -> None:
    """Name each line at its end, far enough from the next to be read."""
    ends = candidates.loc[candidates.groupby("method", sort=False).k.idxmax()].sort_values("agreement")
    at = -np.inf
    for method, k, agreement in zip(ends.method, ends.k, ends.agreement, strict=True):
        at = max(agreement, at + 0.09)
        tint = BLUE if method == chosen else SOFT
        note(ax, method, (k, at), (7, 0), va="center", fontsize=8.5, color=tint, annotation_clip=False)
    ax.set_xlim(candidates.k.min() - 0.3, candidates.k.max() + 2.4)


def _tint(stability: float) -> str:
    return BLUE if stability >= STABLE else _PALE if stability >= TRUSTED else MUTE


def _total(flow: pd.DataFrame) -> float:
    """Count the customers of the number of segments of which most may be shown."""
    return float(flow.drop_duplicates(["k", "part"]).groupby("k").whole.sum().max())


def _places(flow: pd.DataFrame) -> dict[tuple[int, int], tuple[float, float]]:
    """Stack the segments of each k, in the order of those that they come from: bottom and height."""
    total = _total(flow)
    places: dict[tuple[int, int], tuple[float, float]] = {}
    for k, streams in flow.groupby("k"):
        middle = {
            part: np.average(
                [sum(places.get((k - 1, s), (part, 0))) for s in rows.source],
                weights=rows.customers.fillna(1),
            )
            for part, rows in streams.groupby("part")
        }
        heights = streams.groupby("part").whole.first() / total
        bottom = -_GAP * (len(middle) - 1) / 2
        for part in sorted(middle, key=lambda p: (middle[p], p)):
            places[k, part] = (bottom, heights[part])
            bottom += heights[part] + _GAP
    return places


def flow(streams: pd.DataFrame, candidates: pd.DataFrame, terms: Context) -> Axes | None:
    """Draw which segment splits off which as their number grows, coloured by stability.

    Parameters
    ----------
    streams
        The table `flow`; streams of too few customers are not drawn, and all others are rounded.
    candidates
        The table `candidates`, which says what was chosen.
    """
    streams = shown_streams(streams, terms.min_cell)
    if streams.k.nunique() < 2:
        return None
    ax = axes(9.0, 4.0)
    places = _places(streams)
    _draw_streams(ax, streams, places)
    tints = streams.groupby(["k", "part"]).stability.first().map(_tint)
    for (k, part), (bottom, height) in places.items():
        ax.add_patch(Rectangle((k - 0.06, bottom), 0.12, height, linewidth=0, color=tints[k, part]))
    low, high = min(b for b, _ in places.values()), max(b + h for b, h in places.values())
    chosen = int(candidates[candidates.chosen].k.iloc[0])
    frame = (chosen - 0.13, low - 0.025), 0.26, high - low + 0.05
    ax.add_patch(Rectangle(*frame, fill=False, edgecolor=ORANGE, linewidth=1.5))
    ks = sorted(streams.k.unique())
    ax.set(xlim=(ks[0] - 0.3, ks[-1] + 0.3), xticks=ks, xlabel="number of segments")
    ax.set(ylim=(low - 0.06, high + 0.06), yticks=[])
    ax.spines["left"].set_visible(False)
    based_on(ax, pd.concat([streams.customers, streams.whole]))
    words = {
        f"stable ({STABLE} or more)": BLUE,
        f"less stable ({TRUSTED} to {STABLE})": _PALE,
        "not stable": MUTE,
    }
    above(ax, 3, [Rectangle((0, 0), 1, 1, color=tint) for tint in words.values()], list(words))
    return ax


def _draw_streams(
    ax: Axes, streams: pd.DataFrame, places: dict[tuple[int, int], tuple[float, float]]
) -> None:
    """Draw every stream from where its segment before ends to where its own begins."""
    total, left, come = _total(streams), dict.fromkeys(places, 0.0), dict.fromkeys(places, 0.0)
    followed = [r for r in streams.to_dict("records") if (r["k"] - 1, r["source"]) in places]
    followed.sort(key=lambda r: (r["k"], places[r["k"] - 1, r["source"]], places[r["k"], r["part"]]))
    for row in followed:
        before, after = (row["k"] - 1, row["source"]), (row["k"], row["part"])
        height = row["customers"] / total
        begin, end = places[before][0] + left[before], places[after][0] + come[after]
        left[before] += height
        come[after] += height
        ax.add_patch(
            _stream((row["k"] - 0.94, begin), (row["k"] - 0.06, end), height, _tint(row["stability"]))
        )


def _stream(start: tuple[float, float], end: tuple[float, float], height: float, tint: str) -> PathPatch:
    (x0, y0), (x1, y1) = start, end
    middle = (x0 + x1) / 2
    upper = [(x1, y1 + height), (middle, y1 + height), (middle, y0 + height), (x0, y0 + height)]
    path = Path(
        [start, (middle, y0), (middle, y1), end, *upper, start],
        [Path.MOVETO, *[Path.CURVE4] * 3, Path.LINETO, *[Path.CURVE4] * 3, Path.CLOSEPOLY],
    )
    return PathPatch(path, facecolor=tint, alpha=0.38, linewidth=0)


def agreement(pairs: pd.DataFrame, disputed: pd.DataFrame, terms: Context) -> Axes:
    """Draw how far every two opinions agree; the first is the method chosen."""
    names = list(dict.fromkeys([*pairs.one, *pairs.other]))
    square = pd.DataFrame(np.nan, index=names[1:], columns=names[:-1])
    for one, other, value in zip(pairs.one, pairs.other, pairs.agreement, strict=True):
        square.loc[other, one] = round(value, 2) + 0.0  # no negative zero
    ax = axes(2.6 + 0.85 * len(names), 1.2 + 0.42 * len(names))
    square.index = [wrapped(name, 22) for name in square.index]
    square.columns = [wrapped(name, 11) for name in square.columns]
    heatmap(square, ax, 8.5, vmin=0, vmax=1, annot=True, fmt=".2f", cbar=False, annot_kws={"fontsize": 8.5})
    ax.tick_params(axis="x", labelsize=8)
    ax.get_xticklabels()[0].set_color(INK)
    return ax
