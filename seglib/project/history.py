"""A project at one date after another, two dates at a time where no decision of one is waited for by the next."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from seglib.catalogue import STAGES
from seglib.errors import RunError
from seglib.project import params as parameters
from seglib.project.orders import Order, Outcome, Progress
from seglib.project.pipeline import run_project
from seglib.project.workers import Workers

#: Stages by which a date is ahead of the one after it. What a stage reads of the date before is then there: segments
#: of page 03 before page 03, names of page 04 and holdouts of page 06 before these, and what campaigns taught before
#: page 05.
AHEAD = 2


def run_history(orders: list[Order], days: list[str], jobs: int, progress: Progress) -> list[Outcome]:
    """Run a project at several dates, the oldest first; a date that fails is the last.

    Parameters
    ----------
    orders, days
        What is asked at each date, and the date as it is shown.
    jobs
        Dates at a time, each in a process of its own; one where a refit may replace the segments of a date once its
        last page is written (`monitor.refit: auto`).

    Returns
    -------
    list of Outcome
        As far as dates were run.
    """
    if jobs == 1 or len(orders) == 1 or _may_refit(orders[-1]):
        outcomes = []
        for order, day in zip(orders, days, strict=True):
            outcomes.append(run_project(order, _of(progress, day)))
            if outcomes[-1].error:
                break
        return outcomes
    with Workers(jobs) as workers:
        passed = [{stage: workers.event() for stage in STAGES} for _ in orders]
        failed = workers.event()
        futures = [
            workers.submit(_run_a_date, order, day, own, before, failed)
            for order, day, own, before in zip(orders, days, passed, [None, *passed], strict=False)
        ]
        outcomes = workers.outcomes(futures, progress)
    bad = next((n for n, outcome in enumerate(outcomes) if outcome.error), len(outcomes))
    return outcomes[: bad + 1]


def _may_refit(order: Order) -> bool:
    changes = [change for change in order.overrides if change.startswith("monitor.")]
    return parameters.load(Path(order.params), changes).monitor.refit == "auto"


def _of(progress: Progress, day: str) -> Progress:
    """Give progress lines the date besides the name of the project."""
    return lambda project, *rest: progress(f"{project} {day}", *rest)


def _run_a_date(
    order: Order, day: str, own: dict[str, Any], before: dict[str, Any] | None, failed: Any, lines: Any
) -> Outcome:
    """Run one date in this process, each stage once the date before is `AHEAD` stages further."""

    def ready(stage: str) -> None:
        if before is not None:
            before[STAGES[min(STAGES.index(stage) + AHEAD, len(STAGES) - 1)]].wait()
        if failed.is_set():
            raise RunError(f"{day}: not finished, for a date before it failed")

    def said(project: str, stage: str, *line: Any) -> None:
        lines.put((f"{project} {day}", stage, *line))
        if line[-1] in ("done", "unchanged") and stage != STAGES[-1]:
            own[stage].set()

    outcome = Outcome(Path(order.params).stem)
    try:
        ready(STAGES[0])  # what has changed is seen once the date before has its segments
        outcome = run_project(order, said, ready)
    except RunError as error:
        outcome.error = str(error)
    finally:
        if outcome.error:
            failed.set()
        for event in own.values():
            event.set()
    return outcome
