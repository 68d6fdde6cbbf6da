"""Bad input gets one clear line, a non-zero exit, and leaves nothing half-written."""

from __future__ import annotations

import re
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from projects import ROOT, Project

from seglib.catalogue import STAGES
from seglib.errors import SegError
from seglib.project import check, params
from seglib.project.store import write_frame

N = 60


def orders(n: int = 6 * N) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "customer": [f"K{i % N}" for i in range(n)],
            "order": range(n),
            "time": pd.Timestamp("2024-01-01") + pd.to_timedelta(rng.integers(0, 300, n), unit="D"),
            "amount": rng.gamma(2, 20, n).round(2),
        }
    )


def customers() -> pd.DataFrame:
    rng = np.random.default_rng(1)
    return pd.DataFrame(
        {
            "id": [f"K{i}" for i in range(N)],
            "age": rng.integers(18, 80, N),
            "town": rng.choice(["a", "b"], N),
            "consent": "yes",
        }
    )


def project(folder: Path, changes: dict | None = None) -> Project:
    params = {
        "title": "Bad input",
        "objective": "retention",
        "as_of": pd.Timestamp("2025-01-01").date(),
        "sources": {
            "customers": {
                "path": str(folder / "customers.csv"),
                "columns": {"customer": "id", "consent": "consent"},
            },
            "transactions": {
                "path": str(folder / "orders.csv"),
                "columns": {"customer": "customer", "order": "order", "time": "time", "amount": "amount"},
            },
        },
        "bases": {"demographic": ["age", "town"], "behavioural": "auto", "value": "auto"},
        "segment": {"on": ["behavioural", "value"], "k": {"min": 2, "max": 3}, "resamples": 10},
    }
    return Project(folder, "bad").write(params | (changes or {}))


def write(folder: Path, o: pd.DataFrame | None = None, c: pd.DataFrame | None = None) -> Project:
    (orders() if o is None else o).to_csv(folder / "orders.csv", index=False)
    (customers() if c is None else c).to_csv(folder / "customers.csv", index=False)
    return project(folder)


def check_refused(made: Project, *words: str, to: str = "collect") -> str:
    """Check and run the cells of the stages; give the one line that came back."""
    with pytest.raises(SegError, match=re.escape(words[0])) as caught:
        loaded = params.load(made.file)
        if problems := check.problems(loaded, ROOT):
            raise SegError("\n".join(problems))
        for stage in STAGES[: STAGES.index(to) + 1]:
            made.cells(stage)
    line = str(caught.value)
    assert "\n" not in line
    for word in words:
        assert word in line, line
    written = {p.stem for p in made.reports.rglob("*.parquet")}
    assert not written or to != "collect", written
    assert not list(made.folder.rglob("*.tmp"))
    return line


def test_good_input_passes(tmp_path):
    left = write(tmp_path).cells("collect")
    assert len(left["features"]) == N


def test_the_command_says_the_line_and_exits_2(tmp_path):
    o = orders()
    made = write(tmp_path, o.assign(time=o.time + pd.Timedelta(days=3650)))
    done = made.run()
    assert done.returncode == 2
    assert next(line for line in done.stderr.splitlines() if line.startswith("seglib: ")).startswith(
        "seglib: bad: stage collect failed: transactions: all 360 rows lie on or after as_of 2025-01-01"
    )
    assert "Traceback" not in done.stderr
    assert not list(made.reports.rglob("*.parquet"))
    assert "lie on or after as_of" in (made.store / "01_collect.html").read_text()
    assert "lie on or after as_of" in (made.store / "index.html").read_text()


def test_missing_file_is_named(tmp_path):
    made = write(tmp_path)
    (tmp_path / "orders.csv").rename(tmp_path / "order.csv")
    check_refused(made, "orders.csv", "sources.transactions.path", "Did you mean 'order.csv'?")


