"""Facts of demand and price: the strongest months ahead, what is bought at a discount, what a discount goes with."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seglib.assess.behaviour.demand import Demand
from seglib.assess.behaviour.price import Price
from seglib.assess.thresholds import NOTEWORTHY
from seglib.report.context import Context
from seglib.report.readings.movement import too_few
from seglib.report.words import listed, quoted
from seglib.vocabulary import OTHER

#: Categories named of a month.
_NAMED = 3


def shown_demand(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Keep the months that enough customers are behind; of the last year too, where few bought then."""
    rows = table[(table.customers >= terms.min_cell) & table.expected.notna()]
    few = too_few(rows.customers_last, terms)
    return rows.assign(
        last_year=rows.last_year.astype(float).mask(few), customers_last=rows.customers_last.mask(few)
    )


def strongest(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Find the strongest month ahead of each segment, and the categories that are most wanted then."""
    shown = shown_demand(table, terms)
    whole = shown[shown.category.isna()].sort_values("index", ascending=False)
    top = whole.drop_duplicates("segment").sort_values("segment")
    parts = shown[shown.category.notna() & (shown.category != OTHER)].sort_values("expected", ascending=False)
    leading = parts.groupby(["segment", "month"]).category.apply(
        lambda c: listed(map(quoted, c.head(_NAMED)))
    )
    keys = list(zip(top.segment, top.month, strict=True))
    return top.assign(leading=[leading.get(key, "") for key in keys])


def demand(found: Demand, terms: Context) -> dict[str, Any]:
    """Find the strongest month ahead of each segment that has one."""
    facts: dict[str, Any] = {"reason": found.reason, "unit": found.unit, "categorised": found.categorised}
    if found.reason:
        return facts
    top = strongest(found.table, terms)
    return facts | {
        "peaks": top[top.peak].to_dict("records"),
        "flat": top[~top.peak].segment.tolist(),
        "new": list(found.new),
        "years": int(found.table.years.iloc[0]),
        "past": bool((found.table.level_from == "past").any()),
    }


def ahead(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List the strongest month ahead of each segment."""
    return {"segments": strongest(table, terms).to_dict("records")}


def shown_taken(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Keep the segments in which enough customers bought at a discount, and enough did not; all customers last."""
    without = (table.customers - table.bought).where(lambda n: n > 0, np.inf)
    least = np.minimum(table.bought.where(table.bought > 0, np.inf), without)
    rows = table.assign(least=np.minimum(least, table.customers))
    return rows[~too_few(rows.least, terms)].sort_values("segment", na_position="last")


def price(found: Price, terms: Context) -> dict[str, Any]:
    """Find who buys at a discount most and least, and whose purchases differ with its depth."""
    facts = {"reason": found.reason, "unknown": found.unknown, "known_from": found.known_from}
    if found.reason:
        return facts
    shown = shown_taken(found.discounts, terms)
    own, everyone = shown[shown.differs.astype(bool)], found.discounts[found.discounts.segment.isna()]
    return facts | {
        "most": own[own.difference > 0].nlargest(1, "share").to_dict("records"),
        "least": own[own.difference < 0].nsmallest(1, "share").to_dict("records"),
        "all": everyone.share.iloc[0],
        "more": _telling(found.response, terms).to_dict("records"),
    }


def _telling(response: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Find where purchases of a segment differ with the discount from the others': the depth that tells most."""
    rows = response[response.differs.astype(bool) & ~too_few(response.customers, terms)]
    order = np.log(rows.ratio.astype(float) / rows.everyone.astype(float)).abs().sort_values(ascending=False)
    return rows.loc[order.index].drop_duplicates("segment").sort_values("segment")


def shown_response(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Keep the depths that enough customers bought at; those of all customers last."""
    return table[table.customers >= terms.min_cell].sort_values(["segment", "deeper"], na_position="last")


def price_response(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List by how much purchases differ with the discount."""
    return {"rows": shown_response(table, terms).to_dict("records")}


def season_and_price(
    wanted: Demand, paid: Price, segments: pd.Series, terms: Context
) -> dict[int, dict[str, Any]]:
    """Find of each segment its strongest month ahead, and how it buys at a discount."""
    top = strongest(wanted.table, terms) if len(wanted.table) else pd.DataFrame(columns=["segment", "peak"])
    peaks = top[top.peak.astype(bool)].set_index("segment")
    taken = shown_taken(paid.discounts, terms)
    taken = taken[taken.differs.astype(bool) & (taken.difference.abs() >= NOTEWORTHY)].set_index("segment")
    telling = _telling(paid.response, terms).set_index("segment")
    whole = paid.discounts[paid.discounts.segment.isna()].share
    both = {"unit": wanted.unit, "all_taken": whole.iloc[0] if len(whole) else np.nan}
    found = {"ahead": peaks, "taken": taken, "response": telling}
    return {
        int(s): both | {n: rows.loc[s].to_dict() if s in rows.index else None for n, rows in found.items()}
        for s in segments
    }
