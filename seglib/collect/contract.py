"""The contract of a source: every rule, how many rows keep it, and what was done with the others."""

from __future__ import annotations

import ibis
import pandas as pd

from seglib.collect.quality import Check

_OUTCOME = {"drop": "left out", "warn": "kept", "stop": "stopped", "blank": "blanked"}


def interrogate(kind: str, table: ibis.Table, checks: tuple[Check, ...]) -> pd.DataFrame:
    """Put every rule to every row, each by itself.

    The ledger counts a row once, under the first rule that it breaks; here a row that breaks
    three rules counts in all three, which shows the quality of the source.

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
    import pointblank  # takes longer than all else that `seglib check` does

    plan = pointblank.Validate(data=table, tbl_name=kind)
    for check in checks:
        plan = plan.col_vals_expr(expr=~check.bad.fill_null(False), brief=check.rule.words)
    done = plan.interrogate(collect_extracts=False)
    rows = [(kind, check.rule.words, check.rule.why, check.action) for check in checks]
    table = pd.DataFrame(rows, columns=["source", "rule", "why", "action"])
    table["rows"] = pd.array(list(done.n().values()), dtype="int64")
    table["broken"] = pd.array(list(done.n_failed().values()), dtype="int64")
    table["share"] = table.broken / table.rows.clip(lower=1)
    table["action"] = table.pop("action")
    return table.assign(outcome=table.action.map(_OUTCOME).where(table.broken > 0, "kept by all"))
