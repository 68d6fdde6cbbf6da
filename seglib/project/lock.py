"""A run has one writer: who holds it, and who must wait."""

from __future__ import annotations

import contextlib
import datetime as dt
import getpass
import json
import os
import secrets
import socket
from collections.abc import Iterator

import filelock

from seglib.errors import RunError
from seglib.project.store import Store

#: Set for the kernels of a pipeline, so that they may write while the pipeline holds the run.
TOKEN = "SEGLIB_RUN_TOKEN"  # noqa: S105  (the name of a variable)
_LOCK, _HOLDER = ".lock", ".holder.json"


@contextlib.contextmanager
def hold(store: Store, wait: float = 3.0) -> Iterator[str]:
    """Hold a run for one writer; the lock dies with its process.

    Parameters
    ----------
    store
        The run's folder.
    wait
        Seconds to wait for a holder that is about to end.

    Raises
    ------
    RunError
        If another process holds it, saying who.
    """
    lock = filelock.FileLock(store.path(_LOCK), timeout=wait)
    try:
        lock.acquire()
    except filelock.Timeout:
        raise _held(store) from None
    token = secrets.token_hex(8)
    holder = {
        "token": token,
        "user": getpass.getuser(),
        "process": str(os.getpid()),
        "host": socket.gethostname(),
        "since": dt.datetime.now(dt.UTC).strftime("%Y-%m-%d %H:%M UTC"),
    }
    try:
        store.write_text(json.dumps(holder), _HOLDER)
        for left in store.root.rglob(".*.tmp"):
            left.unlink(missing_ok=True)
        yield token
    finally:
        (store.root / _HOLDER).unlink(missing_ok=True)
        lock.release()


def check_free(store: Store) -> None:
    """Refuse to go on when another process runs this run.

    Raises
    ------
    RunError
        Saying who holds it.
    """
    lock = filelock.FileLock(store.path(_LOCK), timeout=0)
    try:
        lock.acquire()
    except filelock.Timeout:
        if os.environ.get(TOKEN) and os.environ[TOKEN] == _holder(store).get("token"):
            return
        raise _held(store) from None
    lock.release()


def _holder(store: Store) -> dict[str, str]:
    try:
        return json.loads((store.root / _HOLDER).read_text(encoding="utf-8"))
    except (FileNotFoundError, ValueError):
        return {}


def _held(store: Store) -> RunError:
    holder = _holder(store)
    who = (
        f"{holder['user']}, process {holder['process']} on {holder['host']}, since {holder['since']}"
        if holder
        else "another process"
    )
    return RunError(
        f"{store.root.parent.name} as of {store.root.name} is being run by {who}; wait for it, or stop it"
    )
