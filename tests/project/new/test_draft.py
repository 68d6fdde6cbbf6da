"""`seglib new`: a params file from tables, that `seglib check` accepts."""

from __future__ import annotations

import datetime as dt
import os
import re

import pandas as pd
import pytest
import yaml
from foreign_tables import FILES, TRUTH, cycled, days, french_bank, german_shop, numbered, spanish_clinic
from hypothesis import example, given, settings
from hypothesis import strategies as st
from projects import ROOT, seglib

from seglib.errors import ParamsError
from seglib.project import check, params
from seglib.project.new.draft import Unsettled, draft, new
from seglib.project.new.params_text import line
from seglib.project.yaml_text import parse_yaml


def saved(folder, tables, **how):
    files = {}
    for kind, table in tables.items():
        files[kind] = str(folder / f"{kind}.csv")
        table.to_csv(files[kind], index=False, **how)
    return files


def made(folder, tables, **how):
    """Write the params file of tables, and read it as a run does."""
    path = new("shop", saved(folder, tables, **how), folder)
    loaded = params.load(path)
    assert check.problems(loaded, params.find_root(folder)) == []
    return loaded, path.read_text(encoding="utf-8")


SHOP = cycled(
    90,
    client=lambda n: [str(i % 17 + 1) for i in range(n)],
    invoice=lambda n: [f"{i}" for i in range(n)],
    day=days("%Y-%m-%d", 2),
    qty=["1", "2", "3"],
    unit_price=["2.50", "9.75"],
    country=["France"],
)


# Files of other languages


def test_a_german_shop_is_written_as_it_is(tmp_path):
    tables, _ = german_shop()
    loaded, text = made(tmp_path, tables, sep=";", encoding="latin-1")
    people, bought = loaded.sources.customers, loaded.sources.transactions
    assert (people.separator, people.encoding, people.dates) == (";", "latin-1", "%d.%m.%Y")
    assert (bought.decimal, bought.cancelled_prefix, bought.not_products) == (",", "ST", ["VERSAND"])
    assert bought.missing == ["unbekannt"]
    assert people.columns.consent == "Werbeeinwilligung"
    assert loaded.levels["Zufriedenheit"] == {
        "sehr unzufrieden": 1,
        "unzufrieden": 2,
        "zufrieden": 3,
        "sehr zufrieden": 4,
    }
    assert loaded.as_of == dt.date(2024, 4, 28)
    assert (loaded.objective, loaded.segment.on) == ("retention", ["behavioural", "value"])
    assert "left out: E-Mail (personal data: e-mail address)" in text
    assert "left out: Mandant (the same in all rows that have one)" in text


def test_a_french_bank_without_orders_is_judged_by_who_left(tmp_path):
    tables, _ = french_bank()
    loaded, text = made(tmp_path, tables, sep=";")
    assert (loaded.objective, loaded.assess.risk) == ("retention", "resilie")
    assert loaded.segment.exclude == ["resilie"]
    assert "objective: retention  # guess: resilie says who has left" in text
    assert "as_of: 2005-12-17  # guess: the day after the newest date_ouverture" in text


def test_a_spanish_clinic_never_segments_on_protected_attributes(tmp_path):
    tables, _ = spanish_clinic()
    loaded, _ = made(tmp_path, tables)
    assert (loaded.sources.events.dates, loaded.as_of) == ("%d/%m/%Y %H:%M", dt.date(2023, 11, 1))
    forming = {c for basis in loaded.segment.on for c in loaded.bases[basis]} - set(loaded.segment.exclude)
    assert not forming & {"sexo", "grupo_edad", "fumador", "diagnostico"}


# What is marked


def test_a_date_that_could_be_read_both_ways_is_marked(tmp_path):
    table = SHOP.assign(day=["05/06/2023", "07/08/2023"] * 45)
    loaded, text = made(tmp_path, {"transactions": table})
    assert loaded.sources.transactions.dates == "%d/%m/%Y"
    assert 'dates: "%d/%m/%Y"  # guess: "%m/%d/%Y" fits every row as well' in text


def test_what_is_certain_is_not_marked(tmp_path):
    _, text = made(tmp_path, {"transactions": SHOP})
    marked = [line for line in text.splitlines() if "# guess:" in line]
    assert [line.split(":")[0] for line in marked] == ["objective", "as_of"]
    assert "as_of: 2023-07-03  # guess: the day after the newest day" in text


def test_what_the_user_says_is_no_guess(tmp_path):
    path = new(
        "shop",
        saved(tmp_path, {"transactions": SHOP}),
        tmp_path,
        as_of=dt.date(2024, 1, 1),
        objective="service",
    )
    assert "objective: service\nas_of: 2024-01-01\n" in path.read_text(encoding="utf-8")


def test_without_dates_as_of_is_the_day_of_the_file(tmp_path):
    table = cycled(60, customer_id=numbered("{}"), visits=["1", "2", "5"], spend=["10.5", "3.5"])
    files = saved(tmp_path, {"customers": table})
    os.utime(files["customers"], (1_700_000_000, 1_700_000_000))
    path = new("shop", files, tmp_path)
    assert "as_of: 2023-11-14  # guess: no row has a date" in path.read_text(encoding="utf-8")


