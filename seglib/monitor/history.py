"""The runs of a project side by side: verdict, number of segments, targets, sizes."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from seglib.monitor.thresholds import SEASON_DAYS
from seglib.statistics import wilson


@dataclass(frozen=True)
class Past:
    """What is known of one run.

    Attributes
    ----------
    as_of
        Its date.
    tables
        Its tables by name, as far as they can be read.
    version
        Of seglib.
    """

    as_of: dt.date
    tables: dict[str, pd.DataFrame] = field(default_factory=dict)
    version: str = ""

    def column(self, table: str, name: str) -> pd.Series | None:
        """Return a column by segment; nothing where the run has none."""
        frame = self.tables.get(table)
        return frame.set_index("segment")[name] if frame is not None and name in frame else None

    def names(self) -> dict[int, str]:
        """Return what its segments are called, by number."""
        names = self.column("value", "name")
        return {} if names is None else {int(s): str(n) for s, n in names.items()}


def a_year_before(pasts: list[Past], day: dt.date) -> Past | None:
    """Find the run that is nearest to a year before a day; nothing where none is near enough."""
    apart = {past.as_of: abs((day - past.as_of).days - 365) for past in pasts}
    near = [past for past in pasts if apart[past.as_of] <= SEASON_DAYS]
    return min(near, key=lambda past: apart[past.as_of], default=None)


def runs(pasts: list[Past]) -> pd.DataFrame:
    """List the runs, the oldest first; the last is this one.

    Returns
    -------
    pandas.DataFrame
        The table `runs`.
    """
    rows: list[dict[str, Any]] = []
    for before, past in zip([None, *pasts], pasts, strict=False):
        structure, lineage = past.tables["structure"].iloc[0], past.tables.get("lineage")
        ranking, value = past.tables.get("ranking"), past.column("value", "value")
        targets = [] if ranking is None else sorted(ranking["name"][ranking.target].astype(str))
        rows.append(
            {
                "as_of": past.as_of.isoformat(),
                "this": past is pasts[-1],
                "days": None if before is None else (past.as_of - before.as_of).days,
                "how": "fitted" if lineage is None else lineage.how.iloc[0],
                "model_as_of": past.as_of.isoformat() if lineage is None else lineage.model_as_of.iloc[0],
                "structure": structure.structure,
                "k": int(structure.k),
                "customers": len(past.tables["segments"]),
                "value": np.nan if value is None else float(value.sum()),
                "targets": "; ".join(targets),
                "version": past.version,
            }
        )
    return pd.DataFrame(rows).astype({"days": "Int64", "targets": "string", "version": "string"})


def path(pasts: list[Past]) -> pd.DataFrame:
    """Follow the sizes of segments over the runs.

    Returns
    -------
    pandas.DataFrame
        The table `path`: one row per run and segment, with shares of customers and 95 % intervals (Wilson).
    """
    parts = []
    for past in pasts:
        sizes = past.tables["segments"].segment.value_counts().sort_index()
        part = pd.DataFrame(
            {"as_of": past.as_of.isoformat(), "segment": sizes.index, "customers": sizes.to_numpy()}
        )
        value = past.column("value", "value")
        part["value"] = np.nan if value is None else part.segment.map(value)
        parts.append(part.assign(of=int(sizes.sum())))
    table = pd.concat(parts, ignore_index=True)
    return table.assign(share=table.customers / table.of).join(wilson(table.customers, table.of))


def mix_as_a_year_ago(now: pd.DataFrame, then: Past | None, limit: float) -> bool:
    """Tell whether no segment's share differs from a year ago by more than a limit; not if there was no run then."""
    if then is None:
        return False
    one, other = (t.segment.value_counts(normalize=True) for t in (now, then.tables["segments"]))
    return bool(one.sub(other, fill_value=0).abs().sum() / 2 < limit)
