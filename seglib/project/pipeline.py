"""Params → papermill → pages, stage after stage."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
import os
import re
import tempfile
import time
import traceback
from collections.abc import Callable
from pathlib import Path
from typing import Any

import nbformat
from papermill import execute_notebook
from papermill.exceptions import PapermillExecutionError

from seglib.catalogue import STAGES
from seglib.catalogue import stage as record_of
from seglib.errors import DataError, ParamsError, RunError, SegError, listing, one_line
from seglib.project import alerting, engine, rendering
from seglib.project import check as checks
from seglib.project import params as parameters
from seglib.project.fingerprints import fingerprints, input_hashes
from seglib.project.implementing import audience_damage
from seglib.project.lock import TOKEN, hold
from seglib.project.opening import check_earlier
from seglib.project.orders import Order, Outcome, Progress, split_overrides
from seglib.project.run import Run
from seglib.project.stored_model import decide, model_print
from seglib.project.workers import Workers
from seglib.report import page

_ANSI = re.compile(r"\x1b\[[0-9;]*m")


def _open(order: Order) -> tuple[Run, list[str], dict[str, dict[str, Any]]]:
    path = Path(order.params)
    root = parameters.find_root(path.parent)
    changes, by_stage = split_overrides(order.overrides, root)
    loaded = parameters.load(path, changes)
    if loaded.as_of_rule:  # resolved once, so that no stage falls on the next day
        changes.append(f"as_of={loaded.as_of}")
    run = Run(loaded, STAGES[0], root, Path(order.reports).resolve())
    if order.force:
        with contextlib.suppress(OSError):
            run.store.replace_damaged_manifest()
    problems = checks.problems(loaded, root)
    if problems:
        raise ParamsError("\n".join(f"{path}: {p}" for p in problems))
    return run, changes, by_stage


def would_run(order: Order) -> list[tuple[str, str]]:
    """Say of each stage whether it would run, and why.

    Raises
    ------
    SegError
        One line for everything that is wrong.
    """
    run, _, by_stage = _open(order)
    return _plan(run, order, by_stage)


def _plan(run: Run, order: Order, by_stage: dict[str, dict[str, Any]]) -> list[tuple[str, str]]:
    asked = STAGES[STAGES.index(order.first) : STAGES.index(order.last) + 1]
    prints = fingerprints(run.full, run.root, input_hashes(run.full, run.root))
    plan, stale = [], False
    for stage in asked:
        state = run.store.stage(stage)
        if stale:
            reason = "an earlier stage runs"
        elif order.force or order.first == stage != STAGES[0] or (order.refit and stage == "segment"):
            reason = "asked for"
        elif by_stage[stage]:
            reason = f"{listing(by_stage[stage])} set"
        elif not state:
            reason = "has not run"
        elif state.get("state") != "done":
            reason = f"was left {state.get('state')}"
        elif state.get("fingerprint") != prints[stage]:
            reason = "inputs, params or code changed"
        elif damage := _damage(run, stage):
            reason = damage
        elif stage == "segment" and (changed := _model_changed(run)):
            reason = changed
        else:
            reason = ""
        stale = stale or bool(reason)
        plan.append((stage, reason))
    return plan


def _damage(run: Run, stage: str) -> str:
    """Say what of a finished stage is gone or is not what it wrote; nothing if all is whole."""
    for name in run.store.stage(stage).get("tables", {}):
        if not run.has(name):
            return f"table '{name}' is gone"
        if run.store.damaged(name):
            return f"table '{name}' was changed or damaged"
    if stage == "implement" and (changed := audience_damage(run.store)):
        return changed
    record = record_of(stage)
    if not (run.store.root / "notebooks" / f"{record.notebook}.ipynb").is_file():
        return "its executed notebook is gone"
    page = run.store.root / record.page
    return "" if page.is_file() else "its page is gone"


def _model_changed(run: Run) -> str:
    """Say whether the stored model that assigned the customers is another one now; not if its run is gone."""
    lineage = run.store.read("lineage").iloc[0]
    earlier = {e.as_of.isoformat(): e for e in run.earlier}
    source = earlier.get(lineage.previous) if lineage.how == "re-scored" else None
    changed = source is not None and model_print(source) != lineage.source
    return f"the segments of {lineage.previous} changed" if changed else ""


def run_project(order: Order, progress: Progress, ready: Callable[[str], None] | None = None) -> Outcome:
    """Run the stages of one project that need running, and render their pages.

    Parameters
    ----------
    order
        What is asked.
    progress
        Is told of every cell.
    ready
        Is called before each stage, and returns when it may begin.

    Returns
    -------
    Outcome
        With the error, if there was one; nothing is raised for bad input.
    """
    outcome, began = Outcome(Path(order.params).stem), time.perf_counter()
    try:
        run, changes, by_stage = _open(order)
        outcome.name = run.full.name
        if order.first != STAGES[0]:
            check_earlier(Run(run.full, order.first, run.root, run.store.root.parent.parent))
        with hold(run.store) as token:
            os.environ[TOKEN] = token
            if run.full.as_of_rule:
                today = dt.date.today().isoformat()
                run.store.record(as_of_rule={"rule": run.full.as_of_rule, "resolved_on": today})
            try:
                _run_stages(run, order, changes, by_stage, progress, outcome, ready or (lambda stage: None))
            finally:
                del os.environ[TOKEN]
    except OSError as error:
        outcome.error = (
            f"{order.reports}: cannot be written to ({error.strerror}); name another folder in --reports"
        )
        outcome.traceback = traceback.format_exc()
    except SegError as error:
        outcome.error = outcome.error or str(error)
        outcome.traceback = outcome.traceback or traceback.format_exc()
    outcome.seconds = time.perf_counter() - began
    return outcome


def _run_stages(
    run: Run,
    order: Order,
    changes: list[str],
    by_stage: dict[str, dict[str, Any]],
    progress: Progress,
    outcome: Outcome,
    ready: Callable[[str], None],
) -> None:
    if order.refit:
        run.store.record(refit="asked")
    with engine.Kernel() as kernel:

        def carry_out(plan: list[tuple[str, str]]) -> None:
            for stage, reason in plan:
                ready(stage)
                if not reason:
                    outcome.states[stage] = "unchanged"
                    progress(run.full.name, stage, 0, 0, "unchanged")
                    continue
                outcome.states[stage] = "failed"
                _run_stage(run, order, stage, changes, by_stage[stage], progress, outcome, kernel)
                outcome.states[stage] = "done"
                progress(run.full.name, stage, 0, 0, "done")

        carry_out(_plan(run, order, by_stage))
        if outcome.states.get("monitor") == "done" and alerting.refit_is_due(run):
            run.store.record(refit="verdict")
            again = STAGES[STAGES.index("segment") : STAGES.index(order.last) + 1]
            carry_out([(stage, "the segments no longer hold") for stage in again])
    if run.store.stage("target").get("state") == "done":
        outcome.page = str(rendering.decision_page(run))
        if run.store.stage("monitor").get("state") == "done":
            outcome.alerts = alerting.lines(run)
        rendering.project_page(run.published.root.parent)


def _run_stage(
    run: Run,
    order: Order,
    stage: str,
    changes: list[str],
    knobs: dict[str, Any],
    progress: Progress,
    outcome: Outcome,
    kernel: engine.Kernel,
) -> None:
    executed = run.store.path("notebooks", f"{record_of(stage).notebook}.ipynb")
    given = {
        "params": _relative(Path(order.params), run.root),
        "overrides": json.dumps(changes) if changes else "",
    }
    given["reports"] = _relative(run.store.root.parent.parent, run.root)
    folder = tempfile.TemporaryDirectory(prefix="seglib-")
    try:
        execute_notebook(
            _notebook(run, stage, knobs, Path(folder.name)),
            str(executed),
            parameters={k: v for k, v in given.items() if v} | knobs,
            engine_name=engine.NAME,
            kernel=kernel,
            progress_bar=False,
            cwd=str(run.root / "notebooks"),
            progress=lambda n, of, work: progress(run.full.name, stage, n, of, f"running{work}"),
        )
    except PapermillExecutionError as error:
        _failed(run, stage, executed, error, outcome)
    finally:
        folder.cleanup()
    kept = page.strange(nbformat.read(executed, as_version=4))
    if kept:
        outcome.kept[stage] = kept
    rendering.stage_page(run, stage, executed)


def _notebook(run: Run, stage: str, knobs: dict[str, Any], folder: Path) -> str:
    """Find a notebook: where the stored model assigns the customers, a copy without the cells that fit."""
    path = run.root / "notebooks" / f"{record_of(stage).notebook}.ipynb"
    notebook = nbformat.read(path, as_version=4)
    tagged = ["rescored" in cell.metadata.get("tags", []) for cell in notebook.cells]
    if not any(tagged):
        return str(path)
    head = tagged.index(True)
    rescored = not knobs and decide(run.full, run.store).how == "re-scored"
    notebook.cells = [
        cell
        for n, cell in enumerate(notebook.cells)
        if (n < head or tagged[n] if rescored else not tagged[n])
    ]
    nbformat.write(notebook, folder / path.name)
    return str(folder / path.name)


def _failed(run: Run, stage: str, executed: Path, error: PapermillExecutionError, outcome: Outcome) -> None:
    """Leave the page with its failing cell, record it, and stop with one line."""
    known = {e.__name__: e for e in (DataError, ParamsError, RunError)}
    what = str(error.evalue) if error.ename in known else f"{error.ename}: {one_line(str(error.evalue))}"
    outcome.known = error.ename in known
    outcome.traceback = _ANSI.sub("", "\n".join(error.traceback))
    run.store.record_stage(stage, state="failed", error=what)
    rendering.stage_page(run, stage, executed)
    rendering.unfinished(run, f"Stage {stage} failed: {what}")
    where = _relative(run.store.root / record_of(stage).page, Path.cwd())
    outcome.error = f"{run.full.name}: stage {stage} failed: {what} (see {where})"
    raise RunError(outcome.error) from None


def _relative(path: Path, to: Path) -> str:
    path = path.resolve()
    return str(path.relative_to(to)) if path.is_relative_to(to) else str(path)


def run_many(orders: list[Order], jobs: int, progress: Progress) -> list[Outcome]:
    """Run several projects, `jobs` at a time, each in a process of its own if more than one.

    Returns
    -------
    list of Outcome
        In the order asked for.
    """
    if jobs == 1 or len(orders) == 1:
        return [run_project(order, progress) for order in orders]
    with Workers(jobs) as workers:
        return workers.outcomes([workers.submit(_run_quietly, order) for order in orders], progress)


def _run_quietly(order: Order, lines: Any) -> Outcome:
    return run_project(order, lambda *line: lines.put(line))
