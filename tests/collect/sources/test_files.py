"""Files and databases as they come."""

from __future__ import annotations

import datetime as dt
import gzip
import json
import sqlite3

import duckdb
import openpyxl
import pandas as pd
import pytest

from seglib.collect import columns, refusals, sources
from seglib.errors import DataError
from seglib.project.store import write_frame

TABLE = pd.DataFrame(
    {"id": ["a", "b", "c"], "amount": [1.5, 2.25, -3.0], "town": ["x;y", 'q"uote', "line\nbreak"]}
)


def opened(tmp_path, **spec):
    return sources.open_source(sources.connect(), "customers", tmp_path, spec)


@pytest.mark.parametrize(
    ("name", "options", "how"),
    [
        ("a.csv", {}, {"separator": ", (sniffed)", "decimal mark": ". (sniffed)"}),
        ("a.csv.gz", {}, {"separator": ", (sniffed)"}),
        ("a.csv", {"sep": ";", "decimal": ","}, {"separator": "; (sniffed)", "decimal mark": ", (sniffed)"}),
        ("a.tsv", {"sep": "\t"}, {"separator": "tab (sniffed)"}),
        ("a.csv", {"sep": "|"}, {"separator": "| (sniffed)"}),
        ("a.csv", {"encoding": "utf-8-sig"}, {"encoding": "utf-8 (sniffed)"}),
        ("a.csv", {"encoding": "utf-16"}, {"encoding": "utf-16 (sniffed)"}),
        ("a.csv", {"lineterminator": "\r\n"}, {"separator": ", (sniffed)"}),
    ],
)
def test_csv_dialects_are_sniffed_and_shown(tmp_path, name, options, how):
    table = TABLE if options.get("lineterminator") is None else TABLE.replace("line\nbreak", "z")
    table.to_csv(tmp_path / name, index=False, **options)
    got = opened(tmp_path, path=name)
    assert got.table.columns == ("id", "amount", "town")
    assert got.table.select(n=columns.numbers(got, "amount").value).n.to_pandas().tolist() == [
        1.5,
        2.25,
        -3.0,
    ]
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
    with pytest.raises(DataError, match="no file matches 'x\\*.csv'; check sources.customers.path"):
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
@pytest.mark.parametrize(
    ("spec", "message"),
    [
        ({"table": "peple"}, r"has no table 'peple'; it has nobody, people. Did you mean 'people'"),
        ({"query": "select nope from people"}, "nope"),
        ({"table": "nobody"}, "has no rows"),
    ],
)
def test_database_errors_are_one_line(databases, kind, spec, message):
    with pytest.raises(DataError, match=message) as caught:
        opened(databases, connection=f"{kind}://shop.{kind}", **spec)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("decimal", "text", "want"),
    [
        (",", "1.234", 1234.0),
        (",", "1.234,56", 1234.56),
        (",", "-0,5", -0.5),
        (",", "12", 12.0),
        (".", "1.25", 1.25),
    ],
)
def test_numbers_follow_the_decimal_mark(tmp_path, decimal, text, want):
    (tmp_path / "a.csv").write_text(f"id;n\n1;{text}\n")
    got = opened(tmp_path, path="a.csv", decimal=decimal, separator=";")
    assert got.table.select(n=columns.numbers(got, "n").value).n.to_pandas().tolist() == [want]


@pytest.mark.parametrize(("decimal", "text"), [(",", "1.5"), (",", "1,2,3"), (".", "1,5"), (".", "1,23.5")])
def test_numbers_of_another_mark_are_refused(tmp_path, decimal, text):
    (tmp_path / "a.csv").write_text(f"id;n\n1;{text}\n")
    got = opened(tmp_path, path="a.csv", decimal=decimal, separator=";")
    with pytest.raises(
        DataError, match="1 entries of column 'n' are text, not numbers .*rows 1 after the header"
    ):
        refusals.refuse(got, "n", columns.numbers(got, "n"))


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


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"\xfe\xff\x00i\x00d", "has a header but no rows"),
        (b"id,\n1,2\n", "a column without a name"),
    ],
)
def test_odd_beginnings_are_refused(tmp_path, content, message):
    (tmp_path / "a.csv").write_bytes(content)
    with pytest.raises(DataError, match=message):
        opened(tmp_path, path="a.csv")


