"""Every form in which exports write cells, in every kind of source: exact sums, or one line with the cure."""

from __future__ import annotations

import datetime as dt
import re
import sqlite3
from pathlib import Path

import duckdb
import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seglib.collect import sources
from seglib.collect.columns import numbers, times
from seglib.collect.eligible import select_eligible
from seglib.collect.forms.marks import numerals, shapes, shapes_of
from seglib.collect.forms.numerals import expression, parse
from seglib.collect.ledger import Terms
from seglib.errors import DataError

AS_OF = dt.date(2024, 12, 1)
ROLES = {"customer": "who", "order": "order", "time": "when", "amount": "paid"}
#: Customer, moment and cents of each row; thousands and a 13th day tell marks and days apart.
ROWS = [
    (f"K{n % 5}", dt.datetime(2024, 1 + n % 11, 1 + (7 * n) % 28, 9 + n % 9, 30), 123_456 + 1_111 * n + n % 7)
    for n in range(23)
]
SUM = sum(cents for _, _, cents in ROWS) / 100

AMOUNTS = {
    "plain": lambda c: f"{c / 100:.2f}",
    "thousands": lambda c: f"{c / 100:,.2f}",
    "comma": lambda c: f"{c / 100:.2f}".replace(".", ","),
    "points and comma": lambda c: f"{c / 100:,.2f}".translate(str.maketrans(",.", ".,")),
    "blanks and comma": lambda c: f"{c / 100:,.2f}".translate(str.maketrans(",.", " ,")),
    "hard blanks": lambda c: f"{c / 100:,.2f}".translate(str.maketrans(",.", "\u202f,")),
    "apostrophes": lambda c: f"{c / 100:,.2f}".replace(",", "'"),
    "sign before": lambda c: f"${c / 100:,.2f}",
    "code before": lambda c: f"USD {c / 100:.2f}",
    "sign after": lambda c: f"{c / 100:,.2f} €".translate(str.maketrans(",.", ".,")),
    "code after": lambda c: f"{c / 100:.2f} CHF",
}
TIMES = {
    "iso": lambda t: t.isoformat(" "),
    "T and Z": lambda t: t.isoformat() + "Z",
    "milliseconds": lambda t: t.isoformat() + ".000",
    "UTC": lambda t: t.isoformat(" ") + " UTC",
    "+0000": lambda t: t.isoformat(" ") + " +0000",
    "slashes": lambda t: f"{t:%Y/%m/%d %H:%M}",
    "seconds": lambda t: str(int(t.replace(tzinfo=dt.UTC).timestamp())),
    "thousandths": lambda t: str(int(t.replace(tzinfo=dt.UTC).timestamp()) * 1000),
    "days of a spreadsheet": lambda t: repr((t - dt.datetime(1899, 12, 30)) / dt.timedelta(days=1)),
    "digits": lambda t: f"{t:%Y%m%d%H%M%S}",
}
PATTERNS = ["%d/%m/%Y %H:%M", "%m/%d/%Y %I:%M %p", "%d.%m.%Y %H:%M", "%b %d, %Y %H:%M", "%d-%b-%y %H:%M"]


def frame(time=TIMES["iso"], amount=AMOUNTS["plain"]) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "who": [who for who, _, _ in ROWS],
            "order": [str(n) for n in range(len(ROWS))],
            "when": [time(moment) for _, moment, _ in ROWS],
            "paid": [amount(cents) for _, _, cents in ROWS],
        }
    )


def put(folder: Path, kind: str, table: pd.DataFrame) -> dict:
    """Write a table as one kind of source; give how a params file names it."""
    if kind == "csv":
        table.to_csv(folder / "a.csv", index=False)
        return {"path": "a.csv"}
    if kind == "semicolons":
        table.to_csv(folder / "a.csv", index=False, sep=";")
        return {"path": "a.csv"}
    if kind == "json lines":
        table.to_json(folder / "a.jsonl", orient="records", lines=True)
        return {"path": "a.jsonl"}
    if kind == "parquet":
        table.to_parquet(folder / "a.parquet")
        return {"path": "a.parquet"}
    if kind == "excel":
        book = openpyxl.Workbook()
        for row in [list(table.columns), *table.values.tolist()]:
            book.active.append(row)
        book.save(folder / "a.xlsx")
        return {"path": "a.xlsx"}
    if kind == "sqlite":
        with sqlite3.connect(folder / "a.db") as connection:
            table.to_sql("t", connection, index=False)
        return {"connection": "sqlite://a.db", "table": "t"}
    with duckdb.connect(str(folder / "a.duckdb")) as connection:
        connection.register("rows", table)
        connection.execute("CREATE TABLE t AS FROM rows")
    return {"connection": "duckdb://a.duckdb", "table": "t"}


KINDS = ["csv", "semicolons", "json lines", "parquet", "excel", "sqlite", "duckdb"]


def collected(folder: Path, spec: dict, terms: Terms | None = None):
    opened = sources.open_source(sources.connect(), "transactions", folder, spec)
    return select_eligible(
        {"transactions": opened}, {"transactions": ROLES}, AS_OF, terms={"transactions": terms or Terms()}
    )


