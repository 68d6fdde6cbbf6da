"""Figures: tables in, Axes out."""

from __future__ import annotations

import textwrap

import matplotlib as mpl
import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.colors import LinearSegmentedColormap, to_hex
from matplotlib.ticker import FuncFormatter, MaxNLocator, PercentFormatter

#: Colours that a page replaces by its own, light or dark.
INK, SOFT, LINE, MUTE, CARD = "#1d1d1b", "#5c5a54", "#dddad2", "#b4b1a8", "#ffffff"
#: Okabe and Ito's palette, told apart by colour-blind readers; black is left out.
PALETTE = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#8c6d31", "#7570b3",
           "#66a61e", "#a6761d")  # fmt: skip
GOOD, BAD, BLUE = "#00735a", "#b3261e", "#0072B2"

_STYLE = {
    "svg.fonttype": "none", "svg.hashsalt": "seglib", "font.family": "DejaVu Sans", "font.size": 9.5,
    "text.color": INK, "axes.labelcolor": SOFT, "axes.edgecolor": LINE, "xtick.color": SOFT,
    "ytick.color": INK, "axes.spines.top": False, "axes.spines.right": False, "axes.grid": False,
    "figure.facecolor": "none", "axes.facecolor": "none", "axes.titlelocation": "left",
    "axes.titlesize": 10, "axes.titleweight": "bold", "axes.titlecolor": INK,
    "figure.constrained_layout.use": True, "legend.frameon": False, "lines.linewidth": 2,
    "axes.unicode_minus": True, "axes.formatter.useoffset": False,
}  # fmt: skip


def colour(place: int) -> str:
    """Give the colour of the n-th segment, from 0; after the palette's end it turns grey."""
    return PALETTE[place] if place < len(PALETTE) else MUTE


def wrapped(text: str, width: int = 28) -> str:
    """Break a label into lines, and keep matplotlib from reading dollars as formulas."""
    return "\n".join(textwrap.wrap(str(text).replace("$", r"\$"), width)) or " "


def short_number(x: float) -> str:
    """Write a number for an axis.

    Examples
    --------
    >>> [short_number(v) for v in (0, 950, 12_500, 3_200_000, 0.25)]
    ['0', '950', '12.5k', '3.2m', '0.25']
    """
    for size, letter in ((1e9, "bn"), (1e6, "m"), (1e3, "k")):
        if abs(x) >= size:
            return f"{x / size:.3g}{letter}"
    return f"{x:.3g}"


def _axes(width: float = 7.4, height: float = 3.2) -> Axes:
    with mpl.rc_context(_STYLE):
        _, ax = plt.subplots(figsize=(width, height))
    ax.tick_params(length=0)
    return ax


def _grid(n: int, columns: int, width: float, height: float) -> np.ndarray:
    rows = int(np.ceil(n / columns))
    with mpl.rc_context(_STYLE):
        _, axes = plt.subplots(rows, columns, figsize=(width, height * rows), squeeze=False)
    for ax in axes.flat:
        ax.tick_params(length=0)
    for ax in axes.flat[n:]:
        ax.set_visible(False)
    return axes.flat[:n]


def _sequential() -> LinearSegmentedColormap:
    return LinearSegmentedColormap.from_list("seglib", ["#dbe9f4", "#6aa5cf", BLUE, "#003f66"])


def waterfall(ledger: pd.DataFrame) -> Axes:
    """Draw what is left of the rows after each rule.

    Parameters
    ----------
    ledger
        One row per rule of one source.
    """
    rules = ledger[(ledger.dropped + ledger.set_aside) > 0]
    ax = _axes(height=0.9 + 0.34 * (len(rules) + 2))
    start, end = int(ledger.rows_in.iloc[0]), int(ledger.rows_out.iloc[-1])
    ax.barh(0, start, color=MUTE)
    for at, row in enumerate(rules.itertuples(), 1):
        lost = row.dropped + row.set_aside
        ax.barh(at, lost, left=row.rows_in - lost, color="#D55E00" if row.dropped else "#E69F00")
        ax.text(row.rows_in - lost - start * 0.01, at, f"−{lost:,}", ha="right", va="center", color=SOFT)
    ax.barh(len(rules) + 1, end, color=BLUE)
    ax.text(start * 1.01, 0, f"{start:,}", va="center")
    ax.text(end + start * 0.01, len(rules) + 1, f"{end:,}", va="center")
    ax.set_yticks(range(len(rules) + 2), ["rows read", *rules.rule, "rows kept"])
    ax.invert_yaxis()
    ax.set_xlim(0, start * 1.14)
    ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: short_number(x)))
    ax.spines["left"].set_visible(False)
    return ax


