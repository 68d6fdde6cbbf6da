"""Facts of page 05 on what segments need and respond to, as far as they may be shown."""

from __future__ import annotations

import calendar
from typing import Any

import numpy as np
import pandas as pd

from seglib.privacy.disclosure import hidden
from seglib.report.context import Context

#: Buyers who buy so many times as many different things explain part of a lift.
_BROAD = 1.5
#: The method that others are measured against.
POPULAR = "most popular"
#: Products and categories that are named of a segment.
MOST_NAMED = {"product": 2, "category": 1}


def few(customers: pd.Series, terms: Context) -> pd.Series:
    """Return which numbers of customers are too few to be shown."""
    return (customers > 0) & (customers < terms.min_cell)


def not_known(missing: dict[str, str], terms: Context) -> dict[str, Any]:
    """Group what is not known of any segment by the source that would be needed."""
    sources: dict[str, list[str]] = {}
    for part, source in missing.items():
        sources.setdefault(source, []).append(part)
    return {"missing": sources}


def shown_lifts(lifts: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Select what is bought significantly more often, by enough customers to be shown."""
    more = lifts[lifts.more & ~few(lifts.customers, terms)]
    return more.assign(few_elsewhere=few(more.elsewhere, terms))


def bought_more(lifts: pd.DataFrame, terms: Context) -> dict[str, Any] | None:
    """Find the clearest difference, the segments without any, and those that buy more of everything."""
    if lifts.empty:
        return None
    more = shown_lifts(lifts, terms)
    top = more.sort_values(["lower", "item"], ascending=[False, True]).head(1).to_dict("records")
    broad = more.groupby("segment").breadth.max()
    return {
        "top": top[0] if top else None,
        "none": [s for s in dict.fromkeys(lifts.segment) if s not in set(more.segment)],
        "broad": [{"segment": s, "breadth": b} for s, b in broad.items() if b >= _BROAD],
    }


def shown_months(seasons: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Empty the shares of months that may not be shown, and of those that would reveal them."""
    square = seasons.pivot(index="segment", columns="month", values="behind")
    out = hidden(square, terms.min_cell, ["rows"]).stack()  # the shares of a segment sum to one
    keys = pd.MultiIndex.from_frame(seasons[["segment", "month"]])
    return seasons.assign(share=seasons.share.mask(out.reindex(keys).to_numpy(dtype=bool)))


def _months_above(rows: pd.DataFrame, most: int = 3) -> list[dict[str, Any]]:
    """List the months that stand out in a segment's orders, at most so many."""
    above = rows[rows.more & rows.share.notna()]
    above = above.assign(ratio=above.share / above.overall).sort_values(
        ["ratio", "month"], ascending=[False, True]
    )
    return _named(above.head(most).sort_values("month"))


def _named(months: pd.DataFrame) -> list[dict[str, Any]]:
    return months.assign(name=[calendar.month_name[int(m)] for m in months.month]).to_dict("records")


def seasons(table: pd.DataFrame, terms: Context) -> dict[str, Any] | None:
    """Find in which months segments order significantly more than all customers."""
    if table.empty:
        return None
    above: dict[bool, list[dict[str, Any]]] = {False: [], True: []}
    none = []
    for segment, rows in shown_months(table, terms).groupby("segment"):
        months = _months_above(rows)
        if months:
            once = bool(rows.cycles.iloc[0] < 2 <= table.cycles.max())  # where the orders reach farther
            above[once].append({"segment": segment, "months": months})
        else:
            none.append(segment)
    return {"above": above[False], "once": above[True], "none": none}


def seasons_alt(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find the month with most orders of each segment."""
    shown = shown_months(table, terms)
    return {"tops": _named(shown[shown.most & shown.share.notna()])}


def channels(table: pd.DataFrame, terms: Context) -> dict[str, Any] | None:
    """Find the channels that segments use, and respond to, significantly more than all customers."""
    if table.empty:
        return None
    facts: dict[str, Any] = {}
    for what in ("orders", "answers"):
        own = table[table.what == what]
        more = own[own.more & ~few(own.behind, terms)]
        rows = [{"segment": s, "channels": part.to_dict("records")} for s, part in more.groupby("segment")]
        facts[what] = rows if len(own) else None
    return facts


def discounts(table: pd.DataFrame, terms: Context) -> dict[str, Any] | None:
    """Find the segment that orders most often at a discount."""
    if table.empty:
        return None
    shown = table[(table.share > 0) & ~few(table.behind, terms)]
    if shown.empty:
        return {"segment": None}
    return shown.sort_values(["share", "customers"], ascending=False).iloc[0].to_dict()


def next_products(hit_rates: pd.DataFrame, terms: Context) -> dict[str, Any] | None:
    """Find for whom co-purchase predicts better than popularity, and by how much in all."""
    if hit_rates.empty:
        return None
    last = hit_rates[hit_rates.length == hit_rates.length.max()]
    used = last[last.used]
    better = used[used.method != POPULAR]
    small = last[few(last.behind, terms) | few(last.customers, terms)].segment
    shown = better[~better.segment.isin(small) & better.gain.notna()]  # a gain and one rate reveal the other
    n = shown.customers.sum()
    rate, gain = ((shown[c] * shown.customers).sum() / n if n else np.nan for c in ("rate", "gain"))
    return {
        "better": list(better.segment),
        "rest": list(used.segment[used.method == POPULAR]),
        "methods": sorted(better.method.unique()),
        "customers": int(n),
        "length": int(last.length.iloc[0]),
        "rate": rate,
        "popular": rate - gain,
    }


def shown_needs(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Select the needs that are unmet, of segments of which enough customers answered."""
    return table[table.missing & ~few(table.customers, terms)]


def unmet(table: pd.DataFrame, terms: Context) -> dict[str, Any] | None:
    """List the needs that are important and significantly unmet, by segment."""
    if table.empty:
        return None
    missing = shown_needs(table, terms)
    return {
        "missing": [
            {"segment": s, "needs": list(rows.sort_values("gap", ascending=False).need.head(3))}
            for s, rows in missing.groupby("segment")
        ]
    }