def test_empty_file_is_check_refused(tmp_path):
    made = write(tmp_path)
    (tmp_path / "orders.csv").write_text("")
    check_refused(made, "orders.csv is empty")


def test_header_alone_is_check_refused(tmp_path):
    check_refused(write(tmp_path, orders().head(0)), "header but no rows")


def test_absent_column_offers_the_nearest(tmp_path):
    check_refused(
        write(tmp_path, orders().rename(columns={"amount": "amoumt"})),
        "no column 'amount'",
        "sources.transactions.columns.amount",
        "Did you mean 'amoumt'?",
    )


def test_absent_given_column_offers_the_nearest(tmp_path):
    check_refused(
        write(tmp_path, c=customers().rename(columns={"town": "twon"})),
        "no column 'town'",
        "bases.demographic",
        "Did you mean 'twon'?",
    )


@pytest.mark.parametrize(
    ("kind", "column", "words"),
    [
        ("transactions", "amuont", "they name amount. Did you mean 'amount'?"),
        ("transactions", "order", "which is not a number that the params name"),
        ("customers", "agee", "they name age, town. Did you mean 'age'?"),
    ],
)
def test_ranges_of_what_is_no_number_are_refused(tmp_path, kind, column, words):
    made = write(tmp_path)
    spec = yaml.safe_load(made.file.read_text())
    spec["sources"][kind]["ranges"] = {column: {"min": 0}}
    made.write(spec)
    check_refused(made, f"sources.{kind}.ranges names '{column}'", words)


def test_unreadable_dates_name_rows(tmp_path):
    o = orders().astype({"time": str})
    o.loc[[3, 7], "time"] = "the other day"
    check_refused(write(tmp_path, o), "2 times in column 'time'", "rows 4, 8", "sources.transactions.dates")


def test_amounts_as_text_name_rows(tmp_path):
    o = orders().astype({"amount": str})
    o["amount"] = o.amount + " pieces"
    check_refused(write(tmp_path, o), "360 entries of column 'amount' are text", "rows 1, 2, 3")


def test_duplicate_customer_ids_are_counted_not_shown(tmp_path):
    c = customers()
    c.loc[5, "id"] = "K4"
    line = check_refused(write(tmp_path, c=c), "1 ids in column 'id'", "rows 5, 6")
    assert "K4" not in line


@pytest.mark.parametrize(
    ("column", "words"),
    [
        ("town", ("column 'town' is missing in every row", "bases.demographic")),
        ("consent", ("none of 60 customers has consented",)),
    ],
)
def test_customers_column_all_missing(tmp_path, column, words):
    check_refused(write(tmp_path, c=customers().assign(**{column: None})), *words)


def test_transactions_column_all_missing(tmp_path):
    check_refused(write(tmp_path, orders().assign(amount=None)), "column 'amount' is missing in every row")


def test_constant_column_is_check_refused(tmp_path):
    check_refused(
        write(tmp_path, c=customers().assign(town="a")), "same value in all 60 rows", "bases.demographic"
    )


def test_one_customer_is_check_refused(tmp_path):
    made = write(tmp_path, orders().assign(customer="K1"), customers().iloc[1:2])
    made.file.write_text(made.file.read_text().replace("  demographic:\n  - age\n  - town\n", ""))
    check_refused(made, "only 1 customer is left")


def test_fewer_customers_than_k_is_check_refused(tmp_path):
    write(tmp_path, c=customers().head(20))
    many = {"on": ["value"], "k": {"min": 2, "max": 30}, "resamples": 10}
    check_refused(
        project(tmp_path, {"segment": many}),
        "customers cannot be divided into 30 segments",
        "segment.k",
        to="segment",
    )


def test_everything_after_as_of_is_check_refused(tmp_path):
    o = orders()
    check_refused(
        write(tmp_path, o.assign(time=o.time + pd.Timedelta(days=3650))),
        "on or after as_of 2025-01-01",
        "oldest",
    )


