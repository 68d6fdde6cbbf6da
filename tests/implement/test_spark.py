"""Audiences on a Spark cluster: a partition per run, whole or not at all."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pandas as pd
import pyarrow.parquet as pq
import pytest
from spark_cluster import spark_cluster

from seglib.errors import RunError
from seglib.implement.destinations import database, spark

__all__ = ["spark_cluster"]
JANUARY, FEBRUARY = dt.date(2025, 1, 1), dt.date(2025, 2, 1)


def rows(segments: dict[str, int], as_of: dt.date) -> tuple[pd.DataFrame, pd.DataFrame]:
    history = pd.DataFrame({"customer_id": list(segments), "segment_code": list(segments.values())}).assign(
        name="it's",
        margin=0.5,
        play=None,
        arm="treatment",
        run=f"shop/{as_of}",
        as_of=as_of,
        valid_from=as_of,
        valid_to=None,
    )
    audience = history.assign(campaign="win-back", channel="e-mail", gain=1.5)
    return history[list(database.HISTORY)], audience[list(database.AUDIENCE)]


def read(folder: Path, name: str = "history") -> list[tuple]:
    found = []
    for part in sorted((folder / name).glob("project=*/as_of_date=*")):
        for file in part.glob("*.parquet"):
            table = pq.ParquetFile(file).read().to_pandas()
            found += [(part.name, r.customer_id, r.segment_code) for r in table.itertuples()]
    return sorted(found)


def test_a_run_is_a_partition_that_a_second_run_replaces_and_a_failing_one_leaves(
    spark_cluster, tmp_path, monkeypatch
):
    terms = {
        "connection": spark_cluster.address,
        "shown": "${CLUSTER}",
        "path": str(tmp_path),
        "history": "history",
        "audience": "audience",
    }
    spark.write(terms, *rows({"a": 1, "b": 2}, JANUARY), "shop", JANUARY)
    spark.write(terms, *rows({"a": 2}, FEBRUARY), "shop", FEBRUARY)
    first = read(tmp_path)
    assert first == [
        ("as_of_date=2025-01-01", "a", 1),
        ("as_of_date=2025-01-01", "b", 2),
        ("as_of_date=2025-02-01", "a", 2),
    ]
    spark.write(terms, *rows({"a": 2}, FEBRUARY), "shop", FEBRUARY)
    assert read(tmp_path) == first

    def broken(*args):
        raise OSError("the disk is full")

    with monkeypatch.context() as patched:
        patched.setattr(spark, "_moved", broken)
        with pytest.raises(RunError, match="disk is full"):
            spark.write(terms, *rows({"a": 3}, FEBRUARY), "shop", FEBRUARY)
    assert read(tmp_path) == first
    assert spark.forget(terms, "a") == 4
    assert read(tmp_path) == [("as_of_date=2025-01-01", "b", 2)]
    with pytest.raises(RunError, match="path is missing"):
        spark.write(terms | {"path": None}, *rows({"a": 1}, JANUARY), "shop", JANUARY)
