"""A killed run leaves no process behind."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest


def alive(process: int) -> bool:
    stat = Path(f"/proc/{process}/stat")
    return stat.exists() and stat.read_text().rsplit(")", 1)[1].split()[0] != "Z"


@pytest.mark.skipif(not sys.platform.startswith("linux"), reason="looks into /proc, which Linux has")
def test_workers_end_when_the_process_that_started_them_is_killed(tmp_path):
    module = tmp_path / "asked.py"
    module.write_text(
        "import os, pathlib, time\nfrom seglib.segment.workers import end_with_parent\n"
        "def work(folder):\n    end_with_parent()\n    pathlib.Path(folder, f'{os.getpid()}.worker').touch()\n"
        "    time.sleep(120)\n"
    )
    code = f"import asked, joblib\njoblib.Parallel(n_jobs=2)(joblib.delayed(asked.work)({str(tmp_path)!r}) for _ in range(2))"
    parent = subprocess.Popen(
        [sys.executable, "-c", code], env=os.environ | {"PYTHONPATH": f"{tmp_path}{os.pathsep}{Path.cwd()}"}
    )
    workers: list[int] = []
    for _ in range(300):
        workers = [int(file.stem) for file in tmp_path.glob("*.worker")]
        if len(workers) == 2:
            break
        time.sleep(0.1)
    assert len(workers) == 2
    os.kill(parent.pid, signal.SIGKILL)
    parent.wait()
    for _ in range(100):
        if not any(map(alive, workers)):
            return
        time.sleep(0.1)
    raise AssertionError("workers are still there")
