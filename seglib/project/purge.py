"""Old runs, deleted with the table of real ids first, and what they held out once that has ended."""

from __future__ import annotations

import datetime as dt
import re
import shutil
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from seglib.errors import ParamsError, RunError, listing
from seglib.project.implementing import LOCK, purge_holdouts
from seglib.project.lock import hold
from seglib.project.rendering import project_page
from seglib.project.status import folders_in, run_folders, trial_folders
from seglib.project.store import Store

_DAYS = {"d": 1, "w": 7, "y": 365}
#: What keeps a run recognisable while it is deleted: the lock, and the manifest that says what it is.
_LAST = (".lock", ".holder.json", ".manifest.lock", "run.json")


@dataclass(frozen=True)
class OldRun:
    """A run that is older than asked.

    Attributes
    ----------
    store
        Its folder.
    executed
        When its last stage began.
    """

    store: Store
    executed: dt.datetime

    @property
    def name(self) -> str:
        """Name the project and the date."""
        return f"{self.store.root.parent.name}/{self.store.root.name}"


def age(text: str) -> dt.timedelta:
    """Read an age: days, weeks or years of 365 days.

    Raises
    ------
    ParamsError
        If it is none.

    Examples
    --------
    >>> age("2w").days, age("365d").days
    (14, 365)
    """
    match = re.fullmatch(r"(\d{1,5}) ?([dwy])", text.strip().casefold())
    if not match:
        raise ParamsError(
            f"--older-than: found '{text}'; allowed: a number of days, weeks or years, as in 365d"
        )
    return dt.timedelta(days=int(match[1]) * _DAYS[match[2]])


def executed(store: Store) -> dt.datetime | None:
    """Read when a run's last stage began; nothing if the folder is no run of seglib's."""
    if not (store.root / "run.json").is_file():
        return None
    try:
        manifest = store.manifest()
        stages = manifest["stages"].values() if manifest["versions"]["seglib"] else ()
        times = [dt.datetime.fromisoformat(stage["began"]) for stage in stages]
    except (RunError, ValueError, KeyError, TypeError, AttributeError):
        return None  # a manifest that seglib did not write, or that is damaged
    return max((t if t.tzinfo else t.replace(tzinfo=dt.UTC) for t in times), default=None)


def old_runs(reports: Path, names: Sequence[str], before: dt.datetime) -> list[OldRun]:
    """List the runs that were executed before a time, oldest first.

    Parameters
    ----------
    reports
        The folder that receives the runs.
    names
        Projects; all if there are none.
    before
        With its time zone.

    Raises
    ------
    RunError
        If there is no such folder, or it holds no such project.
    """
    if not reports.is_dir():
        raise RunError(f"{reports}: there is no such folder; name it in --reports")
    projects = {folder.name: folder for folder in folders_in(reports)}
    absent = [name for name in names if name not in projects]
    if absent:
        raise RunError(
            f"{reports}: there is no run of {listing(absent)}; projects there: {listing(projects)}"
        )
    stores = [Store(folder) for name in names or projects for folder in run_folders(projects[name])]
    old = [OldRun(store, time) for store in stores if (time := executed(store)) and time < before]
    return sorted(old, key=lambda run: run.executed)


def _delete(path: Path) -> None:
    """Delete a file, a link or a folder; what a link points to stays."""
    if path.is_dir() and not path.is_symlink():
        shutil.rmtree(path)
    else:
        path.unlink(missing_ok=True)


def remove(run: OldRun) -> None:
    """Delete a run: the table of real ids first, the manifest last.

    Raises
    ------
    RunError
        If it is being executed, or its folder cannot be written to.
    """
    root = run.store.root
    try:
        with hold(run.store):
            for folder in (root, *trial_folders(root)):
                if not (folder / "tables").is_symlink():
                    _delete(folder / "tables" / "ids.parquet")
                _delete(folder / "audiences")
            for path in sorted(p for p in root.iterdir() if p.name not in _LAST):
                _delete(path)
        for name in _LAST:
            _delete(root / name)
        root.rmdir()
        left = [folder.name for folder in run_folders(root.parent)]
        purge_holdouts(root.parent, root.name, left)
        project_page(root.parent)
        if not left:
            _delete(root.parent / LOCK)  # what guarded the holdouts
    except OSError as error:
        raise RunError(f"{run.name}: it cannot be deleted whole ({error.strerror}); purge again") from None
