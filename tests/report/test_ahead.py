"""What page 04 says of the future: what was measured, nothing of few customers, and why where nothing can be said."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib import report
from seglib.assess.value import lifetimes
from seglib.assess.value.calibration import COLUMNS
from seglib.report import Context, under
from seglib.report import figures as plots
from seglib.report.figures import theme

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


TERMS = Context("assess", "GBP", 10, NAMES)


def say(name: str, table: pd.DataFrame, terms: Context = TERMS, **facts: object) -> str:
    with under(terms):
        return report.text(name, table, **facts)


def show(table: pd.DataFrame, name: str) -> str:
    with under(TERMS):
        return report.table(report.declared(table, name))


def test_lifetime_says_who_brings_most_with_its_interval_and_nothing_of_few():
    text = say("lifetime", LIFE)
    assert (
        "12-month customer lifetime value (CLV) is highest for **Regulars**: £8,000 (£7,000 to £9,500)"
        in text
    )
    assert "per customer is highest for **Regulars**: £40.00 (£35.00 to £47.50)" in text
    assert "zero" in text  # of customers who have not bought
    assert "widened by the 11%" in text
    assert "Few" not in text
    assert "Few" in say("lifetime", LIFE, Context("assess", "GBP", 1, NAMES))


@pytest.mark.parametrize(("miss", "text"), [(np.nan, "could not be tested"), (0.0, "no more than chance")])
def test_lifetime_says_how_certain_intervals_are(miss, text):
    assert text in say("lifetime", LIFE.assign(miss=miss))


def test_lifetime_says_purchases_when_there_is_no_model_of_spend():
    nothing = dict.fromkeys((c for c in LIFE if c.startswith(("lifetime", "per_"))), np.nan)
    poor = LIFE.assign(**nothing, reason="spend varies too much")
    text = say("lifetime", poor)
    assert "because spend varies too much" in text
    assert "on 800 days (700 to 900)" in text
    page = show(poor, "lifetime")
    assert "800 (700 to 900)" in page
    assert "CLV of the segment" not in page


def test_a_refusal_says_why_and_shows_no_table():
    refused = lifetimes.refused(PAST, "there are no transactions (sources.transactions)")
    assert "because there are no transactions (sources.transactions)" in say("lifetime", refused)
    assert show(refused, "lifetime") == ""


def test_the_table_has_intervals_in_words_and_suppresses_few_buyers():
    page = show(LIFE, "lifetime")
    for text in ("800 (700 to 900)", "£8,000 (£7,000 to £9,500)", "£40.00 (£35.00 to £47.50)"):
        assert text in page
    assert "1e9" not in page
    assert ">suppressed<" in page


def test_calibration_says_how_far_both_tests_were_right():
    earlier = TESTED.assign(since=pd.Timestamp("2023-10-01"), ratio=[1.02, 1.0, 1.05, 2.0], happened=980)
    text = say("calibration", pd.concat([TESTED, earlier], ignore_index=True))
    assert (
        "from 1 January 2024 until before 1 July 2024: 1,000 days with a purchase predicted (950 to 1,050), 1,250 actual"
        in text
    )
    assert "**80%** of what happened, which is outside its interval" in text
    assert "In 1 of 2 segments, with 44% of buyers" in text
    assert "from 1 October 2023" in text
    assert "**102%** of what happened, which is within" in text
    assert "**Guests**: it predicted 50%" in text
    assert "Few" not in text


def test_calibration_says_why_all_buyers_are_tested_together_or_not_at_all():
    text = say("calibration", TESTED.head(1).assign(why="of age only today's state is known"))
    assert text.endswith("because of age only today's state is known.")
    none = pd.DataFrame([{"of": "none", "why": "there are no transactions"}], columns=[*COLUMNS])
    assert "because there are no transactions" in say("calibration", none)
    assert show(none, "calibration") == ""
    with under(TERMS):
        assert report.figure("calibration", none) == ""


def test_the_figure_draws_no_segment_of_few_buyers():
    ax = plots.FIGURES["calibration"](TESTED, TERMS)
    assert [t.get_text() for t in ax.get_yticklabels()] == ["All buyers", "Regulars", "Guests"]
    assert theme.behind(ax) == 200
    drawn = np.concatenate([c.get_offsets() for c in ax.collections if len(c.get_offsets()) == 3])
    assert drawn[:, 0].tolist() == [0.8, 0.975, 0.5]


def test_the_terms_name_model_margin_returns_and_what_calls_for_caution():
    parameters = pd.DataFrame({"parameter": ["r", "q"], "estimate": [0.5, 1.2], "low": 0.1, "high": 3.0})
    facts = {
        "model": "bg/nbd",
        "days": 365,
        "discount_rate": 0.1,
        "margin": 0.3,
        "kept": 0.975,
        "posterior": False,
        "fitted_on": 1000,
        "together": -0.5,
    }
    text = say("model_terms", parameters, **facts)
    for part in ("**BG/NBD**", "1,000 buyers", "365 days", "10% a year", "30% of revenue", "2.5%"):
        assert part in text
    assert "spend less each time (rank correlation -0.50)" in text
    assert "(q = 1.20)" in text
    assert "It is revenue, because no margin is given" in say(
        "model_terms", parameters, **facts | {"margin": 1, "kept": 1}
    )
    calm = say("model_terms", parameters.assign(estimate=3.0), **facts | {"together": 0.1})
    assert "caution" not in calm
    assert say("model_terms", parameters.head(0), **facts) == ""
    assert "0.1 to 3" in show(parameters, "estimates")


def test_survival_says_who_subscribes_longest_and_shortest():
    rows = pd.DataFrame(
        {
            "segment": [1, 1, 2],
            "customers": [50, 50, 40],
            "ended": 12,
            "month": [0, 6, 0],
            "still": [1.0, 0.5, 1.0],
            "low": 0.4,
            "high": 1.0,
            "at_risk": [50, 20, 40],
            "gone": [0, 12, 0],
            "within": 24,
            "lifetime": [8.0, 8.0, 20.0],
            "lifetime_low": [7.0, 7.0, 19.0],
            "lifetime_high": [9.0, 9.0, 21.0],
            "reason": "",
        }
    )
    text = say("survival", rows)
    assert "first 24 months" in text
    assert "**Guests** 20.0 months (19.0 to 21.0); **Regulars** 8.0 months (7.0 to 9.0)" in text
    page = show(rows, "survival")
    assert page.index("7.0 to 9.0") < page.index("19.0 to 21.0")
    assert theme.behind(plots.FIGURES["survival"](rows, TERMS)) == 12
    few = plots.FIGURES["survival"](rows.assign(gone=[0, 5, 0]), TERMS)
    assert max(line.get_xdata().max() for line in few.lines) == 0  # month 6 would reveal five
