"""Spark: the same tables from a cluster of a master and two workers as from the embedded engine."""

from __future__ import annotations

import gc
import sys
import time

import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from projects import Project, shop_params
from spark_cluster import free_port, spark_cluster

from seglib import simulate
from seglib.collect import build as collect
from seglib.collect import columns, refusals, sources
from seglib.collect.customers import Eligibility
from seglib.collect.eligible import select_eligible
from seglib.collect.features import Settings, behavioural, technographic
from seglib.collect.forms import numerals, times
from seglib.collect.ledger import Terms
from seglib.collect.sources import Opened, spark, spark_engine
from seglib.collect.sources.spark_sql import java_pattern
from seglib.errors import DataError

__all__ = ["spark_cluster"]

#: pyspark leaves the sockets of its results to the garbage collector.
pytestmark = pytest.mark.filterwarnings(r"ignore:.*<socket\.socket:pytest.PytestUnraisableExceptionWarning")


@pytest.fixture(scope="module", autouse=True)
def swept():
    yield
    gc.collect()


@pytest.fixture(scope="module")
def engine(spark_cluster):
    made = sources.engine_for([{"connection": spark_cluster.address, "shown": "${CLUSTER}"}])
    yield made
    made.disconnect()


@pytest.fixture(scope="module")
def shop_files(tmp_path_factory, shop_tables):
    folder = tmp_path_factory.mktemp("shop")
    for name, table in shop_tables.items():
        whole = pa.Table.from_pandas(table, preserve_index=False)
        pq.write_table(whole, folder / f"{name}.parquet", coerce_timestamps="us")
    return folder


def specs(folder, address=None) -> dict[str, dict]:
    """The customers from a file, all else from where `address` says."""
    made = {kind: {"path": source["path"]} for kind, source in shop_params(folder)["sources"].items()}
    return {
        k: s if k == "customers" or address is None else s | {"connection": address} for k, s in made.items()
    }


def collected(engine, folder, address=None):
    named = shop_params(folder)["sources"]
    opened = {k: sources.open_source(engine, k, folder, s) for k, s in specs(folder, address).items()}
    eligible = select_eligible(
        opened,
        {k: s["columns"] for k, s in named.items()},
        simulate.AS_OF,
        given={"age": "demographic", "region": "geographic"},
        terms={"transactions": Terms(cancelled_prefix="R")},
        eligibility=Eligibility(secret=b"one key for both engines"),
    )
    bases = {"demographic": ["age"], "geographic": ["region"]} | dict.fromkeys(
        ("behavioural", "value", "needs"), "auto"
    )
    built = collect.build_features(eligible.customers, eligible.tables, bases, Settings(simulate.AS_OF))
    return eligible, built


@pytest.fixture(scope="module")
def both(engine, spark_cluster, shop_files):
    return collected(sources.connect(), shop_files), collected(engine, shop_files, spark_cluster.address)


def test_the_same_rows_are_admitted(both, tmp_path):
    (want, _), (got, _) = both
    for name in ("ids", "customers", "ledger"):
        pd.testing.assert_frame_equal(getattr(got, name), getattr(want, name), rtol=1e-9)
    for kind, table in want.tables.items():
        table.order_by(table.columns).to_parquet(tmp_path / "duckdb.parquet")
        got.tables[kind].order_by(table.columns).to_parquet(tmp_path / "spark.parquet")
        ours, theirs = pq.read_table(tmp_path / "spark.parquet"), pq.read_table(tmp_path / "duckdb.parquet")
        assert ours.schema.equals(theirs.schema), kind
        assert ours.equals(theirs), kind


def test_the_same_features_are_derived(both):
    (_, want), (_, got) = both
    pd.testing.assert_frame_equal(got.features, want.features, rtol=1e-9)
    exact = [
        "customer",
        "recency",
        "tenure",
        "order_count",
        "product_breadth",
        "category_breadth",
        "visits",
        "region",
    ]
    pd.testing.assert_frame_equal(got.features[exact], want.features[exact], check_exact=True)
    pd.testing.assert_frame_equal(got.catalogue, want.catalogue)


