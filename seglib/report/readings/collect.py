"""Facts of page 01: what came in, and what became of it."""

from __future__ import annotations

from typing import Any

import pandas as pd

from seglib.report.context import Context


def waterfall(ledger: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find what became of the rows of one source; `ledger` holds its rules, in order."""
    taken = ledger[(ledger.dropped + ledger.set_aside) > 0]
    worst = taken.loc[(taken.dropped + taken.set_aside).idxmax()] if len(taken) else None
    return {
        "source": ledger.source.iloc[0],
        "start": int(ledger.rows_in.iloc[0]),
        "end": int(ledger.rows_out.iloc[-1]),
        "rule": worst.rule if worst is not None else "",
        "taken": int(worst.dropped + worst.set_aside) if worst is not None else 0,
    }


def contract(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find which rule is broken most, and whether any is."""
    broken = table[table.broken > 0]
    worst = broken.loc[broken.share.idxmax()].to_dict() if len(broken) else {}
    return {"rules": len(table), "broken": len(broken), "worst": worst}


def ledger(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Count the rules of the ledger that did something."""
    did = table[["dropped", "set_aside", "blanked", "warned"]].any(axis=1)
    return {"active": int(did.sum()), "idle": int((~did).sum())}


def joins(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find how many ids of the sources are customers, and how they were compared."""
    return {"sources": table.to_dict("records")}


def quality(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find how many features there are, and which is most often missing."""
    worst = table.sort_values("missing_share", ascending=False).iloc[0]
    return {"features": len(table), "label": worst.label, "missing": worst.missing_share}
