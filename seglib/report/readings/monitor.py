"""Facts of page 07: the runs of a project, what became of its segments, who moved, what drifted."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.monitor.periods import VIEWS
from seglib.privacy.disclosure import hidden
from seglib.report.context import Context

#: What entered and left are in a cross table of flows.
_OUTSIDE = 0


def shown_flows(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Leave out flows of too few customers, and those that totals of segments would reveal."""
    keyed = table.assign(
        source=table.source.fillna(_OUTSIDE).astype(int),
        destination=table.destination.fillna(_OUTSIDE).astype(int),
    )
    counts = keyed.pivot(index="source", columns="destination", values="customers").fillna(0)
    out = hidden(counts, terms.min_cell).stack().rename("out").reset_index()
    known = keyed.merge(out, on=["source", "destination"], how="left").out.fillna(False).to_numpy(bool)
    return table[~known]


def runs(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find how many runs there are, and how far apart the last two."""
    last = table.iloc[-1]
    return {
        "runs": len(table),
        "days": None if pd.isna(last.days) else int(last.days),
        "previous": None if len(table) < 2 else table.as_of.iloc[-2],
        "usual": None if len(table) < 3 else int(table.days.iloc[:-1].median()),
    }


def identities(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find which segments were born, died, were split or merged."""
    named = dict(zip(table.segment.astype(int), table["name"], strict=True))
    changed = [
        {
            "name": r.name_,
            "fate": r.fate,
            "there": pd.notna(r.found),
            "sources": [named.get(int(s), f"segment {int(s)}") for s in r.sources],
            "becomes": [named.get(int(s), f"segment {int(s)}") for s in r.becomes],
        }
        for r in table[table.fate != "kept"].rename(columns={"name": "name_"}).itertuples()
    ]
    return {"kept": int((table.fate == "kept").sum()), "changed": changed}


def holding(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find what the verdict on the stored segments follows from."""
    row = table.iloc[0].to_dict()
    return {key: None if pd.api.types.is_scalar(v) and pd.isna(v) else v for key, v in row.items()} | {
        "reasons": list(row["reasons"])
    }


def moved(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find how many customers moved, entered, left, became at risk; numbers of too few are not said."""
    row = table.iloc[0].to_dict()
    counts = ("entered", "left", "became_at_risk", "recovered")
    return row | {name: None if terms.hides(row[name]) else row[name] for name in counts}


def drift(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find which features changed, which did as a year ago, and which answers are new."""
    new = table[table.customers_new >= max(terms.min_cell, 1)]
    return {
        "features": len(table),
        "changed": list(table.feature[table.changed]),
        "season": list(table.feature[table.season]),
        "grown": list(table.feature[table.grown]),
        "new": [{"feature": r.feature, "answers": list(r.new_answers)} for r in new.itertuples()],
    }


def conclusion(
    runs: pd.DataFrame, holds: pd.DataFrame | None, alerts: pd.DataFrame, terms: Context
) -> dict[str, Any]:
    """Find what the page comes to."""
    row = None if holds is None else holding(holds, terms)
    facts = {"holds": row, "alerts": len(alerts), "high": int((alerts.severity == "high").sum())}
    previous = None if len(runs) < 2 else runs.as_of.iloc[-2]
    return facts | {"previous": previous}


def outcomes(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find which campaigns earned, lost, are running, or cannot be trusted."""
    whole = table[table.segment.isna()]
    return {
        word.replace(" ", "_"): list(whole.campaign[whole.verdict == word])
        for word in ("earned", "lost", "not proven", "running", "not trustworthy")
    }


def success(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find which segments bring more or less than in the period before, with those who left them counted."""
    last = table[(table.as_of == table.as_of.max()) & ~terms.few(table.buyers)]
    fixed, now = (last[last["view"] == v].set_index("segment") for v in VIEWS)
    fixed = fixed[fixed.growth_low.notna()]
    both = fixed.join(now[["growth"]].rename(columns={"growth": "as_now"}))
    gained = fixed[~terms.few(fixed.held_out)]
    return {
        "since": table.start.min().date().isoformat(),
        "known": len(fixed),
        "season": None if fixed.season.isna().all() else float(fixed.season.iloc[0]),
        "more": _named(fixed[fixed.growth_low > 0], "growth", terms),
        "less": _named(fixed[fixed.growth_high < 0], "growth", terms),
        "flattered": [terms.segment(s) for s in both.index[(both.growth_high < 0) & (both.as_now >= 0)]],
        "gained": [terms.segment(s) for s in gained.index[gained.gain_low > 0]],
        "lost": [terms.segment(s) for s in gained.index[gained.gain_high < 0]],
    }


def _named(rows: pd.DataFrame, column: str, terms: Context) -> list[dict[str, Any]]:
    return [{"name": terms.segment(s), "by": abs(float(x))} for s, x in rows[column].items()]


def since_first(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find how much of what was predicted has been realised, and in which segments it is over."""
    known = table[table.expected.gt(0) & ~terms.few(table.customers)]
    weights = known.customers
    expected = float((known.expected * weights).sum())
    over = known[known.inside.notna()]
    inside = over.inside.astype(bool)
    return {
        "since": table.since.iloc[0] if len(table) else None,
        "days": int(table.days.iloc[0]) if len(table) else 0,
        "horizon": None if known.empty else int(known.horizon.iloc[0]),
        "ratio": float((known.realised * weights).sum()) / expected if expected > 0 else None,
        "over": len(over),
        "outside": [terms.segment(s) for s in over.segment[~inside]],
    }
