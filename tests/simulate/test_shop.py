"""The generated shop."""

from __future__ import annotations

import pandas as pd

from seglib import simulate


def test_the_shop_is_the_same_for_the_same_seed():
    one, other = simulate.shop(300, seed=5), simulate.shop(300, seed=5)
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, other[name])
    assert not one["transactions"].equals(simulate.shop(300, seed=6)["transactions"])


def test_the_shop_has_what_real_shops_have(shop_tables):
    t = shop_tables["transactions"]
    assert t.customer_id.isna().any()
    assert t.duplicated().any()
    assert (t.quantity < 0).any()
    assert (t.price == 0).any()
    assert t.time.max() < pd.Timestamp(simulate.AS_OF)
    assert {"yes", "no"} == set(shop_tables["customers"].may_profile)
    assert set(shop_tables["truth"].segment) == {*simulate.industry("demo").segments, simulate.PROSPECT}
