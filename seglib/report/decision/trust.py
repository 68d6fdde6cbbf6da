"""How far to trust the decision: what was left out, what was tested, what is assumed."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.assess.playbook import LEAVE_ALONE
from seglib.report.decision.case import Case
from seglib.report.display import Html, framed
from seglib.report.figures import theme
from seglib.report.figures.decision import bars
from seglib.report.sentences import sentence
from seglib.report.words import jaccard

_MAIN = ("customers", "transactions")


def trust_figure(case: Case) -> Html:
    """Draw how stable each segment is."""
    floor, rows = float(case.structure.min_stability), case.rows
    tints = [
        theme.BAD if r.stability < floor else theme.colour(r.segment - 1) if r.target else theme.MUTE
        for r in rows[["stability", "segment", "target"]].itertuples()
    ]
    facts = {
        "segments": rows[["name", "stability"]].to_dict("records"),
        "floor": floor,
        "resamples": int(case.structure.resamples),
    }
    words = {
        key: sentence(f"stability_{key}", facts, "decision") for key in ("title", "caption", "alt", "gate")
    }
    drawn = bars(rows.set_index("name").stability, tints, floor, words.pop("gate"), 1.0, jaccard)
    return framed(drawn, **words)


def trust(case: Case) -> dict[str, Any]:
    """Find how far to trust the decision, a matter each."""
    simulated = case.tables["sensitivity"].iloc[0]
    months = case.optional("seasons")
    return {
        "left_out": _left_out(case),
        "min_cell": case.min_cell,
        "clear": simulated.call_reason if simulated.call == "clear" else "",
        "one_year": len(months) > 0 and months.cycles.max() < 2,
        "beside": case.structure.beside,
        "not_segmented": case.structure.left_out,
        **_tests(case),
    }


def _left_out(case: Case) -> list[dict[str, Any]]:
    """Find per source what was left out, and by which rule most of it."""
    sources, ledger = [], case.tables["ledger"]
    for source, rules in ledger[ledger.source.isin(_MAIN)].groupby("source", sort=False):
        dropped = rules[rules.dropped > 0]
        worst = dropped.loc[dropped.dropped.idxmax()] if len(dropped) else None
        sources.append(
            {
                "source": source,
                "rows": int(rules.rows_in.iloc[0]),
                "dropped": int(dropped.dropped.sum()),
                "rule": worst.rule if worst is not None else "",
                "value": _amount(worst.value) if worst is not None else None,
                "few": source == "customers" and 0 < dropped.dropped.sum() < case.min_cell,
                "returned": [_amount(r.value) for r in rules[rules.set_aside > 0].itertuples()],
            }
        )
    return sources


def _amount(value: float) -> float | None:
    return abs(value) if pd.notna(value) and round(value, 2) else None


def _tests(case: Case) -> dict[str, Any]:
    """Find how near predicted purchases came to actual ones: every test, the worst first."""
    tests = case.optional("calibration")
    if tests.empty or tests.happened.isna().all():
        reasons = [r for r in case.optional("lifetime", ("reason",)).reason.dropna().unique() if r]
        return {"tests": [], "by_segment": 0, "not_predicted": reasons[0] if reasons else ""}
    known = tests[tests.ratio.notna()]
    overall, own = known[known.segment.isna()], known[known.segment.notna()]
    worst = overall.loc[(overall.ratio - 1).abs().sort_values(ascending=False).index]
    return {
        "tests": worst.to_dict("records"),
        "by_segment": len(own),
        "covered": int(own.covered.astype(bool).sum()),
        "not_predicted": "",
    }


def others(case: Case) -> pd.DataFrame:
    """List what was not chosen, by which rule, and what to do instead."""
    rows = case.others
    facts = [
        {
            "play": r.play,
            "message": r.message,
            "alone": r.play == LEAVE_ALONE,
            "decision": r.decision,
            "best_play": r.best_play,
            "customers": None if pd.isna(r.test_contacts) else int(r.test_contacts) + int(r.test_held_out),
            "fits": bool(r.test_fits) if pd.notna(r.test_fits) else False,
            "size": int(r.customers),
        }
        for r in rows.itertuples()
    ]
    return rows.assign(instead=[sentence("instead", f, "decision") for f in facts])
