"""Facts of page 06: who is contacted, who is held out, what that can prove."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.report.context import Context


def funnel_rows(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Give each step the codes of its reasons, the most frequent first, without their counts."""
    reasons = [
        [code for code, n in sorted(row, key=lambda r: -r[1]) if n] if step != "selected" else []
        for row, step in zip(table.reasons, table.step, strict=True)
    ]
    return table.assign(codes=reasons)


def audience_funnel(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Sum the customers of all targets, and find the step that takes out most."""
    steps = table.groupby("step", sort=False)[["removed", "left"]].sum()
    if steps.empty:
        return {"segments": 0}
    first, last = int(steps.left["segment"]), int(steps.left["selected"])
    gone = steps.removed.drop(["segment", "selected"])
    most = str(gone.idxmax()) if gone.max() else ""
    return {
        "segments": table.segment.nunique(),
        "customers": first,
        "contacted": last,
        "held_out": int(steps.removed["selected"]),
        "most": most,
        "hidden": any(terms.hides(n) for n in (last, int(steps.removed["selected"])) if n),
        "gone": int(gone.max()) if not terms.hides(gone.max()) else 0,
        "reasons": list(table.reason[(table.step == most) & (table.reason != "")].unique()),
    }


def arms(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Count what can be proven how, and find sample ratios that chance does not explain."""
    return {
        "proofs": table.proof.value_counts().to_dict(),
        "pooled": table[table.pooled.notna()].groupby("outcome").pooled.max().to_dict(),
        "off": list(table.segment[table.ratio_p < 0.001]),
        "checked": bool(table.ratio_p.notna().any()),
        "none": [r.segment for r in table.itertuples() if r.proof == "none"],
        "full": list(table.segment[table.proof == "full"]),
        "empty": list(table.segment[table.proof == "empty"]),
        "unknown": list(table.segment[table.proof == "unknown"]),
        "segments": len(table),
    }


def deliveries(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Count files."""
    return {"files": int(table.files.sum()), "tools": sorted(set(table.destination))}


def implemented(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Count campaigns that have customers to contact."""
    own = table[table.contacted > 0]
    return {
        "campaigns": own.campaign.nunique(),
        "targets": len(table),
        "start": own.start.min() if len(own) else None,
        "until": own.until.max() if len(own) else None,
        "held_out": bool(own.held_out.sum()),
    }


def scripts(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Tell why there are no scripts, if there are none."""
    missing = table[table.features_reason != ""].groupby("features_reason", sort=False).database
    return {
        "reason": next((reason for reason in table.reason if reason), ""),
        "features": (table.features != "").any(),
        "missing": [
            {"reason": str(reason).rstrip("."), "databases": list(own), "all": len(own) == len(table)}
            for reason, own in missing
        ],
    }


def handover_document(
    table: pd.DataFrame, arms: pd.DataFrame, funnel: pd.DataFrame, terms: Context
) -> dict[str, Any]:
    """Give each campaign with its numbers and why customers are not selected; those of too few as none."""
    columns = ["visible_adjusted", "proof", "share", "customers", "newcomers", "outcome", "rate", "high"]
    numbers = arms.set_index("segment")[columns]
    whole = table.drop(columns="proof").join(numbers, on="segment")
    rows = whole.to_dict("records")
    for row in rows:
        row["contacted_or_held"] = row["contacted"] + row["held_out"]
        why = not_selected(funnel, row["segment"])
        numbered = ("customers", "contacted", "held_out")
        if any(terms.hides(n) for n in (*(row[c] for c in numbered), *(w["customers"] for w in why)) if n):
            row |= dict.fromkeys(numbered)  # one number alone would follow from the others
            why = [w | {"customers": None} for w in why]
        row |= {"name": terms.segment(row["segment"]), "why": why}
    return {"campaigns": rows}


def not_selected(funnel: pd.DataFrame, segment: int) -> list[dict[str, Any]]:
    """List the steps that took customers of a segment out of its audience: customers and reason."""
    own = funnel[(funnel.segment == segment) & (funnel.removed > 0) & (funnel.step != "selected")]
    return [{"customers": int(r.removed), "reason": r.reason} for r in own.itertuples()]


def typing(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find the segments that the typing tool often misses, as far as they may be shown."""
    if table.empty:
        return {"segments": 0}
    weak = table[(table.accuracy < 2 / 3) & ~terms.few(table.customers)]
    first = table.iloc[0]
    facts = {c: first[c] for c in ("questions", "family", "overall", "chance")}
    return {"segments": len(table), "weak": weak.segment.tolist()} | facts
