"""Roles, levels and bases: of the real tables, and of tables that nothing was tuned on."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from foreign_tables import FILES, TRUTH, cycled, days, french_bank, german_shop, numbered, spanish_clinic

from seglib.collect import sources
from seglib.project.new.recognise import contents, recognise
from seglib.project.new.recognise.answers import ordered
from seglib.project.new.recognise.levels import level
from seglib.project.new.recognise.proposal import propose


def looked_at(folder, kind, table, **spec):
    """Write a table as a CSV file and look at it."""
    file = folder / f"{kind}.csv"
    table.to_csv(file, index=False, encoding="utf-8")
    return contents(sources.open_source(sources.connect(), kind, folder, {"path": str(file)} | spec))


def recognised(folder, **tables):
    return recognise({kind: looked_at(folder, kind, table) for kind, table in tables.items()})


def columns_of(what, kind):
    return {role: guess.column for role, guess in what.roles[kind].items()}


def marked(truth, kind, what):
    """Compare what was recognised with the truth: hits, cases and mistakes of roles, levels and bases."""
    roles = {guess.column: role for role, guess in what.roles[kind].items()}
    cases = {"roles": [], "levels": [], "bases": []}
    for column, wanted in truth.items():
        place = what.places.get(column)
        into = [
            f.basis
            for fs in what.derived.values()
            for f in fs
            if f"customers.{roles.get(column)}" in f.needs.replace(", ", " or ").split(" or ")
        ]
        got = (
            roles.get(column, "-"),
            what.levels[kind][column].level or "-",
            into[0] if into and wanted[2] != "out" else "-" if place is None else place.basis or "out",
        )
        for what_of, right, found in zip(cases, wanted, got, strict=True):
            if what_of == "roles" or right != "-":
                cases[what_of].append((found in right.split("|"), f"{column}: {found}, not {right}"))
    return cases


def shares(all_cases):
    """Say how many are right, and which are wrong."""
    joined = {
        key: [case for cases in all_cases for case in cases[key]] for key in ("roles", "levels", "bases")
    }
    said = ", ".join(f"{key} {sum(ok for ok, _ in cs)} of {len(cs)} right" for key, cs in joined.items())
    wrong = [text for cs in joined.values() for ok, text in cs if not ok]
    return {key: np.mean([ok for ok, _ in cs]) for key, cs in joined.items()}, f"{said}; {wrong}"


# The real tables


def real_contents(name, reference, folder):
    kind, file = FILES[name]
    if not name.startswith("cdnow"):
        return kind, contents(
            sources.open_source(sources.connect(), kind, folder, {"path": str(reference / file)})
        )
    header = None if name == "cdnow_sample" else 0
    table = pd.read_csv(reference / file, sep=r"\s+", dtype=str, header=header)
    return kind, looked_at(folder, kind, table.set_axis(list(TRUTH[name]), axis=1))


def test_roles_levels_and_bases_are_right_in_the_real_tables(reference, tmp_path):
    made = []
    for name, truth in TRUTH.items():
        kind, found = real_contents(name, reference, tmp_path)
        assert set(found.columns) == set(truth), name
        made.append(marked(truth, kind, recognise({kind: found})))
    share, said = shares(made)
    assert share["roles"] == 1, said
    assert share["levels"] >= 0.98, said
    assert share["bases"] >= 0.98, said


# Tables in other languages, on which nothing was tuned


@pytest.mark.parametrize("made", [german_shop, french_bank, spanish_clinic])
def test_roles_levels_and_bases_are_right_in_other_languages(made, tmp_path):
    tables, truth = made()
    what = recognise(
        {
            kind: looked_at(tmp_path, kind, table, decimal="," if made is not spanish_clinic else ".")
            for kind, table in tables.items()
        }
    )
    share, said = shares([marked(truth[kind], kind, what) for kind in truth])
    assert share["roles"] == 1, said
    assert share["levels"] >= 0.95, said
    assert share["bases"] >= 0.9, said


@pytest.mark.parametrize(
    ("header", "pattern"),
    [
        ("klantnummer ordernummer besteldatum artikelcode aantal stukprijs korting betaalwijze", "%d-%m-%Y"),
        (
            "codice_cliente numero_ordine data_ordine codice_articolo quantità prezzo_unitario sconto metodo_di_pagamento",
            "%d/%m/%Y",
        ),
        (
            "id_klienta numer_zamówienia data_zamówienia kod_produktu ilość cena_jednostkowa rabat forma_płatności",
            "%d.%m.%Y",
        ),
        ("client facture date_achat référence quantité prix_unitaire remise mode_de_paiement", "%d/%m/%Y"),
        ("user_id txn_id purchased_on sku qty unit_price discount_amount tender", "%Y-%m-%d"),
    ],
)
def test_transactions_are_recognised_in_other_languages(header, pattern, tmp_path):
    wanted = ("customer", "order", "time", "product", "quantity", "price", "discount", "payment")
    values = (
        lambda n: [f"{i % 40 + 100}" for i in range(n)],
        lambda n: [f"{5000 + i // 2}" for i in range(n)],
        days(pattern),
        lambda n: [f"A{i % 30}x" for i in range(n)],
        ["1", "2", "3", "5"],
        ["2.50", "9.99", "4.25"],
        ["0", "0", "0.5"],
        ["card", "cash"],
    )
    table = cycled(200, **dict(zip(header.split(), values, strict=True)))
    got = columns_of(recognised(tmp_path, transactions=table), "transactions")
    assert got == dict(zip(wanted, header.split(), strict=True))


# Content against name


def test_the_id_of_transactions_is_what_is_found_among_the_customers(tmp_path):
    """A column called `id` that numbers the rows is no customer; a column `ref` whose values are ids is."""
    people = cycled(50, ref=numbered("P{}x"), age=["30", "40", "50"])
    bought = cycled(
        200,
        id=numbered("{}"),
        who=lambda n: [f"P{i * 3 % 45 + 1}x" for i in range(n)],
        day=days("%Y-%m-%d"),
        total=["9.50", "3.25", "7.75"],
    )
    what = recognised(tmp_path, customers=people, transactions=bought)
    assert columns_of(what, "customers") == {"customer": "ref"}
    assert columns_of(what, "transactions")["customer"] == "who"


@pytest.mark.parametrize(
    ("column", "values", "role"),
    [
        ("zip_code", ["Rural", "Urban", "Surburban"], "urban"),
        ("revenue", ["TRUE", "FALSE"], None),
        ("birth_year", ["3", "17", "40"], None),
        ("gender", ["blue", "red", "green"], None),
        ("latitude", ["120.5", "95.25", "101.75"], None),
        ("device", ["Yes", "No"], None),
        ("f7", ["male", "female"], "gender"),
    ],
)
def test_a_name_says_nothing_where_the_content_contradicts(column, values, role, tmp_path):
    table = cycled(60, **{"customer_id": numbered("{}"), column: values})
    got = {c: r for r, c in columns_of(recognised(tmp_path, customers=table), "customers").items()}
    assert got.get(column) == role


def test_amount_price_and_quantity_are_told_by_arithmetic(tmp_path):
    table = cycled(
        80,
        customer=lambda n: [str(i % 9) for i in range(n)],
        date=days("%Y-%m-%d"),
        a=["2", "3", "4", "5", "7"],
        b=["1.25", "2.50", "9.75"],
        c=lambda n: [f"{[2, 3, 4, 5, 7][i % 5] * [1.25, 2.5, 9.75][i % 3]:.2f}" for i in range(n)],
    )
    got = columns_of(recognised(tmp_path, transactions=table), "transactions")
    assert (got["quantity"], got["price"], got["amount"]) == ("a", "b", "c")


@pytest.mark.parametrize(
    ("kind", "table", "message"),
    [
        (
            "transactions",
            {"colour": ["red", "blue"], "date": ["2024-01-01", "2024-01-02"], "total": ["1.5", "2.5"]},
            "transactions: no column can be the customer",
        ),
        (
            "transactions",
            {
                "customer_id": ["a", "b", "a"],
                "date": ["soon", "later", "never"],
                "total": ["1.5", "2.5", "3.5"],
            },
            "transactions: no column can be the time",
        ),
        (
            "responses",
            {"customer_id": ["a", "b", "a"], "score": ["1", "2", "3"]},
            "responses: no column can be the item",
        ),
    ],
)
def test_a_table_without_a_required_role_is_a_problem_of_one_line(kind, table, message, tmp_path):
    made = cycled(30, **table)
    problems = recognise({kind: looked_at(tmp_path, kind, made)}).problems
    assert problems[0].startswith(message)
    assert "\n" not in problems[0]


# Times


@pytest.mark.parametrize(
    ("texts", "dates", "either"),
    [
        (["2024-03-01", "2024-12-31"], None, None),
        (["2024-03-01 10:15", "2024-12-31 23:59"], None, None),
        (["31/12/2023", "01/02/2024"], "%d/%m/%Y", None),
        (["12/31/2023", "01/02/2024"], "%m/%d/%Y", None),
        (["05/06/2024", "01/02/2024"], "%d/%m/%Y", "%m/%d/%Y"),
        (["19970101", "19971231"], None, None),
        (["31.12.2023 09:05", "01.02.2024 17:30"], "%d.%m.%Y %H:%M", None),
        (["03-Mar-24", "15-Apr-24"], "%d-%b-%y", None),
    ],
)
def test_times_are_read_as_written(texts, dates, either, tmp_path):
    table = cycled(40, customer=["1", "2", "3"], when=texts)
    got = looked_at(tmp_path, "transactions", table).columns["when"]
    assert (got.holds, got.dates, got.either) == ("time", dates, either)


def test_the_one_day_above_12_decides_though_the_sample_misses_it(tmp_path, monkeypatch):
    monkeypatch.setattr("seglib.project.new.recognise.sample.SAMPLE", 50)
    table = cycled(400, customer=["1", "2", "3"], when=["05/06/2024"])
    table.loc[7, "when"] = "06/25/2024"
    got = looked_at(tmp_path, "transactions", table).columns["when"]
    assert (got.dates, got.either) == ("%m/%d/%Y", None)


def test_whole_numbers_that_are_no_dates_stay_numbers(tmp_path):
    table = cycled(40, customer=["1", "2"], code=["19971399", "20240101"])
    assert looked_at(tmp_path, "transactions", table).columns["code"].holds == "number"


# Levels


@pytest.mark.parametrize(
    ("answers", "numbers"),
    [
        (["Low", "High", "Medium"], {"Low": 1, "Medium": 2, "High": 3}),
        (["oft", "nie", "immer", "selten"], {"nie": 1, "selten": 2, "oft": 3, "immer": 4}),
        (["65+", "<18", "18-24", "25 to 64"], {"<18": 1, "18-24": 2, "25 to 64": 3, "65+": 4}),
        (["$1,000 +", "$0 - $100", "$100 - $1,000"], {"$0 - $100": 1, "$100 - $1,000": 2, "$1,000 +": 3}),
        (["2 - fair", "1 - bad", "3 - good"], {"1 - bad": 1, "2 - fair": 2, "3 - good": 3}),
        (["weekly", "daily", "monthly"], {"monthly": 1, "weekly": 2, "daily": 3}),
        (["red", "green", "blue"], None),
        (["North 1", "South", "East"], None),
        (["low", "high", "purple"], None),
        (["A-12", "B-7", "C-9x"], None),
    ],
)
def test_ordered_answers_are_numbered_in_their_order(answers, numbers):
    assert ordered(answers) == numbers


@pytest.mark.parametrize(
    ("name", "values", "wanted"),
    [
        ("region", ["1", "2", "3"], "nominal"),
        ("visits", ["1", "2", "3"], "ratio"),
        ("satisfaction", ["1", "2", "3", "5"], "ordinal"),
        ("profit", ["-3.5", "2.5", "9.5"], "interval"),
        ("active", ["0", "1"], "binary"),
        ("group", ["1", "2"], "binary"),
        ("year", ["1999", "2004", "2010"], "interval"),
        ("colour", ["red", "blue", "green"], "nominal"),
        ("same", ["1"], ""),
    ],
)
def test_levels_follow_from_name_and_content(name, values, wanted, tmp_path):
    table = cycled(40, **{"customer_id": numbered("{}"), name: values})
    assert level(looked_at(tmp_path, "customers", table).columns[name]).level == wanted


# Habits


def test_cancellations_and_fees_are_found(tmp_path):
    tables, _ = german_shop()
    what = recognise({k: looked_at(tmp_path, k, t, decimal=",") for k, t in tables.items()})
    assert (what.cancelled_prefix, what.not_products) == ("ST", ["VERSAND"])


def test_a_prefix_of_ordinary_orders_is_no_cancellation(tmp_path):
    table = cycled(
        100,
        customer=["1", "2", "3"],
        date=days("%Y-%m-%d"),
        amount=["5.5", "6.5", "7.5", "8.5"],
        order=lambda n: [f"{'W' if i % 5 == 0 else ''}{i}" for i in range(n)],
    )
    what = recognised(tmp_path, transactions=table)
    assert columns_of(what, "transactions")["order"] == "order"
    assert what.cancelled_prefix is None


def test_texts_for_missing_are_found_and_countries_called_na_stay(tmp_path):
    table = cycled(
        60,
        customer_id=numbered("{}"),
        income=["100.5", "200.5", "n/a"],
        job=["clerk", "unknown", "nurse"],
        country=["NA", "DE", "FR", "ES", "PL", "IT"],
    )
    found = looked_at(tmp_path, "customers", table)
    assert found.missing == ["n/a", "unknown"]
    assert found.columns["income"].holds == "number"
    assert set(found.columns["country"].answers) == {"NA", "DE", "FR", "ES", "PL", "IT"}


def test_ids_written_in_two_ways_are_noted(tmp_path):
    people = cycled(40, customer_id=numbered("K{:04d}"), age=["30", "40"])
    bought = cycled(
        90,
        customer_id=lambda n: [str(i % 35 + 1) for i in range(n)],
        date=days("%Y-%m-%d"),
        total=["1.5", "2.5", "4.5"],
    )
    what = recognised(tmp_path, customers=people, transactions=bought)
    assert "prefix or zeros" in what.notes["transactions"][0]


@pytest.fixture
def members():
    rng = np.random.default_rng(4)
    return pd.DataFrame(
        {
            "Member No": [f"M-{n:04d}" for n in range(400)],
            "Recnum": range(2, 1202, 3),
            "Age": rng.integers(18, 80, 400),
            "Spending Score": rng.integers(1, 100, 400),
        }
    )


def test_numbers_that_go_up_by_the_same_in_every_row_are_no_feature_whatever_they_are_called(
    members, tmp_path
):
    what = recognised(tmp_path, customers=members)
    assert what.places["Recnum"].reason == "numbers the rows"
    shuffled = members.assign(Recnum=members.Recnum.sample(frac=1, random_state=1).to_numpy())
    assert recognised(tmp_path, customers=shuffled).places["Recnum"].basis


@pytest.mark.parametrize(
    ("name", "answers", "basis"),
    [
        ("Income_Category", ["Less than $40K", "$40K - $60K", "$80K - $120K", "$120K +"], "demographic"),
        ("household income band", ["<20", "20-50", ">50"], "demographic"),
        ("Employees (band)", ["1-9", "10-49", "50-249"], "firmographic"),
        ("Education level code", ["E1", "E2", "E3"], "demographic"),
        ("Card_Category", ["Blue", "Silver", "Gold"], "behavioural"),
    ],
)
def test_bands_describe_what_their_number_would(members, tmp_path, name, answers, basis):
    table = members.assign(**{name: np.resize(answers, 400)})
    assert recognised(tmp_path, customers=table).places[name].basis == basis


@pytest.mark.parametrize(
    ("name", "values", "basis"),
    [
        ("Total_Relationship_Count", [3, 4, 6, 1], "behavioural"),
        ("Total_Trans_Amt", [1144.5, 80.25, 1291.0, 9.75], "value"),
        ("PAYMENTS", [201.8, 4103.03, 622.06, 0.0], "value"),
        ("Payment method", ["card", "cash", "card", "invoice"], "purchase_cycle"),
    ],
)
def test_counts_are_no_money_and_amounts_of_payments_are(members, tmp_path, name, values, basis):
    others = {f"Total_{c}": np.arange(400.0)[::-1] ** p for p, c in enumerate("xyz", 2)}
    table = members.assign(**{name: np.resize(values, 400)}, **others)
    assert recognised(tmp_path, customers=table).places[name].basis == basis


@pytest.mark.parametrize("name", ["Segment", "cluster_id", "Customer Type", "Kundengruppe", "RFM segment"])
def test_a_division_that_is_there_already_describes(members, tmp_path, name):
    table = members.assign(
        **{name: np.resize(["Consumer", "Corporate", "Home Office"], 400)}, visits=np.arange(400) % 17
    )
    proposed = propose(recognised(tmp_path, customers=table), dt.date(2024, 1, 1))
    assert "there already" in proposed.exclude[name]


def test_one_column_of_what_customers_do_is_joined_by_who_they_are_and_a_score_is_no_value(members, tmp_path):
    what = recognised(tmp_path, customers=members.assign(**{"Annual Income (k$)": np.arange(400) % 90 + 15}))
    proposed = propose(what, dt.date(2024, 1, 1))
    assert proposed.on[0] == ["value", "demographic"]
    assert "protected" in proposed.exclude["Age"]
    assert proposed.value is None


def test_a_price_alone_is_the_amount_of_a_row_and_a_status_of_rows_says_nothing_of_who_has_left(tmp_path):
    n = 600
    rng = np.random.default_rng(1)
    table = pd.DataFrame(
        {
            "transaction_id": range(1, n + 1),
            "product_id": rng.integers(0, 100, n),
            "customer_id": rng.integers(1, 500, n),
            "transaction_date": pd.Timestamp("2024-01-01")
            + pd.to_timedelta(np.sort(rng.integers(0, 360, n)), unit="D"),
            "order_status": np.where(rng.random(n) < 0.01, "Cancelled", "Approved"),
            "product_class": rng.choice(["medium", "high", "low"], n),
            "product_size": rng.choice(["medium", "large", "small"], n),
            "list_price": rng.choice([71.49, 2091.47, 1793.43, 12.5], n),
            "standard_cost": rng.choice([53.62, 388.92, 248.82, 7.5], n),
        }
    )
    what = recognised(tmp_path, transactions=table)
    guess = what.roles["transactions"]["amount"]
    assert (guess.column, guess.unsure) == ("list_price", True)
    assert columns_of(what, "transactions").get("product_name") is None
    proposed = propose(what, dt.date(2024, 12, 31))
    assert (proposed.risk, what.no_sales[0].column) == (None, "order_status")


@pytest.mark.parametrize("every", [2, 4, 5, 8])
def test_a_column_that_is_filled_in_every_few_rows_is_read(every, tmp_path, monkeypatch):
    monkeypatch.setattr("seglib.project.new.recognise.sample.SAMPLE", 50)
    n = 50 * every
    table = cycled(n, customer_id=numbered("K{}"), visits=["1", "2", "5"], note=[""] * (every - 1) + ["A 1"])
    table.loc[table.index != n - 1, "rare"] = ""
    table.loc[n - 1, "rare"] = "met"
    for name, entries in (("note", ["A 1"]), ("rare", ["met"])):
        column = looked_at(tmp_path, "customers", table).columns[name]
        assert list(column.values.unique()) == entries, name
