"""A run's pages, from executed notebooks and tables."""

from __future__ import annotations

from pathlib import Path

import nbformat

from seglib.catalogue import STAGES
from seglib.catalogue import stage as record_of
from seglib.project.run import Run
from seglib.report import decision, page


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
