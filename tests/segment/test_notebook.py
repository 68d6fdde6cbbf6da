"""The third notebook: any cell can be run again, and a changed number of segments begins a trial."""

from __future__ import annotations

import nbformat
import pytest
from projects import ROOT, Project, make_shop, shop_params

from seglib.catalogue import stage

CELLS = [
    cell
    for cell in nbformat.read(ROOT / "notebooks" / "03_segment.ipynb", as_version=4).cells
    if cell.cell_type == "code"
]


@pytest.fixture(scope="module")
def project(tmp_path_factory, shop_tables) -> Project:
    folder = tmp_path_factory.mktemp("shop")
    got, params = make_shop(folder, shop_tables), shop_params(folder)
    for name in ("events", "responses"):
        del params["sources"][name]
    del params["bases"]["needs"]
    got.write(params)
    got.cells("collect")
    got.cells("explore")
    return got


def test_every_cell_gives_the_same_tables_when_it_is_run_again(project):
    left: dict = {}
    for cell in CELLS:
        for _ in range(2):
            exec(compile(cell.source, cell.id, "exec"), left)
            if "parameters" in cell.metadata.get("tags", []):
                left |= {"params": str(project.file), "reports": str(project.reports)}
    once = project.tables()
    for cell in CELLS[2:]:
        exec(compile(cell.source, cell.id, "exec"), left)
    assert project.tables() == once
    assert set(stage("segment").tables) <= {name.removesuffix(".parquet") for name in once}


def test_the_number_of_segments_of_a_trial_is_held_against_the_published_run(project):
    if not (project.store / "tables" / "structure.parquet").exists():
        project.cells("segment")
    published = project.tables()
    left = project.cells("segment", k=4)
    assert left["run"].trial is not None and project.tables() == published
    assert left["candidates"].k.tolist() == [4]
    said = left["report"].text("fixed_number", left["candidates"], left["run"].published_table("candidates"))
    chosen = project.table("candidates").query("chosen").iloc[0]
    assert "fixed at 4" in said and "4 to 6" in said and f"**{chosen.k}**" in said
