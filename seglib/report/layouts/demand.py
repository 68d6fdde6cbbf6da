"""Demand and price, shaped for a reader."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.report.context import Context
from seglib.report.readings.demand import shown_demand, shown_response, shown_taken, strongest
from seglib.report.words import count, points, quoted, share
from seglib.vocabulary import OTHER

#: Months ahead, and categories of a segment, that are shown.
_MONTHS, _MOST = 3, 3


def demand(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write the strongest month ahead of each segment, and the categories most wanted then."""
    rows = strongest(table, terms)
    named = [f"{r.month:%B %Y}" if r.peak else "no month stands out" for r in rows.itertuples()]
    peak = rows.peak.astype(bool)
    shown = {"text": pd.Series([_range(r) for r in rows.itertuples()], rows.index, dtype=object)}
    kept = {c: rows[c].astype(float).where(peak) for c in ("index", "last_year")}
    return rows.assign(
        month=named, text=shown["text"].where(peak, None), leading=rows.leading.where(peak, None), **kept
    )


def _range(row: Any) -> str:
    return f"{count(row.expected)} ({count(row.low)} to {count(row.high)})"


def demand_categories(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write the next three months of the largest categories of each segment."""
    shown = shown_demand(table[table.category.notna() & (table.category != OTHER)], terms)
    months = sorted(table.month.unique())[:_MONTHS]
    names = dict(zip(months, ("first", "second", "third"), strict=False))
    near = shown[shown.month.isin(months)]
    near = near.assign(
        place=near.month.map(names), text=[f"{r.month:%b}: {_range(r)}" for r in near.itertuples()]
    )
    sums = near.groupby(["segment", "category"]).agg(expected=("expected", "sum"), least=("customers", "min"))
    top = sums.sort_values("expected", ascending=False).groupby("segment").head(_MOST).sort_index()
    wide = near.pivot(index=["segment", "category"], columns="place", values="text").reindex(top.index)
    rows = top.join(wide).reset_index()
    return rows.assign(shown=[terms.segment(s) for s in rows.segment], category=rows.category.map(quoted))


def discounts_taken(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write the share of what a customer buys that is at a discount."""
    rows = shown_taken(table, terms)
    return rows.assign(
        shown=[_who(s, terms) for s in rows.segment],
        text=[f"{share(r.share)} ({share(r.low)} to {share(r.high)})" for r in rows.itertuples()],
        apart=[
            f"{points(r.difference)} ({points(r.difference_low)} to {points(r.difference_high)})"
            if pd.notna(r.difference)
            else None
            for r in rows.itertuples()
        ],
    )


def _who(segment: float, terms: Context) -> str:
    return "all customers" if pd.isna(segment) else terms.segment(segment)


def price_response(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write by how much purchases differ with the discount, and whether more or less than the others'."""
    rows = shown_response(table, terms)
    more = pd.Series("more", rows.index).where(rows.ratio.astype(float) > rows.everyone.astype(float), "less")
    verdict = more.where(rows.differs.astype(bool), "too close to call")
    return rows.assign(
        shown=[_who(s, terms) for s in rows.segment],
        depth=[depth_of(r.deeper, r.up_to) for r in rows.itertuples()],
        text=[f"{r.ratio:.1f} ({r.low:.1f} to {r.high:.1f})" for r in rows.itertuples()],
        verdict=verdict.where(rows.segment.notna(), None),
    )


def depth_of(deeper: float, up_to: float) -> str:
    """Write the depth of a discount.

    Examples
    --------
    >>> depth_of(0.0, 0.1), depth_of(0.1, 0.2), depth_of(0.35, 1.0)
    ('up to 10%', '10% to 20%', 'over 35%')
    """
    if deeper == 0:
        return f"up to {share(up_to)}"
    return f"over {share(deeper)}" if up_to == 1 else f"{share(deeper)} to {share(up_to)}"
