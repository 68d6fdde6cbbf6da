import datetime as dt

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from seglib.monitor.history import Past, a_year_before, path, runs
from seglib.monitor.periods import Record, success
from seglib.monitor.realised import Money, since_first


def past(day, segments):
    frame = pd.DataFrame({"customer": range(len(segments)), "segment": segments})
    structure = pd.DataFrame({"structure": ["natural"], "k": [len(set(segments))]})
    return Past(dt.date.fromisoformat(day), {"segments": frame, "structure": structure})


ORDERS = pd.DataFrame(
    {
        "customer": [0, 1, 0, 2],
        "time": pd.to_datetime(["2024-01-10", "2024-01-12", "2025-01-10", "2025-01-11"]),
        "amount": [10.0, 20.0, 30.0, 40.0],
    }
)
RUNS = [past("2024-01-01", [1, 1, 2, 2]), past("2024-02-01", [1, 2, 2, 2]), past("2025-01-01", [1, 2, 2, 2])]


def test_customers_who_left_a_segment_count_in_that_of_the_first_run():
    table = success([*RUNS, past("2025-02-01", [1, 2, 2, 2])], Record(ORDERS)).set_index(
        ["view", "segment", "as_of"]
    )
    fixed, now = table.loc["first assigned"], table.loc["as of each run"]
    assert fixed.loc[(1, "2025-02-01"), ["customers", "buyers", "revenue"]].tolist() == [2, 1, 30.0]
    assert now.loc[(1, "2025-02-01"), ["customers", "buyers", "revenue"]].tolist() == [1, 1, 30.0]


def test_a_period_is_compared_with_the_one_a_year_before():
    table = success([*RUNS, past("2025-02-01", [1, 2, 2, 2])], Record(ORDERS))
    row = table[(table["view"] == "first assigned") & (table.segment == 1) & (table.as_of == "2025-02-01")]
    assert row.a_year_ago.iloc[0] == pytest.approx(0.0)  # 30 of two customers, then as now


def test_one_run_has_no_period():
    assert success(RUNS[:1], Record(ORDERS)).empty


def test_the_run_of_the_same_season_is_the_nearest_to_a_year_before():
    assert a_year_before(RUNS, dt.date(2025, 1, 10)).as_of == dt.date(2024, 1, 1)
    assert a_year_before(RUNS, dt.date(2025, 7, 1)) is None


def test_runs_say_how_far_apart_they_are():
    table = runs(RUNS)
    assert table.days.fillna(0).tolist() == [0, 31, 335] and table.this.tolist() == [False, False, True]
    assert path(RUNS).groupby("as_of").share.sum().tolist() == [1.0, 1.0, 1.0]


MONTHS = pd.date_range("2024-01-01", periods=4, freq="MS")


def leaving(n=2000, share=0.15, seed=0):
    """Plant regulars of whom a share stops ordering each month and lapses, beside steady customers.

    Regulars who stay order as before, so that only a count with those who left can show the loss.
    """
    rng = np.random.default_rng(seed)
    loyal, runs, orders = np.arange(n) < n // 2, [], []
    active = np.ones(n, bool)
    for month in MONTHS:
        runs.append(past(month.date().isoformat(), np.where(~loyal, 3, np.where(active, 1, 2))))
        active &= ~loyal | (rng.random(n) > share)
        who = np.flatnonzero(active).repeat(rng.poisson(3, active.sum()))
        time = month + pd.to_timedelta(rng.uniform(0, 28, len(who)), unit="D")
        orders.append(pd.DataFrame({"customer": who, "time": time, "amount": rng.gamma(4, 10, len(who))}))
    return runs, pd.concat(orders, ignore_index=True)


def test_a_segment_that_loses_customers_shows_it_where_the_first_assignment_is_held_fixed():
    runs, orders = leaving()
    table = success(runs, Record(orders)).set_index(["view", "segment", "as_of"])
    last = MONTHS[-1].date().isoformat()
    fixed, now = table.loc[("first assigned", 1, last)], table.loc[("as of each run", 1, last)]
    assert fixed.growth_high < 0 and fixed.customers == 1000
    assert fixed.growth == pytest.approx(0.85 * 29 / 31 - 1, abs=0.05)  # 15 % left; days differ
    assert now.growth == pytest.approx(29 / 31 - 1, abs=0.05)
    assert fixed.retention < now.retention - 0.2
    steady = table.loc[("first assigned", 3, last)]
    assert steady.growth_low < 29 / 31 - 1 < steady.growth_high


def test_the_interval_of_growth_holds_the_planted_change():
    inside = 0
    for seed in range(40):
        runs, orders = leaving(n=400, seed=seed)
        table = success(runs, Record(orders)).set_index(["view", "segment", "as_of"])
        row = table.loc[("first assigned", 1, MONTHS[-1].date().isoformat())]
        inside += row.growth_low < 0.85 * 29 / 31 - 1 < row.growth_high
    assert inside >= 34  # 95 % of 40 is 38


