"""Facts of page 04: predicted lifetime value, its tests, and how long customers subscribe."""

from __future__ import annotations

from typing import Any

import numpy as np
import pandas as pd

from seglib.assess.thresholds import CLOSE
from seglib.report.context import Context
from seglib.vocabulary import ONE_YEAR

#: Below this the Gamma-Gamma model has no finite variance between customers.
_HEAVY = 2.0
#: A calibration error below this is none.
_NO_MISS = 0.005


def model_terms(estimates: pd.DataFrame, terms: Context) -> dict[str, Any] | None:
    """Find whether what customers spend differs so much that a mean rests on few."""
    if estimates.empty:
        return None
    q = float(estimates.set_index("parameter").estimate.get("q", np.inf))
    return {"q": q, "heavy": q < _HEAVY}


def horizon(days: int) -> str:
    """Name the time that is predicted.

    Examples
    --------
    >>> horizon(365), horizon(90)
    ('12-month', '90-day')
    """
    return "12-month" if days == ONE_YEAR else f"{days}-day"


def lifetime(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Find who is predicted to bring most, or why there is no prediction."""
    days, reason = int(table.days.iloc[0]), table.reason.iloc[0]
    facts: dict[str, Any] = {"days": days, "horizon": horizon(days), "reason": reason, "shown": False}
    shown = table[(table.buyers > 0) & ~terms.few(table.buyers)]
    if not days or shown.empty:
        return facts
    valued = bool(shown.lifetime_value.notna().all())
    most = shown.loc[(shown.lifetime_value if valued else shown.purchases).idxmax()]
    facts |= {"shown": True, "valued": valued, "most": most.to_dict()}
    if valued:
        facts["each"] = shown.loc[shown.per_customer.idxmax()].to_dict()
    miss, rest = float(table.miss.iloc[0]), int((table.customers - table.buyers).sum())
    return facts | {
        "no_purchase": rest > 0 and not terms.hides(rest),
        "tested": not np.isnan(miss),
        "miss": float(np.expm1(miss)) if miss >= _NO_MISS else 0.0,
    }


def calibration(table: pd.DataFrame, terms: Context) -> dict[str, Any]:
    """Compare what the model predicted in each test with what happened, and find where it was furthest off."""
    if (table.of == "none").all():
        return {"tests": [], "why": table.why.iloc[0], "off": None}
    shown = table[~terms.few(table.buyers)]
    tests = [_one_test(rows) for _, rows in shown.groupby("since", sort=False)]
    own = shown[(shown.of == "segment") & (shown.happened > 0)]
    off = None
    if len(own):
        furthest = own.loc[np.log(own.ratio.astype(float)).abs().idxmax()]
        if not _close(furthest.ratio):
            off = {"segment": furthest.segment, "ratio": float(furthest.ratio)}
    return {"tests": tests, "why": "" if len(own) else table.why.iloc[0], "off": off}


def _close(ratio: Any) -> bool:
    return bool(1 - CLOSE <= ratio <= 1 + CLOSE)


def _one_test(rows: pd.DataFrame) -> dict[str, Any]:
    every = rows[rows.of == "all"].iloc[0]
    own = rows[rows.of == "segment"]
    close = own[own.ratio.map(_close).astype(bool)]
    return {
        "since": _day(every.since),
        "until": _day(every.until),
        "predicted": every.expected,
        "low": every.low,
        "high": every.high,
        "actual": every.happened,
        "ratio": float(every.ratio),
        "inside": bool(every.low <= every.happened <= every.high),
        "segments": len(own),
        "close": len(close),
        "close_buyers": close.buyers.sum() / own.buyers.sum() if len(own) else float("nan"),
        "covered": int(own.covered.astype(bool).sum()),
    }


def _day(day: pd.Timestamp) -> str:
    return f"{day:%d %B %Y}".lstrip("0")


def survival(table: pd.DataFrame, terms: Context) -> dict[str, Any] | None:
    """Find who subscribes longest and shortest, or why it is not known."""
    if table.reason.iloc[0]:
        return {"reason": table.reason.iloc[0]}
    each = table[~terms.few(table.customers)].drop_duplicates("segment")
    if each.empty:
        return None
    each = each.sort_values(["lifetime", "customers"])
    ends = each.iloc[[-1, 0]] if len(each) > 1 else each
    columns = ["segment", "lifetime", "lifetime_low", "lifetime_high"]
    return {"reason": "", "within": int(table.within.iloc[0]), "ends": ends[columns].to_dict("records")}
