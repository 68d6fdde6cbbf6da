"""Real tables with their true roles, and made ones in other languages."""

from __future__ import annotations

import pandas as pd
import yaml
from projects import ROOT

TRUTH = yaml.safe_load((ROOT / "tests" / "roles.yaml").read_text(encoding="utf-8"))

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


def cycled(n, **columns):
    """A table of n rows in which short lists of answers come round again."""
    return pd.DataFrame(
        {
            name: [values[i % len(values)] for i in range(n)] if isinstance(values, list) else values(n)
            for name, values in columns.items()
        }
    )


def numbered(pattern):
    return lambda n: [pattern.format(i + 1) for i in range(n)]


def days(pattern, step=3, start="2023-01-05"):
    return lambda n: [d.strftime(pattern) for d in pd.date_range(start, periods=n, freq=f"{step}D")]


def german_shop():
    customers = cycled(
        60,
        **{
            "Kundennummer": numbered("K{:05d}"),
            "Anrede": ["Herr", "Frau", "Divers"],
            "Nachname": numbered("Meier{}"),
            "E-Mail": numbered("kunde{}@beispiel.de"),
            "Geburtsdatum": days("%d.%m.%Y", 97, "1951-02-03"),
            "PLZ": numbered("{:05d}"),
            "Ort": ["Köln", "Halle", "Ulm", "Kiel"],
            "Kunde seit": days("%d.%m.%Y", 11, "2020-01-02"),
            "Werbeeinwilligung": ["ja", "nein", "ja"],
            "Haushaltsgröße": ["1", "2", "3", "4", "5"],
            "Zufriedenheit": ["sehr zufrieden", "zufrieden", "unzufrieden", "sehr unzufrieden"],
            "Newsletter": ["nein", "ja"],
            "Mandant": ["1"],
        },
    )
    orders = cycled(
        240,
        **{
            "Bestellnummer": lambda n: [f"{'ST' if i % 12 == 11 else 'B'}{1000 + i // 2}" for i in range(n)],
            "Kunden-Nr.": lambda n: [f"K{i * 7 % 55 + 1:05d}" for i in range(n)],
            "Bestelldatum": days("%d.%m.%Y", 2),
            "Artikelnummer": lambda n: ["VERSAND" if i % 20 == 19 else f"{10000 + i % 50}" for i in range(n)],
            "Bezeichnung": lambda n: [
                "Versandkosten Inland" if i % 20 == 19 else f"Tasse Modell Nummer {i % 50}" for i in range(n)
            ],
            "Warengruppe": ["Küche", "Bad", "Garten"],
            "Menge": lambda n: [str(-1 if i % 12 == 11 else 1 + i % 4) for i in range(n)],
            "Einzelpreis": lambda n: [f"{2.5 + i % 9:.2f}".replace(".", ",") for i in range(n)],
            "Gesamtpreis": lambda n: [
                f"{(-1 if i % 12 == 11 else 1 + i % 4) * (2.5 + i % 9):.2f}".replace(".", ",")
                for i in range(n)
            ],
            "Zahlungsart": ["Rechnung", "Kreditkarte", "PayPal", "unbekannt"],
            "Vertriebskanal": ["Filiale", "Online"],
        },
    )
    truth = {
        "Kundennummer": ["customer", "nominal", "-"],
        "Anrede": ["gender", "nominal", "demographic"],
        "Nachname": ["-", "nominal", "out"],
        "E-Mail": ["-", "nominal", "out"],
        "Geburtsdatum": ["birth_date", "interval", "out"],
        "PLZ": ["postcode", "nominal", "out"],
        "Ort": ["city", "nominal", "geographic"],
        "Kunde seit": ["registered", "interval", "out"],
        "Werbeeinwilligung": ["consent", "binary", "-"],
        "Haushaltsgröße": ["household", "ratio", "demographic"],
        "Zufriedenheit": ["-", "ordinal", "needs"],
        "Newsletter": ["-", "binary", "behavioural"],
        "Mandant": ["-", "-", "out"],
    }
    bought = {
        "Bestellnummer": ["order", "nominal", "-"],
        "Kunden-Nr.": ["customer", "nominal", "-"],
        "Bestelldatum": ["time", "interval", "-"],
        "Artikelnummer": ["product", "nominal", "-"],
        "Bezeichnung": ["product_name", "nominal", "-"],
        "Warengruppe": ["category", "nominal", "-"],
        "Menge": ["quantity", "ratio", "-"],
        "Einzelpreis": ["price", "ratio", "-"],
        "Gesamtpreis": ["amount", "ratio", "-"],
        "Zahlungsart": ["payment", "nominal", "-"],
        "Vertriebskanal": ["channel", "binary", "-"],
    }
    return {"customers": customers, "transactions": orders}, {"customers": truth, "transactions": bought}


