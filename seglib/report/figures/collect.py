"""The figure of page 01: what is left of the rows."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from seglib.report.context import Context
from seglib.report.figures.theme import BLUE, MUTE, SOFT, axes, short_axis


def waterfall(ledger: pd.DataFrame, terms: Context) -> Axes:
    """Draw what is left of the rows after each rule.

    Parameters
    ----------
    ledger
        One row per rule of one source.
    """
    rules = ledger[(ledger.dropped + ledger.set_aside) > 0]
    ax = axes(height=0.9 + 0.34 * (len(rules) + 2))
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
    short_axis(ax.xaxis)
    ax.spines["left"].set_visible(False)
    return ax
