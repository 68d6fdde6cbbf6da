"""Worker processes that end with the process that started them."""

from __future__ import annotations

import multiprocessing
import os
import threading
import time
from functools import cache

#: Seconds between two looks at whether the parent is still there.
_LOOK = 1.0


def end_with_parent() -> None:
    """End this worker when its parent has gone; a parent that is killed cannot end it.

    A worker of joblib that is left behind may wait for ever for its result to be taken. Outside
    of such a worker nothing is done.
    """
    if multiprocessing.current_process().name.startswith("LokyProcess"):
        _watch(os.getpid())


@cache
def _watch(_process: int) -> None:
    threading.Thread(target=_end_after, args=(os.getppid(),), daemon=True).start()


def _end_after(parent: int) -> None:
    while os.getppid() == parent:
        time.sleep(_LOOK)
    os._exit(1)
