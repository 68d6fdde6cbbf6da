"""Figures of past campaigns: what those contacted did beyond those held out."""

from __future__ import annotations

import numpy as np
import pandas as pd
from matplotlib.axes import Axes
from matplotlib.ticker import MaxNLocator

from seglib.report.figures.theme import BAD, GOOD, MUTE, SOFT, grid, stands_for, wrapped

#: Panels side by side.
_COLUMNS = 3


def effects(rows: pd.DataFrame, names: dict[int, str], unit: str) -> Axes:
    """Draw the effect of each campaign on each segment with its 95 % interval; grey may be none.

    Parameters
    ----------
    rows
        One row per campaign and segment: campaign, segment (missing: all customers), effect, low,
        high, behind (customers).
    names
        Of the segments.
    unit
        Of the effects.
    """
    campaigns = list(rows.campaign.drop_duplicates())
    segments = [s for s in names if (rows.segment == s).any()]
    labels = [wrapped(names[s], 30) for s in segments] + ["all customers"]
    panels = grid(len(campaigns), min(_COLUMNS, len(campaigns)), 9.4, 1.0 + 0.42 * len(labels))
    reach = float(np.nanmax(rows[["low", "high"]].abs().to_numpy())) * 1.08 or 1.0
    for place, (ax, campaign) in enumerate(zip(panels, campaigns, strict=True)):
        own = rows[rows.campaign == campaign].set_index(
            rows.segment.fillna(-1).astype(int)[rows.campaign == campaign]
        )
        own = own.reindex([*segments, -1])
        tints = [
            GOOD if low > 0 else BAD if high < 0 else MUTE
            for low, high in zip(own.low, own.high, strict=True)
        ]
        at = np.arange(len(own))
        ax.hlines(at, own.low, own.high, color=tints, linewidth=2.4)
        ax.scatter(own.effect, at, color=tints, s=30, zorder=3)
        ax.axvline(0, color=SOFT, linewidth=1, linestyle=(0, (3, 3)))
        ax.set_title(wrapped(campaign, 30), fontsize=9)
        ax.set_yticks(
            at if place % _COLUMNS == 0 else [], labels if place % _COLUMNS == 0 else [], fontsize=8
        )
        ax.set(ylim=(len(own) - 0.4, -0.6), xlim=(-reach, reach), xlabel=unit)
        ax.xaxis.set_major_locator(MaxNLocator(5))
        ax.spines["left"].set_visible(False)
    stands_for(panels[0], rows.behind)
    return panels[0]