# What is refused


@pytest.mark.parametrize(
    ("name", "message"),
    [
        ("a/b", "NAME: found 'a/b'"),
        ("", "NAME: found ''"),
        ("../x", "NAME: found"),
        ("a b", "NAME: found 'a b'"),
    ],
)
def test_a_name_that_is_none_is_refused(name, message, tmp_path):
    with pytest.raises(ParamsError, match=message):
        new(name, {"transactions": "x.csv"}, tmp_path)


def test_an_existing_file_is_kept_unless_forced(tmp_path):
    files = saved(tmp_path, {"transactions": SHOP})
    (tmp_path / "shop.yaml").write_text("mine")
    with pytest.raises(ParamsError, match="shop.yaml: exists already; --force replaces it"):
        new("shop", files, tmp_path)
    assert (tmp_path / "shop.yaml").read_text() == "mine"
    assert new("shop", files, tmp_path, force=True).read_text().startswith("# yaml-language-server")


@pytest.mark.parametrize(
    ("tables", "message"),
    [
        ({"transactions": SHOP.drop(columns="client")}, "transactions: no column can be the customer"),
        ({"transactions": SHOP.drop(columns="day")}, "transactions: no column can be the time"),
        ({"transactions": SHOP[["client", "day", "country"]]}, "no column can be the amount"),
        (
            {"customers": SHOP[["country", "qty"]], "transactions": SHOP},
            "customers: no column holds ids, each in one row",
        ),
        (
            {
                "customers": cycled(
                    60, name=numbered("Person {}"), age=["30", "40"], gender=["male", "female"]
                )
            },
            "no column is left that segments may be formed on",
        ),
        ({"transactions": SHOP[["client"]]}, "transactions.csv holds one column"),
        (
            {"transactions": SHOP.set_axis(["1", "7", "2023-01-05", "3", "2.50", "France"], axis=1)},
            "where names of columns are expected",
        ),
    ],
)
def test_tables_that_cannot_be_leave_a_file_with_the_problem_marked(tables, message, tmp_path):
    files = saved(tmp_path, tables)
    with pytest.raises(Unsettled, match=message) as caught:
        new("shop", files, tmp_path)
    text = (tmp_path / "shop.yaml").read_text(encoding="utf-8")
    marked = [line for line in text.splitlines() if "# problem:" in line]
    assert re.search(message, marked[0])
    assert "/tmp/tmp" not in text
    assert "shop.yaml was written" in str(caught.value)
    with pytest.raises(ParamsError, match=r"shop\.yaml"):
        params.load(tmp_path / "shop.yaml")


def test_the_command_says_one_line_and_exits_2(tmp_path):
    files = saved(tmp_path, {"transactions": SHOP.drop(columns="client")})
    done = seglib("new", "shop", "--transactions", files["transactions"], "--folder", tmp_path)
    assert done.returncode == 2
    assert done.stderr.startswith("seglib: transactions: no column can be the customer")
    assert done.stderr.count("\n") == 1


def test_the_command_writes_a_file_that_check_accepts(tmp_path):
    files = saved(tmp_path, {"transactions": SHOP})
    done = seglib(
        "new", "shop", "--transactions", files["transactions"], "--folder", tmp_path, "--as-of", "2023-12-01"
    )
    assert done.returncode == 0, done.stderr
    assert "guesses to look at" in done.stdout
    checked = seglib("check", tmp_path / "shop.yaml", "--reports", tmp_path / "reports")
    assert checked.returncode == 0, checked.stderr
    assert params.load(tmp_path / "shop.yaml").as_of == dt.date(2023, 12, 1)


def test_the_example_of_the_readme_works(tmp_path):
    people = pd.DataFrame(
        {"client": range(1, 18), "Geburtsdatum": pd.date_range("1970-01-01", periods=17, freq="400D")}
    )
    people.to_excel(tmp_path / "clients.xlsx", index=False)
    (tmp_path / "exports").mkdir()
    for part, rows in enumerate((SHOP[:50], SHOP[50:])):
        rows.to_csv(tmp_path / "exports" / f"orders-{part}.csv", index=False)
    done = seglib(
        "new",
        "acme",
        "--customers",
        tmp_path / "clients.xlsx",
        "--transactions",
        tmp_path / "exports/orders-*.csv",
        "--folder",
        tmp_path,
    )
    assert done.returncode == 0, done.stderr
    loaded = params.load(tmp_path / "acme.yaml")
    assert check.problems(loaded, tmp_path) == []
    assert loaded.sources.customers.columns.birth_date == "Geburtsdatum"
    assert (
        loaded.sources.transactions.columns.customer == loaded.sources.customers.columns.customer == "client"
    )


# Hostile text


