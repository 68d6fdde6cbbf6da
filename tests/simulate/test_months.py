"""Customers who change on a day."""

import datetime as dt

import pandas as pd
import pytest

from seglib import simulate
from seglib.errors import ParamsError

ON = dt.date(2025, 6, 1)
SHOP = simulate.industry("demo")


@pytest.fixture(scope="module")
def made():
    return {change: simulate.changed(SHOP, change, ON, 600) for change in simulate.CHANGES}


def since(tables, day=ON):
    rows = tables["transactions"].dropna(subset=["customer_id"])
    rows = rows[(rows.time >= pd.Timestamp(day)) & (rows.quantity > 0)].merge(
        tables["truth"], on="customer_id"
    )
    return rows.assign(amount=rows.quantity * rows.price)


def test_until_the_day_nothing_is_different(made):
    old = simulate.generate(SHOP, 600)["transactions"]
    for change, tables in made.items():
        if change != "season":
            now = tables["transactions"]
            before = [
                t[t.time < pd.Timestamp(ON)].sort_values(["time", "order_no", "product"]) for t in (old, now)
            ]
            assert before[0].order_no.tolist() == before[1].order_no.tolist(), change


def test_orders_are_numbered_once(made):
    for tables in made.values():
        rows = (
            tables["transactions"].dropna(subset=["customer_id"]).drop_duplicates(["order_no", "customer_id"])
        )
        assert rows.order_no.is_unique


def test_each_change_shows_in_what_customers_do(made):
    orders = {change: since(tables) for change, tables in made.items()}
    truth = {change: tables["truth"] for change, tables in made.items()}
    assert (truth["nothing"].segment == truth["nothing"].after).all()
    moved = truth["moved"]
    assert 0.1 < (moved.segment != moved.after).mean() < 0.22
    born = truth["born"][truth["born"].segment.isna()]
    assert set(born.after) == {"born"} and len(born) == 90
    assert born.customer_id.isin(orders["born"].customer_id).all()
    assert "weekend regulars" not in set(orders["died"].segment)
    halves = orders["split"][orders["split"].segment == "weekend regulars"].groupby("after").amount
    assert halves.median()["weekend regulars, split off"] < 0.6 * halves.median()["weekend regulars"]
    baskets = [
        orders[c][orders[c].segment == "weekend regulars"].amount.median() for c in ("nothing", "drift")
    ]
    assert baskets[1] > 1.15 * baskets[0]
    both = orders["merged"].groupby("segment").discount.apply(lambda d: (d > 0).mean())
    assert abs(both["weekend regulars"] - both["bargain hunters"]) < 0.15
    june = [orders[c][orders[c].time < "2025-07-01"] for c in ("nothing", "season")]
    assert len(june[1]) / len(orders["season"]) > 1.5 * len(june[0]) / len(orders["nothing"])
    schema = made["schema"]
    assert "acquired_through" not in schema["customers"]
    events = schema["events"]
    assert set(events.device[events.time >= pd.Timestamp(ON)]) > {"wearable"}
    assert "wearable" not in set(events.device[events.time < pd.Timestamp(ON)])


def test_a_campaign_adds_as_many_orders_as_it_should_and_only_to_the_treated():
    rows = pd.DataFrame({"order": range(4000), "customer": [n % 200 for n in range(4000)]})
    rows["time"] = pd.Timestamp("2025-06-10")
    after = simulate.with_effect(rows, pd.Series(range(100)), 0.3, ON, dt.date(2025, 7, 1))
    added = after[after.order.astype(str).str.endswith("X")]
    assert added.customer.max() < 100
    assert 0.26 < len(added) / 2000 < 0.34
    assert len(simulate.with_effect(rows, pd.Series(range(100)), 0.3, ON, dt.date(2025, 6, 5))) == len(rows)


@pytest.mark.parametrize(
    ("change", "on", "says"),
    [
        ("splt", ON, "Did you mean 'split'"),
        ("split", dt.date(2025, 9, 1), "within the year before 2025-09-01"),
    ],
)
def test_what_cannot_be_is_one_line(change, on, says):
    with pytest.raises(ParamsError, match=says):
        simulate.changed(SHOP, change, on, 200)
