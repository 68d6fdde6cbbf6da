"""Numbers of segments mean nothing: other numbers give the same names, worth, ranking, plays and budget."""

from __future__ import annotations

import re
import shutil

import numpy as np
import pandas as pd
import pytest
from projects import Project

from seglib.catalogue import declaration, stage
from seglib.project.store import Store, read_frame, write_frame

#: Tables of the later stages, each compared by the names of segments.
COMPARED = (
    "portraits",
    "profiles",
    "value",
    "lifetime",
    "movement",
    "retention",
    "churn",
    "drivers",
    "satisfaction",
    "differences",
    "scorecard",
    "ranking",
    "sensitivity",
    "plays",
    "budget",
    "splits",
    "lifts",
    "seasons",
    "discounts",
    "next_products",
    "hit_rates",
    "offers",
)


@pytest.fixture(scope="module")
def both(finished_shop, tmp_path_factory) -> tuple[Project, Project]:
    """Give the finished shop, and the same with its segments numbered the other way round from there on."""
    folder = tmp_path_factory.mktemp("renumbered")
    shutil.copytree(finished_shop.folder, folder, dirs_exist_ok=True)
    other = Project(folder)
    tables = other.store / "tables"
    numbers = sorted(read_frame(tables / "segment_stability.parquet").segment)
    turned = dict(zip(numbers, reversed(numbers), strict=True))
    for name in stage("segment").tables:
        numbered = [c for c, column in declaration(name).columns.items() if column.kind == "segment"]
        if not numbered or not (tables / f"{name}.parquet").exists():
            continue
        frame = read_frame(tables / f"{name}.parquet")
        for column in numbered:
            frame[column] = frame[column].map(turned).astype("Int64" if frame[column].isna().any() else int)
        write_frame(frame, tables / f"{name}.parquet")
    Store(other.store).rehash()
    done = other.run("--from", "assess")
    assert done.returncode == 0, done.stderr
    return finished_shop, other


def named(project: Project, name: str) -> pd.DataFrame:
    """Read a table with segments called by name, in an order that follows from what it holds."""
    made, called = project.table(name), project.table("value").set_index("segment")["name"]
    if "segment" in made:
        made["segment"] = made.segment.map(called)
    made = made.map(lambda entry: tuple(entry) if isinstance(entry, np.ndarray) else entry)
    keys = [c for c in made.columns if made[c].map(type).isin([str, type(None)]).all()] or list(made.columns)
    return made.sort_values([*keys, *made.columns.difference(keys)], ignore_index=True)


@pytest.mark.parametrize("name", COMPARED)
def test_a_table_is_the_same_but_for_the_numbers(both, name):
    one, other = (named(project, name) for project in both)
    pd.testing.assert_frame_equal(one, other, rtol=1e-9)


def test_the_decision_says_the_same(both):
    def text(project: Project) -> str:
        page = (project.store / "index.html").read_text(encoding="utf-8")
        page = re.sub(r"<style>.*?</style>|<svg.*?</svg>|<[^>]+>", " ", page, flags=re.S)
        return re.sub(r"\s+", " ", page)

    one, other = (text(project) for project in both)
    assert one == other
