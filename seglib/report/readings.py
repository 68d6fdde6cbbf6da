"""Sentences that are computed from tables, so that next week's data get their own."""

from __future__ import annotations

import pandas as pd

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
    whole = table[table.whole]
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


def left_out(n: int) -> str:
    """Say how many customers could not be segmented; nothing if all could."""
    if not n:
        return ""
    return (
        f"{plural(n, 'customer is', 'customers are')} left out because too little is known of them, such as "
        "those who never ordered."
    )


def candidates(table: pd.DataFrame) -> str:
    """Say which numbers of segments come back, and which was chosen."""
    chosen = table[table.chosen].iloc[0]
    fine = table[table.admissible]
    said = [f"{m}: {listed(map(str, rows.k))}" for m, rows in fine.groupby("method", sort=False)]
    came = f"Admissible are {'; '.join(said)} segments." if said else "No candidate is admissible."
    return (
        f"{came} Chosen: {int(chosen.k)} by {chosen.method}, whose weakest segment comes back to "
        f"{share(chosen.weakest)}."
    )


def rfm(segments: pd.Series, rules: pd.Series | None) -> str:
    """Say how far a segmentation and the RFM rules agree."""
    if rules is None:
        return ""
    from sklearn.metrics import adjusted_rand_score

    agreement = adjusted_rand_score(segments, rules)
    found = "nearly the same as" if agreement > 0.65 else "partly like" if agreement > 0.3 else "quite unlike"
    return (
        f"recency, frequency and value by published rules give {plural(rules.nunique(), 'segment')}, which are "
        f"{found} these (adjusted Rand index {agreement:.2f}, of 1)."
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
