"""papermill's engine for a pipeline: private kernels, and word of what is running."""

from __future__ import annotations

import re
import sys
import tempfile
from pathlib import Path
from typing import Any

from jupyter_client.manager import AsyncKernelManager
from papermill.clientwrap import PapermillNotebookClient
from papermill.engines import NBClientEngine, papermill_engines

NAME = "seglib"
#: What a progress bar writes: each piece returns to the beginning of its line.
_PIECE = re.compile(r"\r[^\r\n]*")
_COUNT = re.compile(r"\r(\S[^\r]*?):\s+\d+%.*?(\d+)/(\d+)")


class _Kernel(AsyncKernelManager):
    """A kernel that talks over files in a folder of its own, where the system can."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        if sys.platform != "win32":
            self._folder = tempfile.TemporaryDirectory(prefix="seglib-")
            self.transport = "ipc"
            self.connection_file = str(Path(self._folder.name) / "k.json")
            self.ip = str(Path(self._folder.name) / "k")


class _Client(PapermillNotebookClient):
    """papermill's own client, which passes progress bars on and keeps them out of the notebook."""

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
        cls, nb_man: Any, kernel_name: str, progress: Any = None, **kwargs: Any
    ) -> Any:
        begin, total, at = nb_man.cell_start, len(nb_man.nb.cells), [0]

        def cell_start(cell: Any, cell_index: int | None = None, **kw: Any) -> None:
            at[0] = (cell_index or 0) + 1
            progress(at[0], total, "")
            begin(cell, cell_index, **kw)

        nb_man.cell_start = cell_start
        nb_man.watch = lambda work: progress(at[0], total, work)
        kwargs.pop("input_path", None)
        times = {"startup_timeout": kwargs.pop("start_timeout", 60), "timeout": kwargs.pop("execution_timeout", None)}
        settings = {"kernel_name": kernel_name, "kernel_manager_class": _Kernel, **times, **kwargs}
        return _Client(nb_man, **settings).execute()


papermill_engines.register(NAME, _Engine)
