"""Facts of the journey: at which step, and before which order, segments stop."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.assess.behaviour.demand import Demand
from seglib.assess.behaviour.journey import Journey
from seglib.assess.behaviour.price import Price
from seglib.assess.thresholds import NOTEWORTHY
from seglib.privacy.disclosure import bounded
from seglib.report.context import Context
from seglib.report.readings.demand import season_and_price
from seglib.report.readings.movement import fewest, too_few
from seglib.report.words import share
from seglib.vocabulary import ONE_YEAR

#: Kinds of event that a sentence lists.
_LISTED = 8


def shown_steps(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Keep the steps that stand on enough customers, on both sides; with what all customers do."""
    everyone = table[table.segment.isna()].set_index("place").share
    rows = table.assign(everyone=table.place.map(everyone), least=fewest(table.share, table.customers))
    return rows[(rows.customers > 0) & ~too_few(rows.least, terms)]


def shown_reach(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Measure which share of each segment reaches every step; one that would reveal few is moved off the end."""
    size = table[table.place == 1].set_index("segment").customers
    rows = table.assign(all=table.segment.map(size).fillna(size[size.index.isna()].iloc[0]))
    reach = rows.reached / rows["all"]
    least = fewest(reach, rows["all"])
    few = too_few(least, terms)
    drawn = bounded(reach, rows["all"], terms.min_cell).where(few, reach)
    return rows.assign(reach=drawn, least=least.mask(few, terms.min_cell)).sort_values("place")


def funnel(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List which share of each segment reaches every step."""
    rows = shown_reach(table, terms).dropna(subset=["segment", "reach"])
    rows = rows.assign(text=rows.reach.map(share))
    return {
        "segments": [{"segment": s, "steps": own.to_dict("records")} for s, own in rows.groupby("segment")]
    }


def _stops(steps: pd.DataFrame, orders: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Find where each segment falls behind all customers most: one row per segment that does, of a step or an order."""
    known = shown_steps(steps, terms).query("place > 1") if len(steps) else steps
    taken = known.assign(what="step") if len(known) else pd.DataFrame()
    waited = orders[orders.step > 1] if len(orders) else orders
    if len(waited):
        everyone = waited[waited.segment.isna()].set_index("step").soon
        least = fewest(waited.ordered / waited.customers, waited.customers)
        waited = waited.assign(share=waited.soon, everyone=waited.step.map(everyone), what="order")
        waited = waited[~too_few(least, terms)]
    both = [part for part in (taken, waited) if len(part)]
    if not both:
        return pd.DataFrame(columns=["segment"])
    rows = pd.concat([part.astype({"step": object}) for part in both], ignore_index=True)
    behind = rows[rows.differs.astype(bool) & (rows.difference <= -NOTEWORTHY)]
    return behind.sort_values("difference", kind="stable").drop_duplicates("segment").sort_values("segment")


def journey(found: Journey, terms: Context) -> dict[str, Any]:
    """Find how far all customers come, and at which step each segment falls behind them most."""
    facts: dict[str, Any] = {"reason": found.reason, "kinds": []}
    facts["kinds"] = [k for k, customers in found.kinds.items() if customers >= terms.min_cell][:_LISTED]
    if found.reason:
        return facts
    shown = shown_steps(found.funnel, terms)
    everyone = shown[shown.segment.isna() & (shown.place > 1)].sort_values("share")
    behind = _stops(found.funnel, pd.DataFrame(), terms)
    return facts | {
        "since": found.since,
        "whole_year": found.days >= ONE_YEAR,
        "steps": list(found.funnel.drop_duplicates("place").sort_values("place").step),
        "lost": everyone.iloc[0].to_dict() if len(everyone) else None,
        "behind": behind.to_dict("records"),
    }


def habits_rows(
    found: Journey, orders: pd.DataFrame, wanted: Demand, paid: Price, segments: pd.Series, terms: Context
) -> pd.DataFrame:
    """Find what a card says of each segment's habits: one row per segment."""
    stops = _stops(found.funnel, orders, terms).set_index("segment")
    facts = {"since": found.since, "whole_year": found.days >= ONE_YEAR}
    more = season_and_price(wanted, paid, segments, terms)
    rows = [
        facts | {"segment": s, "stop": stops.loc[s].to_dict() if s in stops.index else None} | more[int(s)]
        for s in sorted(segments)
    ]
    return pd.DataFrame(rows).astype(dict.fromkeys(("stop", "ahead", "taken", "response"), object))
