"""Sentences of page 02: what the data look like before any segment."""

from __future__ import annotations

import pandas as pd

from seglib.report.words import listed, plural, share
from seglib.vocabulary import uncapitalised

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")


def skewness(features: pd.DataFrame, labels: dict[str, str]) -> str:
    """Name the features that are strongly skewed to the right."""
    skewed = [uncapitalised(labels[n]) for n in features.select_dtypes("number") if features[n].skew() > 1]
    names = f": {listed(skewed)}" if skewed else ""
    return f"{plural(len(skewed), 'feature is', 'features are')} strongly skewed to the right{names}."


def pairs(associations: pd.DataFrame, labels: dict[str, str], most: int = 3) -> str:
    """Name the pairs of features that are associated most."""
    known = associations.dropna(subset="strength")
    top = known.loc[known.strength.abs().nlargest(most).index]
    said = [
        f"{uncapitalised(labels[r.a])} with {uncapitalised(labels[r.b])} ({r.measure} {r.strength:.2f})".replace(
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
    years = int(table.years.iloc[0])
    covered = (
        f"The data cover {plural(years, 'whole year')}" if years else "The data cover less than a whole year"
    )
    cycles = f"{covered}." if years >= 2 else f"{covered}, so a season cannot be distinguished from an event."
    return f"The strongest whole month is **{best.month}**, with {times:.1f} times the mean. {cycles}"


def hours(table: pd.DataFrame) -> str:
    """Name the weekday and the hour with most orders."""
    by_day, by_hour = table.groupby("weekday").orders.sum(), table.groupby("hour").orders.sum()
    return (
        f"Most orders come on {_DAYS[int(by_day.idxmax())]} ({share(by_day.max() / by_day.sum())}) and "
        f"from {int(by_hour.idxmax())} o'clock ({share(by_hour.max() / by_hour.sum())})."
    )
