"""Shares of few orders: a habit beyond chance, shrunk towards all customers', or none; and mixed units."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib.collect import features
from seglib.collect.features.catalogue import entries
from seglib.collect.features.shares import RELIABLE, prior

WEEKEND = entries("behavioural")["weekend_share"]
ORDERS = entries("behavioural")["order_count"]


def shares(truth: np.ndarray, of: np.ndarray, seed: int = 0) -> pd.DataFrame:
    drawn = np.random.default_rng(seed).binomial(of, truth)
    return pd.DataFrame(
        {"customer": range(len(of)), "weekend_share": drawn / of, "order_count": of.astype(float)}
    )


@pytest.mark.parametrize(("a", "b"), [(2.0, 5.0), (0.5, 0.5), (6.0, 2.0)])
def test_the_prior_of_simulated_habits_is_found(a, b):
    rng = np.random.default_rng(1)
    table = shares(rng.beta(a, b, 20_000), 1 + rng.poisson(5, 20_000))
    mean, weight = prior(table.weekend_share, table.order_count)
    assert mean == pytest.approx(a / (a + b), abs=0.01)
    assert weight == pytest.approx(a + b, rel=0.1)


def test_shrunk_shares_are_nearer_the_truth_and_keep_the_mean():
    rng = np.random.default_rng(2)
    truth, of = rng.beta(2, 4, 5000), 1 + rng.poisson(4, 5000)
    table = shares(truth, of)
    new, described, remarks = features.shrunk(table, [WEEKEND, ORDERS])
    assert ((new.weekend_share - truth) ** 2).mean() < 0.6 * ((table.weekend_share - truth) ** 2).mean()
    assert np.average(new.weekend_share, weights=of) == pytest.approx(
        np.average(table.weekend_share, weights=of), abs=0.01
    )
    assert not remarks and not any(entry.describes for entry in described)
    assert "shrunk" in described[0].meaning and "shrunk" not in described[1].meaning
    many = of >= 12
    assert (new.weekend_share - table.weekend_share).abs()[many].mean() < 0.1


@pytest.mark.parametrize("of", [1, 2, 6])
def test_chance_alone_is_no_habit(of):
    n = 3000
    table = shares(np.full(n, 0.3), np.full(n, of))
    new, described, remarks = features.shrunk(table, [WEEKEND, ORDERS])
    pd.testing.assert_frame_equal(new, table)
    assert [entry.describes for entry in described] == [True, False]
    assert "Weekend share" in remarks[0]


def test_a_habit_of_customers_with_one_order_each_cannot_be_told():
    rng = np.random.default_rng(3)
    table = shares(rng.beta(0.5, 0.5, 2000), np.ones(2000, dtype=int))
    assert features.shrunk(table, [WEEKEND, ORDERS])[1][0].describes


def test_shares_without_a_count_and_unknown_ones_stay():
    table = shares(np.full(50, 0.5), np.full(50, 4)).drop(columns="order_count")
    new, described, _ = features.shrunk(table, [WEEKEND])
    pd.testing.assert_frame_equal(new, table)
    assert described == [WEEKEND]
    rng = np.random.default_rng(4)
    some = shares(rng.beta(1, 1, 400), 3 + rng.poisson(5, 400))
    some.loc[:9, "weekend_share"] = np.nan
    new, *_ = features.shrunk(some, [WEEKEND, ORDERS])
    assert new.weekend_share.isna().sum() == 10


def test_the_bound_is_between_none_and_all():
    assert 0 < RELIABLE < 1


def lines(products: dict[str, tuple[float, float, int]], seed: int = 0) -> ibis.Table:
    """Make lines of products: usual quantity, price per piece, and number of lines."""
    rng = np.random.default_rng(seed)
    rows = pd.concat(
        [
            pd.DataFrame(
                {"product": name, "quantity": np.ceil(usual * rng.uniform(0.5, 1.5, n)), "price": price}
            )
            for name, (usual, price, n) in products.items()
        ]
    )
    rows = rows.assign(amount=rows.quantity * rows.price, customer=rng.integers(0, 50, len(rows)))
    return ibis.memtable(rows.drop(columns="price"))


@pytest.mark.parametrize(
    ("others", "found"),
    [
        ({"fuel": (30_000, 0.0014, 60)}, ["fuel"]),
        ({"fuel": (30_000, 0.0014, 60), "gas": (9000, 0.002, 40)}, ["fuel", "gas"]),
        ({"wine": (12, 9.0, 60)}, []),
        ({"pallets": (5000, 2.0, 60)}, []),  # many, and at a usual price: a large order
        ({"sweets": (3, 0.01, 60)}, []),  # cheap, and in usual numbers
    ],
)
def test_products_in_other_units_are_found(others, found):
    usual = {f"p{i}": (2 + i % 3, 1.5 + i, 100) for i in range(8)}
    assert features.mixed_units(lines(usual | others), min_cell=5) == found


def test_a_product_of_few_customers_is_not_named():
    usual = {f"p{i}": (2 + i % 3, 1.5 + i, 100) for i in range(8)}
    bought = lines(usual | {"fuel": (30_000, 0.0014, 60)})
    assert features.mixed_units(bought, min_cell=60) == []
    of_one = bought.mutate(customer=ibis.ifelse(bought["product"] == "fuel", 1, bought.customer))
    assert features.mixed_units(of_one, min_cell=5) == []


def test_tables_without_quantities_have_no_units():
    assert features.mixed_units(lines({"a": (2, 1.0, 5)}).drop("quantity"), min_cell=5) == []
