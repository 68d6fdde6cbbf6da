"""Files and databases as they come."""

from __future__ import annotations

import sqlite3

import duckdb
import pandas as pd
import pytest

from seglib import columns, sources
from seglib.errors import DataError
from seglib.store import write_frame

TABLE = pd.DataFrame(
    {"id": ["a", "b", "c"], "amount": [1.5, 2.25, -3.0], "town": ["x;y", 'q"uote', "line\nbreak"]}
)


def opened(tmp_path, **spec):
    return sources.open_source(sources.connect(), "customers", tmp_path, spec)


@pytest.mark.parametrize(("name", "options", "how"), [
    ("a.csv", {}, {"separator": ", (sniffed)", "decimal mark": ". (sniffed)"}),
    ("a.csv.gz", {}, {"separator": ", (sniffed)"}),
    ("a.csv", {"sep": ";", "decimal": ","}, {"separator": "; (sniffed)", "decimal mark": ", (sniffed)"}),
    ("a.tsv", {"sep": "\t"}, {"separator": "tab (sniffed)"}),
    ("a.csv", {"sep": "|"}, {"separator": "| (sniffed)"}),
    ("a.csv", {"encoding": "utf-8-sig"}, {"encoding": "utf-8 (sniffed)"}),
    ("a.csv", {"encoding": "utf-16"}, {"encoding": "utf-16 (sniffed)"}),
    ("a.csv", {"lineterminator": "\r\n"}, {"separator": ", (sniffed)"}),
])  # fmt: skip
def test_csv_dialects_are_sniffed_and_shown(tmp_path, name, options, how):
    table = TABLE if options.get("lineterminator") is None else TABLE.replace("line\nbreak", "z")
    table.to_csv(tmp_path / name, index=False, **options)
    got = opened(tmp_path, path=name)
    assert got.table.columns == ("id", "amount", "town")
    assert got.table.select(n=columns.numbers(got, "amount")).n.to_pandas().tolist() == [1.5, 2.25, -3.0]
    assert got.table.town.to_pandas().tolist() == table.town.tolist()
    assert {k: got.how[k] for k in how} == how


def test_a_declared_dialect_is_taken(tmp_path):
    (tmp_path / "a.csv").write_bytes("id;ort\n1;Köln\n2;Bonn\n".encode("latin-1"))
    got = opened(tmp_path, path="a.csv", encoding="latin-1", separator=";")
    assert got.table.ort.to_pandas().tolist() == ["Köln", "Bonn"]
    assert got.how["encoding"] == "latin-1 (declared)"


def test_declared_missing_texts_are_missing(tmp_path):
    (tmp_path / "a.csv").write_text("id,n\n1,unknown\n2,5\n")
    got = opened(tmp_path, path="a.csv", missing=["unknown"])
    assert got.table.n.to_pandas().isna().tolist() == [True, False]


@pytest.mark.parametrize("ending", ["csv", "parquet"])
def test_a_glob_is_one_table(tmp_path, ending):
    for n in range(3):
        if ending == "csv":
            TABLE.to_csv(tmp_path / f"part{n}.csv", index=False)
        else:
            write_frame(TABLE, tmp_path / f"part{n}.parquet")
    got = opened(tmp_path, path=f"part*.{ending}")
    assert got.table.count().to_pandas() == 9
    assert len(got.files) == 3


def test_a_glob_without_files_is_refused(tmp_path):
    with pytest.raises(DataError, match="no file matches 'x\\*.csv'; mend sources.customers.path"):
        opened(tmp_path, path="x*.csv")


@pytest.fixture
def databases(tmp_path):
    con = duckdb.connect(str(tmp_path / "shop.duckdb"))
    con.execute("create table people as select * from (values (1, 'a'), (2, 'b')) t(id, name)")
    con.execute("create table nobody (id integer)")
    con.close()
    with sqlite3.connect(tmp_path / "shop.sqlite") as lite:
        lite.execute("create table people (id integer, name text)")
        lite.execute("insert into people values (1, 'a'), (2, 'b')")
        lite.execute("create table nobody (id integer)")
    lite.close()
    return tmp_path


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
def test_databases_by_table_and_query(databases, kind):
    address = f"{kind}://shop.{kind}"
    table = opened(databases, connection=address, table="people")
    query = opened(databases, connection=address, query="select id from people where name = 'b'")
    assert table.table.name.to_pandas().tolist() == ["a", "b"]
    assert query.table.id.to_pandas().tolist() == [2]
    assert table.files == (databases / f"shop.{kind}",)


