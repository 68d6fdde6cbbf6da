"""Segments assigned by a database, held against those that the stored model assigns in Python."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import duckdb
import numpy as np
import pandas as pd
import psycopg
from pyspark.sql import SparkSession
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from seglib import estimators
from seglib.estimators.preparation import coded
from seglib.implement.scoring import StoredSegmentation, score
from seglib.implement.scoring.scored import usable

TOLERANCE = 1e-9
_SPARK = {
    "spark.sql.codegen.wholeStage": "false",  # compiling takes longer than these few rows
    "spark.sql.codegen.factoryMode": "NO_CODEGEN",
    "spark.ui.enabled": "false",
    "spark.sql.shuffle.partitions": "1",
    "spark.driver.host": "127.0.0.1",
}


def measured(stored: StoredSegmentation, rows: pd.DataFrame) -> np.ndarray | None:
    """Return the model's own distances or probabilities; of k-means without cancellation."""
    if stored.by_rules:
        return None
    preparation, model = stored.model.named_steps["preparation"], stored.model.named_steps["model"]
    prepared = preparation.transform(usable(stored, rows[stored.inputs]))
    if hasattr(model, "predict_proba"):
        return model.predict_proba(prepared)
    exact = isinstance(model, KMeans)
    return cdist(coded(prepared), model.cluster_centers_) if exact else model.transform(prepared)


def log_density(stored: StoredSegmentation, rows: pd.DataFrame) -> np.ndarray | None:
    """Return the logarithm of the density, where the model has one."""
    if stored.by_rules:
        return None
    model = stored.model.named_steps["model"]
    prepared = stored.model.named_steps["preparation"].transform(usable(stored, rows[stored.inputs]))
    while hasattr(model, "model"):
        model = model.model
    if isinstance(model, estimators.MergedMixture):
        return model._mixture.score_samples(model._standardised(prepared))
    return model.score_samples(prepared) if hasattr(model, "score_samples") else None


def compare(stored: StoredSegmentation, rows: pd.DataFrame, got: pd.DataFrame) -> int:
    """Hold a database's answer against Python's; return how many customers were exempt as tied."""
    got = got.set_index("customer").loc[rows.customer].reset_index()
    want = score(stored, rows)
    assert (
        got.remark.where(got.remark.notna(), None).tolist()
        == want.remark.astype(object).where(want.remark.notna(), None).tolist()
    )
    refused = want.segment.isna().to_numpy()
    assert (got.segment.isna() == refused).all()
    own = measured(stored, rows)
    tied = np.zeros(len(rows), dtype=bool)
    if own is not None:
        theirs = got[[f"measure_{i}" for i in range(own.shape[1])]].to_numpy("float64")
        np.testing.assert_allclose(theirs[~refused], own[~refused], rtol=TOLERANCE, atol=1e-12)
        two = np.sort(own, axis=1)
        two = two[:, :2] if not hasattr(stored.model.named_steps["model"], "predict_proba") else two[:, -2:]
        tied = np.abs(two[:, 0] - two[:, 1]) <= TOLERANCE * np.abs(two).max(axis=1)
    if (density := log_density(stored, rows)) is not None:
        np.testing.assert_allclose(
            got.log_density.to_numpy("float64")[~refused], density[~refused], rtol=TOLERANCE, atol=1e-9
        )
    both = ~refused & ~tied
    assert got.segment[both].astype(int).tolist() == want.segment[both].astype(int).tolist()
    np.testing.assert_allclose(
        got.margin[both].to_numpy("float64"), want.margin[both].to_numpy("float64"), rtol=1e-7, atol=1e-9
    )
    return int((tied & ~refused & (got.segment.fillna(0) != want.segment.fillna(0)).to_numpy()).sum())


def in_duckdb(rows: pd.DataFrame, query: str) -> pd.DataFrame:
    """Score customers in DuckDB."""
    with duckdb.connect() as connection:
        connection.register("features", rows)
        return connection.sql(query.rstrip(";\n")).df()


def in_postgres(connection: psycopg.Connection, rows: pd.DataFrame, query: str) -> pd.DataFrame:
    """Score customers in PostgreSQL."""
    types = ["double precision" if kind.kind == "f" else "text" for kind in rows.dtypes]
    named = ['"' + c.replace('"', '""') + '"' for c in rows.columns]
    columns = ", ".join(f"{n} {t}" for n, t in zip(named, types, strict=True))
    connection.execute("drop table if exists features")
    connection.execute(f"create table features ({columns})")
    with connection.cursor().copy(f"copy features ({', '.join(named)}) from stdin") as copy:
        for row in rows.itertuples(index=False):
            copy.write_row([None if v is None or (v != v and isinstance(v, str)) else v for v in row])
    cursor = connection.execute(query)
    return pd.DataFrame(cursor.fetchall(), columns=[c.name for c in cursor.description])


@contextmanager
def spark_session() -> Iterator[SparkSession]:
    """Start Spark on one core."""
    builder = SparkSession.builder.master("local[1]").appName("scoring")
    for name, value in _SPARK.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


def in_spark(session: SparkSession, rows: pd.DataFrame, query: str, folder: Path) -> pd.DataFrame:
    """Score customers in Spark."""
    rows.to_parquet(folder / "features.parquet")
    session.read.parquet(str(folder / "features.parquet")).createOrReplaceTempView("features")
    session.sql(query.rstrip(";\n")).write.parquet(str(folder / "scored"))
    return pd.read_parquet(folder / "scored")
