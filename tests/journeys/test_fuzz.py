"""Malformed files end in features or in one clear line, soon, and are never read as something else."""

from __future__ import annotations

import csv
import datetime as dt
import io
import tempfile
import time
from pathlib import Path

import openpyxl
import pandas as pd
import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from seglib.collect import build as collect
from seglib.collect import sources
from seglib.collect.eligible import select_eligible
from seglib.collect.features import Settings
from seglib.collect.ledger import Terms
from seglib.errors import SegError

AS_OF = dt.date(2024, 6, 1)
SECONDS = 60
TRANSACTIONS = {"customer": "who", "order": "order", "time": "when", "amount": "paid"}
CUSTOMERS = {"customer": "who"}
# A customer's number of orders and value, and the days of the orders: known before they are written.
PLANTED = {
    f"10{n}": [(dt.date(2024, 1 + n % 4, 3 + n), 1000.25 + n), (dt.date(2024, 5, 1 + n), 2.5)]
    for n in range(6)
}
PATTERNS = {"iso": None, "day first": "%d/%m/%Y", "compact": "%Y%m%d"}


def outcome(folder: Path, specs: dict[str, dict], bases: dict) -> pd.DataFrame | None:
    """Open, admit and build as a run does; features by real id, or nothing after a clear line."""
    began, engine = time.monotonic(), sources.connect()
    roles = {"transactions": TRANSACTIONS, "customers": CUSTOMERS}
    try:
        opened = {kind: sources.open_source(engine, kind, folder, spec) for kind, spec in specs.items()}
        for kind, source in opened.items():
            sources.require_columns(
                source, {f"sources.{kind}.columns.{r}": c for r, c in roles[kind].items()}
            )
        given_columns = {c: basis for basis, named in bases.items() if named != "auto" for c in named}
        terms = {k: Terms(dates=s.get("dates")) for k, s in specs.items()}
        eligible = select_eligible(
            opened, {k: roles[k] for k in specs}, AS_OF, given=given_columns, terms=terms
        )
        built = collect.build_features(eligible.customers, eligible.tables, bases, Settings(AS_OF))
        found = built.features.merge(eligible.ids, on="customer").set_index("key").sort_index()
    except SegError as error:
        for line in str(error).splitlines():
            assert line.strip()
            assert "Traceback" not in line
            assert len(line) < 2_000
        assert "\n\n" not in str(error)
        found = None
    assert time.monotonic() - began < SECONDS
    return found


def planted_rows(pattern: str | None, decimal: str) -> list[list[str]]:
    rows = [["who", "order", "when", "paid"]]
    for who, orders in PLANTED.items():
        for n, (day, paid) in enumerate(orders):
            rows.append(
                [who, f"{who}-{n}", day.strftime(pattern or "%Y-%m-%d"), str(paid).replace(".", decimal)]
            )
    return rows


def check_planted(found: pd.DataFrame | None, whole: bool) -> None:
    """What is known of a customer is what was written; all of them where nothing was damaged."""
    if found is None:
        assert not whole
        return
    for who in found.index if not whole else PLANTED:
        assert who in PLANTED, "an id was read as something else"
        agrees(found.loc[who], PLANTED[who])


def agrees(got: pd.Series, orders: list[tuple[dt.date, float]]) -> None:
    """Compare one customer's features with the orders; a feature that does not vary is not there."""
    days, want = [day for day, _ in orders], {}
    want["recency"], want["tenure"] = (AS_OF - max(days)).days, (AS_OF - min(days)).days
    want["net_value"], want["order_count"] = sum(paid for _, paid in orders), len(orders)
    there = [name for name in want if name in got.index]
    assert len(there) >= 2
    assert got[there].to_dict() == pytest.approx({name: want[name] for name in there}, abs=0.005)


AUTO = {"behavioural": "auto", "value": "auto"}
slow = settings(max_examples=10, deadline=None, derandomize=True, suppress_health_check=list(HealthCheck))
shortly = settings(slow, max_examples=12)


