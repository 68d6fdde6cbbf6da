"""Facts of page 02: what the data look like before any segment."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.explore import patterns
from seglib.privacy.disclosure import hidden
from seglib.report.context import Context

_DAYS = ("Monday", "Tuesday", "Wednesday", "Thursday", "Friday", "Saturday", "Sunday")
#: Share of customers whose value is named, where so few may be shown.
_TOP = 0.2


def distributions(features: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List the features that are drawn."""
    return {"features": list(features.columns)}


def skewness(features: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List the features that are strongly skewed to the right."""
    return {"features": [n for n in features.select_dtypes("number") if features[n].skew() > 1]}


def associations(table: pd.DataFrame, terms: Context, most: int = 3) -> dict[str, Any]:
    """List the pairs of features that are associated most, as far as they may be shown."""
    known = table[~terms.few(table.behind)].dropna(subset="strength")
    return {"pairs": known.loc[known.strength.abs().nlargest(most).index].to_dict("records")}


def concentration(curve: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find what share of the value the top customers bring."""
    top = top_of(curve, terms)
    return {"top": top, "value": patterns.top_share(curve, top)}


def top_of(curve: pd.DataFrame, terms: Context) -> float:
    """Return the share of customers that is called the top: a fifth, or as many as may be shown."""
    return max(_TOP, terms.min_cell / curve["count"].iloc[-1])


def cohorts(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find what share of the cohorts' customers order again one, three, six and twelve months later."""
    shown = shown_cohorts(table, terms)
    ages = []
    for age in (1, 3, 6, 12):
        at = shown[shown.age == age]
        if len(at) >= 2:
            ages.append({"age": age, "share": (at.active * at.customers).sum() / at.customers.sum()})
    return {"ages": ages}


def shown_cohorts(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Return the cells of cohorts that may be shown: neither few customers, nor all but few."""
    yes, no = (table.active * table.customers).round(), ((1 - table.active) * table.customers).round()
    out = terms.few(table.customers) | terms.few(yes) | terms.few(no)
    return table[~out]


def calendar(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find the strongest whole month, and how many months of the year were seen more than once."""
    shown = table[~hidden(table.customers, terms.min_cell)]
    whole = shown[shown.whole]
    if len(whole) < 3:
        return {"months": len(whole)}
    best = whole.loc[whole.value.idxmax()]
    seen = whole.month.str[-2:].value_counts()
    return {
        "months": len(whole),
        "best": best.month,
        "times": best.value / whole.value.mean(),
        "twice": int((seen >= 2).sum()),
        "once": int((seen == 1).sum()),
        "cycles": int(table.years.iloc[0]),
    }


def weekdays(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find the weekday and the hour with most orders."""
    by_day, by_hour = table.groupby("weekday").orders.sum(), table.groupby("hour").orders.sum()
    return {
        "day": _DAYS[int(by_day.idxmax())],
        "of_day": by_day.max() / by_day.sum(),
        "hour": int(by_hour.idxmax()),
        "of_hour": by_hour.max() / by_hour.sum(),
    }
