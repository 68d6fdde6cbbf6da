"""Explorations beside a run: they leave it byte-equal, say that they are trials, and can be compared."""

from __future__ import annotations

import shutil

import pytest
from projects import Project, run_cells, seglib_here

from seglib.catalogue import STAGES
from seglib.catalogue import stage as record_of
from seglib.errors import ParamsError
from seglib.project import trials
from seglib.project.lock import TOKEN
from seglib.project.stale import is_stale, mark_later_pages
from seglib.project.store import Store


@pytest.fixture
def copied(finished_shop, tmp_path) -> Project:
    project = Project(finished_shop.folder)
    project.reports = tmp_path / "reports"
    shutil.copytree(finished_shop.reports, project.reports)
    return project


def files(project: Project) -> dict[str, bytes]:
    """Every file of the published run."""
    paths = [
        p for p in project.store.rglob("*") if p.is_file() and "trials" not in p.parts and p.suffix != ".lock"
    ]
    return {str(p.relative_to(project.store)): p.read_bytes() for p in paths}


@pytest.mark.parametrize(
    ("knobs", "name"),
    [
        ({"k": 4}, "k-4"),
        ({"overrides": "segment.on=[value]"}, "on-value"),
        ({"overrides": "segment.methods=[ward]; segment.seed=3", "trial": "mine"}, "mine"),
    ],
)
def test_a_trial_leaves_every_file_of_the_published_run_byte_equal(copied, knobs, name):
    before = files(copied)
    left = copied.cells("segment", **knobs)
    assert files(copied) == before
    assert left["run"].trial.name == name
    own = Store(copied.store / "trials" / name)
    assert own.stage("segment")["state"] == "done"
    assert own.has("segments") and not own.has("features")


def test_a_trial_says_what_differs_and_what_would_keep_it(copied):
    run = copied.cells("segment", k=4)["run"]
    assert "This is a trial" in run.heading()
    closing = run.finish()
    assert "segments: <b>4</b>" in closing
    assert "agreement (ARI)" in closing
    assert "segment.k: 4" in closing


def test_a_later_notebook_goes_on_with_a_trial(copied):
    copied.cells("segment", k=4)
    before = files(copied)
    run = copied.cells("assess", trial="k-4")["run"]
    assert files(copied) == before
    assert run.read("value").segment.tolist() == [1, 2, 3, 4]
    compared = seglib_here(
        "compare", "shop", f"shop/{copied.store.name}/trials/k-4", "--reports", copied.reports
    )
    assert compared.exit_code == 0, compared.stderr
    assert "segments" in compared.stdout and "4" in compared.stdout
    listed = seglib_here("status", copied.file, "--reports", copied.reports)
    assert "trial k-4 (segment.k=4): segment done, assess done" in listed.stdout


@pytest.mark.parametrize(
    ("environment", "changes", "publishes"),
    [
        ({}, [], True),
        ({}, ["segment.k=4"], False),
        ({"JPY_SESSION_NAME": "notebooks/03_segment.ipynb"}, [], False),
        ({"JPY_SESSION_NAME": "notebooks/03_segment.ipynb", TOKEN: "x"}, ["segment.k=4"], True),
        ({TOKEN: "x"}, ["segment.k=4"], True),
    ],
)
def test_only_the_command_and_a_batch_run_as_it_stands_publish(monkeypatch, environment, changes, publishes):
    for name in ("JPY_SESSION_NAME", "JPY_PARENT_PID", "VSCODE_PID", TOKEN):
        monkeypatch.delenv(name, raising=False)
    for name, value in environment.items():
        monkeypatch.setenv(name, value)
    assert (trials.trial_of("", changes) is None) is publishes


def test_a_trial_whose_name_is_no_folder_is_refused():
    with pytest.raises(ParamsError, match=r"trial: found '\.\./x'; allowed: letters, digits, dots"):
        trials.trial_of("../x", [])


def test_later_pages_carry_a_banner_until_they_are_made_again(copied):
    store = Store(copied.store)
    mark_later_pages(store, "shop", "segment")
    pages = [*(record_of(stage).page for stage in STAGES), "index.html"]
    assert [page for page in pages if is_stale(store, page)] == pages[3:]
    mark_later_pages(store, "shop", "explore")
    assert (store.root / "index.html").read_text(encoding="utf-8").count("Out of date") == 1
    listed = seglib_here("status", copied.file, "--reports", copied.reports)
    assert f"out of date: {', '.join(pages[2:])};" in listed.stdout
    assert pages[2:5] == ["03_segment.html", "04_assess.html", "05_target.html"]


def test_resampling_is_not_repeated_for_equal_inputs(copied, monkeypatch):
    from seglib.segment import stability

    run_cells("segment", copied.file, copied.reports, k=4)
    monkeypatch.setattr(stability, "resample", None)
    run_cells("segment", copied.file, copied.reports, k=4)
