"""What several tests stand on: the reference data, a small shop, and the command line."""

from __future__ import annotations

import os
import sys
from pathlib import Path

import pandas as pd
import pytest
from filelock import FileLock
from projects import ROOT, Project, make_shop, seglib

from seglib import simulate


@pytest.fixture(scope="session")
def root() -> Path:
    return ROOT


@pytest.fixture(scope="session")
def reference() -> Path:
    folder = Path(os.environ.get("SEGLIB_REFERENCE_DATA", ROOT.parent / "shared" / "data"))
    folder = folder if folder.is_absolute() else (ROOT / folder).resolve()
    if not folder.is_dir():
        pytest.skip(f"no reference data in {folder}; name the folder in SEGLIB_REFERENCE_DATA")
    return folder


@pytest.fixture(autouse=True)
def _no_figure_stays_open():
    """Close the figures of a test; matplotlib keeps, and counts, those of all tests of a process."""
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")


@pytest.fixture(scope="session")
def command():
    return seglib


@pytest.fixture(scope="session")
def shop_tables() -> dict[str, pd.DataFrame]:
    return simulate.shop(1200, seed=3)


@pytest.fixture
def shop(tmp_path, shop_tables) -> Project:
    return make_shop(tmp_path, shop_tables)


@pytest.fixture(scope="session")
def finished_shop(tmp_path_factory, shop_tables) -> Project:
    """The small shop after one undisturbed run, of which all test processes have one; tests only look at it."""
    shared = tmp_path_factory.getbasetemp()
    folder = (shared.parent if "PYTEST_XDIST_WORKER" in os.environ else shared) / "finished"
    with FileLock(f"{folder}.lock"):
        if not folder.exists():
            folder.mkdir()
            done = make_shop(folder, shop_tables).run()
            assert done.returncode == 0, done.stderr
    return Project(folder)


#: Files that run whole projects come first, so that the two processes end together.
WHOLE = (
    "test_projects",
    "test_real",
    "test_pipeline",
    "test_spark",
    "test_industry_runs",
    "test_safe",
    "test_notebooks",
    "test_extending",
    "test_trials",
    "test_assess_page",
    "test_offers_page",
    "test_erasure",
    "test_without_segments",
    "test_display",
    "test_verdict",
)


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    order = {name: at for at, name in enumerate(WHOLE)}
    items.sort(key=lambda item: order.get(item.path.stem, len(order)))
