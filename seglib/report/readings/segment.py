"""Sentences of page 03: which segments were found, and how they hold."""

from __future__ import annotations

import pandas as pd

from seglib.privacy.protected import WHY
from seglib.report.words import listed, plural, share
from seglib.vocabulary import uncapitalised


def left_out(n: int, min_cell: int = 1) -> str:
    """Say how many customers could not be segmented; nothing if all could."""
    if not n:
        return ""
    if n < min_cell:
        return f"Fewer than {min_cell} customers are left out because too little is known of them."
    return (
        f"{plural(n, 'customer is', 'customers are')} left out because too little is known of them, such as "
        "those who never ordered."
    )


def candidates(table: pd.DataFrame, over: int | None = None) -> str:
    """Say which numbers of segments come back, which was chosen, and where over-segmentation begins.

    Parameters
    ----------
    table
        One row per method and k, with chosen and next_best.
    over
        Number of segments from which on not all can be trusted.
    """
    chosen, second = table[table.chosen].iloc[0], table[table.next_best]
    fine = table[table.admissible | table.separated]
    said = [f"{m}: {listed(map(str, rows.k))}" for m, rows in fine.groupby("method", sort=False)]
    came = f"Admissible are {'; '.join(said)} segments." if said else "No candidate is admissible."
    next_best = (
        f" Next best: {int(second.k.iloc[0])} by {second.method.iloc[0]} (weakest {share(second.weakest.iloc[0])})."
        if len(second)
        else ""
    )
    finer = (
        f" From {over} segments on, {chosen.method} divides what does not come back: that would be "
        "over-segmentation."
        if over
        else ""
    )
    return (
        f"{came} Chosen: **{int(chosen.k)}** by {chosen.method}, whose weakest segment comes back to "
        f"{share(chosen.weakest)}.{next_best}{finer}"
    )


def flow(streams: pd.DataFrame, stable: float) -> str:
    """Say which number of segments splits what, and whether the parts come back."""
    said = []
    for k, rows in streams[streams.source >= 0].groupby("k"):
        weak = rows[rows.recovery < stable].part.nunique()
        said.append(f"{k} segments: {'all come back' if not weak else f'{weak} below stable'}")
    return f"{'; '.join(said)}." if said else "There is one number of segments only."


def gates(recovery: pd.DataFrame, merged: bool) -> str:
    """Say which segments fail a gate."""
    flagged = recovery[recovery["flags"] != ""]
    if flagged.empty:
        return "Every segment comes back, is large enough and distinct from its neighbour."
    said = [
        f"**segment {r.segment}** ({r.flags}; next to segment {r.neighbour})" for r in flagged.itertuples()
    ]
    then = "" if merged else " They are kept; `segment.merge: true` would merge them."
    return f"Flagged: {listed(said)}.{then}"


def kept_out(roles: pd.DataFrame, labels: dict[str, str]) -> str:
    """Say which features do not form segments because they are protected attributes.

    Parameters
    ----------
    roles
        From `segment.variables`.
    labels
        Plain words per feature.
    """
    out = roles[~roles.segmentation & (roles.why == WHY)]
    if out.empty:
        return "No protected attribute is among the features of the bases that are segmented on."
    names = listed(uncapitalised(labels[name]) for name in out.feature)
    return (
        f"Left out because {'it is a protected attribute' if len(out) == 1 else 'they are protected attributes'}: "
        f"**{names}**. {'It describes' if len(out) == 1 else 'They describe'} segments and do"
        f"{'es' if len(out) == 1 else ''} not form them, unless `privacy.form_on` says so."
    )


def joined(n: int, min_cell: int) -> str:
    """Say how many segments were too small to be shown; nothing if none was."""
    if not n:
        return ""
    return (
        f"{plural(n, 'segment')} of fewer than {min_cell} customers {'was' if n == 1 else 'were'} put together with "
        "another, for so few cannot be shown."
    )


def agreement(pairs: pd.DataFrame, disputed: pd.DataFrame) -> str:
    """Say which methods agree with the segments, and on whom they do not."""
    own = pairs[pairs.one == pairs.one.iloc[0]] if len(pairs) else pairs
    if own.empty:
        return "There is no other opinion."
    most, least = own.loc[own.agreement.idxmax()], own.loc[own.agreement.idxmin()]
    told = disputed.disputed.notna().all()
    total = (disputed.disputed * disputed.customers).sum() / disputed.customers.sum() if told else 0.0
    worst = disputed.loc[disputed.disputed.fillna(0).idxmax()]
    on = (
        f"Most other methods put **{share(total)}** of customers elsewhere, most often those of segment "
        f"{int(worst.segment)} ({share(worst.disputed)})."
        if total
        else "On no customer do most other methods disagree."
        if told
        else "On few customers do most other methods disagree."
    )
    return (
        f"Closest is {most.other} (adjusted Rand index {most.agreement:.2f}), farthest {least.other} "
        f"({least.agreement:.2f}). {on}"
    )


def rules(pairs: pd.DataFrame) -> str:
    """Say how far a segmentation and the usual rules agree; nothing where there are no rules."""
    named = {
        "RFM rules": "recency, frequency and value by published rules",
        "purchase cycle": "the states of the purchase cycle",
    }
    own = pairs[(pairs.one == pairs.one.iloc[0]) & pairs.other.isin(named)] if len(pairs) else pairs
    said = []
    for row in own.itertuples():
        alike = ("quite unlike", "partly like", "nearly the same as")
        found = alike[(row.agreement > 0.3) + (row.agreement > 0.65)]
        said.append(
            f"{named[row.other]} give {plural(row.segments_other, 'segment')}, which are {found} these "
            f"(adjusted Rand index {abs(round(row.agreement, 2)):.2f}, of 1)"
        )
    return f"{'; '.join(said)}." if said else ""


def outcome(verdict: str, recovery: pd.DataFrame, chosen: pd.Series, candidates: pd.DataFrame) -> str:
    """Say which segments the next stages get.

    Parameters
    ----------
    verdict
        The word.
    recovery
        One row per segment, with name where a rule gave it.
    chosen, candidates
        The candidate chosen, and all.
    """
    if verdict != "none":
        second = candidates[candidates.next_best]
        next_best = f"; next best are {int(second.k.iloc[0])}" if len(second) else ""
        return f"The next stages get {plural(len(recovery), 'segment')} by {chosen.method}{next_best}."
    if len(recovery) == 1:
        return (
            "All customers stay one segment: names for cuts that were not found would be invented. What may still "
            "be done are rules on purchases, which need transactions."
        )
    return (
        f"What may still be done are rules: the next stages get {listed(recovery.name.str.lower())}, whose names "
        "say what the rule says and nothing more."
    )