def check_exact(found) -> None:
    table = found.tables["transactions"].order_by("time").to_pandas()
    assert float(table.amount.sum()) == pytest.approx(SUM, abs=1e-9)
    assert sorted(table.time) == sorted(moment for _, moment, _ in ROWS)


@pytest.mark.parametrize(
    ("kind", "amount", "time"),
    [(KINDS[at % len(KINDS)], *forms) for at, forms in enumerate(zip(AMOUNTS, [*TIMES, "iso"], strict=True))],
)
def test_every_form_is_exact_and_every_kind_of_source(tmp_path, kind, amount, time):
    check_exact(collected(tmp_path, put(tmp_path, kind, frame(TIMES[time], AMOUNTS[amount]))))


@pytest.mark.parametrize(("kind", "pattern"), list(zip(KINDS, PATTERNS, strict=False)))
def test_the_message_names_the_pattern_that_reads_them(tmp_path, kind, pattern):
    spec = put(tmp_path, kind, frame(time=lambda t: t.strftime(pattern)))
    with pytest.raises(DataError, match="23 times in column 'when' cannot be read: '") as caught:
        collected(tmp_path, spec)
    cure = re.search(r"set sources.transactions.dates to '([^']+)', which fits every row", str(caught.value))
    check_exact(collected(tmp_path, spec, Terms(dates=cure[1])))
    if kind == "csv":  # for all columns of times, or for one by its name
        check_exact(collected(tmp_path, spec, Terms(dates={"when": cure[1]})))


@pytest.mark.parametrize(
    ("before", "after", "made"),
    [
        ("", "", lambda line: line),
        ("sep=;\n", "", lambda line: line.replace(",", ";")),
        ("Orders of 2024\n\n", "", lambda line: line),
        ("Orders,,,\n,,,\n", "", lambda line: line),
        ("", "Total,,,99999\n", lambda line: line),
        ("", ",,Grand total,99999\n", lambda line: line),
        ("", "", lambda line: line + ","),
        ("", "\n\n", lambda line: line),
    ],
)
def test_what_stands_around_a_table_is_left_out(tmp_path, before, after, made):
    lines = frame().to_csv(index=False).splitlines()
    (tmp_path / "a.csv").write_text(before + "".join(made(line) + "\n" for line in lines) + after)
    check_exact(collected(tmp_path, {"path": "a.csv"}))


#: What tools write into a first column without a name: numbers of rows, with gaps and in another order, or names.
UNNAMED = {
    "numbers": list(range(23)),
    "numbers from 1": list(range(1, 24)),
    "of rows that were chosen": list(range(0, 69, 3)),
    "of rows in another order": [(7 * n) % 23 for n in range(23)],
    "names": [f"x{n}" for n in range(23)],
}


@pytest.mark.parametrize("ending", ["csv", "xlsx"])
@pytest.mark.parametrize("of_rows", UNNAMED)
def test_a_first_column_without_a_name_numbers_or_names_the_rows(tmp_path, ending, of_rows):
    numbered = frame().set_index(pd.Index(UNNAMED[of_rows]))
    getattr(numbered, f"to_{'csv' if ending == 'csv' else 'excel'}")(tmp_path / f"a.{ending}")
    opened = sources.open_source(sources.connect(), "transactions", tmp_path, {"path": f"a.{ending}"})
    counts = of_rows in ("numbers", "numbers from 1", "of rows in another order")
    assert ("row_name" in opened.table.columns) is not counts
    check_exact(collected(tmp_path, {"path": f"a.{ending}"}))


