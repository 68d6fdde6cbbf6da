"""Value features: money, counted by hand and exact."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.collect import features, sources
from seglib.collect.features import Settings

AS_OF = dt.date(2024, 6, 1)
ENGINE = sources.connect()
COLUMNS = ["customer", "order", "time", "amount", "cost"]


def table(rows: list[tuple], columns: list[str] = COLUMNS) -> ibis.Table:
    frame = pd.DataFrame(rows, columns=columns).astype({"time": "datetime64[us]"})
    made = ENGINE.create_table(ibis.util.gen_name("typed"), frame)
    return made.mutate(amount=made.amount.cast("decimal(18, 4)"))


BOUGHT = [
    (1, "a", "2024-01-06", 10.0, 6.0),
    (1, "a", "2024-01-06", 5.0, 3.0),
    (1, "b", "2023-01-06", 20.0, 11.0),
    (2, "c", "2024-05-01", 8.0, None),
    (2, "c", "2024-05-01", 4.0, 1.0),
    (3, "d", "2023-06-02", 8.0, 9.0),  # the 365th day before as_of
    (3, "e", "2023-06-01", 8.0, 9.0),
    (4, "f", "2024-05-01", 8.0, None),
]
BACK = [
    (1, "r", "2024-02-01", -5.0, 3.0),
    (3, "s", "2023-07-01", -8.0, -9.0),
    (3, "s", "2023-07-01", -8.0, -9.0),
]


def derived(**tables: ibis.Table):
    found = features.derived("value", tables, Settings(AS_OF, currency="EUR"))
    made = found.frames[0]
    for frame in found.frames[1:]:
        made = made.merge(frame, on="customer", how="outer")
    return made.set_index("customer").sort_index(), found


def missing_is_none(column: pd.Series) -> dict:
    return {k: None if pd.isna(v) else v for k, v in column.to_dict().items()}


def test_margin_is_amount_less_cost_and_returns_take_both_back():
    got, found = derived(transactions=table(BOUGHT), returns=table(BACK))
    assert got.net_value.to_dict() == {1: 30.0, 2: 12.0, 3: 0.0, 4: 8.0}
    assert got.order_value.to_dict() == {1: 17.5, 2: 12.0, 3: 8.0, 4: 8.0}
    assert missing_is_none(got.gross_margin) == {1: 15.0 - 2.0, 2: 3.0, 3: 0.0, 4: None}
    assert missing_is_none(got.margin_share) == {1: pytest.approx(13 / 30), 2: 0.75, 3: None, 4: None}
    assert found.remarks == (
        "The cost of 22.5% of all sales is not known; gross margin leaves these sales out.",
    )
    assert {f.feature: f.unit for f in found.features}["gross_margin"] == "EUR"


def test_without_costs_there_is_no_margin():
    got, found = derived(transactions=table(BOUGHT).drop("cost"), returns=table(BACK).drop("cost"))
    assert list(got) == ["net_value", "order_value"]
    assert [f.feature for f in found.features] == ["net_value", "order_value"]
    gaps = features.gaps(["value"], {"transactions": table(BOUGHT).drop("cost")}, Settings(AS_OF))
    assert gaps.set_index("feature").needs["Gross margin"] == "transactions.cost"


def test_share_of_wallet_is_the_last_years_net_value_of_all_spending():
    customers = ibis.memtable(
        pd.DataFrame({"customer": [1, 2, 3, 4, 5, 6], "category_spend": [100.0, 6.0, 100.0, None, 50.0, 0.0]})
    )
    got, _ = derived(transactions=table(BOUGHT), returns=table(BACK), customers=customers)
    assert missing_is_none(got.share_of_wallet) == {1: 0.1, 2: 1.0, 3: 0.0, 4: None, 5: 0.0}


CONTRACTS = pd.DataFrame(
    {
        "customer": [1, 1, 2],
        "start": pd.to_datetime(["2024-05-02", "2024-05-31", "2024-05-31"]),
        "fee": [30.4375, 0.1, 0.2],
    }
)


def test_subscriptions_bring_value_only_without_transactions():
    contracts = ibis.memtable(CONTRACTS)
    got, _ = derived(subscriptions=contracts)
    assert got.subscription_value.to_dict() == {
        1: pytest.approx(30 + 0.1 / 30.4375),
        2: pytest.approx(0.2 / 30.4375),
    }
    got, _ = derived(subscriptions=contracts, transactions=table(BOUGHT), returns=table(BACK))
    assert "subscription_value" not in got


LINES = st.lists(
    st.tuples(
        st.integers(1, 3),
        st.integers(1, 6),
        st.decimals("0.01", "99999", places=2),
        st.decimals("0.01", "99999", places=2),
    ),
    min_size=1,
    max_size=30,
)


@settings(max_examples=15, deadline=None)
@given(LINES, st.randoms(use_true_random=False))
def test_sums_of_money_are_exact_in_any_order(lines, random):
    rows = [(c, str(o), "2024-01-01", float(amount), float(cost)) for c, o, amount, cost in lines]
    none_back = table([(1, "r", "2024-01-01", -1.0, 1.0)]).filter(ibis._.amount > 0)
    one, _ = derived(transactions=table(rows), returns=none_back)
    other, _ = derived(transactions=table(random.sample(rows, len(rows))), returns=none_back)
    pd.testing.assert_frame_equal(one, other)
    for customer, got in one.gross_margin.items():
        want = sum((a - k for c, _, a, k in lines if c == customer), Decimal(0))
        assert got == float(want)
