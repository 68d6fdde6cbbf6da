"""How long customers subscribe: by hand, beside the library, and of known lives."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from lifelines import KaplanMeierFitter
from lifelines.utils import restricted_mean_survival_time
from scipy.stats import binom

from seglib.assess.value import survival as staying
from seglib.assess.value.survival import COLUMNS, restricted_mean
from seglib.report.figures import ahead
from seglib.vocabulary import DAYS_PER_MONTH

TODAY = dt.date(2024, 7, 1)


def contracts(*rows: tuple[int, str, str | None], end: bool = True) -> ibis.Table:
    made = pd.DataFrame(rows, columns=["customer", "start", "end"])
    made = made.assign(start=pd.to_datetime(made.start), end=pd.to_datetime(made.end))
    return ibis.memtable(made if end else made.drop(columns="end"))


def test_a_spell_runs_from_the_first_contract_to_the_end_of_the_last():
    got = staying.spells(
        contracts(
            (1, "2024-01-01", "2024-02-01"),
            (1, "2024-03-01", "2024-05-01"),
            (2, "2024-01-01", "2024-02-01"),
            (2, "2024-06-01", None),
            (3, "2024-06-01", "2024-08-01"),
            (4, "2024-06-30", "2024-06-30"),
            (5, "2024-07-01", None),
        ),
        TODAY,
    )
    assert got.customer.tolist() == [1, 2, 3, 4]
    assert (got.months * DAYS_PER_MONTH).round(6).tolist() == [121, 182, 30, 1]
    assert got.ended.tolist() == [True, False, False, True]


def test_contracts_without_an_end_run():
    got = staying.spells(contracts((1, "2024-01-01", None), end=False), TODAY)
    assert got.ended.tolist() == [False]
    assert staying.survival(got, pd.DataFrame({"customer": [1], "segment": [1]})).reason.tolist() == [
        "no contract has ended"
    ]


def spells(months: list[float], ended: list[bool]) -> pd.DataFrame:
    return pd.DataFrame({"customer": range(len(months)), "months": months, "ended": ended})


def one(n: int) -> pd.DataFrame:
    return pd.DataFrame({"customer": range(n), "segment": 1})


def test_shares_and_mean_are_those_by_hand():
    """Six customers: one ends after 1, two are lost sight of at 2 and 5, one ends after 3, two stay beyond 6."""
    got = staying.survival(spells([1, 2, 3, 5, 7, 8], [True, False, True, False, False, False]), one(6), 1)
    assert [*got.columns] == [*COLUMNS]
    assert got.set_index("month").still.to_dict() == pytest.approx(
        {0: 1, 1: 5 / 6, 2: 5 / 6, 3: 5 / 6 * 3 / 4, 6: 5 / 8}
    )
    assert got.at_risk.tolist() == [6, 6, 5, 4, 2]
    assert got.gone.tolist() == [0, 1, 0, 1, 0]
    assert got.within.unique().tolist() == [6]
    assert got.lifetime.unique() == pytest.approx([1 + 2 * 5 / 6 + 3 * 5 / 8])
    variance = (2 * 5 / 6 + 3 * 5 / 8) ** 2 / (6 * 5) + (3 * 5 / 8) ** 2 / (4 * 3)
    assert got.lifetime_low.iloc[0] == pytest.approx(got.lifetime.iloc[0] - 1.959964 * variance**0.5)
    assert got.lifetime_high.iloc[0] == 6  # no more than the months that are looked at


@settings(max_examples=20, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=4, max_size=40), st.integers(2, 39))
def test_the_restricted_mean_is_that_of_lifelines(rows, within):
    months, ended = (list(each) for each in zip(*rows, strict=True))
    fitter = KaplanMeierFitter().fit(months, ended)
    mean, error = restricted_mean(fitter, within)
    assert mean == pytest.approx(restricted_mean_survival_time(fitter, t=within))
    assert error >= 0
    if all(ended):  # no one lost sight of: the error of a plain mean
        assert error == pytest.approx(np.std(np.minimum(months, within)) / len(rows) ** 0.5)


def test_intervals_hold_known_lives():
    """Exponential lives of 15 months, half seen for 24 and half for 12; missed as often as one in a thousand times at the most."""
    share, mean, n = [], [], 150
    for seed in range(120):
        rng = np.random.default_rng(seed)
        lives, seen = rng.exponential(15, n), np.where(np.arange(n) % 2, 24.5, 12.5)
        got = staying.survival(
            spells(list(np.minimum(lives, seen)), list(lives < seen)), one(n), 1
        ).set_index("month")
        share += [got.low[m] <= np.exp(-m / 15) <= got.high[m] for m in (6, 18)]
        mean.append(got.lifetime_low[0] <= 15 * (1 - np.exp(-24 / 15)) <= got.lifetime_high[0])
    for hit in (share[::2], share[1::2], mean):
        assert binom.ppf(0.001, 120, 0.95) <= sum(hit)
    assert sum(share) + sum(mean) < 360  # an interval that never misses says nothing


def test_months_that_are_drawn_reveal_no_few_customers_and_the_table_is_true():
    rng = np.random.default_rng(1)
    rows = spells(list(rng.exponential(30, 400).clip(0.1, 40)), list(rng.random(400) < 0.6))
    segments = pd.DataFrame({"customer": range(400), "segment": np.where(np.arange(400) < 300, 1, 2)})
    got = staying.survival(rows, segments)
    for segment, each in got.groupby("segment"):
        own = rows[(segments.segment == segment).to_numpy() & rows.ended]
        assert each.gone.cumsum().tolist() == [(own.months <= month).sum() for month in each.month]
        drawn = ahead._enough(each, 10)
        gone = np.diff([(own.months <= month).sum() for month in drawn.month])
        assert (drawn.at_risk >= 10).all()
        assert ((gone == 0) | (gone >= 10)).all()
        assert len(drawn) < len(each) or segment == 1
    swapped = staying.survival(rows, segments.assign(segment=3 - segments.segment))
    back = swapped.assign(segment=3 - swapped.segment).sort_values(["segment", "month"], ignore_index=True)
    pd.testing.assert_frame_equal(got, back)


def test_too_few_customers_are_told():
    got = staying.survival(spells([3.0, 4.0], [True, False]), one(2))
    assert got.reason.tolist() == ["too few customers have been observed for long enough"]
    assert staying.survival(spells([], []), one(2)).reason.tolist() == ["no customer has a contract"]
