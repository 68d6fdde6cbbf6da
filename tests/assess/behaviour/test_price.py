"""Price: planted discounts and responses are found, chance is not, and it is said what is missing."""

from __future__ import annotations

from functools import cache

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib import report
from seglib.assess.behaviour.demand import demand
from seglib.assess.behaviour.journey import journey
from seglib.assess.behaviour.price import price, with_depth
from seglib.report import under
from seglib.report.context import Context

TERMS = Context("assess", "EUR", 10, {1: "Keen", 2: "Calm"})
WEEKS = pd.date_range("2025-01-06", periods=39, freq="W-MON")
#: Discounts of a promotion, and how many times as much segment 1 buys then; segment 2 never minds.
DEPTH = {0.15: 1.6, 0.3: 2.5}


@cache
def promoted(seed: int = 0, products: int = 30, keen: bool = True) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Products are reduced for a week now and then; segment 1 then buys more of them, segment 2 does not."""
    rng = np.random.default_rng(seed)
    grid = pd.MultiIndex.from_product([range(products), WEEKS, (1, 2)], names=["product", "week", "segment"])
    cells = grid.to_frame(index=False)
    off = pd.Series(rng.choice([0.0, 0.15, 0.3], len(cells) // 2, p=[0.7, 0.15, 0.15])).repeat(2).to_numpy()
    times = np.where((cells.segment == 1) & keen, pd.Series(off).map(DEPTH).fillna(1.0), 1.0)
    popular = rng.uniform(3, 9, products)[cells["product"]]
    bought = (
        cells.assign(discount=off)
        .loc[cells.index.repeat(rng.poisson(popular * times))]
        .reset_index(drop=True)
    )
    n = len(bought)
    bought = bought.assign(
        customer=1000 * bought.segment + rng.integers(0, 150, n),
        time=bought.week + pd.to_timedelta(rng.integers(0, 7, n), unit="D"),
        price=((10 + bought["product"]) * (1 - bought.discount)).round(2),
        quantity=1.0,
    ).drop(columns=["segment", "week"])
    bought["product"] = "p" + bought["product"].astype(str)
    members = pd.DataFrame({"customer": sorted(bought.customer.unique())})
    return bought.assign(amount=bought.price), members.assign(segment=members.customer // 1000)


@pytest.mark.parametrize("known", ["share", "money", "variation"])
def test_planted_responses_are_found_whatever_the_discount_is_known_from(known):
    bought, members = promoted()
    if known == "money":
        bought = bought.assign(discount=bought.price / (1 - bought.discount) - bought.price)
    if known == "variation":
        bought = bought.drop(columns="discount")
    got = price(ibis.memtable(bought), ibis.memtable(members))
    assert got.known_from == ("variation" if known == "variation" else "discount")
    rows = got.response.set_index(["segment", "deeper"])
    for deeper, truth in ((0.1, 1.6), (0.2, 2.5)):
        one = rows.loc[(1, deeper)]
        assert one.low < truth < one.high
        assert one.high / one.low < 1.5
        assert one.differs
        assert rows.loc[(2, deeper)].low < 1 < rows.loc[(2, deeper)].high
    own = got.discounts.set_index("segment")
    reduced = bought if known != "variation" else promoted()[0]
    shares = (reduced.discount > 0).groupby(reduced.customer).mean()
    off = 0.06 if known == "variation" else 0.002  # products without a usual price in a quarter are left out
    assert own.share[1] == pytest.approx(shares[shares.index < 2000].mean(), abs=off)
    assert own.difference[1] == pytest.approx(own.share[1] - shares.mean(), abs=off)
    nothing = journey(None, None, None), pd.DataFrame(columns=["step"]), demand(None, None, None)
    with under(TERMS):
        said = report.say("price", got)
        assert f"Keen</b> bought {rows.loc[(1, 0.2)].ratio:.1f} times as many" in said
        assert "association" in said
        texts = report.worded("habits", *nothing, got, pd.Series([1, 2])).price
        assert f"{rows.loc[(1, 0.2)].ratio:.1f} times" in texts[0]
        assert "association" in texts[0]
        shown = report.table(report.declared(got.response, "price_response"))
        assert "20% to 35%" in shown
        report.figure("price_response", report.declared(got.response, "price_response"))


def test_a_segment_that_does_not_differ_is_not_called_the_one_with_most_discounts():
    bought, members = promoted(1, 12)
    got = price(ibis.memtable(bought), ibis.memtable(members.assign(segment=1)))
    with under(TERMS):
        assert "No segment differs" in report.say("price", got)
        assert "Keen" not in report.say("price", got)


def test_where_a_discount_changes_nothing_hardly_any_segment_is_called_different():
    calls = [
        price(*map(ibis.memtable, promoted(seed, 14, keen=False))).response.differs.any() for seed in range(4)
    ]
    assert sum(calls) <= 1


@pytest.mark.parametrize(
    "case", ["constant", "no price", "no usual price", "by order", "few products", "none"]
)
def test_where_prices_tell_nothing_it_is_said_why(case):
    bought, members = promoted(1, 4 if case == "few products" else 12)
    rng = np.random.default_rng(0)
    if case == "constant":
        bought = bought.assign(discount=0.0)
    elif case == "no price":
        bought = bought.drop(columns=["discount", "price"])
    elif case == "no usual price":
        bought = bought.drop(columns="discount").assign(price=rng.uniform(5, 50, len(bought)).round(2))
    elif case == "by order":
        bought = bought.assign(discount=rng.choice([0.0, 0.2], len(bought)))
    got = price(None if case == "none" else ibis.memtable(bought), ibis.memtable(members))
    assert got.response.empty
    says = {
        "constant": "prices hardly varied",
        "no price": "needs the column discount",
        "none": "needs transactions",
    }
    says |= {
        "by order": "went to single orders",
        "few products": "too few products",
        "no usual price": "no usual price",
    }
    with under(TERMS):
        said = report.say("price", got)
        assert says[case] in said
        assert "times as many" not in said


def test_depth_is_that_of_the_row():
    bought = pd.DataFrame(
        {"customer": 1, "time": pd.Timestamp("2025-02-03"), "quantity": 1.0, "product": "a"}, [0, 1, 2]
    )
    in_money = bought.assign(amount=[8.0, 10.0, 9.0], discount=[2.0, None, 1.0])
    assert sorted(with_depth(ibis.memtable(in_money)).depth.to_pandas()) == pytest.approx([0.0, 0.1, 0.2])
    by_price = with_depth(ibis.memtable(bought.assign(price=[10.0, 10.0, 7.5])))
    assert sorted(by_price.depth.to_pandas()) == [0.0, 0.0, 0.25]


def test_few_who_buy_at_a_discount_are_not_shown():
    bought, members = promoted(2, 12)
    few = (bought.customer // 1000 == 2) & ~bought.customer.isin([2000, 2001, 2002])
    got = price(ibis.memtable(bought.assign(discount=bought.discount.mask(few, 0.0))), ibis.memtable(members))
    assert got.discounts.set_index("segment").bought[2] == 3
    with under(TERMS):
        assert "Calm" not in report.table(report.declared(got.discounts, "discounts_taken"))
        assert "Calm" not in report.say("price", got).partition("discount.")[2].split("bought")[0]
