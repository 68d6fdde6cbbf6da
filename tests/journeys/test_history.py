"""A project at one date after another, by `seglib history`."""

from __future__ import annotations

import json

import pytest
from pandas.testing import assert_frame_equal
from projects import LIGHT, make_shop, pin_key, seglib

from seglib import simulate
from seglib.project.store import read_frame

DAYS = ("2025-07-01", "2025-08-01", "2025-09-01")
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
    """Three dates, two at a time."""
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
    assert names[1] == names[0] and names[2] == names[0]
    assert all(day in done.stdout for day in DAYS)


def test_two_dates_at_a_time_give_what_one_at_a_time_gives(project, done, tmp_path):
    ended = history(project, tmp_path / "reports", DAYS[0], "--to", DAYS[1], "--jobs", "1")
    assert ended.returncode in (0, 3), ended.stderr
    alone, beside = (r / project.name / DAYS[1] / "tables" for r in (tmp_path / "reports", project.reports))
    assert sorted(p.name for p in alone.iterdir()) == sorted(p.name for p in beside.iterdir())
    for file in alone.glob("*.parquet"):
        one, other = read_frame(file), read_frame(beside / file.name)
        if file.stem == "lineage":  # the print of the stored file, which two fits do not write alike
            one, other = (table.drop(columns="source") for table in (one, other))
        assert_frame_equal(one, other, obj=file.stem)


def test_what_is_there_is_not_run_again(project, done):
    ended = history(project, project.reports, DAYS[0])
    assert ended.returncode == done.returncode
    lines = [line for line in ended.stderr.splitlines() if " begins" in line or "unchanged" in line]
    assert lines and not any("begins" in line for line in lines)


def test_a_date_that_fails_is_the_last(project, tmp_path):
    """Events begin in March 2025: a date before it is refused, and those after it do not go on."""
    ended = history(project, tmp_path / "reports", "2025-01-01", "--to", "2025-03-01")
    assert ended.returncode == 2
    assert "events: all" in ended.stderr and "lie on or after as_of 2025-01-01" in ended.stderr
    assert not list((tmp_path / "reports").rglob("segments.parquet"))
