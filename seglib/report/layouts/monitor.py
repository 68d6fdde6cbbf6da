"""What changed since an earlier run, shaped for a reader."""

from __future__ import annotations

import pandas as pd

from seglib.report.context import Context
from seglib.report.readings.monitor import shown_flows
from seglib.report.sentences import sentence
from seglib.report.words import coarse_share, share


def migration(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape flows: those who stayed are left out, and those whose number could be worked out from others."""
    rows = shown_flows(table, terms)
    rows = rows[rows.movement != "stayed"].sort_values("customers", ascending=False)
    flows = [
        sentence(
            "flow_of", {"source": r.source, "destination": r.destination, "movement": r.movement}, "monitor"
        )
        for r in rows.itertuples()
    ]
    net = [
        f"{coarse_share(r.net, r.of, terms.min_cell, 1)} ({share(r.net_low, 1)} to {share(r.net_high, 1)})"
        for r in rows.itertuples()
    ]
    noise = [share(x, 1) if x > 0 else None for x in rows.noise]
    return rows.assign(flow=flows, net=net, by_relabelling=noise)


def drift(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape drift: the features that changed and, of the others, those with the largest change."""
    rows = pd.concat([table[table.changed | table.season], table[~(table.changed | table.season)].head(8)])
    word = rows.changed.map({True: "changed", False: "as before"}).mask(rows.season, "as a year ago")
    return rows.assign(result=word)
