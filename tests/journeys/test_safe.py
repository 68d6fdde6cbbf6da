"""Hostile text appears as text, and nothing of a single customer appears at all."""

from __future__ import annotations

import json
import re

import numpy as np
import pandas as pd
import pytest
import yaml
from personal_values import PLANTED, leaks, plant, shown, unread
from projects import Project, make_shop, shop_params

from seglib.catalogue import STAGES

SCRIPT, FORMULA, DROP = "<script>alert(1)</script>", '=HYPERLINK("http://evil","x")', 'x"; drop table ids; --'


@pytest.fixture(scope="module")
def hostile(tmp_path_factory, shop_tables) -> Project:
    folder = tmp_path_factory.mktemp("hostile")
    rng = np.random.default_rng(0)
    people = shop_tables["customers"]
    truth = people.merge(shop_tables["truth"], on="customer_id").segment
    evil = np.where(truth == "lapsed", FORMULA, rng.choice([SCRIPT, "**bold** $x$ {{ 7*7 }}"], len(people)))
    people = plant(people).assign(**{f"{SCRIPT} kind": evil, DROP: rng.choice(["a", "b"], len(people))})
    project = make_shop(folder, shop_tables | {"customers": people})
    params = shop_params(folder) | {"title": SCRIPT, "name": "shop"}
    params["bases"] |= {"psychographic": [f"{SCRIPT} kind"], "technographic": [DROP]}
    params["labels"] = {DROP: f"{SCRIPT} label"}
    params["segment"] |= {
        "on": ["psychographic", "behavioural"],
        "methods": ["k-prototypes"],
        "k": {"min": 3, "max": 4},
    }
    project.file.write_text(yaml.safe_dump(params))
    done = project.run()
    assert done.returncode == 0, done.stderr
    (folder / "log.txt").write_text(done.stdout + done.stderr)
    return project


def test_personal_data_of_unnamed_columns_get_nowhere(hostile):
    texts = shown(hostile.store) | {"log": (hostile.folder / "log.txt").read_text()}
    assert unread(texts) == set()
    assert leaks(texts) == []
    assert not [
        c for c in hostile.table("customers").columns if c.startswith(("extra", "who", "cards", "notes"))
    ]


@pytest.mark.parametrize("column", ["extra 0", "cards", "notes"])
def test_personal_data_of_a_given_column_stop_the_run_and_get_nowhere(tmp_path, shop_tables, column):
    people = plant(shop_tables["customers"])
    project = make_shop(tmp_path, shop_tables | {"customers": people})
    params = yaml.safe_load(project.file.read_text())
    params["bases"]["demographic"] = ["age", column]
    project.file.write_text(yaml.safe_dump(params))
    done = project.run("--to", "collect", "--debug")
    assert done.returncode == 2
    assert "Traceback" in done.stderr
    assert re.search(
        f"column '{column}' holds .*, which identify persons; remove it from bases.demographic",
        done.stderr,
    )
    texts = shown(project.store) | {"stdout": done.stdout, "stderr": done.stderr}
    assert {"01_collect.html", "index.html", "run.json"} <= set(texts)
    assert leaks(texts) == []


def test_the_search_for_leaks_finds_what_is_planted():
    for kind, values in PLANTED.items():
        for value in values:
            assert f"page: {kind}" in leaks({"page": f"<td>{value}</td>"})
    assert leaks({"page": "<td>Anna Weiss</td>"}) == ["page: a planted value"]


def test_script_appears_as_text_in_every_page(hostile):
    pages = sorted(hostile.store.glob("*.html"))
    assert len(pages) == len(STAGES) + 1
    for path in pages:
        text = path.read_text()
        assert SCRIPT not in text, path.name
        assert "<script" not in text, path.name
        assert "&lt;script&gt;" in text, path.name
        assert "49" not in re.findall(r"\*\*bold\*\* \$x\$ (\S+)", text)


def test_formulas_are_defused_in_the_export(hostile):
    table = pd.read_csv(hostile.store / "decision.csv")
    for cell in table.astype(str).to_numpy().ravel():
        assert not cell.startswith(("=", "@"))


def test_a_column_named_like_sql_is_a_column(hostile):
    assert DROP in hostile.table("features").columns
    assert len(hostile.table("ids")) > 1000


def secrets(tables: dict[str, pd.DataFrame]) -> list[str]:
    people = tables["customers"]
    return [
        *people.customer_id,
        *people.email,
        *tables["transactions"].order_no.drop_duplicates().sample(300, random_state=0),
    ]


def test_no_customer_id_email_or_order_is_shown(finished_shop, shop_tables):
    texts = shown(finished_shop.store)
    assert unread(texts) == set()
    assert leaks(texts, list(shop_tables["customers"].email)) == []
    words = {name: set(re.findall(r"[\w@.]+", text)) for name, text in texts.items()}
    for secret in secrets(shop_tables):
        for name, found in words.items():
            assert secret not in found, f"{secret} in {name}"


def test_no_row_of_a_single_customer_is_shown(finished_shop):
    """No page holds the numbers of one customer together; executed notebooks, which may, are for their owner alone."""
    features = finished_shop.table("features").drop(columns="customer").select_dtypes("number")
    texts = {
        name: text for name, text in shown(finished_shop.store).items() if not str(name).endswith(".ipynb")
    }
    rich = features.loc[features.net_value.nlargest(5).index]
    for name, text in texts.items():
        for value in rich.net_value:
            assert f"{value:.2f}" not in text, name
            assert f"{value:,.0f}" not in re.findall(r">([\d,]+)<", text), name
    for name in ("segments", "features", "ids"):
        assert len(finished_shop.table(name)) > 1000
    assert all(text.count("<tr") < 400 for text in texts.values())


def test_the_pseudonym_is_not_the_id(finished_shop):
    ids = finished_shop.table("ids")
    assert ids.customer.dtype == "int64"
    for table in ("features", "segments", "transactions", "events"):
        assert "key" not in finished_shop.table(table).columns


def test_the_manifest_holds_no_secret(tmp_path, shop_tables, monkeypatch):
    import sqlite3

    people = shop_tables["customers"]
    with sqlite3.connect(tmp_path / "hidden-name.sqlite") as lite:
        people.to_sql("people", lite, index=False)
    lite.close()
    project = make_shop(tmp_path, shop_tables)
    params = yaml.safe_load(project.file.read_text())
    params["sources"]["customers"] = {
        "connection": "${SHOP_DB}",
        "table": "people",
        "columns": {"customer": "customer_id", "consent": "may_profile"},
    }
    project.file.write_text(yaml.safe_dump(params))
    done = project.run("--to", "collect", env={"SHOP_DB": f"sqlite://{tmp_path}/hidden-name.sqlite"})
    assert done.returncode == 0, done.stderr
    manifest = json.loads((project.store / "run.json").read_text())
    assert manifest["params"]["sources"]["customers"]["connection"] == "${SHOP_DB}"
    missing = project.run("--to", "collect")
    assert missing.returncode == 2
    assert "environment variable SHOP_DB, which is not set" in missing.stderr


def test_no_page_prints_a_number_that_is_missing(finished_shop):
    for page in sorted(finished_shop.store.rglob("*.html")):
        text = re.sub(
            r"<(style|script|pre)\b.*?</\1>|<[^>]+>", " ", page.read_text(encoding="utf-8"), flags=re.S
        )
        assert not re.search(r"\b(nan|NaN|None|NaT|<NA>)\b(?! of)", text), page.name