def test_each_file_of_a_source_may_number_its_own_rows_and_other_columns_need_a_name(tmp_path):
    whole = frame()
    for n, part in enumerate((whole[:12], whole[12:])):
        part.reset_index(drop=True).to_csv(tmp_path / f"part{n}.csv")
    check_exact(collected(tmp_path, {"path": "part*.csv"}))
    whole.set_index(pd.Index([n // 2 for n in range(23)])).to_csv(tmp_path / "a.csv")
    with pytest.raises(DataError, match="neither counts nor names the rows; name it"):
        collected(tmp_path, {"path": "a.csv"})


@pytest.mark.parametrize("numbered", [False, True])
def test_totals_at_the_end_of_a_sheet_are_left_out(tmp_path, numbered):
    book, total = openpyxl.Workbook(), ["Total", None, None, SUM]
    for n, row in enumerate([list(frame()), *frame().to_numpy().tolist(), total]):
        number = [None if n in (0, 24) else n] if numbered else []
        book.active.append([*number, *row])
    book.save(tmp_path / "a.xlsx")
    check_exact(collected(tmp_path, {"path": "a.xlsx"}))


@pytest.mark.parametrize("encoding", ["cp1250", "iso-8859-15", "utf-16", "shift_jis", "mac_roman"])
def test_encodings_are_declared_by_any_name(tmp_path, encoding):
    frame().assign(who=lambda t: t.who + "o").to_csv(tmp_path / "a.csv", index=False, encoding=encoding)
    check_exact(collected(tmp_path, {"path": "a.csv", "encoding": encoding}))


def test_one_column_that_can_be_read_in_two_ways_is_asked_about(tmp_path):
    spec = put(tmp_path, "parquet", frame(amount=lambda c: f"{c // 1000}.250"))
    with pytest.raises(
        DataError, match="'paid' can be read in two ways: '.*set sources.transactions.decimal"
    ):
        collected(tmp_path, spec)


def test_several_currencies_in_one_column_stop(tmp_path):
    table = frame(amount=lambda c: ("€" if c % 2 else "$") + f"{c / 100:.2f}")
    with pytest.raises(DataError, match="'paid' holds amounts of several currencies"):
        collected(tmp_path, put(tmp_path, "csv", table))


def test_mixed_offsets_ask_for_the_time_zone_of_the_business(tmp_path):
    spec = put(tmp_path, "csv", frame(time=lambda t: t.isoformat() + ("+01:00" if t.month < 6 else "+02:00")))
    with pytest.raises(DataError, match=r"times of 2 time zones: '.*set sources.transactions.timezone"):
        collected(tmp_path, spec)
    found = collected(tmp_path, spec, Terms(timezone="Africa/Lagos"))  # one hour ahead of UTC, all year
    first = found.tables["transactions"].time.max().to_pandas()
    assert first == max(t if t.month < 6 else t - dt.timedelta(hours=1) for _, t, _ in ROWS)


def test_where_keeps_rows_and_accounts_for_the_others(tmp_path):
    table = frame().assign(status=["test" if n % 4 == 0 else "" if n % 4 == 1 else "done" for n in range(23)])
    out = sum(cents for n, (_, _, cents) in enumerate(ROWS) if n % 4 == 0) / 100
    for kind in ("csv", "parquet", "duckdb"):
        folder = tmp_path / kind
        folder.mkdir()
        found = collected(folder, put(folder, kind, table), Terms(where="status <> 'test'"))
        entry = found.ledger.set_index("rule").loc["left out by where"]
        assert (entry.dropped, entry.value) == (6, pytest.approx(out))
        assert float(found.tables["transactions"].amount.sum().to_pandas()) == pytest.approx(SUM - out)
    for wrong in ("status =", "stat = 'x'", "1 = 1", "lower(status) = 'x'", "paid > 0; DROP TABLE t"):
        with pytest.raises(DataError, match="sources.transactions.where"):
            collected(tmp_path / "csv", {"path": "a.csv"}, Terms(where=wrong))


@pytest.mark.parametrize("day", ["0001-01-01", "1970-01-01", "1985-03-01", "2099-12-31", "9999-12-31"])
def test_one_implausible_time_stops_and_can_be_dropped(tmp_path, day):
    table = frame()
    table.loc[3, "when"] = f"{day} 00:00:00"
    spec = put(tmp_path, "csv", table)
    with pytest.raises(DataError, match=f"1 times in column 'when' are of {day}.*implausible_time: drop"):
        collected(tmp_path, spec)
    found = collected(tmp_path, spec, Terms(rules={"implausible_time": "drop"}))
    assert found.ledger.set_index("rule").dropped["implausible time"] == 1


cents = st.integers(-(10**9), 10**9)


@settings(max_examples=40, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    values=st.lists(cents, min_size=2, max_size=12),
    form=st.sampled_from(sorted(AMOUNTS)),
    below=st.sampled_from(["-{}", "({})", "{}-", "−{}"]),
    strange=st.sampled_from(["", "", "x1", "1.2.3,4", "12 pieces", "(5", "--4"]),
)
def test_the_engine_and_the_rule_read_alike_or_refuse(values, form, below, strange):
    texts = [AMOUNTS[form](abs(c)) if c >= 0 else below.format(AMOUNTS[form](-c)) for c in values]
    texts += [AMOUNTS[form](123_456_789)] + ([strange] if strange else [])
    engine = sources.connect()
    table = engine.create_table("t", pd.DataFrame({"n": range(len(texts)), "x": texts}), temp=True)
    how = numerals(shapes(table.x))
    assert how == numerals(shapes_of(texts))
    read = table.mutate(y=expression(table.x, how)).order_by("n").y.to_pandas()
    by_rule = pd.Series([parse(text, how) for text in texts], dtype="float64")
    pd.testing.assert_series_equal(read, by_rule, check_names=False)
    assert read[: len(values)].tolist() == pytest.approx([c / 100 for c in values])
    assert read[len(values) + 1 :].isna().all()


@settings(max_examples=25, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
@given(
    st.lists(st.text(alphabet="0123456789.,-/:TZ €$%()ax", max_size=12), min_size=2, max_size=8),
)
def test_any_text_is_read_or_refused_in_one_line(texts):
    engine = sources.connect()
    table = engine.create_table("t", pd.DataFrame({"x": pd.Series(texts, dtype="string")}), temp=True)
    opened = sources.Opened("transactions", table)
    for reader in (lambda: numbers(opened, "x"), lambda: times(opened, "x", None)):
        try:
            table.mutate(y=reader().value).y.to_pandas()
        except DataError as error:
            assert "\n" not in str(error)
            assert "'x'" in str(error)
            assert "/tmp" not in str(error)
