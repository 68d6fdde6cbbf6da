"""Facts of page 03: how many segments there are, and how stable they are."""

from __future__ import annotations

from dataclasses import asdict
from typing import Any

import numpy as np
import pandas as pd

from seglib.explore.patterns import Layout
from seglib.privacy.disclosure import hidden, rounded
from seglib.report.context import Context
from seglib.report.words import coarse_share
from seglib.segment.comparison import over_segmented
from seglib.segment.thresholds import BEYOND, MODERATE, SORTS_BY_LEVEL, STABLE, STRONG
from seglib.segment.verdict import NICHE, Verdict


def protected_variables(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List the features of the bases segmented on that are descriptors because they are protected."""
    return {"features": table.feature[table.why == "protected attribute"].tolist()}


def not_segmented(n: int, terms: Context) -> dict[str, Any]:
    """Count the customers of whom too little is known, as far as the number may be shown."""
    return {"n": n, "few": terms.min_cell if terms.hides(n) else 0}


def candidates(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find which candidates are stable, which was chosen, which is next best, and where over-segmentation begins."""
    eligible = table[table.admissible | table.separated]
    second = table[table.next_best]
    return {
        "eligible": [(m, rows.k.tolist()) for m, rows in eligible.groupby("method", sort=False)],
        "chosen": table[table.chosen].iloc[0].to_dict(),
        "second": second.iloc[0].to_dict() if len(second) else None,
        "over": over_segmented(table),
    }


def fixed_number(
    table: pd.DataFrame, published: pd.DataFrame | None, terms: Context
) -> dict[str, Any] | None:
    """Find what the published run compared, where the number of segments was fixed; nothing elsewhere."""
    if table.k.nunique() > 1:
        return None
    k = int(table.k.iloc[0])
    if published is None or published.k.nunique() < 2:
        return {"k": k, "published": None}
    chosen = published[published.chosen].iloc[0]
    same = published[(published.k == k) & (published.method == chosen.method)]
    return {
        "k": k,
        "published": chosen.to_dict(),
        "least": int(published.k.min()),
        "most": int(published.k.max()),
        "weakest": float(same.weakest.iloc[0]) if len(same) else None,
    }


def flow(streams: pd.DataFrame, table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Count for each number of segments those that are not stable."""
    followed = shown_streams(streams, terms.min_cell).query("source >= 0")
    weak = [
        {"k": int(k), "weak": int(rows.part[rows.stability < STABLE].nunique())}
        for k, rows in followed.groupby("k")
    ]
    return {"numbers": weak, "method": table[table.chosen].method.iloc[0]}


def shown_streams(streams: pd.DataFrame, min_cell: int) -> pd.DataFrame:
    """Round streams so that no difference reveals few customers; streams of too few are left out.

    A segment all of whose streams are left out has one row without customers, from nowhere.
    """
    shown = streams.assign(
        customers=rounded(streams.customers, min_cell), whole=rounded(streams.whole, min_cell)
    ).dropna(subset="whole")
    alone = ~shown.customers.notna().groupby([shown.k, shown.part]).transform("any")
    kept = shown[shown.customers.notna() | (alone & ~shown.duplicated(["k", "part"]))]
    return kept.assign(source=kept.source.where(kept.customers.notna(), -1))


def reason(verdict: Verdict, terms: Context) -> dict[str, Any]:
    """List the measures of a verdict, and whether the one that decided is, as shown, that of reference data."""
    same = round(verdict.own, 2) == round(verdict.expected, 2)
    return asdict(verdict) | {"same": same, "stable": STABLE, "beyond": BEYOND}


def reason_in_brief(verdict: Verdict, terms: Context) -> dict[str, Any]:
    """List the measures of a verdict, for pages that say it in brief."""
    return reason(verdict, terms)


def cuts(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List the divisions by one column, as far as enough customers are on both sides."""
    few = terms.few(table.customers) | terms.few(table["all"] - table.customers)
    return {"cuts": table[~few].to_dict("records")}


def battery(table: pd.DataFrame, terms: Context) -> dict[str, Any] | None:
    """Say how much of what differs between segments is their level of agreement.

    Nothing without a battery, and where segments do not differ in it beyond chance.
    """
    if table.empty or table.level_share.isna().all():
        return None
    row = table.iloc[0].to_dict()
    return row | {"sorts": row["level_share"] >= SORTS_BY_LEVEL, "partly": row["level_share"] >= 0.5}


def chances(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List the numbers of segments that other resamples would give, the likeliest first."""
    return {"rows": table.sort_values("chance", ascending=False).to_dict("records")}


def outcome(verdict: Verdict, stability: pd.DataFrame, table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find which segments the next stages get."""
    second = table[table.next_best]
    return reason(verdict, terms) | {
        "segments": len(stability),
        "names": stability.name.str.lower().tolist() if stability.name.notna().all() else [],
        "method": table[table.chosen].method.iloc[0],
        "second": int(second.k.iloc[0]) if len(second) else 0,
    }


def stability(own: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List the stability of each segment that may be shown."""
    return {"segments": shown_segments(own, terms)[["segment", "stability"]].to_dict("records")}


def shown_segments(stability: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Keep the segments of enough customers to be shown."""
    return stability[~terms.few(stability["size"])]


def segment_map(layout: Layout, *others: Any) -> dict[str, Any]:
    """Describe a map: its method, how many customers it shows and how much of their spread."""
    return {"method": layout.method, "customers": len(layout.points), "spread": float(layout.spread)}


def second_opinions(pairs: pd.DataFrame, disputed: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find which methods agree most and least, and what share of customers most methods place elsewhere."""
    own = pairs[pairs.one == pairs.one.iloc[0]] if len(pairs) else pairs
    if own.empty:
        return {"most": None}
    yes, compared = (disputed.disputed * disputed.compared).round(), disputed.compared.sum()
    few = hidden(yes, terms.min_cell, ())
    reveals = bool((hidden(yes, terms.min_cell, {"all"}) != few).any())
    worst = disputed.loc[disputed.disputed.idxmax()]
    return {
        "most": own.loc[own.agreement.idxmax()].to_dict(),
        "least": own.loc[own.agreement.idxmin()].to_dict(),
        "any": bool(yes.sum()),
        "disputed": None if reveals else coarse_share(yes.sum() / compared, compared, terms.min_cell),
        "worst": int(worst.segment),
        "of_worst": coarse_share(worst.disputed, worst.compared, terms.min_cell),
    }


def usual_rules(pairs: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find how far the usual rules agree with the segments."""
    own = pairs[pairs.one == pairs.one.iloc[0]] if len(pairs) else pairs
    own = own[own.other.isin(["RFM rules", "purchase cycle"])]
    degrees = np.array(["little", "moderate", "strong"])
    return {
        "rules": [
            {
                "name": row["other"],
                "segments": int(row["segments_other"]),
                "agreement": abs(round(row["agreement"], 2)),
                "degree": str(degrees[int(row["agreement"] > MODERATE) + int(row["agreement"] > STRONG)]),
            }
            for row in own.to_dict("records")
        ]
    }


def rfm_rules(counts: pd.DataFrame, pairs: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find how far the RFM rules agree with the segments."""
    return usual_rules(pairs, terms)


def gates(stability: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List the segments that fail a gate, and the niches, which are kept in any case."""
    shown = shown_segments(stability, terms)
    niches = shown["flags"] == NICHE
    flagged = shown[(shown["flags"] != "") & ~niches]
    return {
        "flagged": flagged[["segment", "flags", "neighbour"]].to_dict("records"),
        "niches": shown.segment[niches].tolist(),
    }


def lineage(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find by which model the segments were assigned, and why they were fitted again if they were."""
    row = table.iloc[0]
    previous = None if pd.isna(row.previous) else row.previous
    return {**row.to_dict(), "what": list(row.what), "previous": previous}


def rescored(table: pd.DataFrame, structure: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find how many segments the stored model assigned, and when it was fitted."""
    return {"k": int(structure.k.iloc[0]), "model_as_of": table.model_as_of.iloc[0]}
