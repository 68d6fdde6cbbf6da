"""Alerts of a run: as a file, a line each, and to a webhook or by mail where the environment says so."""

from __future__ import annotations

import json
from typing import Any

import pandas as pd

from seglib.project import sending
from seglib.project.run import Run

#: Keys of `alerts.json`: nothing of them is about a customer.
_KEYS = ("alert", "severity", "subject", "found", "limit", "look_at", "command")


def listed(run: Run) -> list[dict[str, Any]]:
    """List the alerts of a run, the severe ones first."""
    if not run.store.has("alerts"):
        return []
    table = run.store.read("alerts")
    return [{k: None if pd.isna(row[k]) else row[k] for k in _KEYS} for row in table.to_dict("records")]


def lines(run: Run) -> list[str]:
    """Write `alerts.json` into the run, send it where the environment says so, and give a line per alert.

    Alerts that were there before are not sent again.
    """
    alerts = listed(run)
    facts = {"project": run.full.name, "as_of": run.full.as_of.isoformat(), "alerts": alerts}
    text = json.dumps(facts, indent=2, ensure_ascii=False) + "\n"
    path = run.store.root / "alerts.json"
    known = path.is_file() and path.read_text(encoding="utf-8") == text
    run.store.write_text(text, "alerts.json")
    return [*map(sending.line, alerts), *([] if known else sending.send(facts))]


def refit_is_due(run: Run) -> bool:
    """Tell whether the verdict of the monitoring is to fit again, and the params leave that to it."""
    if run.full.monitor.refit != "auto" or not run.store.has("refit") or run.store.manifest().get("refit"):
        return False
    if run.store.read("lineage").how.iloc[0] != "re-scored":
        return False
    return run.store.read("refit").verdict.iloc[0] in ("refresh", "rebuild")
