import datetime as dt

import pandas as pd
import pytest

from seglib.monitor.history import Past, a_year_before, path, runs
from seglib.monitor.periods import success


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
    table = success([*RUNS, past("2025-02-01", [1, 2, 2, 2])], ORDERS).set_index(["view", "segment", "as_of"])
    fixed, now = table.loc["first assigned"], table.loc["as of each run"]
    assert fixed.loc[(1, "2025-02-01"), ["customers", "buyers", "revenue"]].tolist() == [2, 1, 30.0]
    assert now.loc[(1, "2025-02-01"), ["customers", "buyers", "revenue"]].tolist() == [1, 1, 30.0]


def test_a_period_is_compared_with_the_one_a_year_before():
    table = success([*RUNS, past("2025-02-01", [1, 2, 2, 2])], ORDERS)
    row = table[(table["view"] == "first assigned") & (table.segment == 1) & (table.as_of == "2025-02-01")]
    assert row.a_year_ago.iloc[0] == pytest.approx(0.0)  # 30 of two customers, then as now


def test_one_run_has_no_period():
    assert success(RUNS[:1], ORDERS).empty


def test_the_run_of_the_same_season_is_the_nearest_to_a_year_before():
    assert a_year_before(RUNS, dt.date(2025, 1, 10)).as_of == dt.date(2024, 1, 1)
    assert a_year_before(RUNS, dt.date(2025, 7, 1)) is None


def test_runs_say_how_far_apart_they_are():
    table = runs(RUNS)
    assert table.days.fillna(0).tolist() == [0, 31, 335] and table.this.tolist() == [False, False, True]
    assert path(RUNS).groupby("as_of").share.sum().tolist() == [1.0, 1.0, 1.0]
