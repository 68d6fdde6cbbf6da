"""The funnel and the arms, shaped for a reader."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.report.context import Context
from seglib.report.sentences import sentence


def funnel(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Put the steps of each target side by side."""
    wide = table.pivot(index="segment", columns="step", values="left").astype(int)
    last = table[table.step == "selected"].set_index("segment")
    wide = wide.assign(contacted=last.left, held_out=last.removed, behind=wide["segment"])
    if (wide.movement == wide["segment"]).all():  # no play is for a movement
        wide = wide.assign(movement=np.nan)
    order = list(dict.fromkeys(table.segment))
    wide = wide.loc[order].rename_axis(None).rename_axis(None, axis=1)
    return wide.assign(name=[terms.segment(s) for s in order]).reset_index(drop=True)


def funnel_reasons(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Select the steps that took customers out, in words."""
    rows = table[(table.removed > 0) & (table.step != "selected")]
    return rows.assign(
        name=[terms.segment(s) for s in rows.segment],
        step=[sentence("step_name", {"step": s}) for s in rows.step],
    )


def arms(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write what is compared in its unit, and say in a word whether the play can be proven."""
    rows = table.to_dict("records")
    numbers = {
        c: [sentence("compared", {"x": row[c], "outcome": row["outcome"]}, "target") or None for row in rows]
        for c in ("rate", "effect", "visible", "visible_adjusted")
    }
    words = {"outcome": [sentence("outcome_name", row, "target") for row in rows]}
    words["proof"] = [sentence("proof", {"proof": p}) for p in table.proof]
    return table.assign(**words, **numbers)


def deliveries(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Leave out what is empty."""
    return table.assign(note=table.note.astype(object).where(table.note != "", None))


def handover(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Leave out the texts that are empty, of those whom the params name none."""
    return table.astype(object).where(table != "", None)