def distributions(features: pd.DataFrame, labels: dict[str, str], min_cell: int = 1) -> Axes:
    """Draw how each feature is distributed, between its 1st and 99th percentile.

    Parameters
    ----------
    features
        One row per customer; numbers become histograms, texts bars.
    labels
        Plain words per feature.
    min_cell
        Bars of fewer customers are not drawn.
    """
    axes = _grid(len(features.columns), 3, 9.2, 1.75)
    for ax, name in zip(axes, features.columns, strict=True):
        values = features[name].dropna()
        if pd.api.types.is_numeric_dtype(values) and values.nunique() > 10:
            low, high = values.quantile([0.01, 0.99])
            counts, edges = np.histogram(values.clip(low, high), bins=24)
            counts = np.where(counts < min_cell, 0, counts)
            ax.bar(edges[:-1], counts, np.diff(edges), align="edge", color=BLUE)
            ax.xaxis.set_major_locator(MaxNLocator(4))
            ax.xaxis.set_major_formatter(FuncFormatter(lambda x, _: short_number(x)))
        else:
            counts = values.value_counts().head(8)
            counts = counts[counts >= min_cell].sort_index()
            shown = [wrapped(f"{v:g}" if isinstance(v, float) else v, 16) for v in counts.index]
            ax.bar(range(len(counts)), counts, color=BLUE)
            ax.set_xticks(range(len(counts)), shown, rotation=35 if max(map(len, shown), default=0) > 4 else 0,
                          ha="right" if max(map(len, shown), default=0) > 4 else "center", fontsize=7.5)  # fmt: skip
        ax.yaxis.set_major_locator(MaxNLocator(3))
        ax.yaxis.set_major_formatter(FuncFormatter(lambda x, _: short_number(x)))
        ax.set_title(wrapped(labels.get(name, name), 34), fontsize=9)
    return axes[0]


def associations(table: pd.DataFrame, labels: dict[str, str]) -> Axes:
    """Draw the strength of the association between any two features."""
    square = pd.concat([table, table.rename(columns={"a": "b", "b": "a"})])
    square = square.pivot(index="a", columns="b", values="strength")
    names = list(dict.fromkeys([*table.a, *table.b]))
    square = square.reindex(index=names, columns=names)
    size = min(9.2, 2.6 + 0.42 * len(names))
    ax = _axes(size, size * 0.86)
    diverging = sns.diverging_palette(30, 245, s=85, l=45, as_cmap=True)
    square.index = [wrapped(labels.get(n, n), 24) for n in names]
    square.columns = square.index
    with mpl.rc_context(_STYLE):
        sns.heatmap(square.astype(float), ax=ax, cmap=diverging, vmin=-1, vmax=1, annot=len(names) <= 16, fmt=".1f",
                    annot_kws={"fontsize": 7.5}, linewidths=1, linecolor=CARD, square=True,
                    cbar_kws={"shrink": 0.6, "label": "strength"})  # fmt: skip
    ax.set(xlabel="", ylabel="")
    ax.tick_params(axis="x", rotation=45, labelsize=8, labelrotation=45)
    plt.setp(ax.get_xticklabels(), ha="right", rotation_mode="anchor")
    ax.tick_params(axis="y", labelsize=8, rotation=0)
    return ax


def lorenz(curve: pd.DataFrame, top: float = 0.2) -> Axes:
    """Draw the Lorenz curve of value with the share of the top customers."""
    ax = _axes(4.8, 3.8)
    ax.plot([0, 1], [0, 1], color=LINE, linewidth=1.2)
    ax.plot(curve.customers, curve.value, color=BLUE)
    below = float(np.interp(1 - top, curve.customers, curve.value))
    ax.plot([1 - top, 1 - top], [below, 1], color="#D55E00", linewidth=1.6)
    ax.plot([1 - top], [below], "o", color="#D55E00", markersize=5)
    ax.annotate(f"top {top:.0%}: {1 - below:.0%} of value", (1 - top, (1 + below) / 2), (-6, 0),
                textcoords="offset points", ha="right", va="center")  # fmt: skip
    ax.set(xlabel="customers, from those who bring least", ylabel="value", xlim=(0, 1.01), ylim=(0, 1.01))
    ax.xaxis.set_major_formatter(PercentFormatter(1))
    ax.yaxis.set_major_formatter(PercentFormatter(1))
    return ax


