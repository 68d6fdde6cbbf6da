"""Facts of the offers to each segment: for the cards of the decision page."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pandas as pd

from seglib.report.context import Context
from seglib.report.readings.offers import (
    MOST_NAMED,
    POPULAR,
    _months_above,
    few,
    shown_lifts,
    shown_months,
    shown_needs,
)


def offers_rows(tables: dict[str, pd.DataFrame], segments: pd.Series, terms: Context) -> pd.DataFrame:
    """Find what to offer each segment, as far as it may be shown.

    Parameters
    ----------
    tables
        Those of `target.measured_offers`.
    segments
        All segments.

    Returns
    -------
    pandas.DataFrame
        One row per segment: the facts that the texts of the table `offers` are made of.
    """
    shown = tables | {"seasons": shown_months(tables["seasons"], terms)} if len(tables["seasons"]) else tables
    rows = []
    for segment in sorted(segments):
        own = {name: table[table.segment == segment] for name, table in shown.items()}
        rows.append({"segment": segment} | {name: find(own, terms) for name, find in _FINDERS.items()})
    return pd.DataFrame(rows, columns=["segment", *_FINDERS]).astype(dict.fromkeys(_FINDERS, object))


def _buys_more(own: dict[str, pd.DataFrame], terms: Context) -> list[dict[str, Any]] | None:
    if own["lifts"].empty:
        return None
    more = shown_lifts(own["lifts"], terms)
    return [
        item
        for kind, most in MOST_NAMED.items()
        for item in more[more.kind == kind].head(most).to_dict("records")
    ]


def _when(own: dict[str, pd.DataFrame], terms: Context) -> list[dict[str, Any]] | None:
    return _months_above(own["seasons"]) if len(own["seasons"]) else None


def _once(own: dict[str, pd.DataFrame], terms: Context) -> bool:
    return bool((own["seasons"].cycles < 2).any())


def _through(own: dict[str, pd.DataFrame], terms: Context) -> list[dict[str, Any]]:
    top = own["channels"][own["channels"].most & ~few(own["channels"].customers, terms)]
    return top.assign(shown=~few(top.behind, terms)).to_dict("records")


def _discount(own: dict[str, pd.DataFrame], terms: Context) -> dict[str, Any] | None:
    table = own["discounts"]
    shown = table[~few(table.behind, terms) & table.share.notna()]
    shown = shown.assign(rate=shown.rate.mask(few(shown.discounted, terms)))
    return shown.iloc[0].to_dict() if len(shown) else None


def _next(own: dict[str, pd.DataFrame], terms: Context) -> list[dict[str, Any]]:
    top = own["next_products"].sort_values("place").head(3)
    top = top[~few(top.customers, terms)]
    return top.assign(goes_with=top.goes_with.astype(object).where(top.goes_with.notna(), None)).to_dict(
        "records"
    )


def _hits(own: dict[str, pd.DataFrame], terms: Context) -> dict[str, Any] | None:
    """Find how often the method that is used names a product of the next order, and the most popular do."""
    rates = own["hit_rates"]
    last = rates[rates.length == rates.length.max()]
    used = last[last.used & last.rate.notna() & ~few(last.customers, terms) & ~few(last.behind, terms)]
    if used.empty or own["next_products"].empty:
        return None
    facts = used.iloc[0].to_dict()
    hidden = few(last.behind, terms).any()
    return facts | {"popular": facts["method"] == POPULAR, "gain": float("nan") if hidden else facts["gain"]}


def _missing(own: dict[str, pd.DataFrame], terms: Context) -> list[dict[str, Any]] | None:
    known = own["unmet"].dropna(subset="gap")
    known = known[~few(known.customers, terms)]
    if known.empty:
        return None
    return shown_needs(known, terms).sort_values("gap", ascending=False).head(2).to_dict("records")


_FINDERS: dict[str, Callable[[dict[str, pd.DataFrame], Context], Any]] = {
    "buys_more": _buys_more,
    "when": _when,
    "once": _once,
    "through": _through,
    "discount": _discount,
    "next_products": _next,
    "hits": _hits,
    "missing": _missing,
}
