"""What segments will bring, shaped for a reader."""

from __future__ import annotations

import pandas as pd

from seglib.report.words import count, money


def lifetime(table: pd.DataFrame, currency: str | None) -> pd.DataFrame:
    """Shape what segments will bring; columns that nothing is known of are left out."""

    def between(middle: str, low: str, high: str) -> list[str | None]:
        rows = zip(table[middle], table[low], table[high], strict=True)
        if middle == "purchases":
            return [None if pd.isna(m) else f"{count(m)} ({count(a)}–{count(b)})" for m, a, b in rows]
        return [None if pd.isna(m) else f"{money(m, currency)} ({money(a)}–{money(b)})" for m, a, b in rows]

    made = table[["name", "buyers", "historic_margin", "active"]].round({"active": 0})
    made["purchases"] = between("purchases", "purchases_low", "purchases_high")
    made["lifetime"] = between("lifetime_value", "lifetime_low", "lifetime_high")
    made["each"] = between("per_customer", "per_customer_low", "per_customer_high")
    return made.dropna(axis="columns", how="all")


def calibration(table: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape the tests of the model: all buyers first, then the segments."""
    made = table[["buyers", "expected"]].astype(float).round()
    made["interval"] = [
        f"{count(low)}–{count(high)}" for low, high in zip(table.low, table.high, strict=True)
    ]
    made = made.assign(happened=table.happened.astype(float), ratio=table.ratio.astype(float))
    made.insert(0, "since", [f"{day:%Y-%m-%d}" for day in table.since])
    made.insert(0, "name", table.segment.map(names).fillna("All buyers").astype(object))
    return made


def survival(table: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape how long customers stay: one row per segment, its mean lifetime with the interval."""
    each = table.dropna(subset="segment").drop_duplicates("segment")
    made = each[["customers", "within", "lifetime"]].copy()
    made.insert(0, "name", [names[int(s)] for s in each.segment])
    made["interval"] = [f"{r.lifetime_low:.1f} to {r.lifetime_high:.1f}" for r in each.itertuples()]
    return made
