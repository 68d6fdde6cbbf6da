"""A Spark cluster of a master and two workers on this machine, each a process of its own.

Each worker offers two places, and each application takes one on either: a session of the tests and a
run of the command line can use the cluster at the same time.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import pyspark
import pytest

_LOOPBACK = "127.0.0.1"
#: Java compiles once and quickly, for all these processes are short-lived.
_SHORT = "-XX:TieredStopAtLevel=1 -XX:+UseSerialGC"
_APPLICATIONS = f"""
spark.driver.extraJavaOptions {_SHORT}
spark.executor.extraJavaOptions {_SHORT}
spark.ui.enabled false
spark.cores.max 2
spark.executor.cores 1
spark.executor.memory 600m
spark.driver.host 127.0.0.1
spark.sql.shuffle.partitions 2
"""
#: Runs a command and ends its group when the process that asked for it is gone, however it went.
_LEASH = """
import os, signal, subprocess, sys, threading
child = subprocess.Popen(sys.argv[1:], stdin=subprocess.DEVNULL)
threading.Thread(target=lambda: (child.wait(), os.killpg(0, signal.SIGKILL)), daemon=True).start()
sys.stdin.read()
os.killpg(0, signal.SIGKILL)
"""


def free_port() -> int:
    with socket.socket() as found:
        found.bind((_LOOPBACK, 0))
        return found.getsockname()[1]


def java() -> str:
    """Find Java, or say what is missing: these tests are never skipped."""
    home = os.environ.get("JAVA_HOME")
    found = shutil.which("java", path=str(Path(home, "bin")) if home else None)
    if found is None:
        pytest.fail("the tests of Spark need Java 17 or newer: install it, or set JAVA_HOME", pytrace=False)
    return found


@dataclass
class Cluster:
    """A standalone master with its workers.

    Attributes
    ----------
    address
        What a params file names as `connection`.
    """

    folder: Path
    port: int = field(default_factory=free_port)
    _daemons: dict[str, subprocess.Popen] = field(default_factory=dict)

    @property
    def address(self) -> str:
        return f"spark://{_LOOPBACK}:{self.port}"

    def _start(self, name: str, *words: str) -> None:
        java()
        home = Path(pyspark.__file__).parent
        env = {
            "SPARK_LOCAL_IP": _LOOPBACK,
            "SPARK_HOME": str(home),
            "SPARK_DAEMON_MEMORY": "512m",
            "SPARK_DAEMON_JAVA_OPTS": _SHORT,
        }
        with self.log(name).open("wb") as log:
            self._daemons[name] = subprocess.Popen(
                [sys.executable, "-c", _LEASH, str(home / "bin" / "spark-class"), *words],
                stdin=subprocess.PIPE,
                stdout=log,
                stderr=subprocess.STDOUT,
                cwd=self.folder,
                start_new_session=True,
                env=os.environ | env,
            )

    def log(self, name: str) -> Path:
        return self.folder / f"{name}.log"

    def start_master(self) -> None:
        self._start(
            "master",
            "org.apache.spark.deploy.master.Master",
            "--host",
            _LOOPBACK,
            "--port",
            str(self.port),
            "--webui-port",
            str(free_port()),
        )
        self.wait("master", "I have been elected leader")

    def start_worker(self, name: str) -> None:
        self._start(
            name,
            "org.apache.spark.deploy.worker.Worker",
            "--host",
            _LOOPBACK,
            "--port",
            str(free_port()),
            "--webui-port",
            str(free_port()),
            "--cores",
            "2",
            "--memory",
            "1300m",
            "--work-dir",
            str(self.folder / name),
            self.address,
        )

    def wait(self, name: str, said: str, seconds: float = 60) -> None:
        """Wait until a daemon has said that it is up."""
        end = time.monotonic() + seconds
        while said not in self.log(name).read_text(errors="replace"):
            if self._daemons[name].poll() is not None or time.monotonic() > end:
                tail = self.log(name).read_text(errors="replace")[-800:]
                pytest.fail(f"the Spark {name} did not start: {tail}", pytrace=False)
            time.sleep(0.1)

    def stop(self, name: str) -> None:
        """End a daemon and all that it started."""
        daemon = self._daemons.pop(name)
        with contextlib.suppress(ProcessLookupError):
            os.killpg(daemon.pid, signal.SIGKILL)
        daemon.stdin.close()
        daemon.wait(timeout=20)

    def stop_all(self) -> None:
        for name in list(self._daemons):
            self.stop(name)


@contextlib.contextmanager
def running_cluster(folder: Path, workers: int = 2) -> Iterator[Cluster]:
    """Start a master and its workers, and stop them whatever happens."""
    cluster = Cluster(folder)
    names = [f"worker{i}" for i in range(1, workers + 1)]
    try:
        cluster.start_master()
        for name in names:
            cluster.start_worker(name)
        for name in names:
            cluster.wait(name, "Successfully registered with master")
        yield cluster
    finally:
        cluster.stop_all()


@pytest.fixture(scope="module")
def spark_cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    folder = tmp_path_factory.mktemp("cluster")
    (folder / "spark-defaults.conf").write_text(_APPLICATIONS)
    with running_cluster(folder) as cluster, pytest.MonkeyPatch.context() as patch:
        patch.setenv("SPARK_LOCAL_IP", _LOOPBACK)
        patch.setenv("SPARK_CONF_DIR", str(folder))
        yield cluster
