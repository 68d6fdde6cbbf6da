"""How segments move, shaped for a reader."""

from __future__ import annotations

from collections.abc import Iterable

import pandas as pd

from seglib.report.words import plural, points, share


def movement(table: pd.DataFrame, names: dict[int, str], columns: Iterable[str]) -> pd.DataFrame:
    """Shape what each segment bought in both spans; what is known of none is left out."""
    made = table[[c for c in columns if table[c].notna().any()]].copy()
    made.insert(0, "name", [names[s] for s in table.segment])
    return made


def retention(table: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape retention: one row per segment, one column per age that was observed, with its interval."""
    cells = table.assign(cell=[_interval(r.share, r.low, r.high) for r in table.itertuples()])
    square = cells.pivot(index="segment", columns="age", values="cell")
    square.columns = [plural(age, "month") for age in square.columns]
    square.insert(0, "name", [names[s] for s in square.index])
    return square.reset_index(drop=True)


def churn(table: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape who is at risk, segment by segment."""
    made = table[["at_risk", "share"]].copy()
    made.insert(0, "name", [names[s] for s in table.segment])
    made["range"] = [
        f"{share(r.low, 1)} to {share(r.high, 1)}" if r.low == r.low else None for r in table.itertuples()
    ]
    return made


def drivers(table: pd.DataFrame) -> pd.DataFrame:
    """Shape the drivers that are sure: the feature, what an answer is compared with, its odds ratio."""
    listed = table[table.sure.astype(bool)]
    made = listed[["label", "against", "odds_ratio"]].copy()
    made["range"] = [f"{r.low:.2f} to {r.high:.2f}" for r in listed.itertuples()]
    made["p"] = ["under 0.001" if p < 0.001 else f"{p:.3f}" for p in listed.p]
    return made if made.against.notna().any() else made.drop(columns="against")


def satisfaction(table: pd.DataFrame, names: dict[int, str]) -> pd.DataFrame:
    """Shape the answers of each segment: the mean of an item, and the net promoter score where it is one."""
    made = pd.DataFrame(
        {
            "name": [names[s] for s in table.segment],
            "item": table["item"].to_numpy(),
            "answers": table.answers.to_numpy(),
            "mean": table["mean"].to_numpy(),
            "range": [f"{r.low:.2f} to {r.high:.2f}" if r.low == r.low else None for r in table.itertuples()],
            "nps": [_points(r.nps, r.nps_low, r.nps_high) for r in table.itertuples()],
        }
    )
    made = made.drop(columns=[c for c in ("nps",) if made[c].isna().all()])
    return made if table["item"].nunique() > 1 else made.drop(columns="item")


def _interval(middle: float, low: float, high: float) -> str:
    return f"{share(middle)} ({share(low)} to {share(high)})"


def _points(nps: float, low: float, high: float) -> str | None:
    """Write a net promoter score in points, with its interval."""
    return None if nps != nps else f"{points(nps)} ({points(low)} to {points(high)})"
