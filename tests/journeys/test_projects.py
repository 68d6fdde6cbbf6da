"""The projects that ship, end to end."""

from __future__ import annotations

import json
import re
import subprocess
from pathlib import Path

import pandas as pd
import pytest
from claims import disagreeing
from personal_values import leaks, plant, shown, unread
from projects import (
    LIGHT,
    ROOT,
    ids_outside,
    named_and_portrayed,
    niches_and_segments,
    run_batch,
    seglib,
    store_of,
    told_alike,
    with_data_in,
)
from sklearn.metrics import adjusted_rand_score

from seglib.catalogue import STAGES
from seglib.project.store import read_frame, write_frame
from seglib.simulate import INDUSTRIES

REAL = {
    "online_retail": ("transactions", "online_retail/OnlineRetail.parquet"),
    "telco_churn": ("customers", "telco_churn/telco_churn.csv.gz"),
    "mcdonalds": ("customers", "mcdonalds/mcdonalds.csv.gz"),
}


@pytest.fixture(scope="module")
def demo(tmp_path_factory):
    """The demo as `make demo` runs it: generated, then run; with personal data beside."""
    folder = tmp_path_factory.mktemp("demo")
    assert seglib("simulate", folder / "demo").returncode == 0
    people = folder / "demo" / "customers.parquet"
    write_frame(plant(read_frame(people)), people)
    with_data_in(folder, "demo")
    return run_batch(folder, ["demo"])


@pytest.fixture(scope="module")
def real(reference, tmp_path_factory):
    """The real tables that ship, each with personal data beside."""
    folder = tmp_path_factory.mktemp("real")
    for name, (_, file) in REAL.items():
        (folder / name).mkdir()
        table, there = reference / file, folder / file
        if there.suffix == ".parquet":
            write_frame(plant(read_frame(table)), there)
        else:
            plant(pd.read_csv(table, dtype=str, keep_default_na=False)).to_csv(there, index=False)
        with_data_in(folder, name)
    run_batch(folder, ["online_retail", "telco_churn"], *LIGHT)
    return run_batch(folder, ["mcdonalds"])  # as it ships: the published segments must come out


def test_the_planted_segments_of_the_demo_are_found(demo):
    store = store_of(demo, "demo")
    segments, ids = (read_frame(store / "tables" / f"{t}.parquet") for t in ("segments", "ids"))
    truth = read_frame(demo / "demo" / "truth.parquet")
    found = segments.merge(ids, on="customer").merge(truth, left_on="key", right_on="customer_id")
    assert adjusted_rand_score(found.segment_y, found.segment_x) >= 0.8
    assert found.segment_x.nunique() == 5


@pytest.mark.parametrize(
    ("planted", "words", "traits"),
    [
        (
            "weekend regulars",
            ("weekend",),
            {"weekend_share": 1, "order_count": 1, "order_value": 1, "recency": -1},
        ),
        ("gift season", ("gift season",), {"gift_season_share": 1, "order_value": 1}),
        (
            "new and curious",
            ("new customers", "many visits", "phone"),
            {"tenure": -1, "visits": 1, "mobile_share": 1},
        ),
        (
            "bargain hunters",
            ("discount", "return"),
            {"discount_share": 1, "return_share": 1, "order_value": -1},
        ),
        ("lapsed", ("silent",), {"recency": 1, "visits": -1}),
    ],
)
def test_names_and_profiles_of_the_demo_say_what_was_planted(demo, planted, words, traits):
    store = store_of(demo, "demo")
    tables = {
        t: read_frame(store / "tables" / f"{t}.parquet") for t in ("segments", "ids", "value", "profiles")
    }
    truth = read_frame(demo / "demo" / "truth.parquet")
    found = (
        tables["segments"]
        .merge(tables["ids"], on="customer")
        .merge(truth, left_on="key", right_on="customer_id")
    )
    segment = found[found.segment_y == planted].segment_x.mode()[0]
    name = tables["value"].set_index("segment")["name"][segment].casefold()
    assert any(word in name for word in words), name
    profile = tables["profiles"].query("segment == @segment and stands_out").set_index("feature").distance
    for feature, sign in traits.items():
        assert profile[feature] * sign > 0, feature


