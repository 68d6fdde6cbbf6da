"""Sums to compare with the books: by month, as read and after each rule."""

import datetime as dt

import pandas as pd
import pytest

from seglib.collect import select_eligible, sources
from seglib.collect.ledger import Terms
from seglib.report.context import Context
from seglib.report.layouts.collect import books as shown

ROLES = {"transactions": {"customer": "who", "time": "day", "order": "no", "amount": "worth"}}


def books_of(tmp_path, rows):
    pd.DataFrame(rows, columns=["who", "day", "no", "worth"]).to_csv(tmp_path / "orders.csv", index=False)
    engine = sources.connect()
    opened = sources.open_source(engine, "transactions", tmp_path, {"path": "orders.csv"})
    terms = {"transactions": Terms(cancelled_prefix="C")}
    return select_eligible({"transactions": opened}, ROLES, dt.date(2024, 3, 1), terms=terms).account.books


ROWS = [
    ("a", "2024-01-03", "1", 10.0),
    ("a", "2024-01-03", "1", 10.0),  # a duplicate
    ("b", "2024-01-20", "2", 25.5),
    ("", "2024-01-21", "3", 7.0),  # of no customer
    ("", "2024-01-21", "3", 7.0),
    ("b", "2024-02-02", "C4", 25.5),  # a cancellation, whose amount is written above zero
    ("b", "2024-02-03", "5", 0.0),  # free of charge
    ("a", "2024-02-09", "6", 5.0),
    ("a", "2024-03-01", "7", 99.0),  # on as_of
    ("b", "", "8", 3.0),  # of no date
]


def test_every_unit_of_value_is_taken_by_one_rule_or_kept(tmp_path):
    found = books_of(tmp_path, ROWS)
    by_step = found.set_index(["month", "step"]).value
    assert by_step["2024-01"].to_dict() == {
        "read": 59.5,
        "no_customer_id": 14.0,
        "duplicate_row": 10.0,
        "kept": 35.5,
    }
    assert by_step["2024-02"].to_dict() == {
        "read": -20.5,
        "cancellation_or_return": -25.5,
        "price_not_above_zero": 0.0,
        "kept": 5.0,
    }
    assert by_step["2024-03"].to_dict() == {"read": 99.0, "on_or_after_as_of": 99.0}
    assert by_step["undated"].to_dict() == {"read": 3.0, "no_time": 3.0}
    steps = found[found.step != "read"].groupby("month").value.sum()
    assert steps.to_dict() == pytest.approx(found[found.step == "read"].set_index("month").value.to_dict())
    whole = found[(found.month == "all") & (found.step == "read")].iloc[0]
    assert (whole["rows"], whole.orders, whole.customers, whole.value) == (len(ROWS), 8, 2, 141.0)


def test_what_a_rule_took_of_few_customers_is_not_shown_and_cannot_be_computed(tmp_path):
    many = [(f"c{n}", f"2024-0{1 + m}-{3 + n:02}", f"{m}{n}", 10.0) for n in range(15) for m in range(2)]
    back = [(f"c{n}", "2024-01-25", f"C{n}", 10.0) for n in range(14)] + [("c1", "2024-02-25", "C99", 10.0)]
    table = shown(books_of(tmp_path, many + back), Context("collect", "EUR", 10, {}, {}, "growth", False))
    assert table.month.tolist() == ["whole period", "2024-01", "2024-02"]
    returned = table.set_index("month").cancellation_or_return
    assert returned["whole period"] == -150.0
    assert returned[["2024-01", "2024-02"]].isna().all()
    assert table.set_index("month").kept[["2024-01", "2024-02"]].isna().all()
    assert table.value.tolist() == [150.0, 10.0, 140.0]
