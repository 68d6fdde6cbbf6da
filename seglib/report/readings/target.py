"""Facts of page 05: what is at stake, what plays bring, and which segments to target."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.report.context import Context
from seglib.vocabulary import money


def targets(ranking: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List the targets; without any, why there is none."""
    return {"targets": list(ranking.segment[ranking.target]), "why": ranking.decided_by.iloc[0]}


def weights(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find how much of the score is capability, and which criteria have no data."""
    capable = table[(table.axis == "capability").fillna(False)]
    return {
        "capability": list(capable.criterion),
        "capability_share": capable.in_score.sum(),
        "unmeasured": list(table.criterion[~table.measured]),
    }


def stakes(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find where most is at stake per customer, and what is not known."""
    known = table[table.stake.notna() & (table.customers >= terms.min_cell)]
    most = known.loc[known.stake.idxmax()] if len(known) > 1 else None
    return {
        "objective": terms.objective,
        "known": len(known) > 0,
        "margin": bool((table.margin_from != "none").all()),
        "most": None if most is None else {"segment": most.segment, "stake": most.stake},
        "overall": float((known.stake * known.customers).sum() / known.customers.sum())
        if len(known)
        else None,
        "held": bool(table.year.isna().all()),
        "predicted": bool((table.year_from == "predicted").any()),
        "missing": [m for m in dict.fromkeys(table.missing_part) if m],
    }


def options(best: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List the segments whose best play pays, those where it does not, and prices that are assumptions."""
    known = best[best.unknown == ""]
    pays = known[known.per_contact > 0]
    assumed = known[known.cost_from == "assumed"].drop_duplicates("contact")
    return {
        "segments": len(best),
        "fits": int((best.play != "").sum()),
        "paying": pays.to_dict("records"),
        "losing": list(known.segment[known.per_contact <= 0]),
        "assumed": [f"{money(r.cost, terms.currency)} for {r.contact}" for r in assumed.itertuples()],
    }


def power(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List where the expected effect would show, and where it would not."""
    shown = table[table.customers >= terms.min_cell]
    return {
        "shows": list(shown.segment[shown.shows.astype(bool)]),
        "too_few": shown[~shown.shows.astype(bool)].to_dict("records"),
    }


def unranked(ranking: pd.DataFrame, economics: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find what decides, and whether there is a target."""
    return {"basis": ranking.basis.iloc[0], "targets": int(ranking.target.sum())}


def cautions(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Count the cautions, and those that are to be looked at first."""
    return {"all": len(table), "grave": int(table.severity.isin(["first", "stop"]).sum())}
