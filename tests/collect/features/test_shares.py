"""Shares of few orders: a habit beyond chance, or none; and mixed units."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib.collect import features
from seglib.collect.features.catalogue import entries
from seglib.collect.features.shares import RELIABLE

WEEKEND = entries("behavioural")["weekend_share"]
ORDERS = entries("behavioural")["order_count"]


def shares(truth: np.ndarray, of: np.ndarray, seed: int = 0) -> pd.DataFrame:
    drawn = np.random.default_rng(seed).binomial(of, truth)
    return pd.DataFrame(
        {"customer": range(len(of)), "weekend_share": drawn / of, "order_count": of.astype(float)}
    )


@pytest.mark.parametrize("of", [1, 2, 6])
def test_chance_alone_is_no_habit(of):
    n = 3000
    table = shares(np.full(n, 0.3), np.full(n, of))
    described, remarks = features.reliable(table, [WEEKEND, ORDERS])
    assert [entry.describes for entry in described] == [True, False]
    assert "Weekend share" in remarks[0]


def test_a_habit_of_customers_with_one_order_each_cannot_be_told():
    rng = np.random.default_rng(3)
    table = shares(rng.beta(0.5, 0.5, 2000), np.ones(2000, dtype=int))
    assert features.reliable(table, [WEEKEND, ORDERS])[0][0].describes


def test_a_habit_beyond_chance_forms_segments():
    rng = np.random.default_rng(4)
    table = shares(rng.beta(1, 2, 2000), 3 + rng.poisson(5, 2000))
    described, remarks = features.reliable(table, [WEEKEND, ORDERS])
    assert not described[0].describes and described[0].of == "order_count"
    assert remarks == []


def test_a_share_without_its_count_is_taken_as_it_is():
    table = shares(np.full(50, 0.5), np.full(50, 4)).drop(columns="order_count")
    described, remarks = features.reliable(table, [WEEKEND])
    assert (described[0].of, described[0].describes, remarks) == ("", False, [])


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
