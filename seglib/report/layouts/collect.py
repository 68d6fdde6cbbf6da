"""Tables of page 01, shaped for a reader."""

from __future__ import annotations

import pandas as pd

from seglib.privacy.disclosure import hidden
from seglib.report.context import Context


def ledger(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Keep the first rule of each source and those that had an effect, and the columns that are not all zero."""
    actions = ["dropped", "set_aside", "blanked", "warned"]
    rows = table[table[actions].any(axis=1) | ~table.source.duplicated()]
    idle = [c for c in actions if not table[c].any()]
    return rows.drop(columns=[*idle, *(["value"] if table.value.isna().all() else [])])


def books(table: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Put what each rule took beside the sums as read: one row per month, the whole period first.

    What a rule took of few customers in a month is not shown, nor is what is left there; what it took of rows
    without a customer has no one behind it.
    """
    months = list(dict.fromkeys(table.month))
    read = table[table.step == "read"].set_index("month")
    wide = read[["orders", "customers", "value"]].reindex(months)
    taken = table[table.step != "read"]
    values = taken.pivot(index="month", columns="step", values="value").reindex(months).fillna(0.0)
    counts = taken.pivot(index="month", columns="step", values="customers").reindex(months).fillna(0)
    of_months = counts[counts.index != "all"]
    few = pd.DataFrame(False, index=values.index, columns=values.columns)
    for step in [c for c in values.columns if c not in ("kept", "no_customer_id") and values[c].any()]:
        few.loc[of_months.index, step] = hidden(of_months[step], terms.min_cell, {"all"}).to_numpy()
        few.loc["all", step] = 0 < counts.loc["all", step] < terms.min_cell
    if "kept" in few:
        few["kept"] = few.any(axis=1)
    shown = values.mask(few)[[c for c in dict.fromkeys(taken.step) if values[c].any()]]
    wide = wide.join(shown).rename_axis("month").reset_index()
    return wide.assign(month=wide.month.replace("all", "whole period"))
