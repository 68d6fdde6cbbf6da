"""Facts of page 04: what the segments are, what they bring, what they differ in and what they meet."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.assess.scorecard import AS_NUMBERS, AS_SCORES, knocked_out
from seglib.assess.thresholds import ALPHA, STEADY
from seglib.report.context import Context
from seglib.report.profiles import published
from seglib.report.words import coarse_share, count


def naming(named: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List the names that other features might have led to, and the generated ones."""
    weak = named[named.name_stability < STEADY]
    return {
        "fixed": bool(named.name_stability.isna().all()),
        "weak": weak.shown.tolist(),
        "generated": named["name"].tolist(),
    }


def what_sets_apart(profile: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List the three features by which each segment stands out most."""
    rows = []
    for segment, own in published(profile, terms.min_cell).groupby("segment"):
        loud = own[own.stands_out & own.distance.notna()]
        loud = loud.loc[loud.distance.abs().sort_values(ascending=False).index].head(3)
        rows.append({"segment": segment, "traits": loud[["label", "distance"]].to_dict("records")})
    return {"segments": rows}


def protected_groups(near: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List the segments that are nearly a protected group, and by what."""
    found: dict[str, dict[Any, dict[str, Any]]] = {}
    for row in near[near.nearly & ~terms.few(near.customers)].itertuples():
        by_share = pd.notna(row.answer) and row.held >= row.overall
        told = {
            "segment": row.segment,
            "label": row.label,
            "answer": row.answer if by_share and not terms.strict else None,
            "held": coarse_share(row.held, row.customers, terms.min_cell),
            "overall": coarse_share(row.overall, row.everyone, terms.min_cell),
            "auc": None if terms.strict else row.auc,
        }
        # one sentence per attribute, and in it each segment once, by what tells most of it
        found.setdefault(row.attribute, {}).setdefault(row.segment, told)
    rows = [{"attribute": name, "segments": list(own.values())} for name, own in found.items()]
    return {"attributes": list(dict.fromkeys(near.attribute)), "near": rows, "strict": terms.strict}


def size_and_value(table: pd.DataFrame, terms: Context) -> dict[str, Any] | None:
    """Find who is largest and who brings most, per segment and per customer."""
    shown = table[~terms.few(table.customers)]
    if shown.empty:
        return None
    largest = shown.loc[shown.customers.idxmax()]
    facts = {"largest": largest.segment, "share": largest["share"], "most": None, "negative": False}
    if "value_share" in table and table.value_share.isna().all():
        facts["negative"] = True
    elif "value" in table:
        most, each = shown.loc[shown.value_share.idxmax()], shown.loc[shown.value_per_customer.idxmax()]
        facts |= {"most": most.segment, "most_share": most.value_share}
        facts |= {"each": each.segment, "mean": each.value_per_customer}
    return facts


def value_bars(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List the share of value of each segment; of customers where no share of value is known."""
    column = share_of(table)
    shown = table[~terms.few(table.customers)]
    rows = [{"segment": r.segment, "share": getattr(r, column)} for r in shown.itertuples()]
    return {"by_value": column == "value_share", "segments": rows}


def share_of(table: pd.DataFrame) -> str:
    """Choose what shares are of: value, or customers where shares of value mean nothing."""
    return "value_share" if "value_share" in table and table.value_share.notna().all() else "share"


def differences(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List in which features the segments differ, and in which not enough or not significantly."""
    shown = table[~terms.few(table.customers)]
    ranked = shown.sort_values(["effect", "feature"], ascending=[False, True])
    besides = ranked[~ranked.formed & (ranked.why == "")]
    matters = besides[besides.matters]
    negligible = besides[~besides.matters & (besides.p_adjusted < ALPHA)]
    sized = ["feature", "size"]
    return {
        "comparable": len(table) > 0 and int(table.compared.max()) >= 2,
        "formed": ranked[ranked.formed & ranked.matters].head(3)[sized].to_dict("records"),
        "tested": len(besides),
        "matters": matters.head(5)[sized].to_dict("records"),
        "matter": len(matters),
        "negligible": negligible.feature.head(5).tolist(),
        "unclear": len(besides) - len(matters) - len(negligible),
    }


def scorecard(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List which segments are removed from targeting and why, what warns, and what was not measured."""
    failed = knocked_out(table)
    removed = [
        {"segment": segment, "criteria": [_criterion(r, terms) for r in rows.itertuples()]}
        for segment, rows in failed.groupby("segment")
    ]
    warned = [
        {
            "criterion": criterion,
            "rule": rows.rule.iloc[0],
            "segments": rows.segment.tolist(),
            "all": len(rows) == table.segment.nunique() > 1,
        }
        for criterion, rows in table[~table.passed & ~table.knock_out].groupby("criterion", sort=False)
    ]
    unmeasured = table[table.measured.isna() & table.passed]
    of = unmeasured.groupby(["criterion", "why"], sort=False).segment.agg(tuple).reset_index()
    missing = [
        {
            "criteria": rows.criterion.tolist(),
            "why": why,
            "segments": [] if len(segments) == table.segment.nunique() else list(segments),
        }
        for (why, segments), rows in of.groupby(["why", "segment"], sort=False)
    ]
    return {"removed": removed, "warned": warned, "missing": missing}


def _criterion(row: Any, terms: Context) -> dict[str, Any]:
    number = row.criterion in AS_NUMBERS or terms.hides(row.customers)
    return {
        "criterion": row.criterion,
        "rule": row.rule,
        "measured": None if number else measured(row, terms),
    }


def measured(row: Any, terms: Context) -> str:
    """Write what was measured of a criterion: a number of things, a score, or a share of customers."""
    if pd.isna(row.measured):
        return "not measured"
    if row.criterion in AS_NUMBERS:
        return count(row.measured)
    if row.criterion in AS_SCORES:
        return f"{row.measured:.2f}"
    known = row.criterion.startswith("measurable")
    return coarse_share(row.measured, row.customers if known else float("nan"), terms.min_cell)
