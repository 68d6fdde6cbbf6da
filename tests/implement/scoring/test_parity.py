"""Segments assigned by a database are those that the stored model assigns."""

from __future__ import annotations

import math

import duckdb
import numpy as np
import pandas as pd
import psycopg
import pytest
import sqlglot
from implement.scoring.populations import MONEY, RULES, TOWN, VARIANTS, customers, fitted, scored_customers
from postgres import running
from scipy.spatial.distance import cdist
from sklearn.cluster import KMeans

from seglib import estimators
from seglib.errors import RunError
from seglib.estimators.preparation import coded
from seglib.implement.scoring import TITLES, StoredSegmentation, score, scoring_query, stored_segmentation
from seglib.implement.scoring.scored import usable
from seglib.segment.segmentation import scoring_model

ALL = [*VARIANTS, *RULES]
TOLERANCE = 1e-9


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


def compare(variant: str, got: pd.DataFrame) -> int:
    """Hold a database's answer against Python's; return how many customers were exempt as tied."""
    stored, rows = fitted(variant), scored_customers(variant)
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


@pytest.mark.parametrize("variant", ALL)
def test_duckdb_assigns_the_segments_of_the_model_to_all_customers_and_strange_ones(variant):
    with duckdb.connect() as connection:
        connection.register("features", scored_customers(variant))
        got = connection.sql(scoring_query(fitted(variant), "duckdb", measures=True).rstrip(";\n")).df()
    assert compare(variant, got) == 0


@pytest.fixture(scope="module")
def postgres():
    with running() as server:
        yield server


def _in_postgres(connection: psycopg.Connection, rows: pd.DataFrame, query: str) -> pd.DataFrame:
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


@pytest.mark.parametrize("variant", ALL)
def test_postgresql_assigns_the_same(postgres, variant):
    query = scoring_query(fitted(variant), "postgres", measures=True)
    with psycopg.connect(postgres.address(), autocommit=True) as connection:
        got = _in_postgres(connection, scored_customers(variant), query)
    assert compare(variant, got) == 0


@pytest.fixture(scope="module")
def spark():
    from pyspark.sql import SparkSession

    settings = {
        "spark.sql.codegen.wholeStage": "false",  # compiling takes longer than these few rows
        "spark.sql.codegen.factoryMode": "NO_CODEGEN",
        "spark.ui.enabled": "false",
        "spark.sql.shuffle.partitions": "1",
        "spark.driver.host": "127.0.0.1",
    }
    builder = SparkSession.builder.master("local[1]").appName("scoring")
    for name, value in settings.items():
        builder = builder.config(name, value)
    session = builder.getOrCreate()
    yield session
    session.stop()


@pytest.mark.parametrize("variant", ALL)
def test_spark_assigns_the_same(spark, variant, tmp_path):
    scored_customers(variant).to_parquet(tmp_path / "features.parquet")
    spark.read.parquet(str(tmp_path / "features.parquet")).createOrReplaceTempView("features")
    query = scoring_query(fitted(variant), "spark", measures=True).rstrip(";\n")
    spark.sql(query).write.parquet(str(tmp_path / "scored"))
    assert compare(variant, pd.read_parquet(tmp_path / "scored")) == 0


@pytest.mark.parametrize("dialect", TITLES)
@pytest.mark.parametrize("variant", ALL)
def test_every_dialect_can_parse_what_is_written_for_it(variant, dialect):
    query = scoring_query(fitted(variant), dialect, table="crm.customer features", measures=True)
    (tree,) = sqlglot.parse(query, read=dialect, error_level=sqlglot.ErrorLevel.RAISE)
    assert tree.named_selects[:4] == ["customer", "segment", "margin", "remark"]
    assert len(query) < 1_000_000  # what Snowflake and BigQuery take


@pytest.mark.parametrize(
    ("dialect", "written"),
    [
        ("tsql", ['[net "value"]', "N'L''Aquila'", "Latin1_General_BIN2", "LOG("]),
        ("bigquery", ["IS_NAN(", '`net "value"`', "'L\\'Aquila'"]),
        ("mysql", ["utf8mb4_0900_bin", "'a\\\\b'"]),
        ("postgres", ["MATERIALIZED", '"net ""value"""']),
    ],
)
def test_what_differs_between_databases_is_written_their_way(dialect, written):
    query = scoring_query(fitted("k-prototypes"), dialect)
    assert [part for part in written if part not in query] == []


def test_numbers_are_written_to_the_last_digit():
    from seglib.implement.scoring.dialects import number

    for value in (0.1, 1 / 3, 1e-300, -2.5, 12345678901234567.0, math.pi):
        assert float(number(value).sql()) == value
    with pytest.raises(ValueError, match="cannot be written"):
        number(float("inf"))


@pytest.mark.parametrize(
    ("method", "why"), [("gower", "compared with all customers"), ("hdbscan", "nearest")]
)
def test_methods_that_need_the_fitted_customers_are_refused_with_the_reason(method, why):
    table = customers()[["customer", MONEY, "age"]].dropna()
    plan = estimators.plan(table[[MONEY, "age"]], {MONEY: "ratio", "age": "interval"})
    preparation = estimators.preparation(plan)
    prepared = preparation.fit_transform(table[[MONEY, "age"]])
    model = estimators.build(method, 2, 0).fit(prepared)
    segments = pd.DataFrame({"customer": table.customer, "segment": model.predict(prepared) + 1})
    stored = stored_segmentation(scoring_model(preparation, model), table, segments)
    with pytest.raises(RunError, match=why):
        scoring_query(stored, "duckdb")


def test_equally_near_prototypes_give_the_first_as_in_python():
    """Of categories alone, many customers are equally near to two segments."""
    table = customers()
    rng = np.random.default_rng(3)
    table = pd.DataFrame(
        {f"q{i}": rng.choice(["a", "b"], 400) for i in range(6)} | {"customer": [f"c{i}" for i in range(400)]}
    )
    plan = estimators.plan(table.drop(columns="customer"), {f"q{i}": "nominal" for i in range(6)})
    preparation = estimators.preparation(plan)
    prepared = preparation.fit_transform(table.drop(columns="customer"))
    for method in ("k-prototypes", "k-modes"):
        model = estimators.build(method, 4, 0, n_init=2).fit(prepared)
        two = np.sort(model.transform(prepared), axis=1)
        assert (two[:, 0] == two[:, 1]).mean() > 0.1
        segments = pd.DataFrame({"customer": table.customer, "segment": model.predict(prepared) + 1})
        stored = stored_segmentation(scoring_model(preparation, model), table, segments)
        with duckdb.connect() as connection:
            connection.register("features", table)
            got = connection.sql(scoring_query(stored, "duckdb").rstrip(";\n")).df()
        assert (
            got.set_index("customer").segment.loc[table.customer].tolist()
            == score(stored, table).segment.tolist()
        )


def test_all_customers_in_one_segment_are_scored_so():
    stored = stored_segmentation(None, customers(), pd.DataFrame())
    with duckdb.connect() as connection:
        connection.register("features", customers())
        got = connection.sql(scoring_query(stored, "duckdb").rstrip(";\n")).df()
    assert set(got.segment) == {1}
    assert len(got) == len(customers())


def test_the_town_of_a_customer_is_compared_letter_by_letter():
    remarks = score(fitted("k-prototypes"), scored_customers("k-prototypes")).remark
    assert remarks.notna().any()
    assert TOWN not in " ".join(remarks.dropna())  # an unknown category is folded, as in the fit
