"""Contacts, summed up in the engine: waves, orders before, who answered, who was held out."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib.assess.campaigns import contacts


def day(month: int, date: int = 1) -> dt.datetime:
    return dt.datetime(2025, month, date)


def table(columns: list[str], *rows: tuple) -> ibis.Table:
    return ibis.memtable(pd.DataFrame(rows, columns=columns))


COLUMNS = ["customer", "campaign", "time", "holdout", "responded", "revenue", "cost"]


def test_waves_of_one_campaign_count_as_one_contact():
    got = contacts.gathered(
        table(
            COLUMNS,
            (1, "A", day(5), False, False, None, 0.5),
            (1, "A", day(6), False, True, 20.0, 0.5),
            (1, "B", day(6), True, False, 0.0, 0.0),
            (2, None, day(6), False, True, 1.0, 1.0),
        )
    )
    assert got.to_dict("list") == {
        "customer": [1, 1],
        "campaign": ["A", "B"],
        "both": [False, False],
        "holdout": [False, True],
        "responded": [True, False],
        "value": [20.0, 0.0],
        "cost": [1.0, 0.0],
    }


def test_who_was_contacted_and_held_out_is_of_neither_group():
    got = contacts.gathered(
        table(
            COLUMNS,
            (1, "A", day(5), False, True, 1.0, 1.0),
            (1, "A", day(6), True, True, 1.0, 1.0),
            (2, "A", day(5), False, True, 1.0, 1.0),
        )
    )
    assert got.both.tolist() == [True, False]
    segments = pd.DataFrame({"customer": [1, 2], "segment": 1})
    assert contacts.joined(got, segments).customer.tolist() == [2]
    assert contacts.answered(got).customer.tolist() == [2]


ORDERS = table(
    ["customer", "time", "amount"],
    (1, day(4, 30), 7.0),
    (1, day(5, 1), 100.0),
    (1, day(5, 20), 1000.0),
    (1, dt.datetime(2024, 4, 30), 10_000.0),
    (2, day(4, 1), 3.0),
    (3, day(1, 1), 9.0),
)


def test_orders_count_before_each_contact_and_not_after_nor_long_ago():
    got = contacts.gathered(
        table(COLUMNS[:3], (1, "A", day(5)), (1, "B", day(5, 10)), (2, "A", day(5)), (4, "A", day(5))), ORDERS
    )
    assert got.set_index(["customer", "campaign"]).before.to_dict() == {
        (1, "A"): 7,
        (1, "B"): 107,
        (2, "A"): 3,
        (4, "A"): 0,
    }


def test_groups_are_looked_at_alike_where_a_contact_has_no_time():
    got = contacts.gathered(
        table(COLUMNS[:4], (1, "A", day(6), False), (2, "A", day(5), False), (3, "A", None, True)), ORDERS
    )
    assert got.before.tolist() == [7, 3, 9]  # before the campaign's first contact, on 1 May


def test_without_orders_or_times_nothing_was_before():
    sent = table(COLUMNS[:3], (1, "A", day(5)))
    assert "before" not in contacts.gathered(sent)
    assert "before" not in contacts.gathered(sent.drop("time"), ORDERS)


def test_without_campaigns_there_are_no_contacts():
    got = contacts.gathered(None)
    assert got.empty and {"customer", "campaign", "both"} == set(got)
    assert contacts.answered(got).columns.tolist() == ["customer"]
    assert contacts.spread(got, pd.DataFrame({"customer": [1], "segment": [1]})).empty


def test_answers_are_of_the_campaigns_with_most_contacts():
    sent = pd.DataFrame(
        [(n, f"C{c}", False, False, n < c) for c in range(8) for n in range(20 + c)],
        columns=["customer", "campaign", "both", "holdout", "responded"],
    )
    got = contacts.answered(sent, most=2)
    assert got.columns.tolist() == ["customer", "response to C6", "response to C7"]
    assert got["response to C7"].sum() == 7
    assert got["response to C6"].isna().sum() == 1  # the 27th customer had C7 alone


@pytest.mark.parametrize(("held_in_first", "moved"), [(0.5, False), (0.8, True)])
def test_a_campaign_that_moved_customers_between_segments_is_found(held_in_first, moved):
    rng = np.random.default_rng(0)
    segment = np.arange(2000) % 2 + 1
    held = rng.random(2000) < np.where(segment == 1, held_in_first, 0.5)
    sent = pd.DataFrame({"customer": np.arange(2000), "campaign": "A", "holdout": held, "responded": True})
    got = contacts.spread(sent, pd.DataFrame({"customer": np.arange(2000), "segment": segment}))
    assert (got.p < 0.001).tolist() == [moved]


def test_one_segment_or_no_holdouts_spread_in_no_way():
    sent = pd.DataFrame(
        {"customer": range(40), "campaign": "A", "holdout": [n % 2 > 0 for n in range(40)], "responded": True}
    )
    assert contacts.spread(sent, pd.DataFrame({"customer": range(40), "segment": 1})).empty
    assert contacts.spread(
        sent.assign(holdout=False), pd.DataFrame({"customer": range(40), "segment": [1, 2] * 20})
    ).empty