def test_no_consent_is_check_refused(tmp_path):
    check_refused(write(tmp_path, c=customers().assign(consent="no")), "none of 60 customers has consented")


def test_strange_consent_is_check_refused(tmp_path):
    c = customers()
    c.loc[0, "consent"] = "perhaps"
    line = check_refused(
        write(tmp_path, c=c), "1 entries of the consent column 'consent'", "rows 1", "yes and no"
    )
    assert "perhaps" not in line


@pytest.mark.parametrize("where", ["orders", "customers"])
def test_infinite_values_are_check_refused(tmp_path, where):
    o, c = orders(), customers().astype({"age": float})
    if where == "orders":
        o.loc[2, "amount"] = np.inf
    else:
        c.loc[2, "age"] = np.inf
    check_refused(write(tmp_path, o, c), "infinite", "rows 3")


def test_nul_bytes_are_check_refused(tmp_path):
    made = write(tmp_path)
    file = tmp_path / "orders.csv"
    file.write_bytes(file.read_bytes().replace(b"K3,", b"K\x003,", 1))
    check_refused(made, "NUL byte in line 5")


def test_wrong_encoding_is_check_refused(tmp_path):
    made = write(tmp_path)
    file = tmp_path / "customers.csv"
    file.write_bytes(file.read_bytes().replace(b",a,", ",ä,".encode("latin-1")))
    check_refused(made, "not utf-8", "sources.customers.encoding")


def test_two_columns_of_one_name_are_check_refused(tmp_path):
    made = write(tmp_path)
    file = tmp_path / "orders.csv"
    file.write_text(file.read_text().replace("customer,order,time,amount", "customer,order,time,order", 1))
    check_refused(made, "more than one column named 'order'")


def test_ragged_rows_are_check_refused(tmp_path):
    made = write(tmp_path)
    with (tmp_path / "orders.csv").open("a") as file:
        file.write("K1,9999,2024-03-03,12,13,14,15\n")
    check_refused(made, "orders.csv", "362")


def test_truncated_gzip_is_check_refused(tmp_path):
    made = write(tmp_path)
    o = tmp_path / "orders.csv.gz"
    orders().to_csv(o, index=False)
    o.write_bytes(o.read_bytes()[:-200])
    made.file.write_text(made.file.read_text().replace("orders.csv", "orders.csv.gz"))
    check_refused(made, "gzip")


def test_not_parquet_is_check_refused(tmp_path):
    made = write(tmp_path)
    (tmp_path / "orders.parquet").write_text("customer,order\n")
    made.file.write_text(made.file.read_text().replace("orders.csv", "orders.parquet"))
    check_refused(made, "is not Parquet")


def test_empty_parquet_is_check_refused(tmp_path):
    made = write(tmp_path)
    write_frame(orders().head(0), tmp_path / "orders.parquet")
    made.file.write_text(made.file.read_text().replace("orders.csv", "orders.parquet"))
    check_refused(made, "has columns but no rows")


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("- a\n- b\n", ("holds a list",)),
        ("", ("is empty",)),
        ("title: !!python/object:os.system x\n", ("YAML tag",)),
        ("title: !secret x\n", ("YAML tag",)),
        ("title: [\n", ("is not YAML",)),
        ("title: a\ntitle: b\n", ("'title' stands twice",)),
    ],
)
def test_a_params_file_that_is_none(tmp_path, text, words):
    made = Project(tmp_path, "bad").write(text)
    with pytest.raises(SegError, match=words[0]) as caught:
        params.load(made.file)
    assert "\n" not in str(caught.value)
    assert str(made.file) in str(caught.value)


@pytest.mark.parametrize("name", ["../x", "a/b", "", ".hidden", "x" * 65])
def test_a_project_name_that_leaves_its_folder(tmp_path, name):
    made = write(tmp_path)
    made.file.write_text(made.file.read_text() + f"name: '{name}'\n")
    with pytest.raises(SegError, match="name found .*letters, digits"):
        params.load(made.file)