@pytest.mark.parametrize("above", ["\n", "\n\r\n", ",,\n", "Sales report\n\n"])
@pytest.mark.parametrize(
    "below",
    ["", "\n3 record(s) downloaded,\n", "\nSeller ID : somebody\n\n", "Report generated 2024-01-01\n"],
)
def test_lines_above_the_header_and_below_the_rows_are_left_out_and_told(tmp_path, above, below):
    (tmp_path / "a.csv").write_text(f"{above}id,n,town\n1,2,York\n2,3,Bath\n3,4,Hull\n{below}")
    read = opened(tmp_path, path="a.csv")
    assert read.table.to_pandas().dropna(how="all").id.tolist() == ["1", "2", "3"]
    assert ("lines below the last row" in read.how) == bool(below)
    assert "lines above the header" in read.how


@pytest.mark.parametrize("rest", ["4,7\n", "4,7\n5,6,Rye\n", "3 rows\n4,5,Rye\n", "a,b\nc,d\n"])
def test_a_row_that_was_cut_off_is_no_footer(tmp_path, rest):
    (tmp_path / "a.csv").write_text(f"id,n,town\n1,2,York\n2,3,Bath\n{rest}")
    with pytest.raises(DataError, match="line 4, cannot be read as rows of 3 cells"):
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


@pytest.mark.parametrize("codec", ["utf-16-le", "utf-16-be"])
@pytest.mark.parametrize("marked", [True, False])
def test_utf_16_is_read_in_both_orders_marked_or_declared(tmp_path, codec, marked):
    text = ("\ufeff" if marked else "") + "id;town\n1;Köln\n"
    (tmp_path / "a.csv").write_bytes(text.encode(codec))
    got = opened(tmp_path, path="a.csv", **({} if marked else {"encoding": "utf-16"}))
    assert got.table.to_pandas().to_numpy().tolist() == [["1", "Köln"]]


def test_a_file_without_a_header_takes_its_names_from_the_params(tmp_path):
    (tmp_path / "a.csv").write_text("1,x\n2,y\n")
    assert opened(tmp_path, path="a.csv", header=["id", "t"]).table.to_pandas().t.tolist() == ["x", "y"]
    with pytest.raises(
        DataError, match="has 2 columns in its first line, and sources.customers.header names 1"
    ):
        opened(tmp_path, path="a.csv", header=["id"])
    with pytest.raises(
        DataError, match="names its columns in its first line; remove sources.customers.header"
    ):
        opened(tmp_path, path="a.csv", header=["1", "x"])


def test_white_space_of_any_length_separates(tmp_path):
    (tmp_path / "a.txt").write_text("  id   n\n 1  2\n\n\t3 \t4  \n")
    assert opened(tmp_path, path="a.txt", separator=" ").table.to_pandas().to_numpy().tolist() == [
        ["1", "2"],
        ["3", "4"],
    ]
    (tmp_path / "a.txt").write_text(" id n\n 1 2\n 1 2 3\n")
    with pytest.raises(
        DataError, match="a.txt, line 3, cannot be read as rows of 2 cells separated by white space"
    ):
        opened(tmp_path, path="a.txt", separator=" ")


def test_lines_that_end_in_different_ways_are_read(tmp_path):
    (tmp_path / "a.csv").write_bytes(b'id,t\r\n1,"x\ny"\n2,z\r\n')
    assert opened(tmp_path, path="a.csv").table.t.to_pandas().tolist() == ["x\ny", "z"]


def test_names_that_differ_in_case_alone_are_refused(tmp_path):
    (tmp_path / "a.csv").write_text("id,ID\n1,2\n")
    with pytest.raises(DataError, match="more than one column named 'ID, id'"):
        opened(tmp_path, path="a.csv")


def test_a_name_with_brackets_is_that_file_alone(tmp_path):
    (tmp_path / "a[1].csv").write_text("id\nright\n")
    (tmp_path / "a1.csv").write_text("id\nwrong\n")
    assert opened(tmp_path, path="a[1].csv").table.id.to_pandas().tolist() == ["right"]


