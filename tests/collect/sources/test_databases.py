"""A PostgreSQL server as a source: exact types, one snapshot, every fault one line without the password."""

from __future__ import annotations

import datetime as dt
import json
import threading
import time
import traceback
from collections.abc import Iterator
from decimal import Decimal
from urllib.parse import quote

import postgres
import pytest
from postgres import PASSWORD, Cutting, Server
from projects import Project

from seglib.collect import sources
from seglib.collect.sources import postgres as reading
from seglib.errors import DataError
from seglib.project import check, params
from seglib.project.fingerprints import input_hashes

SECRETS = (PASSWORD, quote(PASSWORD, safe=""), "s3cret")


@pytest.fixture(scope="session")
def server() -> Iterator[Server]:
    with postgres.running() as made:
        made.run(
            "create table people (id bigint, name text)",
            "insert into people values (1, 'a'), (2, 'b')",
            "create table nobody (id integer)",
            "create schema sales",
            "create table sales.orders as select n as id, n % 40 as customer, "
            "timestamp '2024-01-01' + n * interval '7 hours' as time, (n % 90 + 1)::numeric(10, 2) as amount "
            "from generate_series(1, 400) n",
            "create role guest login password 'guest'",
            'create table "Odd.Name" (id int)',
            'insert into "Odd.Name" values (1)',
        )
        yield made


@pytest.fixture(autouse=True)
def _no_waits(monkeypatch):
    monkeypatch.setattr(reading, "WAITS", (0.0, 0.0))


def opened(address: str, engine=None, rows: bool = True, **spec):
    engine = engine or sources.connect()
    return sources.open_source(
        engine, "customers", None, {"connection": address, "shown": "${SHOP_DB}"} | spec, rows
    )


def line_of(address: str, match: str, engine=None, **spec) -> str:
    with pytest.raises(DataError, match=match) as caught:
        opened(address, engine, **(spec or {"table": "people"}))
    line = str(caught.value)
    assert "\n" not in line
    assert line.startswith("customers: '${SHOP_DB}'")
    whole = "".join(traceback.format_exception(caught.value))
    assert not any(secret in whole for secret in SECRETS)
    return line


@pytest.mark.parametrize(
    ("spec", "want"),
    [
        ({"table": "people"}, [1, 2]),
        ({"table": "public.people"}, [1, 2]),
        ({"table": "Odd.Name"}, [1]),
        ({"query": "select id from people where name like 'b%';  "}, [2]),
        ({"query": "with t as (select * from people) select id from t -- '{all}' of them"}, [1, 2]),
    ],
)
def test_a_server_is_read_by_table_and_query(server, spec, want):
    got = opened(server.address(), **spec)
    assert sorted(got.table.id.to_pandas()) == want
    assert got.files == ()


def test_types_are_exact(server):
    query = """select 9007199254740993::bigint as big, 0.1::numeric as free, 12345678901234.5678::numeric(18, 4) as money,
        '2024-03-01 00:30:00+02'::timestamptz as at, '2024-03-01 00:30'::timestamp as plain, '2024-02-29'::date as day,
        'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid as uuid, '{"a": [1]}'::json as json, array[1, 2] as many,
        true as yes, null::text as gone, ''::text as blank, E'a,"b"\\n\\\\c' as odd, 1e300::float8 as far,
        'NaN'::numeric as nan, repeat('9', 45)::numeric as huge, '007'::char(5) as code, 12.5::money as cash"""
    got = opened(server.address(), query=query).table
    types = {name: str(kind) for name, kind in got.schema().items()}
    assert types == {
        "big": "int64",
        "free": "decimal(2, 1)",
        "money": "decimal(18, 4)",
        "at": "timestamp(6)",
        "plain": "timestamp(6)",
        "day": "date",
        "uuid": "string",
        "json": "string",
        "many": "string",
        "yes": "boolean",
        "gone": "string",
        "blank": "string",
        "odd": "string",
        "far": "float64",
        "nan": "string",
        "huge": "string",
        "code": "string",
        "cash": "decimal(4, 2)",
    }
    row = got.to_pyarrow().to_pylist()[0]
    assert row == {
        "big": 9007199254740993,
        "free": Decimal("0.1"),
        "money": Decimal("12345678901234.5678"),
        "at": dt.datetime(2024, 2, 29, 22, 30),
        "plain": dt.datetime(2024, 3, 1, 0, 30),
        "day": dt.date(2024, 2, 29),
        "uuid": "a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11",
        "json": '{"a": [1]}',
        "many": "{1,2}",
        "yes": True,
        "gone": None,
        "blank": "",
        "odd": 'a,"b"\n\\c',
        "far": 1e300,
        "nan": "NaN",
        "huge": "9" * 45,
        "code": "007",
        "cash": Decimal("12.50"),
    }


