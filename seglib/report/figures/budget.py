"""Figures of the budget: what each target brings as more is spent on it."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import FuncFormatter, MaxNLocator

from seglib.report.context import Context
from seglib.report.figures.theme import SOFT, axes, based_on, colour, wrapped
from seglib.report.readings.offers import few


def gains(curves: pd.DataFrame, planned: pd.DataFrame, terms: Context) -> Axes:
    """Draw expected profit over budget, one line per target, and the point of the plan.

    Parameters
    ----------
    curves
        One row per target and step: segment, budget, profit (money).
    planned
        The table `budget`.
    """
    ax = axes(6.4, 3.4)
    known = planned[(planned.unknown_reason == "") & ~few(planned.customers, terms)]
    for target in known.itertuples():
        line, tint = curves[curves.segment == target.segment], colour(target.segment - 1)
        name = wrapped(terms.segment(target.segment), 40)
        ax.plot(line.budget, line.profit, color=tint, linewidth=2, label=name)
        ax.plot(target.budget, target.profit, "o", color=tint, markersize=8)
    based_on(ax, known.customers)
    ax.axhline(0, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
    unit = f", {terms.currency}" if terms.currency else ""
    ax.set_xlabel(f"spent on the segment{unit}")
    ax.set_ylabel(f"expected profit{unit}")
    for axis in (ax.xaxis, ax.yaxis):
        axis.set_major_locator(MaxNLocator(5))
        axis.set_major_formatter(FuncFormatter(lambda x, _: f"{x:,.0f}".replace("-", "−")))
    ax.legend(frameon=False, fontsize=9, loc="upper left", bbox_to_anchor=(0, -0.2))
    return ax
