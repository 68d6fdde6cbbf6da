"""What customers say, shaped for a reader: only what enough of them say is shown."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.report.context import Context
from seglib.report.words import listed, named, share

#: Words of a segment that are shown.
_MOST = 6


def words(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """List the distinctive words of each segment with their shares, the strongest first."""
    rows = []
    for segment, own in table[table.distinctive & (table.people >= terms.min_cell)].groupby("segment"):
        first = own[(own.commented - own.people).ge(terms.min_cell) | (own.commented == own.people)].head(
            _MOST
        )
        said = [f"{named(r.word)} ({share(r.share)}; {share(r.others)})" for r in first.itertuples()]
        if said:
            least = float(np.minimum(first.people, (first.commented - first.people).replace(0, np.inf)).min())
            rows.append((segment, float(first.commented.iloc[0]), ", ".join(said), least))
    return pd.DataFrame(rows, columns=["segment", "commented", "said", "least"])


def topics(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write each topic with who raises it most, and how content these are beside the others."""
    everyone = table[table.segment.isna()].set_index("topic")
    known = table[table.segment.notna() & (table.raised >= terms.min_cell)]
    known = known[(known.commented - known.raised) >= terms.min_cell]
    most = known.sort_values("share", ascending=False).groupby("topic").head(1).set_index("topic")
    where = {t: f"{terms.segment(r.segment)} ({share(r.share)})" for t, r in most.iterrows()}
    apart = [
        f"{r.difference:+.1f} ({r.low:+.1f} to {r.high:+.1f})".replace("-", "−") if pd.notna(r.low) else None
        for r in everyone.itertuples()
    ]
    words_of = [listed(named(w) for w in words.split(", ")) for words in everyone["words"]]
    least = np.minimum(everyone.raised, everyone.commented - everyone.raised)
    shaped = everyone.assign(
        words=words_of, apart=apart, most=[where.get(t) for t in everyone.index], least=least
    )
    return shaped[shaped.least >= terms.min_cell].sort_values("share", ascending=False)
