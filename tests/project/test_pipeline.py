"""The pipeline: what runs, what does not run again, what a failure leaves, and kills."""

from __future__ import annotations

import itertools
import json
import re
import shutil
import signal
import subprocess
import sys
import time
from types import SimpleNamespace

import nbformat
import pytest
from projects import ROOT, Project, make_shop, pin_key, seglib, seglib_here

from seglib.catalogue import STAGES
from seglib.catalogue import stage as record_of
from seglib.errors import ParamsError, RunError
from seglib.project import pipeline
from seglib.project.implementing import audience_hashes
from seglib.project.store import Store, write_frame


def copied(finished: Project, folder) -> Project:
    """The finished project again, its reports in a folder that a test may change."""
    project = Project(finished.folder)
    project.reports = folder / "reports"
    shutil.copytree(finished.reports, project.reports)
    return project


def states(project: Project, *words: str) -> dict[str, str]:
    done = seglib_here("check", project.file, "--reports", project.reports, *words)
    assert done.exit_code == 0, done.stderr
    return dict(re.findall(r"^shop (\w+): (.*)$", done.stdout, re.M))


def test_a_finished_run_is_up_to_date(finished_shop):
    assert set(states(finished_shop).values()) == {"is up to date"}


def test_audiences_that_are_gone_or_changed_are_written_again_and_answers_are_not_overwritten(
    finished_shop, tmp_path
):
    project = copied(finished_shop, tmp_path)
    folder = project.store / "audiences"
    answers = folder / "campaigns.csv"
    for path in (answers, folder / "klaviyo" / "win-back.csv"):
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text("customer\nC1\n")
    store = Store(project.store)
    store.record_stage("implement", audiences=audience_hashes(folder))

    def damage() -> str:
        return pipeline._damage(SimpleNamespace(store=store, has=store.has), "implement")

    for path in (answers, folder / "klaviyo" / "win-back.csv"):
        whole = path.read_bytes()
        place = path.relative_to(project.store)
        path.unlink()
        assert damage() == f"{place} is gone"
        path.write_bytes(whole + b"\n")
        assert damage() == ("" if path == answers else f"{place} was changed")
        path.write_bytes(whole)
    answers.write_text("customer,responded\nC1,yes\n")
    with pytest.raises(RunError, match=r"answers were filled in in audiences/campaigns.csv.* move the file"):
        project.cells("implement")
    assert answers.read_text() == "customer,responded\nC1,yes\n"


@pytest.mark.parametrize(
    ("change", "first"),
    [
        ("target.most=1", "target"),
        ("objective=growth", "target"),
        ("assess.min_stability=0.5", "assess"),
        ("segment.seed=9", "segment"),
        ("explore.map_sample=200", "explore"),
        ("privacy.min_cell=12", "collect"),
        ("k=5", "segment"),
        ("most=1", "target"),
        ("as_of=2025-08-31", "collect"),
    ],
)
def test_a_change_reruns_from_the_first_stage_that_reads_it(finished_shop, change, first):
    found = states(finished_shop, "--set", change)
    fresh = list(STAGES) if change.startswith("as_of") else list(STAGES[STAGES.index(first) :])
    assert [stage for stage, says in found.items() if says.startswith("would run")] == fresh


def test_nothing_runs_again_and_force_does(finished_shop, tmp_path):
    project = copied(finished_shop, tmp_path)
    before = project.tables()
    again = project.run()
    assert again.stderr.count("unchanged") == len(STAGES)
    assert "Decision page: " in again.stdout
    forced = project.run("--force", "--to", "collect")
    assert "shop collect: done" in forced.stderr
    assert project.tables() == before


def test_changed_inputs_run_again(shop_tables, tmp_path):
    project = make_shop(tmp_path, shop_tables)
    assert project.run("--to", "collect").returncode == 0
    write_frame(shop_tables["events"].head(1000), tmp_path / "events.parquet")
    assert (
        states(project, "--set", "title=A small shop")["collect"]
        == "would run: inputs, params or code changed"
    )


def test_what_is_gone_runs_again(finished_shop, tmp_path):
    project = copied(finished_shop, tmp_path)
    (project.store / "tables" / "value.parquet").unlink()
    assert states(project)["assess"] == "would run: table 'value' is gone"


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--set", "kk=3"], "neither the params file nor a notebook has 'kk'; known: .*"),
        (["--set", "segment.kk=3"], "segment has no key 'kk'"),
        (["--from", "segmen"], "no stage 'segmen'; stages: .*Did you mean 'segment'"),
        (["--from", "assess", "--to", "collect"], "--from assess comes after --to collect"),
        (["--set", "segment"], "KEY=VALUE|neither the params file"),
    ],
)
def test_nonsense_is_refused_before_anything_runs(finished_shop, tmp_path, words, message):
    project = Project(finished_shop.folder)
    project.reports = tmp_path / "none"
    done = seglib_here("run", project.file, "--reports", project.reports, *words)
    assert done.exit_code == 2
    assert re.search(message, done.stderr), done.stderr
    assert "Traceback" not in done.stderr
    assert not project.reports.exists()


def test_an_undeclared_parameter_is_refused_not_warned_about():
    with pytest.raises(ParamsError, match="has 'cell'; known: "):
        pipeline.split_overrides(("cell=3",), ROOT)
    assert pipeline.split_overrides(("k=3", "segment.seed=1"), ROOT)[1]["segment"] == {"k": 3}


def test_a_later_stage_alone_says_what_is_missing(shop):
    done = shop.run("--from", "assess")
    assert done.returncode == 2
    assert "stage collect is not done; run notebook 01_collect first" in done.stderr