@settings(deadline=None)
@given(st.text(st.characters(exclude_categories=["Cs"]), min_size=1))
@example("a word  " * 60)
@example("x" * 500)
@example("\x85 " * 80)
def test_every_text_is_read_back_as_it_was_written(text):
    for written, wanted in (
        (line("key", text, guess=text), {"key": text}),
        (line("key", [text, "b"]), {"key": [text, "b"]}),
        (line(text, {text: 1, "b": 2}), {text: {text: 1, "b": 2}}),
    ):
        assert parse_yaml(written, "a.yaml") == yaml.safe_load(written) == wanted


@pytest.mark.parametrize(
    "name",
    [
        "no",
        "on",
        "y: x",
        "# guess: all",
        "'",
        '"',
        "a\nassess: {}",
        "{x}",
        "- a",
        "\u2028b",
        "*c",
        "&d",
        "1",
        "null",
        "é, ü",
    ],
)
def test_a_hostile_column_name_stays_a_name(name, tmp_path):
    table = cycled(
        60,
        **{
            "customer_id": numbered("{}"),
            "visits": ["1", "2", "5"],
            "spend": ["10.5", "3.5", "7.25"],
            name: ["red", "green", "blue"],
        },
    )
    loaded, _ = made(tmp_path, {"customers": table})
    assert name.strip() in loaded.given()


def test_a_path_inside_the_repository_is_relative_to_it(tmp_path):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "notebooks" / "01_collect.ipynb").write_text("{}")
    (tmp_path / "params").mkdir()
    (tmp_path / "data").mkdir()
    files = saved(tmp_path / "data", {"transactions": SHOP})
    new("shop", files, tmp_path / "params")
    assert "path: data/transactions.csv\n" in (tmp_path / "params" / "shop.yaml").read_text()


def test_a_file_whose_name_looks_like_a_pattern_is_found(tmp_path):
    SHOP.to_csv(tmp_path / "orders[1].csv", index=False)
    path = new("shop", {"transactions": str(tmp_path / "orders[1].csv")}, tmp_path)
    assert check.problems(params.load(path), ROOT) == []


# The real tables


@pytest.mark.parametrize("name", FILES)
def test_the_file_of_a_real_table_passes_the_check(name, reference, tmp_path):
    kind, file = FILES[name]
    file = reference / file
    if name.startswith("cdnow"):
        table = pd.read_csv(file, sep=r"\s+", dtype=str, header=None if name == "cdnow_sample" else 0)
        file = tmp_path / "orders.csv"
        table.set_axis(list(TRUTH[name]), axis=1).to_csv(file, index=False)
    path = new(name, {kind: str(file)}, tmp_path)
    assert check.problems(params.load(path), ROOT) == []
    assert params.load(path).name == name


# Rows that are no ordinary rows


@pytest.mark.parametrize(("guest", "written"), [("Guest", "'Guest'"), ("0", "0"), ("CASH", "'CASH'")])
def test_a_guest_account_is_left_out_with_a_mark(tmp_path, guest, written):
    rows = cycled(600, customer_id=numbered("{}"), day=["2023-05-06", "2023-07-02"], amount=["10", "20"])
    rows["customer_id"] = [guest if n % 4 == 0 else str(1000 + n % 100) for n in range(len(rows))]
    loaded, text = made(tmp_path, {"transactions": rows.assign(order=[f"A{n}" for n in range(len(rows))])})
    assert loaded.sources.transactions.where == f"customer_id NOT IN ({written})"
    assert "# guess: customer_id says that 150 rows are of a guest account" in text


@pytest.mark.parametrize(
    ("account", "rows", "worth", "words"),
    [
        ("C77", 2, "9000", "'C77' has 0% of the rows and 70% of the value"),
        ("C77", 200, "10", "'C77' has 25% of the rows and 20% of the value"),
        ("ann@example.org", 2, "9000", "one id has 0% of the rows and 70% of the value"),
    ],
)
def test_one_account_of_much_money_or_many_rows_is_asked_about(tmp_path, account, rows, worth, words):
    own = cycled(600, customer_id=numbered("C1{}"), day=["2023-05-06", "2023-07-02"], amount=["10", "16"])
    own["customer_id"] = [f"C1{n % 100:03d}" for n in range(600)]
    if "@" in account:
        own["customer_id"] = own.customer_id + "@example.org"
    house = pd.DataFrame({"customer_id": [account] * rows, "day": "2023-06-01", "amount": worth})
    files = saved(tmp_path, {"transactions": pd.concat([own, house])})
    (note,) = (n for n in draft("shop", files, tmp_path).what.notes["transactions"] if "account" in n)
    assert words in note
    proposed = "customer_id <> 'ID'" if "@" in account else f"customer_id NOT IN ('{account}')"
    assert note.endswith(f"where: {proposed}")


def test_rows_of_a_placeholder_are_left_out_with_a_mark(tmp_path):
    table = SHOP.assign(day=["2099-12-31", *SHOP.day[1:]])
    loaded, text = made(tmp_path, {"transactions": table})
    assert loaded.as_of == dt.date(2023, 7, 3)
    assert loaded.sources.transactions.rules == {"implausible_time": "drop"}
    assert (
        "rules: {implausible_time: drop}  # guess: rows dated so are left out; the default is to stop" in text
    )
