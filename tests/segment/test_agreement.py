"""Second opinions: what others say of the same customers, and what remains where nothing is found."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib.estimators import METHODS
from seglib.segment import agreement, segmentation, stability
from seglib.segment import variables as segment
from seglib.segment import verdict as structure


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
    asked = agreement.opinions("k-means", 3, rows, truth, {}, seed=0)
    assert set(asked.columns) == set(METHODS)
    pairs = agreement.matrix(asked)
    assert len(pairs) == len(METHODS) * (len(METHODS) - 1) / 2
    assert pairs.agreement.min() > 0.9
    assert agreement.disputed(asked, truth + 1).disputed.max() == 0


def test_disputed_customers_are_those_whom_most_methods_put_elsewhere():
    asked = pd.DataFrame(
        {"k-means": [0, 0, 0, 1, 1, 1], "ward": [0, 0, 1, 1, 1, 1], "gower": [0, 0, 1, 1, 1, 1]}
    )
    found = agreement.disputed(asked, np.array([1, 1, 1, 2, 2, 2]))
    assert found.disputed.tolist() == pytest.approx([1 / 3, 0])


def test_rules_do_not_dispute_customers():
    asked = pd.DataFrame({"k-means": [0, 0, 1, 1], "RFM rules": [0, 1, 0, 1]})
    assert agreement.disputed(asked, np.array([1, 1, 2, 2])).disputed.sum() == 0


def test_moved_customers_are_counted_after_matching():
    pairs = agreement.matrix(pd.DataFrame({"a": [0, 0, 1, 1], "b": [1, 1, 0, 1]}))
    assert pairs.elsewhere.tolist() == [0.25]


def test_small_cells_of_a_comparison_are_empty():
    a, b = pd.Series([1] * 20 + [2] * 20), pd.Series(["x"] * 19 + ["y"] * 21)
    shares = agreement.crossed(a, b, min_cell=5)
    assert np.isnan(shares.loc[1, "y"])
    assert shares.loc[2].tolist() == [0.0, 1.0]


def test_without_segments_customers_are_divided_by_rules(shop):
    ids = pd.Series(range(300))
    made = segmentation.ruled(ids, shop, agreement.rules(shop), seed=0)
    assert set(made.recovery.name) <= {"First-time", "Repeat", "Lapsing", "Lapsed", "Prospect"}
    assert made.recovery["size"].is_monotonic_decreasing
    assert made.recovery.recovery.between(0.5, 1).all()
    assert (made.segments.segment.value_counts().sort_index().to_numpy() == made.recovery["size"]).all()


def test_without_segments_and_rules_all_customers_are_one(shop):
    made = segmentation.ruled(pd.Series(range(300)), shop, {}, seed=0)
    assert made.recovery.name.tolist() == ["All customers"]
    assert made.model is None


def chosen(rows: pd.DataFrame, k: int) -> tuple[stability.Candidate, pd.DataFrame]:
    _, tried, fits = stability.compare(
        ["k-means"], rows, range(2, k + 1), n_resamples=12, sample=500, seed=0, min_share=0.02, n_jobs=1
    )
    return fits["k-means", k], tried[tried.k == k]


def test_segments_that_fail_a_gate_are_kept_unless_merging_is_asked_for(clouds):
    rows, _ = clouds
    fit, own = chosen(rows, 6)
    assert (structure.gates(own, 0.02)["flags"] != "").any()
    kept = segmentation.formed(pd.Series(range(240)), rows, "as is", fit, own, 0.02, merge=False)
    merged = segmentation.formed(pd.Series(range(240)), rows, "as is", fit, own, 0.02, merge=True)
    assert len(kept.recovery) == 6
    assert (kept.recovery["flags"] != "").any()
    assert 3 <= len(merged.recovery) < 6
    assert merged.recovery.recovery.mean() > kept.recovery.recovery.mean()
    assert merged.segments.segment.nunique() == len(merged.recovery)
    assert merged.model[-1].predict(rows).max() + 1 == len(merged.recovery)


def test_the_flow_adds_up_to_all_customers(clouds):
    rows, _ = clouds
    _, _, fits = stability.compare(
        ["k-means"], rows, range(2, 5), n_resamples=4, sample=500, seed=0, min_share=0.02, n_jobs=1
    )
    streams = segment.flow(fits, "k-means", 1)
    assert streams.groupby("k").customers.sum().tolist() == [240, 240, 240]
    assert streams.source[streams.k == 2].eq(-1).all()
    assert segment.flow(fits, "k-means", 50).customers.min() >= 50
