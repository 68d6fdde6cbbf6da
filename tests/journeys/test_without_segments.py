"""Customers among whom there are no segments: the pages say so, and nothing is invented."""

from __future__ import annotations

import numpy as np
import pytest
from projects import Project, make_shop, shop_params

from seglib.project.store import write_frame

TRAITS = [f"trait_{j}" for j in range(8)]


def noise(folder, tables, *, orders: bool) -> Project:
    """A shop whose customers are segmented on eight columns of noise."""
    project = make_shop(folder, tables)
    rng = np.random.default_rng(0)
    customers = tables["customers"].assign(
        **{t: rng.normal(50, 10, len(tables["customers"])).round(3) for t in TRAITS}
    )
    write_frame(customers, folder / "customers.parquet")
    params = shop_params(folder)
    params["bases"] = {"psychographic": TRAITS} | ({"behavioural": "auto", "value": "auto"} if orders else {})
    kept = ("customers", "transactions") if orders else ("customers",)
    params["sources"] = {kind: source for kind, source in params["sources"].items() if kind in kept}
    params["segment"] = {"on": ["psychographic"], "k": {"min": 2, "max": 3}, "resamples": 10}
    return project.write(params)


@pytest.fixture(scope="module", params=[True, False], ids=["with orders", "without orders"])
def found_nothing(request, tmp_path_factory, shop_tables):
    project = noise(tmp_path_factory.mktemp("noise"), shop_tables, orders=request.param)
    done = project.run()
    assert done.returncode == 0, done.stderr
    return project, request.param


def test_every_page_from_the_third_on_says_at_its_top_that_there_are_no_segments(found_nothing):
    project, _ = found_nothing
    for name in ("index", "03_segment", "04_assess", "05_target"):
        page = (project.store / f"{name}.html").read_text(encoding="utf-8")
        top = page[: page.index("<h2")] if "<h2" in page else page
        assert '<span class="tag bad">none</span>' in top, name
        assert "No segments were found" in page


def test_rules_take_over_where_there_are_orders_and_keep_their_names(found_nothing):
    project, orders = found_nothing
    names = set(project.table("value").name)
    if orders:
        assert names <= {"First-time", "Repeat", "Lapsing", "Lapsed", "Prospect"}
        assert len(names) >= 3
        assert project.table("structure").rules.item() == "purchase cycle"
        assert project.table("ranking").target.any()
        assert "not found in the data" in (project.store / "index.html").read_text(encoding="utf-8")
    else:
        assert names == {"All customers"}
        assert not project.table("ranking").target.any()
        assert "There are no segments to choose from" in (project.store / "index.html").read_text(
            encoding="utf-8"
        )


def test_what_they_need_is_told_as_far_as_orders_tell_it(found_nothing):
    project, orders = found_nothing
    text = (project.store / "05_target.html").read_text(encoding="utf-8")
    assert text.count("Not known: ") == 1
    assert ("what they buy more than others, when they order" in text) is not orders
    assert (len(project.table("lifts")) > 0) is orders
    cards = project.table("offers")
    assert set(cards.segment) == set(project.table("value").segment)
    assert (cards.discount != "").any() == orders


def test_no_progress_bar_is_left_in_pages_or_notebooks(found_nothing):
    project, _ = found_nothing
    for file in (project.store / "03_segment.html", project.store / "notebooks" / "03_segment.ipynb"):
        text = file.read_text(encoding="utf-8")
        assert "it/s" not in text and "█" not in text


def test_one_segment_is_compared_with_nobody_and_says_so(found_nothing):
    project, orders = found_nothing
    page = (project.store / "04_assess.html").read_text(encoding="utf-8")
    card = project.table("scorecard")
    assert len(project.table("effects")) == 0
    if orders:
        assert project.table("differences").compared.max() > 1
        assert card[card.criterion.isin(["measurable", "differentiable", "stable"])].measured.notna().all()
    else:
        assert "There are no two segments to compare." in page
        assert card.set_index("criterion").measured["differentiable"] == 0
        assert card.set_index("criterion").rule["accessible"].startswith("not measured: ")
