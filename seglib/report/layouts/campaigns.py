"""Past campaigns, shaped for a reader."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.privacy.disclosure import rounded
from seglib.report.context import Context
from seglib.report.readings.campaigns import customers_behind, effect_text, shown_effects
from seglib.report.sentences import sentence
from seglib.report.words import listed, share
from seglib.vocabulary import money


def effects(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape what each campaign did in each segment; values of which no segment has an interval are left out."""
    rows = _written(table, terms)
    rows = rows[rows.segment.notna()]
    known = rows.low.notna()
    some = known.groupby([rows.campaign, rows.outcome], dropna=False).transform("any")
    rows = rows[(some | (rows.outcome == "response")) & (known | rows.campaign.notna())]
    judged = [
        sentence("verdict_of", {"verdict": r.verdict, "remark": r.remark}, "assess")
        for r in rows.itertuples()
    ]
    return rows.assign(campaign=_names(rows.campaign), outcome=_names(rows.outcome), verdict=judged)


def effects_overall(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Shape what each campaign did over all customers; groups are rounded, so that no segment follows from them."""
    rows = _written(table, terms)
    rows = rows[rows.segment.isna()]
    groups = {c: rounded(rows[c].astype(float).fillna(0), terms.min_cell) for c in ("contacted", "holdout")}
    return rows.assign(
        **groups,
        campaign=_names(rows.campaign),
        outcome=_names(rows.outcome),
        channels=[_channels(r.channels, r.channel_customers, terms) for r in rows.itertuples()],
    )


def _written(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write means and effects, and count the customers behind each cell.

    The means of all campaigns together are left out: they would reveal what is suppressed of one.
    """
    rows = shown_effects(table, terms)
    behind = customers_behind(table, terms).loc[rows.index].add_prefix("behind_")
    behind["behind_means"] = behind.behind_means.where(rows.campaign.notna())
    texts = {
        name: [
            _mean(x, o, terms)
            for x, o in zip(rows[name].where(rows.campaign.notna()), rows.outcome, strict=True)
        ]
        for name in ("mean", "mean_holdout")
    }
    effect = [
        "{} ({})".format(*effect_text(r, terms)) if pd.notna(r.low) else None for r in rows.itertuples()
    ]
    return rows.join(behind).assign(**texts, effect=effect)


def _mean(mean: float, outcome: str, terms: Context) -> str | None:
    if pd.isna(mean):
        return None
    return share(mean, 1) if outcome == "response" else money(mean, terms.currency)


def _names(codes: pd.Series) -> list[str]:
    """Name campaigns and outcomes in words: all campaigns together have no name, outcomes have units."""
    return [sentence("cell_of", {"code": None if pd.isna(code) else code}, "assess") for code in codes]


def _channels(names: Any, customers: Any, terms: Context) -> str | None:
    """List the channels through which a campaign reached enough customers."""
    if not pd.api.types.is_list_like(names):
        return None
    return listed(sorted(c for c, n in zip(names, customers, strict=True) if n >= terms.min_cell)) or None
