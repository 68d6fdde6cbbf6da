"""Figures of the budget: what each target brings as more is spent on it."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from seglib.report.figures.theme import SOFT, axes, wrapped


def gains(curves: pd.DataFrame, chosen: pd.DataFrame, colours: dict[str, str], currency: str = "") -> Axes:
    """Draw expected profit over budget, one line per target, and the point that was chosen.

    Parameters
    ----------
    curves
        One row per target and step: segment, budget, profit (money).
    chosen
        One row per target: segment, budget, profit.
    colours
        By segment.
    currency
        Of the money.
    """
    ax = axes(6.4, 3.4)
    for name, line in curves.groupby("segment", sort=False):
        ax.plot(line.budget, line.profit, color=colours[name], linewidth=2, label=wrapped(name, 40))
    for point in chosen.itertuples():
        ax.plot(point.budget, point.profit, "o", color=colours[point.segment], markersize=8)
    ax.axhline(0, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
    unit = f", {currency}" if currency else ""
    ax.set_xlabel(f"spent on the segment{unit}")
    ax.set_ylabel(f"expected profit{unit}")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}".replace("-", "−")))
    ax.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(0, -0.2))
    return ax
