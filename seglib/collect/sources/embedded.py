"""The embedded engine: how much memory it may use, and a folder of its own for what does not fit."""

from __future__ import annotations

import os
import shutil
import tempfile
import time
import weakref
from pathlib import Path
from typing import Any

import filelock
import psutil
from ibis.backends.duckdb import Backend

#: Folders are named by this, the number of the process and a random part.
PREFIX = "seglib-spill-"
#: Seconds in which a process that has made a folder must have locked it.
_YOUNG = 60


class Engine(Backend):
    """ibis on DuckDB, with spill files that no other engine and no other user shares.

    DuckDB names spill files alike in every process, and deletes all of a folder when the first
    engine ends: in a common folder engines read each other's rows.
    """

    def do_connect(self, *args: Any, **config: Any) -> None:
        """Connect, and remove the folder when the engine ends or the process does."""
        folder = Path(tempfile.mkdtemp(prefix=f"{PREFIX}{os.getpid()}-"))  # 0700
        lock = _lock(folder)
        lock.acquire()
        self._end = weakref.finalize(self, _remove, folder, lock, os.getpid())
        super().do_connect(*args, temp_directory=str(folder), **config)

    def disconnect(self) -> None:
        """End the engine, and remove its folder."""
        super().disconnect()
        self._end()


def connect(memory: str | None = None) -> Engine:
    """Start the embedded engine.

    Parameters
    ----------
    memory
        What it may use, as in "3GB"; half of the machine's if absent, for the other half is what the
        tables of customers need. What does not fit goes to a temporary folder of this engine alone.
    """
    remove_abandoned()
    engine = Engine().connect()
    engine.raw_sql("SET preserve_insertion_order = true")
    engine.raw_sql("SET TimeZone = 'UTC'")  # what is read must not depend on where it is read
    # A bar ends up in pages and pipes; without ipywidgets, Jupyter has none and refuses the setting.
    if engine.con.sql("SELECT current_setting('enable_progress_bar')").fetchall() == [(True,)]:
        engine.raw_sql("SET enable_progress_bar = false")
    if memory is None and hasattr(os, "sysconf"):  # not on Windows, where the engine takes its own share
        memory = f"{os.sysconf('SC_PAGE_SIZE') * os.sysconf('SC_PHYS_PAGES') // 2_000_000}MB"
    if memory:
        engine.raw_sql(f"SET memory_limit = '{memory}'")
    return engine


def remove_abandoned() -> None:
    """Remove this user's folders whose processes have ended without doing so."""
    for folder in Path(tempfile.gettempdir()).glob(f"{PREFIX}*"):
        lock = _lock(folder)
        try:
            if _is_ours(folder) and not _just_made(folder):
                with lock.acquire(timeout=0):
                    shutil.rmtree(folder, ignore_errors=True)
        except (filelock.Timeout, OSError):
            continue  # its process lives, or another has removed it meanwhile


def _lock(folder: Path) -> filelock.FileLock:
    """Lock a folder for as long as its process lives; a number of a process alone can be another's later."""
    return filelock.FileLock(folder / "lock", timeout=0)


def _is_ours(folder: Path) -> bool:
    """Return whether this is a folder, not a link to one, and this user's (Windows: every user is 0)."""
    user = os.getuid() if hasattr(os, "getuid") else 0
    return not folder.is_symlink() and folder.is_dir() and folder.stat().st_uid == user


def _just_made(folder: Path) -> bool:
    """Return whether a living process may be about to lock a folder."""
    number = folder.name.removeprefix(PREFIX).partition("-")[0]
    alive = number.isdecimal() and psutil.pid_exists(int(number))
    return alive and time.time() - folder.stat().st_mtime < _YOUNG


def _remove(folder: Path, lock: filelock.FileLock, process: int) -> None:
    if os.getpid() == process:  # a fork ends without the engine of its parent
        lock.release()
        shutil.rmtree(folder, ignore_errors=True)
