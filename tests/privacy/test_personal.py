"""Every planted identifier is found, by name and by content; numbers of trade are not."""

from __future__ import annotations

import random

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st
from personal_values import NAMES, PLANTED, leaks, plant
from stdnum import luhn
from stdnum.iso7064 import mod_97_10

from seglib.collect.features.given import given_column, usable
from seglib.collect.sources import connect
from seglib.errors import DataError
from seglib.privacy import personal
from seglib.privacy.personal.column_names import called
from seglib.privacy.personal.identifiers import CARD, EMAIL, IBAN, NAME, NATIONAL_ID, PHONE, card_number
from seglib.privacy.personal.names import share_of_names

EACH = [(kind, text) for kind, texts in PLANTED.items() for text in texts]


def kinds(column: pd.Series) -> set[str]:
    found = personal.found_in(column)
    return set(found.kind[found.by == "content"])


@pytest.mark.parametrize(("kind", "text"), EACH)
def test_a_planted_value_is_found_when_it_stands_alone_or_in_text(kind, text):
    rest = ["none", "n/a", "see above"] * 20
    assert kind in kinds(pd.Series([*rest, text]))
    assert kind in kinds(pd.Series([*rest, f"Please note: {text}, thanks."]))
    assert kind in personal.scan_text(f"<p>{text}</p>")


def test_names_are_found_when_nearly_all_entries_are_names():
    assert kinds(pd.Series(NAMES * 5)) == {NAME}
    assert kinds(pd.Series([name.upper() for name in NAMES])) == {NAME}
    assert kinds(pd.Series(["Weiss, Anna", "Lund, Peter", "Graf, Otto", "Ek, Ines", "Conti, Paolo"])) == {
        NAME
    }
    assert kinds(pd.Series(["Anna", "Peter", "Zoë", "Otto", "Ines", "Bo"])) == {NAME}


def test_names_are_not_seen_in_goods_places_and_firms():
    goods = ["Blue Sofa", "Garden Lamp", "Tea Light Holder", "Wooden Heart Frame", "Jumbo Bag", "Cake Stand"]
    places = ["Bentonville, AR", "Omaha, NE", "San Jose, CA", "St. Paul, MN", "Charlotte, NC", "Austin, TX"]
    firms = ["General Motors", "Charles Schwab", "Wells Fargo", "Walmart", "Ford", "John Deere Inc", "Exxon"]
    for entries in (goods, places, firms, ["north", "east", "south", "west", "capital"]):
        assert share_of_names(entries) == 0


HARD = {
    "dates": ["2024-01-01", "01.02.2024", "31/12/2023", "2024-01-01 12:30:00", "20240101", "1.2.24"],
    "times": ["12:30", "2024-01-01T12:30:00+00:00", "1700000000", "1700000000000", "20231205123045"],
    "amounts": ["1,234,567.89", "123 456 789", "0.12345678", "£1 234 567", "1.234.567,89", "12 345 678"],
    "orders": ["536365", "C536379", "85123A", "00012345", "0000123456", "SO-2024-000123", "ORD 2024 0012"],
    "codes": ["978-3-16-148410-0", "1.2.3.4", "10.0.19045.1", "8d3f-4021-9210", "4006381333931", "AB12345"],
    "ticks": ["0 10 20 30 40 50", "01 02 03 04", "M 12 24 L 36 48", "[1 2 3 4 5 6 7 8 9]", "0.1 0.2 0.3"],
    "words": ["@media print", "a@b", "user at example", "=HYPERLINK", "12 Pencils", "3 Tier Cake Stand"],
}


@pytest.mark.parametrize("name", HARD)
def test_numbers_of_trade_are_not_flagged(name):
    column = pd.Series(HARD[name] * 5)
    assert kinds(column) == set()
    for text in HARD[name]:
        assert personal.scan_text(text) == {}, text


@pytest.mark.parametrize("length", range(5, 20))
def test_random_and_running_numbers_are_not_flagged(length):
    draw = random.Random(length)
    drawn = pd.Series([str(draw.randrange(10 ** (length - 1), 10**length)) for _ in range(400)])
    running = pd.Series([str(2 * 10 ** (length - 1) + i) for i in range(400)])
    for column in (drawn, running, drawn.str.zfill(20), "0" + drawn, "INV-" + drawn):
        assert kinds(column) == set()


