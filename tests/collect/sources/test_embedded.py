"""Engines that need more than memory: each spills into a folder of its own, which does not outlive it."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import tempfile
from pathlib import Path

import pytest

from seglib.collect.sources import connect, embedded

ROWS = 1_000_000
FILL = (
    f"create temp table t as select i, hash(i) as h, i * 0.5 as x, md5(i::text) as s from range({ROWS}) r(i)"
)
ASK = "select count(*), sum(i), sum(x), sum(h % 1000)::bigint, min(s), max(s), sum(length(s)) from t"
#: Fills an engine, waits for a line, and answers.
PROGRAM = f"""
from seglib.collect.sources import connect
engine = connect("60MB")
engine.con.execute({FILL!r})
print("filled", flush=True)
input()
print(engine.con.execute({ASK!r}).fetchone(), flush=True)
"""


@pytest.fixture
def temp(tmp_path, monkeypatch) -> Path:
    monkeypatch.setenv("TMPDIR", str(tmp_path))
    monkeypatch.setattr(tempfile, "tempdir", str(tmp_path))
    return tmp_path


def folders(temp: Path) -> list[Path]:
    return sorted(temp.glob(f"{embedded.PREFIX}*"))


def program(text: str) -> subprocess.Popen:
    return subprocess.Popen(
        [sys.executable, "-c", text],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
        env=os.environ | {"OMP_NUM_THREADS": "1"},
    )


def filled():
    engine = connect("60MB")
    engine.con.execute(FILL)
    return engine


def test_engines_that_spill_at_once_answer_as_one_alone(temp):
    one = filled()
    alone = one.con.execute(ASK).fetchone()
    assert alone[:2] == (ROWS, ROWS * (ROWS - 1) // 2)
    other = filled()
    assert len(folders(temp)) == 2
    assert all(any(folder.glob("duckdb_temp*")) for folder in folders(temp))
    assert [engine.con.execute(ASK).fetchone() for engine in (one, other)] == [alone, alone]
    one.disconnect()
    assert other.con.execute(ASK).fetchone() == alone
    other.disconnect()
    programs = [program(PROGRAM) for _ in range(2)]
    assert [p.stdout.readline() for p in programs] == ["filled\n", "filled\n"]
    answers = [p.communicate("\n", timeout=60)[0].strip() for p in programs]
    assert answers == [str(alone)] * 2
    assert [p.returncode for p in programs] == [0, 0]
    assert folders(temp) == []


def test_spill_files_are_for_this_user_alone(temp):
    engine = connect("60MB")
    (folder,) = folders(temp)
    assert folder.stat().st_mode & 0o777 == 0o700
    engine.disconnect()


def test_a_folder_goes_with_its_engine_and_at_the_end_of_the_process(temp):
    engine = connect()
    assert len(folders(temp)) == 1
    del engine
    assert folders(temp) == []
    done = program("from seglib.collect.sources import connect\nkept = connect()")
    done.communicate(timeout=60)
    assert done.returncode == 0
    assert folders(temp) == []


def test_a_folder_stays_when_a_fork_of_its_process_ends(temp):
    engine = connect()
    child = os.fork()
    if child == 0:
        engine._end()
        os._exit(0)
    os.waitpid(child, 0)
    embedded.remove_abandoned()
    assert len(folders(temp)) == 1
    engine.disconnect()


def test_the_folder_of_a_killed_process_is_removed_and_that_of_a_living_one_is_not(temp):
    text = "from seglib.collect.sources import connect\nkept = connect()\nprint('there', flush=True)\ninput()"
    killed, living = program(text), program(text)
    assert [p.stdout.readline() for p in (killed, living)] == ["there\n"] * 2
    assert len(folders(temp)) == 2
    killed.send_signal(signal.SIGKILL)
    killed.communicate()
    engine = connect()
    assert sorted(int(f.name.split("-")[2]) for f in folders(temp)) == sorted([living.pid, os.getpid()])
    engine.disconnect()
    living.communicate("\n", timeout=60)
    assert folders(temp) == []


def test_only_abandoned_folders_of_this_user_are_removed(temp):
    number = program("")
    number.communicate()
    dead, reused, new = (
        temp / f"{embedded.PREFIX}{process}-x{n}"
        for n, process in enumerate([number.pid, os.getpid(), os.getpid()])
    )
    target, other = temp / "target", temp / "other"
    for folder in (dead, reused, new, target, other):
        folder.mkdir()
        (folder / "duckdb_temp_storage_DEFAULT-0.tmp").write_text("rows")
    os.utime(reused, (1, 1))  # its number is now another process's: nothing locks it
    link = temp / f"{embedded.PREFIX}{number.pid}-link"
    link.symlink_to(target)
    embedded.remove_abandoned()
    assert folders(temp) == sorted([new, link])
    assert (target / "duckdb_temp_storage_DEFAULT-0.tmp").exists()
    assert other.exists()


def test_the_folder_of_another_user_is_not_touched(temp, monkeypatch):
    theirs = temp / f"{embedded.PREFIX}0-x"
    theirs.mkdir()
    monkeypatch.setattr(os, "getuid", lambda: theirs.stat().st_uid + 1)
    embedded.remove_abandoned()
    assert list(theirs.iterdir()) == []
