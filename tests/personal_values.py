"""Personal data to plant in tables, and the search for what of it got out."""

from __future__ import annotations

import json
import re
from pathlib import Path

import numpy as np
import pandas as pd

from seglib.catalogue import STAGES
from seglib.catalogue import stage as record_of
from seglib.privacy import personal
from seglib.privacy.personal.identifiers import ADDRESS, CARD, EMAIL, IBAN, NATIONAL_ID, PHONE

#: Written as people write them; all numbers are of ranges kept for examples, or published specimens.
PLANTED: dict[str, list[str]] = {
    EMAIL: [
        "anna@example.com",
        "peter.lund+shop@mail.example.co.uk",
        "JO@EXAMPLE.ORG",
        "jürgen@müller-example.de",
    ],
    PHONE: [
        "+44 20 7946 0958",
        "+442079460958",
        "0044 20 7946 0958",
        "020 7946 0958",
        "(020) 7946 0958",
        "07911 123456",
        "07911123456",
        "+44 (0)20 7946 0958",
        "+1 (202) 555-0123",
        "(202) 555-0123",
        "202-555-0123",
        "202.555.0123",
        "1-202-555-0123",
        "+49 30 123456",
        "030 123456",
        "030/123456",
        "0151 23456789",
        "0171/1234567",
        "+33 1 23 45 67 89",
        "01 23 45 67 89",
        "01.23.45.67.89",
        "0612345678",
        "06-12345678",
        "+34 612 34 56 78",
        "+31 6 12345678",
        "+48 601 234 567",
        "+39 347 123 4567",
        "347 123 4567",
        "+46-8-123 456 78",
    ],
    CARD: [
        "4111 1111 1111 1111",
        "4111-1111-1111-1111",
        "4111111111111111",
        "5555555555554444",
        "3782 822463 10005",
        "378282246310005",
        "2223003122003222",
        "6011111111111117",
        "3530111333300000",
    ],
    IBAN: [
        "GB82 WEST 1234 5698 7654 32",
        "DE89370400440532013000",
        "FR14 2004 1010 0505 0001 3M02 606",
        "NO93 8601 1117 947",
        "nl91abna0417164300",
    ],
    NATIONAL_ID: [
        "536-90-4399",
        "AB123456C",
        "AB 12 34 56 C",
        "12345678Z",
        "X1234567L",
        "RSSMRA85T10A562S",
        "2 95 10 99 126 111 93",
        "756.9217.0769.85",
        "131052-308T",
        "640823-3234",
        "123.456.789-09",
        "85.07.30-033.28",
    ],
    ADDRESS: [
        "12 High Street",
        "221B Baker Street",
        "742 Evergreen Terrace",
        "Musterstraße 12",
        "Lange Straße 5a",
        "Hauptstr. 7",
        "12 rue de la Paix",
        "Calle Mayor 5",
        "Avenida de la Constitución, 3",
        "Via Roma 12",
        "Kerkstraat 12",
        "ul. Marszałkowska 10",
        "P.O. Box 123",
    ],
}
NAMES = [
    "Anna Weiss",
    "Peter Lund",
    "Zoë O'Neill",
    "Jean-Luc Moreau",
    "María de la Cruz",
    "Otto Graf",
    "Ines Ek",
    "Tom Baker",
    "Julia van Dijk",
    "Paolo Conti",
]


def plant(people: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    """Add columns that no params file names: one a kind, one of numbers, one of running text."""
    rng = np.random.default_rng(seed)
    columns = {f"extra {i}": rng.choice(texts, len(people)) for i, texts in enumerate(PLANTED.values())}
    names = rng.choice(NAMES, len(people))
    cards = rng.choice([int(t) for t in PLANTED[CARD] if t.isdigit()], len(people))
    notes = [f"call {a} or write to {b}" for a, b in zip(columns["extra 1"], columns["extra 0"], strict=True)]
    return people.assign(**columns, who=names, cards=cards, notes=notes)


def shown(folder: Path) -> dict[str, str]:
    """Read all that a run shows: pages, notebooks, manifest, exports.

    Pseudonyms, which are in executed notebooks, are random numbers, and some have the check digit of a card.
    """
    kept = sorted(
        p
        for p in folder.rglob("*")
        if p.suffix in {".html", ".ipynb", ".json", ".csv", ".svg", ".txt", ".md", ".sql"}
    )
    pseudonyms = {n for p in folder.rglob("ids.parquet") for n in map(str, pd.read_parquet(p).customer)}

    def text(path: Path) -> str:
        found = path.read_text(encoding="utf-8")
        return re.sub(r"\b\d+\b", lambda m: "pseudonym" if m[0] in pseudonyms else m[0], found)

    return {
        str(p.relative_to(folder)): text(p) if p.suffix == ".ipynb" else p.read_text("utf-8") for p in kept
    }


def unread(texts: dict[str, str], run: str = "") -> set[str]:
    """Name what every run shows and the texts have not, so that a search for leaks looks at everything."""
    records = [record_of(stage) for stage in STAGES]
    always = {f"notebooks/{record.notebook}.ipynb" for record in records} | {
        record.page for record in records
    }
    always |= {"index.html", "run.json", "alerts.json", "decision.csv", "handover.md"}
    return {f"{run}{name}" for name in always} - texts.keys()


def leaks(texts: dict[str, str], values: list[str] | None = None) -> list[str]:
    """Name the texts that hold personal data of any kind, or a planted value as it stands."""
    values = [v for texts in PLANTED.values() for v in texts] + NAMES if values is None else values
    forms = {form for value in values for form in (value, json.dumps(value)[1:-1])}
    found = [f"{name}: {kind}" for name, text in texts.items() for kind in personal.scan_text(text)]
    return found + [
        f"{name}: a planted value" for name, text in texts.items() if any(_stands(f, text) for f in forms)
    ]


def _stands(form: str, text: str) -> bool:
    """Tell whether a value stands in a text by itself."""
    return form in text and re.search(rf"(?<!\w){re.escape(form)}(?!\w)", text) is not None
