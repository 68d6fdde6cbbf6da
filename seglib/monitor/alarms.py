"""What somebody should look at: a row each, with what was found, its limit, where to look and what to do."""

from __future__ import annotations

from typing import Any

import pandas as pd

#: Order of severity.
SEVERITIES = ("high", "medium")
_COLUMNS = ("alert", "severity", "subject", "value", "limit", "what", "look_at", "command")
#: Where each alert is explained.
_PAGES = {
    "rebuild": "07_monitor.html, Do the segments still hold?",
    "refresh": "07_monitor.html, Do the segments still hold?",
    "moved": "07_monitor.html, Who moved",
    "drift": "07_monitor.html, Drift",
    "missing": "07_monitor.html, Drift",
    "answers": "07_monitor.html, Drift",
    "volume": "01_collect.html",
    "columns": "01_collect.html",
    "ratio": "07_monitor.html, What the campaigns earned",
    "loss": "07_monitor.html, What the campaigns earned",
    "forecast": "07_monitor.html, What the campaigns earned",
}
_HIGH = ("rebuild", "columns", "ratio")


def alert(code: str, subject: str, command: str, value: float | None = None, **more: Any) -> dict[str, Any]:
    """Make one alert.

    Parameters
    ----------
    code
        Of `_PAGES`.
    subject
        What it is about: a feature, a campaign, a kind of row.
    command
        What follows.
    value
        What was found, beside `limit` in `more`; `what` in `more` lists names.
    """
    severity = SEVERITIES[0] if code in _HIGH else SEVERITIES[1]
    row = {"alert": code, "severity": severity, "subject": subject, "value": value, "command": command}
    return row | {"limit": more.get("limit"), "what": list(more.get("what", ())), "look_at": _PAGES[code]}


def of_verdict(holds: pd.DataFrame | None, params: str) -> list[dict[str, Any]]:
    """Alert where the stored segments no longer hold and still assign the customers."""
    if holds is None or holds.how.iloc[0] == "fitted" or word(holds) not in ("refresh", "rebuild"):
        return []
    row = holds.iloc[0]
    return [alert(row.verdict, "segments", f"seglib run {params} --refit", what=row.reasons)]


def of_drift(drift: pd.DataFrame | None, limits: Any, params: str) -> list[dict[str, Any]]:
    """Alert of features that have changed."""
    rows = []
    for r in drift[drift.changed].itertuples() if drift is not None else ():
        missing = r.missing_low > limits.missing
        value, limit = (r.missing - r.missing_earlier, limits.missing) if missing else (r.low, limits.psi)
        code = "missing" if missing else "drift"
        rows.append(alert(code, r.feature, f"seglib check {params}", value, limit=limit))
    return rows


def of_volumes(volumes: pd.DataFrame | None, limit: float, params: str) -> list[dict[str, Any]]:
    """Alert of tables of which many more or fewer rows came in."""
    rows = volumes[volumes.changed] if volumes is not None else pd.DataFrame()
    return [
        alert(
            "volume", r.what, f"seglib check {params}", None if pd.isna(r.change) else r.change, limit=limit
        )
        for r in rows.itertuples()
    ]


def of_columns(now: pd.DataFrame, earlier: pd.DataFrame | None, params: str) -> list[dict[str, Any]]:
    """Alert of features that are not there any more."""
    gone = [] if earlier is None else [c for c in earlier.columns if c not in now.columns]
    return [alert("columns", "features", f"seglib check {params}", what=gone)] if gone else []


def of_moves(moved: pd.DataFrame | None, limit: float, params: str) -> list[dict[str, Any]]:
    """Alert where more customers moved than the limit, beyond relabelling and season."""
    if moved is None or moved.season.iloc[0] or not moved.low.iloc[0] > limit:
        return []
    return [alert("moved", "customers", f"seglib status {params}", moved.share.iloc[0], limit=limit)]


def of_outcomes(
    outcomes: pd.DataFrame | None, forecasts: pd.DataFrame | None, limit: float, params: str
) -> list[dict[str, Any]]:
    """Alert of campaigns whose arms have the wrong sizes, that lost money, or that earned far less than forecast."""
    rows = []
    whole = outcomes[outcomes.segment.isna()] if outcomes is not None else pd.DataFrame()
    for r in whole.itertuples():
        if r.verdict == "not trustworthy":
            rows.append(alert("ratio", r.campaign, f"seglib run {params} --from implement", r.ratio_p))
        if r.verdict == "lost":
            rows.append(alert("loss", r.campaign, f"seglib run {params} --from target", r.profit))
    for r in forecasts.itertuples() if forecasts is not None else ():
        if r.profit_high < limit * r.forecast:
            rows.append(
                alert("forecast", r.campaign, f"seglib run {params} --from target", r.ratio, limit=limit)
            )
    return rows


def word(holds: pd.DataFrame | None) -> str:
    """Give the verdict of the page in a word: keep, refresh, rebuild; compared where nothing was refitted."""
    if holds is None:
        return "first run"
    return "compared" if pd.isna(holds.verdict.iloc[0]) else str(holds.verdict.iloc[0])


def table(rows: list[dict[str, Any]]) -> pd.DataFrame:
    """List alerts, the severe ones first."""
    made = pd.DataFrame(rows, columns=list(_COLUMNS)).astype({"value": float, "limit": float})
    order = made.severity.map(SEVERITIES.index).rename("order") if len(made) else made.severity
    return made.loc[order.sort_values(kind="stable").index].reset_index(drop=True)