def specimens(kind: str, n: int, seed: int = 0) -> list[str]:
    draw = random.Random(seed)

    def card() -> str:
        start = draw.choice(["4", "51", "55", "2221", "34", "37", "6011"])
        body = start + "".join(
            str(draw.randrange(10)) for _ in range((14 if start in ("34", "37") else 15) - len(start))
        )
        number = body + luhn.calc_check_digit(body)
        return draw.choice(
            [number, "-".join(number[i : i + 4] for i in range(0, 16, 4)) if len(number) == 16 else number]
        )

    def bank() -> str:
        body = "".join(str(draw.randrange(10)) for _ in range(18))
        number = "DE" + mod_97_10.calc_check_digits(body + "DE") + body
        return number if draw.random() < 0.5 else " ".join(number[i : i + 4] for i in range(0, 22, 4))

    def nine() -> str:  # Dutch citizen service number: the eleven test
        while True:
            digits = [draw.randrange(1, 10), *(draw.randrange(10) for _ in range(7))]
            last = sum(d * w for d, w in zip(digits, range(9, 1, -1), strict=True)) % 11
            if last < 10:
                return "".join(map(str, [*digits, last]))

    def phone() -> str:
        number = f"{draw.randrange(10**5, 10**6)}"
        return draw.choice(
            [
                f"+44 7512 {number}",
                f"07512 {number}",
                f"+49 151 23{number}",
                f"06 12 {number[:2]} {number[2:4]} {number[4:]}",
                f"(212) 555-{number[:4]}",
                f"+447512{number}",
            ]
        )

    make = {
        CARD: card,
        IBAN: bank,
        NATIONAL_ID: nine,
        PHONE: phone,
        EMAIL: lambda: (
            f"u{draw.randrange(10**6)}@mail{draw.randrange(9)}.example.{draw.choice(['com', 'de', 'co.uk'])}"
        ),
    }
    return [make[kind]() for _ in range(n)]


@pytest.mark.parametrize("kind", [CARD, IBAN, NATIONAL_ID, PHONE, EMAIL])
def test_generated_identifiers_are_all_found(kind):
    made = specimens(kind, 300)
    found = personal.found_in(pd.Series(made))
    shares = found[found.by == "content"].set_index("kind").share
    assert shares[kind] == 1


def test_numbers_of_phones_and_cards_are_found_when_read_as_numbers():
    cards = pd.Series([4111111111111111, 5555555555554444, 2223003122003222] * 4)
    assert kinds(cards) == {CARD}
    assert kinds(cards.astype("float64")) == {CARD}
    draw = random.Random(0)
    phones = [f"447512{draw.randrange(10**5, 10**6)}" for _ in range(50)] + [
        f"4915123{draw.randrange(10**5, 10**6)}" for _ in range(50)
    ]
    assert kinds(pd.Series(phones).astype("int64")) == {PHONE}
    assert (
        kinds(pd.Series([f"212555{i:04d}" for i in range(400)]).astype("int64")) == set()
    )  # a running number


def test_one_value_among_many_thousand_is_found():
    rows = [f"free words {i}" for i in range(50_000)]
    rows[40_123] += " call +44 20 7946 0958"
    rows[30_321] += " or anna@example.com"
    assert kinds(pd.Series(rows)) == {PHONE, EMAIL}


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("e-mail", "e-mail address"),
        ("EMAIL_ADDRESS", "e-mail address"),
        ("eMail", "e-mail address"),
        ("courriel", "e-mail address"),
        ("correo electrónico", "e-mail address"),
        ("Telefon", "phone number"),
        ("phone_number", "phone number"),
        ("Téléphone 2", "phone number"),
        ("telefoonnummer", "phone number"),
        ("Handy-Nr.", "phone number"),
        ("homePhone", "phone number"),
        ("surname", "personal name"),
        ("customer_name", "personal name"),
        ("Vorname", "personal name"),
        ("prénom", "personal name"),
        ("achternaam", "personal name"),
        ("apellidos", "personal name"),
        ("iban", "IBAN"),
        ("Kontonummer", "IBAN"),
        ("ssn", "national id"),
        ("Steuer-ID", "national id"),
        ("número de DNI", "national id"),
        ("codice_fiscale", "national id"),
        ("address", "street address"),
        ("Straße", "street address"),
        ("billing_address_1", "street address"),
        ("Anschrift", "street address"),
        ("ip", "street address"),
        ("dob", "date of birth"),
        ("Geburtsdatum", "date of birth"),
        ("date_de_naissance", "date of birth"),
        ("credit_card_number", "payment card number"),
        ("product name", None),
        ("PhoneService", None),
        ("campaign", None),
        ("email_opens", None),
        ("address_changes", None),
        ("company", None),
        ("city", None),
        ("birth_year", None),
        ("customer_id", None),
        ("time", None),
        ("mens", None),
        ("contact", None),
    ],
)
def test_column_names_are_read_in_several_languages(name, kind):
    assert called(name) == kind


