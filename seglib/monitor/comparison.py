"""Stored and refitted segments of one month, side by side: which is which, and whether the stored ones hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from seglib.monitor.identity import Identities, identities, nearness
from seglib.monitor.judging import Evidence, agreement, verdict
from seglib.monitor.refitting import Refit, Usual
from seglib.monitor.segments import centres
from seglib.monitor.thresholds import AS_FAR, THERE


@dataclass(frozen=True)
class Compared:
    """The segments that are compared.

    Attributes
    ----------
    now
        The tables of this run: segments, features, structure, lineage.
    earlier
        The same of the run before.
    rescored
        The customers of this run, assigned by the model of the run before; none where it cannot.
    refit
        The engine fitted beside; none where nothing was, or this run itself was fitted.
    usual
        How far two refits of the earlier month differ.
    highest
        The highest number that a segment ever had.
    before
        The customers of the earlier month, assigned by the newest fit, where this run is that fit.
    """

    now: dict[str, pd.DataFrame]
    earlier: dict[str, pd.DataFrame]
    rescored: pd.DataFrame | None = None
    refit: Refit | None = None
    usual: Usual = field(default_factory=Usual)
    highest: int = 0
    before: pd.DataFrame | None = None

    @property
    def fitted(self) -> bool:
        """Whether this run itself was fitted."""
        return bool(self.now["lineage"].how.iloc[0] == "fitted")

    @property
    def found(self) -> pd.DataFrame:
        """The newest fit: of this run, or beside it; the segments of the run where there is none."""
        return self.refit.segments if self.refit else self.now["segments"]

    @property
    def stored(self) -> pd.DataFrame:
        """Segments of this run by the stored model; those of the run before where it cannot assign."""
        return self.earlier["segments"] if self.rescored is None else self.rescored


def matches(compared: Compared) -> tuple[Identities, pd.DataFrame]:
    """Find which segment of the newest fit is which stored one; give the segments of that fit too.

    Where the engine found another number of segments that were as clear in the earlier month, nothing has
    changed: the fit with the stored number is compared then.
    """
    found = compared.found
    identified = _matched(compared, found)
    other = compared.refit.alternative if compared.refit else None
    if other is not None and not _new(compared, identified.table):
        found = other.segments
        identified = _matched(compared, found)
    return identified, found


def _matched(compared: Compared, found: pd.DataFrame) -> Identities:
    before = compared.earlier["segments"]
    return identities(
        compared.stored.set_index("customer").segment,
        found.set_index("customer").segment,
        before.set_index("customer").segment,
        nearness(centres(compared.earlier["features"], before), centres(compared.now["features"], found)),
        compared.highest,
    )


def _new(compared: Compared, table: pd.DataFrame) -> bool:
    """Tell whether segments that were born, died, were split or merged were not so in the earlier month already.

    Pieces of a split were as far apart before if the new model gives the customers of the earlier month as
    large margins; segments that were merged are as far apart as before if the stored model gives as large ones now.
    """
    then = compared.refit.before if compared.refit else compared.before
    fates = set(table.fate)
    if "died" in fates or then is None:
        return bool(fates - {"kept"})
    now, was, stored = compared.found, compared.earlier["segments"], compared.stored
    for row in table[table.found.notna()].itertuples():
        if row.fate == "split" and not _as_far(then, now, [row.found]):
            return True
        if row.fate == "merged" and not _as_far(stored, was, row.sources):
            return True
        share, share_then = (float((t.segment == row.found).mean()) for t in (now, then))
        if row.fate == "born" and share_then < THERE * share:
            return True
    return False


def _as_far(one: pd.DataFrame, other: pd.DataFrame, segments: list[int]) -> bool:
    """Tell whether segments are as clear in one month as in another, by their mean margins."""
    means = [t.margin[t.segment.isin(segments)].mean() for t in (one, other)]
    return not means[0] < AS_FAR * means[1]


def succession(compared: Compared, names: dict[int, str]) -> pd.DataFrame:
    """List what became of each segment.

    Parameters
    ----------
    compared
        The segments.
    names
        Of segments now and before, by number.

    Returns
    -------
    pandas.DataFrame
        The table `identities`.
    """
    identified, found = matches(compared)
    table = identified.table
    if compared.fitted:  # the fit carries the numbers already
        own = dict(zip(table.segment, table.found, strict=True))
        table = table.assign(
            segment=table.found.fillna(table.segment),
            becomes=[[int(own.get(s, s)) for s in into] for into in table.becomes],
        )
    sizes = found.segment.value_counts()
    before = compared.earlier["segments"].segment.value_counts()
    return table.assign(
        name=[names.get(int(s), f"Segment {int(s)}") for s in table.segment],
        customers=table.found.map(sizes).fillna(0).astype(int),
        customers_before=table.earlier.map(before).fillna(0).astype(int),
    )


def holding(compared: Compared) -> pd.DataFrame:
    """Judge whether the stored segments still hold.

    Returns
    -------
    pandas.DataFrame
        The table `refit`: one row.
    """
    was, now = compared.earlier["structure"].iloc[0], compared.now["structure"].iloc[0]
    refitted = compared.refit is not None or compared.fitted
    row: dict[str, Any] = {
        "verdict": None,
        "reasons": [],
        "refitted": refitted,
        "how": compared.now["lineage"].how.iloc[0],
        "structure": was.structure,
        "k": int(was.k),
        "margin": float(compared.earlier["segments"].margin.mean()),
        "margin_now": float(compared.stored.margin.mean()),
        "customers": len(compared.found),
    }
    row |= dict.fromkeys(("agreement", "usual", "least", "elsewhere"), np.nan)
    row |= {"structure_now": None, "k_now": None}
    if refitted:
        row |= _judged(compared, was, now)
    return pd.DataFrame([row]).astype({"verdict": "string", "structure_now": "string", "k_now": "Int64"})


def _judged(compared: Compared, was: pd.Series, now: pd.Series) -> dict[str, Any]:
    identified, found = matches(compared)
    numbered = found.set_index("customer").segment
    if not compared.fitted:
        numbered = numbered.map(identified.numbers)
    index, elsewhere = agreement(compared.stored.set_index("customer").segment, numbered)
    word = compared.refit.structure if compared.refit else now.structure
    close = compared.refit.close if compared.refit else bool(now.close)
    evidence = Evidence(index, elsewhere, compared.usual.agreement, identified, was.structure, word, close)
    judged, usual = verdict(evidence), compared.usual.agreement
    return {
        "verdict": judged.word,
        "reasons": judged.reasons,
        "agreement": index,
        "elsewhere": elsewhere,
        "usual": float(np.nanmean(usual)) if len(usual) else np.nan,
        "least": evidence.least if len(usual) else np.nan,
        "structure_now": word,
        "k_now": int(found.segment.nunique()),
    }