def cohorts(table: pd.DataFrame) -> Axes:
    """Draw the share of each monthly cohort that orders again, by months since."""
    square = table[table.age > 0].pivot(index="cohort", columns="age", values="active")
    ax = _axes(9.2, 0.9 + 0.24 * len(square))
    with mpl.rc_context(_STYLE):
        sns.heatmap(square.astype(float), ax=ax, cmap=_sequential(), vmin=0, linewidths=0.6, linecolor=CARD,
                    annot=len(square.columns) <= 14, fmt=".0%", annot_kws={"fontsize": 7},
                    cbar_kws={"format": PercentFormatter(1, decimals=0), "shrink": 0.7})  # fmt: skip
    ax.set(xlabel="months since the first order", ylabel="month of the first order")
    ax.tick_params(axis="y", rotation=0, labelsize=8)
    ax.tick_params(axis="x", rotation=0, labelsize=8)
    return ax


def calendar(table: pd.DataFrame, unit: str) -> Axes:
    """Draw sales by month; months that are not whole are lighter."""
    ax = _axes(7.4, 2.8)
    ax.bar(range(len(table)), table.value, color=[BLUE if w else MUTE for w in table.whole])
    step = max(1, len(table) // 12)
    ax.set_xticks(range(0, len(table), step), table.month[::step], rotation=35, ha="right", fontsize=8)
    ax.yaxis.set_major_formatter(FuncFormatter(lambda x, _: short_number(x)))
    ax.set_ylabel(f"value, {unit}")
    return ax


def weekdays(table: pd.DataFrame, min_cell: int = 1) -> Axes:
    """Draw the share of orders by day of the week and hour."""
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    shown = table[table.customers >= min_cell]
    square = shown.pivot(index="weekday", columns="hour", values="orders").reindex(range(7))
    square = square.reindex(columns=range(int(table.hour.min()), int(table.hour.max()) + 1))
    square = square / table.orders.sum()
    square.index = days
    ax = _axes(7.4, 2.6)
    with mpl.rc_context(_STYLE):
        sns.heatmap(square.astype(float), ax=ax, cmap=_sequential(), vmin=0, linewidths=0.6, linecolor=CARD,
                    cbar_kws={"format": PercentFormatter(1, decimals=1)})  # fmt: skip
    ax.set(xlabel="hour", ylabel="")
    ax.tick_params(axis="both", rotation=0, labelsize=8)
    return ax


def _cells(points: pd.DataFrame, width: int = 34) -> pd.DataFrame:
    """Put points into the cells of a square grid over their middle 98 %."""
    made = points.copy()
    for axis in ("first", "second"):
        low, high = points[axis].quantile([0.01, 0.99])
        step = (high - low) / width or 1.0
        made[axis] = (np.floor((points[axis].clip(low, high) - low) / step)).clip(0, width - 1)
    return made


def density_map(points: pd.DataFrame, min_cell: int, groups: pd.Series | None = None,
                names: dict[int, str] | None = None) -> Axes:  # fmt: skip
    """Draw where customers lie on two dimensions, by cells, never by single points.

    Parameters
    ----------
    points
        Columns first and second.
    min_cell
        Cells of fewer customers are not drawn.
    groups
        The segment of each point; a cell takes the colour of the most frequent.
    names
        Of the segments, for the legend.
    """
    width = int(np.clip(np.sqrt(len(points) / (1.5 * min_cell)), 8, 34))
    cells = _cells(points, width)
    keys = [cells["first"], cells["second"]]
    ax = _axes(7.4, 4.6)
    if groups is None:
        counts = cells.groupby(keys).size()
        counts = counts[counts >= min_cell]
        weight = np.sqrt(counts / counts.max()) if len(counts) else counts
        tint = [to_hex(_sequential()(0.15 + 0.85 * w)) for w in weight]
        ax.scatter(counts.index.get_level_values(0), counts.index.get_level_values(1), c=tint,
                   s=(230 / width) ** 2, marker="s", linewidths=0)  # fmt: skip
    else:
        grouped = groups.groupby(keys)
        counts = grouped.size()
        counts = counts[counts >= min_cell]
        most = grouped.agg(lambda g: g.mode().iloc[0]).reindex(counts.index)
        for place, group in enumerate(sorted(groups.unique())):
            at = most.index[most == group]
            ax.scatter(at.get_level_values(0), at.get_level_values(1), color=colour(place),
                       s=40 + 130 * np.sqrt(counts[at] / counts.max()) if len(at) else 40, linewidths=0,
                       label=wrapped((names or {}).get(group, str(group)), 30))  # fmt: skip
        ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=8, labelspacing=0.9)
    ax.set(xlabel="first dimension", ylabel="second dimension", xticks=[], yticks=[],
           xlim=(-1, width), ylim=(-1, width))  # fmt: skip
    return ax