@slow
@given(
    dates=st.sampled_from(sorted(PATTERNS)),
    decimal=st.sampled_from(".,"),
    separator=st.sampled_from(",;\t|"),
    codec=st.sampled_from(["utf-8", "utf-8-sig", "utf-16", "utf-16-be-marked", "latin-1"]),
    ends=st.sampled_from(["\n", "\r\n"]),
    quoting=st.sampled_from([csv.QUOTE_ALL, csv.QUOTE_MINIMAL]),
    header=st.booleans(),
    name=st.sampled_from(["a.csv", "a.txt"]),
)
def test_a_whole_csv_file_is_read_as_written(dates, decimal, separator, codec, ends, quoting, header, name):
    rows = planted_rows(PATTERNS[dates], decimal)
    spec: dict = {"path": name, "decimal": decimal, "separator": separator}
    spec |= {"dates": PATTERNS[dates]} if PATTERNS[dates] else {}
    spec |= {"header": rows.pop(0)} if header else {}
    spec |= {"encoding": "latin-1"} if codec == "latin-1" else {}
    text = io.StringIO()
    csv.writer(text, delimiter=separator, lineterminator=ends, quoting=quoting).writerows(rows)
    raw = (
        ("\ufeff" + text.getvalue()).encode("utf-16-be")
        if "marked" in codec
        else text.getvalue().encode(codec)
    )
    with tempfile.TemporaryDirectory() as made:
        (Path(made) / name).write_bytes(raw)
        check_planted(outcome(Path(made), {"transactions": spec}, AUTO), whole=True)


damages = st.lists(
    st.tuples(
        st.sampled_from(
            [
                "drop cell",
                "add cell",
                "quote",
                "nul",
                "text",
                "blank line",
                "cut",
                "twice",
                "mark",
                "empty",
                "other date",
                "other decimal",
            ]
        ),
        st.integers(0, 12),
        st.integers(0, 3),
    ),
    min_size=1,
    max_size=3,
)


def damaged(rows: list[list[str]], damage: str, row: int, cell: int) -> list[list[str]]:
    """Give the rows with one of them damaged."""
    one = list(rows[row])
    cell = min(cell, len(one) - 1)
    change = {
        "drop cell": one[:-1],
        "add cell": [*one, "x"],
        "text": [*one[:cell], "n/a", *one[cell + 1 :]],
        "blank line": [],
        "cut": one[:1],
        "twice": one,
        "mark": ["\ufeff" + "".join(one[:1]), *one[1:]],
        "empty": [*one[:cell], "", *one[cell + 1 :]],
        "quote": ['"' + "".join(one[:1]), *one[1:]],
        "nul": ["\0" + "".join(one[:1]), *one[1:]],
        "other date": [*one[:2], "03/04/24", *one[3:]],
        "other decimal": [*one[:3], "1.234,5", *one[4:]],
    }[damage]
    return [*rows[:row], *([one, one] if damage == "twice" else [change]), *rows[row + 1 :]]


def kept_as_written(rows: list[list[str]], found: pd.DataFrame | None) -> None:
    """A customer whose rows nobody damaged, who is there, has what was planted."""
    if found is None:
        return
    lines = [tuple(row) for row in rows]
    for who in set(found.index) & set(PLANTED):
        own = [tuple(row) for row in planted_rows(None, ".") if row[0] == who]
        same = [line for line in lines if line and line[0] == who]
        if set(own) == set(same):
            agrees(found.loc[who], PLANTED[who])


@shortly
@given(damages=damages)
def test_a_damaged_csv_file_ends_in_features_or_a_line(damages):
    rows = planted_rows(None, ".")
    for damage, row, cell in damages:
        if row < len(rows) and rows[row]:
            rows = damaged(rows, damage, row, cell)
    with tempfile.TemporaryDirectory() as made:
        (Path(made) / "a.csv").write_text("".join(",".join(row) + "\n" for row in rows), encoding="utf-8")
        kept_as_written(rows, outcome(Path(made), {"transactions": {"path": "a.csv"}}, AUTO))


@shortly
@given(
    damages=damages,
    cut=st.none() | st.integers(0, 5000),
    title=st.integers(0, 2),
    merge=st.booleans(),
    typed=st.booleans(),
    stray=st.none() | st.tuples(st.integers(1, 20), st.integers(1, 8)),
)
def test_a_workbook_ends_in_features_or_a_line(damages, cut, title, merge, typed, stray):
    rows = planted_rows(None, ".")
    harmless = cut is None and stray is None and not merge
    for damage, row, cell in damages if not harmless or not typed else []:
        if row < len(rows) and rows[row] and damage not in ("nul", "quote", "mark"):
            rows = damaged(rows, damage, row, cell)
    book = openpyxl.Workbook()
    sheet = book.active
    for _ in range(title):
        sheet.append(["A report"])
    for n, row in enumerate(rows):
        sheet.append([_typed(cell, k) if typed and n else cell for k, cell in enumerate(row)])
    if merge:
        sheet.merge_cells(start_row=title + 1, start_column=1, end_row=title + 1, end_column=2)
    if stray:
        sheet.cell(*stray).value = "note"
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / "a.xlsx"
        book.save(file)
        if cut is not None:
            file.write_bytes(file.read_bytes()[:cut])
        found = outcome(Path(made), {"transactions": {"path": "a.xlsx"}}, AUTO)
        kept_as_written(rows, found)
        if harmless and typed:
            check_planted(found, whole=True)


