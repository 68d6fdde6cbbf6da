"""Stored and refitted segments of one month, side by side: which is which, and whether the stored ones hold."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, NamedTuple

import numpy as np
import pandas as pd
from sklearn.metrics import adjusted_rand_score

from seglib.monitor.confirming import Months, confirmed
from seglib.monitor.identity import Identities, identities, nearness
from seglib.monitor.judging import Evidence, agreement, verdict
from seglib.monitor.refitting import Refit, Usual
from seglib.monitor.segments import centres


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
    """

    now: dict[str, pd.DataFrame]
    earlier: dict[str, pd.DataFrame]
    rescored: pd.DataFrame | None = None
    refit: Refit | None = None
    usual: Usual = field(default_factory=Usual)
    highest: int = 0

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

    The number of segments is often a close call, so that another number alone is no change. Fits of as many
    segments as stored, a few more and fewer are compared with the stored ones, and the one counts of which most
    changes and only changes are confirmed by the customers; where no change is, all segments are kept.
    """
    refit = compared.refit
    own = compared.found.set_index("customer").segment
    if refit is None or refit.space is None:
        return _matched(compared, own), compared.found
    k = int(compared.earlier["structure"].k.iloc[0])
    fits = {refit.k: own} | {n: labels for n, labels in refit.fits.items() if n != refit.k}
    tested = {n: _tested(compared, labels) for n, labels in fits.items()}
    rank = {n: (not t.sure.all(), -_events(t.identified.table[t.sure]), n != k) for n, t in tested.items()}
    n = min(tested, key=lambda number: rank[number])
    identified, labels = tested[n].identified, tested[n].labels
    if not rank[n][1] and k in fits:
        identified, labels = _matched(compared, fits[k], unchanged=True), fits[k]
    return identified, compared.found.assign(segment=compared.found.customer.map(labels).to_numpy())


class Tested(NamedTuple):
    """A fit, which of its segments is which stored one, and whether the customers confirm it."""

    labels: pd.Series
    identified: Identities
    sure: pd.Series


def _tested(compared: Compared, labels: pd.Series) -> Tested:
    """Match a fit, undo what the customers do not confirm of it, and match again."""
    identified = _matched(compared, labels)
    sure = _confirmed(compared, identified.table, labels)
    undone = _undone(identified.table[~sure], labels, _stored(compared, labels))
    if undone is None:
        return Tested(labels, identified, sure)
    identified = _matched(compared, undone)
    return Tested(undone, identified, _confirmed(compared, identified.table, undone))


def _undone(unsure: pd.DataFrame, labels: pd.Series, stored: pd.Series) -> pd.Series | None:
    """Join the pieces of a split, and divide what was merged as it is stored; nothing if there is neither."""
    there = unsure[unsure.found.notna()]
    splits, merges = there[there.fate == "split"], there[there.fate == "merged"]
    if splits.empty and merges.empty:
        return None
    made = labels.copy()
    for _, pieces in splits.groupby(splits.sources.map(tuple)):
        made = made.replace(dict.fromkeys(pieces.found.astype(int), int(pieces.found.iloc[0])))
    for row in merges.itertuples():
        for source in row.sources[1:]:
            made[(labels == row.found) & (stored.reindex(labels.index) == source)] = int(made.max()) + 1
    return made


def _events(table: pd.DataFrame) -> int:
    """Count what happened: a split or a merger of several segments is one event."""
    there = table[table.found.notna()]
    splits = {tuple(s) for s in there[there.fate == "split"].sources}
    single = (there.fate.isin(["born", "merged"])).sum() + (table.fate == "died").sum()
    return int(single) + len(splits)


def _confirmed(compared: Compared, table: pd.DataFrame, labels: pd.Series) -> pd.Series:
    if (table.fate == "kept").all() or compared.refit is None or compared.refit.space is None:
        return pd.Series(True, table.index)
    before = compared.earlier["segments"].set_index("customer").segment
    return confirmed(table, Months.of(compared.refit.space, before, labels))


def _stored(compared: Compared, labels: pd.Series) -> pd.Series:
    """Give the stored segment of each customer: by the stored model, or that of the earlier month.

    Where all customers drift, they stay together and the borders of the stored model do not follow them; the new
    fit then agrees better with the earlier month.
    """
    now = compared.stored.set_index("customer").segment
    before = compared.earlier["segments"].set_index("customer").segment
    both = now.index.intersection(before.index).intersection(labels.index)
    agreements = [adjusted_rand_score(labels[both], s[both]) for s in (now, before)]
    if agreements[1] <= agreements[0]:
        return now
    there = now.index.isin(before.index)
    return pd.concat([before.reindex(now.index[there]), now[~there]]).astype(int)


def _matched(compared: Compared, labels: pd.Series, unchanged: bool = False) -> Identities:
    before, found = compared.earlier["segments"], compared.now["features"]
    numbered = labels.rename("segment").rename_axis("customer").reset_index()
    near = nearness(centres(compared.earlier["features"], before), centres(found, numbered))
    stored, was = _stored(compared, labels), before.set_index("customer").segment
    return identities(stored, labels, was, near, compared.highest, unchanged)


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
    kept = bool((table.fate == "kept").all()) and not compared.fitted  # by the stored model, which goes on
    sizes = compared.stored.segment.value_counts() if kept else found.segment.value_counts()
    before = compared.earlier["segments"].segment.value_counts()
    return table.assign(
        name=[names.get(int(s), f"Segment {int(s)}") for s in table.segment],
        customers=(table.segment if kept else table.found).map(sizes).fillna(0).astype(int),
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
