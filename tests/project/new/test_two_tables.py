"""`seglib new --orders`: what is in an order stands in one table, whose it is in another."""

from __future__ import annotations

import datetime as dt
import sqlite3
from pathlib import Path

import pandas as pd
import pytest
import yaml

from seglib.collect import sources
from seglib.errors import DataError
from seglib.project import check, params
from seglib.project.fingerprints import input_hashes
from seglib.project.new.draft import Unsettled, draft, new
from seglib.project.new.recognise import contents
from seglib.project.new.two_tables import join
from seglib.project.schema.sources import Transactions

N = 240
ORDERS = pd.DataFrame(
    {
        "id": range(5001, 5001 + N),
        "client_id": [n * 7 % 40 + 1 for n in range(N)],
        "created_at": pd.date_range("2024-01-05 10:30", periods=N, freq="37h").astype(str),
        "status": ["complete"] * (N - 12) + ["cancelled"] * 12,
    }
)
ITEMS = pd.DataFrame(
    {
        "id": range(1, 2 * N + 1),
        "order_id": [5001 + n // 2 for n in range(2 * N)],
        "sku": [f"S{n * 13 % 45:03d}" for n in range(2 * N)],
        "quantity": [n % 4 + 1 for n in range(2 * N)],
        "price": [(n * 31 % 900 + 100) / 100 for n in range(2 * N)],
    }
)
WORTH = ITEMS.quantity * ITEMS.price
ORDERS["total"] = WORTH.groupby(ITEMS.order_id).sum().to_numpy().round(2) + 4.9
PEOPLE = pd.DataFrame({"id": range(1, 41), "city": ["Ghent", "Lyon"] * 20})
ROLES = {
    "customer": "client_id",
    "time": "created_at",
    "order": "order_id",
    "product": "sku",
    "quantity": "quantity",
    "price": "price",
}


def files(folder, items=ITEMS, orders=ORDERS, people=PEOPLE):
    named = {"transactions": items, "orders": orders, "customers": people}
    for kind, table in named.items():
        table.to_csv(folder / f"{kind}.csv", index=False)
    return {kind: str(folder / f"{kind}.csv") for kind in named}


def in_database(folder):
    kinds = {"transactions": "items", "orders": "orders", "customers": "customers"}
    with sqlite3.connect(folder / "shop.db") as database:
        for table, frame in (("items", ITEMS), ("orders", ORDERS), ("customers", PEOPLE)):
            frame.to_sql(table, database, index=False)
    return {kind: f"sqlite://{folder / 'shop.db'}#{table}" for kind, table in kinds.items()}


def made(folder, named):
    """Write a params file, and return what it says of transactions, and what a run would make of them."""
    said: list[str] = []
    path = new("shop", named, folder, say=said.extend)
    loaded = params.load(path)
    assert check.problems(loaded, folder) == []
    return loaded.sources.transactions, path.read_text(encoding="utf-8"), "\n".join(said)


@pytest.mark.parametrize("kind", ["csv", "sqlite"])
def test_items_and_orders_are_joined_and_the_sums_are_exact(tmp_path, kind):
    named = files(tmp_path) if kind == "csv" else in_database(tmp_path)
    source, text, said = made(tmp_path, named)
    assert ROLES.items() <= source.roles().items()
    kept = ITEMS.order_id <= 5000 + N - 12
    assert f"{kept.sum():,} rows" in said and f"total value {WORTH[kept].sum():,.2f}" in said
    assert f"{WORTH.sum():,.2f} as read here" in text
    assert f"{ORDERS.total.sum():,.2f} if read as total, once per order" in text
    assert f"{ORDERS.total.repeat(2).sum():,.2f}" not in text
    assert "100.0% of the items" in text
    assert bool(source.connection) == (kind == "sqlite")


FORMS = {
    "whole": ORDERS,
    "floats": ORDERS.assign(id=ORDERS.id.astype(float)),
    "a mark in front": ORDERS.assign(id=[f"#{n}" for n in ORDERS.id]),
    "zeros in front": ORDERS.assign(id=[f"000{n}" for n in ORDERS.id]),
    "another name": ORDERS.rename(columns={"id": "Order No."}),
    "names of both": ORDERS.assign(price=1.5, sku="x"),
}


def found(folder, items, orders, typed=False, more=None):
    """Join two tables, and count the rows that found their order."""
    engine, tables = sources.connect(), {}
    for name, table in (("items", items), ("orders", orders)):
        end = "parquet" if typed and name == "orders" else "csv"
        write = table.to_parquet if end == "parquet" else table.to_csv
        write(folder / f"{name}.{end}", index=False)
        tables[name] = {"path": str(folder / f"{name}.{end}")} | ((more or {}) if name == "items" else {})
    seen = [contents(sources.open_source(engine, name, folder, spec)) for name, spec in tables.items()]
    joined = join(*reversed(seen), (tables["orders"], tables["items"]))  # whichever is given first
    rows = sources.open_source(engine, "transactions", folder, joined.spec).table
    assert rows.count().to_pandas() == len(items)
    return joined, int(rows.client_id.notnull().sum().to_pandas())


@pytest.mark.parametrize(
    ("form", "typed"), [*((form, False) for form in FORMS), ("floats", True), ("whole", True)]
)
def test_numbers_of_orders_meet_in_every_form(tmp_path, form, typed):
    joined, n = found(tmp_path, ITEMS, FORMS[form], typed)
    assert n == len(ITEMS), joined.spec["query"]


def test_what_has_no_partner_is_counted_in_ids_and_in_rows(tmp_path):
    items = ITEMS[20:].drop(ITEMS.index[-1])  # an order without one of its two items
    joined, n = found(tmp_path, items, ORDERS[:-24])
    assert n == len(items) - 47
    by_row, by_id = n / len(items), 1 - 24 / (N - 10)
    assert f"{by_row:.1%} of the items and {by_id:.1%} of their orders are found" in joined.notes[0]
    assert f"10 orders, worth {ORDERS.total[:10].sum():,.2f}, have no items" in joined.notes[0]


def test_how_a_table_is_opened_goes_with_it_into_the_join(tmp_path):
    items = ITEMS.astype({"order_id": "string"})
    items.loc[items.order_id.duplicated(), "order_id"] = ""
    said = {"fill_down": ["order_id"], "separator": ","}
    joined, met = found(tmp_path, items, ORDERS, more=said)
    assert joined.spec["tables"]["items"] == {"path": str(tmp_path / "items.csv")} | said
    assert met == len(ITEMS)


def test_a_small_number_that_overlaps_is_no_key(tmp_path):
    joined, n = found(tmp_path, ITEMS, ORDERS.assign(id=range(1, N + 1), number=ORDERS.id))
    assert "items.order_id = orders.number" in joined.spec["query"] and n == len(ITEMS)


@pytest.mark.parametrize(
    ("orders", "message"),
    [
        (pd.concat([ORDERS, ORDERS]), "no column whose entries are each in one row"),
        (ORDERS.drop(columns="id"), "no column whose entries are each in one row"),
        (ORDERS[["id"]], "holds one column"),
    ],
)
def test_tables_that_do_not_join_leave_a_file_with_the_problem(tmp_path, orders, message):
    items = ITEMS.drop(columns="id")
    with pytest.raises(Unsettled, match=message):
        new("shop", files(tmp_path, items=items, orders=orders), tmp_path)
    assert "# problem:" in (tmp_path / "shop.yaml").read_text(encoding="utf-8")


def test_items_alone_name_the_option_that_gives_the_orders(tmp_path):
    drafted = draft("shop", {"transactions": files(tmp_path)["transactions"]}, tmp_path)
    assert "--orders" in drafted.problems[0]


# The section of a params file

QUERY = "SELECT items.*, client_id, created_at FROM items JOIN orders ON items.order_id = orders.id"


@pytest.fixture(scope="module")
def tables(tmp_path_factory):
    folder = tmp_path_factory.mktemp("tables")
    named = files(folder)
    return {"items": {"path": named["transactions"]}, "orders": {"path": named["orders"]}}


@pytest.mark.parametrize(
    ("query", "message"),
    [
        ("SELECT * FROM read_csv('orders.csv')", "reads 'READ_CSV"),
        ("SELECT (SELECT content FROM read_text('orders.csv')) AS text, * FROM items", "reads 'READ_TEXT"),
        ("SELECT * FROM 'orders.csv'", "reads 'orders.csv'"),
        ("SELECT * FROM other.items", "reads 'other.items'"),
        ("SELECT * FROM item", "Did you mean 'items'"),
        ("DROP TABLE items", "cannot be read"),
        ("SELECT * FROM items WHERE", "cannot be read"),
        ("SELECT * FROM items; SELECT 1", "cannot be read"),
        ("SELECT nothing FROM items", 'Referenced column "nothing" not found'),
        ("SELECT * FROM items WHERE sku = 'none'", "returns no rows"),
    ],
)
def test_a_query_that_cannot_be_is_one_line(tables, query, message):
    with pytest.raises(DataError, match=message) as caught:
        sources.open_source(sources.connect(), "transactions", Path(), {"tables": tables, "query": query})
    assert "\n" not in str(caught.value)


def test_a_query_may_name_parts_of_its_own(tables):
    query = f"WITH sold AS ({QUERY}) SELECT client_id, count(*) AS n FROM sold GROUP BY client_id"
    opened = sources.open_source(
        sources.connect(), "transactions", Path(), {"tables": tables, "query": query}
    )
    assert opened.table.n.sum().to_pandas() == len(ITEMS)
    assert [file.name for file in opened.files] == ["transactions.csv", "orders.csv"]


@pytest.mark.parametrize(
    ("change", "message"),
    [
        ({"query": None}, "needs a 'query'"),
        ({"path": "x.csv"}, "exclude each other"),
        ({"tables": {"my items": {"path": "x.csv"}}}, "allowed: letters"),
        ({"tables": {"items": {"sheet": "one"}}}, "needs either 'path' or 'connection'"),
        ({"tables": {"items": {"connection": "spark://h:7077", "table": "t"}}}, "joined there"),
        ({"tables": {"items": {"path": "x.csv", "where": "a = 1"}}}, "Extra inputs"),
    ],
)
def test_a_section_of_tables_is_checked(tables, change, message):
    columns = {"customer": "client_id", "time": "created_at", "amount": "price"}
    section = {"tables": tables, "query": QUERY, "columns": columns}
    Transactions.model_validate(section)
    with pytest.raises(ValueError, match=message):
        Transactions.model_validate(section | change)


def test_a_change_of_any_file_is_noticed(tmp_path):
    named = files(tmp_path)
    spec = {
        "tables": {"items": {"path": named["transactions"]}, "orders": {"path": named["orders"]}},
        "query": QUERY,
        "columns": {"customer": "client_id", "time": "created_at", "amount": "price"},
    }
    raw = {
        "title": "Shop",
        "as_of": dt.date(2025, 3, 1),
        "objective": "retention",
        "sources": {"transactions": spec},
        "bases": {"behavioural": "auto"},
        "segment": {"on": ["behavioural"]},
    }
    (tmp_path / "shop.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    before = input_hashes(params.load(tmp_path / "shop.yaml"), tmp_path)
    ORDERS.assign(total=1.0).to_csv(tmp_path / "orders.csv", index=False)
    after = input_hashes(params.load(tmp_path / "shop.yaml"), tmp_path)
    assert {name for name in after if before[name] != after[name]} == {"transactions/orders.csv"}
