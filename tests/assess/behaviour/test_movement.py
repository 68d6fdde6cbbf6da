"""How segments move: growth over spans, months, retention; by hand and planted."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib import statistics as intervals
from seglib.assess.behaviour import movement, retention

AS_OF = dt.date(2024, 4, 1)


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
    assert np.isnan(got.growth_value.iloc[1])  # none of it ordered before


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


def test_growth_is_missing_when_few_of_a_segment_ordered_before():
    rows = [(1, "a", "2024-01-10", 10.0), *[(c, f"b{c}", "2024-03-20", 30.0) for c in range(1, 6)]]
    got = movement.movement(bought(rows), placed(dict.fromkeys(range(1, 6), 1)), AS_OF)
    assert got.growth_value.isna().all()
    assert np.isnan(movement.growth(got).growth.iloc[0])


def test_numbers_of_customers_are_true_however_few_they_are():
    early = [(c, f"a{c}", "2024-01-10", 1.0) for c in range(23)]
    late = [(c, f"b{c}", "2024-03-20", 1.0) for c in range(20, 29)]
    got = movement.movement(bought(early + late), placed(dict.fromkeys(range(40), 1)), AS_OF).iloc[0]
    assert (got.customers_earlier, got.customers_recent, got.new_recent, got.behind) == (23, 9, 6, 9)
    assert (got.value_earlier, got.value_recent) == (23, 9)
    assert got.growth_customers == pytest.approx(9 / 23 - 1)


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


def test_tables_are_the_same_whatever_the_numbers_of_segments():
    transactions, numbers = random_shop()
    renumbered = {1: 3, 2: 1, 3: 2}
    for make in (movement.movement, movement.monthly, retention.retention):
        one = make(transactions, placed(numbers.to_dict()), AS_OF)
        other = make(transactions, placed(numbers.map(renumbered).to_dict()), AS_OF)
        keys = [c for c in ("segment", "month", "age") if c in one]
        one = one.assign(segment=one.segment.map(renumbered)).sort_values(keys, ignore_index=True)
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


def test_a_month_of_few_customers_has_its_true_numbers():
    rows = [(c, f"a{c}", "2024-01-10", 2.0) for c in range(26)]
    rows += [(c, f"b{c}", "2024-02-10", 2.0) for c in range(9)]
    got = movement.monthly(bought(rows), placed(dict.fromkeys(range(30), 1)), AS_OF)
    assert got.customers.tolist() == [26, 9, 0]
    assert got.value.tolist() == [52, 18, 0]


# Retention


def test_retention_by_hand_counts_only_who_could_be_observed():
    rows = [
        (c, f"{c}{time}", time, 1.0) for c in range(5) for time in ("2024-01-05", "2024-02-20", "2024-02-21")
    ]
    rows += [(c, f"{c}{time}", time, 1.0) for c in range(5, 10) for time in ("2024-01-31", "2024-03-01")]
    rows += [(10, "f", "2024-03-15", 1.0)]
    got = retention.retention(bought(rows), placed(dict.fromkeys(range(11), 1)), AS_OF)
    assert got.age.tolist() == [1, 2]
    assert got.customers.tolist() == [10, 10]  # the last has no whole month after the first
    assert got.retained.tolist() == [5, 5]
    assert got.share.tolist() == [0.5, 0.5]
    assert (got.low < 0.5).all()
    assert (got.high > 0.5).all()


def test_a_month_that_is_not_over_is_not_looked_at():
    rows = [(1, "a", "2024-01-05", 1.0), (1, "b", "2024-02-03", 1.0)]
    segments = placed({1: 1})
    assert retention.retention(bought(rows), segments, dt.date(2024, 2, 29)).empty
    got = retention.retention(bought(rows), segments, dt.date(2024, 3, 1))
    assert (got.customers.tolist(), got.retained.tolist()) == ([1], [1])
    assert got.share.isna().all()  # one customer says too little of a segment


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


def test_a_share_of_one_in_29_is_the_true_one():
    rows = [(c, f"a{c}", "2024-01-05", 1.0) for c in range(38)] + [(0, "b", "2024-02-05", 1.0)]
    segments = dict.fromkeys(range(29), 1) | dict.fromkeys(range(29, 38), 2)
    got = retention.retention(bought(rows), placed(segments), AS_OF)
    one, two = got[got.segment == 1], got[got.segment == 2]
    assert one["share"].tolist() == pytest.approx([1 / 29, 0])
    assert one.low.tolist() == pytest.approx([0.0061, 0], abs=1e-4)
    assert two.customers.tolist() == [9, 9]
    assert two[["share", "low", "high"]].isna().all(axis=None)  # too few to compare


def test_wilson_is_missing_where_no_customer_is_known():
    low, high = intervals.wilson(pd.Series([0.0, np.nan, 0.0]), pd.Series([10.0, 10.0, 0.0])).to_numpy().T
    assert low[0] == pytest.approx(0, abs=1e-12)
    assert high[0] == pytest.approx(0.2775, abs=1e-4)
    assert np.isnan([*low[1:], *high[1:]]).all()
