"""Figures of the number of segments: what comes back, what splits off what, who agrees."""

from __future__ import annotations

import matplotlib as mpl
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.patches import PathPatch, Rectangle
from matplotlib.path import Path
from matplotlib.ticker import PercentFormatter

from seglib.report.figures.theme import (
    BLUE,
    CARD,
    INK,
    MUTE,
    SOFT,
    STYLE,
    axes,
    grid,
    sequential,
    stands_for,
    wrapped,
)

ORANGE = "#D55E00"
_PALE = "#8fbbdc"
#: Height between two segments, as a share of all customers.
_GAP = 0.03


def stability_by_k(candidates: pd.DataFrame, chosen: tuple[str, int], stable: float) -> Axes:
    """Draw how well the weakest segment comes back, and two resamples agree, by number of segments.

    Parameters
    ----------
    candidates
        One row per method and k, with weakest and agreement.
    chosen
        Method and number of segments.
    stable
        Recovery of a stable segment.
    """
    panels = grid(2, 2, 9.2, 3.1)
    for ax, measure, label in zip(
        panels,
        ("weakest", "agreement"),
        ("the weakest segment comes back", "two resamples agree (ARI)"),
        strict=True,
    ):
        for method, rows in candidates.groupby("method", sort=False):
            own = method == chosen[0]
            ax.plot(
                rows.k,
                rows[measure],
                "o-",
                color=BLUE if own else MUTE,
                zorder=3 if own else 2,
                markersize=4.5,
                label=method,
            )
        at = candidates[(candidates.method == chosen[0]) & (candidates.k == chosen[1])].iloc[0]
        ax.plot([at.k], [at[measure]], "o", color=ORANGE, markersize=8.5, zorder=4)
        ax.set(xlabel="number of segments", ylim=(0, 1.04), xticks=sorted(candidates.k.unique()))
        ax.set_title(label, fontsize=9)
        ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    panels[0].axhline(stable, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
    panels[0].annotate(
        "stable", (candidates.k.min(), stable), (0, 3), textcoords="offset points", fontsize=8, color=SOFT
    )
    _name_lines(panels[1], candidates, chosen[0])
    return panels[0]


def _name_lines(ax: Axes, candidates: pd.DataFrame, chosen: str) -> None:
    """Name each line at its end, far enough from the next to be read."""
    ends = candidates.loc[candidates.groupby("method", sort=False).k.idxmax()].sort_values("agreement")
    at = -np.inf
    for row in ends.itertuples():
        at = max(row.agreement, at + 0.09)
        ax.annotate(
            row.method,
            (row.k, at),
            (7, 0),
            textcoords="offset points",
            va="center",
            fontsize=8.5,
            color=BLUE if row.method == chosen else SOFT,
            annotation_clip=False,
        )
    ax.set_xlim(candidates.k.min() - 0.3, candidates.k.max() + 2.4)


def _certainty(recovery: float, stable: float, trusted: float) -> str:
    return BLUE if recovery >= stable else _PALE if recovery >= trusted else MUTE


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


def flow(streams: pd.DataFrame, chosen: int, stable: float, trusted: float) -> Axes:
    """Draw which segment splits off which as their number grows, coloured by how surely it comes back.

    Parameters
    ----------
    streams
        One row per stream: k, source, part, customers, whole, recovery.
    chosen
        The number of segments chosen.
    stable, trusted
        Recovery of a stable segment, and of one that can be trusted at all.
    """
    ax = axes(9.0, 4.0)
    places = _places(streams)
    left = dict.fromkeys(places, 0.0)
    total = _total(streams)
    come = dict.fromkeys(places, 0.0)
    followed = [r for r in streams.itertuples() if (r.k - 1, r.source) in places]
    followed.sort(key=lambda r: (r.k, places[r.k - 1, r.source], places[r.k, r.part]))
    for row in followed:
        height = row.customers / total
        begin = places[row.k - 1, row.source][0] + left[row.k - 1, row.source]
        left[row.k - 1, row.source] += height
        end = places[row.k, row.part][0] + come[row.k, row.part]
        come[row.k, row.part] += height
        ax.add_patch(
            _stream(
                row.k - 1 + 0.06, row.k - 0.06, begin, end, height, _certainty(row.recovery, stable, trusted)
            )
        )
    recovery = streams.groupby(["k", "part"]).recovery.first()
    for (k, part), (bottom, height) in places.items():
        ax.add_patch(
            Rectangle(
                (k - 0.06, bottom),
                0.12,
                height,
                linewidth=0,
                color=_certainty(recovery[k, part], stable, trusted),
            )
        )
    ks = sorted(streams.k.unique())
    low, high = min(b for b, _ in places.values()), max(b + h for b, h in places.values())
    ax.add_patch(
        Rectangle(
            (chosen - 0.13, low - 0.025), 0.26, high - low + 0.05, fill=False, edgecolor=ORANGE, linewidth=1.5
        )
    )
    ax.set(
        xlim=(ks[0] - 0.3, ks[-1] + 0.3),
        ylim=(low - 0.06, high + 0.06),
        xticks=ks,
        yticks=[],
        xlabel="number of segments",
    )
    ax.spines["left"].set_visible(False)
    stands_for(ax, pd.concat([streams.customers, streams.whole]))
    words = (("comes back", BLUE), ("partly", _PALE), ("does not", MUTE))
    ax.legend(
        [Rectangle((0, 0), 1, 1, color=tint) for _, tint in words],
        [word for word, _ in words],
        loc="lower center",
        bbox_to_anchor=(0.5, 1.0),
        ncols=3,
        fontsize=8.5,
        frameon=False,
    )
    return ax


def _stream(x0: float, x1: float, y0: float, y1: float, height: float, tint: str) -> PathPatch:
    middle = (x0 + x1) / 2
    path = Path(
        [
            (x0, y0),
            (middle, y0),
            (middle, y1),
            (x1, y1),
            (x1, y1 + height),
            (middle, y1 + height),
            (middle, y0 + height),
            (x0, y0 + height),
            (x0, y0),
        ],
        [
            Path.MOVETO,
            Path.CURVE4,
            Path.CURVE4,
            Path.CURVE4,
            Path.LINETO,
            Path.CURVE4,
            Path.CURVE4,
            Path.CURVE4,
            Path.CLOSEPOLY,
        ],
    )
    return PathPatch(path, facecolor=tint, alpha=0.38, linewidth=0)


def agreement(pairs: pd.DataFrame) -> Axes:
    """Draw how far every two opinions agree.

    Parameters
    ----------
    pairs
        One row per pair: one, other, agreement; the first `one` is the method chosen.
    """
    names = list(dict.fromkeys([*pairs.one, *pairs.other]))
    square = pd.DataFrame(np.nan, index=names[1:], columns=names[:-1])
    for row in pairs.itertuples():
        square.loc[row.other, row.one] = row.agreement
    ax = axes(2.6 + 0.85 * len(names), 1.2 + 0.42 * len(names))
    square.index = [wrapped(name, 22) for name in square.index]
    square.columns = [wrapped(name, 11) for name in square.columns]
    with mpl.rc_context(STYLE):
        sns.heatmap(
            square,
            ax=ax,
            cmap=sequential(),
            vmin=0,
            vmax=1,
            annot=True,
            fmt=".2f",
            cbar=False,
            annot_kws={"fontsize": 8.5},
            linewidths=1,
            linecolor=CARD,
        )
    ax.tick_params(axis="y", rotation=0, labelsize=8.5)
    ax.tick_params(axis="x", rotation=0, labelsize=8)
    ax.get_xticklabels()[0].set_color(INK)
    return ax
