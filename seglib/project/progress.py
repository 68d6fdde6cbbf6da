"""How far projects are, as a terminal or a log shows it."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn
from rich.table import Table


class Live:
    """A progress line per project: stage, cell n of m, elapsed."""

    def __init__(self, console: Console) -> None:
        self._console = console
        self._bars = Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            TextColumn("{task.fields[cell]}"),
            TimeElapsedColumn(),
            console=self._console,
            transient=False,
            disable=not self._console.is_terminal,
        )
        self._tasks: dict[tuple[str, str], TaskID] = {}
        self._began: dict[tuple[str, str], float] = {}

    def __enter__(self) -> Live:
        self._bars.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._bars.stop()

    def __call__(self, project: str, stage: str, cell: int, cells: int, state: str) -> None:
        """Show that a project is at this cell of a stage, or that the stage has ended."""
        key = (project, stage)
        if not self._console.is_terminal:
            self._plain(key, state)
            return
        if key not in self._tasks:
            self._tasks[key] = self._bars.add_task(f"{project} {stage:<8}", total=cells or 1, cell="")
        ended = not state.startswith("running")
        text = state if ended else f"cell {cell} of {cells}{state.removeprefix('running')}"
        total = self._bars.tasks[self._tasks[key]].total if ended else cells
        self._bars.update(self._tasks[key], completed=total if ended else cell, total=total, cell=text)
        if ended:
            self._bars.stop_task(self._tasks[key])

    def _plain(self, key: tuple[str, str], state: str) -> None:
        """Write one line when a stage begins and one when it ends, where there is no terminal."""
        clock = time.strftime("%H:%M:%S")
        if key not in self._began:
            self._console.print(f"{clock} {key[0]} {key[1]}: begins", markup=False)
        began = self._began.setdefault(key, time.perf_counter())
        if not state.startswith("running"):
            seconds = time.perf_counter() - began
            self._console.print(f"{clock} {key[0]} {key[1]}: {state} ({seconds:.1f} s)", markup=False)


def short(path: str) -> str:
    """Shorten a path below the folder that the command was called in."""
    return str(Path(path).relative_to(Path.cwd())) if Path(path).is_relative_to(Path.cwd()) else path


def summary(outcomes: list[Any]) -> Table:
    """List how projects ended, a row each."""
    table = Table("project", "stages", "seconds", "page", title="Projects", title_justify="left")
    for o in outcomes:
        states = ", ".join(f"{stage} {state}" for stage, state in o.states.items() if state != "done")
        done = sum(state == "done" for state in o.states.values())
        words = f"{done} run" + (f"; {states}" if states else "")
        table.add_row(
            o.name,
            "stopped before any" if not o.states else words,
            f"{o.seconds:.0f}",
            short(o.page) or "none",
        )
    return table


def notes(outcomes: list[Any], debug: bool = False) -> list[str]:
    """List what else is to be said of runs: cells whose output stays in the notebook, and tracebacks if asked."""
    lines = [
        f"{outcome.name} {stage}: output of code cell {', '.join(map(str, cells))} stays in the executed notebook; "
        "only what report.* makes reaches a page"
        for outcome in outcomes
        for stage, cells in outcome.kept.items()
    ]
    return lines + [outcome.traceback for outcome in outcomes if debug and outcome.traceback]
