"""What segments buy more than others, when and how they order, and which of their needs are unmet."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.collect.features import Settings
from seglib.collect.features.orders import orders as summed
from seglib.collect.features.orders import whole_years
from seglib.errors import DataError
from seglib.report import declared, worded
from seglib.report.context import Context, under
from seglib.report.display import said, say_text
from seglib.report.readings.offers import shown_months
from seglib.report.tables import table as shown
from seglib.target.offers import channel_shares, discount_shares, lifts, overview, seasons, unmet
from seglib.target.offers.finding import Finding
from seglib.target.offers.intervals import clustered, of_customers, paired
from seglib.target.offers.lifts import estimated

AS_OF = dt.date(2024, 1, 1)
NAMES = {0: "Makers", 1: "Gifts", 2: "Rest"}


def page(name: str, *tables: object, min_cell: int = 1, **facts: object) -> str:
    """What the page says."""
    with under(Context("target", min_cell=min_cell, names=NAMES)):
        return said(name, *tables, **facts)


def cards(tables: dict[str, pd.DataFrame], segments: int = 2, min_cell: int = 1) -> pd.DataFrame:
    """What the cards say where these tables are all that is known."""
    nothing = overview.measured_offers({}, members(1), Settings(AS_OF)).tables
    with under(Context("target", min_cell=min_cell, names=NAMES)):
        return worded("offers", nothing | tables, pd.Series(range(segments)))


def members(*sizes: int) -> pd.DataFrame:
    """Customers numbered from 0, the first so many in segment 0, and so on."""
    return pd.DataFrame({"customer": range(sum(sizes)), "segment": np.repeat(np.arange(len(sizes)), sizes)})


def bought(who: dict[str, list[int]], **columns: object) -> ibis.Table:
    """One row per product and customer who bought it."""
    rows = [(c, f"{c}-{p}", p) for p, customers in who.items() for c in customers]
    made = pd.DataFrame(rows, columns=["customer", "order", "product"]).assign(
        time=pd.Timestamp("2023-05-01"), amount=1.0
    )
    return ibis.memtable(made.assign(**columns))


def ordered(rows: list[tuple[int, str]], **columns: object) -> ibis.Table:
    """One row per order: customer and day."""
    made = pd.DataFrame(rows, columns=["customer", "time"])
    made = made.assign(order=[f"o{i}" for i in range(len(made))], time=pd.to_datetime(made.time), amount=10.0)
    return ibis.memtable(made.assign(**columns))


# Six buyers of segment 0 and four of segment 1; everybody buys bread.
SMALL = {"bread": list(range(10)), "yarn": [0, 1, 2, 6], "soap": [6, 7]}


def test_lifts_are_the_shares_of_buyers_over_those_of_all_others():
    got = lifts.bought_more(bought(SMALL), members(6, 4), least=1, strength=0.0).table
    rows = got[got.segment == 0].set_index("product")
    assert rows[["customers", "buyers", "share", "other_share", "lift"]].to_dict("index") == {
        "bread": {"customers": 6, "buyers": 6, "share": 1.0, "other_share": 1.0, "lift": 1.0},
        "yarn": {"customers": 3, "buyers": 6, "share": 0.5, "other_share": 0.25, "lift": 2.0},
    }
    assert rows.breadth.tolist() == pytest.approx([(9 / 6) / (7 / 4)] * 2)


def test_a_strength_adds_the_same_share_to_both_sides():
    got = lifts.bought_more(bought(SMALL), members(6, 4), least=1, strength=5.0).table.set_index(
        ["segment", "product"]
    )
    # five customers more among ten buyers: a half is added to both shares
    assert got.lift[0, "yarn"] == pytest.approx((0.5 + 0.5) / (0.25 + 0.5))
    assert got.lift[1, "soap"] == pytest.approx((0.5 + 0.5) / (0.0 + 0.5))
    assert (got.lower < got.lift).all()
    assert (got.lift < got.upper).all()


@settings(max_examples=40, deadline=None)
@given(st.integers(1, 8), st.integers(1, 5), st.integers(1, 5), st.floats(1, 100))
def test_lifts_shrink_with_fewer_buyers(times, a, b, strength):
    """The same shares of larger segments: the more buyers, the farther from 1, and the surer."""

    def lift(k: int) -> pd.Series:
        first, second = range(10 * k), range(10 * k, 20 * k)
        who = {"bread": [*first, *second], "yarn": [*first[: a * k], *second[: b * k]]}
        made = lifts.bought_more(bought(who), members(10 * k, 10 * k), least=1, strength=strength).table
        return made[(made.segment == 0) & (made["product"] == "yarn")].iloc[0]

    few, many = lift(times), lift(times + 1)
    assert abs(np.log(few.lift)) <= abs(np.log(many.lift)) + 1e-12
    assert abs(np.log(many.lift)) <= abs(np.log(a / b)) + 1e-12
    assert np.log(many.upper / many.lower) < np.log(few.upper / few.lower)


@pytest.mark.parametrize("strength", [None, 20.0])
def test_a_product_bought_once_never_tops_the_list(strength):
    rng = np.random.default_rng(0)
    who = {f"p{i:02d}": sorted(rng.choice(200, 60, replace=False)) for i in range(25)}
    who |= {"yarn": [*range(50), 150], "once": [3]}
    got = lifts.bought_more(bought(who), members(100, 100), least=1, strength=strength).table
    own = got[got.segment == 0]["product"].tolist()
    assert own[0] == "yarn"
    assert "once" not in own[:3]


def table_on_page(frame: pd.DataFrame, name: str, min_cell: int = 10) -> str:
    """A table as the page shows it."""
    with under(Context("target", min_cell=min_cell, names=NAMES)):
        return str(shown(declared(frame, name)))


def test_products_of_few_customers_are_true_in_the_table_and_hidden_on_the_page():
    who = {"bread": list(range(60)), "yarn": list(range(9)), "silk": [*range(20), 40, 41]}
    more = by_item(lifts.bought_more(bought(who), members(30, 30), least=1))
    rows = more[more.segment == 0].set_index("item")
    assert rows.customers.to_dict() == {"bread": 30, "yarn": 9, "silk": 20}
    assert rows.loc["silk", ["share", "elsewhere", "other_buyers"]].tolist() == [20 / 30, 2, 30]
    assert rows.other_share["silk"] == pytest.approx(2 / 30)
    page_of = table_on_page(more, "lifts")
    assert "yarn" not in page_of and "silk" in page_of
    assert "under 34%" in page_of  # of other buyers: two of thirty
    assert f"{rows.lift['silk']:.1f}" not in page_of  # with the share it would tell how many
    assert "hardly anyone else" in page("bought_more", more, min_cell=10)
    assert "yarn" not in cards({"lifts": more}, min_cell=10).to_string()


def test_a_product_of_fewer_buyers_than_a_lift_needs_has_no_row():
    who = {"bread": list(range(60)), "yarn": list(range(9))}
    found = lifts.bought_more(bought(who), members(30, 30))
    assert set(found.table["product"]) == {"bread"}
    none = lifts.bought_more(bought({"yarn": [*range(9), *range(30, 36)]}), members(30, 30))
    assert none.remarks == ({"code": "no_items", "by": "product", "least": 10},)


def test_what_is_no_product_is_left_out_and_rows_without_a_product_too():
    rows = bought(SMALL | {"POST": list(range(6))}).mutate(
        product=ibis._.product.nullif("soap"), category=ibis.literal("food")
    )
    got = lifts.bought_more(rows, members(6, 4), least=1, not_products=["POST"]).table
    assert set(got["product"]) == {"bread", "yarn"}
    by_category = lifts.bought_more(rows, members(6, 4), least=1, by="category", not_products=["POST"]).table
    assert by_category[["segment", "category", "customers"]].to_numpy().tolist() == [
        [0, "food", 6],
        [1, "food", 4],
    ]


@pytest.mark.parametrize("by", ["product", "category"])
def test_without_the_column_it_is_named(by):
    rows = bought(SMALL).drop("product")
    found = lifts.bought_more(rows, members(6, 4), least=1, by=by)
    assert found.table.empty
    assert found.missing == f"transactions.{by}"


def test_one_segment_is_not_compared():
    found = lifts.bought_more(bought(SMALL), members(10), least=1)
    assert found.table.empty
    assert found.missing == "two_segments"


def test_a_customer_in_two_segments_is_refused():
    with pytest.raises(DataError, match="segments: 1 customers have more than one segment"):
        lifts.bought_more(bought(SMALL), pd.DataFrame({"customer": [1, 1], "segment": [0, 1]}), least=1)


def test_the_strength_is_small_where_products_differ_and_large_where_they_do_not():
    rng = np.random.default_rng(1)
    buyers = rng.integers(50, 400, 300)
    same, apart = rng.binomial(buyers, 0.3), rng.binomial(buyers, rng.beta(3, 7, 300))
    assert estimated(same, buyers, 0.3) > 1_000
    assert estimated(apart, buyers, 0.3) == pytest.approx(10, rel=0.3)  # of beta(3, 7)


def test_noise_has_few_significant_lifts():
    rng = np.random.default_rng(2)
    who = {f"p{i:03d}": sorted(rng.choice(400, rng.integers(20, 200), replace=False)) for i in range(200)}
    got = lifts.bought_more(bought(who), members(150, 250), least=1, most=200).table
    assert got.more.mean() < 0.01


def test_renumbered_segments_have_the_same_lifts():
    renumbered = members(6, 4).replace({"segment": {0: 7, 1: 3}})
    one, other = (lifts.bought_more(bought(SMALL), s, least=1).table for s in (members(6, 4), renumbered))
    back = other.replace({"segment": {7: 0, 3: 1}}).sort_values("segment", kind="stable", ignore_index=True)
    pd.testing.assert_frame_equal(one, back)


def test_renumbered_segments_have_the_same_occasions_and_needs():
    rng = np.random.default_rng(3)
    rows = [(c, f"2023-{m:02d}-15") for c in range(90) for m in rng.integers(1, 13, 6)]
    placed = ordered(rows, channel=rng.choice(["web", "shop", "fax"], len(rows)))
    answered = pd.DataFrame(rng.integers(1, 6, (90, 4)), columns=ANSWERED.columns[1:]).assign(
        customer=range(90)
    )
    one, other = members(50, 40), members(50, 40).replace({"segment": {0: 8, 1: 2}})
    for make in (
        lambda s: seasons.months(placed, s, AS_OF),
        lambda s: channel_shares.channels(placed, s),
        lambda s: unmet.unmet_needs(answered, NEEDS, SCALES, s),
    ):
        back = (
            make(other)
            .table.replace({"segment": {8: 0, 2: 1}})
            .sort_values("segment", kind="stable", ignore_index=True)
        )
        pd.testing.assert_frame_equal(make(one).table, back)


def test_customers_without_a_segment_count_nowhere():
    known = members(6, 4).astype({"segment": "float64"})
    more = pd.concat([known, pd.DataFrame({"customer": [90, 91], "segment": [None, None]}).astype("float64")])
    rows = bought(SMALL | {"yarn": [0, 1, 2, 6, 90, 91, 99]})
    one, other = (lifts.bought_more(r, s, least=1).table for r, s in ((bought(SMALL), known), (rows, more)))
    pd.testing.assert_frame_equal(one, other)


HOSTILE = [
    "**bold**",
    "***",
    "\u202etxt.exe",
    "<script>alert(1)</script>",
    "=cmd|' /C calc'!A0",
    "a'; drop table t; --",
    "line\nbreak",
    "naïve 🧶",
    "NULL",
    "x" * 300,
]


def by_item(found: Finding) -> pd.DataFrame:
    """The table as it is stored."""
    made = found.table.rename(columns={"product": "item"})
    made.insert(1, "kind", "product")
    return made


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_product_names_stay_text(name):
    who = {"bread": list(range(40)), name: [*range(20), 30]}
    found = lifts.bought_more(bought(who), members(20, 20), least=1, strength=1.0, not_products=["a'; drop"])
    assert found.table["product"].iloc[0] == name
    text = page("bought_more", by_item(found))
    assert "\n" not in text
    assert len(text) < 320
    html = str(say_text(text))
    assert "<script>" not in html
    assert html.count("<b>") == 1  # the segment's name
    assert "\u202e" not in html


def test_the_sentence_on_lifts_agrees_with_the_table():
    who = {"bread": list(range(60)), "yarn": [*range(20), 50]}
    found = lifts.bought_more(bought(who), members(30, 30), least=1, strength=0.0)
    row = found.table.iloc[0]
    assert (row["product"], row.lift) == ("yarn", pytest.approx(20))
    assert row.relative == pytest.approx(20 / row.breadth)
    text = page("bought_more", by_item(found))
    for fact in (
        "**Makers**",
        "“yarn”",
        "20 times",
        f"at least {row.lower:.1f}",
        "1.6 times",
        "Gifts: nothing",
    ):
        assert fact in text


def test_what_no_one_else_bought_has_no_lift_in_words():
    found = lifts.bought_more(bought({"bread": list(range(60)), "yarn": list(range(20))}), members(30, 30))
    assert "“yarn”, which no one else bought" in page("bought_more", by_item(found))


def test_months_are_shares_of_the_orders_of_each_segment():
    rows = [(c, f"{year}-{month:02d}-15") for year in (2022, 2023) for c in range(4) for month in (1, 12)]
    rows += [(c, f"{year}-06-15") for year in (2022, 2023) for c in range(4, 8)]
    found = seasons.months(ordered(rows), members(4, 4), AS_OF)
    assert found.remarks == ({"code": "whole_years", "years": 2},)
    assert "two whole years" in page("seasons", found.table, remarks=found.remarks)
    got = found.table.set_index(["segment", "month"])
    assert len(got) == 24
    assert got.loc[(0, 12), ["customers", "share", "overall"]].tolist() == [4, 0.5, pytest.approx(1 / 3)]
    assert got.loc[(1, 6), ["share", "overall"]].tolist() == [1.0, pytest.approx(1 / 3)]
    assert got.loc[(0, 6), "share"] == 0
    assert got.differs[1, 6]


@pytest.mark.parametrize(
    ("first", "years", "start"),
    [
        ("2023-06-01", 0, "2023-06-01"),
        ("2023-01-20", 1, "2023-01-01"),
        ("2022-02-10", 1, "2023-01-01"),
        ("2021-12-31", 2, "2022-01-01"),
    ],
)
def test_whole_years_are_counted_back(first, years, start):
    got = whole_years(dt.date.fromisoformat(first), dt.date(2023, 12, 30), AS_OF)
    assert got == (years, dt.date.fromisoformat(start))


def test_years_are_counted_from_the_last_order_if_that_is_long_ago():
    assert whole_years(dt.date(2021, 1, 1), dt.date(2022, 12, 31), AS_OF) == (2, dt.date(2021, 1, 1))


def test_one_cycle_is_said_to_be_one():
    found = seasons.months(
        ordered([(c, day) for c in range(8) for day in ("2023-01-05", "2023-12-20")]), members(4, 4), AS_OF
    )
    assert "only once" in page("seasons", found.table, remarks=found.remarks)
    apart = ordered([(c, "2023-12-20" if c < 40 else "2023-01-05") for c in range(80)])
    spring = seasons.months(apart, members(40, 40), AS_OF)
    assert "one year only" in cards({"seasons": spring.table}).when[0]
    assert found.table.cycles.eq(1).all()


def test_less_than_a_year_tells_no_months():
    found = seasons.months(
        ordered([(c, day) for c in range(8) for day in ("2023-07-05", "2023-12-20")]), members(4, 4), AS_OF
    )
    assert found.table.empty
    assert found.missing == "whole_year"


def test_a_segment_that_was_present_in_one_year_only_is_named():
    rows = [
        (c, f"{year}-{month:02d}-15") for year in (2022, 2023) for c in range(20) for month in range(1, 13)
    ]
    rows += [
        (c, f"{year}-03-{day:02d}") for year in (2022, 2023) for c in range(20) for day in range(1, 6 + c % 3)
    ]
    rows += [(c, f"2023-{month}-{day}") for c in range(20, 40) for month in (11, 12) for day in range(10, 20)]
    rows += [(20, "2022-01-15")]
    found = seasons.months(ordered(rows), members(20, 20), AS_OF)
    assert found.table.groupby("segment").cycles.first().to_dict() == {0: 2, 1: 1}
    first, second = page("seasons", found.table).split(". ")
    assert "**Makers** in " in first and "March (39%; all customers 25%)" in first
    assert "one year only" in second and "**Gifts** in November (50%; " in second


def test_a_month_hardly_above_that_of_all_does_not_stand_out():
    rows = [(c, f"{year}-{month:02d}-15") for year in (2022, 2023) for c in range(4000) for month in (1, 6)]
    rows += [(c, f"{year}-06-{day}") for year in (2022, 2023) for c in range(500) for day in (16, 17)]
    found = seasons.months(ordered(rows), members(2000, 2000), AS_OF)
    june = found.table.set_index(["segment", "month"]).loc[(0, 6)]
    assert june.differs
    assert not june.more
    assert page("seasons", found.table) == "Makers and Gifts: no month stands out."


def test_what_is_before_the_whole_years_does_not_count():
    rows = [(c, day) for c in range(4) for day in ("2022-10-05", "2023-01-03", "2023-12-20")]
    got = seasons.months(ordered(rows), members(2, 2), AS_OF).table.set_index(["segment", "month"])
    assert [got.share[0, month] for month in (1, 10, 12)] == [0.5, 0.0, 0.5]


def test_months_of_few_customers_are_true_in_the_table_and_hidden_on_the_page():
    rows = [(c, "2023-12-20") for c in range(60)] + [(c, "2023-01-10") for c in range(60)]
    rows += [(c, "2023-05-05") for c in range(4)]
    table = seasons.months(ordered(rows), members(30, 30), AS_OF).table
    got = table.set_index(["segment", "month"])
    assert got.share[0, 5] == pytest.approx(4 / 64)
    assert got.share.groupby("segment").sum().tolist() == pytest.approx([1, 1])
    assert (got.behind[0, 5], got.behind[1, 12]) == (4, 30)
    visible = shown_months(table, Context(min_cell=10)).set_index(["segment", "month"]).share
    assert np.isnan(visible[0, 5])
    assert visible[0].isna().sum() > 1  # or the others would reveal it, since shares sum to one
    assert "May" not in cards({"seasons": table}, min_cell=10).when[0]
    everything = shown_months(table, Context(min_cell=1)).share
    assert everything.notna().all()


def test_a_month_that_few_others_order_in_stands_out_all_the_same():
    rows = [(c, "2023-01-10") for c in range(103)] + [(c, "2023-12-20") for c in range(97, 200)]
    got = seasons.months(ordered(rows), members(100, 100), AS_OF).table.set_index(["segment", "month"])
    assert got.more[got.more].index.tolist() == [(0, 1), (1, 12)]
    assert got.share[1, 1] == pytest.approx(3 / 103)


def test_responses_of_few_are_true_in_the_table_and_hidden_on_the_page():
    contacts = pd.DataFrame({"customer": range(400), "channel": "mail"})
    contacts["responded"] = [n < 2 or n >= 350 for n in range(400)]
    table = channel_shares.answers(ibis.memtable(contacts), members(200, 200)).table
    assert table.share.tolist() == [0.01, 0.25]
    assert table.behind.tolist() == [2, 50]
    assert table.overall.tolist() == [0.13, 0.13]
    channels = table.assign(what="answers")
    page_of = table_on_page(channels, "channels")
    assert "25%" in page_of and "suppressed" in page_of and "1%" not in page_of
    card = cards({"channels": channels}, min_cell=10).through
    assert card.tolist() == [
        "respond best to “mail”",
        "respond best to “mail” (25% of contacts; all customers 13%)",
    ]


def test_without_orders_no_month_is_known():
    found = seasons.months(ordered([(0, "2023-01-01")]).filter(ibis._.customer > 5), members(2, 2), AS_OF)
    assert found.table.empty
    assert found.missing == "whole_year"


def test_orders_of_one_customer_are_not_taken_for_many_customers():
    rows = [(c, "2023-06-15") for c in range(1, 21) for _ in range(5)] + [
        (0, "2023-12-15") for _ in range(100)
    ]
    rows += [(c, "2023-01-15") for c in range(21, 41)]
    got = seasons.months(ordered(rows), members(21, 20), AS_OF).table.set_index(["segment", "month"])
    assert got.share[0, 12] == 0.5
    assert got.upper[0, 12] - got.lower[0, 12] > 0.7
    equal = pd.DataFrame(
        {"x": [50.0], "n": [100.0], "xx": [50.0], "xn": [50.0], "nn": [100.0], "clusters": [100.0]}
    )
    bounds = of_customers(pd.Series([50 * 99 / 100]), pd.Series([99.0]))  # one order each: as customers
    assert clustered(equal)[["lower", "upper"]].to_numpy().tolist() == [
        pytest.approx(bounds.iloc[0].tolist())
    ]


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(0, 6), st.integers(1, 6)), min_size=1, max_size=30))
def test_intervals_hold_their_share_and_lie_within_0_and_1(customers):
    x = np.array([min(a, n) for a, n in customers], dtype=float)
    n = np.array([n for _, n in customers], dtype=float)
    sums = pd.DataFrame(
        {
            "x": [x.sum()],
            "n": [n.sum()],
            "xx": [(x * x).sum()],
            "xn": [(x * n).sum()],
            "nn": [(n * n).sum()],
            "clusters": [len(x)],
        }
    )
    row = clustered(sums).iloc[0]
    assert -1e-9 <= row.lower <= row.share + 1e-9
    assert row.share - 1e-9 <= row.upper <= 1 + 1e-9


def test_bounds_of_none_and_all_end_where_they_do():
    bounds = of_customers(pd.Series([0.0, 7.0, 0.0]), pd.Series([7.0, 7.0, 0.0]))
    assert (bounds.lower[0], bounds.upper[1]) == (0.0, 1.0)
    assert bounds.loc[2].isna().all()


def test_paired_differences_stay_within_their_ends_and_know_no_difference():
    same = np.array([True, False] * 20)
    gain, lower, upper = paired(same, same)
    assert gain == 0
    assert lower == pytest.approx(-upper)
    assert paired(np.array([True]), np.array([False]))[1] < 0


def test_channels_are_shares_of_the_orders_whose_channel_is_known():
    rows = [(c, "2023-06-15") for c in range(8) for _ in range(2)]
    channel = ["web", "web"] * 4 + ["shop", "web"] * 3 + ["shop", None]
    found = channel_shares.channels(ordered(rows, channel=channel), members(4, 4))
    got = found.table.set_index(["segment", "channel"])
    assert got.share.to_dict() == {(0, "shop"): 0.0, (0, "web"): 1.0, (1, "shop"): 4 / 7, (1, "web"): 3 / 7}
    assert got.customers.to_dict() == {(0, "shop"): 0, (0, "web"): 4, (1, "shop"): 4, (1, "web"): 3}
    assert got.most.to_dict() == {(0, "shop"): False, (0, "web"): True, (1, "shop"): True, (1, "web"): False}


def test_without_a_channel_the_column_is_named():
    rows = [(c, "2023-06-15") for c in range(60)]
    found = channel_shares.channels(ordered(rows), members(30, 30))
    assert found.table.empty
    assert found.missing == "transactions.channel"
    with_null = ordered(rows, channel=pd.Series([None] * 60, dtype="string"))
    assert channel_shares.channels(with_null, members(30, 30)).table.empty


def test_orders_through_a_channel_that_few_use_count_and_are_hidden_on_the_page():
    rows = [(c, "2023-06-15") for c in range(80)]
    channel = ["fax"] * 3 + ["web"] * 37 + ["fax"] * 20 + ["web"] * 20
    table = channel_shares.channels(ordered(rows, channel=channel), members(40, 40)).table
    got = table.set_index(["segment", "channel"])
    assert got.share[0, "fax"] == pytest.approx(3 / 40)
    assert got.overall[0, "web"] == pytest.approx(57 / 80)
    assert got.behind.to_dict() == {(0, "fax"): 3, (0, "web"): 3, (1, "fax"): 20, (1, "web"): 20}
    channels = table.assign(what="orders")
    assert cards({"channels": channels}, min_cell=10).through[0] == "order most through “web”"
    assert "92%" not in table_on_page(channels, "channels") and "50%" in table_on_page(channels, "channels")


def test_only_the_channels_with_most_customers_are_looked_at(monkeypatch):
    monkeypatch.setattr(channel_shares, "MOST_CHANNELS", 2)
    rows = [(c, "2023-06-15") for c in range(60)]
    found = channel_shares.channels(
        ordered(rows, channel=["fax"] * 12 + ["web"] * 28 + ["app"] * 20), members(30, 30)
    )
    assert set(found.table.channel) == {"app", "web"}
    assert found.remarks == ({"code": "most_channels", "most": 2},)
    got = found.table.set_index(["segment", "channel"]).share
    assert got.to_dict() == {(0, "app"): 0, (0, "web"): 1, (1, "app"): 2 / 3, (1, "web"): 1 / 3}


def test_answers_are_shares_of_contacts_that_were_no_holdouts():
    contacts = ibis.memtable(
        pd.DataFrame(
            {
                "customer": [0, 0, 1, 1, 2, 3, 3],
                "campaign": "spring",
                "channel": ["mail", "mail", "mail", "app", "mail", "app", None],
                "holdout": ["no", "no", "no", "no", "no", "yes", "no"],
                "responded": ["yes", "no", "no", "yes", None, "yes", "yes"],
            }
        )
    )
    found = channel_shares.answers(contacts, members(2, 2))
    got = found.table.set_index(["segment", "channel"])
    assert got.customers.to_dict() == {(0, "app"): 1, (0, "mail"): 2, (1, "mail"): 1}
    assert got.share.to_dict() == {(0, "app"): 1.0, (0, "mail"): pytest.approx(1 / 3), (1, "mail"): 0.0}
    assert got.overall[0, "mail"] == 0.25
    card = cards({"channels": found.table.assign(what="answers")})
    assert "“app” (100% of contacts; all customers 100%)" in card.through[0]


def test_answers_without_channel_count_together_and_without_responses_are_not_known():
    contacts = ibis.memtable(pd.DataFrame({"customer": range(40), "responded": ["yes", "no"] * 20}))
    got = channel_shares.answers(contacts, members(20, 20)).table
    assert got[["segment", "channel", "share"]].to_numpy().tolist() == [[0, "any", 0.5], [1, "any", 0.5]]
    found = channel_shares.answers(contacts.drop("responded"), members(20, 20))
    assert found.table.empty
    assert found.missing == "campaigns.responded"
    answered = channel_shares.answers(contacts, members(20, 20)).table.assign(what="answers")
    assert cards({"channels": answered}).through[0] == "respond (50% of contacts; all customers 50%)"


def test_discounts_are_shares_of_orders_and_the_median_rate_of_rows():
    rows = [(c, "2023-06-15") for c in range(8)]
    given_rates = ordered(rows, discount=[0.1, 0.3, 0.2, 0.0, 0.0, 0.0, 0.0, None])
    got = discount_shares.discounts(summed(given_rates), given_rates, members(4, 4)).table
    assert got[["segment", "customers", "share", "overall"]].to_numpy().tolist() == [
        [0, 4, 0.75, 0.375],
        [1, 4, 0.0, 0.375],
    ]
    assert got.rate.tolist()[0] == pytest.approx(0.2)
    assert pd.isna(got.rate.tolist()[1])


def test_discounts_in_money_are_read_against_the_price_before():
    rows = [(c, "2023-06-15") for c in range(8)]
    in_money = ordered(rows, discount=[10.0, 10.0, 0, 0, 0, 0, 0, 0])
    found = discount_shares.discounts(summed(in_money), in_money, members(4, 4))
    assert found.table.rate[0] == 0.5  # 10 paid of 20
    assert found.remarks == ({"code": "discounts_in_money"},)
    card = cards({"discounts": found.table}).discount[0]
    for number in ("on 50%", "all customers 25%", "median discount 50%"):
        assert number in card
    without = discount_shares.discounts(
        summed(in_money.drop("discount")), in_money.drop("discount"), members(4, 4)
    )
    assert without.missing == "transactions.discount"


def test_discounts_of_nearly_all_are_true_in_the_table_and_hidden_on_the_page():
    rows = [(c, "2023-06-15") for c in range(200)]
    placed = ordered(rows, discount=[0.0] * 4 + [0.2] * 96 + [0.2] * 50 + [0.0] * 50)
    table = discount_shares.discounts(summed(placed), placed, members(100, 100)).table
    assert table[["share", "overall", "behind", "discounted"]].to_numpy().tolist() == [
        [0.96, 0.73, 4, 96],
        [0.5, 0.73, 50, 50],
    ]
    page_of = table_on_page(table, "discounts")
    assert "96%" not in page_of and "50%" in page_of
    assert "**Gifts**" in page("discounts", table, min_cell=10)
    assert cards({"discounts": table}, min_cell=10).discount[0] == ""


NEEDS = {
    "speed": {"importance": "fast", "met": "was fast"},
    "price": {"importance": "cheap", "met": "was cheap"},
    "advice": {"importance": "advised"},
}
SCALES = {"five": {"items": ["fast", "cheap", "was fast", "was cheap"], "range": [1, 5]}}
ANSWERED = pd.DataFrame(
    {
        "customer": range(8),
        "fast": [5, 5, 5, 5, 1, 1, 3, None],
        "was fast": [1, 2, 1, 2, 3, 3, 3, 1],
        "cheap": [3, 3, 3, 3, 5, 5, 5, 5],
        "was cheap": [3, 3, 5, 5, 2, 2, 4, None],
    }
)


def test_the_gap_is_importance_less_met_of_those_who_answered_both():
    found = unmet.unmet_needs(ANSWERED, NEEDS, SCALES, members(4, 4))
    assert found.remarks == ({"code": "needs_absent", "needs": ["advice"]},)
    assert "“advice”" in page("unmet", found.table, remarks=found.remarks)
    got = found.table.set_index(["segment", "need"])
    assert list(got.index) == [(0, "speed"), (0, "price"), (1, "price"), (1, "speed")]
    columns = ["customers", "importance", "met", "gap", "unmet"]
    assert got.loc[(0, "speed"), columns].tolist() == [4, 1.0, 0.125, 0.875, 1.0]
    assert got.loc[(1, "price"), columns].tolist() == pytest.approx([3, 1.0, 5 / 12, 7 / 12, 2 / 3])
    assert got.loc[(1, "speed"), "gap"] == pytest.approx((0 - 0.5 + 0 - 0.5 + 0) / 3)
    assert got.missing.to_dict() == {
        (0, "speed"): True,
        (0, "price"): False,
        (1, "price"): False,
        (1, "speed"): False,
    }


def test_a_need_that_does_not_matter_is_not_missing_however_little_it_is_met():
    scores = pd.DataFrame({"customer": range(8), "fast": [2.0] * 4 + [4.0] * 4, "was fast": 1.0})
    got = unmet.unmet_needs(scores, {"speed": NEEDS["speed"]}, SCALES, members(4, 4)).table
    assert got.gap.tolist() == [0.25, 0.75]
    assert got.lower.tolist() == [0.25, 0.75]
    assert got.unmet.tolist() == [0.0, 1.0]
    assert got.missing.tolist() == [False, True]


def test_the_sentence_on_needs_agrees_with_the_table():
    found = unmet.unmet_needs(ANSWERED, NEEDS, SCALES, members(4, 4))
    row = found.table.iloc[0]
    assert row.need == "speed"
    assert "**Makers** “speed”" in page("unmet", found.table)
    first, second = cards({"unmet": found.table}).missing
    for fact in ("“speed”", "importance 1.00", "met 0.12"):
        assert fact in first
    assert second.startswith("no important need")


def test_needs_that_few_answered_are_true_in_the_table_and_hidden_on_the_page():
    answers = pd.concat(
        [ANSWERED.assign(customer=ANSWERED.customer + 8 * i) for i in range(10)], ignore_index=True
    )
    table = unmet.unmet_needs(answers, NEEDS, SCALES, members(40, 36, 4)).table
    few = table[table.segment == 2]
    assert (few.customers < 10).all() and few.importance.notna().any()
    assert "Rest" not in table_on_page(table, "unmet")
    assert "Rest" not in page("unmet", table, min_cell=10)
    assert cards({"unmet": table}, 3, min_cell=10).missing[2] == ""


def test_without_needs_none_is_known():
    found = unmet.unmet_needs(ANSWERED, {"advice": {"importance": "fast"}}, SCALES, members(4, 4))
    assert found.table.empty
    assert found.missing == "needs"


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.one_of(st.none(), st.integers(0, 6))] * 2), min_size=6, max_size=12))
def test_gaps_lie_within_their_bounds(rows):
    scores = pd.DataFrame(rows, columns=["fast", "was fast"]).astype(float).assign(customer=range(len(rows)))
    before = scores.copy()
    got = unmet.unmet_needs(
        scores, {"speed": NEEDS["speed"]}, SCALES, members(3, len(rows) - 3)
    ).table.dropna(subset="lower")
    pd.testing.assert_frame_equal(scores, before)
    assert got.gap.between(got.lower, got.upper).all()
    assert got.gap.between(-1, 1).all()
    assert got.unmet.between(0, 1).all()
