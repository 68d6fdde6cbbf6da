"""The contract of a source: every rule, how many rows keep it, and what was done with the others."""

from __future__ import annotations

import ibis
import pandas as pd
import pointblank

from seglib.collect.quality import Check

_OUTCOME = {
    "drop": "left out",
    "blank": "blanked",
    "warn": "kept",
    "stop": "stopped",
    "set aside": "set aside",
}
_COLUMNS = ["source", "rule", "why", "rows", "broken", "share", "action", "outcome"]


def interrogate(kind: str, table: ibis.Table, checks: tuple[Check, ...]) -> pd.DataFrame:
    """Put every rule to every row, each by itself.

    The ledger counts a row once, under the first rule that it breaks; here a row that breaks
    three rules counts in all three, which tells how well the source is kept.

    Parameters
    ----------
    kind
        The kind of source.
    table
        One row per different row of the source.
    checks
        The rules, each with the rows that break it.

    Returns
    -------
    pandas.DataFrame
        One row per rule: source, rule, why, rows, broken, share (0 to 1), action, outcome.
    """
    plan = pointblank.Validate(data=table, tbl_name=kind)
    for check in checks:
        plan = plan.col_vals_expr(expr=~check.bad.fill_null(False), brief=check.rule.words)
    done = plan.interrogate(collect_extracts=False)
    rows, broken = done.n(), done.n_failed()
    found = [
        (
            kind,
            check.rule.words,
            check.rule.why,
            rows[place],
            broken[place],
            broken[place] / max(rows[place], 1),
            check.action,
            _OUTCOME[check.action] if broken[place] else "kept by all",
        )
        for place, check in enumerate(checks, start=1)
    ]
    return pd.DataFrame(found, columns=_COLUMNS).astype({"rows": "int64", "broken": "int64"})
