"""The ranking, the plays and the budget, shaped for a reader."""

from __future__ import annotations

import pandas as pd

from seglib.report.words import share
from seglib.statistics import Z90
from seglib.target.evaluation import Weights


def sensitivity(table: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape how sure the ranking is: one row per segment, its chances and where its score lies."""
    made = table[["chance_target", "chance_first"]].copy()
    made.insert(0, "name", [names[s] for s in table.segment])
    made["range"] = [f"{low:.2f} to {high:.2f}" for low, high in zip(table.low, table.high, strict=True)]
    return made


def weights(settled: Weights, called: dict[str, str]) -> pd.DataFrame:
    """Shape the weights of the criteria of both axes; those without data last."""
    axes = (
        ("attractiveness", settled.attractiveness, 1 - settled.strength_share),
        ("own strength", settled.strength, settled.strength_share),
    )
    rows = [(called[c], axis, w, w * part, "measured") for axis, own, part in axes for c, w in own.items()]
    rows += [(called[c], "", 0.0, 0.0, "not in these data") for c in settled.unmeasured]
    return pd.DataFrame(rows, columns=["criterion", "axis", "weight", "in_score", "data"])


def criteria(table: pd.DataFrame, applied: dict[str, float], names: dict[int, str]) -> pd.DataFrame:
    """Shape what was measured of each segment, weighted criteria first."""
    others = [c for c in table.columns if c not in applied and c != "segment"]
    made = table[[*applied, *others]].copy()
    made.insert(0, "segment", [names[s] for s in table.segment])
    return made


def plays(table: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape what to do for each target, with the rule that chose it: one row per target."""
    chosen = table[table.target].assign(segment=lambda t: t.segment.map(names))
    response = [
        ""
        if pd.isna(r.response)
        else f"{share(r.response, 1)} of those contacted, beyond those who would come anyway "
        f"(90 %: {share(r.response_low, 1)} to {share(r.response_high, 1)}); {r.response_basis}"
        for r in chosen.itertuples()
    ]
    made = chosen[
        ["segment", "play", "message", "offer", "channel", "timing", "measure", "why_not", "requires_met"]
    ]
    made.insert(7, "rule", chosen.rule.where(chosen.rule != "", chosen.because))
    return made.assign(response=response, merge_with=chosen.merge_with)


def others(table: pd.DataFrame, ranking: pd.DataFrame) -> pd.DataFrame:
    """Shape what is done for segments that are no targets, and the rule that decided."""
    made = ranking[~ranking.target].merge(table[["segment", "play", "message"]], on="segment")
    return made[["name", "score", "decided_by", "play", "message"]]


def expected(table: pd.DataFrame) -> pd.DataFrame:
    """Shape what is expected of a contact in each target."""
    stands_on = [
        "" if pd.isna(r.effect) else f"learned from {r.learned_from}" if r.learned_from else "assumed"
        for r in table.itertuples()
    ]
    margin = table.margin_share.where(table.response_worth.notna())
    half = Z90 * table.sd
    between = [
        "" if pd.isna(e) else f"{share(round(e - h, 4) + 0.0, 1)} to {share(e + h, 1)}"
        for e, h in zip(table.effect, half, strict=True)
    ]
    return pd.DataFrame(
        {
            "name": table.name,
            "contact": table.contact,
            "cost": table.cost,
            "effect": table.effect,
            "range": between,
            "stands_on": stands_on,
            "response_worth": table.response_worth,
            "margin_share": margin,
        }
    )


def budget(table: pd.DataFrame) -> pd.DataFrame:
    """Shape the plan: what each target gets and brings; the next 1,000 only where there is a total."""
    known = table[table.lacking == ""]
    columns = ["name", "customers", "contacts", "budget", "profit", "profit_low", "profit_high"]
    more = ["next_budget", "next_profit"] if known.total.notna().any() else []
    return known[[*columns, *more]].assign(contacts=known.contacts.round())


def budget_caption(table: pd.DataFrame) -> str:
    """Say what the plan is: a split, or everybody contacted once."""
    planned = table.total.notna().any()
    return (
        "What each target gets and brings" if planned else "If everybody in the targets were contacted once"
    )
