"""What runs a project has: their stages, pages that are out of date, trials."""

from __future__ import annotations

import re
from pathlib import Path

from seglib.catalogue import STAGES
from seglib.catalogue import stage as record_of
from seglib.errors import RunError, listing, nearest
from seglib.project.stale import is_stale
from seglib.project.store import Store

_DATE = re.compile(r"\d{4}-\d\d-\d\d")


def folders_in(folder: Path) -> list[Path]:
    """List the folders in a folder by name; links are not followed."""
    inside = folder.iterdir() if folder.is_dir() else ()
    return sorted(p for p in inside if p.is_dir() and not p.is_symlink())


def run_folders(project: Path) -> list[Path]:
    """List the folders of a project's runs, oldest first; links are not followed."""
    return [folder for folder in folders_in(project) if _DATE.fullmatch(folder.name)]


def trial_folders(run: Path) -> list[Path]:
    """List the folders of a run's trials."""
    return [] if (run / "trials").is_symlink() else folders_in(run / "trials")


def lines(reports: Path, name: str) -> list[str]:
    """Write the status of a project, a line per run and trial."""
    runs = run_folders(reports / name)
    if not runs:
        return [f"{name}: no run yet; seglib run params/{name}.yaml makes one"]
    return [line for run in runs for line in _run_lines(name, run)]


def _run_lines(name: str, folder: Path) -> list[str]:
    store = Store(folder)
    written = [f"{name} {folder.name}: {_stages(store)}"]
    pages = [*(record_of(s).page for s in STAGES), "index.html"]
    stale = [page for page in pages if is_stale(store, page)]
    if stale:
        written.append(
            f"{name} {folder.name}: out of date: {', '.join(stale)}; seglib run params/{name}.yaml refreshes"
        )
    for trial in trial_folders(folder):
        beside = Store(trial)
        changed = ", ".join(beside.manifest().get("trial", [])) or "nothing changed"
        written.append(f"{name} {folder.name} trial {trial.name} ({changed}): {_stages(beside)}")
    return written


def _stages(store: Store) -> str:
    states = {s: store.stage(s).get("state") for s in STAGES if store.stage(s)}
    return ", ".join(f"{stage} {state}" for stage, state in states.items()) or "no stage has run"


def run_named(reports: Path, name: str) -> Store:
    """Find a run or trial by NAME, NAME/AS_OF or NAME/AS_OF/trials/ID; the newest run of a bare name.

    Raises
    ------
    RunError
        If there is none of that name.
    """
    folder = reports / name
    if "/" not in name.strip("/"):
        runs = run_folders(folder)
        folder = runs[-1] if runs else folder
    if not (folder / "run.json").is_file():
        known = [str(p.parent.relative_to(reports)) for p in sorted(reports.glob("*/*/run.json"))]
        known += [str(p.parent.relative_to(reports)) for p in sorted(reports.glob("*/*/trials/*/run.json"))]
        raise RunError(
            f"there is no run or trial '{name}'; there are: {listing(known, 20)}.{nearest(name, known)}"
        )
    return Store(folder)
