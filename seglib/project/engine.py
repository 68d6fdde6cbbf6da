"""papermill's engine for a pipeline: a private kernel for its notebooks, and word of what is running."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

import psutil
from jupyter_client.manager import AsyncKernelManager
from jupyter_core.utils import run_sync
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

NAME = "seglib"
#: What a progress bar writes: each piece returns to the beginning of its line.
_PIECE = re.compile(r"\r[^\r\n]*")
_COUNT = re.compile(r"\r(\S[^\r]*?):\s+\d+%.*?(\d+)/(\d+)")
#: Takes all names and outputs of a notebook away, and counts the cells of the next from one.
_FORGET = "get_ipython().reset(new_session=True)"
#: A kernel that still holds so many bytes after a notebook is not used for the next.
_GROWN = 2**30


class _Kernel(AsyncKernelManager):
    """A kernel that talks over files in a folder of its own, where the system can."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._folder = tempfile.TemporaryDirectory(prefix="seglib-")
        if sys.platform != "win32":
            self.transport = "ipc"
            self.connection_file = str(Path(self._folder.name) / "k.json")
            self.ip = str(Path(self._folder.name) / "k")

    def end(self) -> None:
        """End the kernel, if it runs, and take its folder away."""
        if self.has_kernel:
            run_sync(self.shutdown_kernel)(now=True)
        self._folder.cleanup()


class Kernel:
    """The kernel of a pipeline, which imports once for all its notebooks, and forgets one before the next."""

    def __init__(self) -> None:
        self._manager: _Kernel | None = None

    def __enter__(self) -> Kernel:
        return self

    def __exit__(self, *_: object) -> None:
        self.end()

    def manager(self, name: str) -> _Kernel:
        """Give the manager of a kernel, running or to be started by its first client."""
        if self._manager is not None and self._grown():
            self.end()
        if self._manager is None:
            self._manager = _Kernel(kernel_name=name)
        return self._manager

    def _grown(self) -> bool:
        provisioner = self._manager.provisioner if self._manager is not None else None
        process = getattr(provisioner, "process", None)
        return (
            process is None
            or process.poll() is not None
            or psutil.Process(process.pid).memory_info().rss > _GROWN
        )

    def end(self) -> None:
        """End the kernel."""
        if self._manager is not None:
            self._manager.end()
        self._manager = None


class _Client(PapermillNotebookClient):
    """papermill's own client, which passes progress bars on and keeps them out of the notebook."""

    def execute(self, **kwargs: Any) -> Any:
        try:
            return super().execute(**kwargs)
        finally:
            if self.kc is not None:
                self.kc.stop_channels()

    def papermill_execute_cells(self) -> None:
        self.wait_for_reply(self.kc.execute(_FORGET, silent=True, store_history=False))
        super().papermill_execute_cells()

    def process_message(self, msg: dict[str, Any], *args: Any, **kwargs: Any) -> Any:
        content = msg["content"]
        if msg["msg_type"] == "stream" and content.get("name") == "stderr" and "\r" in content["text"]:
            for what, done, of in _COUNT.findall(content["text"])[-1:]:
                self.nb_man.watch(f", {what} {done} of {of}")
            content["text"] = _PIECE.sub("", content["text"])
            if not content["text"].strip():
                return None
        return super().process_message(msg, *args, **kwargs)


class _Engine(NBClientEngine):
    """papermill's own engine, which says which cell is running and how far it is."""

    @classmethod
    def execute_managed_notebook(
        cls, nb_man: Any, kernel_name: str, progress: Any, kernel: Kernel, **kwargs: Any
    ) -> Any:
        begin, total, at = nb_man.cell_start, len(nb_man.nb.cells), [0]

        def cell_start(cell: Any, cell_index: int | None = None, **kw: Any) -> None:
            at[0] = (cell_index or 0) + 1
            progress(at[0], total, "")
            begin(cell, cell_index, **kw)

        nb_man.cell_start = cell_start
        nb_man.watch = lambda work: progress(at[0], total, work)
        kwargs.pop("input_path", None)
        times = {
            "startup_timeout": kwargs.pop("start_timeout", 60),
            "timeout": kwargs.pop("execution_timeout", None),
        }
        return _Client(
            nb_man, kernel.manager(kernel_name), kernel_name=kernel_name, **times, **kwargs
        ).execute()


papermill_engines.register(NAME, _Engine)