def test_a_season_is_the_change_of_all_customers_between_the_same_periods_a_year_earlier():
    days = pd.date_range("2023-01-01", "2024-04-01", inclusive="left")
    daily = pd.Series(np.where(days.month == 3, 5.0, 10.0), days)
    runs, orders = leaving(n=100)
    table = success(runs, Record(orders, daily))
    last = table[table.as_of == "2024-04-01"]
    assert last.season.to_numpy() == pytest.approx(-0.5)
    assert success(runs, Record(orders, daily["2023-03-01":])).season.isna().all()


def test_the_universal_holdout_and_satisfaction_are_of_the_period():
    rng = np.random.default_rng(1)
    n = 600
    runs = [past("2024-01-01", np.ones(n, int)), past("2024-02-01", np.ones(n, int))]
    arm = np.where(rng.random(n) < 0.3, "holdout", "treatment")
    amounts = rng.gamma(2, 10, n) + np.where(arm == "treatment", 8, 0)
    orders = pd.DataFrame({"customer": range(n), "time": pd.Timestamp("2024-01-10"), "amount": amounts})
    holdout = pd.DataFrame({"customer": range(n), "arm": arm, "first_assigned": pd.Timestamp("2024-01-01")})
    late = holdout.assign(first_assigned=pd.Timestamp("2024-01-02"))
    answers = pd.DataFrame(
        {
            "customer": [0, 0, 1, 2],
            "time": pd.to_datetime(["2024-01-05", "2024-01-06", "2024-01-07", "2024-02-07"]),
        }
    ).assign(score=[1.0, 7.0, 9.0, 10.0])
    row = success(runs, Record(orders, None, answers, holdout)).iloc[0]
    peer = stats.ttest_ind(amounts[arm == "treatment"], amounts[arm == "holdout"], equal_var=False)
    assert [row.gain_low, row.gain_high] == pytest.approx(list(peer.confidence_interval()))
    assert row.held_out == (arm == "holdout").sum() and row.gain_low < 8 < row.gain_high
    assert [row.answers, row.satisfaction] == [2, 8.0]  # the last of each, in the period
    assert success(runs, Record(orders, None, None, late)).gain.isna().all()


def predicted(per_customer, low, high, by_month, days=360):
    row = {"segment": 1, "lifetime_value": 4 * per_customer, "per_customer": per_customer, "days": days}
    return pd.DataFrame([row | {"per_customer_low": low, "per_customer_high": high, "by_month": by_month}])


def test_realised_value_is_counted_as_it_was_predicted_and_judged_when_the_days_are_over():
    first = past("2024-01-01", [1, 1, 1, 1])
    first.tables["lifetime"] = predicted(24.0, 20.0, 30.0, [3.0, 5.0, *np.linspace(6, 24, 10)])
    paid = pd.DataFrame(
        {
            "customer": [0, 1, 1, 3, 0],
            "time": pd.to_datetime(["2024-01-31", "2024-02-10", "2024-02-12", "2024-02-12", "2025-06-01"]),
            "amount": [100.0, 100.0, -20.0, 999.0, 999.0],  # a return; of no buyer; after the predicted days
        }
    )
    money = Money(paid, pd.Series([0, 1, 2]), margin=0.5, discount_rate=0.1)
    row = since_first([first, past("2024-03-01", [1, 2, 2, 2])], money).iloc[0]
    years = np.array([30, 40, 42]) / 365.25
    worth = (np.array([50, 50, -10]) * 1.1**-years).sum() / 4
    assert row.realised == pytest.approx(worth, rel=1e-4) and row.expected == pytest.approx(5.0)
    assert (
        [row.customers, row.buyers] == [4, 2]
        and pd.isna(row.inside)
        and row.ratio == pytest.approx(worth / 5, rel=1e-4)
    )
    over = since_first([first, past("2025-07-01", [1, 2, 2, 2])], money).iloc[0]
    assert over.realised == pytest.approx(worth, rel=1e-4) and bool(over.inside)
    assert since_first([first], money).empty


def test_campaigns_that_have_ended_and_can_be_trusted_return_on_their_cost():
    rows = [
        ("a", 1, True, "earned", 100.0, 300.0, 200.0, 400.0),
        ("b", 1, True, "lost", 100.0, -50.0, -80.0, -20.0),
        ("c", 1, False, "running", 100.0, 900.0, 800.0, 990.0),
        ("d", 1, True, "not trustworthy", 100.0, 900.0, 800.0, 990.0),
    ]
    names = ["campaign", "segment", "ended", "verdict", "cost", "profit", "profit_low", "profit_high"]
    outcomes = pd.DataFrame(rows, columns=names)
    money = Money(ORDERS.iloc[:0], pd.Series([0]))
    row = since_first(RUNS[:2], money, outcomes).set_index("segment").loc[1]
    assert [row.campaigns, row.cost, row.profit, row.roi] == [2, 200.0, 250.0, 1.25]
    assert row.profit_low == pytest.approx(250 - np.hypot(100, 30)) and pd.isna(row.predicted)
