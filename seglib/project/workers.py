"""Processes that carry out several orders beside each other, and tell of their progress."""

from __future__ import annotations

import concurrent.futures
import contextlib
import multiprocessing
import queue
from collections.abc import Callable
from typing import Any

from seglib.project.orders import Outcome, Progress


class Workers:
    """Processes that run orders beside each other, and tell of their progress.

    Parameters
    ----------
    jobs
        Processes at a time.
    """

    def __init__(self, jobs: int) -> None:
        self._context, self._jobs = multiprocessing.get_context("spawn"), jobs

    def __enter__(self) -> Workers:
        self._stack = contextlib.ExitStack()
        self._manager = self._stack.enter_context(self._context.Manager())
        pool = concurrent.futures.ProcessPoolExecutor(self._jobs, mp_context=self._context)
        self._pool = self._stack.enter_context(pool)
        self._lines = self._manager.Queue()
        return self

    def __exit__(self, *how: Any) -> None:
        self._stack.__exit__(*how)

    def event(self) -> Any:
        """Give an event that all processes see."""
        return self._manager.Event()

    def submit(self, work: Callable[..., Outcome], *given: Any) -> concurrent.futures.Future[Outcome]:
        """Have work done, which is given a queue for lines of progress last."""
        return self._pool.submit(work, *given, self._lines)

    def outcomes(
        self, futures: list[concurrent.futures.Future[Outcome]], progress: Progress
    ) -> list[Outcome]:
        """Pass lines of progress on until all is done, and give how it ended, in the order asked for."""
        while not all(f.done() for f in futures) or not self._lines.empty():
            try:
                progress(*self._lines.get(timeout=0.2))
            except queue.Empty:
                continue
        return [f.result() for f in futures]