REFERENCE = {
    "cdnow/CDNOW_master.txt.gz": (69_659, 4, {"separator": " "}),
    "soybean/soybean.csv.gz": (47, 36, {"header": [f"a{n}" for n in range(36)]}),
    "cdnow/CDNOW_sample.txt.gz": (
        6_919,
        5,
        {"separator": " ", "header": ["old", "id", "date", "cds", "dollars"]},
    ),
    "customer_personality/marketing_campaign.csv.gz": (2_240, 29, {}),
    "uci_bank/bank-full.csv.gz": (45_211, 17, {}),
    "hillstrom/hillstrom.csv.gz": (64_000, 12, {}),
    "rfm_orders/orders.parquet": (4_906, 6, {}),
    "fortune1000/fortune1000.csv.gz": (1_000, 8, {}),
    "online_retail/OnlineRetail.parquet": (541_909, 8, {}),
}


@pytest.mark.parametrize("name", sorted(REFERENCE))
def test_real_files_are_read_whole(reference, name):
    rows, columns_, spec = REFERENCE[name]
    got = opened(reference, path=name, **spec)
    assert (int(got.table.count().to_pandas()), len(got.table.columns)) == (rows, columns_)


# JSON lines


def json_lines(tmp_path, *lines, name="a.jsonl", **spec):
    raw = "".join((line if isinstance(line, str) else json.dumps(line)) + "\n" for line in lines).encode()
    (tmp_path / name).write_bytes(gzip.compress(raw) if name.endswith("gz") else raw)
    return opened(tmp_path, path=name, **spec)


@pytest.mark.parametrize("name", ["a.jsonl", "a.ndjson", "a.json", "a.jsonl.gz"])
def test_json_lines_keep_every_digit(tmp_path, name):
    got = json_lines(
        tmp_path,
        '{"id": 12345678901234567890123, "n": 1.50, "b": true}',
        "",
        '{"id": 12346.0, "t": "x", "b": null}',
        {"id": "A7", "n": 999, "t": ""},
        name=name,
        missing=["999"],
    )
    assert [str(kind) for kind in got.table.schema().values()] == ["string", "string", "boolean", "string"]
    assert got.table.to_pyarrow().to_pylist() == [
        {"id": "12345678901234567890123", "n": "1.5", "b": True, "t": None},
        {"id": "12346", "n": None, "b": None, "t": "x"},
        {"id": "A7", "n": None, "b": None, "t": None},
    ]


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (['{"a": 1}', '{"a": 2, "x": {"q": 1}}'], "row 2, key 'x' holds an object or an array"),
        (['[{"a": 1}]'], "begins with '\\['.*write it as JSON lines"),
        (['{"a": 1}', '{"a":'], "line 2, is not one whole JSON"),
        (['{"a": 1} {"a": 2}'], "line 1, is not one whole JSON"),
        (['{"a": 1}', "5"], "row 2, is not an object"),
        (['{"a": 1, "a": 2}'], "row 1, has a key twice"),
        (['{"a": 1, "A": 2}'], "more than one column named 'A, a'"),
        (['{"a": "\\u0000"}'], "holds a NUL"),
        (["{}"], "holds no keys"),
        (['{"": 1}'], "a key without a name"),
        (["{", '"a": 1', "}"], "line 1, is not one whole JSON"),
        ([{f"k{n}": 1 for n in range(2001)}], "2,001 different keys"),
    ],
)
def test_json_that_is_no_table_is_refused(tmp_path, lines, message):
    with pytest.raises(DataError, match=message) as caught:
        json_lines(tmp_path, *lines)
    assert "\n" not in str(caught.value)


# Workbooks


def workbook(tmp_path, rows, merged=(), name="a.xlsx", **spec):
    book = openpyxl.Workbook()
    for row in rows:
        book.active.append(row)
    for area in merged:
        book.active.merge_cells(area)
    book.save(tmp_path / name)
    return opened(tmp_path, path=name, **spec)


