"""How segments move: growth over spans, months, retention; by hand and planted."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib import statistics as intervals
from seglib.assess.behaviour import movement, retention
from seglib.report import layouts, readings

AS_OF = dt.date(2024, 4, 1)
NAMES = {1: "Anna", 2: "Bert", 3: "Carl"}


def bought(rows: list[tuple]) -> ibis.Table:
    frame = pd.DataFrame(rows, columns=["customer", "order", "time", "amount"]).astype(
        {"time": "datetime64[ns]"}
    )
    return ibis.memtable(frame).mutate(amount=ibis._.amount.cast("decimal(18, 4)"))


def placed(segments: dict[int, float | None]) -> ibis.Table:
    return ibis.memtable(pd.DataFrame({"customer": list(segments), "segment": list(segments.values())}))


def by_segment(table: pd.DataFrame, column: str) -> dict:
    return table.set_index("segment")[column].to_dict()


# Spans


def test_growth_compares_equal_spans_in_customers_and_value():
    rows = [
        (1, "a", "2024-01-10", 10.0),
        (1, "b", "2024-03-20", 30.0),
        (3, "d", "2024-02-01", 10.0),
        (3, "e", "2024-02-01", 5.0),
        (2, "c", "2024-03-25", 5.0),
    ]
    got = movement.movement(bought(rows), placed({1: 1, 2: 2, 3: 1}), AS_OF)
    assert got.apart.tolist() == got.days.tolist() == [41, 41]
    assert got.recent.tolist() == ["2024-02-20 to 2024-03-31"] * 2
    assert got.earlier.tolist() == ["2024-01-10 to 2024-02-19"] * 2
    assert by_segment(got, "customers_recent") == {1: 1, 2: 1}
    assert by_segment(got, "customers_earlier") == {1: 2, 2: 0}
    assert by_segment(got, "value_earlier") == {1: 25, 2: 0}
    assert by_segment(got, "new_recent") == {1: 0, 2: 1}
    assert got.new_earlier.isna().all()  # nothing is known of what was before
    assert got.growth_customers.iloc[0] == -0.5
    assert got.growth_value.iloc[0] == pytest.approx(0.2)
    assert np.isnan(got.growth_value.iloc[1])  # nobody of it ordered before


def test_spans_are_a_year_apart_when_data_reach_so_far():
    rows = [
        (1, "a", "2022-01-05", 1.0),
        (1, "b", "2023-02-01", 4.0),
        (1, "c", "2023-09-20", 100.0),
        (1, "d", "2024-02-01", 6.0),
        (2, "e", "2023-01-15", 4.0),
        (2, "f", "2024-01-15", 2.0),
    ]
    got = movement.movement(bought(rows), placed({1: 1, 2: 1}), AS_OF).iloc[0]
    assert (got.days, got.apart) == (182, 365)
    assert (got.recent, got.earlier) == ("2023-10-02 to 2024-03-31", "2022-10-02 to 2023-04-01")
    assert (got.value_earlier, got.value_recent, got.growth_value) == (8, 8, 0)
    assert (got.new_earlier, got.new_recent) == (1, 0)


def test_growth_is_not_told_when_few_of_a_segment_ordered_before():
    rows = [(1, "a", "2024-01-10", 10.0), *[(c, f"b{c}", "2024-03-20", 30.0) for c in range(1, 6)]]
    got = movement.movement(bought(rows), placed(dict.fromkeys(range(1, 6), 1)), AS_OF)
    assert got.growth_value.isna().all()
    assert np.isnan(movement.growth(got).growth.iloc[0])


def test_numbers_of_customers_are_rounded_and_small_ones_missing():
    early = [(c, f"a{c}", "2024-01-10", 1.0) for c in range(23)]
    late = [(c, f"b{c}", "2024-03-20", 1.0) for c in range(20, 29)]
    got = movement.movement(
        bought(early + late), placed(dict.fromkeys(range(40), 1)), AS_OF, min_cell=10
    ).iloc[0]
    assert got.customers_earlier == 20
    assert np.isnan(got.customers_recent)
    assert np.isnan(got.value_recent)
    assert np.isnan(got.growth_customers)
    assert np.isnan(got.growth_value)
    assert np.isnan(got.new_recent)


def test_customers_of_no_segment_count_nowhere():
    rows = [(1, "a", "2024-01-10", 10.0), (2, "b", "2024-03-20", 30.0)]
    assert movement.movement(bought(rows), placed({1: 1.0, 2: None}), AS_OF).segment.tolist() == [1]


@pytest.mark.parametrize("transactions", [None, bought([])])
def test_without_transactions_tables_are_empty_and_have_their_columns(transactions):
    segments = placed({1: 1})
    got = movement.movement(transactions, segments, AS_OF)
    assert got.empty
    assert movement.growth(got) is None
    assert list(got.columns) == list(movement.COLUMNS)
    assert movement.monthly(transactions, segments, AS_OF).empty
    kept = retention.retention(transactions, segments, AS_OF)
    assert kept.empty
    assert list(kept.columns) == list(retention.COLUMNS)
    assert readings.movement(got, NAMES)[0].startswith("There are no transactions")
    assert (
        readings.retention(kept, NAMES) == "Retention is not known: it takes transactions over some months."
    )


def test_one_segment_moves_like_all_customers():
    rows = [(1, "a", "2024-01-10", 10.0), (1, "b", "2024-03-20", 30.0)]
    got = movement.movement(bought(rows), placed({1: 1}), AS_OF)
    assert readings.movement(got, NAMES, "GBP") == [
        "Compared: 2024-02-20 to 2024-03-31 against 2024-01-10 to 2024-02-19.",
        "Customers who bought, Anna stayed the same (1 to 1).",
        "Value ordered, Anna grew by 200% (£10.00 to £30.00).",
    ]


def random_shop(seed: int = 0) -> tuple[ibis.Table, pd.Series]:
    rng = np.random.default_rng(seed)
    days = pd.Timestamp("2023-01-02") + pd.to_timedelta(rng.integers(0, 450, 900), unit="D")
    frame = pd.DataFrame(
        {
            "customer": rng.integers(0, 90, 900),
            "order": np.arange(900).astype(str),
            "time": days,
            "amount": rng.integers(1, 50, 900),
        }
    )
    table = ibis.memtable(frame).mutate(amount=ibis._.amount.cast("decimal(18, 4)"))
    return table, pd.Series(np.arange(90) % 3 + 1)


@pytest.mark.parametrize("min_cell", [1, 10])
def test_numbering_segments_anew_changes_nothing_but_the_number(min_cell):
    transactions, numbers = random_shop()
    anew = {1: 3, 2: 1, 3: 2}
    for make in (movement.movement, movement.monthly, retention.retention):
        one = make(transactions, placed(numbers.to_dict()), AS_OF, min_cell)
        other = make(transactions, placed(numbers.map(anew).to_dict()), AS_OF, min_cell)
        keys = [c for c in ("segment", "month", "age") if c in one]
        one = one.assign(segment=one.segment.map(anew)).sort_values(keys, ignore_index=True)
        pd.testing.assert_frame_equal(one, other)


# Months


def test_months_are_whole_and_an_empty_one_is_nothing():
    rows = [
        (1, "a", "2023-12-31", 10.0),
        (1, "b", "2024-02-01", 5.0),
        (2, "c", "2024-02-29", 7.0),
        (1, "d", "2024-03-09", 9.0),
    ]
    got = movement.monthly(bought(rows), placed({1: 1, 2: 1}), dt.date(2024, 3, 10))
    assert [f"{m:%Y-%m}" for m in got.month] == ["2023-12", "2024-01", "2024-02"]
    assert got.value.tolist() == [10, 0, 12]
    assert got.customers.tolist() == [1, 0, 2]


def test_a_month_of_few_customers_is_missing_and_others_are_of_rounded_numbers():
    rows = [(c, f"a{c}", "2024-01-10", 2.0) for c in range(26)] + [
        (c, f"b{c}", "2024-02-10", 2.0) for c in range(9)
    ]
    got = movement.monthly(bought(rows), placed(dict.fromkeys(range(30), 1)), AS_OF, min_cell=10)
    assert got.customers.fillna(-1).tolist() == [20, -1, 0]
    assert got.value.fillna(-1).tolist() == [40, -1, 0]


# Retention


def test_retention_by_hand_counts_only_who_could_be_observed():
    rows = [
        (1, "a", "2024-01-05", 1.0),
        (1, "b", "2024-02-20", 1.0),
        (1, "c", "2024-02-21", 1.0),
        (2, "d", "2024-01-31", 1.0),
        (2, "e", "2024-03-01", 1.0),
        (3, "f", "2024-03-15", 1.0),
    ]
    got = retention.retention(bought(rows), placed({1: 1, 2: 1, 3: 1}), AS_OF)
    assert got.age.tolist() == [1, 2]
    assert got.customers.tolist() == [2, 2]  # the third has no whole month after the first
    assert got.share.tolist() == [0.5, 0.5]
    assert (got.low < 0.5).all()
    assert (got.high > 0.5).all()


def test_a_month_that_is_not_over_is_not_looked_at():
    rows = [(1, "a", "2024-01-05", 1.0), (1, "b", "2024-02-03", 1.0)]
    segments = placed({1: 1})
    assert retention.retention(bought(rows), segments, dt.date(2024, 2, 29)).empty
    assert retention.retention(bought(rows), segments, dt.date(2024, 3, 1)).share.tolist() == [1.0]


def test_retention_of_a_planted_dropout_is_found():
    """Customers order every month and stay with a chance of 0.9, or of 0.6, from month to month."""
    rng, n, months = np.random.default_rng(1), 3000, 18
    stays = np.repeat([0.9, 0.6], n)
    life = rng.geometric(1 - stays) - 1  # months after the first with an order
    first = rng.integers(0, 6, 2 * n)
    who = np.repeat(np.arange(2 * n), life + 1)
    at = first[who] + np.concatenate([np.arange(m + 1) for m in life])
    rows = pd.DataFrame({"customer": who, "month": at})[at < months]
    time = pd.Timestamp("2022-10-10") + pd.to_timedelta(0, unit="D")
    rows["time"] = [time + pd.DateOffset(months=int(m)) for m in rows.month]
    rows["order"], rows["amount"] = np.arange(len(rows)).astype(str), 1.0
    table = bought(list(rows[["customer", "order", "time", "amount"]].itertuples(index=False, name=None)))
    got = retention.retention(table, placed(dict(enumerate(np.repeat([1, 2], n)))), AS_OF)
    truth = np.where(got.segment == 1, 0.9, 0.6) ** got.age
    assert len(got) == 24
    assert (abs(got.share - truth) < 0.03).all()
    assert ((got.low <= truth) & (truth <= got.high)).mean() >= 0.8


def test_shares_of_few_are_kept_off_their_ends_and_of_too_few_customers_missing():
    rows = [(c, f"a{c}", "2024-01-05", 1.0) for c in range(108)]
    rows += [(c, f"b{c}", "2024-02-05", 1.0) for c in range(97)] + [
        (c, f"c{c}", "2024-03-05", 1.0) for c in (3, 4)
    ]
    segments = dict.fromkeys(range(100), 1) | dict.fromkeys(range(100, 108), 2)
    got = retention.retention(bought(rows), placed(segments), AS_OF, min_cell=10)
    one, two = got[got.segment == 1], got[got.segment == 2]
    assert one.share.tolist() == [0.9, 0.1]
    assert one.behind.tolist() == [10, 10]
    assert two[["customers", "share", "low", "high", "behind"]].isna().all(axis=None)


def test_wilson_is_missing_where_nobody_is_known():
    low, high = intervals.wilson(pd.Series([0.0, np.nan, 0.0]), pd.Series([10.0, 10.0, 0.0])).to_numpy().T
    assert low[0] == pytest.approx(0, abs=1e-12)
    assert high[0] == pytest.approx(0.2775, abs=1e-4)
    assert np.isnan([*low[1:], *high[1:]]).all()


def test_tables_of_movement_are_shaped_for_a_reader():
    transactions, numbers = random_shop()
    segments = placed(numbers.to_dict())
    moved = movement.movement(transactions, segments, AS_OF)
    shown = layouts.movement(moved, NAMES, ["customers_recent", "new_earlier"])
    assert shown.columns.tolist() == ["name", "customers_recent"]
    kept = retention.retention(transactions, segments, AS_OF)
    shown = layouts.retention(kept[kept.age.isin([1, 3])], NAMES)
    assert shown.columns.tolist() == ["name", "1 month", "3 months"]
    assert shown["1 month"].str.fullmatch(r"\d+% \(\d+% to \d+%\)").all()
    said = readings.retention(kept, NAMES)
    assert said.startswith("In month 12 after the first order's order again **")
    months = movement.monthly(transactions, segments, AS_OF)
    assert readings.months(months, NAMES).count("most in") == 3
