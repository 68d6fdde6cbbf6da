"""Purchase cycle: stages by each customer's own rhythm, typed by hand and planted."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.collect import features, sources
from seglib.collect.features import Settings
from seglib.collect.features.purchase_cycle import cycle, rhythms
from seglib.estimators.purchase_cycle import PurchaseCycle

AS_OF = dt.date(2024, 6, 1)


def placed(days_ago: dict[int, list[int]]) -> ibis.Table:
    rows = [
        (c, f"{c}-{i}", pd.Timestamp(AS_OF) - pd.Timedelta(days=d) + pd.Timedelta(hours=9))
        for c, days in days_ago.items()
        for i, d in enumerate(days)
    ]
    frame = pd.DataFrame(rows, columns=["customer", "order", "time"])
    return sources.connect().create_table("orders", frame.astype({"time": "datetime64[us]"}))


def derived(days_ago: dict[int, list[int]], customers: list[int] | None = None):
    summed = placed(days_ago)
    tables = {"transactions": summed, "orders": summed}
    if customers:
        tables["customers"] = ibis.memtable(pd.DataFrame({"customer": customers}))
    found = features.derived("purchase_cycle", tables, Settings(AS_OF))
    return found.frames[0].set_index("customer"), found


#: Twenty who order every thirty days or so, and those to be told apart.
REGULAR = {c: list(range(3, 3 + (24 + c) * 8, 24 + c)) for c in range(1, 21)}
ODD = {
    30: [5],  # a first order
    31: [400],  # one order, long ago
    32: [400, 430, 460, 490, 520],  # silent for a year
    33: [10, 400, 430, 460, 490],  # silent for a year, then an order
    34: [10, 10, 400, 430, 460, 490],  # two orders on that day
    35: [4, 10, 400, 430, 460, 490],  # and one more since
    36: [42, 72, 102, 132, 162, 192],  # a little late
    37: [4, 400],  # came back after one order
}


def test_stages_follow_each_customers_own_rhythm():
    got, found = derived(REGULAR | ODD, [*REGULAR, *ODD, 99])
    assert got.purchase_stage[list(ODD)].to_dict() == {
        30: "first-time",
        31: "lapsed",
        32: "lapsed",
        33: "reactivated",
        34: "reactivated",
        35: "repeat",
        36: "lapsing",
        37: "reactivated",
    }
    assert set(got.purchase_stage[list(REGULAR)]) == {"repeat"}
    assert got.purchase_stage[99] == "prospect"
    assert pd.isna(got.overdue_ratio[99])
    assert found.remarks == ()
    assert [f.feature for f in found.features] == ["purchase_stage", "days_to_next_order", "overdue_ratio"]


def test_the_next_order_is_expected_one_rhythm_after_the_last():
    got, _ = derived({1: [10, 40, 70], 2: [50, 80, 110], 3: [90]})
    assert got.overdue_ratio.to_dict() == pytest.approx({1: 10 / 30, 2: 50 / 30, 3: 90 / 30})
    assert got.days_to_next_order.to_dict() == pytest.approx({1: 20, 2: -20, 3: -60})


def test_a_rhythm_is_drawn_to_the_median_customers_by_two_gaps():
    got, _ = derived({1: [10, 20], 2: [10, 40], 3: [10, 50]})
    assert (got.days_to_next_order + 10).to_dict() == pytest.approx(
        {1: (10 + 60) / 3, 2: 30, 3: (40 + 60) / 3}
    )


def test_rhythms_are_counted_by_hand():
    got = rhythms(placed({1: [10, 10, 40, 50, 50], 2: [7, 7], 3: [9]}), AS_OF).to_pandas()
    got = got.set_index("customer").sort_index().astype("float64").fillna(-1)
    assert got.loc[1].to_dict() == {
        "recency": 10,
        "order_count": 5,
        "orders_before": 3,
        "days_between_orders": 10,
        "silence": 30,
        "gap_before": 5,
    }
    assert got.loc[2].to_dict() == {
        "recency": 7,
        "order_count": 2,
        "orders_before": -1,
        "days_between_orders": 0,
        "silence": -1,
        "gap_before": -1,
    }
    assert got.days_between_orders[3] == got.silence[3] == -1


def test_without_a_second_order_of_anybody_no_rhythm_is_made_up():
    got, found = derived({1: [300], 2: [5]}, [1, 2, 3])
    assert got.purchase_stage.to_dict() == {1: "first-time", 2: "first-time", 3: "prospect"}
    assert list(got) == ["purchase_stage"]
    assert "No customer has ordered twice" in found.remarks[0]


def test_without_transactions_nothing_is_derived():
    assert features.derived("purchase_cycle", {}, Settings(AS_OF)).frames == ()
    gaps = features.gaps(["purchase_cycle"], {}, Settings(AS_OF))
    assert set(gaps.needs) == {"transactions"}


HISTORY = st.dictionaries(
    st.integers(1, 30), st.lists(st.integers(1, 900), min_size=1, max_size=8), min_size=3
)


@settings(max_examples=25, deadline=None)
@given(HISTORY)
def test_stages_but_for_reactivated_are_the_estimators(days_ago):
    rhythm = rhythms(placed(days_ago | {31: [10, 20]}), AS_OF).to_pandas()
    made, _ = cycle(rhythm)
    rule = PurchaseCycle().fit(rhythm[["recency", "order_count", "days_between_orders"]].astype("float64"))
    back = (made.purchase_stage == "reactivated").to_numpy()
    assert (made.purchase_stage[~back] == rule.labels_[~back]).all()
    assert np.isin(rule.labels_[back], ["first-time", "repeat"]).all()
    silence = made.overdue_ratio.to_numpy()
    assert ((silence > 1) == (made.days_to_next_order < 0)).all() or np.isclose(silence, 1).any()


def test_planted_lapsed_customers_are_found():
    rng = np.random.default_rng(0)
    histories = {}
    for c in range(300):
        rhythm = rng.uniform(10, 60)
        steps = np.cumsum(rng.gamma(9, rhythm / 9, 12))
        silent = 8 * rhythm if c < 60 else rng.uniform(0.1, 0.8) * rhythm
        histories[c] = [int(silent + s) + 1 for s in (0, *steps)]
    got, _ = derived(histories)
    lapsed = got.purchase_stage == "lapsed"
    assert lapsed[:60].mean() > 0.95
    assert lapsed[60:].mean() < 0.02
