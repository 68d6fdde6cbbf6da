"""Sentences that are computed from tables, so that next week's data get their own."""

from __future__ import annotations

import pandas as pd

from seglib.protected import WHY
from seglib.report.words import count, listed, money, plural, share

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def rows(ledger: pd.DataFrame) -> str:
    """Say what became of the rows of one source.

    Parameters
    ----------
    ledger
        The rules of one source, in order.
    """
    taken = ledger[(ledger.dropped + ledger.set_aside) > 0]
    start, end = int(ledger.rows_in.iloc[0]), int(ledger.rows_out.iloc[-1])
    source = ledger.source.iloc[0]
    if taken.empty:
        return f"All {count(start)} rows of {source} are kept."
    worst = taken.loc[(taken.dropped + taken.set_aside).idxmax()]
    return (
        f"Of {count(start)} rows of {source} **{count(end)}** are kept ({share(end / start)}); most went "
        f"by the rule “{worst.rule}” ({count(worst.dropped + worst.set_aside)} rows)."
    )


def contract(table: pd.DataFrame) -> str:
    """Say which rule is broken most, and whether anything is.

    Parameters
    ----------
    table
        One row per rule: source, rule, rows, broken, share, outcome.
    """
    broken = table[table.broken > 0]
    if broken.empty:
        return f"All {count(len(table))} rules are kept by every row."
    worst = broken.loc[broken.share.idxmax()]
    return (
        f"{count(len(broken))} of {count(len(table))} rules are broken; most often “{worst.rule}” in "
        f"{worst.source}: {count(worst.broken)} of {count(worst.rows)} rows ({share(worst.share)}), {worst.outcome}."
    )


def ledger(table: pd.DataFrame) -> str:
    """Say how many rules of the ledger found nothing to do."""
    did = table[["dropped", "set_aside", "mended", "warned"]].any(axis=1)
    idle = int((~did).sum())
    return f"{count(int(did.sum()))} rules did something; {count(idle)} found nothing to do." if idle else ""


def joins(table: pd.DataFrame) -> str:
    """Say how many ids of the sources are customers, and how they were compared."""
    if table.empty:
        return "There is one source alone; nothing is joined."
    lines = []
    for row in table.itertuples():
        strange = row.ids - row.known
        strangers = "all are customers" if not strange else f"{count(strange)} are not among the customers"
        said = f"Of {count(row.ids)} ids in {row.source} {strangers}"
        if row.compared != "as they stand":
            said += f" (compared {row.compared})"
        lines.append(f"{said}; {count(row.without)} customers have no {row.source}.")
    return " ".join(lines)


def quality(table: pd.DataFrame, customers: int) -> str:
    """Say how many customers and features there are, and which is most often missing."""
    worst = table.sort_values("missing_share", ascending=False).iloc[0]
    missing = (
        f"Most often missing is **{worst.label.lower()}** ({share(worst.missing_share)})."
        if worst.missing_share
        else "Nothing is missing."
    )
    return f"{plural(customers, 'customer')}, {plural(len(table), 'feature')}. {missing}"


def skewness(features: pd.DataFrame, labels: dict[str, str]) -> str:
    """Name the features that are strongly skewed to the right."""
    skewed = [labels[n].lower() for n in features.select_dtypes("number") if features[n].skew() > 1]
    names = f": {listed(skewed)}" if skewed else ""
    return f"{plural(len(skewed), 'feature is', 'features are')} strongly skewed to the right{names}."


def pairs(associations: pd.DataFrame, labels: dict[str, str], most: int = 3) -> str:
    """Name the pairs of features that are associated most."""
    known = associations.dropna(subset="strength")
    top = known.loc[known.strength.abs().nlargest(most).index]
    said = [
        f"{labels[r.a].lower()} with {labels[r.b].lower()} ({r.measure} {r.strength:.2f})".replace(
            "-", "−", 0
        )
        for r in top.itertuples()
    ]
    return f"Strongest are {listed(said)}." if said else "There is no pair to compare."


def concentration(top: float, of: float = 0.2) -> str:
    """Say what share of the value the top customers bring."""
    return f"The top {share(of)} of customers bring **{share(top)}** of the net value."


def cohorts(table: pd.DataFrame) -> str:
    """Say what share of the cohorts' customers order again one, three and six months later."""
    said = []
    for age in (1, 3, 6, 12):
        at = table[(table.age == age) & table.active.notna()]
        if len(at) >= 2:
            mean = (at.active * at.customers).sum() / at.customers.sum()
            said.append(f"{share(mean)} after {plural(age, 'month')}")
    return (
        f"Of a cohort's customers order again: {listed(said)}." if said else "No cohort is followed for long."
    )


