"""Figures of the decision: shares, what sets one segment apart, the evaluation."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from seglib.report.figures.theme import LINE, SOFT, axes, based_on, note, wrapped
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


def evaluation(rows: pd.DataFrame, ylabel: str, write: Callable[[float], str], zero: str) -> Axes:
    """Draw what decides over the customers of each segment: a point with its 95 % interval.

    Parameters
    ----------
    rows
        One row per segment: name, customers, measure, low, high (missing where there is no interval), colour.
    ylabel
        What the measure is.
    write
        How a value of it is written.
    zero
        What the line at 0 is.
    """
    ax = axes(6.2, 3.9)
    ax.axhline(0, color=SOFT, linewidth=1, linestyle=(0, (3, 3)), zorder=1)
    for r in rows[rows.low.notna()].itertuples():
        ax.plot(
            [r.customers] * 2,
            [r.low, r.high],
            color=r.colour,
            linewidth=2.4,
            solid_capstyle="round",
            zorder=2,
        )
    ax.scatter(rows.customers, rows.measure, s=_DOT, c=rows.colour, linewidths=0, zorder=3)
    ends = pd.concat([rows.measure, rows.low, rows.high, pd.Series([0.0])]).dropna()
    pad = (float(ends.max() - ends.min()) or 1.0) * 0.12
    most = float(rows.customers.max())
    ax.set(xlim=(-0.08 * most, 1.3 * most), ylim=(float(ends.min()) - pad, float(ends.max()) + pad))
    ax.set(xlabel="customers in the segment →", ylabel=f"{ylabel} →")
    ax.text(-0.07 * most, 0, zero, color=SOFT, fontsize=8, va="bottom", ha="left")
    _label_points(ax, rows)
    ax.xaxis.set_major_locator(MaxNLocator(5))
    ax.yaxis.set_major_locator(MaxNLocator(5))
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}" if x >= 0 else ""))
    ax.yaxis.set_major_formatter(FuncFormatter(lambda y, _: write(y)))
    ax.grid(color=LINE, linewidth=0.8)
    ax.set_axisbelow(True)
    return ax


#: Area of a segment's point.
_DOT = 90
#: Points of an evaluation plot's axes, and of a letter and a line of its labels.
_WIDE, _HIGH, _LETTER, _LINE = 370, 225, 4.7, 11.5


def _label_points(ax: Axes, rows: pd.DataFrame) -> None:
    """Write each name beside its point, where it covers neither another name nor a point."""
    (left, right), (low, high) = ax.get_xlim(), ax.get_ylim()
    x = ((rows.customers - left) / (right - left) * _WIDE).to_numpy()
    y = ((rows.measure - low) / (high - low) * _HIGH).to_numpy()
    radius = np.full(len(rows), 0.5 * np.sqrt(_DOT))
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
        point = rows.customers.iloc[at], rows.measure.iloc[at]
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