def test_a_run_gives_the_same_features(spark_cluster, shop_files, tmp_path):
    """Of orders alone; `both` holds the other sources."""
    projects = {}
    for name, address in (("here", None), ("spark", "${CLUSTER}")):
        params = shop_params(shop_files)
        given = specs(shop_files, address)
        params["sources"] = {
            kind: params["sources"][kind] | given[kind] for kind in ("customers", "transactions")
        }
        params["bases"] = {"demographic": ["age"], "behavioural": "auto", "value": "auto"}
        projects[name] = Project(tmp_path, name).write(params)
    projects["here"].cells("collect")
    done = projects["spark"].run("--to", "explore", env={"CLUSTER": spark_cluster.address}, timeout=600)
    assert done.returncode == 0, done.stderr
    assert "WARN" not in done.stderr + done.stdout
    spark, here = (projects[name].table("features") for name in ("spark", "here"))
    pd.testing.assert_frame_equal(spark, here, rtol=1e-9)
    assert "spark://127" not in "".join(p.read_text(errors="ignore") for p in tmp_path.rglob("*.html"))


def test_each_text_and_customer_is_taken_once(engine):
    """Columns beside those that are taken differ."""
    sent = pa.table({"customer": [1, 1, 1, 2], "time": [1, 2, 3, 4], "responded": [True, False, True, False]})
    seen = pa.table(
        {"customer": [1, 1, 2, 2], "device": ["phone", "phone", "phone", "desktop"], "n": [1, 2, 3, 4]}
    )
    for name, table, derive in (
        ("sent", sent, behavioural.campaign_behaviour),
        ("seen", seen, lambda t: technographic.counted(t, "device")),
    ):
        got, want = (
            derive(t).to_pandas().pipe(lambda f: f.sort_values([*f], ignore_index=True))
            for t in (
                engine.viewed(name, engine._session.createDataFrame(table)),
                sources.connect().create_table(name, table),
            )
        )
        assert len(want) == {"sent": 2, "seen": 3}[name]
        pd.testing.assert_frame_equal(got, want, check_dtype=False)


# Expressions

VALUES = {
    "text": [
        " 1.0\t",
        "v\x0b",
        "x\n",
        "12.00",
        "007",
        "1.5d",
        "0x1p3",
        "1e400",
        "NaN",
        "-inf",
        "",
        None,
        "a\\b'c",
        "1_0",
    ],
    "number": [
        0.5,
        1.5,
        -2.5,
        1e7,
        1e19,
        float("nan"),
        float("inf"),
        0.1 + 0.2,
        1.00005,
        123456789.125,
        0.0,
        None,
        -7.0,
        2.0,
    ],
    "time": [
        "2024-01-06",
        "2024/1/6",
        "2024-01-06T10:00:00+02:00",
        "2024",
        "10:00",
        "2024-02-30",
        "epoch",
        "24:00",
        "2024-01-06 24:00:00",
        "2024-01-06 10:00:00.123456789",
        "",
        None,
        "2024-01-06 10",
        "now",
    ],
    "n": list(range(14)),
}
EXPRESSIONS = {
    "strip": lambda t: t.text.strip(),
    "text key": lambda t: sources.text_key(t.text),
    "key of a number": lambda t: sources.text_key(t.n),
    "groups of a pattern": lambda t: t.text.re_replace(r"^(\d)(.*)$", r"\2$\1"),
    "split": lambda t: t.text.split(".")[0],
    "number of a text": lambda t: numerals.expression(t.text.strip(), numerals.Numerals()),
    "missing": lambda t: t.number.isnull(),
    "infinite": lambda t: t.number.isinf(),
    "not a number": lambda t: t.number.isnan(),
    "divided": lambda t: t.n / t.number,
    "divided by zero": lambda t: t.number / (t.n - t.n),
    "nearest integer": lambda t: t.number.try_cast("int64"),
    "rounded": lambda t: t.number.round(4),
    "money": lambda t: (
        t.number.nullif(float("nan")).nullif(float("inf")).clip(upper=1e9).cast("decimal(18, 4)")
    ),
    "number as text": lambda t: t.number.clip(upper=1e9).cast("string"),
    "time of a text": lambda t: times.iso_time(t.time).cast("string"),
}


