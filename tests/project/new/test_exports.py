"""What exports of shops, banks and databases hold besides plain columns: abbreviations, codes, kinds of rows, answers."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from seglib.collect import sources
from seglib.collect.features import given
from seglib.collect.ledger import Terms
from seglib.collect.where import rows_kept
from seglib.project.new import draft
from seglib.project.new.recognise import contents, recognise
from seglib.project.new.recognise.rows import clause

N = 300


def looked_at(folder, kind, table):
    file = folder / f"{kind}.csv"
    table.to_csv(file, index=False)
    return contents(sources.open_source(sources.connect(), kind, folder, {"path": str(file)}))


def recognised(folder, **tables):
    return recognise({kind: looked_at(folder, kind, table) for kind, table in tables.items()})


def columns_of(what, kind):
    return {role: guess.column for role, guess in what.roles[kind].items()}


@pytest.fixture
def rng():
    return np.random.default_rng(8)


def orders(rng, n=N) -> pd.DataFrame:
    """Lines of orders, three each, whose quantity times price is their value."""
    number = np.arange(n) // 3
    quantity, price = rng.integers(1, 5, n), rng.choice([4.5, 12.25, 7.9, 22.4], n)
    return pd.DataFrame(
        {
            "cust_no": rng.integers(100, 160, n // 3)[number],
            "ord_no": 70_000 + number,
            "trx_dt": (pd.Timestamp("2024-01-02") + pd.to_timedelta(number * 3, unit="D")).strftime(
                "%Y-%m-%d"
            ),
            "itm_cd": [f"A{i:03d}" for i in rng.integers(0, 30, n)],
            "qty": quantity,
            "unt_prc": price,
            "net_amt": (quantity * price).round(2),
        }
    )


def members(n=N) -> pd.DataFrame:
    return pd.DataFrame({"member_id": [f"M{i:04d}" for i in range(n)], "visits": np.arange(n) % 23})


def drafted(folder, **tables):
    """Write tables as files and draft a params file for them."""
    files = {}
    for kind, table in tables.items():
        files[kind] = str(folder / f"{kind}.csv")
        table.to_csv(files[kind], index=False)
    return draft.draft("a", files, folder)


def test_names_of_databases_are_read_by_their_abbreviations(rng, tmp_path):
    n = N
    table = orders(rng).assign(
        trx_id=range(880_001, 880_001 + n),
        dsc_amt=rng.choice([0.0, 0.5, 1.0], n),
        prd_grp_cd=rng.choice(["G0", "G1", "G2"], n),
        chnl_cd=rng.choice(["WEB", "STR"], n),
        pay_mthd_cd=rng.choice(["CC", "DD", "CSH"], n),
    )
    got = columns_of(recognised(tmp_path, transactions=table), "transactions")
    assert got == {
        "customer": "cust_no", "order": "ord_no", "time": "trx_dt", "product": "itm_cd", "quantity": "qty",
        "price": "unt_prc", "amount": "net_amt", "discount": "dsc_amt", "category": "prd_grp_cd",
        "channel": "chnl_cd", "payment": "pay_mthd_cd",
    }  # fmt: skip


# Rows of several kinds


def sales_and_lines(table: pd.DataFrame, names=("Sale", "Sale Line")) -> pd.DataFrame:
    """Put the total of each order above its lines, as tills export them."""
    totals = table.groupby("ord_no", as_index=False).agg(
        {"cust_no": "first", "trx_dt": "first", "net_amt": "sum", "qty": "sum"}
    )
    both = pd.concat([totals.assign(line_type=names[0]), table.assign(line_type=names[1])])
    return both.sort_values(["ord_no", "line_type"], kind="stable", ignore_index=True)


@pytest.mark.parametrize("names", [("Sale", "Sale Line"), ("H", "D"), ("1", "2")])
def test_totals_of_orders_beside_their_lines_are_left_out(rng, tmp_path, names):
    table = orders(rng)
    what = recognised(tmp_path, transactions=sales_and_lines(table, names))
    (found,) = what.no_sales
    assert (found.column, found.answers, found.rows) == ("line_type", (names[0],), N // 3)
    assert found.value == pytest.approx(table.net_amt.sum())
    assert "say again" in found.words


def test_orders_beside_their_invoices_are_left_out(rng, tmp_path):
    invoices = orders(rng).assign(doc_type=7)
    ordered = invoices.iloc[: N // 2].assign(doc_type=1, ord_no=lambda t: t.ord_no + 50_000)
    what = recognised(tmp_path, transactions=pd.concat([invoices, ordered]))
    (found,) = what.no_sales
    assert (found.column, found.answers, found.rows) == ("doc_type", ("1",), N // 2)


def test_what_kinds_of_rows_are_worth_is_shown_where_their_codes_say_nothing(rng, tmp_path):
    table = orders(rng).assign(trx_typ_cd=np.where(np.arange(N) % 10, "S", "R"))
    what = recognised(tmp_path, transactions=table)
    assert not what.no_sales
    (note,) = [n for n in what.notes["transactions"] if n.startswith("trx_typ_cd")]
    worth = table.groupby("trx_typ_cd").net_amt.sum()
    assert f"'R' 30 rows worth {worth['R']:,.2f}" in note
    assert "are all of them sales?" in note


@pytest.mark.parametrize("name", ["Storno", "deleted", "is_void", "annulé"])
def test_a_mark_in_few_rows_says_which_are_no_sales(rng, tmp_path, name):
    table = orders(rng).assign(**{name: np.where(np.arange(N) % 20, "", "X")})
    what = recognised(tmp_path, transactions=table)
    assert [(one.column, one.rows) for one in what.no_sales] == [(name, N // 20)]


def test_kinds_of_rows_that_only_look_alike_stay(rng, tmp_path):
    table = orders(rng).assign(type=rng.choice(["web", "store"], N))
    assert not recognised(tmp_path, transactions=table).no_sales


def test_subscriptions_at_one_price_are_no_copies_of_each_other(rng, tmp_path):
    table = orders(rng).assign(qty=1, unt_prc=9.9, net_amt=9.9, plan=rng.choice(["basic", "family"], N))
    assert not recognised(tmp_path, transactions=table).no_sales


def test_two_years_of_one_price_are_no_copies_of_each_other(rng, tmp_path):
    table = orders(rng).assign(type="contract")
    later = table.assign(type="renewal", ord_no=lambda t: t.ord_no + 50_000)
    later.trx_dt = (pd.to_datetime(later.trx_dt) + pd.DateOffset(years=1)).dt.strftime("%Y-%m-%d")
    assert not recognised(tmp_path, transactions=pd.concat([table, later])).no_sales


def test_a_line_that_stands_twice_under_a_column_of_something_else_stays(rng, tmp_path):
    table = orders(rng)
    table = pd.concat([table.assign(warehouse="A"), table.assign(warehouse="B")])
    assert not recognised(tmp_path, transactions=table).no_sales


def test_states_that_are_all_understood_are_not_asked_about(rng, tmp_path):
    table = orders(rng).assign(status=rng.choice(["shipped", "delivered", "paid"], N))
    what = recognised(tmp_path, transactions=table)
    assert not what.no_sales
    assert not [note for note in what.notes["transactions"] if note.startswith("status")]


def test_a_status_that_says_no_sale_of_almost_all_rows_leaves_none_out_and_is_asked_about(rng, tmp_path):
    table = orders(rng).assign(status=np.where(np.arange(N) % 60, "open", "closed"))
    what = recognised(tmp_path, transactions=table)
    assert not what.no_sales
    (note,) = [note for note in what.notes["transactions"] if note.startswith("status")]
    assert "'open' in 295 of 300 rows, which are kept" in note


@pytest.mark.parametrize("name", ["test_group", "refund_policy", "void_reason_known"])
def test_a_flag_of_something_else_leaves_no_rows_out(rng, tmp_path, name):
    table = orders(rng).assign(**{name: np.where(np.arange(N) % 3, "0", "1")})
    assert not recognised(tmp_path, transactions=table).no_sales


def test_rows_of_large_tables_are_compared_by_customers(rng, tmp_path):
    table = pd.concat([orders(rng).assign(ord_no=lambda t, i=i: t.ord_no + 1_000 * i) for i in range(1_000)])
    table.cust_no = table.ord_no % 9_000
    what = recognised(tmp_path, transactions=sales_and_lines(table))
    (found,) = what.no_sales
    assert (found.answers, found.rows) == (("Sale",), 100_000)
    assert found.value == pytest.approx(table.net_amt.sum())


def test_numbers_of_something_are_features_and_numbers_that_name_are_not(rng, tmp_path):
    table = members(40).assign(
        **{
            "number of minutes": rng.permutation(40) * 7 + 3,
            "card number": rng.permutation(40) + 4_000,
            "city population": rng.permutation(40) * 1_000 + 500,
        }
    )
    placed = recognised(tmp_path, customers=table).places
    assert placed["number of minutes"].basis
    assert not placed["card number"].basis


# Money


@pytest.mark.parametrize(
    ("column", "right"),
    [
        ("Total Shipped", False),
        ("Items refunded", False),
        ("Order Total (inc tax)", True),
        ("Betrag ohne MwSt", True),
    ],
)
def test_counts_are_no_amounts_and_an_amount_may_name_its_tax(rng, tmp_path, column, right):
    table = orders(rng).drop(columns=["unt_prc", "net_amt", "qty"])
    value = rng.integers(1, 6, N) if not right else rng.gamma(2, 20, N).round(2)
    got = columns_of(recognised(tmp_path, transactions=table.assign(**{column: value})), "transactions")
    assert (got.get("amount") == column) is right


@pytest.mark.parametrize(
    "column", ["Shipping Cost (ex tax)", "Versandkosten", "Frais de livraison", "Freight"]
)
def test_sending_is_no_cost_of_goods(rng, tmp_path, column):
    table = orders(rng).assign(**{column: rng.choice([0.0, 4.95, 7.5], N)})
    assert columns_of(recognised(tmp_path, transactions=table), "transactions").get("cost") is None


def test_a_card_of_gold_is_no_way_to_pay_and_an_entry_of_each_row_no_plan(rng, tmp_path):
    table = members().assign(**{"Card Type": np.resize(["GOLD", "SILVER", "PLATINUM"], N)})
    what = recognised(tmp_path, customers=table)
    assert "payment" not in what.roles["customers"]
    contracts = pd.DataFrame(
        {
            "member_id": members().member_id,
            "Contract ID": [f"C-{i}" for i in range(N)],
            "start_date": "2024-01-01",
            "Product Edition": np.resize(["Starter", "Team"], N),
        }
    )
    got = columns_of(recognised(tmp_path, customers=members(), subscriptions=contracts), "subscriptions")
    assert got["plan"] == "Product Edition"


# Consent


@pytest.mark.parametrize(
    ("name", "yes", "no", "role"),
    [
        ("I agree that my answers may be used to group customers", "Yes, I agree", "No", "consent"),
        ("gdpr_consent", "granted", "denied", "consent"),
        ("Einw. Profil", "J", "N", "consent"),
        ("Consent status", "Opted in", "Opted out", "consent"),
        ("May we use your data to profile you?", "Yes", "No", "consent"),
        ("do_not_prfl_ind", "Y", "N", "opt_out"),
    ],
)
def test_consent_is_found_in_questions_and_abbreviations_and_read_in_words(tmp_path, name, yes, no, role):
    table = members().assign(**{name: np.where(np.arange(N) % 5, yes, no)})
    drawn = drafted(tmp_path, customers=table)
    guess = drawn.what.roles["customers"][role]
    assert (guess.column, drawn.problems) == (name, ())
    if yes not in ("J", "Y", "Yes"):
        assert f"{yes}: 1" in drawn.text.replace("'", "").replace('"', "")


def test_an_item_of_a_survey_that_begins_with_agreement_is_no_consent(tmp_path):
    table = members().assign(**{"I agree that the shop is clean": np.arange(N) % 5 + 1})
    assert "consent" not in recognised(tmp_path, customers=table).roles["customers"]


# Ids


def test_ids_meet_whose_zeros_one_table_lost_and_names_are_no_ids_beside_them(tmp_path):
    duns = [4_118_833 + 4_517_321 * i for i in range(N)]
    firms = pd.DataFrame(
        {
            "D-U-N-S® Number": [f"{d:09d}" for d in duns],
            "Company Name": [f"Rowan {i} Mills" for i in range(N)],
            "Employees": np.arange(N) % 50 + 3,
        }
    )
    contracts = pd.DataFrame(
        {
            "Account DUNS": duns,
            "Account": firms["Company Name"],
            "start_date": "2024-01-01",
            "fee": np.arange(N) + 10.5,
        }
    )
    what = recognised(tmp_path, customers=firms, subscriptions=contracts)
    assert what.roles["customers"]["customer"].column == "D-U-N-S® Number"
    assert what.roles["subscriptions"]["customer"].column == "Account DUNS"


def test_an_id_that_no_other_table_has_is_not_the_customer(tmp_path):
    people = pd.DataFrame(
        {
            "userid": [f"u{i}x" for i in range(N)],
            "borrowernumber": range(51, 51 + N),
            "age": np.arange(N) % 60,
        }
    )
    loans = pd.DataFrame(
        {"borrowernumber": np.arange(51, 51 + N), "datetime": "2024-01-01 10:00:00", "type": "issue"}
    )
    what = recognised(tmp_path, customers=people, events=loans)
    assert [what.roles[k]["customer"].column for k in ("customers", "events")] == ["borrowernumber"] * 2


# Odd entries


@pytest.mark.parametrize(
    ("name", "usual", "odd", "role"),
    [
        ("YOB", [1966, 1983, 1951], 9999, "birth_year"),
        ("birth_year", [1987, 1990, 1972], 0, "birth_year"),
        ("sex", ["F", "M"], "O", "gender"),
        ("Number of children", [0, 1, 2], 99, "children"),
    ],
)
def test_a_code_in_few_rows_takes_no_role_away(tmp_path, name, usual, odd, role):
    values = [odd if i % 25 == 0 else usual[i % len(usual)] for i in range(N)]
    assert (
        columns_of(recognised(tmp_path, customers=members().assign(**{name: values})), "customers")[role]
        == name
    )


def test_a_word_among_numbers_and_nothing_of_a_database_are_missing(tmp_path):
    table = members().assign(
        units=[str(100 + i) if i % 40 else "NR" for i in range(N)],
        dob=[f"{1950 + i % 50}0{i % 9 + 1}15" if i % 9 else r"\N" for i in range(N)],
    )
    drawn = drafted(tmp_path, customers=table)
    assert drawn.what.tables["customers"].columns["units"].holds == "number"
    assert columns_of(drawn.what, "customers")["birth_date"] == "dob"
    assert drawn.problems == ()
    assert all(text in drawn.text for text in ("NR", r"\N"))


def test_yes_and_no_may_end_with_a_point(tmp_path):
    drawn = drafted(
        tmp_path, customers=members().assign(**{"Churn?": np.where(np.arange(N) % 7, "False.", "True.")})
    )
    assert drawn.problems == ()
    assert 'risk: "Churn?"' in drawn.text


def test_titles_may_fill_two_cells(tmp_path):
    lines = members().assign(region="N", tariff="T1", debt=0.5).to_csv(index=False)
    (tmp_path / "a.csv").write_text(f"Consumption register,Year 2024\nShort Code:,512300\n\n{lines}")
    drawn = draft.draft("a", {"customers": str(tmp_path / "a.csv")}, tmp_path)
    assert drawn.what.tables["customers"].rows == N
    assert drawn.what.roles["customers"]["customer"].column == "member_id"


def test_the_head_of_a_name_says_where(tmp_path):
    table = members().assign(
        **{"Billing State": np.resize(["NSW", "VIC"], N), "Delivery Suburb": np.resize(["a", "b"], N)}
    )
    places = recognised(tmp_path, customers=table).places
    assert {places[c].basis for c in ("Billing State", "Delivery Suburb")} == {"geographic"}


def test_numbers_that_can_be_read_in_two_ways_are_no_answers(tmp_path):
    table = members().assign(ratio=[f"{1 + i % 9}.{335 + i % 400}" for i in range(N)])
    place = recognised(tmp_path, customers=table).places["ratio"]
    assert not place.basis and "can be read in two ways" in place.reason


def test_segments_rank_by_nothing_that_was_not_named(tmp_path):
    drawn = drafted(tmp_path, customers=members().assign(satisfaction=np.arange(N) % 5 + 1))
    assert "\ntarget:" not in drawn.text
    assert "no value of a customer is known" in drawn.text


def test_two_answers_that_mean_no_and_yes_are_told_as_such(tmp_path):
    table = members().assign(
        Attrition_Flag=np.resize(["Existing Customer", "Attrited Customer"], N),
        NumOfProducts=np.arange(N) % 4,
    )
    text = drafted(tmp_path, customers=table).text
    assert "NumOfProducts: Number of products" in text
    values = pd.Series([0.0, 1.0])
    described = given.described(
        "Attrition_Flag", values, "behavioural", {"Existing Customer": 0, "Attrited Customer": 1}, "customers"
    )
    assert described.level == "binary"


# Who, when, and what is no sale


def test_where_never_leaves_out_what_most_rows_say(rng, tmp_path):
    table = orders(rng).assign(Type=np.where(np.arange(N) % 6, "TOPUP", "CARD_PAYMENT"), Fee=0.1)
    what = recognised(tmp_path, transactions=table)
    assert not [one for one in what.no_sales if "TOPUP" in one.answers]


@pytest.mark.parametrize(
    "answer", ["İptal Edildi", "İade", "Devolución con reembolso", "Annullerad", "Storniert", "Estornado"]
)
def test_a_status_says_in_many_languages_that_a_row_is_no_sale(rng, tmp_path, answer):
    table = orders(rng).assign(status=np.where(np.arange(N) % 8, "OK", answer))
    (found,) = recognised(tmp_path, transactions=table).no_sales
    assert found.answers == (answer,)


def test_an_address_that_comes_again_is_the_customer_and_never_the_order(rng, tmp_path):
    table = orders(rng).drop(columns="ord_no")
    table["Kontakt"] = [f"p{n}@mail.example" for n in table.pop("cust_no")]
    got = columns_of(recognised(tmp_path, transactions=table.assign(account="DE01 2345")), "transactions")
    assert got["customer"] == "Kontakt" and "order" not in got


def test_a_time_that_is_a_placeholder_in_many_rows_is_not_that_of_the_row(rng, tmp_path):
    table = orders(rng).rename(columns={"trx_dt": "ProcDate"})
    table.insert(0, "Date", np.where(np.arange(N) % 2, "1900-01-01", "2024-05-05"))
    assert columns_of(recognised(tmp_path, transactions=table), "transactions")["time"] == "ProcDate"


def test_kinds_of_other_things_are_not_asked_about_and_discounts_of_refunds_may_be_negative(rng, tmp_path):
    table = orders(rng).assign(
        **{"Contact Type": np.resize(["B2B", "B2C"], N), "Discount": np.where(np.arange(N) % 20, 1.5, -1.5)}
    )
    what = recognised(tmp_path, transactions=table)
    assert not [note for note in what.notes["transactions"] if "Contact Type" in note]
    assert columns_of(what, "transactions")["discount"] == "Discount"


# Words of further languages and systems


def test_turkish_names_are_read(rng, tmp_path):
    names = ["Müşteri No", "Sipariş Numarası", "Sipariş Tarihi", "Ürün Adı", "Adet", "Birim Fiyatı", "Tutar"]
    table = orders(rng).set_axis(names, axis=1)
    table[names[3]] = rng.choice(["Kupa mavi", "Masa lambası", "Duvar saati", "Yastık"], N)
    got = columns_of(recognised(tmp_path, transactions=table), "transactions")
    assert [got.get(r) for r in ("customer", "order", "time", "quantity", "price", "amount")] == [
        names[i] for i in (0, 1, 2, 4, 5, 6)
    ]
    assert names[3] in (got.get("product"), got.get("product_name"))


@pytest.mark.parametrize(
    "later", ["Versanddatum", "Lieferdatum", "Zahlungsdatum", "Fecha de envío", "Kargo Tarihi"]
)
def test_the_day_of_the_order_is_the_time_and_not_the_day_of_what_came_of_it(rng, tmp_path, later):
    table = orders(rng).rename(columns={"trx_dt": "Auftragsdatum"})
    table.insert(
        0, later, pd.to_datetime(table.Auftragsdatum).add(pd.Timedelta(days=2)).dt.strftime("%Y-%m-%d")
    )
    assert columns_of(recognised(tmp_path, transactions=table), "transactions")["time"] == "Auftragsdatum"


def test_money_that_was_foreseen_or_is_a_cost_is_not_the_value(rng, tmp_path):
    table = orders(rng).drop(columns="unt_prc").rename(columns={"net_amt": "Sales Amount (Actual)"})
    table.insert(0, "Sales Amount (Expected)", np.where(np.arange(N) % 10, 0.0, 9.5))
    table["Cost per Unit"] = rng.choice([2.5, 3.75, 4.1], N)
    table["Cost Amount"] = (table.qty * table["Cost per Unit"]).round(2)
    got = columns_of(recognised(tmp_path, transactions=table), "transactions")
    assert got["amount"] == "Sales Amount (Actual)"
    assert "price" not in got


def test_what_lists_products_or_leads_to_a_page_is_neither_product_nor_order(rng, tmp_path):
    table = orders(rng).drop(columns=["itm_cd", "ord_no"])
    table["Product Details"] = [f"Product ID: {i % 40}, Product Qty: {i % 7}, Price: 3" for i in range(N)]
    table["Invoice"] = [f"https://shop.example/i/{i // 3}" for i in range(N)]
    table["Transaction Type"] = rng.choice(["A", "B", "C"], N)
    got = columns_of(recognised(tmp_path, transactions=table), "transactions")
    assert not {"Product Details", "Invoice", "Transaction Type"} & set(got.values())


def test_how_often_somebody_pays_is_no_way_to_pay(tmp_path):
    table = members().assign(**{"Payment frequency": np.resize(["Weekly", "Monthly", "Upfront"], N)})
    assert "payment" not in columns_of(recognised(tmp_path, customers=table), "customers")


@pytest.mark.parametrize("name", ["Authorized Date", "authorised_at"])
def test_when_a_payment_was_authorised_is_no_consent(rng, tmp_path, name):
    table = orders(rng).assign(**{name: lambda t: t.trx_dt})
    assert "consent" not in columns_of(recognised(tmp_path, transactions=table), "transactions")


@pytest.mark.parametrize(
    ("name", "left", "others"),
    [
        ("Membership status", "Cancelled", ["Active", "On hold"]),
        ("Kundenstatus", "gekündigt", ["aktiv", "ruhend"]),
        ("account_status", "Closed", ["Open - active", "Suspended"]),
    ],
)
def test_a_status_of_several_answers_is_an_outcome_and_its_reason_leaks_it(tmp_path, name, left, others):
    status = np.resize([left, *others, *others], N)
    table = members().assign(**{name: status, "Cancellation reason": np.where(status == left, "moved", "")})
    asides = recognised(tmp_path, customers=table).asides
    assert (asides[name].kind, asides["Cancellation reason"].kind) == ("outcome", "leak")


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("Order Notes", ["ring the bell", "leave at the door"]),
        ("Obs", ["sem pressa", "presente"]),
        ("Anmerkung", ["bitte klingeln", "eilig"]),
        ("Firma", ["Muster GmbH", "Beispiel AG"]),
        ("Şirket İsmi", ["Örnek A.Ş.", "Deneme Ltd"]),
        ("Teléfono de contacto", ["612345678", "699887766"]),
        ("mobile number", ["+44 20 7946 0958", "+44 20 7946 0123"]),
    ],
)
def test_remarks_names_of_firms_and_telephone_numbers_are_never_features(tmp_path, name, entries):
    table = members().assign(**{name: np.where(np.arange(N) % 5, "", np.resize(entries, N))})
    place = recognised(tmp_path, customers=table).places[name]
    assert not place.basis and place.reason


def test_invoices_that_are_not_paid_yet_are_sales_and_orders_are_not(rng, tmp_path):
    table = orders(rng).assign(status=np.where(np.arange(N) % 10, "Paid", "Awaiting Payment"))
    assert recognised(tmp_path, transactions=table).no_sales
    assert not recognised(tmp_path, transactions=table.rename(columns={"ord_no": "InvoiceNumber"})).no_sales


@pytest.mark.parametrize(
    ("name", "entries", "describes"),
    [
        ("day", list(range(1, 32)), True),
        ("Month", ["Feb", "Mar", "May", "Nov"], True),
        ("last_contact_month", ["jan", "feb", "mar"], True),
        ("Wochentag", [1, 2, 3, 4, 5, 6, 7], True),
        ("day_of_week", ["mon", "tue", "wed"], True),
        ("days", list(range(1, 32)), False),
        ("month", [3, 14, 25, 48], False),
        ("active day", list(range(1, 32)), False),
    ],
)
def test_a_place_in_the_calendar_describes_and_never_forms(tmp_path, name, entries, describes):
    table = members().assign(
        **{"spend": np.arange(N) % 37, "calls": np.arange(N) % 11, name: np.resize(entries, N)}
    )
    text = drafted(tmp_path, customers=table).text
    assert (f"{name}: a place in the calendar" in text) == describes


# What looks alike and is not, and where the condition that is written leaves rows out


@pytest.mark.parametrize(
    "answers", [("Eat in", "Take away"), ("shipped", "delivered"), ("Completed", "Processing")]
)
@pytest.mark.parametrize("name", ["type", "status", "kind"])
def test_habits_of_a_cafe_are_no_copies(rng, tmp_path, name, answers):
    n = 3_000
    who = rng.integers(0, 100, n)
    prices = np.linspace(2, 9, 30).round(2)
    table = pd.DataFrame(
        {
            "customer_id": who + 500,
            "order_id": np.arange(n) + 9_000,
            "date": (
                pd.Timestamp("2024-01-01") + pd.to_timedelta(np.sort(rng.integers(0, 90, n)), unit="D")
            ).strftime("%Y-%m-%d"),
            "product": [f"P{i % 30}" for i in who],
            "amount": prices[who % 30],
            name: rng.choice(answers, n),
        }
    )
    assert not recognised(tmp_path, transactions=table).no_sales


def test_two_legs_of_a_journey_at_one_fare_are_not_lines_and_totals(rng, tmp_path):
    table = orders(rng).drop_duplicates("ord_no")
    both = pd.concat([table.assign(leg_type="Outbound"), table.assign(leg_type="Return trip")])
    assert not recognised(tmp_path, transactions=both).no_sales


def test_every_kind_that_repeats_another_is_left_out(rng, tmp_path):
    lines = orders(rng).assign(doc_type="Line")
    totals = lines.groupby("ord_no", as_index=False).agg(
        {"cust_no": "first", "trx_dt": "first", "net_amt": "sum", "qty": "sum"}
    )
    table = pd.concat([lines, totals.assign(doc_type="Order"), totals.assign(doc_type="Payment")])
    (found,) = recognised(tmp_path, transactions=table).no_sales
    assert set(found.answers) == {"Order", "Payment"}


@pytest.mark.parametrize("form", ["csv", "parquet"])
@pytest.mark.parametrize("entries", [(True, False), (1.0, 0.0), ("Yes", "No"), ("1", "0")])
def test_the_condition_that_is_written_leaves_out_the_rows_that_are_counted(rng, tmp_path, form, entries):
    table = orders(rng).assign(cancelled=[entries[0] if i % 10 == 0 else entries[1] for i in range(N)])
    file = tmp_path / f"orders.{form}"
    table.to_csv(file, index=False) if form == "csv" else table.to_parquet(file)
    opened = sources.open_source(sources.connect(), "transactions", tmp_path, {"path": str(file)})
    what = recognise({"transactions": contents(opened)})
    (found,) = what.no_sales
    assert found.rows == N // 10
    terms = Terms(where=clause(what.no_sales))
    kept, _entries = rows_kept(opened, {"amount": "net_amt"}, terms)
    assert int(kept.table.count().to_pandas()) == N - N // 10


@pytest.mark.parametrize(
    "name", ["cancelled_by_customer", "cancelled_ind", "canceled_flg", "was_refunded_fully"]
)
def test_flags_with_words_beside_them_are_flags(rng, tmp_path, name):
    table = orders(rng).assign(**{name: np.where(np.arange(N) % 20, "N", "Y")})
    assert recognised(tmp_path, transactions=table).no_sales


def test_a_flag_among_other_words_is_asked_about(rng, tmp_path):
    table = orders(rng).assign(refund_policy_accepted=np.where(np.arange(N) % 20, "N", "Y"))
    what = recognised(tmp_path, transactions=table)
    assert not what.no_sales
    assert [note for note in what.notes["transactions"] if "yes in 15 rows" in note]


@pytest.mark.parametrize(
    ("name", "entries"),
    [
        ("mobile_minutes", [1200.5, 30.25, 4000.75]),
        ("mobile_data_bytes", [123456789.5, 98765432.25]),
        ("phone_usage_seconds", [1000001, 2000002, 3000003]),
        ("company_size", ["small", "medium", "large"]),
        ("company car", ["own", "pool", "none at all"]),
        ("message_preference", ["weekly", "monthly", "rarely"]),
        ("special_request", ["cot", "late arrival", "quiet room"]),
        ("visit_month", [0, 2, 5, 8]),
        ("call_day", [0, 3, 14]),
    ],
)
def test_features_with_a_word_of_something_else_stay_features(tmp_path, name, entries):
    table = members().assign(**{name: np.resize(entries, N)})
    what = recognised(tmp_path, customers=table)
    assert what.places[name].basis
    assert f"{name}: a place in the calendar" not in drafted(tmp_path, customers=table).text


@pytest.mark.parametrize(
    ("name", "answers"),
    [
        ("smoking_status", ["current", "former", "never"]),
        ("homeowner status", ["current owner", "former owner", "tenant"]),
        ("email status", ["active", "inactive", "bounced"]),
    ],
)
def test_statuses_of_something_else_are_no_outcomes(tmp_path, name, answers):
    asides = recognised(tmp_path, customers=members().assign(**{name: np.resize(answers, N)})).asides
    assert name not in asides


def test_a_product_whose_name_has_a_colon_is_one(rng, tmp_path):
    table = orders(rng).drop(columns="itm_cd")
    table["product name"] = rng.choice(
        ["Novel 3: a story, vol. 2", "Pan: large, red", "Tea: green, loose"], N
    )
    got = columns_of(recognised(tmp_path, transactions=table), "transactions")
    assert "product name" in (got.get("product"), got.get("product_name"))


@pytest.mark.parametrize("form", ["csv", "parquet"])
def test_a_guest_account_among_numbers_is_left_out_by_what_is_written(rng, tmp_path, form):
    table = orders(rng).astype({"cust_no": "float64"})
    table.loc[table.index % 3 == 0, "cust_no"] = 0.0
    file = tmp_path / f"orders.{form}"
    table.to_csv(file, index=False) if form == "csv" else table.to_parquet(file)
    opened = sources.open_source(sources.connect(), "transactions", tmp_path, {"path": str(file)})
    what = recognise({"transactions": contents(opened)})
    (found,) = what.no_sales
    kept, _entries = rows_kept(opened, {"amount": "net_amt"}, Terms(where=clause(what.no_sales)))
    assert (found.rows, int(kept.table.count().to_pandas())) == (N // 3, N - N // 3)


@pytest.mark.parametrize(
    ("column", "role"),
    [
        ("MRTL_STAT_CD", "marital_status"),
        ("HSHLD_SZ", "household"),
        ("BRTH_DT", "birth_date"),
        ("CLT_SNC_DT", "registered"),
        ("PRFLNG_CNSNT_FLG", "consent"),
        ("PRFLNG_OBJCTN_DT", "opt_out"),
        ("AUT_TRAT_DATOS", "consent"),
        ("Cons. profilaz.", "consent"),
    ],
)
def test_words_without_vowels_and_short_forms_are_read(column, role, tmp_path):
    answers = {
        "marital_status": ["SINGLE", "MARRIED"],
        "household": [1, 2, 4],
        "birth_date": ["1980-02-03", "1971-05-06"],
        "registered": ["2019-02-03", "2020-05-06"],
        "consent": ["Y", "N"],
        "opt_out": ["2024-01-05", None],
    }[role]
    table = members().assign(**{column: [answers[i % len(answers)] for i in range(N)]})
    assert columns_of(recognised(tmp_path, customers=table), "customers")[role] == column


@pytest.mark.parametrize(
    "question",
    [
        "¿Autorizas que usemos tus respuestas?",
        "Do you agree that we use your answers?",
        "Stimmen Sie zu, dass Ihre Daten",
    ],
)
@pytest.mark.parametrize(
    ("answers", "understood"),
    [(["Yes", "No"], True), (["Sí, autorizo", "No"], True), (["Ja, aber nicht alles", "Nein"], False)],
)
def test_a_question_for_consent_is_one_and_stops_where_it_is_not_understood(
    question, answers, understood, tmp_path
):
    drawn = drafted(tmp_path, customers=members().assign(**{question: [answers[i % 2] for i in range(N)]}))
    assert columns_of(drawn.what, "customers")["consent"] == question
    assert ("a run stops until they are changed" in drawn.text) is not understood


@pytest.mark.parametrize("name", ["BIRTH_DATE", "date of birth", "Geburtsdatum", "customer since"])
def test_a_day_of_the_customer_is_not_the_time_of_a_row(name, rng, tmp_path):
    table = orders(rng)
    born = pd.Timestamp("1960-03-04") + pd.to_timedelta(table.cust_no * 90, unit="D")
    table.insert(0, name, born.dt.strftime("%Y-%m-%d"))
    table = table.rename(columns={"trx_dt": "x_dttm"})
    assert columns_of(recognised(tmp_path, transactions=table), "transactions")["time"] == "x_dttm"


@pytest.mark.parametrize("tax", ["USt-Betrag", "MwSt", "VAT amount"])
def test_quantity_and_price_less_a_discount_are_the_value_of_a_row(tax, rng, tmp_path):
    table, off = orders(rng), rng.choice([0.0, 3.0, 10.0], N)
    net = (table.qty * table.unt_prc * (1 - off / 100)).round(2)
    table = table.drop(columns="net_amt").assign(
        **{"Rabatt %": off, tax: (0.19 * net).round(2), "xx netto": net}
    )
    assert columns_of(recognised(tmp_path, transactions=table), "transactions")["amount"] == "xx netto"


@pytest.mark.parametrize("endless", [(9999, 12, 31), (2999, 12, 31), (4712, 12, 31), (9999, 1, 1)])
@pytest.mark.parametrize("written", ["%d.%m.%Y", "%m/%d/%Y", "%Y-%m-%d", "%Y%m%d", "%Y/%m/%d", "%d-%m-%Y"])
def test_contracts_that_run_on_until_a_year_that_never_comes_have_an_end(rng, tmp_path, written, endless):
    """No end would be known of any, and who left neither."""
    start = pd.Timestamp("2020-01-01") + pd.to_timedelta(rng.integers(0, 1500, N), unit="D")
    end = pd.Series((start + pd.to_timedelta(rng.integers(30, 300, N), unit="D")).strftime(written))
    end[rng.random(N) < 0.6] = dt.date(*endless).strftime(written)
    contracts = pd.DataFrame({"member": np.arange(N), "begin": start.strftime(written), "contract_end": end})
    what = recognised(tmp_path, customers=members(), subscriptions=contracts)
    assert columns_of(what, "subscriptions") == {
        "customer": "member",
        "start": "begin",
        "end": "contract_end",
    }
    assert what.tables["subscriptions"].columns["contract_end"].holds == "time"


QUALTRICS = {"StartDate": "2024-05-01", "EndDate": "2024-05-02", "Progress": 100, "Finished": "True"}


@pytest.mark.parametrize(
    ("also", "tool"), [({}, False), ({"EndDate": "2024-05-02"}, False), (QUALTRICS, True)]
)
@pytest.mark.parametrize("name", ["StartDate", "Progress", "User Language"])
def test_what_other_systems_write_too_is_of_a_survey_tool_only_beside_others(rng, tmp_path, also, tool, name):
    """The start of a contract, or the progress of a course, stands in other tables too."""
    people = members().assign(**also)
    people[name] = rng.choice(
        ["2024-01-01", "2024-02-01"] if name == "StartDate" else ["20", "80"], len(people)
    )
    aside = recognised(tmp_path, customers=people).asides.get(name)
    assert (aside is not None and aside.kind == "tool") == tool
