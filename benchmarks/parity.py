"""Segments scored by databases, held against those of the stored model, over all runs under folders of reports.

`python benchmarks/parity.py REPORTS [REPORTS ...]` writes benchmarks/results/parity.md. Of each run all customers are
scored by DuckDB, PostgreSQL and Spark, and with them customers of whom one cell after the other is missing, infinite,
empty, or holds a category that was never seen; the scripts for the other databases are parsed again. Segments must be equal,
distances and log densities within a relative 1e-9; customers who are as near to two segments within 1e-9 are counted.
"""

from __future__ import annotations

import sys
import tempfile
from pathlib import Path

import numpy as np
import pandas as pd
import psycopg
import sqlglot

ROOT = Path(__file__).resolve().parent.parent
RESULTS = ROOT / "benchmarks" / "results" / "parity.md"
sys.path[:0] = [str(ROOT / "tests")]

#: Customers of a run that are scored by PostgreSQL and Spark; DuckDB scores all.
_MOST = 5_000
_STRANGE = {True: (np.nan, np.inf, -np.inf, 1e300, -1.0), False: (None, "", "never seen", "it's")}


def strange(rows: pd.DataFrame, inputs: list[str], numeric: frozenset[str]) -> pd.DataFrame:
    """Repeat the first customer with one cell after the other that is not as it was."""
    first = rows.iloc[0].to_dict()
    made = [first | {c: value} for c in inputs for value in _STRANGE[c in numeric]]
    made += [first | dict.fromkeys(inputs[:n], None) for n in range(2, len(inputs) + 1)]
    table = pd.DataFrame(made, columns=rows.columns)
    return table.assign(customer=[f"strange {i}" for i in range(len(table))])


def held_against(folder: Path, address: str, session) -> dict[str, object] | None:
    """Score the customers of one run everywhere; nothing where its segments cannot be written as SQL."""
    from implement.scoring.parity import compare, in_duckdb, in_postgres, in_spark

    from seglib.errors import RunError
    from seglib.implement.scoring import TITLES, scoring_query
    from seglib.project.scoring import stored
    from seglib.project.store import Store

    store = Store(folder)
    own, features = stored(store), store.read("features")
    if own.model is None:
        return None
    columns = ["customer", *own.inputs]
    rows = features[columns].astype(
        {c: "float64" if c in own.numeric else "object" for c in own.inputs} | {"customer": "string"}
    )
    rows = rows.assign(
        **{c: rows[c].where(rows[c].notna(), None) for c in own.inputs if c not in own.numeric}
    )
    odd = strange(rows, own.inputs, own.numeric)
    odd = odd.astype({c: "float64" for c in own.inputs if c in own.numeric})
    every, some = (pd.concat([part, odd], ignore_index=True) for part in (rows, rows.head(_MOST)))
    try:
        queries = {name: scoring_query(own, name, measures=True) for name in TITLES}
    except RunError as refused:
        return {"method": str(refused)[:80]}
    for name, query in queries.items():
        sqlglot.parse(query, read=name, error_level=sqlglot.ErrorLevel.RAISE)
    tied = compare(own, every, in_duckdb(every, queries["duckdb"]))
    with psycopg.connect(address, autocommit=True) as connection:
        compare(own, some, in_postgres(connection, some, queries["postgres"]))
    with tempfile.TemporaryDirectory() as place:
        compare(own, some, in_spark(session, some, queries["spark"], Path(place)))
    method = str(store.read("structure").method.iloc[0])
    return {
        "method": method,
        "features": len(own.inputs),
        "customers": len(rows),
        "strange": len(odd),
        "tied": tied,
    }


def main(folders: list[str]) -> None:
    from implement.scoring.parity import spark_session
    from postgres import running

    lines = []
    with running() as server, spark_session() as session:
        for manifest in sorted(file for folder in folders for file in Path(folder).glob("*/*/run.json")):
            run = manifest.parent
            if not (run / "tables" / "segments.parquet").is_file():
                continue
            found = held_against(run, server.address(), session)
            shown = found or {"method": "one segment"}
            cells = [str(shown.get(c, "")) for c in ("method", "features", "customers", "strange", "tied")]
            lines.append(f"| {run.parent.name} | {' | '.join(cells)} |")
            print(lines[-1], flush=True)
    head = [
        "# Segments scored by databases",
        "",
        "`python benchmarks/parity.py REPORTS`: every customer scored by DuckDB, the first "
        f"{_MOST:,} of each run by PostgreSQL and Spark too, and customers with missing, infinite, empty and unseen "
        "cells. All segments are equal to those of the stored model, and all distances and log densities within a "
        "relative 1e-9, or this table would not have been written; the scripts for the five other databases can be "
        "parsed again. *Tied*: customers as near to two segments within 1e-9 to whom DuckDB gave the other one.",
        "",
        "| project | method | features | customers | strange ones | tied |",
        "| --- | --- | ---: | ---: | ---: | ---: |",
    ]
    RESULTS.write_text("\n".join([*head, *lines, ""]), encoding="utf-8")


if __name__ == "__main__":
    main(sys.argv[1:] or ["reports"])