def test_a_name_alone_counts_unless_the_column_holds_a_few_answers():
    found = personal.find(
        pd.DataFrame({"mobile": ["yes", "no"] * 50, "surname": [f"x{i}" for i in range(100)]})
    )
    assert found.to_dict("records") == [{"column": "surname", "kind": NAME, "by": "name", "share": 0.0}]


def test_find_never_holds_an_entry_and_never_changes_its_input():
    people = plant(pd.DataFrame({"id": range(200)}))
    before = people.copy()
    found = personal.find(people)
    pd.testing.assert_frame_equal(people, before)
    assert set(found.column) == set(people.columns) - {"id"}
    assert leaks({"found": found.to_csv()}) == []
    assert found.share.between(0, 1).all()


def test_find_draws_from_an_engine_and_finds_the_same_kinds():
    people = plant(pd.DataFrame({"id": range(3000)}))
    table = connect().create_table("people", people)
    got, want = personal.find(table, most=100), personal.find(people)
    assert set(zip(got.column, got.kind, strict=True)) >= set(zip(want.column, want.kind, strict=True))
    pd.testing.assert_frame_equal(personal.find(table), personal.find(table))


@pytest.mark.parametrize(
    "column",
    [
        pd.Series([], dtype="object"),
        pd.Series([None, None]),
        pd.Series([True, False]),
        pd.Series([1.5, np.inf]),
        pd.Series(pd.to_datetime(["2024-01-01"])),
        pd.Series(["a"], dtype="category"),
        pd.Series([b"x", 3, None, "y"]),
        pd.Series([1, None], dtype="Int64"),
    ],
)
def test_columns_of_every_type_are_read(column):
    assert personal.found_in(column.rename("x")).empty


@given(st.text(max_size=80))
def test_scan_text_and_find_take_any_text(text):
    assert set(personal.scan_text(text)) <= set(PLANTED)
    assert set(personal.found_in(pd.Series([text], name="x")).columns) == {"column", "kind", "by", "share"}


@given(st.integers(0, 10**15 - 1))
def test_one_wrong_digit_is_no_card(body):
    number = "4" + str(body).zfill(15)[:14]
    number += luhn.calc_check_digit(number)
    wrong = number[:7] + str((int(number[7]) + 1) % 10) + number[8:]
    assert card_number(number)
    assert not card_number(wrong)


@pytest.mark.parametrize(
    ("kind", "said"),
    [
        (EMAIL, "e-mail addresses"),
        (PHONE, "phone numbers"),
        (CARD, "payment card numbers"),
        (IBAN, "IBANs"),
    ],
)
def test_a_given_column_of_identifiers_is_refused_without_its_content(kind, said):
    made = specimens(kind, 50)
    with pytest.raises(
        DataError,
        match=f"column 'x' holds {said}, which identify persons; remove it from bases.needs, or "
        "list it in privacy.allow if it is something else",
    ) as caught:
        given_column(pd.Series(made, name="x"), "bases.needs")
    assert leaks({"message": str(caught.value)}, made) == []


def test_a_column_is_refused_by_its_name_and_let_in_by_allow():
    column = pd.Series(["a", "b", "c", "d"] * 3, name="surname")
    with pytest.raises(
        DataError, match="column 'surname' is called like personal names, which identify persons"
    ):
        usable(pd.Series(["a", "b", "c"], name="surname"), "bases.needs")
    usable(column, "bases.needs", allow=["surname"])


