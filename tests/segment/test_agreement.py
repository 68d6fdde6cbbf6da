"""Second opinions: other methods and rules on the same customers, and what remains without structure."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from seglib import segment
from seglib.estimators import METHODS
from seglib.segment import agreement, comparison
from seglib.segment.verdict import gates


@pytest.fixture(scope="module")
def shop() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    return pd.DataFrame(
        {
            "recency": rng.integers(0, 400, 300).astype(float),
            "order_count": rng.integers(1, 9, 300).astype(float),
            "days_between_orders": rng.uniform(5, 90, 300),
            "net_value": rng.lognormal(4, 1, 300),
        }
    )


@pytest.fixture(scope="module")
def clouds() -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(1)
    truth = np.repeat([0, 1, 2], 80)
    return pd.DataFrame(rng.normal(truth[:, None] * 8.0, 1, (240, 3)), columns=list("abc")), truth


def test_rules_need_their_columns(shop):
    assert list(agreement.rules(shop)) == ["RFM rules", "purchase cycle"]
    assert list(agreement.rules(shop.drop(columns="net_value"))) == ["purchase cycle"]
    assert agreement.rules(shop[["recency"]]) == {}


def test_every_method_is_asked_and_agrees_on_clear_segments(clouds):
    rows, truth = clouds
    opinions = segment.opinions("k-means", 3, rows, truth, {}, seed=0)
    able = {name for name, method in METHODS.items() if "numbers" in method.takes}
    assert set(opinions.columns) == able
    pairs = segment.matrix(opinions)
    assert len(pairs) == len(able) * (len(able) - 1) / 2
    assert pairs.agreement.min() > 0.9
    assert segment.disputed(opinions, truth + 1).disputed.max() == 0


def test_disputed_customers_are_those_whom_most_methods_put_elsewhere():
    asked = pd.DataFrame(
        {"k-means": [0, 0, 0, 1, 1, 1], "ward": [0, 0, 1, 1, 1, 1], "gower": [0, 0, 1, 1, 1, 1]}
    )
    got = segment.disputed(asked, np.array([1, 1, 1, 2, 2, 2]))
    assert got.disputed.tolist() == pytest.approx([1 / 3, 0])
    assert got.compared.tolist() == [3, 3]


def test_rules_do_not_dispute_customers():
    asked = pd.DataFrame({"k-means": [0, 0, 1, 1], "RFM rules": [0, 1, 0, 1]})
    assert agreement.disputed(asked, np.array([1, 1, 2, 2])).disputed.sum() == 0


def test_moved_customers_are_counted_after_matching():
    pairs = agreement.matrix(pd.DataFrame({"a": [0, 0, 1, 1], "b": [1, 1, 0, 1]}))
    assert pairs.elsewhere.tolist() == [0.25]


def test_crossed_counts_customers_and_is_empty_without_rules():
    segments = pd.Series([1] * 20 + [2] * 20, name="segment")
    rules = {"RFM rules": pd.Series(["x"] * 19 + ["y"] * 21)}
    assert segment.crossed(segments, rules).to_numpy().tolist() == [[19, 1], [0, 20]]
    assert len(segment.crossed(segments, {})) == 0


def test_without_segments_customers_are_divided_by_rules(shop):
    customers = shop.assign(customer=range(300))
    got = segment.ruled(customers, segment.rules(shop), segment.Limits(0.0), seed=0)
    assert set(got.stability.name) <= {"First-time", "Repeat", "Lapsing", "Lapsed", "Prospect"}
    assert got.stability["size"].is_monotonic_decreasing
    assert got.stability.stability.between(0.5, 1).all()
    assert got.stability.share.sum() == pytest.approx(1)
    assert (got.segments.segment.value_counts().sort_index().to_numpy() == got.stability["size"]).all()


def test_without_segments_and_rules_all_customers_are_one(shop):
    got = segment.ruled(shop.assign(customer=range(300)), {}, segment.Limits(0.0), seed=0)
    assert got.stability.name.tolist() == ["All customers"]
    assert got.model is None


def compared(rows: pd.DataFrame, k: int, n_resamples: int = 12) -> comparison.Comparison:
    plan = segment.Resampling(n_resamples, sample=500, seed=0, n_jobs=1)
    got = segment.compare(["k-means"], rows, range(2, k + 1), plan, min_share=0.02)
    return replace(got, candidates=got.candidates.assign(chosen=got.candidates.k == k))


def test_segments_that_fail_a_gate_are_kept_unless_merging_is_asked_for(clouds):
    rows, _ = clouds
    found = compared(rows, 6)
    assert (gates(found.own, 0.02)["flags"] != "").any()
    kept, merged = (
        segment.formed(pd.Series(range(240)), rows, "as is", found, segment.Limits(0.02, merge=merge))
        for merge in (False, True)
    )
    assert len(kept.stability) == 6
    assert (kept.stability["flags"] != "").any()
    assert 3 <= len(merged.stability) < 6
    assert merged.stability.stability.mean() > kept.stability.stability.mean()
    assert merged.segments.segment.nunique() == len(merged.stability)
    assert merged.model[-1].predict(rows).max() + 1 == len(merged.stability)


def test_customers_near_a_border_are_counted_by_segment(clouds):
    rows, _ = clouds
    got = segment.formed(pd.Series(range(240)), rows, "as is", compared(rows, 4), segment.Limits(0.02))
    near = (got.segments.margin < 0.1).groupby(got.segments.segment).mean()
    assert got.stability.border.tolist() == near.tolist()
    assert got.stability.share.tolist() == (got.stability["size"] / 240).tolist()


def test_the_flow_adds_up_to_all_customers(clouds):
    rows, _ = clouds
    streams = segment.flow(compared(rows, 4, n_resamples=4))
    assert streams.groupby("k").customers.sum().tolist() == [240, 240, 240]
    assert streams.source[streams.k == 2].eq(-1).all()
    assert (
        streams.groupby(["k", "part"]).customers.sum() == streams.groupby(["k", "part"]).whole.first()
    ).all()
