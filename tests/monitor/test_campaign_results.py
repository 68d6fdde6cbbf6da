import datetime as dt

import numpy as np
import pandas as pd
import pytest

from seglib.monitor.campaign_results import calibration, contacts, learned, outcomes
from seglib.monitor.looking import sample_ratio, sequence

START = pd.Timestamp("2025-01-01")


def people(n=4000, held=0.25, days=30):
    return pd.DataFrame(
        {
            "customer": range(n),
            "campaign": "win-back",
            "play": "Win-back",
            "segment": np.arange(n) % 2 + 1,
            "arm": np.where(np.arange(n) // 2 % 4 < 4 * held, "holdout", "treatment"),
            "first_assigned": START,
            "until": START + pd.Timedelta(days=days),
        }
    )


def orders(who, days, amount=20.0):
    return pd.DataFrame({"customer": who, "time": START + pd.to_timedelta(days, unit="D"), "amount": amount})


def test_orders_count_from_the_assignment_to_the_end_and_as_long_before():
    table = contacts(people(8), orders([0, 0, 1, 2, 3], [5, 40, -10, -40, 29]), dt.date(2025, 6, 1))
    assert table.value[:4].tolist() == [20.0, 0.0, 0.0, 20.0]
    assert table.before[:4].tolist() == [0.0, 20.0, 0.0, 0.0]
    assert table.responded.sum() == 2 and table.days.eq(30).all()


def test_nothing_after_as_of_is_looked_at():
    table = contacts(people(8), orders([0, 1], [5, 15]), dt.date(2025, 1, 11))
    assert table.value[:2].tolist() == [20.0, 0.0] and table.days.eq(10).all()


PLANS = pd.DataFrame(
    {
        "campaign": "win-back",
        "segment": [1, 2],
        "share": 0.25,
        "cost": 0.5,
        "profit": [1500.0, 1500.0],
        "contacts": [1500.0, 1500.0],
    }
)


def measured(as_of=dt.date(2025, 6, 1), extra=0.1):
    rng = np.random.default_rng(0)
    table = people()
    rate = np.where(table.arm == "holdout", 0.1, 0.1 + extra)
    buyers = np.flatnonzero(rng.random(len(table)) < rate)
    return outcomes(
        contacts(table, orders(buyers, rng.uniform(0, 30, len(buyers))), as_of), PLANS, 0.5, as_of
    )


def test_a_campaign_with_an_effect_earned_and_its_numbers_follow_from_each_other():
    table = measured()
    whole = table[table.segment.isna()].iloc[0]
    assert (whole.contacted, whole.holdout, whole.verdict) == (3000, 1000, "earned")
    assert whole.response == pytest.approx(0.1, abs=0.02)
    assert whole.profit == pytest.approx(3000 * (0.5 * whole.revenue - 0.5))
    assert whole.roi == pytest.approx(whole.profit / 1500)
    assert table.segment.dropna().tolist() == [1, 2]


def test_before_the_planned_end_intervals_are_wider_and_nothing_is_concluded_early():
    early = measured(dt.date(2025, 1, 4), extra=0.0)
    assert set(early.verdict) == {"running"} and not early.ended.any()


def test_arms_of_other_sizes_than_planned_are_not_trusted():
    plans = PLANS.assign(share=0.1)
    table = outcomes(
        contacts(people(), orders([0], [1]), dt.date(2025, 6, 1)), plans, 0.5, dt.date(2025, 6, 1)
    )
    assert set(table.verdict) == {"not trustworthy"}
    assert sample_ratio(3000, 1000, 0.25) == 1.0


def test_a_confidence_sequence_holds_however_often_it_is_looked_at():
    rng = np.random.default_rng(1)
    steps = rng.normal(0, 1, (2000, 20)).cumsum(axis=1)
    bounds = np.array([sequence(0.0, np.sqrt(t), t / 20)[1] for t in range(1, 21)])
    outside = (np.abs(steps) > bounds).any(axis=1).mean()
    fixed = (np.abs(steps) > 1.96 * np.sqrt(np.arange(1, 21))).any(axis=1).mean()
    assert outside < 0.05 < 0.15 < fixed


def test_what_is_learned_lies_between_what_was_assumed_and_what_was_measured():
    table = learned(measured(), {"Win-back": (0.02, 0.01)})
    assert table.segment.isna().sum() == 1 and len(table) == 3
    for row in table.itertuples():
        assert row.posterior > row.prior
    of_segments = table.dropna(subset=["segment"])
    assert (of_segments.posterior_sd < of_segments.data_sd).all()


def test_segments_that_do_not_differ_are_drawn_together():
    table = pd.DataFrame(
        {
            "campaign": "c",
            "play": "p",
            "segment": [1, 2],
            "ended": True,
            "verdict": "earned",
            "response": [0.04, 0.06],
            "response_low": [0.0, 0.02],
            "response_high": [0.08, 0.10],
        }
    )
    posterior = learned(table, {}).dropna(subset=["segment"]).posterior
    assert posterior.tolist() == pytest.approx([0.05, 0.05], abs=0.006)


def test_a_campaign_that_is_running_teaches_nothing():
    assert learned(measured(dt.date(2025, 1, 10)), {"Win-back": (0.02, 0.01)}).empty


def test_forecasts_are_scaled_to_the_contacts_that_were_made():
    table = calibration(measured(), PLANS)
    assert table.forecast.tolist() == [1500.0, 1500.0]
    assert (table.ratio == table.profit / table.forecast).all()


def test_an_arm_in_which_all_responded_says_little_of_the_response():
    n, held = 1600, 200
    customers = pd.DataFrame({"customer": range(n + held), "campaign": "c", "play": "p", "segment": 1})
    customers["arm"] = ["treatment"] * n + ["holdout"] * held
    customers["first_assigned"], customers["until"] = pd.Timestamp("2025-01-01"), pd.Timestamp("2025-03-01")
    rng = np.random.default_rng(0)
    who = np.r_[np.arange(2, n + held), np.arange(n + held)]  # all but two ordered, and all before
    days = np.r_[rng.uniform(1, 58, n + held - 2), rng.uniform(-58, -1, n + held)]
    orders = pd.DataFrame(
        {"customer": who, "time": pd.Timestamp("2025-01-01") + pd.to_timedelta(days, unit="D")}
    )
    orders["amount"] = rng.lognormal(3, 1, len(orders))
    day = dt.date(2025, 3, 1)
    plans = pd.DataFrame({"campaign": ["c"], "segment": [1], "share": [0.11], "cost": [0.1]})
    row = outcomes(contacts(customers, orders, day), plans, 0.4, day).iloc[-1]
    assert row.response_low < -0.003 and row.response_high > 0.01
