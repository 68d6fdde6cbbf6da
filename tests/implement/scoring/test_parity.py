"""Segments assigned by a database are those that the stored model assigns."""

from __future__ import annotations

import math

import duckdb
import numpy as np
import pandas as pd
import psycopg
import pytest
import sqlglot
from implement.scoring.parity import compare, in_duckdb, in_postgres, in_spark, spark_session
from implement.scoring.populations import MONEY, RULES, TOWN, VARIANTS, customers, fitted, scored_customers
from postgres import running

from seglib import estimators
from seglib.errors import RunError
from seglib.implement.scoring import TITLES, score, scoring_query, stored_segmentation
from seglib.segment.segmentation import scoring_model

ALL = [*VARIANTS, *RULES]


@pytest.mark.parametrize("variant", ALL)
def test_duckdb_assigns_the_segments_of_the_model_to_all_customers_and_strange_ones(variant):
    stored, rows = fitted(variant), scored_customers(variant)
    got = in_duckdb(rows, scoring_query(stored, "duckdb", measures=True))
    assert compare(stored, rows, got) == 0


@pytest.fixture(scope="module")
def postgres():
    with running() as server:
        yield server


@pytest.mark.parametrize("variant", ALL)
def test_postgresql_assigns_the_same(postgres, variant):
    stored, rows = fitted(variant), scored_customers(variant)
    with psycopg.connect(postgres.address(), autocommit=True) as connection:
        got = in_postgres(connection, rows, scoring_query(stored, "postgres", measures=True))
    assert compare(stored, rows, got) == 0


@pytest.fixture(scope="module")
def spark():
    with spark_session() as session:
        yield session


@pytest.mark.parametrize("variant", ALL)
def test_spark_assigns_the_same(spark, variant, tmp_path):
    stored, rows = fitted(variant), scored_customers(variant)
    got = in_spark(spark, rows, scoring_query(stored, "spark", measures=True), tmp_path)
    assert compare(stored, rows, got) == 0


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


def test_a_share_that_has_no_logarithm_is_refused_as_in_python():
    rng = np.random.default_rng(5)
    orders = rng.integers(5, 60, 500).astype(float)
    share = rng.binomial(orders.astype(int), rng.beta(0.4, 5, 500)) / orders
    rows = pd.DataFrame(
        {
            "customer": [f"c{i}" for i in range(500)],
            "share": share,
            "orders": orders,
            "age": rng.normal(40, 9, 500),
        }
    )
    plan = estimators.plan(rows[["share", "age"]], {"share": "ratio", "age": "interval"}, {"share": "orders"})
    preparation = estimators.preparation(plan)
    prepared = preparation.fit_transform(rows[estimators.inputs(plan)])
    model = estimators.build("k-means", 2, 0).fit(prepared)
    segments = pd.DataFrame({"customer": rows.customer, "segment": model.predict(prepared) + 1})
    stored = stored_segmentation(scoring_model(preparation, model), rows, segments)
    assert any(getattr(step, "func", None) is np.log1p for step in stored.steps()["share"])
    odd = rows.head(3).assign(customer=["x", "y", "z"], share=[-1.0, -2.5, np.nan])
    every = pd.concat([rows, odd], ignore_index=True)
    assert compare(stored, every, in_duckdb(every, scoring_query(stored, "duckdb", measures=True))) == 0
    assert score(stored, odd).segment.isna().tolist() == [True, True, False]