def test_infinite_times_stay_infinite(server):
    query = "select 'infinity'::timestamp as late, '-infinity'::timestamptz as early, 'infinity'::date as day"
    got = opened(server.address(), query=query).table
    assert got.select(*(got[c].cast("string") for c in got.columns)).to_pandas().to_numpy().tolist() == [
        ["infinity", "-infinity", "infinity"]
    ]


def test_many_rows_arrive_whole(server):
    query = "select n as id, repeat('x', 200) as text, n * 0.01 as amount from generate_series(1, 200000) n"
    got = opened(server.address(), query=query).table
    found = got.agg(n=got.count(), ids=got.id.nunique(), total=got.amount.sum(), long=got.text.length().sum())
    assert found.to_pyarrow().to_pylist() == [
        {"n": 200_000, "ids": 200_000, "total": Decimal("200001000.00"), "long": 40_000_000}
    ]


def test_a_value_without_a_place_in_the_engine_is_refused(server):
    line_of(
        server.address(), "1 values of column 'at' do not fit", query="select '0044-03-15 BC'::date as at"
    )


@pytest.mark.parametrize(
    ("change", "match"),
    [
        ({"port": 1}, "cannot be reached.*refused.*it was tried 3 times. Check sources.customers.connection"),
        (
            {"host": "no-such-host.invalid"},
            "cannot be reached.*no-such-host.invalid.*Check sources.customers.connection",
        ),
        (
            {"password": "s3cret wrong"},
            'password authentication failed for user "shop".*Check sources.customers.connection',
        ),
        ({"database": "shup"}, 'database "shup" does not exist.*Check sources.customers.connection'),
        ({"user": "nobody"}, 'password authentication failed for user "nobody"'),
    ],
)
def test_a_server_that_refuses_the_connection_is_named(server, change, match):
    line_of(server.address(**change), match)


@pytest.mark.parametrize(
    ("spec", "match"),
    [
        (
            {"table": "peple"},
            "has no table 'peple', which sources.customers.table names; it has .*Did you mean 'people'",
        ),
        ({"table": "sales.order"}, "Did you mean 'sales.orders'"),
        ({"table": "nobody"}, "table 'nobody' has no rows"),
        ({"query": "select nope from people"}, 'column "nope" does not exist; check sources.customers.query'),
        ({"query": "selec * from people"}, "syntax error at or near .*; check sources.customers.query"),
        ({"query": "select id, id from people"}, "more than one column named 'id'"),
        ({"query": "delete from people returning id"}, "check sources.customers.query"),
        (
            {"query": "select id from people) as q; drop table people; select * from (select 1 as id"},
            "cannot be read",
        ),
        ({"query": "with d as (delete from people returning id) select * from d"}, "cannot be read"),
    ],
)
def test_a_table_or_query_that_cannot_be_read_is_named(server, spec, match):
    with pytest.raises(DataError, match=match) as caught:
        opened(server.address(), **spec)
    assert "\n" not in str(caught.value)
    assert server.run("select count(*) from people") == [(2,)]


def test_a_missing_right_is_named(server):
    line_of(
        server.address("guest", "guest"), "permission denied for table people; grant the right to read it"
    )


