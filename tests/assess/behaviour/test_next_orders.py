"""How soon a next order comes: by hand, censored, and where nothing is known."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
import pytest

from seglib import report
from seglib.assess.behaviour.next_orders import next_orders
from seglib.report import under
from seglib.report.context import Context

AS_OF = dt.date(2025, 9, 1)


def ordered(days: dict[int, list[int]]) -> ibis.Table:
    rows = [(c, pd.Timestamp(AS_OF) - pd.Timedelta(days=ago)) for c, own in days.items() for ago in own]
    return ibis.memtable(pd.DataFrame(rows, columns=["customer", "time"]))


def test_shares_are_those_of_kaplan_and_meier():
    """Twenty order again after 30 days, ten never in 300, and ten are observed for 20 days only."""
    days = {n: [300, 270] for n in range(20)} | {n: [300] for n in range(20, 30)}
    days |= {n: [20, 20] for n in range(30, 40)}  # two orders of a day are one
    segments = ibis.memtable(pd.DataFrame({"customer": range(40), "segment": 1}))
    got = next_orders(ordered(days), segments, AS_OF)
    own = got[(got.segment == 1) & (got.step == 2)].iloc[0]
    assert (own.customers, own.ordered) == (40, 20)
    assert own.soon == pytest.approx(20 / 30)  # the ten newest say nothing of day 30
    assert own.low < own.soon < own.high
    assert own.median_days == 30
    everyone = got[got.segment.isna() & (got.step == 2)].iloc[0]
    assert everyone.soon == own.soon
    third = got[(got.segment == 1) & (got.step == 3)].iloc[0]
    assert (third.customers, third.ordered, third.soon) == (20, 0, 0)
    with under(Context("assess", min_cell=10, names={1: "Keen"})):
        shown = report.table(report.declared(got, "next_orders"))
        assert "67%" in shown
        assert "67%" in report.say("next_orders", got)


def test_without_transactions_nothing_is_said():
    segments = ibis.memtable(pd.DataFrame({"customer": [1, 2], "segment": 1}))
    empty = next_orders(None, segments, AS_OF)
    assert empty.empty
    few = next_orders(ordered({1: [5], 2: [9]}), segments, AS_OF)
    assert few.empty
    with under(Context("assess", min_cell=10)):
        assert "unknown" in report.say("next_orders", empty)