@pytest.fixture(scope="module")
def values(engine):
    table = pa.table(VALUES)
    here, there = sources.connect(), engine
    return here.create_table("v", table), there.viewed("v", there._session.createDataFrame(table))


@pytest.mark.parametrize("name", EXPRESSIONS)
def test_expressions_mean_the_same(values, name):
    got, want = (
        table.select("n", r=EXPRESSIONS[name](table))
        .order_by("n")
        .to_pandas()
        .r.astype(object)
        .map(str)
        .tolist()
        for table in values
    )
    assert [{"None": "nan", "<NA>": "nan"}.get(g, g) for g in got] == [
        {"None": "nan", "<NA>": "nan"}.get(w, w) for w in want
    ]


@settings(max_examples=3, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 99), st.integers(0, 10**7)), min_size=300, max_size=300))
def test_money_is_rounded_alike(engine, lines):
    table = pa.table(
        {"n": range(len(lines)), "q": [float(q) for q, _ in lines], "p": [p / 1e5 for _, p in lines]}
    )
    got, want = (
        t.select("n", r=(t.q * t.p).round(4).cast(columns.MONEY)).order_by("n").to_pandas().r.tolist()
        for t in (
            engine.viewed("m", engine._session.createDataFrame(table)),
            sources.connect().create_table("m", table),
        )
    )
    assert got == want


@pytest.mark.parametrize(
    ("pattern", "text"),
    [
        ("%d/%m/%Y", "1/2/2024"),
        ("%Y%m%d %H%M", "20240102 1530"),
        ("%Y-%m-%dT%H:%M:%S", "2024-01-02T15:30:00"),
        ("%d-%b-%Y %I:%M %p", "02-Jan-2024 03:30 PM"),
        ("%y-%m-%d", "68-1-1"),
        ("%y-%m-%d", "69-1-1"),
        ("%d.%m.%Y um %H Uhr", "02.01.2024 um 15 Uhr"),
        ("%Y-%m-%d %H:%M:%S.%f", "2024-01-02 10:00:00.5"),
        ("%d/%m/%Y", "29/02/2023"),
    ],
)
def test_declared_times_are_read_alike(engine, pattern, text):
    table = pa.table({"t": [text, None]})
    got, want = (
        t.select(r=columns.try_strptime(t.t, pattern)).to_pandas().r.tolist()
        for t in (
            engine.viewed("d", engine._session.createDataFrame(table)),
            sources.connect().create_table("d", table),
        )
    )
    assert [str(g) for g in got] == [str(w) for w in want]


def test_a_pattern_that_spark_lacks_is_refused():
    with pytest.raises(DataError, match=r"dates: Spark cannot read '%a, %z'; allowed there: %B, "):
        java_pattern("%a %d %z")


# Tables out


def test_a_table_leaves_spark_batch_by_batch_in_order(engine, tmp_path):
    frame = engine._session.range(0, 30_000, 1, 6).selectExpr(
        "id", "timestamp'2024-01-01' as t", "cast(id as decimal(18,4)) d"
    )
    table = engine.viewed("many", frame)
    assert len(list(table.to_pyarrow_batches())) >= 6
    table.order_by("id").to_parquet(tmp_path / "t.parquet")
    got = pq.read_table(tmp_path / "t.parquet")
    assert got.column("id").to_pylist() == list(range(30_000))
    assert got.schema.field("t").type == pa.timestamp("us")


# What goes wrong


def place(engine, **spec):
    return {"connection": "spark://x", **spec}


@pytest.mark.parametrize(
    ("spec", "message"),
    [
        (
            {"table": "nowhere"},
            "transactions: table 'nowhere' of Spark at .* there is no such table; check sources.transactions.table",
        ),
        (
            {"path": "nowhere.parquet"},
            "transactions: path 'nowhere.parquet' of Spark at .* there is no such path",
        ),
        ({"query": "select 1 as a where false"}, "transactions: the query of Spark at .* has no rows"),
        ({"query": "selec 1"}, "transactions: the query of Spark at .*PARSE_SYNTAX_ERROR"),
    ],
)
def test_a_source_that_is_not_there_is_one_line(engine, tmp_path, spec, message):
    with pytest.raises(DataError, match=message) as caught:
        sources.open_source(engine, "transactions", tmp_path, place(engine, **spec))
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)
    assert "${CLUSTER}" in str(caught.value)


