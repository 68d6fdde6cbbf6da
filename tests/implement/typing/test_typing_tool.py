"""A few questions assign newcomers, and every form of the tool assigns alike."""

from __future__ import annotations

import csv
import html
import io
import json
import re
import shutil
import subprocess
from pathlib import Path

import duckdb
import numpy as np
import openpyxl
import pandas as pd
import pytest
import sqlglot
from implement.scoring.populations import CATEGORIES, MEMBER, NUMBERS, TOWN, customers, fitted

from seglib.implement.scoring import TITLES, score
from seglib.implement.typing import typing_query, typing_tables, typing_tool, workbook
from seglib.implement.typing.choosing import question_of
from seglib.implement.typing.fits import FAMILIES, coded, fit, linear_discriminant
from seglib.implement.typing.tool import TypingTool
from seglib.report.typing_form import spreadsheet_words, typing_form

ASKED = ["balance", NUMBERS[0], "app", MEMBER, *CATEGORIES]
NAMES = {1: '=HYPERLINK("x")', 2: "Größe </script><b>", 3: "O'Brien & Co"}


def segmented() -> tuple[pd.DataFrame, pd.Series]:
    table = customers()
    segment = score(fitted("k-prototypes"), table).segment
    known = segment.notna().to_numpy()
    return table[known].reset_index(drop=True), segment[known].astype(int).reset_index(drop=True)


def tool_of(family: str) -> TypingTool:
    table, segment = segmented()
    codes = sorted(segment.unique())
    questions = [question_of(name, f"={name}?", table[name], 5) for name in ASKED]
    answers = TypingTool(family, tuple(questions), (), ()).answers(table)
    columns = [coded(q, answers[q.feature]) for q in questions]
    return fit(family, columns, segment.map(codes.index).to_numpy(), codes, [NAMES[s] for s in codes])


def newcomers(n: int = 500) -> pd.DataFrame:
    """Draw answers of all kinds: known, missing, unknown options, wrong case, empty."""
    rng = np.random.default_rng(7)
    table = segmented()[0][ASKED].sample(n, replace=True, random_state=3).reset_index(drop=True)
    for column in ASKED:
        table.loc[rng.random(n) < 0.15, column] = None
    for text in ("never seen", "UK ", "l'aquila", "*", ""):
        table.loc[rng.integers(0, n, 4), TOWN] = text
    table.loc[rng.integers(0, n, 4), NUMBERS[0]] = -3.0
    return table.assign(customer=[f"n{i:03d}" for i in range(n)])


@pytest.mark.parametrize("family", FAMILIES)
def test_a_database_assigns_as_python_does(family):
    tool, rows = tool_of(family), newcomers()
    rows.loc[:3, "balance"] = [np.inf, -np.inf, np.nan, 1e300]
    usable = rows.assign(balance=rows.balance.where(rows.balance.abs() <= 1e100))
    with duckdb.connect() as connection:
        connection.register("answers", rows)
        got = connection.sql(typing_query(tool, "duckdb").rstrip(";\n")).df().set_index("customer")
    assert got.segment.loc[rows.customer].tolist() == tool.assign(usable).tolist()
    for dialect in TITLES:
        sqlglot.parse_one(typing_query(tool, dialect), read=dialect)


@pytest.mark.parametrize("family", FAMILIES)
def test_the_spreadsheet_recalculated_by_libreoffice_assigns_as_python_does(family, tmp_path):
    office = shutil.which("soffice") or pytest.fail(
        "install Debian's package libreoffice-calc", pytrace=False
    )
    tool, rows = tool_of(family), newcomers()
    book = openpyxl.load_workbook(io.BytesIO(workbook(tool, spreadsheet_words(), rows=len(rows) + 1)))
    sheet = book["Customers"]
    for at, row in enumerate(rows.to_dict("records"), 2):
        sheet.cell(at, 1).value = row["customer"]
        for place, q in enumerate(tool.questions, 2):
            value = row[q.feature]
            if value is not None and value == value:
                sheet.cell(at, place).value = value
    book.save(tmp_path / "typing.xlsx")
    profile = f"-env:UserInstallation=file://{tmp_path / 'office'}"
    subprocess.run(
        [
            office,
            profile,
            "--headless",
            "--convert-to",
            "csv:Text - txt - csv (StarCalc):44,34,76",
            "--outdir",
            tmp_path,
            tmp_path / "typing.xlsx",
        ],
        check=True,
        capture_output=True,
        timeout=300,
    )
    with (tmp_path / "typing.csv").open(encoding="utf-8", newline="") as file:
        cells = list(csv.reader(file))
    place = len(tool.questions) + 1
    asked = [
        i
        for i, row in enumerate(rows[ASKED].to_dict("records"))
        if any(v is not None and v == v and v != "" for v in row.values())
    ]
    got = [int(cells[i + 1][place]) for i in asked]
    assert got == tool.assign(rows)[asked].tolist()
    assert [cells[i + 1][place + 1] for i in asked] == [NAMES[s] for s in got]
    assert cells[len(rows) + 1][place] == ""  # a row without answers