@pytest.mark.parametrize(
    "address",
    [
        "postgresql://shop:s3cret@x@y:z/db",
        "postgresql://shop:s3cret/1@127.0.0.1:5432/db",
        "postgresql://shop:s3cret%zz@h/db",
        "postgresql://shop:s3cret?x@h/db",
        "postgresql://shop@h/db?passwort=s3cret",
        "postgresql://shop@127.0.0.1:1/db?password=s3cret",
    ],
)
def test_an_address_that_is_none_never_shows_its_password(address):
    line = line_of(address, "allowed: postgresql://user:password@host:port/database|cannot be reached")
    assert "s3cret" not in line
    with pytest.raises(DataError, match="customers: 'postgresql") as caught:
        opened(address, shown=address, table="people")
    assert "s3cret" not in str(caught.value)


def test_a_wrong_password_is_tried_once(server, monkeypatch):
    tried = []
    monkeypatch.setattr(reading.time, "sleep", tried.append)
    line_of(server.address(password="s3cret wrong"), "password authentication failed")
    assert tried == []


SLOW = "select n as id, repeat('x', 1000) as text from generate_series(1, 20000) n"


def test_a_lost_connection_is_read_again_from_the_start(server):
    with Cutting(server.port, after=3_000_000, times=4) as proxy:
        got = opened(server.address(port=proxy.port), query=SLOW)
        assert proxy.connections == 6  # the driver connects twice: for the types, and to read
    assert got.table.agg(n=got.table.count(), ids=got.table.id.nunique()).to_pyarrow().to_pylist() == [
        {"n": 20_000, "ids": 20_000}
    ]


def test_a_connection_that_is_lost_again_and_again_leaves_nothing(server):
    engine = sources.connect()
    with Cutting(server.port, after=3_000_000, times=9) as proxy:
        line_of(
            server.address(port=proxy.port),
            "connection was lost while the query was read.*it was tried 3 times",
            engine,
            query=SLOW,
        )
        assert proxy.connections == 6
    assert engine.list_tables() == []
    assert engine.con.execute("select count(*) from duckdb_tables()").fetchone() == (0,)


def test_a_backend_that_is_killed_midway_is_read_again(server):
    query = "select n as id, pg_sleep(0.01)::text as nap from generate_series(1, 150) n"
    kill = (
        "select pg_terminate_backend(pid) from pg_stat_activity where query like 'COPY%pg_sleep%' "
        "and pid <> pg_backend_pid()"
    )
    killed = []

    def kill_one() -> None:
        while not killed:
            killed.extend(server.run(kill))
            time.sleep(0.05)

    thread = threading.Thread(target=kill_one)
    thread.start()
    got = opened(server.address(), query=query)
    thread.join()
    assert killed == [(True,)]
    assert sorted(got.table.id.to_pandas()) == list(range(1, 151))


def test_a_statement_that_never_answers_ends(server):
    address = server.address() + "?options=-c%20statement_timeout%3D300"
    began = time.monotonic()
    line_of(
        address,
        "did not answer within the statement timeout.*statement_timeout",
        query="select pg_sleep(60)::text as id",
    )
    assert time.monotonic() - began < 20


def test_a_server_that_never_lets_in_ends():
    with postgres.socket.create_server(("127.0.0.1", 0)) as silent:
        port, began = silent.getsockname()[1], time.monotonic()
        line_of(
            f"postgresql://shop:s3cret@127.0.0.1:{port}/db?connect_timeout=2", "cannot be reached.*timeout"
        )
    assert time.monotonic() - began < 20


def test_the_usual_timeouts_hold_where_nothing_else_is_said(server):
    query = (
        "select current_setting('statement_timeout') as id, current_setting('transaction_isolation') as how"
    )
    assert opened(server.address(), query=query).table.to_pandas().to_numpy().tolist() == [
        ["30min", "repeatable read"]
    ]