@pytest.mark.parametrize("kind", ["duckdb", "sqlite"])
@pytest.mark.parametrize(("spec", "message"), [
    ({"table": "peple"}, r"has no table 'peple'; it has nobody, people. Did you mean 'people'"),
    ({"query": "select nope from people"}, "nope"), ({"table": "nobody"}, "has no rows"),
])  # fmt: skip
def test_database_errors_are_one_line(databases, kind, spec, message):
    with pytest.raises(DataError, match=message) as caught:
        opened(databases, connection=f"{kind}://shop.{kind}", **spec)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(("decimal", "text", "want"), [
    (",", "1.234", 1234.0), (",", "1.234,56", 1234.56), (",", "-0,5", -0.5), (",", "12", 12.0), (".", "1.25", 1.25),
])  # fmt: skip
def test_numbers_follow_the_decimal_mark(tmp_path, decimal, text, want):
    (tmp_path / "a.csv").write_text(f"id;n\n1;{text}\n")
    got = opened(tmp_path, path="a.csv", decimal=decimal, separator=";")
    assert got.table.select(n=columns.numbers(got, "n")).n.to_pandas().tolist() == [want]


@pytest.mark.parametrize(("decimal", "text"), [(",", "1.5"), (",", "1,2,3"), (".", "1,5"), (".", "1,234.5")])
def test_numbers_of_another_mark_are_refused(tmp_path, decimal, text):
    (tmp_path / "a.csv").write_text(f"id;n\n1;{text}\n")
    got = opened(tmp_path, path="a.csv", decimal=decimal, separator=";")
    with pytest.raises(
        DataError, match="1 entries of column 'n' are text, not numbers .*rows 1 after the header"
    ):
        columns.numbers(got, "n")


def test_files_of_a_glob_must_be_alike(tmp_path):
    TABLE.to_csv(tmp_path / "part1.csv", index=False)
    TABLE.to_csv(tmp_path / "part2.csv", index=False, sep=";")
    with pytest.raises(DataError, match="part2.csv is not written as part1.csv is"):
        opened(tmp_path, path="part*.csv")
    write_frame(TABLE, tmp_path / "a1.parquet")
    write_frame(TABLE.drop(columns="town"), tmp_path / "a2.parquet")
    with pytest.raises(DataError, match="a2.parquet has other columns or types than a1.parquet"):
        opened(tmp_path, path="a*.parquet")


def test_a_folder_name_adds_no_column(tmp_path):
    (tmp_path / "town=X").mkdir()
    TABLE.to_csv(tmp_path / "town=X" / "a.csv", index=False)
    assert opened(tmp_path, path="town=X/a.csv").table.town.to_pandas().tolist() == TABLE.town.tolist()


def test_ids_that_look_like_numbers_stay_apart(tmp_path):
    (tmp_path / "a.csv").write_text("id\n1.1\n1.10\n007\n10E0\n12345678901234567890\n")
    table = opened(tmp_path, path="a.csv").table
    assert table.select(k=sources.text_key(table.id)).k.to_pandas().nunique() == 5
    big = sources.connect().create_table("big", pd.DataFrame({"id": [1e19, 1.5]}))
    assert big.select(k=sources.text_key(big.id)).k.to_pandas().nunique() == 2


@pytest.mark.parametrize(("content", "message"), [
    (b"\xfe\xff\x00i\x00d", "UTF-16 big-endian, which is not read"), (b"\n\nid,n\n1,2\n", "begins with an empty line"),
    (b"id,\n1,2\n", "a column without a name"),
])  # fmt: skip
def test_odd_beginnings_are_refused(tmp_path, content, message):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        opened(tmp_path, path="a.csv")


def test_a_declared_encoding_that_the_mark_denies_is_refused(tmp_path):
    TABLE.to_csv(tmp_path / "a.csv", index=False, encoding="utf-8-sig")
    with pytest.raises(DataError, match="is marked as utf-8, and sources.customers.encoding says latin-1"):
        opened(tmp_path, path="a.csv", encoding="latin-1")


def test_an_unknown_address_is_refused(tmp_path):
    with pytest.raises(
        DataError, match="connection 'oracle://x' is of no known kind; allowed: duckdb://FILE, sqlite://FILE"
    ):
        opened(tmp_path, connection="oracle://x", table="t")


def test_ids_are_the_same_as_text_integer_and_float():
    engine = sources.connect()
    for values in (["12346", " 7 ", ""], [12346, 7, None], [12346.0, 7.0, None], ["12346.0", "7", None]):
        table = engine.create_table("ids", pd.DataFrame({"id": values}), overwrite=True)
        got = table.select(k=sources.text_key(table.id)).to_pandas().k
        assert got.where(got.notna(), None).tolist() == ["12346", "7", None]


def test_a_column_named_like_sql_does_nothing(tmp_path):
    name = 'x"; drop table read_customers; --'
    pd.DataFrame({"id": [1, 2], name: [3, 4]}).to_csv(tmp_path / "a.csv", index=False)
    got = opened(tmp_path, path="a.csv")
    assert got.table[name].to_pandas().tolist() == ["3", "4"]
    assert got.table.count().to_pandas() == 2
