"""Profiles: what is published of small cells and rare answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
from customers_of_three import catalogue_of, described

from seglib.assess.naming import profiles


def test_a_small_cell_is_left_empty():
    features, segments, catalogue = described()
    table = profiles.profiles(
        features, segments.replace({3: 2}).where(segments.index > 4, 9), catalogue, 0.3, min_cell=10
    )
    small = table[table.segment == 9]
    assert small.typical.isna().all()
    assert not small.stands_out.any()


def test_a_level_that_few_hold_is_not_published():
    n = 200
    features = pd.DataFrame(
        {"town": ["miller"] * (n - 12) + [f"surname{i}" for i in range(9)] + ["rare"] * 3}
    )
    table = profiles.profiles(
        features, pd.Series(np.arange(n) % 2), catalogue_of(town="nominal"), 0.3, min_cell=10
    )
    assert table.answer.unique().tolist() == ["miller"]
