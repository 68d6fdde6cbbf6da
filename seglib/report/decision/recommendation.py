"""Facts of the recommendation: which targets, what they bring, how robust the choice is."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.report.decision.case import Case
from seglib.report.decision.cautions import first
from seglib.target.thresholds import MAJORITY


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
        "basis": case.basis,
        "objective": case.facts["objective"],
        "margin": case.margin,
        "first": first(case),
        "unstructured": bool((case.rows.decision == "unstructured").all()),
        "tests": _tests(case),
        "losing": list(case.rows["name"][case.rows.decision == "loss"]),
        "tied": bool(len(targets) > 1 and targets.tied.astype(bool).all() and targets["rank"].nunique() == 1),
        "majority": _majority(case),
    }
    if case.budgeted:
        spent, total = targets.budget.sum(), targets.total.max()
        facts |= {"spent": spent, "total": total, "all_spent": spent > 0.995 * total}
    return facts


def _tests(case: Case) -> list[dict[str, Any]]:
    """List the tests that would show whether a segment should be a target: its best play, and how many it takes."""
    rows = case.rows[case.rows.decision.isin(["unsure", "unknown"]) & case.rows.test_contacts.notna()]
    return [
        {
            "name": r["name"],
            "play": r.best_play,
            "customers": int(r.test_contacts) + int(r.test_held_out),
            "fits": bool(r.test_fits),
            "chance": r.chance,
        }
        for _, r in rows.iterrows()
    ]


def _majority(case: Case) -> dict[str, Any] | None:
    """Find why targets hold most of the customers; nothing if they do not."""
    targets = case.targets
    if not targets.share.sum() > MAJORITY:
        return None
    assumed = {c["segment"] for c in case.cautions if c["code"] == "response_assumed"}
    return {
        "least": targets.per_contact.min(),
        "money": case.basis in ("profit", "return"),
        "assumed": assumed >= set(targets.segment),
    }


def tiles(case: Case) -> list[dict[str, Any]]:
    """List the numbers to remember: each with the sentence that explains it."""
    targets = case.targets
    if len(case.rows) == 1:
        return [{"name": "tile_one", "customers": case.rows.customers.sum()}]
    found: list[dict[str, Any]] = []
    if case.budgeted:
        own = case.tables["splits"].iloc[0]
        expected = own[["profit", "profit_low", "profit_high"]].to_dict()
        found.append({"name": "tile_profit", "margin": case.margin, **expected, **_of_selected(case)})
        found.append(_contacts_tile(case, float(targets.contacts.sum())))
    elif targets.empty:
        found.append({"name": "tile_all", "customers": case.rows.customers.sum()})
        found.append({"name": "tile_segments", "segments": len(case.rows), **_method(case)})
        return [{"targets": 0} | tile for tile in found]
    else:
        if case.basis == "profit" and targets.profit.notna().all():
            expected = {"margin": case.margin, "profit": targets.profit.sum()}
            found.append({"name": "tile_expected", **expected, **_of_selected(case)})
        found.append(_contacts_tile(case, _contacts(targets)))
        if case.valued and len(found) < 2:
            found.append({"name": "tile_value", "value": targets.value.sum()})
    part = targets.value_share if case.valued else targets.share
    found.append({"name": "tile_share", "share": part.sum(), "valued": case.valued})
    found.append({"name": "tile_segments", "segments": len(case.rows), **_method(case)})
    common = {"targets": len(targets), "target_customers": targets.customers.sum()}
    return [common | tile for tile in found]


def _contacts_tile(case: Case, planned: float) -> dict[str, Any]:
    """Count whom stage 06 selected; before it has run, or where a number would reveal few, those who are planned."""
    handed = [case.handed_over(row) for _, row in case.targets.iterrows()]
    known = [own for own in handed if own is not None and not own["hidden"]]
    if len(known) < len(handed):
        return {"name": "tile_contacts", "contacts": planned, "planned": None, **_held_out(case.targets)}
    contacts, held_out = (float(sum(own[what] for own in known)) for what in ("contacted", "held_out"))
    return {"name": "tile_contacts", "contacts": contacts, "planned": planned, "held_out": held_out}


def _of_selected(case: Case) -> dict[str, float | None]:
    """Add up what the targets are expected to earn from whom stage 06 selected."""
    parts = [case.from_selected(row) for _, row in case.targets.iterrows()]
    known = [part for part in parts if part is not None]
    return {"from_selected": sum(known) if len(known) == len(parts) else None}


def _contacts(targets: pd.DataFrame) -> float:
    """Count those who may be contacted: all but those held out."""
    return float(targets.customers.sum()) - _held_out(targets)["held_out"]


def _held_out(targets: pd.DataFrame) -> dict[str, float]:
    return {"held_out": float(targets.held_out.fillna(0).astype(float).sum())}


def _method(case: Case) -> dict[str, Any]:
    """Find by what the segments were formed, and which other numbers of segments are stable too."""
    candidates = case.tables["candidates"]
    chosen = candidates[candidates.chosen].iloc[0]
    own = candidates[candidates.admissible & ~candidates.chosen & (candidates.method == chosen.method)]
    return {"rules": case.structure.rules, "method": chosen.method, "also": [str(k) for k in own.k]}


def why(case: Case) -> dict[str, Any]:
    """Find by what segments were ranked, how robust that is, and what they were formed from."""
    terms = case.structure
    names = ("weights", "strengths", "strength_share", "unmeasured", "rules", "formed_from", "basis")
    more = {"margin": case.margin, "chance": terms.chance, "objective": case.facts["objective"]}
    trade = {"trade": terms.trade, "guessed": bool(terms.trade_guessed)}
    return {name: terms[name] for name in names} | more | trade | _selection(case)


def _selection(case: Case) -> dict[str, Any]:
    """Find in how many simulations each target is selected, and the nearest segment that is none."""
    simulated = case.tables["sensitivity"]
    if not simulated.chance_target.notna().any():
        return {"simulations": 0, "selected": []}
    named = case.rows.set_index("segment")["name"]
    targets = simulated[simulated.target]
    nearest = simulated[~simulated.target & simulated.allowed].nlargest(1, "chance_target")
    shown = pd.concat([targets, nearest]) if len(targets) else targets
    selected = [{"name": named[r.segment], "chance": r.chance_target} for r in shown.itertuples()]
    return {"simulations": int(simulated.draws.iloc[0]), "selected": selected}
