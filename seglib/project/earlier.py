"""Runs of a project before this one: what can be compared, and why something cannot."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pandas as pd

from seglib import monitor
from seglib.catalogue import declaration
from seglib.errors import RunError
from seglib.project.status import run_folders
from seglib.project.store import Store

#: Tables without which a run cannot be compared.
NEEDED = ("segments", "segment_stability", "structure", "features")
#: Tables that are read of every earlier run.
OF_PAST = ("segments", "structure", "lineage", "value", "ranking", "segment_stability", "lifetime")


@dataclass(frozen=True)
class EarlierRun:
    """A run of the same project at an earlier date.

    Attributes
    ----------
    store
        Its folder.
    """

    store: Store

    @property
    def as_of(self) -> dt.date:
        """Its date."""
        return dt.date.fromisoformat(self.store.root.name)

    def table(self, name: str) -> pd.DataFrame | None:
        """Read a table; nothing if the run has none that can be read as it is declared today."""
        try:
            table = self.store.read(name)
        except (RunError, OSError, ValueError):
            return None
        wanted = declaration(name).columns
        lacking = [c for c, column in wanted.items() if c not in table.columns and not column.optional]
        return None if lacking else table

    def params(self) -> dict[str, Any]:
        """Return the params that it ran with."""
        return self.store.manifest().get("params", {})


def past_of(run: EarlierRun, *more: str) -> monitor.Past:
    """Read what is known of a run, with more of its tables."""
    tables = {name: run.table(name) for name in (*OF_PAST, *more)}
    version = str(run.store.manifest().get("versions", {}).get("seglib", ""))
    return monitor.Past(run.as_of, {n: t for n, t in tables.items() if t is not None}, version)


@dataclass(frozen=True)
class LeftOut:
    """A run that cannot be compared.

    Attributes
    ----------
    as_of
        Its date.
    why
        unfinished, damaged, or older: written by a version of seglib with other tables.
    version
        Of seglib, as its run.json says.
    what
        The first table that cannot be used, if one cannot.
    """

    as_of: dt.date
    why: str
    version: str = ""
    what: str = ""


def earlier_runs(project: Path, before: dt.date) -> tuple[list[EarlierRun], list[LeftOut]]:
    """Find the runs of a project before a date, oldest first, and those that cannot be compared."""
    found, left_out = [], []
    for folder in run_folders(project):
        try:
            day = dt.date.fromisoformat(folder.name)
        except ValueError:
            continue  # a folder of another kind, as 2025-13-40
        if day >= before:
            continue
        run = EarlierRun(Store(folder))
        problem = _problem(run)
        if problem is None:
            found.append(run)
        else:
            left_out.append(problem)
    return found, left_out


def _problem(run: EarlierRun) -> LeftOut | None:
    try:
        manifest = run.store.manifest()
    except RunError:
        return LeftOut(run.as_of, "damaged", what="run.json")
    version = str((manifest.get("versions") or {}).get("seglib", ""))
    if manifest.get("stages", {}).get("segment", {}).get("state") != "done":
        return LeftOut(run.as_of, "unfinished", version)
    for name in NEEDED:
        if run.table(name) is None:
            damaged = not run.store.has(name) or run.store.damaged(name)
            return LeftOut(run.as_of, "damaged" if damaged else "older", version, name)
    return None