def test_real_tables_raise_no_alarm_but_for_personal_columns(reference):
    tables = {
        "orders": pd.read_parquet(reference / "rfm_orders" / "orders.parquet"),
        "retail": pd.read_parquet(reference / "online_retail" / "OnlineRetail.parquet"),
        "telco": pd.read_csv(reference / "telco_churn" / "telco_churn.csv.gz"),
        "bank": pd.read_csv(reference / "uci_bank" / "bank-full.csv.gz", sep=";"),
        "firms": pd.read_csv(reference / "fortune1000" / "fortune1000.csv.gz"),
        "people": pd.read_csv(reference / "customer_personality" / "marketing_campaign.csv.gz", sep=";"),
        "mails": pd.read_csv(reference / "hillstrom" / "hillstrom.csv.gz"),
        "survey": pd.read_csv(reference / "mcdonalds" / "mcdonalds.csv.gz"),
        "sessions": pd.read_csv(reference / "online_shoppers" / "online_shoppers_intention.csv.gz"),
        "trade": pd.read_csv(reference / "uci_wholesale" / "wholesale_customers.csv.gz"),
        "beans": pd.read_csv(reference / "soybean" / "soybean.csv.gz", header=None),
        "discs": pd.read_csv(reference / "cdnow" / "CDNOW_master.txt.gz", sep=r"\s+"),
        "sample": pd.read_csv(
            reference / "cdnow" / "CDNOW_sample.txt.gz", sep=r"\s+", header=None, dtype=str
        ),
        "cheating": pd.read_parquet(reference / "polca" / "cheating.parquet"),
        "values": pd.read_parquet(reference / "polca" / "values.parquet"),
    }
    found = {(name, c, k) for name, t in tables.items() for _, c, k, _b, _s in personal.find(t).itertuples()}
    assert found == {
        ("orders", "customer_id", NAME),
        ("orders", "first_name", NAME),
        ("orders", "last_name", NAME),
        ("orders", "email", EMAIL),
    }


def test_the_demo_raises_no_alarm_but_for_its_mail_column(shop_tables):
    found = {
        (name, c, k) for name, t in shop_tables.items() for _, c, k, _b, _s in personal.find(t).itertuples()
    }
    assert found == {("customers", "email", EMAIL)}


@pytest.mark.parametrize(
    "name", ["first_name", "customers.last_name", "Billing Surname", "Vorname", "prenom"]
)
def test_names_of_persons_are_personal_though_they_repeat(name):
    few = pd.Series(["Quill", "Ember", "Sorrel", "Juno"] * 100, name=name)
    assert personal.find(few.to_frame()).kind.tolist() == ["personal name"]
    assert personal.find(pd.Series(["yes", "no"] * 100, name=name).to_frame()).empty


@pytest.mark.parametrize("name", ["product name", "name of plan", "Store Name", "order name"])
def test_names_of_other_things_are_not(name):
    assert personal.find(pd.Series(["Mug", "Cup", "Pot"] * 100, name=name).to_frame()).empty


@pytest.mark.parametrize(
    "names",
    [
        ("Nome", "Apelido"),
        ("Nom", "Prénom"),
        ("FRST_NM", "LST_NM"),
        ("FIRST", "LAST"),
        ("PayPal Payer First Name", "PayPal Payer Last Name"),
        ("Name", "Vorname"),
        ("fornamn", "efternamn"),
    ],
)
def test_names_that_repeat_are_names_in_a_list_of_persons(names):
    given, family = (
        np.array(words)[np.arange(200) % len(words)] for words in (["Wren", "Isolde", "Tam"], list("PQRS"))
    )
    table = pd.DataFrame({names[0]: given, names[1]: family})
    found = personal.find(table)
    assert set(found.column) == set(names)
    assert set(found.kind) == {NAME}


@pytest.mark.parametrize("column", ["Nome", "name", "last"])
def test_few_answers_called_a_name_are_no_persons_elsewhere(column):
    table = pd.DataFrame({column: ["basic", "plus", "pro"] * 40, "price": range(120)})
    assert personal.find(table).empty


def test_numbers_are_no_names():
    assert personal.find(pd.DataFrame({"last": range(200), "first": range(200)})).empty


@pytest.mark.parametrize(
    "name", ["Billing Street 2", "Apt, suite, floor etc.", "Address line 2", "Adresszusatz"]
)
def test_what_follows_a_street_is_an_address_however_few_answers_there_are(name):
    found = personal.find(pd.DataFrame({name: ["Apt 3", "Apt 4", "Unit B", None] * 30}))
    assert set(found.kind) == {"street address"}


@pytest.mark.parametrize(
    "name", ["Teléfono de contacto (opcional)", "Telefon (freiwillig)", "Your phone (optional)"]
)
def test_a_telephone_that_need_not_be_given_is_one(name):
    assert called(name) == PHONE
