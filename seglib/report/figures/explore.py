"""Figures of what came in and of patterns before any segment."""

from __future__ import annotations

from typing import Any

import matplotlib.pyplot as plt
import numpy as np
import pandas as pd
import seaborn as sns
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from seglib.explore import strongest
from seglib.explore.patterns import Layout
from seglib.privacy.disclosure import hidden
from seglib.report.context import Context
from seglib.report.figures.segments import density_map
from seglib.report.figures.theme import (
    BLUE,
    LINE,
    MUTE,
    axes,
    based_on,
    grid,
    heatmap,
    note,
    share_axis,
    short_axis,
    wrapped,
)
from seglib.report.readings.explore import shown_cohorts, top_of


def distributions(features: pd.DataFrame, terms: Context) -> Axes:
    """Draw how each feature is distributed, between its 1st and 99th percentile or nearer to the middle.

    Parameters
    ----------
    features
        One row per customer; numbers become histograms, texts bars. Bars of too few customers are
        not drawn; at least so many lie beyond either end.
    """
    min_cell = terms.min_cell
    panels = grid(len(features.columns), 3, 9.2, 1.75)
    for ax, name in zip(panels, features.columns, strict=True):
        values = features[name].dropna()
        if pd.api.types.is_numeric_dtype(values) and values.nunique() > 10:
            beyond = min(0.5, max(0.01, min_cell / len(values)))
            low, high = values.quantile([beyond, 1 - beyond])
            bins = int(np.clip(len(values) // (3 * min_cell), 4, 24))
            counts, edges = np.histogram(values.clip(low, high), bins)
            counts = np.where(hidden(pd.Series(counts), min_cell), 0, counts)
            ax.bar(edges[:-1], counts, np.diff(edges), align="edge", color=BLUE)
            short_axis(ax.xaxis, 4)
        else:
            counts = values.value_counts()
            counts = counts[~hidden(counts, min_cell)].head(8).sort_index()
            shown = [wrapped(f"{v:g}" if isinstance(v, float) else v, 16) for v in counts.index]
            ax.bar(range(len(counts)), counts, color=BLUE)
            slanted = max(map(len, shown), default=0) > 4
            turned: dict[str, Any] = {"rotation": 35, "ha": "right"} if slanted else {}
            ax.set_xticks(range(len(counts)), shown, fontsize=7.5, **turned)
        short_axis(ax.yaxis, 3)
        ax.set_title(wrapped(terms.feature(name), 34), fontsize=9)
        based_on(ax, counts)
    return panels[0]


#: Features drawn with their associations.
_MOST = 22


def associations(table: pd.DataFrame, terms: Context) -> Axes:
    """Draw the strength of the association between the features that are associated most."""
    table = strongest(table.assign(strength=table.strength.mask(terms.few(table.behind))), _MOST)
    square = pd.concat([table, table.rename(columns={"a": "b", "b": "a"})])
    square = square.pivot(index="a", columns="b", values="strength")
    names = list(dict.fromkeys([*table.a, *table.b]))
    square = square.reindex(index=names, columns=names)
    size = min(9.2, 2.6 + 0.42 * len(names))
    ax = axes(size, size * 0.86)
    diverging = sns.diverging_palette(30, 245, s=85, l=45, as_cmap=True)
    square.index = [wrapped(terms.feature(n), 24) for n in names]
    square.columns = square.index
    annotated: dict[str, Any] = {"annot": len(names) <= 16, "fmt": ".1f", "annot_kws": {"fontsize": 7.5}}
    bar = {"shrink": 0.6, "label": "strength"}
    heatmap(square, ax, cmap=diverging, vmin=-1, vmax=1, square=True, cbar_kws=bar, **annotated)
    ax.set(xlabel="", ylabel="")
    ax.tick_params(axis="x", rotation=45)
    plt.setp(ax.get_xticklabels(), ha="right", rotation_mode="anchor")
    based_on(ax, table.behind[table.strength.notna()])
    return ax


def concentration(curve: pd.DataFrame, terms: Context) -> Axes:
    """Draw the Lorenz curve of value with the share of the top customers."""
    top, curve = top_of(curve, terms), _thinned(curve, terms.min_cell)
    ax = axes(4.8, 3.8)
    based_on(ax, curve["count"].diff())
    ax.plot([0, 1], [0, 1], color=LINE, linewidth=1.2)
    ax.plot(curve.customers, curve.value, color=BLUE)
    below = float(np.interp(1 - top, curve.customers, curve.value))
    ax.plot([1 - top, 1 - top], [below, 1], color="#D55E00", linewidth=1.6)
    ax.plot([1 - top], [below], "o", color="#D55E00", markersize=5)
    said = f"top {top:.0%}: {1 - below:.0%} of value"
    note(ax, said, (1 - top, (1 + below) / 2), (-6, 0), ha="right", va="center")
    ax.set(xlabel="customers, from those who bring least", ylabel="value", xlim=(0, 1.01), ylim=(0, 1.01))
    share_axis(ax.xaxis, None)
    share_axis(ax.yaxis, None)
    return ax


def _thinned(curve: pd.DataFrame, min_cell: int) -> pd.DataFrame:
    """Keep points of a curve that are at least so many customers apart, the last among them."""
    counts, kept = curve["count"].to_numpy(), [0]
    for at in range(1, len(counts)):
        far = counts[at] - counts[kept[-1]] >= min_cell and counts[-1] - counts[at] >= min_cell
        if far or at == len(counts) - 1:
            kept.append(at)
    return curve.iloc[kept]


def cohorts(table: pd.DataFrame, terms: Context) -> Axes | None:
    """Draw the share of each monthly cohort that orders again, by months since."""
    table = shown_cohorts(table, terms)
    if not (table.age > 0).any():
        return None
    square = table[table.age > 0].pivot(index="cohort", columns="age", values="active").dropna(how="all")
    ax = axes(9.2, 0.9 + 0.24 * len(square))
    annotated: dict[str, Any] = {
        "annot": len(square.columns) <= 14,
        "fmt": ".0%",
        "annot_kws": {"fontsize": 7},
    }
    bar = {"format": PercentFormatter(1, decimals=0), "shrink": 0.7}
    heatmap(square, ax, vmin=0, linewidths=0.6, cbar_kws=bar, **annotated)
    ax.set(xlabel="months since the first order", ylabel="month of the first order")
    drawn = table[(table.age > 0) & table.active.notna()]
    parts = pd.concat([drawn.active * drawn.customers, (1 - drawn.active) * drawn.customers]).round()
    based_on(ax, parts)
    return ax


def calendar(table: pd.DataFrame, terms: Context) -> Axes:
    """Draw sales by month; months that are not whole are lighter."""
    table = table.assign(value=table.value.mask(hidden(table.customers, terms.min_cell)))
    ax = axes(7.4, 2.8)
    ax.bar(range(len(table)), table.value, color=[BLUE if w else MUTE for w in table.whole])
    step = max(1, len(table) // 12)
    ax.set_xticks(range(0, len(table), step), table.month[::step], rotation=35, ha="right", fontsize=8)
    short_axis(ax.yaxis)
    ax.set_ylabel(f"value, {terms.currency or 'money'}")
    based_on(ax, table.customers[table.value.notna()])
    return ax


def weekdays(table: pd.DataFrame, terms: Context) -> Axes | None:
    """Draw the share of orders by day of the week and hour, of those cells that may be shown."""
    if table.hour.nunique() < 2:
        return None
    days = ["Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"]
    shown = table[~hidden(table.customers, terms.min_cell)]
    square = shown.pivot(index="weekday", columns="hour", values="orders").reindex(range(7))
    square = square.reindex(columns=range(int(table.hour.min()), int(table.hour.max()) + 1))
    square = square / table.orders.sum()
    square.index = days
    ax = axes(7.4, 2.6)
    heatmap(square, ax, vmin=0, linewidths=0.6, cbar_kws={"format": PercentFormatter(1, decimals=1)})
    ax.set(xlabel="hour", ylabel="")
    based_on(ax, shown.customers)
    return ax


def customer_map(layout: Layout, terms: Context) -> Axes:
    """Draw where customers lie on two dimensions."""
    return density_map(layout.points, terms.min_cell)
