"""Behavioural features: small tables typed by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.collect import features, sources
from seglib.collect.features import Settings, behavioural
from seglib.collect.features.orders import orders, yes
from seglib.collect.features.subscriptions import contracts, latest_plan, paid

AS_OF = dt.date(2024, 6, 1)
ENGINE = sources.connect()


def table(columns: list[str], rows: list[tuple]) -> ibis.Table:
    frame = pd.DataFrame(rows, columns=columns)
    times = {c: "datetime64[us]" for c in ("time", "start", "end") if c in columns}
    made = ENGINE.create_table(ibis.util.gen_name("typed"), frame.astype(times))
    return made.mutate(amount=made.amount.cast("decimal(18, 4)")) if "amount" in columns else made


def by_customer(made: ibis.Table | pd.DataFrame) -> pd.DataFrame:
    frame = made if isinstance(made, pd.DataFrame) else made.to_pandas()
    return frame.set_index("customer").sort_index()


COLUMNS = ["customer", "order", "time", "amount", "channel", "loyalty", "product"]
LINES = [
    (1, "a", "2024-01-06 10:00", 10.0, "Web ", "no", "x"),
    (1, "a", "2024-01-06 10:00", 5.0, "Web ", "yes", "post"),
    (1, "b", "2024-03-01 20:00", 3.0, "shop", None, "x"),
    (1, "c", "2024-05-31 23:59", 3.0, "shop", "0", "y"),
    (2, "d", "2024-05-01 08:00", 9.0, "app", "12.5", "post"),
    (2, "e", "2024-05-02 08:00", 9.0, None, "", "post"),
    (3, "f", "2024-05-02 08:00", 9.0, "shop", "nein", None),
    (3, "g", "2024-05-03 08:00", 9.0, "app", "Ja", None),
]
NO_RETURNS = table(["customer", "order", "time", "amount"], [(1, "r", "2024-01-07", -2.0)]).filter(
    ibis._.amount > 0
)


def derived(min_cell: int = 1, **tables: ibis.Table) -> pd.DataFrame:
    found = features.derived(
        "behavioural", tables, Settings(AS_OF, not_products=("post",), min_cell=min_cell)
    )
    made = found.frames[0]
    for frame in found.frames[1:]:
        made = made.merge(frame, on="customer", how="outer")
    assert {f.feature for f in found.features} == set(made.columns) - {"customer"}
    return made.set_index("customer").sort_index()


def test_channels_are_counted_by_order_and_ties_go_by_the_alphabet():
    got = derived(transactions=table(COLUMNS, LINES), returns=NO_RETURNS)
    assert got.online_share.to_dict() == {1: pytest.approx(1 / 3), 2: 1.0, 3: 0.5}
    assert got.channel_breadth.to_dict() == {1: 2, 2: 1, 3: 2}
    assert got.main_channel.to_dict() == {1: "shop", 2: "app", 3: "app"}


def test_rare_channels_are_folded_together():
    got = derived(min_cell=2, transactions=table(COLUMNS, LINES), returns=NO_RETURNS)
    assert got.main_channel.to_dict() == {1: "other", 2: "app", 3: "app"}


def test_loyalty_is_read_as_a_word_or_as_points():
    got = derived(transactions=table(COLUMNS, LINES), returns=NO_RETURNS)
    assert got.loyalty_share.to_dict() == {1: pytest.approx(1 / 3), 2: 0.5, 3: 0.5}


def test_breadth_counts_products_alone_and_is_unknown_where_none_is_named():
    got = derived(transactions=table(COLUMNS, LINES), returns=NO_RETURNS)
    assert got.product_breadth[[1, 2]].to_dict() == {1: 2, 2: 0}
    assert pd.isna(got.product_breadth[3])


def test_there_is_no_season_without_a_whole_year():
    part = derived(transactions=table(COLUMNS, LINES), returns=NO_RETURNS)
    assert "gift_season_share" not in part
    year = [
        *LINES,
        (3, "h", "2023-06-01 08:00", 9.0, "shop", "", "x"),
        (3, "i", "2023-12-01 08:00", 9.0, "shop", "", "x"),
    ]
    whole = derived(transactions=table(COLUMNS, year), returns=NO_RETURNS)
    assert whole.gift_season_share.to_dict() == {1: 0.0, 2: 0.0, 3: 0.25}


def test_features_are_the_same_from_orders_that_are_computed_already():
    bought = table(COLUMNS, LINES)
    again = derived(transactions=bought, returns=NO_RETURNS, orders=orders(bought).cache())
    pd.testing.assert_frame_equal(derived(transactions=bought, returns=NO_RETURNS), again)


def test_only_what_the_roles_allow_is_derived():
    bought = table(COLUMNS[:4], [line[:4] for line in LINES])
    assert set(derived(transactions=bought, returns=NO_RETURNS)) == {
        "recency",
        "days_between_orders",
        "order_count",
        "tenure",
        "weekend_share",
        "evening_share",
        "return_share",
    }


def test_features_without_their_role_are_named_with_what_would_allow_them():
    tables = {"transactions": table(COLUMNS[:4], [line[:4] for line in LINES])}
    gaps = features.gaps(["behavioural"], tables, Settings(AS_OF)).set_index("feature").needs
    assert gaps["Loyalty share"] == "transactions.loyalty"
    assert gaps["Response rate"] == "campaigns.responded"
    assert gaps["Months subscribed"] == "subscriptions"
    assert "Orders" not in gaps


@pytest.mark.parametrize(
    ("entries", "want"),
    [
        ([True, False, None], [True, False, False]),
        ([2, 0, None], [True, False, False]),
        ([0.5, -1.0, None], [True, False, False]),
        ([" YES", "No", None], [True, False, False]),
        (["0,00", "0,10", "1"], [False, True, True]),
        (["perhaps", "<b>1</b>", "'; drop table t"], [False] * 3),
    ],
)
def test_flags_are_read_in_their_usual_forms(entries, want):
    flagged = ibis.memtable(pd.DataFrame({"i": range(3), "flag": pd.Series(entries).convert_dtypes()}))
    got = flagged.mutate(said=yes(flagged.flag)).order_by("i").to_pandas()
    assert got.said.tolist() == want


def test_visits_days_and_sessions_of_the_last_90_days_are_counted():
    events = table(
        ["customer", "time", "session"],
        [
            (1, "2024-05-31 10:00", "s"),
            (1, "2024-05-31 23:00", "s"),
            (1, "2024-05-30", "t"),
            (1, "2024-03-03", "u"),
            (1, "2024-03-02", "v"),
            (2, "2023-01-01", "w"),
        ],
    )
    got = by_customer(behavioural.visit_behaviour(events, AS_OF))
    assert got.visits.to_dict() == {1: 4, 2: 0}
    assert got.active_days.to_dict() == {1: 3, 2: 0}
    assert got.sessions.to_dict() == {1: 3, 2: 0}


def test_holdouts_are_neither_contacted_nor_asked_to_respond():
    campaigns = table(
        ["customer", "campaign", "holdout", "responded"],
        [
            (1, "spring", "no", "yes"),
            (1, "summer", None, "no"),
            (1, "autumn", "yes", "yes"),
            (2, "spring", "yes", "no"),
            (3, "spring", "no", None),
        ],
    )
    got = by_customer(behavioural.campaign_behaviour(campaigns))
    assert got.contacts.to_dict() == {1: 2, 2: 0, 3: 1}
    assert got.response_rate.to_dict() == {1: 0.5, 2: pytest.approx(float("nan"), nan_ok=True), 3: 0.0}


CONTRACTS = table(
    ["customer", "start", "end", "plan", "fee", "renewals"],
    [
        (1, "2024-05-02", None, "gold", 30.4375, 2.0),  # 30 days so far
        (1, "2023-05-01", "2023-05-31", "basic", 10.0, 1.0),  # 31 days
        (2, "2024-05-31", "2024-05-31", "basic", 10.0, None),  # one day, over
        (3, "2024-05-22", "2024-06-01", "zinc", None, 0.0),  # runs on as_of: 10 days so far
        (3, "2024-05-22", "2025-06-01", "gold", 7.0, 0.0),  # 10 days so far
    ],
)


def test_contracts_run_until_their_last_day():
    got = by_customer(contracts(CONTRACTS, AS_OF))
    assert got.active_subscription.to_dict() == {1: 1, 2: 0, 3: 1}
    assert (got.subscription_months * 30.4375).to_dict() == {
        1: pytest.approx(61),
        2: pytest.approx(1),
        3: pytest.approx(20),
    }
    assert got.renewals.fillna(-1).to_dict() == {1: 3, 2: -1, 3: 0}


def test_contracts_run_where_no_end_is_known():
    got = by_customer(contracts(CONTRACTS.drop("end", "renewals"), AS_OF))
    assert got.active_subscription.to_dict() == {1: 1, 2: 1, 3: 1}


def test_the_plan_is_that_of_the_contract_begun_last():
    assert by_customer(latest_plan(CONTRACTS)).plan.to_dict() == {1: "gold", 2: "basic", 3: "gold"}


def test_subscription_value_is_fee_times_months_of_known_fees():
    got = by_customer(paid(CONTRACTS, AS_OF)).subscription_value
    assert got.to_dict() == {
        1: pytest.approx(30 + 310 / 30.4375),
        2: pytest.approx(10 / 30.4375),
        3: pytest.approx(70 / 30.4375),
    }


def test_customers_without_events_campaigns_or_contracts_have_none():
    customers = pd.DataFrame({"customer": [1, 2, 3, 9]})
    frames = [by_customer(contracts(CONTRACTS, AS_OF)).reset_index()]
    got = features.joined(customers, frames).set_index("customer")
    assert got.active_subscription.to_dict() == {1: 1, 2: 0, 3: 1, 9: 0}
    assert got.subscription_months[9] == 0
    assert pd.isna(got.renewals[9])


@settings(max_examples=15, deadline=None)
@given(st.permutations(range(len(LINES))), st.decimals("0.0001", "9999999", places=4))
def test_orders_are_the_same_in_whatever_order_rows_come(places, cost):
    lines = [(*line, float(cost) / (i + 1)) for i, line in enumerate(LINES)]
    one, other = (
        orders(table([*COLUMNS, "cost"], rows)).order_by("customer", "order").to_pandas()
        for rows in (lines, [lines[i] for i in places])
    )
    pd.testing.assert_frame_equal(one, other)
    assert isinstance(one.margin[0], Decimal)