def test_rows_that_arrive_meanwhile_are_not_seen(server, monkeypatch):
    server.run("create table growing (id int)", "insert into growing values (1)")
    describe = reading._types

    def meanwhile(*given):
        types = describe(*given)
        server.run("insert into growing values (2)")
        return types

    monkeypatch.setattr(reading, "_types", meanwhile)
    assert opened(server.address(), table="growing").table.id.to_pandas().tolist() == [1]


def test_columns_alone_are_looked_at_without_reading(server):
    got = opened(server.address(), rows=False, query="select id, pg_sleep(5)::text as nap from people")
    assert got.table.columns == ("id", "nap")
    assert got.table.count().to_pandas() == 0


def test_the_content_hash_notices_every_change_and_no_order(server):
    def hashed(query: str) -> str:
        engine = sources.connect()
        return sources.content_hash(engine, opened(server.address(), engine, query=query))

    base = "select * from (values {}) t(id, n)"
    rows = [
        "(1, 'a'), (2, 'b')",
        "(2, 'b'), (1, 'a')",
        "(1, 'b'), (2, 'a')",
        "(1, 'a'), (2, 'b'), (2, 'b')",
        "(1, 'a'), (2, null)",
        "(1, 'a'), (2, '')",
        "(1, 'a')",
        "(1, 'a'), (3, 'b'), (3, 'b')",
        "(1, 'a'), (4, 'b'), (4, 'b')",
    ]
    found = [hashed(base.format(r)) for r in rows]
    assert found[0] == found[1]
    assert len(set(found)) == len(rows) - 1
    assert hashed("select id as n, n as id from (values (1, 'a')) t(id, n)") != hashed(
        base.format("(1, 'a')")
    )


@pytest.fixture
def shop(tmp_path, server, monkeypatch) -> Project:
    def written(address: str) -> Project:
        return Project(tmp_path, "served").write(
            {
                "title": "Served",
                "objective": "retention",
                "as_of": dt.date(2024, 12, 1),
                "sources": {
                    "transactions": {
                        "connection": address,
                        "table": "sales.orders",
                        "columns": {
                            "customer": "customer",
                            "order": "id",
                            "time": "time",
                            "amount": "amount",
                        },
                    }
                },
                "bases": {"behavioural": "auto", "value": "auto"},
                "segment": {"on": ["behavioural", "value"], "k": {"min": 2, "max": 3}, "resamples": 10},
            }
        )

    monkeypatch.setenv("SHOP_DB", server.address())
    return written


@pytest.mark.parametrize("literal", [False, True])
def test_a_project_on_a_server_runs_and_writes_no_password(shop, server, literal):
    made = shop(server.address() if literal else "${SHOP_DB}")
    assert check.problems(params.load(made.file), made.folder) == []
    features = made.cells("collect")["features"]
    assert len(features) == 40
    manifest = json.loads((made.store / "run.json").read_text())
    assert len(manifest["inputs"]["transactions"]) == 64
    for file in made.reports.rglob("*"):
        if file.is_file():
            assert not any(secret.encode() in file.read_bytes() for secret in SECRETS), file


def test_the_fingerprint_notices_that_rows_changed(shop, server, tmp_path):
    loaded = params.load(shop("${SHOP_DB}").file)
    before = input_hashes(loaded, tmp_path)
    assert input_hashes(loaded, tmp_path) == before
    server.run("update sales.orders set amount = amount + 1 where id = 7")
    assert input_hashes(loaded, tmp_path) != before
    server.run("update sales.orders set amount = amount - 1 where id = 7")
    assert input_hashes(loaded, tmp_path) == before


def test_the_command_never_shows_the_password(shop, server):
    made = shop("${SHOP_DB}")
    done = made.run("--debug", env={"SHOP_DB": server.address(password="s3cret wrong")})
    assert done.returncode == 2
    said = done.stdout + done.stderr
    assert "password authentication failed" in said
    assert not any(secret in said for secret in (*SECRETS, "s3cret wrong"))
    for file in made.reports.rglob("*"):
        if file.is_file():
            assert b"s3cret" not in file.read_bytes(), file
