"""The data dictionary, `docs/tables.md`: every table of a run, written from its declaration."""

from __future__ import annotations

from seglib.catalogue.records import STAGES, stage
from seglib.catalogue.sources import KINDS
from seglib.catalogue.tables import Column, Table, declaration

_HEAD = """# Tables: what a run writes

Written from the declarations in `seglib/catalogue/stages` by `make schema`; change it there. The tables of a run are
Parquet files in `reports/NAME/AS_OF/tables`.

**Published** tables may reach a page, where cells of too few customers are suppressed. Tables that are **private** to
the run have a row per customer or row of a source, under pseudonyms. The table that **contains ids** is the only bridge
from pseudonyms to real ids. Money is in the currency of the params file. A column with a star can be absent.
"""
_ACCESS = {"published": "published", "private": "private to the run", "ids": "contains ids"}
#: What kinds whose name does not say it hold.
_HOLDS = {
    "key": "id",
    "segment": "number of a segment",
    "feature": "name of a feature",
    "flag": "yes or no",
    "share": "share, 0 to 1",
}


def markdown() -> str:
    """Write the data dictionary: a section per stage, a table of columns per table."""
    return "\n".join([_HEAD, *(_of_stage(name) for name in STAGES)])


def _of_stage(name: str) -> str:
    record = stage(name)
    tables = [_of_table(declaration(table)) for table in record.tables]
    return "\n".join([f"## {record.title}: {record.question}\n", *tables])


def _of_table(table: Table) -> str:
    columns = [
        f"| `{name}`{'*' if column.optional else ''} | {_holds(column)} | {_meaning(table.name, name, column)} |"
        for name, column in table.columns.items()
    ]
    more = " More columns follow the sources and the params file." if table.open else ""
    lines = [
        f"### {table.name}\n",
        f"{table.grain[0].upper()}{table.grain[1:]}; {_ACCESS[table.access]}.{more}\n",
        "| column | holds | meaning |",
        "| --- | --- | --- |",
        *columns,
    ]
    return "\n".join(lines) + "\n"


def _holds(column: Column) -> str:
    kind = _HOLDS.get(column.kind, column.kind)
    return f"{kind}, {column.unit}" if column.unit else kind


def _meaning(table: str, name: str, column: Column) -> str:
    """Return what a column means, for one of a source as the source says; empty where its name says it."""
    source = KINDS.get("transactions" if table == "returns" else table)
    role = next((r.meaning for r in source.roles if r.name == name), "") if source else ""
    words = column.meaning or role or column.label
    return words.replace("|", "\\|")