def french_bank():
    table = cycled(
        90,
        identifiant_client=numbered("CL-{:04d}"),
        sexe=["H", "F"],
        date_naissance=days("%d/%m/%Y", 101, "1948-03-02"),
        revenu_annuel=lambda n: [f"{18000 + 517 * i},50" for i in range(n)],
        situation_familiale=["marié", "célibataire", "divorcé", "pacsé"],
        csp=["cadre", "employé", "ouvrier", "retraité", "artisan"],
        nb_enfants=["0", "1", "2", "3"],
        code_postal=numbered("75{:03d}"),
        ville=["Paris", "Lyon", "Lille"],
        niveau_etudes=["bac", "licence", "master", "sans diplôme"],
        solde_compte=lambda n: [f"{-500 + 211 * i},25" for i in range(n)],
        encours_credit=lambda n: [f"{i * i * 313 % 9973},00" for i in range(n)],
        nb_produits=["1", "2", "3", "4", "2"],
        carte_credit=["oui", "non"],
        banque_en_ligne=["non", "oui", "oui"],
        canal_prefere=["agence", "web", "téléphone"],
        satisfaction=["très satisfait", "satisfait", "neutre", "insatisfait"],
        anciennete_mois=lambda n: [str(i * 37 % 101 + 1) for i in range(n)],
        resilie=["non", "non", "non", "oui"],
        consentement=["oui", "oui", "non"],
        iban=numbered("FR76{:023d}"),
        date_ouverture=days("%d/%m/%Y", 20, "2001-01-31"),
    )
    truth = {
        "identifiant_client": ["customer", "nominal", "-"],
        "sexe": ["gender", "binary", "demographic"],
        "date_naissance": ["birth_date", "interval", "out"],
        "revenu_annuel": ["income", "ratio", "demographic"],
        "situation_familiale": ["marital_status", "nominal", "demographic"],
        "csp": ["occupation", "nominal", "demographic"],
        "nb_enfants": ["children", "ratio", "demographic"],
        "code_postal": ["postcode", "nominal", "out"],
        "ville": ["city", "nominal", "geographic"],
        "niveau_etudes": ["education", "ordinal|nominal", "demographic"],
        "solde_compte": ["-", "interval", "value"],
        "encours_credit": ["-", "ratio", "value|behavioural"],
        "nb_produits": ["-", "ratio", "behavioural"],
        "carte_credit": ["-", "binary", "behavioural"],
        "banque_en_ligne": ["-", "binary", "technographic|behavioural"],
        "canal_prefere": ["-", "nominal", "behavioural"],
        "satisfaction": ["-", "ordinal", "needs|psychographic"],
        "anciennete_mois": ["-", "ratio", "behavioural"],
        "resilie": ["-", "binary", "behavioural"],
        "consentement": ["consent", "binary", "-"],
        "iban": ["-", "nominal", "out"],
        "date_ouverture": ["registered", "interval", "out"],
    }
    return {"customers": table}, {"customers": truth}


def spanish_clinic():
    patients = cycled(
        70,
        id_paciente=numbered("{}"),
        nombre=numbered("Persona {}"),
        sexo=["mujer", "hombre"],
        fecha_nacimiento=days("%d/%m/%Y", 113, "1950-05-06"),
        provincia=["Sevilla", "Lugo", "Soria"],
        grupo_edad=["18-30", "31-50", "51-70", ">70"],
        diagnostico=["asma", "diabetes", "migraña", "ninguno", "artrosis"],
        fumador=["sí", "no", "no"],
        tipo_seguro=["público", "privado", "mutua"],
        gasto_anual=lambda n: [f"{40 + 13 * i}.75" for i in range(n)],
        valoracion=["1", "2", "3", "4", "5"],
        frecuencia_visitas=["nunca", "una vez al año", "una vez al mes"],
        acepta_rgpd=["si", "no", "si"],
    )
    visits = cycled(
        300,
        id_cita=numbered("{}"),
        paciente=lambda n: [str(i * 11 % 68 + 1) for i in range(n)],
        fecha=days("%d/%m/%Y %H:%M", 1),
        tipo=["consulta", "urgencia", "revisión"],
        canal=["web", "teléfono", "app"],
        duracion=lambda n: [str(300 + i % 40 * 10) for i in range(n)],
    )
    people = {
        "id_paciente": ["customer", "nominal", "-"],
        "nombre": ["-", "nominal", "out"],
        "sexo": ["gender", "binary", "demographic"],
        "fecha_nacimiento": ["birth_date", "interval", "out"],
        "provincia": ["region", "nominal", "geographic"],
        "grupo_edad": ["-", "ordinal", "demographic"],
        "diagnostico": ["-", "nominal", "needs|demographic"],
        "fumador": ["-", "binary", "behavioural|demographic"],
        "tipo_seguro": ["-", "nominal", "purchase_cycle|behavioural"],
        "gasto_anual": ["-", "ratio", "value"],
        "valoracion": ["-", "ordinal", "needs|psychographic|behavioural"],
        "frecuencia_visitas": ["-", "ordinal", "behavioural"],
        "acepta_rgpd": ["consent", "binary", "-"],
    }
    seen = {
        "id_cita": ["-|session", "nominal", "-"],
        "paciente": ["customer", "nominal", "-"],
        "fecha": ["time", "interval", "-"],
        "tipo": ["type", "nominal", "-"],
        "canal": ["channel", "nominal", "-"],
        "duracion": ["seconds", "ratio", "-"],
    }
    return {"customers": patients, "events": visits}, {"customers": people, "events": seen}