def test_a_workbook_keeps_ids_dates_and_mixed_cells(tmp_path):
    day = dt.date(2024, 1, 2)
    got = workbook(
        tmp_path,
        [
            ["id", "when", "yes", "mixed", "n"],
            [12346, day, True, day, 0.00001],
            ["A7", dt.datetime(2024, 1, 3, 4, 5), False, "03/04/2024", 1.234],
        ],
        decimal=",",
    )
    assert got.table.to_pyarrow().to_pylist() == [
        {"id": "12346", "when": dt.datetime(2024, 1, 2), "yes": True, "mixed": "2024-01-02", "n": "0,00001"},
        {
            "id": "A7",
            "when": dt.datetime(2024, 1, 3, 4, 5),
            "yes": False,
            "mixed": "03/04/2024",
            "n": "1,234",
        },
    ]
    with pytest.raises(DataError, match="1 times in column 'mixed' cannot be read: '03.*rows 2"):
        refusals.refuse(got, "mixed", columns.times(got, "mixed", None))


@pytest.mark.parametrize(
    ("rows", "merged"),
    [
        ([["Report"], [], ["id", "n", "t"], [1, 2, 3]], ()),
        ([["id", None, "n", "t"], [1, None, 2, 3], [], []], ()),
        ([["id", "Both", None], [None, "n", "t"], [1, 2, 3]], ("A1:A2", "B1:C1")),
    ],
)
def test_the_header_is_found(tmp_path, rows, merged):
    assert workbook(tmp_path, rows, merged).table.to_pyarrow().to_pylist() == [
        {"id": "1", "n": "2", "t": "3"}
    ]


@pytest.mark.parametrize(
    ("rows", "merged", "message"),
    [
        ([["id", "Name", None], ["a", "b", "c"]], ("B1:C1",), "row 1, names 2 of 3 columns: column C"),
        (
            [["id", "n", "t"], ["a", "b", "c"], ["d", "e", "f", "note"]],
            (),
            "row 1, names 3 of 4 columns: column D",
        ),
        ([["id", "n"], [1, 2], [None, 3]], ("A2:A3",), "merged cells in row 2"),
        ([["id", "id"], [1, 2]], (), "more than one column"),
        ([[1, 2], [3, 4]], (), "row 1, should name the columns"),
        ([], (), "no visible sheet with rows"),
        ([["id"], [12345678901234567]], (), "more than 15 digits"),
    ],
)
def test_a_sheet_whose_table_is_not_clear_is_refused(tmp_path, rows, merged, message):
    with pytest.raises(DataError, match=message):
        workbook(tmp_path, rows, merged)


def test_a_sheet_is_named_or_the_first_that_is_seen(tmp_path):
    book = openpyxl.Workbook()
    book.active.title, book.active.sheet_state = "hidden", "hidden"
    book.active.append(["id"])
    book.active.append(["h"])
    for row in (["id"], ["v"]):
        (book["seen"] if "seen" in book.sheetnames else book.create_sheet("seen")).append(row)
    book.save(tmp_path / "a.xlsx")
    assert opened(tmp_path, path="a.xlsx").table.id.to_pandas().tolist() == ["v"]
    assert opened(tmp_path, path="a.xlsx", sheet="hidden").table.id.to_pandas().tolist() == ["h"]
    with pytest.raises(DataError, match="has no sheet 'sen'.*Did you mean 'seen'"):
        opened(tmp_path, path="a.xlsx", sheet="sen")


def test_a_stray_cell_far_away_is_refused_before_memory_ends(tmp_path):
    book = openpyxl.Workbook()
    book.active["A1"], book.active["XFD1048576"] = "id", "x"
    book.save(tmp_path / "a.xlsx")
    with pytest.raises(DataError, match="1,048,576 rows and 16,384 columns.*delete stray cells"):
        opened(tmp_path, path="a.xlsx")


@pytest.mark.parametrize(
    "raw", [b"<html>", b"id,n", b"PK\x03\x04 cut", b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + b"\0" * 600]
)
@pytest.mark.parametrize("name", ["a.xlsx", "a.xls", "a.ods"])
def test_no_workbook_is_refused_whatever_its_ending(tmp_path, raw, name):
    (tmp_path / name).write_bytes(raw)
    with pytest.raises(DataError, match=f"{name} is damaged, or no workbook"):
        opened(tmp_path, path=name)


def test_a_key_of_another_format_is_refused(tmp_path):
    TABLE.to_csv(tmp_path / "a.csv", index=False)
    with pytest.raises(DataError, match="sources.customers.sheet goes with Excel, and the files end in .csv"):
        opened(tmp_path, path="a.csv", sheet="x")