def test_the_budget_of_the_demo_is_split(demo):
    store = store_of(demo, "demo")
    assert told_alike(store) == []
    assert disagreeing(store) == []
    plan, splits, ranking = (
        read_frame(store / "tables" / f"{t}.parquet") for t in ("budget", "splits", "ranking")
    )
    assert set(plan.segment) == set(ranking.segment[ranking.target])
    assert (plan.total == 2000).all() and plan.budget.sum() <= 2000 * (1 + 1e-9)
    assert splits.profit.idxmax() == 0 and (splits.budget <= 2000 * (1 + 1e-9)).all()


def test_the_demo_stays_under_2_gb(demo):
    stages = json.loads((store_of(demo, "demo") / "run.json").read_text())["stages"]
    assert max(stage["peak_mb"] for stage in stages.values()) < 2_000


def test_the_demo_has_names_and_portraits_that_differ(demo):
    store = store_of(demo, "demo")
    named_and_portrayed(store, read_frame(store / "tables" / "ranking.parquet")["name"])


@pytest.mark.parametrize("name", REAL)
def test_a_real_project_reaches_a_decision(real, name):
    store = store_of(real, name)
    page = (store / "index.html").read_text()
    words = r"(?:Target|into) \d segments? of \d|Contact all \d segments|Do not contact any of the \d|No segment is"
    assert re.search(words, page)
    ranking, plays = (read_frame(store / "tables" / f"{t}.parquet") for t in ("ranking", "plays"))
    if ranking.behind[ranking.target].sum() > 0.5 * ranking.behind.sum():
        assert "That is most of them" in page or "None is left out" in page
    assert ranking["name"].is_unique
    assert not ranking["name"].str.contains(r"\bsegment\b|\d", case=False).any()
    named_and_portrayed(store, ranking["name"])
    niches_and_segments(store)
    told = plays[plays.target]
    assert told.message.is_unique
    assert told_alike(store) == []
    assert disagreeing(store) == []
    assert (told.play != "Leave alone").all()


def test_a_margin_is_shown_only_where_one_is_known(demo, real):
    """Telco and Online Retail are bills and sales: neither params nor orders say what they cost."""
    for folder, name, known in (
        (demo, "demo", True),
        (real, "online_retail", False),
        (real, "telco_churn", False),
    ):
        store = store_of(folder, name)
        economics = read_frame(store / "tables" / "economics.parquet")
        assert (economics.margin_from != "none").all() == known
        page = (store / "05_target.html").read_text(encoding="utf-8")
        heading = re.search(r"<th[^>]*>\s*gross margin\s*<", page)
        assert (heading is not None) == known, name


def test_mcdonalds_comes_out_with_the_four_known_segments(real):
    store = store_of(real, "mcdonalds")
    value = read_frame(store / "tables" / "value.parquet")
    assert value.customers.tolist() == [580, 324, 309, 240]
    segments, features = (read_frame(store / "tables" / f"{t}.parquet") for t in ("segments", "features"))
    known = segments.merge(features, on="customer").groupby("segment")
    assert known.VisitFrequency.mean().round(2).tolist() == [3.95, 3.84, 2.61, 2.40]
    assert known.Like.mean().round(2).tolist() == [2.67, 2.12, -1.50, -2.68]
    female = known.Gender.agg(lambda g: (g == "Female").mean()).round(3)
    assert female.tolist() == [0.602, 0.478, 0.592, 0.421]


def test_blank_charges_of_telco_are_mended_and_said(real):
    ledger = read_frame(store_of(real, "telco_churn") / "tables" / "ledger.parquet")
    assert ledger.set_index("rule").blanked["blank among numbers"] == 11


