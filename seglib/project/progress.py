"""How far projects are, as a terminal or a log shows it."""

from __future__ import annotations

import time

from rich.console import Console
from rich.progress import BarColumn, Progress, TaskID, TextColumn, TimeElapsedColumn


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
            self._console.print(
                f"{clock} {key[0]} {key[1]}: {state} ({seconds:.1f} s)",
                markup=False,
            )