def _typed(cell: str, place: int) -> object:
    try:
        return {0: int, 2: dt.datetime.fromisoformat, 3: float}.get(place, str)(cell)
    except ValueError:
        return cell


@shortly
@given(
    st.binary(max_size=300) | st.text(alphabet='who,";\n\r\t |01.9é\0', max_size=200).map(str.encode),
    st.sampled_from(["a.csv", "a.jsonl", "a.xlsx", "a.xls", "a.ods", "a.csv.gz", "a.parquet", "a.json"]),
)
def test_any_bytes_end_in_features_or_a_line(raw, name):
    with tempfile.TemporaryDirectory() as made:
        (Path(made) / name).write_bytes(raw)
        outcome(Path(made), {"transactions": {"path": name}}, AUTO)


cells = st.sampled_from(
    [
        "1",
        "1,5",
        "1.5",
        "1.234",
        "1.234,5",
        "007",
        "1e3",
        "yes",
        "2024-01-02",
        "x",
        "",
        " ",
        "NaN",
        "inf",
        "-",
        '"',
        "ä",
        "=1+1",
        "9007199254740993",
    ]
)


@shortly
@given(
    st.lists(cells, min_size=6, max_size=6),
    st.sampled_from(".,"),
    st.sampled_from(["a.csv", "a.jsonl", "a.xlsx"]),
)
def test_mixed_cells_of_a_customer_are_never_another_number(values, decimal, name):
    frame = pd.DataFrame({"who": list(PLANTED), "given": values})
    with tempfile.TemporaryDirectory() as made:
        file = Path(made) / name
        if name.endswith("csv"):
            frame.to_csv(file, index=False, sep=";")
        elif name.endswith("jsonl"):
            frame.to_json(file, orient="records", lines=True)
        else:
            frame.to_excel(file, index=False)
        spec = {"path": name, "decimal": decimal} | ({"separator": ";"} if name.endswith("csv") else {})
        found = outcome(Path(made), {"customers": spec}, {"demographic": ["given"]})
    if found is not None and pd.api.types.is_float_dtype(found.given):
        want = {
            "1": 1,
            "1,5": 1.5,
            "1.5": 1.5,
            "1.234": 1.234 if decimal == "." else 1234,
            "1.234,5": 1234.5,
            "1e3": 1000,
            "9007199254740993": 9007199254740992,
        }
        for who, value in zip(PLANTED, values, strict=True):
            if who in found.index and pd.notna(found.given[who]):
                assert found.given[who] == want[value]


@pytest.mark.parametrize("name", ["a.csv", "a.xlsx"])
def test_ten_thousand_columns_are_read(tmp_path, name):
    rows = planted_rows(None, ".")
    rows = [[*row, *(f"c{n}" if k == 0 else "1" for n in range(9_996))] for k, row in enumerate(rows)]
    if name.endswith("csv"):
        (tmp_path / name).write_text("\n".join(map(",".join, rows)))
    else:
        book = openpyxl.Workbook(write_only=True)
        sheet = book.create_sheet()
        for row in rows:
            sheet.append(row)
        book.save(tmp_path / name)
    engine = sources.connect()
    opened = sources.open_source(engine, "transactions", tmp_path, {"path": name})
    assert len(opened.table.columns) == 10_000
    got = opened.table.select(paid=opened.table.paid.cast("float64"), last=opened.table.c9995).to_pandas()
    assert got.paid.sum() == pytest.approx(sum(p for orders in PLANTED.values() for _, p in orders))
    assert got["last"].tolist() == ["1"] * 12


@pytest.mark.parametrize("cell", ["x" * 50_000_000, '"' + "x\n" * 25_000_000 + '"'])
@pytest.mark.parametrize("row", [1, 500])
def test_a_cell_of_50_mb_ends_in_a_line(tmp_path, cell, row):
    lines = ["who,order,when,paid"] + [f"{n % 9},{n},2024-01-01,1" for n in range(600)]
    lines[row] = f"1,{cell},2024-01-01,1"
    (tmp_path / "a.csv").write_text("\n".join(lines))
    assert outcome(tmp_path, {"transactions": {"path": "a.csv"}}, AUTO) is None


def test_the_outcome_of_a_sound_file_is_what_was_planted(tmp_path):
    (tmp_path / "a.csv").write_text("\n".join(map(",".join, planted_rows(None, "."))))
    found = outcome(tmp_path, {"transactions": {"path": "a.csv"}}, AUTO)
    check_planted(found, whole=True)
    with pytest.raises(AssertionError, match="approx"):
        check_planted(found.assign(net_value=found.net_value + 1), whole=True)