def test_a_failing_stage_leaves_its_page_and_the_next_run_resumes(finished_shop, tmp_path):
    project = copied(finished_shop, tmp_path)
    done = project.run("--set", "segment.exclude=[nope]")
    assert done.returncode == 2
    lines = [line for line in done.stderr.splitlines() if line.startswith("seglib: ")]
    assert len(lines) == 1
    assert "shop: stage segment failed: segment.exclude names nope; known features: " in lines[0]
    assert "03_segment.html" in lines[0]
    page = (project.store / "03_segment.html").read_text()
    assert 'id="failed"' in page
    assert "segment.exclude names nope" in page
    notebook = nbformat.read(project.store / "notebooks" / "03_segment.ipynb", as_version=4)
    assert any(c.metadata.get("papermill", {}).get("status") == "failed" for c in notebook.cells)
    assert "No decision yet." in (project.store / "index.html").read_text()
    found = states(project)
    assert found["explore"] == "is up to date"
    assert found["segment"].startswith("would run: was left failed")
    assert Store(project.store).stage("segment")["state"] == "failed"


def test_a_defect_exits_1_and_debug_shows_where(tmp_path, shop):
    notebooks = tmp_path / "copy" / "notebooks"
    shutil.copytree(ROOT / "notebooks", notebooks)
    (tmp_path / "copy" / "params").mkdir()
    shutil.copy(ROOT / "params" / "plays.yaml", tmp_path / "copy" / "params")
    path = notebooks / "01_collect.ipynb"
    path.write_text(path.read_text().replace("sources = run.sources()", "sources = 1 / 0"))
    file = tmp_path / "copy" / "params" / "shop.yaml"
    shutil.copy(shop.file, file)
    done = seglib("run", file, "--reports", tmp_path / "r", "--debug")
    assert done.returncode == 1
    assert "shop: stage collect failed: ZeroDivisionError: division by zero" in done.stderr
    assert "sources = 1 / 0" in done.stderr


def test_several_projects_run_in_parallel_with_one_summary(shop_tables, tmp_path):
    folder = tmp_path / "two"
    folder.mkdir()
    project = make_shop(folder, shop_tables)
    second = folder / "other.yaml"
    shutil.copy(project.file, second)
    bad = folder / "bad.yaml"
    bad.write_text("- a\n")
    for name in ("shop", "other"):
        pin_key(project.reports, name)
    done = seglib(
        "run", project.file, second, bad, "--reports", project.reports, "--jobs", "2", "--to", "collect"
    )
    assert done.returncode == 2
    assert "bad.yaml: holds a list" in done.stderr
    assert re.search(r"shop .*1 run", done.stdout)
    assert re.search(r"other .*1 run", done.stdout)
    assert re.search(r"bad .*stopped before any", done.stdout)
    one, other = (project.reports / n / "2025-09-01" / "tables" for n in ("shop", "other"))
    assert {p.name: p.read_bytes() for p in one.iterdir()} == {
        p.name: p.read_bytes() for p in other.iterdir()
    }


def test_the_library_of_plays_is_no_project():
    done = seglib_here("check", "params/plays.yaml", "params/mcdonalds.yaml")
    assert "plays.yaml" not in done.stderr


def killed_in(stage: str, project: Project, *words: str) -> None:
    """Start a run and kill the command, whose kernel is an orphan then, while a stage writes or computes."""
    files = [project.file, "--reports", project.reports]
    victim = subprocess.Popen(
        [sys.executable, "-m", "seglib", "run", *map(str, files), *words],
        cwd=ROOT,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.DEVNULL,
        start_new_session=True,
    )
    manifest = project.store / "run.json"
    began = time.monotonic()
    while json.loads(manifest.read_text())["stages"].get(stage, {}).get("state") != "running":
        assert victim.poll() is None, "the run ended before it could be killed"
        assert time.monotonic() - began < 120
        time.sleep(0.02)
    time.sleep(0.3)
    victim.send_signal(signal.SIGKILL)
    victim.wait(30)
    assert Store(project.store).stage(stage)["state"] == "running"


def test_a_run_killed_in_every_stage_is_completed_by_the_next(finished_shop, tmp_path):
    """Each run goes on where the one before was killed; in the end the tables equal an undisturbed run's."""
    project = copied(finished_shop, tmp_path)
    killed_in(STAGES[0], project, "--force")
    for before, stage in itertools.pairwise(STAGES):
        killed_in(stage, project)
        assert Store(project.store).stage(before)["state"] == "done"
    done = project.run()
    assert done.returncode == 0, done.stderr
    assert all(Store(project.store).stage(stage)["state"] == "done" for stage in STAGES)
    assert project.tables() == finished_shop.tables()
    assert not list(project.store.rglob("*.tmp"))
    assert (project.store / "index.html").read_bytes()


def test_the_manifest_says_what_a_result_depends_on(finished_shop):
    manifest = json.loads((finished_shop.store / "run.json").read_text())
    assert manifest["params"]["segment"]["k"] == {"min": 4, "max": 6}
    assert set(manifest["inputs"]) == {
        "customers/customers.parquet",
        "transactions/transactions.parquet",
        "events/events.parquet",
        "responses/responses.parquet",
        "plays",
    }
    assert manifest["versions"]["scikit-learn"]
    assert manifest["seed"] == 0
    for stage in STAGES:
        entry = manifest["stages"][stage]
        assert entry["state"] == "done"
        assert entry["seconds"] >= 0
        assert entry["peak_mb"] < 2000
        assert (finished_shop.store / f"{record_of(stage).notebook}.html").is_file()
