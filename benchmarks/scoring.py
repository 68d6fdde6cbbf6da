"""Time to score many customers in DuckDB, beside the time of reading the columns that it takes.

    python benchmarks/scoring.py [ROWS]

Every method that can be written as SQL is fitted to 5,000 customers with twelve numbers, of whom six are skewed, and, for
those that take them, two categories; ROWS customers (10,000,000) are then scored from a Parquet file into another table.
*Reading* puts the same columns of that file into a table; *sums* only adds them up, which needs no more than to decode them.
The minimum of three runs is taken of each.
"""

from __future__ import annotations

import sys
import tempfile
import time
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd

from seglib import estimators
from seglib.implement.scoring import scoring_query, stored_segmentation
from seglib.segment.segmentation import scoring_model

RESULTS = Path(__file__).parent / "results" / "scoring.md"
NUMBERS = [f"x{i}" for i in range(12)]
METHODS = {
    "k-means": NUMBERS,
    "k-prototypes": [*NUMBERS, "town", "plan"],
    "k-modes": ["town", "plan"],
    "merged mixture": NUMBERS,
    "gaussian mixture": NUMBERS,
    "latent classes": [*NUMBERS, "town", "plan"],
    "ward": NUMBERS,
}


def population(n: int, seed: int) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 5, n)
    columns = {
        c: rng.normal(group * (i % 3), 1) if i < 6 else rng.lognormal(1 + group * 0.3, 0.8)
        for i, c in enumerate(NUMBERS)
    }
    texts = {c: np.array(list("abcdef"))[(group + rng.integers(0, 2, n)) % 6] for c in ("town", "plan")}
    return pd.DataFrame({"customer": np.arange(n)} | columns | texts)


def fitted(method: str, columns: list[str], table: pd.DataFrame):
    levels = {
        c: "nominal" if c in ("town", "plan") else "ratio" if int(c[1:]) > 5 else "interval" for c in columns
    }
    preparation = estimators.preparation(estimators.plan(table[columns], levels))
    prepared = preparation.fit_transform(table[columns])
    model = estimators.build(method, 5, 0, n_init=2).fit(prepared)
    segments = pd.DataFrame({"customer": table.customer, "segment": np.asarray(model.predict(prepared)) + 1})
    return stored_segmentation(scoring_model(preparation, model), table, segments)


def fastest(connection: duckdb.DuckDBPyConnection, query: str, times: int = 3) -> float:
    seconds = []
    for _ in range(times):
        begin = time.perf_counter()
        connection.execute(query)
        seconds.append(time.perf_counter() - begin)
    return min(seconds)


def main(n: int) -> None:
    small, rows = population(5000, 0), []
    with tempfile.TemporaryDirectory() as folder, duckdb.connect() as connection:
        file = f"{folder}/features.parquet"
        for first in range(0, n, 1_000_000):
            connection.register("part", population(min(1_000_000, n - first), 1 + first))
            connection.execute(f"copy part to '{folder}/{first}.parquet' (format parquet)")
            connection.unregister("part")
        connection.execute(f"copy (from '{folder}/*.parquet') to '{file}' (format parquet)")
        connection.execute(f"create view features as from '{file}'")
        for method, columns in METHODS.items():
            sums = ", ".join(
                f"sum({c})" if c in ["customer", *NUMBERS] else f"sum(length({c}))" for c in columns
            )
            scanning = fastest(connection, f"select {sums} from features")
            names = ", ".join(["customer", *columns])
            reading = fastest(
                connection, f"create or replace temp table read as select {names} from features"
            )
            query = scoring_query(fitted(method, columns, small), "duckdb").rstrip(";\n")
            scoring = fastest(connection, f"create or replace temp table scored as {query}")
            figures = [scanning, reading, scoring, scoring / reading, scoring / scanning]
            rows.append([method, str(len(columns)), *(f"{f:.2f}" for f in figures)])
            print(*rows[-1], flush=True)
    head = [
        "method",
        "features",
        "sums (s)",
        "reading (s)",
        "scoring (s)",
        "scoring / reading",
        "scoring / sums",
    ]
    lines = ["| " + " | ".join(row) + " |" for row in (head, ["---"] * len(head), *rows)]
    title = f"# Scoring {n:,} customers in DuckDB\n\n`python benchmarks/scoring.py {n}`; five segments.\n\n"
    RESULTS.write_text(title + "\n".join(lines) + "\n", encoding="utf-8")


if __name__ == "__main__":
    main(int(sys.argv[1]) if len(sys.argv) > 1 else 10_000_000)
