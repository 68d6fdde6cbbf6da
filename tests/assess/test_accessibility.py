"""Finding a segment's customers by descriptors: planted ones are found, noise is not."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib.assess import accessibility
from seglib.assess.accessibility import descriptors


def test_descriptors_are_of_other_bases_and_not_protected():
    catalogue = pd.DataFrame(
        {
            "feature": ["recency", "orders", "town", "gender"],
            "basis": ["behavioural", "behavioural", "geographic", "demographic"],
        }
    )
    assert descriptors(catalogue, ["recency"]) == ["town", "gender"]
    assert descriptors(catalogue.assign(protected=[False, False, False, True]), ["recency"]) == ["town"]
    assert descriptors(catalogue, []) == ["recency", "orders", "town", "gender"]
    assert descriptors(catalogue[:2], ["recency"]) == []
    assert descriptors(catalogue, ["town"]) == ["recency", "orders", "gender"]


def test_what_else_follows_from_orders_is_no_descriptor_of_segments_by_orders():
    catalogue = pd.DataFrame(
        {
            "feature": ["recency", "net_value", "stage", "town"],
            "basis": ["behavioural", "value", "purchase_cycle", "geographic"],
        }
    )
    for formed in ("recency", "net_value", "stage"):
        assert descriptors(catalogue, [formed]) == ["town"]
    assert descriptors(catalogue, ["town"]) == ["recency", "net_value", "stage"]


def planted(n: int = 600) -> tuple[pd.DataFrame, pd.Series]:
    """Three segments: the town tells of the first, nothing distinguishes the other two."""
    rng = np.random.default_rng(0)
    segments = pd.Series(rng.integers(1, 4, n))
    town = np.where(segments == 1, "Bath", rng.choice(["York", "Ely"], n))
    features = pd.DataFrame({"town": town, "noise": rng.normal(size=n), "plan": rng.choice(list("abc"), n)})
    features.loc[::9, "town"] = None
    return features, segments


def test_accessibility_finds_the_segment_that_descriptors_predict():
    got = accessibility.accessibility(*planted()).set_index("segment")
    assert got.auc[1] > 0.9
    assert got.lift[1] > 2.3
    assert got.auc[[2, 3]].between(0.68, 0.82).all()  # apart from the first, 0.75 by chance
    assert got.customers.sum() == 600
    assert got.base_rate.sum() == pytest.approx(1)


def test_accessibility_is_chance_when_descriptors_are_noise():
    rng = np.random.default_rng(1)
    features = pd.DataFrame({"x": rng.normal(size=900), "c": rng.choice(list("abcd"), 900)})
    got = accessibility.accessibility(features, pd.Series(rng.integers(1, 4, 900)))
    assert got.auc.between(0.44, 0.56).all()
    assert got.lift.between(0.75, 1.25).all()


def test_area_and_lift_by_hand():
    # 3 of the segment among 6, with ranks 6, 4 and 2: 6 of 9 pairs in order; 2 of the top 3 are its own
    got = accessibility._measured(
        np.array([1, 0, 1, 0, 1, 0], bool), np.array([0.9, 0.8, 0.7, 0.6, 0.5, 0.4])
    )
    assert got == {
        "customers": 3,
        "base_rate": 0.5,
        "auc": pytest.approx(6 / 9),
        "lift": pytest.approx(4 / 3),
    }


def test_customers_that_are_ranked_alike_count_by_their_share():
    got = accessibility._measured(np.array([1, 1, 0, 0], bool), np.full(4, 0.5))
    assert (got["auc"], got["lift"]) == (0.5, 1.0)


def test_segments_of_too_few_are_not_measured():
    features, segments = planted()
    small = segments.where(segments.index >= 19, 9)
    got = accessibility.accessibility(features, small).set_index("segment")
    assert got.loc[9, ["auc", "lift", "base_rate"]].isna().all()
    assert got.customers[9] == 0
    assert got.auc[[1, 2, 3]].notna().all()


@pytest.mark.parametrize(("few", "measured"), [(19, False), (20, True)])
def test_twenty_customers_are_needed_whatever_the_smallest_cell(few, measured):
    features, segments = planted(300)
    got = accessibility.accessibility(features, segments.where(segments.index >= few, 9)).set_index("segment")
    assert np.isfinite(got.auc[9]) == measured


@pytest.mark.parametrize(
    "features",
    [
        pd.DataFrame(index=range(60)),
        pd.DataFrame({"x": [1.0] * 60}),
        pd.DataFrame({"x": [np.nan] * 60}),
        pd.DataFrame({"x": [None] * 60}, dtype="string"),
    ],
)
def test_descriptors_that_do_not_vary_measure_nothing(features):
    got = accessibility.accessibility(features, pd.Series([1, 2] * 30))
    assert got.segment.tolist() == [1, 2]
    assert got.auc.isna().all()


def test_one_segment_is_not_measured():
    got = accessibility.accessibility(pd.DataFrame({"x": np.arange(50.0)}), pd.Series([1] * 50))
    assert got.auc.isna().tolist() == [True]


def test_a_sample_keeps_the_shares_of_the_segments():
    labels = np.repeat([1, 2, 3], [700, 280, 20])
    rows = accessibility._sampled(labels, 10, 500, seed=0)
    assert np.bincount(labels[rows]).tolist() == [0, 350, 140, 10]
    assert len(accessibility._sampled(labels, 11, 500, seed=0)) == 500  # the third is left out
    assert set(labels[accessibility._sampled(labels, 11, 500, seed=0)]) == {1, 2}


def test_the_same_seed_finds_the_same_and_numbers_do_not_matter():
    features, segments = planted(300)
    first, second = (accessibility.accessibility(features, segments, seed=3) for _ in range(2))
    pd.testing.assert_frame_equal(first, second)
    swapped = accessibility.accessibility(features, segments.map({1: 3, 2: 1, 3: 2}), most=200, seed=3)
    sampled = accessibility.accessibility(features, segments, most=200, seed=3)
    pd.testing.assert_frame_equal(
        swapped.drop(columns="segment").iloc[[2, 0, 1]].reset_index(drop=True),
        sampled.drop(columns="segment"),
    )
