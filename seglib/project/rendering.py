"""A run's pages, from executed notebooks and tables."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path
from typing import Any

import nbformat
import pandas as pd

from seglib import monitor, report
from seglib.catalogue import STAGES
from seglib.catalogue import stage as record_of
from seglib.project.earlier import earlier_runs, past_of
from seglib.project.run import Run
from seglib.project.store import Store
from seglib.report import decision, overview, page


def _pages(run: Run) -> dict[str, str]:
    """Return the pages of the stages that have run, by stage."""
    return {stage: record_of(stage).page for stage in STAGES if run.store.stage(stage)}


def stage_page(run: Run, stage: str, executed: Path) -> None:
    """Write the page of a stage; its executed notebook is for its owner alone."""
    executed.chmod(0o600)
    notebook = nbformat.read(executed, as_version=4)
    text = page.render(notebook, stage, run.facts(), {s: record_of(s).page for s in STAGES})
    run.store.write_text(text, record_of(stage).page)


def unfinished(run: Run, why: str) -> None:
    """Write the decision page of a run that did not reach a decision."""
    run.store.write_text(decision.unfinished(run.facts(), _pages(run), why), "index.html")


def decision_page(run: Run) -> Path:
    """Write the decision page, and the decision as a table."""
    names = [*decision.TABLES, *(name for name in decision.ALSO if run.has(name))]
    made = decision.Decision(run.facts(), {name: run.read(name) for name in names}, run.context("decision"))
    run.store.write_csv(made.summary(), "decision.csv")
    return run.store.write_text(made.render(_pages(run)), "index.html")


def project_page(project: Path) -> Path | None:
    """Write the page of the project beside its runs: all of them, the newest first; none without a run."""
    runs = earlier_runs(project, dt.date.max)[0]
    if not runs:
        (project / "index.html").unlink(missing_ok=True)
        return None
    pasts, newest = [past_of(each) for each in runs], runs[-1].params()
    marks = [_marks(each.store) for each in runs]
    privacy = newest.get("privacy", {})
    terms = report.Context("decision", newest.get("currency"), privacy.get("min_cell", 10))
    names = {s: n for past in pasts for s, n in past.names().items()}
    title = newest.get("title", project.name)
    text = overview.render(title, monitor.runs(pasts), monitor.path(pasts), marks, terms, names)
    return Store(project).write_text(text, "index.html")


def _marks(store: Store) -> dict[str, Any]:
    """Return what a run's line says besides its tables: whether it has a decision page, its alerts, its verdict."""
    path = store.root / "alerts.json"
    alerts = json.loads(path.read_text(encoding="utf-8"))["alerts"] if path.is_file() else None
    word = None
    if store.has("refit"):
        word = store.read("refit").verdict.iloc[0]
    return {
        "page": (store.root / "index.html").is_file(),
        "alerts": None if alerts is None else len(alerts),
        "holds": None if pd.isna(word) else str(word),
    } | _key_figures(store)


def _key_figures(store: Store) -> dict[str, float | None]:
    """Sum up what followed since the run before, and what campaigns that have ended earned so far."""
    figures: dict[str, float | None] = dict.fromkeys(("ordered", "monthly", "profit"))
    success = store.read("success") if store.has("success") else pd.DataFrame()
    if len(success):
        last = success[(success["view"] == monitor.VIEWS[1]) & (success.as_of == success.as_of.max())]
        figures["ordered"] = last.buyers.sum() / last.customers.sum()
        figures["monthly"] = 30 * last.revenue.sum() / last.customers.sum() / last.days.max()
    outcomes = store.read("outcomes") if store.has("outcomes") else pd.DataFrame()
    if len(outcomes):
        ended = outcomes[outcomes.segment.isna() & outcomes.ended & (outcomes.verdict != "not trustworthy")]
        figures["profit"] = float(ended.profit.sum()) if len(ended) else None
    return figures
