"""Features that a database computes from the tables of the sources are those of the run."""

from __future__ import annotations

import sys

import duckdb
import ibis
import numpy as np
import pandas as pd
import psycopg
import pytest
import sqlglot
from implement.scoring.parity import spark_session
from postgres import running
from projects import seglib_here

from seglib.collect.sources import Opened
from seglib.errors import RunError
from seglib.implement.scoring import TITLES, SourceTables, feature_table, features_query
from seglib.project.params import load
from seglib.project.scoring import source_tables

#: Of the shop's features, those that follow from a customer's own rows.
SCALES = ("price_matters", "satisfaction")


@pytest.fixture(scope="module")
def sources(finished_shop) -> SourceTables:
    params = load(finished_shop.file)
    engine = ibis.duckdb.connect()
    opened = {
        kind: Opened(kind, ibis.table(engine.read_parquet(source.path).schema(), name=kind))
        for kind, source in params.sources.named().items()
    }
    return source_tables(params, opened)


@pytest.fixture(scope="module")
def wanted(finished_shop) -> pd.DataFrame:
    ids = finished_shop.table("ids").astype({"key": str})
    table = finished_shop.table("features").merge(ids, on="customer").set_index("key").sort_index()
    return table.drop(columns=["customer", *SCALES], errors="ignore")


@pytest.fixture(scope="module")
def levels(wanted) -> dict[str, list[str]]:
    texts = wanted.select_dtypes(["object", "string"])
    return {c: sorted(texts[c].dropna().unique()) for c in texts}


def same(got: pd.DataFrame, wanted: pd.DataFrame) -> None:
    """Hold every value of every customer against the run's."""
    got = got.set_index("customer").sort_index()
    assert got.index.tolist() == wanted.index.tolist()
    for name in wanted:
        one, other = got[name], wanted[name]
        if pd.api.types.is_numeric_dtype(other):
            np.testing.assert_array_equal(one.astype("float64"), other.astype("float64"), err_msg=name)
        else:
            assert one.fillna("").tolist() == other.fillna("").tolist(), name


def test_duckdb_computes_the_features_of_the_run(sources, wanted, levels, shop_tables):
    with duckdb.connect() as connection:
        for kind in sources.opened:
            connection.register(kind, shop_tables[kind])
        same(
            connection.sql(features_query(feature_table(list(wanted), levels, sources), "duckdb")).df(),
            wanted,
        )


def test_postgresql_computes_the_features_of_the_run(sources, wanted, levels, shop_tables):
    query = features_query(feature_table(list(wanted), levels, sources), "postgres")
    with running() as server, psycopg.connect(server.address(), autocommit=True) as connection:
        for kind in sources.opened:
            _copied(connection, kind, shop_tables[kind])
        cursor = connection.execute(query)
        same(pd.DataFrame(cursor.fetchall(), columns=[c.name for c in cursor.description]), wanted)


def test_spark_computes_the_features_of_the_run(sources, wanted, levels, shop_tables, tmp_path):
    query = features_query(feature_table(list(wanted), levels, sources), "spark")
    with spark_session() as session:
        for kind in sources.opened:
            file = tmp_path / f"{kind}.parquet"
            shop_tables[kind].to_parquet(file, coerce_timestamps="us", allow_truncated_timestamps=True)
            session.read.parquet(str(file)).createOrReplaceTempView(kind)
        session.sql(query.rstrip(";\n")).write.parquet(str(tmp_path / "features"))
    same(pd.read_parquet(tmp_path / "features"), wanted)


def _copied(connection: psycopg.Connection, kind: str, table: pd.DataFrame) -> None:
    types = {"f": "double precision", "i": "bigint", "M": "timestamp", "b": "boolean"}
    columns = ", ".join(f'"{c}" {types.get(t.kind, "text")}' for c, t in table.dtypes.items())
    connection.execute(f'create table "{kind}" ({columns})')
    with connection.cursor().copy(f'copy "{kind}" from stdin') as copy:
        for row in table.astype(object).where(table.notna(), None).itertuples(index=False):
            copy.write_row(row)


@pytest.mark.parametrize("dialect", TITLES)
def test_every_dialect_has_a_query_that_it_can_parse_or_a_reason(sources, wanted, levels, dialect):
    if dialect in ("tsql", "mysql"):
        with pytest.raises(RunError, match="the database lacks a function"):
            features_query(feature_table(list(wanted), levels, sources), dialect)
        return
    query = features_query(feature_table(list(wanted), levels, sources), dialect)
    (tree,) = sqlglot.parse(query, dialect)
    assert {t.name for t in tree.find_all(sqlglot.exp.Table)} >= {"customers", "transactions", "events"}


def test_what_needs_a_look_at_other_customers_is_refused_with_its_name(sources):
    with pytest.raises(RunError, match="purchase_stage, satisfaction cannot be computed"):
        features_query(feature_table(["recency", "purchase_stage", "satisfaction"], {}, sources), "duckdb")


def test_new_customers_are_scored_from_the_rows_of_their_sources(finished_shop, shop_tables, tmp_path):
    segments = finished_shop.table("segments").merge(finished_shop.table("ids"), on="customer")
    words = ["score", finished_shop.file, "--reports", finished_shop.reports, "--out", tmp_path / "s.parquet"]
    for kind in ("customers", "transactions", "events"):
        shop_tables[kind].to_csv(tmp_path / f"{kind}.csv", index=False)
        words += ["--source", f"{kind}={tmp_path / kind}.csv"]
    done = seglib_here(*words)
    assert done.exit_code == 0, done.output
    scored = pd.read_parquet(tmp_path / "s.parquet").set_index("customer")
    assert scored.segment.loc[segments.key.astype(str)].tolist() == segments.segment.tolist()
    assert np.allclose(scored.margin.loc[segments.key.astype(str)], segments.margin, atol=1e-8)


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (["--source", "transaction=x.csv"], "Did you mean 'transactions'"),
        (["--source", "transactions"], "KIND=FILE"),
        ([], "takes either"),
        (["--customers", "a.csv", "--source", "transactions=x.csv"], "takes either"),
    ],
)
def test_what_is_not_understood_is_refused(finished_shop, words, message):
    done = seglib_here("score", finished_shop.file, "--reports", finished_shop.reports, *words)
    assert done.exit_code == 2
    assert message in done.output
    assert "Traceback" not in done.output


def test_without_pyspark_the_query_for_spark_is_refused_with_the_reason(monkeypatch, sources):
    monkeypatch.delitem(ibis.__dict__, "pyspark", raising=False)
    monkeypatch.delitem(sys.modules, "ibis.backends.pyspark", raising=False)
    monkeypatch.setitem(sys.modules, "pyspark", None)
    with pytest.raises(RunError, match="where pyspark is installed"):
        features_query(feature_table(["recency"], {}, sources), "spark")