@pytest.mark.parametrize("family", FAMILIES)
def test_the_form_in_chromium_assigns_as_python_does(family, tmp_path):
    tool, rows = tool_of(family), newcomers()
    page = typing_form("A <b>shop</b>", tool.as_dict(), 0.9, 0.4)
    answers = rows[ASKED].astype(object).where(rows[ASKED].notna(), None).to_dict("records")
    text = json.dumps(answers).replace("<", "\\u003c")
    probe = f'<pre id="out"></pre><script>document.getElementById("out").textContent = JSON.stringify({text}.map(segmentOf));</script>'
    (tmp_path / "form.html").write_text(page.replace("</body>", probe + "</body>"), encoding="utf-8")
    browser = [
        "chromium",
        "--headless",
        "--no-sandbox",
        "--disable-gpu",
        f"--user-data-dir={tmp_path / 'profile'}",
    ]
    done = subprocess.run(
        [*browser, "--dump-dom", f"file://{tmp_path / 'form.html'}"],
        capture_output=True,
        text=True,
        timeout=120,
        check=True,
    )
    out = html.unescape(re.search(r'<pre id="out">(.*?)</pre>', done.stdout)[1])
    assert json.loads(out) == tool.assign(rows).tolist()
    assert not re.search(r"https?://|src=|@import|<link", page)
    assert "<b>" not in page


def test_the_file_of_the_tool_holds_no_formula_of_the_data():
    book = openpyxl.load_workbook(io.BytesIO(workbook(tool_of("naive Bayes"), spreadsheet_words(), rows=2)))
    for sheet in book:
        for row in sheet.iter_rows():
            for cell in row:
                if cell.data_type == "f":
                    assert "HYPERLINK" not in cell.value
                    assert not cell.value.startswith("=balance?")


def test_the_tool_is_the_same_from_json():
    tool = tool_of("multinomial logit")
    spec = json.loads(json.dumps(tool.as_dict()))
    scores = np.array(spec["intercept"])
    row = tool.answers(newcomers(1)).iloc[0]
    for q in spec["questions"]:
        if q["options"]:
            scores = scores + np.array(q["weights"][q["options"].index(row[q["feature"]])])
        else:
            number = np.log1p(max(row[q["feature"]], 0)) if q["log"] else row[q["feature"]]
            scores = scores + np.array(q["linear"]) * number + np.array(q["square"]) * number**2
    assert spec["segments"][scores.argmax()] == tool.assign(newcomers(1))[0]


def planted(n: int = 900, k: int = 4, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    """Draw segments that three of twelve numbers and one category tell apart."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, k, n)
    columns = {f"noise{i}": rng.normal(size=n) for i in range(9)}
    columns |= {"a": rng.normal(4.0 * (group % 2), 1), "b": rng.lognormal(1.5 * (group // 2), 0.3)}
    columns["c"] = np.array(list("wxyz"))[np.where(rng.random(n) < 0.9, group, rng.integers(0, k, n))]
    return pd.DataFrame(columns), pd.Series(group + 1)


def test_the_questions_that_tell_planted_segments_apart_are_found():
    table, segment = planted()
    chosen = typing_tool(table, segment, list(table), {}, {})
    asked = {q.feature for q in chosen.tool.questions}
    assert asked >= {"a", "b"}
    assert len(asked) <= 5
    assert chosen.overall > 0.9
    assert chosen.chance < 0.35
    assert chosen.accuracy.customers.sum() == 300


def test_where_nothing_tells_segments_apart_the_accuracy_is_that_of_chance():
    table, _ = planted()
    segment = pd.Series(np.random.default_rng(1).choice([1, 2], len(table), p=[0.6, 0.4]))
    chosen = typing_tool(table, segment, list(table), {}, {})
    assert chosen.overall == pytest.approx(chosen.chance, abs=0.08)


@pytest.mark.parametrize("limits", [(3, 8), (1, 2), (5, 5)])
def test_the_number_of_questions_keeps_its_limits(limits):
    table, segment = planted(400)
    n = len(typing_tool(table, segment, list(table), {}, {}, limits).tool.questions)
    assert limits[0] <= n <= limits[1]


def test_there_is_no_tool_for_one_segment_and_none_without_features():
    table, segment = planted(60)
    assert typing_tool(table, segment * 0 + 1, list(table), {}, {}) is None
    assert typing_tool(table, segment, [], {}, {}) is None
    assert {name: len(t) for name, t in typing_tables(None).items()} == {"typing": 0, "typing_questions": 0}


def test_linear_discriminant_analysis_is_that_of_scikit_learn():
    from sklearn.discriminant_analysis import LinearDiscriminantAnalysis

    table, segment = planted()
    rows = table.drop(columns="c").to_numpy()
    rows = (rows - rows.mean(0)) / rows.std(0)
    weights, intercepts = linear_discriminant(rows, segment.to_numpy() - 1, 4)
    theirs = LinearDiscriminantAnalysis().fit(rows, segment).predict(rows)
    assert (((rows @ weights.T + intercepts).argmax(1) + 1) == theirs).mean() > 0.995


def test_rare_answers_are_no_options():
    column = pd.Series(["a"] * 60 + ["b"] * 35 + ["secret"] * 5)
    question = question_of("q", "q", column, 10)
    assert question.options == ("a", "b")
    assert question.other == "a"
    folded = question_of("q", "q", pd.concat([column, pd.Series(["rare"] * 6)]), 10)
    assert folded.options == ("a", "b", "other")


def test_a_finished_run_has_a_tool(finished_shop):
    folder = finished_shop.store / "typing"
    assert {p.name for p in folder.iterdir()} >= {
        "typing.json",
        "typing.xlsx",
        "typing.html",
        "typing.postgres.sql",
    }
    table = finished_shop.table("typing")
    assert set(table.segment) == set(finished_shop.table("segments").segment)
    spec = json.loads((folder / "typing.json").read_text())
    assert {q["feature"] for q in spec["questions"]} == set(finished_shop.table("typing_questions").feature)
    assert Path(folder / "typing.json").stat().st_mode & 0o077 == 0
