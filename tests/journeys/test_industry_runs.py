"""The industries that ship, from generated tables to the decision page."""

from __future__ import annotations

import re

import pytest
from claims import disagreeing
from personal_values import leaks, plant, shown, unread
from projects import (
    LIGHT,
    ids_outside,
    named_and_portrayed,
    niches_and_segments,
    run_batch,
    store_of,
    told_alike,
    with_data_in,
)

from seglib import simulate
from seglib.project.store import read_frame, write_frame

INDUSTRIES = [name for name in simulate.INDUSTRIES if name != "demo"]


@pytest.fixture(scope="module")
def runs(tmp_path_factory):
    """The five industries, generated small, with personal data beside; whole runs."""
    folder = tmp_path_factory.mktemp("industries")
    for name in INDUSTRIES:
        tables = simulate.generate(simulate.industry(name), 1500, seed=1)
        (folder / name).mkdir()
        for kind, table in tables.items():
            write_frame(plant(table) if kind == "customers" else table, folder / name / f"{kind}.parquet")
        with_data_in(folder, name)
    return run_batch(folder, INDUSTRIES, *LIGHT)


@pytest.mark.parametrize("name", INDUSTRIES)
def test_an_industry_runs_to_a_decision(runs, name):
    """What is found in more customers, and as surely as it ships, is looked at in test_industries."""
    store = store_of(runs, name)
    ranking, plays = (read_frame(store / "tables" / f"{t}.parquet") for t in ("ranking", "plays"))
    named_and_portrayed(store, ranking["name"])
    niches_and_segments(store)
    assert plays[plays.target].message.is_unique
    assert told_alike(store) == []
    assert disagreeing(store) == []
    assert (plays.play[plays.target] != "Leave alone").all()
    assert re.search(
        r"(?:Target|into) \d segments? of \d|Contact all \d segments|Do not contact any of the \d",
        (store / "index.html").read_text(encoding="utf-8"),
    )


@pytest.mark.parametrize("name", INDUSTRIES)
def test_every_channel_of_a_target_is_one_that_customers_were_asked_about(runs, name):
    """Else the page would expect a profit of which nothing comes from those who may be contacted."""
    funnel = read_frame(store_of(runs, name) / "tables" / "funnel.parquet")
    assert (funnel.left[funnel.step == "consent"] > 0).all()


@pytest.mark.parametrize("name", INDUSTRIES)
def test_no_real_id_stands_outside_the_audiences(runs, name):
    assert ids_outside(store_of(runs, name)) == {}


def test_personal_data_beside_the_columns_that_are_named_get_nowhere(runs):
    reports = runs / "reports"
    texts = shown(reports)
    stores = [store_of(runs, name).relative_to(reports) for name in INDUSTRIES]
    assert [unread(texts, f"{store}/") for store in stores] == [set()] * len(INDUSTRIES)
    assert {"log.txt", *(f"{name}/index.html" for name in INDUSTRIES)} <= texts.keys()
    assert leaks(texts) == []
