"""Facts of page 05: the plays, what they can bring, and the split of the budget."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.report.context import Context
from seglib.report.readings.offers import few
from seglib.target.budget.plan import NEXT


def plays(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Count the targets with a play that fits, and list those without and those to merge."""
    chosen = table[table.target]
    fits = chosen.rule != ""
    merge = table[table.merge_with != ""]
    return {
        "targets": len(chosen),
        "ready": int(fits.sum()),
        "without": list(chosen.segment[~fits]),
        "merge": [r for r in merge.to_dict("records") if terms.segment(r["segment"]) < r["merge_with"]],
        "acquisition": terms.objective == "acquisition",
    }


def expected(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List what the expected responses rest on, and the targets without an estimate of money."""
    known = table[table.unknown == ""]
    learned = table[table.learned_from != ""]
    reasons = table[table.unknown != ""].groupby("unknown", sort=False).segment.agg(list).to_dict()
    return {
        "targets": len(table),
        "learned": list(learned.segment),
        "campaigns": list(dict.fromkeys(c for names in learned.learned_from for c in names.split("; "))),
        "assumed": list(known.segment[known.learned_from == ""]),
        "no_margin": bool(len(known)) and bool((known.margin_from == "none").all()),
        "unknown": reasons,
        "play_needed": bool(reasons.keys() & {"contact", "response", "worth"}),
        "value_needed": bool(reasons.keys() & {"order", "value", "years"}),
    }


def budget(
    planned: pd.DataFrame, compared: pd.DataFrame, left: dict[str, Any], terms: Context
) -> dict[str, Any]:
    """Find what the plan costs and brings, what the next 1,000 would, and what is left over."""
    known = planned[(planned.unknown_reason == "") & ~few(planned.customers, terms)]
    facts = {"empty": known.empty, "budgeted": bool(known.total.notna().any())}
    facts["margin"] = bool((known.margin_from != "none").all())
    if not facts["budgeted"]:
        totals = known[["customers", "budget", "profit"]].sum()
        return facts | {
            "customers": totals.customers,
            "cost": totals.budget,
            "profit": totals.profit,
            "each": known.to_dict("records"),
        }
    more = known[known.next_budget >= 0.5]
    further = {"budget": more.next_budget.sum(), "profit": more.next_profit.sum()}
    return facts | {
        "own": compared.iloc[0].to_dict(),
        "others": compared.iloc[1:].to_dict("records"),
        "more": further | {"segment": more.segment[more.next_budget.idxmax()]} if len(more) else {},
        "next": NEXT,
        "left": left,
    }


def gains(curves: pd.DataFrame, planned: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """List what is drawn: budget and expected profit of each target."""
    return {
        "each": planned[(planned.unknown_reason == "") & ~few(planned.customers, terms)].to_dict("records")
    }
