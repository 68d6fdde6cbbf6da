"""Figures of what segments will bring: whether the model would have been right, and who stays."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import PercentFormatter

from seglib.report.figures.theme import SOFT, axes, colour, stands_for, wrapped


def calibration(table: pd.DataFrame, names: dict[int, str], min_cell: int = 1) -> Axes:
    """Draw what was expected, with its interval, as a share of what happened: one row per segment, a colour a test.

    Parameters
    ----------
    table
        From `value.calibration`: since, of, segment, buyers, expected, low, high, happened.
    names
        Of the segments.
    min_cell
        Segments of fewer buyers, and those in which nothing happened, are not drawn.
    """
    rows = table[(table.buyers >= min_cell) & (table.happened > 0)].copy()
    rows["label"] = rows.segment.map(names).fillna("All buyers")
    places = {label: at for at, label in enumerate(dict.fromkeys(rows.label))}
    ax = axes(7.4, 1.1 + 0.55 * len(places))
    stands_for(ax, rows.buyers)
    ax.axvline(1, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
    tests = [*dict.fromkeys(rows.since)]
    for at, (since, each) in enumerate(rows.groupby("since", sort=False)):
        tint, y = colour(at), each.label.map(places) + 0.24 * (at - (len(tests) - 1) / 2)
        ratio, low, high = (
            each[c].astype(float) / each.happened.astype(float) for c in ("expected", "low", "high")
        )
        ax.hlines(y, low, high, color=tint, linewidth=2.4)
        ax.scatter(ratio, y, color=tint, s=36, zorder=3, label=f"from {since:%Y-%m-%d} on")
    ax.set_yticks(range(len(places)), [wrapped(label, 40) for label in places])
    low, high = ax.get_xlim()
    ax.set_xlim(max(min(low, 0.88), 0), max(high, 1.12))
    ax.set_ylim(len(places) - 0.4, -0.6)
    ax.set_xlabel("expected, as a share of what happened")
    ax.xaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.spines["left"].set_visible(False)
    ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1.0), ncols=2, fontsize=8.5, frameon=False)
    return ax


def survival(table: pd.DataFrame, names: dict[int, str]) -> Axes:
    """Draw the share of each segment still subscribed by month, with its interval.

    Parameters
    ----------
    table
        From `value.survival`.
    names
        Of the segments.
    """
    ax = axes(7.4, 3.6)
    stands_for(ax, table.customers)
    for segment, rows in table.groupby("segment"):
        tint, label = colour(int(segment) - 1), wrapped(names[int(segment)], 30)
        month, still, low, high = (rows[c].astype(float) for c in ("month", "still", "low", "high"))
        ax.plot(month, still, "o-", color=tint, markersize=3.5, label=label)
        ax.fill_between(month, low, high, color=tint, alpha=0.15, linewidth=0)
    ax.set(xlabel="months since the first contract began", ylim=(0, 1.03), xlim=(0, None))
    ax.yaxis.set_major_formatter(PercentFormatter(1, decimals=0))
    ax.legend(loc="center left", bbox_to_anchor=(1.01, 0.5), fontsize=8.5, frameon=False)
    return ax
