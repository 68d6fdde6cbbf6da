"""Small tables under the names of roles, typed as the roles are."""

from __future__ import annotations

import datetime as dt
from types import ModuleType

import ibis
import pandas as pd

from seglib.catalogue.sources import KINDS
from seglib.collect import features
from seglib.collect.features import Settings

TYPES = {"key": "string", "text": "string", "flag": "boolean", "number": "float64", "time": "timestamp"}
AS_OF = dt.date(2024, 3, 1)

#: Texts that have broken pages, queries and spreadsheets.
HOSTILE = (
    "<script>alert(1)</script>",
    "x" * 10_000,
    "\u202egnp.exe\u202c",
    "'; drop table customers; --",
    "=1+1",
    "a\x00b\r\nc",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\\1 $1 %s {0}",
    "👩‍👩‍👧",
)
#: The same as they are shown, if enough customers say so.
SHOWN = (
    "<script>alert(1)</script>",
    "x" * 80,
    "gnp.exe",
    "'; drop table customers; --",
    "=1+1",
    "a b c",
    "\u0645\u06cc\u200c\u062e\u0648\u0627\u0647\u0645",
    "\\1 $1 %s {0}",
    "👩‍👩‍👧",
)


def table(kind: str, rows: int, **columns: list) -> ibis.Table:
    """Type a table of a kind by hand; customers are numbered unless told."""
    holds = {role.name: role.holds for role in KINDS[kind].roles}
    schema = {"customer": "int64"} | {c: TYPES[holds[c]] for c in columns if c != "customer"}
    data = {"customer": range(1, rows + 1)} | columns
    frame = pd.DataFrame({c: pd.Series(data[c], dtype=object) for c in schema})
    return ibis.memtable(frame, schema=schema)


def customers(**columns: list) -> ibis.Table:
    """Type customers by hand."""
    return table("customers", len(next(iter(columns.values()), [])), **columns)


def all_roles(kind: str, rows: int, customer: list | None = None) -> ibis.Table:
    """Make a table in which every role is there and says nothing."""
    columns = {role.name: [None] * rows for role in KINDS[kind].roles if role.name != "customer"}
    return table(kind, rows, **columns, **({"customer": customer} if customer else {}))


def settings(**changed: object) -> Settings:
    """Give settings under which no category is rare."""
    return Settings(**{"as_of": AS_OF, "min_cell": 1} | changed)


def derived(basis: str, tables: dict[str, ibis.Table], **changed: object) -> pd.DataFrame:
    """Derive a basis, as one frame by customer; None where nothing is known."""
    frames = features.derived(basis, tables, settings(**changed)).frames
    made = pd.concat([frame.set_index("customer") for frame in frames], axis=1).sort_index()
    return made.astype(object).where(made.notna(), None)


def remarks(basis: str, tables: dict[str, ibis.Table], **changed: object) -> tuple[str, ...]:
    """Give what is remarked on when a basis is derived."""
    return features.derived(basis, tables, settings(**changed)).remarks


def names(module: ModuleType) -> set[str]:
    """Give the names of all that a basis can derive."""
    return {feature.feature for feature in module.FEATURES}
