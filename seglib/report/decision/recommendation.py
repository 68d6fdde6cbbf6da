"""Facts of the recommendation: which targets, what they bring, how robust the choice is."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.report.decision.case import Case


def lead(case: Case) -> dict[str, Any]:
    """Find what is recommended, in one paragraph."""
    targets = case.targets
    facts: dict[str, Any] = {
        "segments": len(case.rows),
        "targets": list(targets["name"]),
        "customers": targets.share.sum(),
        "value": targets.value_share.sum() if case.valued else None,
        "others": len(case.rows) - len(targets),
        "decided_by": case.rows.decided_by.iloc[0],
        "budgeted": case.budgeted,
    }
    if case.budgeted:
        spent, total = targets.budget.sum(), targets.total.max()
        facts |= {"spent": spent, "total": total, "all_spent": spent > 0.995 * total}
    return facts


def tiles(case: Case) -> list[dict[str, Any]]:
    """List the numbers to remember: each with the sentence that explains it."""
    targets = case.targets
    if len(case.rows) == 1:
        return [{"name": "tile_one", "customers": case.rows.customers.sum()}]
    found: list[dict[str, Any]] = []
    if case.budgeted:
        own = case.tables["splits"].iloc[0]
        found.append({"name": "tile_profit", **own[["profit", "profit_low", "profit_high"]].to_dict()})
        found.append({"name": "tile_contacts", "contacts": targets.contacts.sum()})
    else:
        found.append({"name": "tile_customers", "customers": targets.customers.sum()})
        if case.valued:
            found.append({"name": "tile_value", "value": targets.value.sum()})
    part = targets.value_share if case.valued else targets.share
    found.append({"name": "tile_share", "share": part.sum(), "valued": case.valued})
    found.append({"name": "tile_segments", "segments": len(case.rows), **_method(case)})
    common = {"targets": len(targets), "target_customers": targets.customers.sum()}
    return [common | tile for tile in found]


def _method(case: Case) -> dict[str, Any]:
    """Find by what the segments were formed, and which other numbers of segments are stable too."""
    candidates = case.tables["candidates"]
    chosen = candidates[candidates.chosen].iloc[0]
    own = candidates[candidates.admissible & ~candidates.chosen & (candidates.method == chosen.method)]
    return {"rules": case.structure.rules, "method": chosen.method, "also": [str(k) for k in own.k]}


def why(case: Case) -> dict[str, Any]:
    """Find by what segments were ranked, how robust that is, and what they were formed from."""
    terms = case.structure
    names = ("weights", "strengths", "strength_share", "unmeasured", "rules", "formed_from")
    return {name: terms[name] for name in names} | {"objective": case.facts["objective"], **_selection(case)}


def _selection(case: Case) -> dict[str, Any]:
    """Find in how many simulations each target is selected, and the nearest segment that is none."""
    simulated = case.tables["sensitivity"]
    named = case.rows.set_index("segment")["name"]
    targets = simulated[simulated.target]
    nearest = simulated[~simulated.target & simulated.allowed].nlargest(1, "chance_target")
    shown = pd.concat([targets, nearest]) if len(targets) else targets
    selected = [{"name": named[r.segment], "chance": r.chance_target} for r in shown.itertuples()]
    return {"simulations": int(simulated.draws.iloc[0]), "selected": selected}
