"""Exports with what is awkward in them lying between rows: summary rows, states, double entry, cells only in the first.

`LAYOUTS` has the form of layouts.yaml: {of, later, KIND: {COLUMN: [role or roles, - for none, out where it must not be
used at all]}}. `BOOKS` has what a bookkeeper would say of each; `written` saves it as its system does.
"""

from __future__ import annotations

from pathlib import Path

import numpy as np
import pandas as pd

KINDS = ("customers", "transactions", "events", "responses", "campaigns", "subscriptions")
LAYOUTS: dict[str, dict] = {}
BOOKS: dict[str, dict] = {}
MADE = {}


def layout(name: str, of: str, **kinds: dict[str, str]):
    LAYOUTS[name] = {"of": of, "later": True} | {
        k: {c: [r] for c, r in roles.items()} for k, roles in kinds.items()
    }

    def keep(make):
        MADE[name] = make
        return make

    return keep


def truth(name: str) -> dict[str, dict[str, str]]:
    """By kind of source and column, the role or roles that are right."""
    return {k: {c: s[0] for c, s in LAYOUTS[name][k].items()} for k in KINDS if k in LAYOUTS[name]}


def tables(name: str) -> dict[str, pd.DataFrame]:
    """By kind of source, a table of texts in the layout; also sets BOOKS[name]."""
    made = MADE[name](np.random.default_rng(11))
    out = {}
    for kind, rows in made.items():
        columns = list(LAYOUTS[name][kind])
        unknown = {c for row in rows for c in row} - set(columns)
        assert not unknown, unknown
        out[kind] = pd.DataFrame([{c: str(row.get(c, "")) for c in columns} for row in rows], columns=columns)
    return out


def written(name: str, folder: Path) -> dict[str, str]:
    """Save the tables as the system itself does: by kind, the file."""
    files = {}
    for kind, table in tables(name).items():
        file = folder / f"{name}_{kind}.csv"
        if name == "fec_france":
            table.to_csv(file, index=False, sep="\t")
        elif name == "ebay_orders":
            body = table.to_csv(index=False, quoting=1)
            head, rest = body.split("\n", 1)
            blank = ",".join(['""'] * table.shape[1])
            file.write_text(
                f"\n{head}\n{blank}\n{rest}\n{len(table)},record(s) downloaded,\nSeller ID : a-seller\n"
            )
        elif name == "limesurvey_codes":
            table.to_csv(file, index=False, quoting=1, encoding="utf-8-sig")
        else:
            table.to_csv(file, index=False)
        files[kind] = str(file)
    return files


def days(rng, n, start="2024-01-03", span=600):
    minutes = np.sort(rng.integers(0, span * 1440, n))
    return list(pd.Timestamp(start) + pd.to_timedelta(minutes, unit="m"))


FIRST = [
    "ada",
    "bo",
    "cleo",
    "dov",
    "eli",
    "fay",
    "gus",
    "hal",
    "ivy",
    "jo",
    "kit",
    "lea",
    "max",
    "nia",
    "oz",
    "pia",
]
NAMES = ["Rowan", "Sable", "Tern", "Umber", "Vale", "Wren", "Yarrow", "Zephyr", "Aster", "Birch", "Cedar"]


def who(n):
    return f"{FIRST[n % 16]}{n}"


def full(n):
    return f"{FIRST[n % 16].title()} {NAMES[n % 11]}"
