"""A project at one date after another, by `seglib history`."""

from __future__ import annotations

import json
import queue
import threading

import pytest
from projects import LIGHT, make_shop, pin_key, seglib

from seglib import simulate
from seglib.catalogue import STAGES
from seglib.project import history as dates
from seglib.project.orders import Order, Outcome
from seglib.project.store import read_frame

DAYS = ("2025-08-01", "2025-09-01")
CHANGES = [word for change in LIGHT for word in ("--set", change)]


def history(project, reports, first, *words):
    pin_key(reports, project.name)
    return seglib(
        "history", project.file, "--from", first, "--reports", reports, *CHANGES, *words, timeout=600
    )


@pytest.fixture(scope="module")
def project(tmp_path_factory):
    return make_shop(tmp_path_factory.mktemp("history"), simulate.shop(800, seed=3))


@pytest.fixture(scope="module")
def done(project):
    """Two dates, both at a time."""
    ended = history(project, project.reports, DAYS[0])
    assert ended.returncode in (0, 3), ended.stderr
    return ended


def test_each_date_follows_the_one_before(project, done):
    """The first fits; each of the others has the stored model, and compares itself with the date before."""
    stores = [project.reports / project.name / day for day in DAYS]
    for before, store in zip([None, *DAYS], stores, strict=False):
        run = json.loads((store / "run.json").read_text())
        assert {s["state"] for s in run["stages"].values()} == {"done"}
        runs = read_frame(store / "tables" / "runs.parquet")
        assert runs.as_of.tolist() == list(DAYS[: DAYS.index(store.name) + 1])
        lineage = read_frame(store / "tables" / "lineage.parquet").iloc[0]
        assert lineage.how == ("fitted" if before is None else "re-scored")
        assert before is None or lineage.previous == before
    names = [set(read_frame(s / "tables" / "value.parquet").name) for s in stores]
    assert names[1] == names[0]
    assert all(day in done.stdout for day in DAYS)


def test_what_is_there_is_not_run_again(project, done):
    ended = history(project, project.reports, DAYS[0])
    assert ended.returncode == done.returncode
    said = [line for line in ended.stderr.splitlines() if ": done" in line or ": unchanged" in line]
    assert len(said) == len(DAYS) * len(STAGES)
    assert all(": unchanged" in line for line in said)


def test_a_date_that_fails_is_the_last(project, tmp_path):
    """Events begin in March 2025: a date before it is refused, and those after it do not go on."""
    ended = history(project, tmp_path / "reports", "2025-01-01", "--to", "2025-03-01")
    assert ended.returncode == 2
    assert "events: all" in ended.stderr and "lie on or after as_of 2025-01-01" in ended.stderr
    assert not list((tmp_path / "reports").rglob("segments.parquet"))


def in_threads(monkeypatch, number, fails=()):
    """Run dates beside each other without any notebook; give what began and ended, in order, and the outcomes."""
    said, outcomes = [], {}

    def run_project(order, progress, ready):
        for stage in STAGES:
            ready(stage)
            said.append((order.params, stage, "begins"))
            if (order.params, stage) in fails:
                return Outcome("shop", error="refused")
            said.append((order.params, stage, "ends"))
            progress("shop", stage, 0, 0, "done")
        return Outcome("shop")

    monkeypatch.setattr(dates, "run_project", run_project)
    passed = [{stage: threading.Event() for stage in STAGES} for _ in range(number)]
    failed = threading.Event()

    def run(n):
        before = passed[n - 1] if n else None
        order = Order(str(n))
        outcomes[n] = dates._run_a_date(order, f"day {n}", passed[n], before, failed, queue.Queue())

    threads = [threading.Thread(target=run, args=(n,)) for n in reversed(range(number))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)
    assert not any(thread.is_alive() for thread in threads)
    return said, outcomes


@pytest.mark.parametrize("number", [2, 3, 6])
def test_a_stage_begins_once_the_date_before_is_two_stages_further(monkeypatch, number):
    said, outcomes = in_threads(monkeypatch, number)
    assert not any(outcome.error for outcome in outcomes.values())
    at = {step: place for place, step in enumerate(said)}
    for n in range(1, number):
        for place, stage in enumerate(STAGES):
            further = STAGES[min(place + 2, len(STAGES) - 1)]
            assert at[str(n), stage, "begins"] > at[str(n - 1), further, "ends"]


@pytest.mark.parametrize("stage", STAGES)
def test_no_date_goes_on_after_one_that_failed(monkeypatch, stage):
    said, outcomes = in_threads(monkeypatch, 4, fails={("1", stage)})
    assert not outcomes[0].error and outcomes[1].error == "refused"
    assert all("a date before it failed" in outcomes[n].error for n in (2, 3))
    assert ("2", "implement", "begins") not in said
