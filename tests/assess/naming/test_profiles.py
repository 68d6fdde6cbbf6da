"""Profiles: true in the table, and what is published of small cells and rare answers."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from customers_of_three import catalogue_of, described

from seglib.assess.naming import profiles
from seglib.report.profiles import published


def test_a_small_cell_is_true_in_the_table_and_empty_when_it_is_published():
    features, segments, catalogue = described()
    few = segments.replace({3: 2}).where(segments.index > 4, 9)
    table = profiles.profiles(features, few, catalogue, 0.3, fewest=10)
    small = table[table.segment == 9]
    assert small.typical.notna().any()
    assert not small.stands_out.any()
    shown = published(table, 10)
    assert shown[shown.segment == 9].typical.isna().all()
    assert (shown.behind[shown.typical.notna()] >= 10).all()


def test_published_profiles_bound_shares_and_keep_their_total():
    yes = [197, 100, 3]
    features = pd.DataFrame({"club": [a for n in yes for a in ["Yes"] * n + ["No"] * (200 - n)]})
    segments = pd.Series(np.repeat([1, 2, 3], 200))
    table = profiles.profiles(features, segments, catalogue_of(club="binary"), 0.3, fewest=10)
    assert (table.typical * 200).round().tolist() == yes
    assert table.behind.tolist() == [3, 100, 3]
    shown = published(table, 10)
    assert (shown.typical * 200).round().tolist() == [190, 100, 10]
    assert (shown.typical * 200).sum() == pytest.approx(sum(yes))
    assert shown.behind.tolist() == [10, 100, 10]


def test_published_profiles_empty_what_would_reveal_a_level():
    levels = ["a"] * 40 + ["b"] * 40 + ["c"] * 4 + ["a"] * 50 + ["b"] * 30 + ["c"] * 26
    features, segments = pd.DataFrame({"town": levels}), pd.Series([1] * 84 + [2] * 106)
    table = profiles.profiles(features, segments, catalogue_of(town="nominal"), 0.3, fewest=10)
    shown = published(table, 10).set_index(["segment", "answer"]).typical
    assert table.typical.notna().all()
    assert shown.isna()[1, "c"]
    assert shown.isna()[2, "c"]  # with the total it would reveal the other
    assert shown.isna().sum() >= 4  # and each row hides two


def test_a_level_that_few_hold_is_left_out():
    n = 200
    features = pd.DataFrame(
        {"town": ["miller"] * (n - 12) + [f"surname{i}" for i in range(9)] + ["rare"] * 3}
    )
    table = profiles.profiles(
        features, pd.Series(np.arange(n) % 2), catalogue_of(town="nominal"), 0.3, fewest=10
    )
    assert table.answer.unique().tolist() == ["miller"]


def test_of_many_levels_the_most_frequent_are_described_and_published_soon():
    rng = np.random.default_rng(0)
    cities = pd.Series([f"city {n}" for n in rng.geometric(0.01, 8000)])
    segments = pd.Series(rng.integers(1, 4, 8000))
    table = profiles.profiles(
        pd.DataFrame({"city": cities}), segments, catalogue_of(city="nominal"), 0.3, fewest=10
    )
    counts = cities.value_counts()
    assert table.answer.nunique() == 30 < (counts >= 10).sum()
    assert counts[table.answer.unique()].min() >= counts.drop(table.answer.unique()).max()
    assert published(table, 10).typical.notna().any()