def stability_by_k(candidates: pd.DataFrame, chosen: tuple[str, int], stable: float) -> Axes:
    """Draw how well the weakest segment comes back, by method and number of segments."""
    ax = _axes(7.4, 3.2)
    for method, rows in candidates.groupby("method", sort=False):
        own = method == chosen[0]
        ax.plot(rows.k, rows.weakest, "o-", color=BLUE if own else MUTE, zorder=3 if own else 2,
                markersize=5)  # fmt: skip
        ax.annotate(method, (rows.k.iloc[-1], rows.weakest.iloc[-1]), (8, 0), va="center",
                    textcoords="offset points", color=BLUE if own else SOFT, fontsize=8.5)  # fmt: skip
    at = candidates[(candidates.method == chosen[0]) & (candidates.k == chosen[1])].iloc[0]
    ax.plot([at.k], [at.weakest], "o", color="#D55E00", markersize=9, zorder=4)
    ax.axhline(stable, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
    ax.annotate("stable", (candidates.k.min(), stable), (0, 3), textcoords="offset points", fontsize=8,
                color=SOFT)  # fmt: skip
    ax.set(xlabel="number of segments", ylabel="recovery of the weakest", ylim=(0, 1.04),
           xlim=(candidates.k.min() - 0.3, candidates.k.max() + 1.6))  # fmt: skip
    ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.set_xticks(sorted(candidates.k.unique()))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    return ax


def bars(values: pd.Series, colours: list[str], gate: float | None = None, gate_label: str = "",
         top: float | None = None) -> Axes:  # fmt: skip
    """Draw one horizontal bar per segment, a share each.

    Parameters
    ----------
    values
        Shares, indexed by name.
    colours
        One per bar.
    gate, gate_label
        A value that is asked for, and what to call it.
    top
        End of the axis.
    """
    ax = _axes(6.4, 0.7 + 0.42 * len(values))
    ax.barh(range(len(values)), values, color=colours, height=0.66)
    end = top or max(float(values.max()), gate or 0)
    for at, value in enumerate(values):
        shown = "over 99%" if 0.995 <= value < 1 else f"{value:.0%}"
        ax.text(max(value, 0) + end * 0.015, at, shown, va="center")
    if gate is not None:
        ax.axvline(gate, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
        ax.text(gate, len(values) - 0.35, f" {gate_label}", color=SOFT, fontsize=8, va="top")
    ax.set_yticks(range(len(values)), [wrapped(n, 40) for n in values.index])
    ax.set_xlim(0, end * 1.12)
    ax.set_ylim(len(values) - 0.2, -0.6)
    ax.set_xticks([])
    for side in ("bottom", "left"):
        ax.spines[side].set_visible(False)
    return ax


def crossed(table: pd.DataFrame, xlabel: str, ylabel: str) -> Axes:
    """Draw how the rows of one partition spread over another, in shares of each row."""
    ax = _axes(8.4, 1.3 + 0.42 * len(table))
    shown = table.copy()
    shown.index = [wrapped(i, 34) for i in shown.index]
    shown.columns = [wrapped(c, 14) for c in shown.columns]
    with mpl.rc_context(_STYLE):
        sns.heatmap(shown.astype(float), ax=ax, cmap=_sequential(), vmin=0, vmax=1, annot=True, fmt=".0%",
                    annot_kws={"fontsize": 8}, linewidths=1, linecolor=CARD, cbar=False)  # fmt: skip
    ax.set(xlabel=xlabel, ylabel=ylabel)
    ax.tick_params(axis="y", rotation=0, labelsize=8)
    ax.tick_params(axis="x", rotation=0, labelsize=7.5)
    return ax


def profile(rows: pd.DataFrame, names: dict[int, str], most: int = 14) -> Axes:
    """Draw every segment's distances from all customers; only what stands out has colour.

    Parameters
    ----------
    rows
        One row per segment and feature: segment, label, distance, stands_out.
    names
        Of the segments.
    most
        Features drawn at the most, those that tell segments apart best.
    """
    square = rows.pivot_table(index="label", columns="segment", values="distance", observed=True)
    order = square.abs().max(axis=1).sort_values(ascending=False).head(most).index
    square = square.loc[order]
    loud = rows.pivot_table(index="label", columns="segment", values="stands_out", aggfunc="any").loc[order]
    columns = min(3, len(square.columns))
    axes = _grid(len(square.columns), columns, 9.4, 0.8 + 0.21 * len(square))
    reach = max(1.0, float(square.abs().max().max())) * 1.08
    for place, (ax, segment) in enumerate(zip(axes, square.columns, strict=True)):
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
    return axes[0]


def lollipops(rows: pd.DataFrame, tint: str) -> Axes:
    """Draw what sets one segment apart: label and distance per row, the strongest first."""
    ax = _axes(4.0, 0.25 + 0.27 * len(rows))
    ax.hlines(range(len(rows)), 0, rows.distance, color=tint, linewidth=2.6)
    ax.plot(rows.distance, range(len(rows)), "o", color=tint, markersize=6)
    ax.axvline(0, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
    reach = max(1.5, float(rows.distance.abs().max())) * 1.1
    ax.set_xlim(-reach, reach)
    ax.set_ylim(len(rows) - 0.4, -0.6)
    ax.set_yticks(range(len(rows)), [wrapped(label, 26) for label in rows.label])
    ax.set_xticks([])
    for side in ("bottom", "left"):
        ax.spines[side].set_visible(False)
    return ax


def evaluation(rows: pd.DataFrame, xlabel: str, percent: bool = True) -> Axes:
    """Draw the segments by attractiveness and by one more measure; area is share of customers.

    Parameters
    ----------
    rows
        One row per segment: name, attractiveness (0 to 1), measure, share, colour.
    xlabel
        What the measure is.
    percent
        Whether the measure is a share.
    """
    ax = _axes(6.2, 3.9)
    ax.scatter(rows.measure, rows.attractiveness, s=200 + 5200 * rows.share, c=rows.colour, alpha=0.85,
               linewidths=0)  # fmt: skip
    low, high = float(rows.measure.min()), float(rows.measure.max())
    pad = (high - low or 1) * 0.28
    ax.set(xlabel=f"{xlabel} →", ylabel="attractiveness →", ylim=(-0.14, 1.14), xlim=(low - pad, high + pad))
    _label_bubbles(ax, rows)
    ax.set_yticks([0, 0.25, 0.5, 0.75, 1.0])
    ax.xaxis.set_major_locator(MaxNLocator(5))
    if percent:
        ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
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
            (x[at] + radius[at] + 5, y[at], "left"), (x[at] - radius[at] - 5, y[at], "right"),
            (x[at], y[at] - radius[at] - 4 - height / 2, "center"),
            (x[at], y[at] + radius[at] + 4 + height / 2, "center"),
        ]  # fmt: skip
        boxes = [_box(px, py, width, height, align) for px, py, align in spots]
        others = [t for n, t in enumerate(taken) if n != at]
        best = min(range(4), key=lambda n: (_covered(boxes[n], others), n))
        taken.append(boxes[best])
        px, py, align = spots[best]
        ax.annotate(text, (rows.measure.iloc[at], rows.attractiveness.iloc[at]), (px - x[at], py - y[at]),
                    textcoords="offset points", fontsize=8.2, ha=align, va="center")  # fmt: skip


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
