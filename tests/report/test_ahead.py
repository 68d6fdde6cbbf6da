"""What page 04 says of the future: what was measured, nothing of few customers, and why where nothing can be said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib.assess import value
from seglib.assess.value.calibration import COLUMNS
from seglib.report import figures as plots
from seglib.report import layouts, readings

NAMES = {1: "Regulars", 2: "Guests", 3: "Few"}
PAST = pd.DataFrame(
    {
        "segment": [1, 2, 3],
        "customers": [200, 300, 9],
        "buyers": [200, 250, 9],
        "historic_value": [900.0, 500.0, 10.0],
        "historic_margin": np.nan,
    }
)
LIFE = PAST.assign(
    name=["Regulars", "Guests", "Few"],
    active=[150.4, 90.0, 2.0],
    purchases=[800.0, 200.0, 4.0],
    purchases_low=[700.0, 150.0, 1.0],
    purchases_high=[900.0, 260.0, 9.0],
    lifetime_value=[8000.0, 1500.0, 9e9],
    lifetime_low=[7000.0, 1200.0, 1.0],
    lifetime_high=[9500.0, 1900.0, 9e9],
    per_customer=[40.0, 5.0, 1e9],
    per_customer_low=[35.0, 4.0, 0.1],
    per_customer_high=[47.5, 6.33, 1e9],
    model="bg/nbd",
    days=365,
    miss=0.1,
    reason="",
)
TESTED = pd.DataFrame(
    [
        (pd.NA, "all", 459, 1000.0, 950.0, 1050.0, 1250, 0.8, False),
        (1, "segment", 200, 780.0, 740.0, 820.0, 800, 0.975, True),
        (2, "segment", 250, 215.0, 190.0, 240.0, 430, 0.5, False),
        (3, "segment", 9, 5.0, 1.0, 9.0, 20, 0.25, False),
    ],
    columns=[c for c in COLUMNS if c not in ("since", "until", "why")],
).assign(since=pd.Timestamp("2024-01-01"), until=pd.Timestamp("2024-07-01"), why="")


def test_who_will_bring_most_is_said_with_its_interval_and_nothing_of_few():
    said = " ".join(readings.ahead.lifetime(LIFE, "GBP", 10))
    assert said == (
        "In the next 365 days **Regulars** is expected to bring most: £8,000 (£7,000 to £9,500); a customer most in Regulars: £40.00 "
        "(£35.00 to £47.50). Customers who have not bought count as nothing. Intervals are wider than the model's by the 11% that it "
        "missed when it was tested."
    )
    assert "Few" in " ".join(readings.ahead.lifetime(LIFE, "GBP", 1))


@pytest.mark.parametrize(
    ("miss", "said"), [(np.nan, "could not be tested"), (0.0, "no more than chance allows")]
)
def test_how_sure_intervals_are_is_said(miss, said):
    assert said in readings.ahead.lifetime(LIFE.assign(miss=miss), "GBP", 10)[-1]


def test_without_a_model_of_money_purchases_are_spoken_of():
    nothing = dict.fromkeys((c for c in LIFE if c.startswith(("lifetime", "per_"))), np.nan)
    poor = LIFE.assign(**nothing, reason="what is spent varies too much")
    said = readings.ahead.lifetime(poor, "GBP", 10)
    assert said[0] == "Money is not foretold, because what is spent varies too much."
    assert "on 800 (700 to 900) days" in said[1]
    assert "lifetime" not in layouts.lifetime(poor, "GBP")


def test_a_refusal_says_why_and_leaves_the_table():
    refused = value.refused(PAST, "there are no transactions (sources.transactions)").assign(name=LIFE.name)
    assert readings.ahead.lifetime(refused, "GBP") == [
        "What segments will bring is not reckoned, because there are no transactions (sources.transactions)."
    ]
    assert [*layouts.lifetime(refused, "GBP")] == ["name", "buyers"]


def test_the_table_has_intervals_in_words():
    got = layouts.lifetime(LIFE, "GBP").iloc[0]
    assert (got.purchases, got.lifetime, got.each) == (
        "800 (700–900)",
        "£8,000 (7,000–9,500)",
        "£40.00 (35.00–47.50)",
    )


def test_how_far_the_model_was_right_is_said_in_numbers():
    said = readings.ahead.calibration(TESTED, NAMES, 10)
    assert said == [
        "Held back from 1 January 2024 to before 1 July 2024: 1,000 days with a purchase expected (950 to 1,050), 1,250 happened: **80%**; "
        "within 10% of what happened for 1 of 2 segments, with 44% of buyers, and in the interval for 1.",
        "It was furthest off for **Guests**, with 50%.",
    ]
    assert "80% from 1 January 2024 on" in readings.ahead.tested(TESTED)


def test_a_test_of_all_buyers_together_says_why():
    said = readings.ahead.calibration(TESTED.head(1).assign(why="of age only today's state is known"), NAMES)
    assert said[-1] == "It is tested for all buyers together, because of age only today's state is known."
    none = pd.DataFrame([{"of": "none", "why": "there are no transactions"}], columns=[*COLUMNS])
    assert readings.ahead.calibration(none, NAMES) == [
        "The model could not be tested, because there are no transactions."
    ]


def test_the_figure_draws_no_segment_of_few_buyers():
    ax = plots.calibration(TESTED, NAMES, 10)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["All buyers", "Regulars", "Guests"]
    assert plots.behind(ax) == 200
    drawn = np.concatenate([c.get_offsets() for c in ax.collections if len(c.get_offsets()) == 3])
    assert drawn[:, 0].tolist() == [0.8, 0.975, 0.5]


def test_spending_that_goes_with_buying_or_has_a_long_tail_is_told():
    parameters = pd.DataFrame({"parameter": ["r", "q"], "estimate": [0.5, 1.2], "low": 0.1, "high": 3.0})
    told = {
        "model": "bg/nbd",
        "days": 365,
        "discount_rate": 0.1,
        "margin": 0.3,
        "kept": 0.975,
        "posterior": False,
        "priors": "Priors are flat.",
        "fitted_on": 1000,
        "together": -0.5,
    }
    said = " ".join(readings.ahead.terms(parameters, told, "GBP"))
    assert (
        "**BG/NBD** and Gamma-Gamma, 365 days ahead, discounted at 10% a year, at a margin of 30%, less the 2.5% that goes back."
        in said
    )
    assert (
        "Fitted on 1,000 buyers at the mode of the posterior, in weeks and GBP: r 0.5 (0.1 to 3) and q 1.2 (0.1 to 3)."
        in said
    )
    assert "Who buys more often spends less each time (rank correlation -0.50)" in said
    assert "(q 1.20)" in said
    calm = readings.ahead.terms(parameters.assign(estimate=3.0), told | {"together": 0.1}, "GBP")
    assert calm[-2:] == ["", ""]


def test_who_stays_longest_and_shortest_is_said():
    rows = pd.DataFrame(
        {
            "segment": [1, 1, 2],
            "customers": [50, 50, 40],
            "month": [0, 6, 0],
            "still": [1.0, 0.5, 1.0],
            "low": 0.4,
            "high": 1.0,
            "within": 24,
            "lifetime": [8.0, 8.0, 20.0],
            "lifetime_low": [7.0, 7.0, 19.0],
            "lifetime_high": [9.0, 9.0, 21.0],
            "reason": "",
        }
    )
    assert readings.ahead.survival(rows, NAMES) == [
        "Of the first 24 months, customers subscribe on average: **Guests** 20.0 (19.0 to 21.0) and **Regulars** 8.0 (7.0 to 9.0)."
    ]
    assert layouts.survival(rows, NAMES).interval.tolist() == ["7.0 to 9.0", "19.0 to 21.0"]
    assert plots.behind(plots.survival(rows, NAMES)) == 40