def calendar(table: pd.DataFrame) -> str:
    """Name the strongest month and how many cycles were seen."""
    whole = table[table.whole & table.value.notna()]
    if len(whole) < 3:
        return "There are too few whole months to see a season."
    best = whole.loc[whole.value.idxmax()]
    times = best.value / whole.value.mean()
    cycles = "Every month was seen once only, so a season cannot be told from an event." \
        if len(whole) < 24 else "The data hold two cycles."  # fmt: skip
    return f"The strongest whole month is **{best.month}**, with {times:.1f} times the mean. {cycles}"


def hours(table: pd.DataFrame) -> str:
    """Name the weekday and the hour with most orders."""
    by_day, by_hour = table.groupby("weekday").orders.sum(), table.groupby("hour").orders.sum()
    return (
        f"Most orders come on {_DAYS[int(by_day.idxmax())]} ({share(by_day.max() / by_day.sum())}) and "
        f"from {int(by_hour.idxmax())} o'clock ({share(by_hour.max() / by_hour.sum())})."
    )


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
    said = [f"**segment {r.segment}** ({r.flags}; next to segment {r.neighbour})" for r in flagged.itertuples()]
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
    names = listed(labels[name].lower() for name in out.feature)
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


def protected(near: pd.DataFrame, names: dict[int, str], strict: bool = False) -> str:
    """Say which segments are nearly a protected group.

    Parameters
    ----------
    near
        From `protected.nearly_groups`.
    names
        Of the segments.
    strict
        Whether no share of a protected group may be said.
    """
    if near.empty:
        return "There is no protected attribute to compare the segments with."
    found = near[near.nearly]
    what = listed(dict.fromkeys(near.attribute))
    if found.empty:
        return f"No segment is nearly a protected group; compared by {what}."
    said = []
    for row in found.itertuples():
        if strict:
            how = f"by {row.attribute}"
        elif pd.notna(row.answer) and row.held >= row.overall:
            how = f"{row.label.lower()} {row.answer}: {share(row.held)} of it, {share(row.overall)} of all"
        else:
            how = f"{row.label.lower()} foretells who belongs to it: area under the curve {row.auc:.2f}"
        said.append(f"**{names[row.segment]}** ({how})")
    return (
        f"Nearly a protected group: {'; '.join(said)}. To treat such a segment differently is to treat the group "
        "differently: have it looked at before anything is done."
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
    named = {"RFM rules": "recency, frequency and value by published rules",
             "purchase cycle": "the states of the purchase cycle"}  # fmt: skip
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


def profiles(table: pd.DataFrame, names: dict[int, str]) -> str:
    """Name what sets each segment apart, in a sentence per segment."""
    said = []
    for segment, name in names.items():
        loud = table[(table.segment == segment) & table.stands_out]
        loud = loud.loc[loud.distance.abs().sort_values(ascending=False).index].head(3)
        told = listed(f"{r.label.lower()} {r.distance:+.1f}" for r in loud.itertuples()) or "nothing"
        said.append(f"{name}: {told}.")
    return " ".join(said)


def value(table: pd.DataFrame, apart: int, currency: str | None) -> list[str]:
    """Say who brings most, per segment and per customer, and who grows."""
    largest = table.loc[table.customers.idxmax()]
    said = [f"Largest is **{largest['name']}** with {share(largest.share)} of customers."]
    if "value_share" in table and table.value_share.isna().all():
        said.append("A segment gave back more than it brought, so shares of value mean nothing.")
    elif "value" in table:
        most, each = table.loc[table.value_share.idxmax()], table.loc[table.value_per_customer.idxmax()]
        said.append(
            f"Most value comes from **{most['name']}** ({share(most.value_share)}), most per customer "
            f"from {each['name']} ({money(each.value_per_customer, currency)})."
        )
    grown = table.dropna(subset="growth") if "growth" in table else table.head(0)
    if len(grown):
        best = grown.loc[grown.growth.idxmax()]
        since = (
            "half a year against the same half a year ago"
            if apart == 365
            else f"the last {apart} days against those before"
        )
        change = "grew" if best.growth >= 0 else "shrank"
        said.append(f"Over {since}, {best['name']} did best: it {change} by {share(abs(best.growth))}.")
    return said


def scorecard(table: pd.DataFrame, names: dict[int, str]) -> str:
    """Say which segments fail what."""
    failed = table[~table.passed]
    if failed.empty:
        return f"All {plural(table.segment.nunique(), 'segment')} meet every criterion."
    said = [
        f"**{names[r.segment]}** is not {r.criterion}{' and cannot be a target' if r.knock_out else ''}"
        for r in failed.itertuples()
    ]
    return f"{'; '.join(said)}."


def targets(ranking: pd.DataFrame) -> str:
    """Name the targets."""
    chosen = ranking[ranking.target]
    if chosen.empty:
        return f"No segment is a target: {ranking.decided_by.iloc[0]}."
    return f"Go after {listed(f'**{n}**' for n in chosen['name'])}. The decision page says the rest."


def capital(sentence: str) -> str:
    """Begin a sentence."""
    return sentence[:1].upper() + sentence[1:]
