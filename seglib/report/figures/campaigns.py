"""Figures of past campaigns: what those contacted did beyond those held out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from seglib.report.context import Context
from seglib.report.figures.theme import BAD, GOOD, MUTE, SOFT, based_on, grid, wrapped
from seglib.report.readings.campaigns import shown_effects
from seglib.report.readings.movement import too_few

#: Panels side by side.
_COLUMNS = 3


def drawn_effects(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Choose the effects to be drawn: of responses, in points, or of values where no response has an interval.

    Effects whose means may not be shown are drawn in whole points.
    """
    rows = shown_effects(table, terms)
    rows = rows[rows.campaign.notna() & rows.low.notna() & ~too_few(rows.behind, terms)]
    if (rows.outcome == "value").all():
        return rows
    rows = rows[rows.outcome == "response"]
    points = {
        c: (100 * rows[c]).where(rows.digits > 0, (100 * rows[c]).round()) for c in ("effect", "low", "high")
    }
    return rows.assign(**points)


def effects(table: pd.DataFrame, terms: Context) -> Axes | None:
    """Draw the effect of each campaign on each segment with its interval; grey may be none."""
    rows = drawn_effects(table, terms)
    if rows.empty:
        return None
    response = rows.outcome.iloc[0] == "response"
    unit = "points of response" if response else f"{terms.currency or 'money'} per customer"
    campaigns, segments = list(rows.campaign.drop_duplicates()), sorted(rows.segment.dropna().unique())
    labels = [wrapped(terms.segment(s), 30) for s in segments] + ["all customers"]
    panels = grid(len(campaigns), min(_COLUMNS, len(campaigns)), 9.4, 1.0 + 0.42 * len(labels))
    reach = float(np.nanmax(rows[["low", "high"]].abs().to_numpy(float))) * 1.08 or 1.0
    for place, (ax, campaign) in enumerate(zip(panels, campaigns, strict=True)):
        own = rows[rows.campaign == campaign]
        own = own.set_index(own.segment.fillna(-1).astype(int)).reindex([*segments, -1])
        ends = zip(own.low, own.high, strict=True)
        tints = [GOOD if low > 0 else BAD if high < 0 else MUTE for low, high in ends]
        at = np.arange(len(own))
        ax.hlines(at, own.low, own.high, color=tints, linewidth=2.4)
        ax.scatter(own.effect, at, color=tints, s=30, zorder=3)
        ax.axvline(0, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
        ax.set_title(wrapped(campaign, 30), fontsize=9)
        first = place % _COLUMNS == 0
        ax.set_yticks(at if first else [], labels if first else [], fontsize=8)
        ax.set(ylim=(len(own) - 0.4, -0.6), xlim=(-reach, reach), xlabel=unit)
        ax.xaxis.set_major_locator(MaxNLocator(5))
        ax.spines["left"].set_visible(False)
    based_on(panels[0], rows.behind)
    return panels[0]
