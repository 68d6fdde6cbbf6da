"""Roles, levels and bases: of the real tables, and of tables that nothing was tuned on."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml

from seglib import sources
from seglib.errors import DataError
from seglib.recognise import contents, recognise
from seglib.recognise.answers import ordered
from seglib.recognise.levels import level

TRUTH = yaml.safe_load((Path(__file__).parent / "roles.yaml").read_text(encoding="utf-8"))
FILES = {
    "online_retail": ("transactions", "online_retail/OnlineRetail.parquet"),
    "cdnow_master": ("transactions", "cdnow/CDNOW_master.txt.gz"),
    "cdnow_sample": ("transactions", "cdnow/CDNOW_sample.txt.gz"),
    "rfm_orders": ("transactions", "rfm_orders/orders.parquet"),
    "telco_churn": ("customers", "telco_churn/telco_churn.csv.gz"),
    "customer_personality": ("customers", "customer_personality/marketing_campaign.csv.gz"),
    "mcdonalds": ("customers", "mcdonalds/mcdonalds.csv.gz"),
    "uci_wholesale": ("customers", "uci_wholesale/wholesale_customers.csv.gz"),
    "uci_bank": ("customers", "uci_bank/bank-full.csv.gz"),
    "online_shoppers": ("customers", "online_shoppers/online_shoppers_intention.csv.gz"),
    "fortune1000": ("customers", "fortune1000/fortune1000.csv.gz"),
    "hillstrom": ("customers", "hillstrom/hillstrom.csv.gz"),
}


def looked_at(folder, kind, table, **spec):
    """Write a table as a CSV file and look at it."""
    file = folder / f"{kind}.csv"
    table.to_csv(file, index=False, encoding="utf-8")
    return contents(sources.open_source(sources.connect(), kind, folder, {"path": str(file)} | spec))


def recognised(folder, **tables):
    return recognise({kind: looked_at(folder, kind, table) for kind, table in tables.items()})


def columns_of(what, kind):
    return {role: guess.column for role, guess in what.roles[kind].items()}


def cycled(n, **columns):
    """A table of n rows in which short lists of answers come round again."""
    return pd.DataFrame({name: [values[i % len(values)] for i in range(n)] if isinstance(values, list) else values(n)
                         for name, values in columns.items()})  # fmt: skip


def numbered(pattern):
    return lambda n: [pattern.format(i + 1) for i in range(n)]


def days(pattern, step=3, start="2023-01-05"):
    return lambda n: [d.strftime(pattern) for d in pd.date_range(start, periods=n, freq=f"{step}D")]


def marked(truth, kind, what):
    """Compare what was recognised with the truth: hits, cases and mistakes of roles, levels and bases."""
    roles = {guess.column: role for role, guess in what.roles[kind].items()}
    cases = {"roles": [], "levels": [], "bases": []}
    for column, wanted in truth.items():
        place = what.places.get(column)
        into = [f.basis for fs in what.derived.values() for f in fs
                if f"customers.{roles.get(column)}" in f.needs.replace(", ", " or ").split(" or ")]  # fmt: skip
        got = (roles.get(column, "-"), what.levels[kind][column].level or "-",
               into[0] if into and wanted[2] != "out" else "-" if place is None else place.basis or "out")  # fmt: skip
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


def german_shop():
    customers = cycled(
        60, **{"Kundennummer": numbered("K{:05d}"), "Anrede": ["Herr", "Frau", "Divers"], "Nachname": numbered("Meier{}"),
               "E-Mail": numbered("kunde{}@beispiel.de"), "Geburtsdatum": days("%d.%m.%Y", 97, "1951-02-03"), "PLZ": numbered("{:05d}"),
               "Ort": ["Köln", "Halle", "Ulm", "Kiel"], "Kunde seit": days("%d.%m.%Y", 11, "2020-01-02"),
               "Werbeeinwilligung": ["ja", "nein", "ja"], "Haushaltsgröße": ["1", "2", "3", "4", "5"],
               "Zufriedenheit": ["sehr zufrieden", "zufrieden", "unzufrieden", "sehr unzufrieden"], "Newsletter": ["nein", "ja"],
               "Mandant": ["1"]}
    )  # fmt: skip
    orders = cycled(
        240, **{"Bestellnummer": lambda n: [f"{'ST' if i % 12 == 11 else 'B'}{1000 + i // 2}" for i in range(n)],
                "Kunden-Nr.": lambda n: [f"K{i * 7 % 55 + 1:05d}" for i in range(n)], "Bestelldatum": days("%d.%m.%Y", 2),
                "Artikelnummer": lambda n: ["VERSAND" if i % 20 == 19 else f"{10000 + i % 50}" for i in range(n)],
                "Bezeichnung": lambda n: ["Versandkosten Inland" if i % 20 == 19 else f"Tasse Modell Nummer {i % 50}" for i in range(n)],
                "Warengruppe": ["Küche", "Bad", "Garten"], "Menge": lambda n: [str(-1 if i % 12 == 11 else 1 + i % 4) for i in range(n)],
                "Einzelpreis": lambda n: [f"{2.5 + i % 9:.2f}".replace(".", ",") for i in range(n)],
                "Gesamtpreis": lambda n: [f"{(-1 if i % 12 == 11 else 1 + i % 4) * (2.5 + i % 9):.2f}".replace(".", ",") for i in range(n)],
                "Zahlungsart": ["Rechnung", "Kreditkarte", "PayPal", "unbekannt"], "Vertriebskanal": ["Filiale", "Online"]}
    )  # fmt: skip
    truth = {
        "Kundennummer": ["customer", "nominal", "-"], "Anrede": ["gender", "nominal", "demographic"],
        "Nachname": ["-", "nominal", "out"], "E-Mail": ["-", "nominal", "out"],
        "Geburtsdatum": ["birth_date", "interval", "out"], "PLZ": ["postcode", "nominal", "out"],
        "Ort": ["city", "nominal", "geographic"], "Kunde seit": ["registered", "interval", "out"],
        "Werbeeinwilligung": ["consent", "binary", "-"], "Haushaltsgröße": ["household", "ratio", "demographic"],
        "Zufriedenheit": ["-", "ordinal", "needs"], "Newsletter": ["-", "binary", "behavioural"],
        "Mandant": ["-", "-", "out"],
    }  # fmt: skip
    bought = {
        "Bestellnummer": ["order", "nominal", "-"], "Kunden-Nr.": ["customer", "nominal", "-"], "Bestelldatum": ["time", "interval", "-"],
        "Artikelnummer": ["product", "nominal", "-"], "Bezeichnung": ["-", "nominal", "out"], "Warengruppe": ["category", "nominal", "-"],
        "Menge": ["quantity", "ratio", "-"], "Einzelpreis": ["price", "ratio", "-"], "Gesamtpreis": ["amount", "ratio", "-"],
        "Zahlungsart": ["payment", "nominal", "-"], "Vertriebskanal": ["channel", "binary", "-"],
    }  # fmt: skip
    return {"customers": customers, "transactions": orders}, {"customers": truth, "transactions": bought}


def french_bank():
    table = cycled(
        90, identifiant_client=numbered("CL-{:04d}"), sexe=["H", "F"], date_naissance=days("%d/%m/%Y", 101, "1948-03-02"),
        revenu_annuel=lambda n: [f"{18000 + 517 * i},50" for i in range(n)],
        situation_familiale=["marié", "célibataire", "divorcé", "pacsé"], csp=["cadre", "employé", "ouvrier", "retraité", "artisan"],
        nb_enfants=["0", "1", "2", "3"], code_postal=numbered("75{:03d}"), ville=["Paris", "Lyon", "Lille"],
        niveau_etudes=["bac", "licence", "master", "sans diplôme"], solde_compte=lambda n: [f"{-500 + 211 * i},25" for i in range(n)],
        encours_credit=lambda n: [f"{i * 313},00" for i in range(n)], nb_produits=["1", "2", "3", "4"], carte_credit=["oui", "non"],
        banque_en_ligne=["non", "oui", "oui"], canal_prefere=["agence", "web", "téléphone"],
        satisfaction=["très satisfait", "satisfait", "neutre", "insatisfait"], anciennete_mois=lambda n: [str(3 * i + 1) for i in range(n)],
        resilie=["non", "non", "non", "oui"], consentement=["oui", "oui", "non"], iban=numbered("FR76{:023d}"),
        date_ouverture=days("%d/%m/%Y", 20, "2001-01-31"),
    )  # fmt: skip
    truth = {
        "identifiant_client": ["customer", "nominal", "-"], "sexe": ["gender", "binary", "demographic"],
        "date_naissance": ["birth_date", "interval", "out"], "revenu_annuel": ["income", "ratio", "demographic"],
        "situation_familiale": ["marital_status", "nominal", "demographic"], "csp": ["occupation", "nominal", "demographic"],
        "nb_enfants": ["children", "ratio", "demographic"], "code_postal": ["postcode", "nominal", "out"],
        "ville": ["city", "nominal", "geographic"], "niveau_etudes": ["education", "ordinal|nominal", "demographic"],
        "solde_compte": ["-", "interval", "value"], "encours_credit": ["-", "ratio", "value|behavioural"],
        "nb_produits": ["-", "ratio", "behavioural"], "carte_credit": ["-", "binary", "behavioural"],
        "banque_en_ligne": ["-", "binary", "technographic|behavioural"], "canal_prefere": ["-", "nominal", "behavioural"],
        "satisfaction": ["-", "ordinal", "needs|psychographic"], "anciennete_mois": ["-", "ratio", "behavioural"],
        "resilie": ["-", "binary", "behavioural"], "consentement": ["consent", "binary", "-"], "iban": ["-", "nominal", "out"],
        "date_ouverture": ["registered", "interval", "out"],
    }  # fmt: skip
    return {"customers": table}, {"customers": truth}


def spanish_clinic():
    patients = cycled(
        70, id_paciente=numbered("{}"), nombre=numbered("Persona {}"), sexo=["mujer", "hombre"],
        fecha_nacimiento=days("%d/%m/%Y", 113, "1950-05-06"), provincia=["Sevilla", "Lugo", "Soria"], grupo_edad=["18-30", "31-50", "51-70", ">70"],
        diagnostico=["asma", "diabetes", "migraña", "ninguno", "artrosis"], fumador=["sí", "no", "no"],
        tipo_seguro=["público", "privado", "mutua"], gasto_anual=lambda n: [f"{40 + 13 * i}.75" for i in range(n)],
        valoracion=["1", "2", "3", "4", "5"], frecuencia_visitas=["nunca", "una vez al año", "una vez al mes"],
        acepta_rgpd=["si", "no", "si"],
    )  # fmt: skip
    visits = cycled(
        300, id_cita=numbered("{}"), paciente=lambda n: [str(i * 11 % 68 + 1) for i in range(n)], fecha=days("%d/%m/%Y %H:%M", 1),
        tipo=["consulta", "urgencia", "revisión"], canal=["web", "teléfono", "app"], duracion=lambda n: [str(300 + i % 40 * 10) for i in range(n)],
    )  # fmt: skip
    people = {
        "id_paciente": ["customer", "nominal", "-"], "nombre": ["-", "nominal", "out"], "sexo": ["gender", "binary", "demographic"],
        "fecha_nacimiento": ["birth_date", "interval", "out"], "provincia": ["region", "nominal", "geographic"],
        "grupo_edad": ["-", "ordinal", "demographic"], "diagnostico": ["-", "nominal", "needs|demographic"],
        "fumador": ["-", "binary", "behavioural|demographic"], "tipo_seguro": ["-", "nominal", "purchase_cycle|behavioural"],
        "gasto_anual": ["-", "ratio", "value"], "valoracion": ["-", "ordinal", "needs|psychographic|behavioural"],
        "frecuencia_visitas": ["-", "ordinal", "behavioural"], "acepta_rgpd": ["consent", "binary", "-"],
    }  # fmt: skip
    seen = {
        "id_cita": ["-|session", "nominal", "-"], "paciente": ["customer", "nominal", "-"], "fecha": ["time", "interval", "-"],
        "tipo": ["type", "nominal", "-"], "canal": ["channel", "nominal", "-"], "duracion": ["seconds", "ratio", "-"],
    }  # fmt: skip
    return {"customers": patients, "events": visits}, {"customers": people, "events": seen}


@pytest.mark.parametrize("made", [german_shop, french_bank, spanish_clinic])
def test_roles_levels_and_bases_are_right_in_other_languages(made, tmp_path):
    tables, truth = made()
    what = recognise({kind: looked_at(tmp_path, kind, table, decimal="," if made is not spanish_clinic else ".")
                      for kind, table in tables.items()})  # fmt: skip
    share, said = shares([marked(truth[kind], kind, what) for kind in truth])
    assert share["roles"] == 1, said
    assert share["levels"] >= 0.95, said
    assert share["bases"] >= 0.9, said


@pytest.mark.parametrize(("header", "pattern"), [
    ("klantnummer ordernummer besteldatum artikelcode aantal stukprijs korting betaalwijze", "%d-%m-%Y"),
    ("codice_cliente numero_ordine data_ordine codice_articolo quantità prezzo_unitario sconto metodo_di_pagamento", "%d/%m/%Y"),
    ("id_klienta numer_zamówienia data_zamówienia kod_produktu ilość cena_jednostkowa rabat forma_płatności", "%d.%m.%Y"),
    ("client facture date_achat référence quantité prix_unitaire remise mode_de_paiement", "%d/%m/%Y"),
    ("user_id txn_id purchased_on sku qty unit_price discount_amount tender", "%Y-%m-%d"),
])  # fmt: skip
def test_transactions_are_recognised_in_other_languages(header, pattern, tmp_path):
    wanted = ("customer", "order", "time", "product", "quantity", "price", "discount", "payment")
    values = (lambda n: [f"{i % 40 + 100}" for i in range(n)], lambda n: [f"{5000 + i // 2}" for i in range(n)], days(pattern),
              lambda n: [f"A{i % 30}x" for i in range(n)], ["1", "2", "3", "5"], ["2.50", "9.99", "4.25"], ["0", "0", "0.5"],
              ["card", "cash"])  # fmt: skip
    table = cycled(200, **dict(zip(header.split(), values, strict=True)))
    got = columns_of(recognised(tmp_path, transactions=table), "transactions")
    assert got == dict(zip(wanted, header.split(), strict=True))


# Content against name


def test_the_id_of_transactions_is_what_is_found_among_the_customers(tmp_path):
    """A column called `id` that numbers the rows is no customer; a column `ref` whose values are ids is."""
    people = cycled(50, ref=numbered("P{}x"), age=["30", "40", "50"])
    bought = cycled(200, id=numbered("{}"), who=lambda n: [f"P{i * 3 % 45 + 1}x" for i in range(n)], day=days("%Y-%m-%d"),
                    total=["9.50", "3.25", "7.75"])  # fmt: skip
    what = recognised(tmp_path, customers=people, transactions=bought)
    assert columns_of(what, "customers") == {"customer": "ref"}
    assert columns_of(what, "transactions")["customer"] == "who"


@pytest.mark.parametrize(("column", "values", "role"), [
    ("zip_code", ["Rural", "Urban", "Surburban"], "urban"),
    ("revenue", ["TRUE", "FALSE"], None),
    ("birth_year", ["3", "17", "40"], None),
    ("gender", ["blue", "red", "green"], None),
    ("latitude", ["120.5", "95.25", "101.75"], None),
    ("consent", ["12", "15", "99"], None),
    ("device", ["Yes", "No"], None),
    ("f7", ["male", "female"], "gender"),
])  # fmt: skip
def test_a_name_says_nothing_where_the_content_contradicts(column, values, role, tmp_path):
    table = cycled(60, **{"customer_id": numbered("{}"), column: values})
    got = {c: r for r, c in columns_of(recognised(tmp_path, customers=table), "customers").items()}
    assert got.get(column) == role


def test_amount_price_and_quantity_are_told_by_arithmetic(tmp_path):
    table = cycled(80, customer=lambda n: [str(i % 9) for i in range(n)], date=days("%Y-%m-%d"), a=["2", "3", "4", "5", "7"],
                   b=["1.25", "2.50", "9.75"], c=lambda n: [f"{[2, 3, 4, 5, 7][i % 5] * [1.25, 2.5, 9.75][i % 3]:.2f}" for i in range(n)])  # fmt: skip
    got = columns_of(recognised(tmp_path, transactions=table), "transactions")
    assert (got["quantity"], got["price"], got["amount"]) == ("a", "b", "c")


@pytest.mark.parametrize(("kind", "table", "message"), [
    ("transactions", {"colour": ["red", "blue"], "date": ["2024-01-01", "2024-01-02"], "total": ["1.5", "2.5"]},
     "transactions: no column can be the customer"),
    ("transactions", {"customer_id": ["a", "b", "a"], "date": ["soon", "later", "never"], "total": ["1.5", "2.5", "3.5"]},
     "transactions: no column can be the time"),
    ("responses", {"customer_id": ["a", "b", "a"], "score": ["1", "2", "3"]}, "responses: no column can be the item"),
])  # fmt: skip
def test_a_table_without_a_required_role_is_refused_with_one_line(kind, table, message, tmp_path):
    made = cycled(30, **table)
    with pytest.raises(DataError, match=message) as caught:
        recognise({kind: looked_at(tmp_path, kind, made)})
    assert "\n" not in str(caught.value)


# Times


@pytest.mark.parametrize(("texts", "dates", "either"), [
    (["2024-03-01", "2024-12-31"], None, None),
    (["2024-03-01 10:15", "2024-12-31 23:59"], None, None),
    (["31/12/2023", "01/02/2024"], "%d/%m/%Y", None),
    (["12/31/2023", "01/02/2024"], "%m/%d/%Y", None),
    (["05/06/2024", "01/02/2024"], "%d/%m/%Y", "%m/%d/%Y"),
    (["19970101", "19971231"], "%Y%m%d", None),
    (["31.12.2023 09:05", "01.02.2024 17:30"], "%d.%m.%Y %H:%M", None),
    (["03-Mar-24", "15-Apr-24"], "%d-%b-%y", None),
])  # fmt: skip
def test_times_are_read_as_written(texts, dates, either, tmp_path):
    table = cycled(40, customer=["1", "2", "3"], when=texts)
    got = looked_at(tmp_path, "transactions", table).columns["when"]
    assert (got.holds, got.dates, got.either) == ("time", dates, either)


def test_the_one_day_above_12_decides_though_the_sample_misses_it(tmp_path, monkeypatch):
    monkeypatch.setattr("seglib.recognise.columns.SAMPLE", 50)
    table = cycled(400, customer=["1", "2", "3"], when=["05/06/2024"])
    table.loc[7, "when"] = "06/25/2024"
    got = looked_at(tmp_path, "transactions", table).columns["when"]
    assert (got.dates, got.either) == ("%m/%d/%Y", None)


def test_whole_numbers_that_are_no_dates_stay_numbers(tmp_path):
    table = cycled(40, customer=["1", "2"], code=["19971399", "20240101"])
    assert looked_at(tmp_path, "transactions", table).columns["code"].holds == "number"


# Levels


@pytest.mark.parametrize(("answers", "numbers"), [
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
])  # fmt: skip
def test_ordered_answers_are_numbered_in_their_order(answers, numbers):
    assert ordered(answers) == numbers


@pytest.mark.parametrize(("name", "values", "wanted"), [
    ("region", ["1", "2", "3"], "nominal"), ("visits", ["1", "2", "3"], "ratio"), ("satisfaction", ["1", "2", "3", "5"], "ordinal"),
    ("profit", ["-3.5", "2.5", "9.5"], "interval"), ("active", ["0", "1"], "binary"), ("group", ["1", "2"], "binary"),
    ("year", ["1999", "2004", "2010"], "interval"), ("colour", ["red", "blue", "green"], "nominal"), ("same", ["1"], ""),
])  # fmt: skip
def test_levels_follow_from_name_and_content(name, values, wanted, tmp_path):
    table = cycled(40, **{"customer_id": numbered("{}"), name: values})
    assert level(looked_at(tmp_path, "customers", table).columns[name]).level == wanted


# Habits


def test_cancellations_and_fees_are_found(tmp_path):
    tables, _ = german_shop()
    what = recognise({k: looked_at(tmp_path, k, t, decimal=",") for k, t in tables.items()})
    assert (what.cancelled_prefix, what.not_products) == ("ST", ["VERSAND"])


def test_a_prefix_of_ordinary_orders_is_no_cancellation(tmp_path):
    table = cycled(100, customer=["1", "2", "3"], date=days("%Y-%m-%d"), amount=["5.5", "6.5", "7.5", "8.5"],
                   order=lambda n: [f"{'W' if i % 5 == 0 else ''}{i}" for i in range(n)])  # fmt: skip
    what = recognised(tmp_path, transactions=table)
    assert columns_of(what, "transactions")["order"] == "order"
    assert what.cancelled_prefix is None


def test_texts_for_missing_are_found_and_countries_called_na_stay(tmp_path):
    table = cycled(60, customer_id=numbered("{}"), income=["100.5", "200.5", "n/a"], job=["clerk", "unknown", "nurse"],
                   country=["NA", "DE", "FR", "ES", "PL", "IT"])  # fmt: skip
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
