"""What docs/extending.md shows works as it stands there: a play of a project's own, and a stage more."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest
import yaml
from projects import ROOT, Project, seglib_here, shop_params

from seglib.catalogue import STAGES

DOCUMENT = (ROOT / "docs" / "extending.md").read_text(encoding="utf-8")


def chapter(title: str) -> str:
    return re.search(rf"^## {title}$(.*?)(?=^## |\Z)", DOCUMENT, flags=re.M | re.S)[1]


def blocks(title: str, language: str) -> list[str]:
    return re.findall(rf"^```{language}\n(.*?)^```$", chapter(title), flags=re.M | re.S)


def test_the_files_that_the_document_names_exist():
    named = set(re.findall(r"`((?:seglib|notebooks|params|tests|docs)/[\w/]+\.\w+)`", DOCUMENT))
    own = {n for n in named if re.search(r"toy|NAME|BASIS", n)}
    assert len(named - own) > 10
    assert [n for n in sorted(named - own) if not (ROOT / n).is_file()] == []


def test_the_play_of_the_document_is_accepted_by_check(shop):
    own = yaml.safe_load(blocks("A play", "yaml")[0])
    shop.write(shop_params(shop.folder) | own)
    done = seglib_here("check", shop.file, "--reports", shop.reports)
    assert done.exit_code == 0, done.output
    assert "shop target: would run" in done.output


def test_the_play_of_the_document_is_refused_by_check_when_a_condition_is_misspelt(shop):
    own = yaml.safe_load(blocks("A play", "yaml")[0])
    own["target"]["plays"][0]["at_leest"] = own["target"]["plays"][0].pop("at_least")
    shop.write(shop_params(shop.folder) | own)
    done = seglib_here("check", shop.file, "--reports", shop.reports)
    assert done.exit_code == 2
    assert "at_leest" in done.output
    assert "at_least" in done.output


def write_stage(copy: Path) -> list[Path]:
    """Write the files of the document's stage into a copy of the repository."""
    package, *cells = sorted(blocks("A stage", "python"), key=lambda code: not code.startswith('"""'))
    files = {
        copy / "seglib/catalogue/stages/08_toy.yaml": blocks("A stage", "yaml")[0],
        copy / "seglib/toy/__init__.py": package,
        copy / "seglib/report/templates/pages/08_toy.j2": blocks("A stage", "jinja")[0],
        copy / "notebooks/08_toy.ipynb": notebook(cells),
    }
    for file, text in files.items():
        file.parent.mkdir(exist_ok=True)
        file.write_text(text, encoding="utf-8")
    return list(files)


def notebook(cells: list[str]) -> str:
    """Write cells as a notebook, in the frame of the one that the document says to copy."""
    made = nbformat.read(ROOT / "notebooks" / "02_explore.ipynb", as_version=4)
    title = re.search(r"`(# Toy: .*?)`", DOCUMENT)[1]
    made.cells = [nbformat.v4.new_markdown_cell(title), *map(nbformat.v4.new_code_cell, cells)]
    made.cells[1].metadata["tags"] = ["parameters"]
    return nbformat.writes(made)


def run_copy(copy: Path, *words: object) -> subprocess.CompletedProcess:
    """Run the command line of a copy of the repository."""
    return subprocess.run(
        [sys.executable, "-m", "seglib", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=copy,
        env=os.environ | {"PYTHONPATH": str(copy), "COLUMNS": "400", "NO_COLOR": "1"},
        timeout=300,
        check=False,
    )


@pytest.fixture
def copy(tmp_path) -> Path:
    folder = tmp_path / "copy"
    for name in ("seglib", "notebooks"):
        shutil.copytree(ROOT / name, folder / name, ignore=shutil.ignore_patterns("__pycache__"))
    (folder / "params").mkdir()
    shutil.copy(ROOT / "params" / "plays.yaml", folder / "params")
    return folder


def test_a_stage_of_one_record_one_package_one_notebook_and_its_words_runs(copy, finished_shop, tmp_path):
    before = {p for p in copy.rglob("*") if p.is_file()}
    added = write_stage(copy)
    assert {p for p in copy.rglob("*") if p.is_file()} - before == set(added)
    shop = Project(tmp_path)
    shop.write(finished_shop.file.read_text(encoding="utf-8"))
    shutil.copytree(finished_shop.reports, shop.reports)

    done = run_copy(copy, "run", shop.file, "--reports", shop.reports, "--from", "toy")
    assert done.returncode == 0, done.stderr
    assert "Decision page:" in done.stdout

    page = (shop.store / "08_toy.html").read_text(encoding="utf-8")
    sizes = shop.table("toy_sizes")
    assert sizes.customers.sum() == len(shop.table("segments"))
    assert "Size of segments" in page
    assert re.search(rf"\b{len(sizes)} segments counted\.", page)
    for name in ("08_toy.html", "index.html"):
        text = (shop.store / name).read_text(encoding="utf-8")
        assert 'href="08_toy.html"' in text
        assert "8 Toy" in text

    stages = json.loads((shop.store / "run.json").read_text(encoding="utf-8"))["stages"]
    assert set(stages) == {*STAGES, "toy"}
    assert stages["toy"]["state"] == "done"
    assert re.fullmatch(r"[0-9a-f]{16,}", stages["toy"]["tables"]["toy_sizes"])

    dictionary = run_copy(copy, "tables").stdout
    assert "### toy_sizes" in dictionary
