"""A PostgreSQL server of the tests' own: loopback alone, a free port, a password, gone at the end."""

from __future__ import annotations

import os
import pwd
import socket
import subprocess
import tempfile
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from pathlib import Path
from urllib.parse import quote

import psycopg

USER, PASSWORD = "shop", "s3cret:p@ss/wörd%"


def binaries() -> Path:
    """Find the newest server that Debian's package postgresql installs."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/postgres"), key=lambda p: int(p.parts[-3]))
    if not found:
        raise RuntimeError(
            "no PostgreSQL server under /usr/lib/postgresql; install Debian's package postgresql"
        )
    return found[-1].parent


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


class Server:
    """A running server: where it is, and ways to ask it as its owner."""

    def __init__(self, port: int) -> None:
        self.port = port

    def address(
        self,
        user: str = USER,
        password: str = PASSWORD,
        database: str = "postgres",
        host: str = "127.0.0.1",
        port: int | None = None,
    ) -> str:
        return f"postgresql://{user}:{quote(password, safe='')}@{host}:{port or self.port}/{database}"

    def run(self, *statements: str) -> list[tuple]:
        with psycopg.connect(self.address(), autocommit=True, connect_timeout=10) as connection:
            for statement in statements:
                cursor = connection.execute(statement)
            return cursor.fetchall() if cursor.description else []


@contextmanager
def running() -> Iterator[Server]:
    """Start a server; as another user where the tests run as root, which the server refuses."""
    programs, port = binaries(), free_port()
    other = {"user": "postgres", "group": "postgres", "extra_groups": []} if os.getuid() == 0 else {}
    with tempfile.TemporaryDirectory(prefix="seglib-") as made:
        folder = Path(made)
        secret = folder / "password"
        secret.write_text(PASSWORD + "\n", encoding="utf-8")
        for path in (folder, secret):
            path.chmod(0o700)
            if other:
                os.chown(path, *_ids())
        done = subprocess.run(
            [
                programs / "initdb",
                "-D",
                folder / "data",
                "-U",
                USER,
                "-A",
                "scram-sha-256",
                "--pwfile",
                secret,
                "--no-sync",
                "-E",
                "UTF8",
                "--locale=C.UTF-8",
            ],
            cwd="/",
            capture_output=True,
            text=True,
            check=False,
            **other,
        )
        if done.returncode:
            raise RuntimeError(f"initdb failed: {done.stderr}")
        with (folder / "log").open("w") as log:
            process = subprocess.Popen(
                [
                    programs / "postgres",
                    "-D",
                    folder / "data",
                    "-p",
                    str(port),
                    "-c",
                    "listen_addresses=127.0.0.1",
                    "-c",
                    "unix_socket_directories=",
                    "-c",
                    "fsync=off",
                    "-c",
                    "max_connections=20",
                ],
                cwd="/",
                stdout=log,
                stderr=log,
                **other,
            )
        try:
            server = Server(port)
            _wait(server, process, folder / "log")
            yield server
        finally:
            process.send_signal(2)  # a fast shutdown
            process.wait(30)


def _ids() -> tuple[int, int]:
    entry = pwd.getpwnam("postgres")
    return entry.pw_uid, entry.pw_gid


def _wait(server: Server, process: subprocess.Popen, log: Path) -> None:
    end = time.monotonic() + 60
    while time.monotonic() < end:
        try:
            server.run("select 1")
            return
        except psycopg.OperationalError:
            if process.poll() is not None:
                break
            time.sleep(0.1)
    raise RuntimeError(f"the server did not start: {log.read_text()}")


class Cutting:
    """A proxy before a server that cuts connections after so many bytes of answers."""

    def __init__(self, port: int, after: int, times: int) -> None:
        self.target, self.after, self.left, self.connections = port, after, times, 0
        self._socket = socket.create_server(("127.0.0.1", 0))
        self.port = self._socket.getsockname()[1]
        self._ends, self._threads = [self._socket], []
        self._start(self._accept)

    def __enter__(self) -> Cutting:
        return self

    def __exit__(self, *_: object) -> None:
        for end in list(self._ends):
            _shut(end)
        for thread in list(self._threads):
            thread.join(10)
        for end in self._ends:
            end.close()

    def _start(self, target: Callable[..., None], *given: object) -> None:
        thread = threading.Thread(target=target, args=given, daemon=True)
        self._threads.append(thread)
        thread.start()

    def _accept(self) -> None:
        while True:
            try:
                client = self._socket.accept()[0]
            except OSError:
                return
            self.connections += 1
            cut, self.left = self.left > 0, self.left - 1
            server = socket.create_connection(("127.0.0.1", self.target))
            self._ends += [client, server]
            for ends in ((client, server, None), (server, client, self.after if cut else None)):
                self._start(self._pass, *ends)

    @staticmethod
    def _pass(source: socket.socket, target: socket.socket, most: int | None) -> None:
        passed = 0
        try:
            while chunk := source.recv(1 << 14):
                passed += len(chunk)
                if most is not None and passed > most:
                    break
                target.sendall(chunk)
        except OSError:
            return  # the other direction has closed both ends
        finally:
            _shut(source)
            _shut(target)


def _shut(end: socket.socket) -> None:
    with suppress(OSError):  # the other side has closed it already
        end.shutdown(socket.SHUT_RDWR)
