"""Figures of the decision: shares, what sets one segment apart, the evaluation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from seglib.report.figures.theme import LINE, SOFT, axes, based_on, note, share_axis, wrapped
from seglib.report.words import share


def bars(
    values: pd.Series,
    colours: list[str],
    gate: float | None = None,
    gate_label: str = "",
    top: float | None = None,
    write: Callable[[float], str] = share,
) -> Axes:
    """Draw one horizontal bar per segment: a share, or its stability.

    Parameters
    ----------
    values
        From 0 to 1, indexed by name.
    colours
        One per bar.
    gate, gate_label
        A value that is asked for, and what to call it.
    top
        End of the axis.
    write
        How a value is written.
    """
    ax = axes(6.4, 0.7 + 0.42 * len(values))
    ax.barh(range(len(values)), values, color=colours, height=0.66)
    end = top or max(float(values.max()), gate or 0)
    for at, value in enumerate(values):
        ax.text(max(value, 0) + end * 0.015, at, write(value), va="center")
    if gate is not None:
        ax.axvline(gate, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
        ax.text(gate, len(values) - 0.35, f" {gate_label}", color=SOFT, fontsize=8, va="top")
    ax.set_yticks(range(len(values)), [wrapped(n, 40) for n in values.index])
    ax.set_xlim(0, end * 1.12)
    ax.set_ylim(len(values) - 0.2, -0.6)
    ax.set_xticks([])
    ax.spines[["bottom", "left"]].set_visible(False)
    return ax


def lollipops(rows: pd.DataFrame, tint: str) -> Axes:
    """Draw what sets one segment apart: label, distance and behind per row, the strongest first."""
    ax = axes(4.0, 0.25 + 0.27 * len(rows))
    based_on(ax, rows.behind)
    ax.hlines(range(len(rows)), 0, rows.distance, color=tint, linewidth=2.6)
    ax.plot(rows.distance, range(len(rows)), "o", color=tint, markersize=6)
    ax.axvline(0, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
    reach = max(1.5, float(rows.distance.abs().max())) * 1.1
    ax.set_xlim(-reach, reach)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), [wrapped(label, 26) for label in rows.label])
    ax.set_xticks([])
    ax.spines[["bottom", "left"]].set_visible(False)
    return ax


def evaluation(
    rows: pd.DataFrame, xlabel: str, percent: bool = True, line: tuple[float, float] | None = None
) -> Axes:
    """Draw the segments by attractiveness and by one more measure; area is share of customers.

    Parameters
    ----------
    rows
        One row per segment: name, attractiveness (0 to 1), measure, share, colour.
    xlabel
        What the measure is.
    percent
        Whether the measure is a share.
    line
        How much of the score the measure is, and a score: drawn where the segments would have it.
    """
    ax = axes(6.2, 3.9)
    if line is not None:
        part, score = line
        ends = np.array([-1.0, 2.0])
        ax.plot(
            ends, (score - part * ends) / (1 - part), color=SOFT, linewidth=1, linestyle=(0, (3, 3)), zorder=1
        )
    ax.scatter(
        rows.measure, rows.attractiveness, s=200 + 5200 * rows.share, c=rows.colour, alpha=0.85, linewidths=0
    )
    low, high = float(rows.measure.min()), float(rows.measure.max())
    pad = (high - low or 1) * 0.28
    low, high, pad = (0.0, 1.0, 0.14) if line is not None else (low, high, pad)
    ax.set(xlabel=f"{xlabel} →", ylabel="attractiveness →", ylim=(-0.14, 1.14), xlim=(low - pad, high + pad))
    _label_bubbles(ax, rows)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1.0])
    ax.xaxis.set_major_locator(MaxNLocator(5))
    if percent:
        share_axis(ax.xaxis)
    ax.grid(color=LINE, linewidth=0.8)
    ax.set_axisbelow(True)
    return ax


#: Points of an evaluation plot's axes, and of a letter and a line of its labels.
_WIDE, _HIGH, _LETTER, _LINE = 370, 225, 4.7, 11.5


def _label_bubbles(ax: Axes, rows: pd.DataFrame) -> None:
    """Write each name beside its bubble, where it covers neither another name nor a bubble."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    x = ((rows.measure - left) / (right - left) * _WIDE).to_numpy()
    y = ((rows.attractiveness - low) / (high - low) * _HIGH).to_numpy()
    radius = 0.5 * np.sqrt(200 + 5200 * rows.share.to_numpy())
    taken = [(px - r, px + r, py - r, py + r) for px, py, r in zip(x, y, radius, strict=True)]
    for at, name in enumerate(rows["name"]):
        text = wrapped(name, 24)
        lines = text.split("\n")
        width, height = _LETTER * max(map(len, lines)), _LINE * len(lines)
        spots = [
            (x[at] + radius[at] + 5, y[at], "left"),
            (x[at] - radius[at] - 5, y[at], "right"),
            (x[at], y[at] - radius[at] - 4 - height / 2, "center"),
            (x[at], y[at] + radius[at] + 4 + height / 2, "center"),
        ]
        boxes = [_box(px, py, width, height, align) for px, py, align in spots]
        others = [t for n, t in enumerate(taken) if n != at]
        best = min(range(4), key=lambda n: (_covered(boxes[n], others), n))
        taken.append(boxes[best])
        px, py, align = spots[best]
        point = rows.measure.iloc[at], rows.attractiveness.iloc[at]
        note(ax, text, point, (px - x[at], py - y[at]), fontsize=8.2, ha=align, va="center")


def _box(x: float, y: float, width: float, height: float, align: str) -> tuple[float, float, float, float]:
    start = {"left": x, "right": x - width, "center": x - width / 2}[align]
    return start, start + width, y - height / 2, y + height / 2


def _covered(
    box: tuple[float, float, float, float], others: list[tuple[float, float, float, float]]
) -> float:
    """Measure how much of a box lies on others, or outside the plot."""
    area = 0.0
    for o in others:
        area += max(0.0, min(box[1], o[1]) - max(box[0], o[0])) * max(
            0.0, min(box[3], o[3]) - max(box[2], o[2])
        )
    outside = max(0.0, -box[0]) + max(0.0, box[1] - _WIDE) + max(0.0, -box[2]) + max(0.0, box[3] - _HIGH)
    return area + 20 * outside
