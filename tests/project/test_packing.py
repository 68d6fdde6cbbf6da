"""What may be passed on of a run: pages alone, and never an id."""

from __future__ import annotations

import re
import zipfile

import pandas as pd
import pytest

from seglib.errors import RunError
from seglib.project.packing import pack
from seglib.project.store import Store, write_frame


@pytest.fixture
def store(tmp_path) -> Store:
    """A run with pages, tables, audiences and an executed notebook."""
    made = Store(tmp_path / "reports" / "shop" / "2025-09-01")
    for name, link in (("index.html", "01_collect.html"), ("01_collect.html", "segments/1.html")):
        made.write_text(
            f"<html><title>{name}</title><body>1,234 customers <a href='{link}'>x</a></body></html>", name
        )
    made.write_text("<html><title>Segment 1</title><body>ok</body></html>", "segments", "1.html")
    made.write_text("segment,play\n1,Win-back\n", "decision.csv")
    made.write_text("C100001 is here", "audiences", "csv", "win-back.csv")
    made.write_text("{}", "notebooks", "01_collect.ipynb")
    made.record(stages={})
    ids = pd.DataFrame({"customer": [4034267123456789], "key": ["C100001"]})
    write_frame(ids, made.path("tables", "ids.parquet"))
    return made


@pytest.mark.parametrize("kind", ["folder", "zip", "html"])
def test_only_pages_are_packed(store, kind, tmp_path):
    made = pack(store, kind, tmp_path / "out")
    if kind == "folder":
        names = {str(p.relative_to(made)) for p in made.rglob("*") if p.is_file()}
    elif kind == "zip":
        with zipfile.ZipFile(made) as packed:
            names = {name.split("/", 1)[1] for name in packed.namelist()}
    else:
        text = made.read_text()
        assert "C100001" not in text
        assert not re.search(r"(src|href)=[\"']https?:", text)
        return
    assert names == {"index.html", "01_collect.html", "segments/1.html", "decision.csv"}


@pytest.mark.parametrize(
    "leak",
    [
        "<td>C100001</td>",
        "<p>customer C100001.</p>",
        "4034267123456789",
        "ann@example.org",
        "C100001,",
        "&#67;100001",
    ],
)
@pytest.mark.parametrize("page", ["index.html", "segments/1.html", "decision.csv", "handover.md"])
def test_a_page_that_names_a_customer_is_not_packed(store, tmp_path, leak, page):
    store.write_text(f"<html><title>t</title>{leak}</html>", *page.split("/"))
    with pytest.raises(RunError, match=page.rpartition("/")[2]):
        pack(store, "zip", tmp_path / "out.zip")
    assert not (tmp_path / "out.zip").exists()


def test_a_place_inside_the_run_or_with_something_else_is_refused(store, tmp_path):
    with pytest.raises(RunError, match="inside the run"):
        pack(store, "folder", store.root / "packed")
    (tmp_path / "mine").mkdir()
    with pytest.raises(RunError, match="something else"):
        pack(store, "folder", tmp_path / "mine")
    with pytest.raises(RunError, match="folder, html, zip"):
        pack(store, "pdf", tmp_path / "x")


def test_a_second_pack_replaces_the_first(store, tmp_path):
    pack(store, "folder", tmp_path / "out")
    (store.root / "segments" / "1.html").unlink()
    pack(store, "folder", tmp_path / "out")
    assert not (tmp_path / "out" / "segments").exists()
