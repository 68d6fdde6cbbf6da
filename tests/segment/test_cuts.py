"""Divisions that one column makes are rules; divisions that other columns make too are not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib import report
from seglib.segment import cuts
from seglib.segment.surrogate import cut_table, segment_rules

N = 900


def amounts(seed: int = 0) -> pd.DataFrame:
    rng = np.random.default_rng(seed)
    return pd.DataFrame(np.log1p(rng.lognormal(3, 0.6, (N, 5))), columns=list("abcde"))


def find(rows: pd.DataFrame, labels: np.ndarray) -> tuple[set, list[cuts.Cut]]:
    return cuts.found(
        {("k-means", int(labels.max()) + 1): labels}, ("k-means", int(labels.max()) + 1), rows, 0
    )


def test_a_spike_in_three_columns_is_one_cut_with_its_copies():
    rows = amounts()
    none = np.random.default_rng(1).random(N) < 0.25
    rows.loc[none, ["a", "b", "c"]] = 0.0
    rules, found = find(rows, none.astype(int))
    assert rules == {("k-means", 2)}
    assert len(found) == 1 and set(found[0].columns) == {"a", "b", "c"}


def test_a_spike_that_several_columns_share_is_known_though_no_candidate_is_it():
    rows = amounts()
    none = np.random.default_rng(1).random(N) < 0.25
    rows.loc[none, ["a", "b"]] = 0.0
    rules, found = find(rows, np.random.default_rng(2).integers(0, 3, N))
    assert rules == set()
    assert [set(c.columns) for c in found] == [{"a", "b"}]


@pytest.mark.parametrize("column", ["number", "category"])
def test_a_division_by_one_column_vanishes_without_it(column):
    rows = amounts()
    side = np.random.default_rng(1).integers(0, 2, N)
    rows["f"] = side * 4.0 if column == "number" else pd.Categorical(np.array(["yes", "no"])[side])
    rules, found = find(rows, side)
    assert rules == {("k-means", 2)} and found[0].columns == ("f",)


def test_segments_that_differ_in_every_column_are_no_rule():
    rng = np.random.default_rng(0)
    side = rng.integers(0, 2, N)
    rows = pd.DataFrame(rng.normal(size=(N, 4)) + 5 * side[:, None], columns=list("abcd"))
    rules, found = find(rows, side)
    assert rules == set() and found == []


def test_a_coarser_segment_that_one_column_divides_is_noticed():
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 2, N)
    rows = pd.DataFrame(rng.normal(size=(N, 4)) + 6 * coarse[:, None], columns=list("abcd"))
    side = rng.integers(0, 2, N)
    rows["e"] = np.where(coarse == 1, side * 3.0, 0.0)
    assert cuts.within(coarse, coarse + (coarse == 1) * side, rows, 0)
    real = rng.integers(0, 2, N)
    rows[list("abcd")] += np.where(coarse == 1, real * 5.0, 0.0)[:, None]
    assert not cuts.within(coarse, coarse + (coarse == 1) * real, rows, 0)


def test_a_cut_is_described_on_the_column_as_it_is():
    raw = pd.DataFrame({"spent": np.r_[np.zeros(100), np.arange(1, 301)], "plan": ["a"] * 100 + ["b"] * 300})
    sides = np.repeat([0, 1], [100, 300])
    made = cut_table([cuts.Cut(("spent", "plan"), sides), cuts.Cut(("plan",), sides)], raw, 10)
    assert made[["feature", "condition", "value", "customers"]].to_numpy().tolist() == [
        ["spent", "is", "0", 100],
        ["plan", "is", "a", 100],
    ]
    assert made.copies.tolist() == [["plan"], []]
    assert cut_table([cuts.Cut(("spent",), sides)], raw, 101).empty
    rare = raw.assign(plan=["a"] * 90 + ["rare"] * 10 + ["b"] * 300)
    named = cut_table([cuts.Cut(("plan",), sides)], rare, 11)
    assert named[["condition", "value"]].to_numpy().tolist() == [["is", "a"]]


def test_a_rule_is_written_without_the_bounds_that_it_has_not():
    raw = pd.DataFrame({"orders": np.arange(N) % 30, "spent": np.arange(N) % 7})
    inside = (raw.orders > 10) & (raw.orders <= 20) & (raw.spent > 2)
    with report.under(report.Context("segment")):
        html = report.table(report.declared(segment_rules(raw, np.where(inside, 2, 1), 10), "segment_rules"))
    assert "above" in html and "at most" in html and "nan" not in html


def test_the_rule_of_a_segment_is_one_or_two_cuts():
    rng = np.random.default_rng(0)
    raw = pd.DataFrame({"orders": rng.integers(1, 20, N), "channel": rng.choice(["web", "shop"], N)})
    raw.loc[:50, "orders"] = np.nan
    inside = (raw.orders > 10) & (raw.channel == "web")
    made = segment_rules(raw, np.where(inside, 2, 1), 10)
    own = made[made.segment == 2]
    assert set(own.feature) == {"orders", "channel"}
    assert own.coverage.iloc[0] > 0.99 and own.precision.iloc[0] > 0.99
    assert own.set_index("feature").above["orders"] == 10
    assert own.set_index("feature").answer["channel"] in ("web", "shop")
    assert segment_rules(raw, np.ones(N, dtype=int), 10).empty


@pytest.mark.parametrize("seed", range(5))
def test_bounds_are_round_and_divide_as_the_cuts_did(seed):
    rng = np.random.default_rng(seed)
    raw = pd.DataFrame({"spent": rng.lognormal(5, 2, N), "change": rng.normal(0, 1e-3, N)})
    raw.loc[rng.choice(N, 40, replace=False), "spent"] = np.nan
    made = segment_rules(raw, 1 + (raw.spent > 100) + (raw.change > 2e-4), 10)
    for _, rule in made.groupby("segment"):
        follows = pd.Series(True, raw.index)
        for cut in rule.itertuples():
            values = raw[cut.feature]
            follows &= ~(values <= cut.above) & ~(values > cut.most)
            bounds = [b for b in (cut.above, cut.most) if b == b]
            assert all(len(f"{abs(b):e}".split("e")[0].rstrip("0")) <= 6 for b in bounds)
        unknown = raw[rule.feature.unique()].isna().any(axis=1)
        assert rule.customers.iloc[0] in range(int((follows & ~unknown).sum()), int(follows.sum()) + 1)
