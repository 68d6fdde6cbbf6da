"""How segments move, who orders again, who may leave, how content customers are: shaped for a reader."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.assess.behaviour.drivers import discriminates
from seglib.report.context import Context
from seglib.report.readings.movement import fewest, rounded_customers, shown_answers, too_few
from seglib.report.words import coarse_share, points, share

#: Ages in months that are shown of those that are computed.
_AGES = (1, 3, 6, 12)


def movement(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Round numbers of customers; those too small stay as they are, and are suppressed."""
    counts = ["customers_recent", "customers_earlier", "new_recent", "new_earlier"]
    rounded = table[counts].apply(rounded_customers, terms=terms)
    return movement_value(table, terms).assign(**rounded.fillna(table[counts]).where(table[counts].notna()))


def movement_customers(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Round numbers of customers, as the caption of this view says."""
    return movement(table, terms)


def movement_value(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Round growth to per cent, none being neither positive nor negative."""
    return table.assign(
        **{c: table[c].astype(float).round(2) + 0.0 for c in ("growth_customers", "growth_value")}
    )


def retention(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape retention: one row per segment, one column per age that was observed, with its interval."""
    rows = table[table.age.isin(_AGES)].dropna(subset="share")
    behind = fewest(rows["share"], rows.customers)
    few = too_few(behind, terms)
    cells = [_interval(row, terms) for row in rows.assign(few=few).itertuples()]
    # a coarse share is based on enough customers, unless even a bound would reveal them
    behind = behind.mask(few & (rows.customers >= 2 * terms.min_cell), terms.min_cell)
    rows = rows.assign(after=cells, behind=behind)
    wide = rows.pivot(index="segment", columns="age", values=["after", "behind"])
    wide.columns = [f"{name}_{age}" for name, age in wide.columns]
    return wide.reset_index()


def _interval(row: Any, terms: Context) -> str:
    text = coarse_share(row.share, row.customers, terms.min_cell)
    return text if row.few else f"{text} ({share(row.low)} to {share(row.high)})"


def next_orders(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape how soon customers order again: one row per segment, all customers last."""
    rows: dict[Any, dict[str, Any]] = {}
    for row in table.sort_values("segment", na_position="last").itertuples():
        name = "all customers" if pd.isna(row.segment) else terms.segment(row.segment)
        behind = fewest(pd.Series([row.ordered / row.customers]), pd.Series([row.customers])).iloc[0]
        text = f"{share(row.soon)} ({share(row.low)} to {share(row.high)})" if row.soon == row.soon else None
        half = f"{row.median_days:,.0f} days" if row.median_days == row.median_days else "not reached"
        word = {1: "first", 2: "second", 3: "third"}[row.step]
        own = rows.setdefault(name, {"shown": name})
        own |= {word: text, f"{word}_days": half, f"behind_{row.step}": behind}
    return pd.DataFrame(list(rows.values()))


def churn(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape who is at risk, segment by segment; a coarse share has no interval."""
    behind = fewest(table["share"], table.customers)
    ranges = [f"{share(r.low, 1)} to {share(r.high, 1)}" for r in table.itertuples()]
    unknown = too_few(behind, terms) | table["share"].isna()
    return table.assign(behind=behind, range=pd.Series(ranges, table.index).mask(unknown, None))


def drivers(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape the drivers that are significant: the feature, what an answer is compared with, its odds ratio."""
    rows = table[table.significant.astype(bool) & discriminates(table)]
    return rows.assign(
        range=[f"{r.low:.2f} to {r.high:.2f}" for r in rows.itertuples()],
        p=["under 0.001" if p < 0.001 else f"{p:.3f}" for p in rows.p],
    )


def satisfaction(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape the answers of each segment: the mean of an item, and the net promoter score where it is one."""
    rows = table.assign(
        behind=shown_answers(table, terms),
        range=[f"{r.low:.2f} to {r.high:.2f}" if r.low == r.low else None for r in table.itertuples()],
        nps=[_points(r.nps, r.nps_low, r.nps_high) for r in table.itertuples()],
    )
    return rows if table["item"].nunique() > 1 else rows.drop(columns="item")


def _points(nps: float, low: float, high: float) -> str | None:
    """Write a net promoter score in points, with its interval."""
    return None if nps != nps else f"{points(nps)} ({points(low)} to {points(high)})"