def test_no_id_of_a_real_table_is_shown(real, reference):
    ids = {
        "telco_churn": pd.read_csv(reference / REAL["telco_churn"][1]).customerID.tolist(),
        "online_retail": [
            f"{c:.0f}" for c in read_frame(reference / REAL["online_retail"][1]).CustomerID.dropna().unique()
        ],
    }
    for name, secrets in ids.items():
        for path in store_of(real, name).rglob("*"):
            # Who is contacted is written into the audiences, and nowhere else.
            if (
                path.suffix in {".html", ".ipynb", ".json", ".csv", ".md", ".sql"}
                and "audiences" not in path.parts
            ):
                text = re.sub(
                    r"<svg.*?</svg>|data:image[^\"]*", "", path.read_text(encoding="utf-8"), flags=re.S
                )
                # Whole numbers alone: the decimals of a duration may happen to spell an id.
                found = {word.strip(".-") for word in re.findall(r"[\w.-]+", text)} & set(secrets)
                assert not found, f"{found} in {path.name}"


@pytest.mark.parametrize(("projects", "name"), [("demo", "demo"), ("real", "telco_churn")])
def test_no_real_id_stands_outside_the_audiences(projects, name, request):
    assert ids_outside(store_of(request.getfixturevalue(projects), name)) == {}


@pytest.mark.parametrize("projects", ["demo", "real"])
def test_personal_data_beside_the_columns_that_are_named_get_nowhere(projects, request):
    """E-mail addresses, telephone, card and account numbers, names: in every page, notebook, log and manifest."""
    folder = request.getfixturevalue(projects) / "reports"
    texts = shown(folder)
    runs = [p.parent.relative_to(folder) for p in folder.glob("*/*/run.json")]
    assert len(runs) == {"demo": 1, "real": len(REAL)}[projects]
    assert [unread(texts, f"{run}/") for run in runs] == [set()] * len(runs)
    assert {"log.txt", *(f"{run.parent}/index.html" for run in runs)} <= texts.keys()
    assert leaks(texts) == []


def rendered(page: str, width: int, script: str, folder: Path) -> str:
    """Open a page in Chromium, and return what a JavaScript expression gives once it is loaded."""
    probe = f"<script>addEventListener('load',()=>{{document.title='P'+({script})+'P'}})</script>"
    (folder / "page.html").write_text(page.replace("</head>", f"{probe}</head>"))
    done = subprocess.run(
        [
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--disable-sync",
            "--disable-background-networking",
            "--disable-component-update",
            f"--user-data-dir={folder}/profile",
            f"--window-size={width},900",
            "--dump-dom",
            f"file://{folder}/page.html",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    return re.search(r"<title>P(.*?)P</title>", done.stdout)[1]


@pytest.mark.parametrize("width", [1200, 420])
def test_chromium_shows_the_pages_without_scrolling_sideways(real, width, tmp_path):
    """The page fits its window, and Chromium reports no error."""
    page = (store_of(real, "mcdonalds") / "index.html").read_text()
    wide = int(rendered(page, width, "document.documentElement.scrollWidth", tmp_path))
    assert wide <= max(width, 500)


def test_no_figure_is_cut_on_a_desktop(demo, tmp_path):
    """On a phone a wide figure scrolls inside its card; on 1280 pixels every figure is seen whole."""
    cut = (
        "[...document.querySelectorAll('.drawing')].filter(d=>d.scrollWidth>d.clientWidth)"
        ".map(d=>d.getAttribute('aria-label')).join('; ')"
    )
    pages = sorted(store_of(demo, "demo").glob("*.html"))
    assert len(pages) == len(STAGES) + 1
    assert [found for p in pages if (found := rendered(p.read_text(), 1280, cut, tmp_path))] == []


def test_the_decision_prints_on_few_sheets_that_can_be_read(demo, tmp_path):
    done = subprocess.run(
        [
            "chromium",
            "--headless",
            "--no-sandbox",
            "--disable-gpu",
            "--no-first-run",
            "--no-pdf-header-footer",
            f"--user-data-dir={tmp_path}/profile",
            f"--print-to-pdf={tmp_path}/page.pdf",
            f"file://{store_of(demo, 'demo')}/index.html",
        ],
        capture_output=True,
        text=True,
        timeout=120,
        check=False,
    )
    assert done.returncode == 0, done.stderr
    assert len(re.findall(rb"/Type /Page\b(?!s)", (tmp_path / "page.pdf").read_bytes())) <= 3


def test_every_project_of_params_is_tested():
    shipped = {p.stem for p in (ROOT / "params").glob("*.yaml")} - {"plays"}
    assert shipped == {*REAL, *INDUSTRIES}
