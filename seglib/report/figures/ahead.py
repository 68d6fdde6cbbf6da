"""Figures of page 04: whether the model predicted right, and how long customers subscribe."""

from __future__ import annotations

import pandas as pd
from matplotlib.axes import Axes

from seglib.report.context import Context
from seglib.report.figures.theme import SOFT, above, axes, based_on, beside, colour, share_axis, wrapped


def calibration(table: pd.DataFrame, terms: Context) -> Axes | None:
    """Draw predicted purchases, with their interval, as a share of the actual ones: a colour per test.

    Segments of too few buyers, and those without a purchase, are not drawn.
    """
    rows = table[(table.of != "none") & ~terms.few(table.buyers) & (table.happened > 0)]
    if rows.empty:
        return None
    labels = ["All buyers" if pd.isna(s) else terms.segment(s) for s in rows.segment]
    rows = rows.assign(label=labels)
    places = {label: at for at, label in enumerate(dict.fromkeys(rows.label))}
    ax = axes(7.4, 1.1 + 0.55 * len(places))
    based_on(ax, rows.buyers)
    ax.axvline(1, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
    tests = [*dict.fromkeys(rows.since)]
    for at, (since, each) in enumerate(rows.groupby("since", sort=False)):
        tint, y = colour(at), each.label.map(places) + 0.24 * (at - (len(tests) - 1) / 2)
        ratio, low, high = (
            each[c].astype(float) / each.happened.astype(float) for c in ("expected", "low", "high")
        )
        ax.hlines(y, low, high, color=tint, linewidth=2.4)
        ax.scatter(ratio, y, color=tint, s=36, zorder=3, label=f"held back from {since:%Y-%m-%d}")
    ax.set_yticks(range(len(places)), [wrapped(label, 40) for label in places])
    low, high = ax.get_xlim()
    ax.set_xlim(max(min(low, 0.88), 0), max(high, 1.12))
    ax.set_ylim(len(places) - 0.4, -0.6)
    ax.set_xlabel("predicted, as a share of actual")
    share_axis(ax.xaxis)
    ax.spines["left"].set_visible(False)
    above(ax, 2)
    return ax


def survival(table: pd.DataFrame, terms: Context) -> Axes | None:
    """Draw the share of each segment still subscribed by month, with its interval.

    A month is drawn if enough customers were observed for as long, and if those whose contracts
    ended since the month drawn before are none or enough.
    """
    known = table.dropna(subset="segment")
    parts = [_enough(rows, terms.min_cell) for _, rows in known.groupby("segment")]
    if not parts or (table := pd.concat(parts)).empty:
        return None
    ax = axes(7.4, 3.6)
    based_on(ax, table[["at_risk", "ended_since"]])
    for segment, rows in table.groupby("segment"):
        tint, label = colour(int(segment) - 1), wrapped(terms.segment(segment), 30)
        month, still, low, high = (rows[c].astype(float) for c in ("month", "still", "low", "high"))
        ax.plot(month, still, "o-", color=tint, markersize=3.5, label=label)
        ax.fill_between(month, low, high, color=tint, alpha=0.15, linewidth=0)
    ax.set(xlabel="months since the first contract began", ylim=(0, 1.03), xlim=(0, None))
    share_axis(ax.yaxis)
    beside(ax, fontsize=8.5)
    return ax


def _enough(rows: pd.DataFrame, min_cell: int) -> pd.DataFrame:
    """Keep the months of one curve that reveal no few customers."""
    kept, gone = [], 0
    for row in rows.itertuples():
        gone += int(row.gone)
        if row.at_risk >= min_cell and (gone == 0 or gone >= min_cell):
            kept.append((row.Index, gone))
            gone = 0
    return rows.loc[[at for at, _ in kept]].assign(ended_since=[n for _, n in kept])
