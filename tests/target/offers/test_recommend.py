"""Next products: planted co-purchases are found, noise is left to what is bought most."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy import sparse

from seglib.collect.features import Settings
from seglib.report import declared, layouts, worded
from seglib.report.context import Context, under
from seglib.report.display import said
from seglib.report.tables import table as shown
from seglib.target.offers import overview, purchases, recommend
from seglib.target.offers.rankers import (
    ITEM_ITEM,
    LEAST_SQUARES,
    METHODS,
    POPULAR,
    popularity,
    ranked,
    similarity,
)

NAMES = {0: "Makers", 1: "Gifts", 2: "Rest"}


def transactions(rows: list[tuple[int, int, object]]) -> ibis.Table:
    """One row per product in an order: customer, the number of the order, product."""
    made = pd.DataFrame(rows, columns=["customer", "at", "product"])
    return ibis.memtable(
        pd.DataFrame(
            {
                "customer": made.customer,
                "order": made.customer.astype(str) + "-" + made["at"].astype(str),
                "time": pd.Timestamp("2023-01-01") + pd.to_timedelta(made["at"], "D"),
                "amount": 1.0,
                "product": made["product"].astype("string"),
            }
        )
    )


def members(*sizes: int) -> pd.DataFrame:
    return pd.DataFrame({"customer": range(sum(sizes)), "segment": np.repeat(np.arange(len(sizes)), sizes)})


def page(found: recommend.NextProducts, min_cell: int = 1) -> str:
    """What the page says."""
    with under(Context("target", min_cell=min_cell, names=NAMES)):
        return said("next_products", found.hit_rates)


def planted(n: int, groups: int, seed: int = 0, first: int = 0) -> list[tuple[int, int, str]]:
    """Customers who buy one group of four products: two of them first, a third in the last order."""
    rng = np.random.default_rng(seed)
    rows = []
    for customer in range(first, first + n):
        group = rng.integers(groups)
        a, b, c = (f"g{group:02d}-{i}" for i in rng.choice(4, 3, replace=False))
        rows += [(customer, 0, a), (customer, 0, b), (customer, 1, c)]
    return rows


def noise(n: int, products: int, seed: int = 0, first: int = 0) -> list[tuple[int, int, str]]:
    """Customers who buy four products, the first of them most, whatever they bought before."""
    rng = np.random.default_rng(seed)
    chance = 1 / (1 + np.arange(products))
    rows = []
    for customer in range(first, first + n):
        drawn = rng.choice(products, 4, replace=False, p=chance / chance.sum())
        rows += [(customer, int(at > 1), f"n{product:02d}") for at, product in enumerate(drawn)]
    return rows


def by_length(found: recommend.NextProducts, segment: int, method: str) -> pd.DataFrame:
    rates = found.hit_rates
    return rates[(rates.segment == segment) & (rates.method == method)].set_index("length")


def test_planted_copurchases_are_recommended_and_noise_is_left_to_popularity():
    rows = planted(300, 12) + noise(300, 40, first=300)
    found = recommend.next_products(transactions(rows), members(300, 300), least=5)
    used = found.products[found.products.segment == 0].method.unique()[0]
    ours, theirs = by_length(found, 0, used), by_length(found, 0, POPULAR)
    assert used != POPULAR
    assert ours.used.all()
    assert not theirs.used.any()
    assert ours.rate[5] > 0.99
    assert theirs.rate[5] < 0.3
    assert ours.gain[10] == pytest.approx(ours.rate[10] - theirs.rate[10])
    assert by_length(found, 1, POPULAR).used.all()
    assert set(found.products[found.products.segment == 1].method) == {POPULAR}


def test_a_product_is_recommended_with_one_of_its_own_group():
    found = recommend.next_products(transactions(planted(300, 12)), members(300), least=5)
    rows = found.products
    assert len(rows) == 10
    assert (rows.goes_with.str[:3] == rows["product"].str[:3]).all()
    assert (rows.goes_with != rows["product"]).all()
    assert rows.together.between(0.3, 0.95).all()


@pytest.mark.parametrize("seed", range(4))
def test_noise_gives_the_most_popular(seed):
    found = recommend.next_products(transactions(noise(250, 40, seed)), members(250), least=5)
    assert set(found.products.method) == {POPULAR}
    assert found.products.goes_with.isna().all()
    assert all(by_length(found, 0, method).gain_lower[10] <= 0 for method in METHODS if method != POPULAR)


# Customers 0 and 1 bought tea and milk; 2 bought tea, and then jam, which is new, and tea again.
SMALL = [
    (0, 0, "tea"),
    (0, 0, "milk"),
    (1, 0, "tea"),
    (1, 1, "milk"),
    (2, 0, "tea"),
    (2, 2, "jam"),
    (2, 2, "tea"),
]


def test_the_last_order_is_set_apart_from_those_before():
    got = purchases.purchases(transactions(SMALL), members(3), 1)
    assert got.products.tolist() == ["tea", "milk", "jam"]
    assert got.before.toarray().tolist() == [[1, 1, 0], [1, 0, 0], [1, 0, 0]]
    assert got.last.toarray().tolist() == [[0, 0, 0], [0, 1, 0], [1, 0, 1]]
    assert got.fresh.tolist() == [False, True, True]
    assert (got.drawn_of, got.left_out) == (3, 0)


def test_products_of_few_buyers_have_no_column_and_are_missed_all_the_same():
    got = purchases.purchases(transactions(SMALL), members(3), 2)
    assert got.products.tolist() == ["tea", "milk"]
    assert got.fresh.tolist() == [False, True, True]
    assert got.left_out == 1


def test_rows_without_a_product_and_what_is_none_are_left_out():
    rows = [*SMALL, (0, 5, None), (1, 6, "POST")]
    one, other = (purchases.purchases(transactions(r), members(3), 1, ["POST"]) for r in (SMALL, rows))
    assert one.before.toarray().tolist() == other.before.toarray().tolist()
    assert one.fresh.tolist() == other.fresh.tolist()


def test_cosines_equal_those_by_hand():
    bought = sparse.csr_matrix(np.array([[1, 1, 0], [1, 1, 1], [1, 0, 0]], dtype="float32"))
    # of unit length the customers' entries are 1/√2, 1/√3 and 1
    want = np.sqrt([[0, 5 / 11, 2 / 11], [5 / 11, 0, 2 / 5], [2 / 11, 2 / 5, 0]])
    assert similarity(bought).toarray() == pytest.approx(want, abs=1e-6)


@pytest.mark.parametrize("method", [ITEM_ITEM, LEAST_SQUARES])
def test_a_score_knows_only_what_a_customer_bought(method):
    """Alone or among others, in whatever order: equal customers are scored alike, and again the same."""
    rng = np.random.default_rng(0)
    bought = sparse.csr_matrix((rng.random((80, 30)) < 0.2).astype("float32"))
    score = METHODS[method](bought)
    turned = rng.permutation(80)
    whole = score(bought)
    assert whole.shape == (80, 30)
    assert score(bought[turned]) == pytest.approx(whole[turned], rel=1e-3, abs=1e-4)
    assert score(bought[3:4]) == pytest.approx(whole[3:4], rel=1e-3, abs=1e-4)
    assert METHODS[method](bought)(bought).tolist() == whole.tolist()


@pytest.mark.parametrize("bought", [[[1]], [[1], [1]], [[1, 1], [0, 0]], [[0, 0, 0], [0, 1, 0]]])
@pytest.mark.parametrize("method", METHODS)
def test_hardly_anything_bought_is_scored_all_the_same(method, bought):
    bought = sparse.csr_matrix(np.array(bought, dtype="float32"))
    assert np.isfinite(METHODS[method](bought)(bought)).all()


def test_lists_hold_what_was_not_bought_and_end_where_nothing_is_left():
    bought = sparse.csr_matrix(np.array([[1, 0, 0], [1, 1, 0], [1, 1, 1]], dtype="float32"))
    assert ranked(popularity(bought), bought, 5).tolist() == [[1, 2, -1], [2, -1, -1], [-1, -1, -1]]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(st.lists(st.integers(0, 1), min_size=6, max_size=6), min_size=1, max_size=8), st.integers(1, 8)
)
def test_lists_are_those_of_a_full_stable_sort(rows, length):
    bought = sparse.csr_matrix(np.array(rows, dtype="float32"))
    score = np.array([[3.0, 1, 1, 2, 0, 0]])
    got = ranked(lambda part: np.repeat(score, part.shape[0], axis=0), bought, length)
    for own, list_ in zip(rows, got, strict=True):
        want = sorted((p for p in range(6) if not own[p]), key=lambda p: (-score[0, p], p))[:length]
        assert [p for p in list_ if p >= 0] == want


def test_hit_rates_equal_those_by_hand(monkeypatch):
    monkeypatch.setattr(recommend, "LENGTHS", (1, 2))
    # Before: tea 4, milk 3, jam 1. Of five last orders with something new, milk twice, jam once, salt twice.
    rows = [(c, 0, "tea") for c in range(4)] + [(c, 0, "milk") for c in range(4, 7)] + [(7, 0, "jam")]
    rows += [(0, 1, "milk"), (1, 1, "milk"), (4, 1, "jam"), (5, 1, "salt"), (7, 1, "salt"), (6, 1, "milk")]
    found = recommend.next_products(transactions(rows), members(8), least=1)
    got = by_length(found, 0, POPULAR)
    assert got.customers.tolist() == [5, 5]
    # With one place: milk to 0 and 1, tea to the others. With two also jam, to 0, 1 and 4.
    assert got.rate.tolist() == [0.4, 0.6]


def test_a_product_bought_once_is_not_recommended_first():
    rows = [*planted(200, 6), (0, 0, "once"), (1, 0, "few"), (2, 0, "few")]
    found = recommend.next_products(transactions(rows), members(200), least=2)
    assert "once" not in set(found.products["product"])
    assert found.products["product"].iloc[0] not in ("once", "few")


def test_renumbered_segments_have_the_same_next_products():
    rows = transactions(planted(150, 6) + noise(150, 30, first=150))
    one = recommend.next_products(rows, members(150, 150), least=5)
    other = recommend.next_products(rows, members(150, 150).replace({"segment": {0: 9, 1: 4}}), least=5)
    for a, b in ((one.products, other.products), (one.hit_rates, other.hit_rates)):
        back = b.replace({"segment": {9: 0, 4: 1}}).sort_values("segment", kind="stable", ignore_index=True)
        pd.testing.assert_frame_equal(a, back)


def test_a_small_segment_is_in_the_table_and_hidden_on_the_page():
    found = recommend.next_products(transactions(planted(200, 4)), members(191, 9))
    assert set(found.products.segment) == {0}  # no product has enough buyers in the other
    rates = found.hit_rates
    assert set(rates.segment) == {0, 1} and set(rates.customers[rates.segment == 1]) == {9}
    with under(Context("target", min_cell=10, names=NAMES)):
        table = str(shown(declared(rates, "hit_rates")))
    assert "suppressed" in table and ">9<" not in table


def test_a_product_on_few_lists_is_not_listed():
    # Who has all five first products and not tea are five customers; milk is next for all twenty who have them.
    rows = [(c, 0, f"first {i}") for c in range(20) for i in range(5)]
    rows += [(c, 0, "tea") for c in range(5, 23)] + [(c, 0, "milk") for c in range(23, 40)]
    for least, rest in ((1, {"tea": 5 / 40, "milk": 20 / 40}), (10, {"milk": 20 / 40})):
        listed = recommend.next_products(transactions(rows), members(40), least=least).products
        assert listed.set_index("product").share.to_dict() == {f"first {i}": 0.5 for i in range(5)} | rest
        assert set(listed.customers) == {40}


def test_hit_rates_of_few_are_true_in_the_table_and_hidden_on_the_page():
    few = [*planted(8, 1), *((8 + c, 0, "tea" if c % 2 else "milk") for c in range(30))]
    found = recommend.next_products(transactions(few), members(38))
    last = found.hit_rates[found.hit_rates.length == 10]
    assert set(last.customers) == {8} and last.rate.notna().all() and last.behind.notna().all()
    assert "8 customers" not in page(found, min_cell=10) and "%" not in page(found, min_cell=10)
    assert "In no segment" in page(found, min_cell=10)


def test_customers_beyond_the_most_are_drawn_and_said(monkeypatch):
    monkeypatch.setattr(purchases, "MOST_CUSTOMERS", 120)
    monkeypatch.setattr(recommend, "MOST_CUSTOMERS", 120)
    rows = transactions(planted(200, 4))
    found = [recommend.next_products(rows, members(200), least=2, seed=seed) for seed in (1, 1, 2)]
    assert found[0].remarks == ({"code": "drawn", "most": 120, "of": 200},)
    pd.testing.assert_frame_equal(found[0].hit_rates, found[1].hit_rates)
    assert not found[0].products.equals(found[2].products)


def test_products_beyond_the_most_are_left_out_and_said(monkeypatch):
    monkeypatch.setattr(purchases, "MOST_PRODUCTS", 8)
    monkeypatch.setattr(recommend, "MOST_PRODUCTS", 8)
    found = recommend.next_products(transactions(planted(200, 4)), members(200), least=2)
    assert found.remarks == ({"code": "most_products", "most": 8},)
    assert found.products["product"].nunique() <= 8


def test_without_products_the_column_is_named():
    found = recommend.next_products(transactions(SMALL).drop("product"), members(3))
    assert found.products.empty
    assert found.hit_rates.empty
    assert found.missing == "transactions.product"
    assert page(found) == ""


def test_where_nothing_was_bought_by_enough_a_remark_says_so():
    found = recommend.next_products(transactions(SMALL), members(3), least=10)
    assert found.products.empty
    assert found.remarks == ({"code": "no_products", "least": 10},)
    none = recommend.next_products(transactions(SMALL).filter(ibis._.customer > 5), members(3))
    assert none.products.empty


def test_one_order_each_gives_the_most_popular_without_a_rate():
    rows = [(c, 0, p) for c in range(40) for p in (("tea",) if c % 2 else ("milk", "jam"))]
    found = recommend.next_products(transactions(rows), members(40), least=2)
    assert set(found.products.method) == {POPULAR}
    assert found.hit_rates.rate.isna().all()


@pytest.mark.parametrize(
    "name", ["<b>bold</b>", "**x**", "=1+1", "a'; drop table t; --", "two\nlines", "NULL", "y" * 300]
)
def test_hostile_product_names_stay_text(name):
    rows = [(c, 0, name if c % 2 else "tea") for c in range(40)]
    found = recommend.next_products(transactions(rows), members(40), least=2, not_products=["a'; drop"])
    assert set(found.products["product"]) == {name, "tea"}
    names = layouts.LAYOUTS["next_products"](found.products, Context(min_cell=1))["product"]
    assert not names.str.contains(r"\n|\*\*").any()
    assert names.str.len().max() <= 60


def card(found: recommend.NextProducts) -> str:
    nothing = overview.measured_offers({}, members(1), Settings(dt.date(2024, 1, 1))).tables
    tables = nothing | {"next_products": found.products, "hit_rates": found.hit_rates}
    with under(Context("target", min_cell=1, names=NAMES)):
        row = worded("offers", tables, pd.Series([0])).loc[0]
    return f"{row.next_products}; {row.next_because}"


def test_the_sentences_agree_with_the_tables():
    found = recommend.next_products(transactions(planted(300, 12)), members(300), least=5)
    top = found.products.iloc[0]
    rate, other = (by_length(found, 0, method).loc[10] for method in (top.method, POPULAR))
    text = page(found)
    for fact in (top.method, "all segments", "300 customers", "first 10"):
        assert fact in text
    assert f"{100 * rate.rate:.1f}%" in text and f"{100 * other.rate:.1f}%" in text
    assert card(found).startswith(f"“{top['product']}” (goes with “{top.goes_with}”), ")
    assert card(found).endswith(f" {100 * other.rate:.0f}%")


def test_where_nothing_beats_the_most_popular_the_page_says_so():
    found = recommend.next_products(transactions(noise(250, 40)), members(250), least=5)
    assert page(found).startswith("In no segment")
    assert card(found).endswith("nothing predicts significantly better")


def test_segments_that_stay_with_the_most_popular_are_named():
    rows = planted(300, 12) + noise(300, 40, first=300)
    found = recommend.next_products(transactions(rows), members(300, 300), least=5)
    text = page(found)
    assert "**Makers**" in text and "300 customers" in text
    assert "Gifts" in text and "**Gifts**" not in text


def test_copurchase_beats_popularity_on_online_retail(reference):
    """Of all customers of the real shop, as one segment; the rates are those measured when this was written."""
    raw = ibis.read_parquet(reference / "online_retail" / "OnlineRetail.parquet")
    rows = raw.filter(raw.CustomerID.notnull(), raw.Quantity > 0, raw.UnitPrice > 0).select(
        customer=raw.CustomerID.cast("int64"),
        order=raw.InvoiceNo,
        time=raw.InvoiceDate,
        product=raw.StockCode,
    )
    segments = rows.select("customer").distinct().to_pandas().assign(segment=0)
    found = recommend.next_products(rows, segments, ["POST", "C2", "M", "DOT", "BANK CHARGES"])
    least_squares, items, theirs = (by_length(found, 0, m) for m in (LEAST_SQUARES, ITEM_ITEM, POPULAR))
    assert least_squares.used.all()
    assert least_squares.gain_lower[10] > 0.1
    assert items.gain_lower[10] > 0.05
    assert round(theirs.rate[10], 2) == 0.23
    assert least_squares.rate[10] > items.rate[10] > 0.34
    assert found.products.goes_with.notna().all()