def test_nanoseconds_are_refused_with_the_way_out(engine, tmp_path):
    frame = pd.DataFrame({"t": pd.to_datetime(["2024-01-01"])})
    pq.write_table(pa.Table.from_pandas(frame), tmp_path / "t.parquet")
    with pytest.raises(
        DataError, match="a column holds nanoseconds, which Spark does not read; write it in micro"
    ):
        sources.open_source(engine, "transactions", tmp_path, place(engine, path="t.parquet"))


def test_a_query_is_opened(engine, tmp_path):
    opened = sources.open_source(
        engine, "customers", tmp_path, place(engine, query="select 1 as id, 'a' as town")
    )
    assert opened.table.to_pandas().to_dict("list") == {"id": [1], "town": ["a"]}


def test_a_cell_that_does_not_fit_is_told_without_it(engine):
    table = engine.viewed("bad", engine._session.sql("select 'K127' as id"))
    with pytest.raises(DataError, match="CAST_INVALID_INPUT") as caught:
        table.select(n=table.id.cast("int64")).to_pandas()
    assert "K127" not in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_large_source_outside_spark_is_refused(engine, monkeypatch):
    monkeypatch.setattr(spark, "MOST_HANDED_OVER", 2)
    table = sources.connect().create_table("t", pd.DataFrame({"a": [1, 2, 3]}))
    with pytest.raises(DataError, match="events: 3 rows outside Spark; up to 2 are handed over to it"):
        spark.handed_over(engine, Opened("events", table))


def test_unreadable_numbers_are_counted_without_rows_that_have_no_order(engine):
    opened = Opened("transactions", engine.viewed("bad", engine._session.sql("select '1 of 5' as n")))
    with pytest.raises(
        DataError,
        match="1 entries of column 'n' are text, not numbers \\(or infinite, or above 1e\\+13\\): '1 of 5'; list",
    ):
        refusals.refuse(opened, "n", columns.numbers(opened, "n"))


def test_two_clusters_are_refused():
    with pytest.raises(DataError, match="sources name several Spark clusters .*allowed: one"):
        sources.engine_for([{"connection": "spark://a:1"}, {"connection": "spark://b:1"}])


def test_a_missing_pyspark_names_the_extra(monkeypatch):
    monkeypatch.setitem(sys.modules, "pyspark", None)
    for name in (
        "seglib.collect.sources.spark",
        "seglib.collect.sources.spark_engine",
        "seglib.collect.sources.spark_sql",
    ):
        monkeypatch.delitem(sys.modules, name, raising=False)
    monkeypatch.delattr(sources, "spark", raising=False)
    with pytest.raises(DataError, match="pip install .pyspark"):
        sources.engine_for([{"connection": "spark://a:1"}])


def test_a_master_that_is_down_is_told_in_time():
    began = time.monotonic()
    with pytest.raises(DataError, match="Spark at the cluster: no master answers within 10 seconds"):
        spark.connect(f"spark://127.0.0.1:{free_port()}", "the cluster")
    assert time.monotonic() - began < spark.MASTER_SECONDS + 5


def test_lost_workers_are_told_and_their_return_is_noticed(spark_cluster, engine, monkeypatch):
    table = engine.viewed("numbers", engine._session.range(0, 1000, 1, 8))
    total = table.agg(total=table.id.sum())
    spark_cluster.stop("worker1")
    assert total.to_pandas().total.tolist() == [499500]
    monkeypatch.setattr(spark_engine, "WORKER_SECONDS", 3)
    spark_cluster.stop("worker2")
    with pytest.raises(DataError, match="there was no worker for 3 seconds; start workers"):
        total.to_pandas()
    for name in ("worker1", "worker2"):
        spark_cluster.start_worker(name)
    monkeypatch.setattr(spark_engine, "WORKER_SECONDS", 90)
    assert total.to_pandas().total.tolist() == [499500]
