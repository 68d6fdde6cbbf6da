"""The choice beside reference data: families without segments, rules, niches, levels, seeds and row orders."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from projects import ROOT

from seglib import segment

sys.path.insert(0, str(ROOT / "benchmarks"))
from families import HELD_BACK, RULES, TUNING
from planted import apart, with_niches
from sklearn.metrics import adjusted_rand_score
from structure import standardised
from verdicts import PARTS, prepared

CLAIMS = ("natural", "reproducible")


def judged(
    rows: pd.DataFrame, seed: int = 0, ks: range = range(2, 7), min_share: float = 0.02
) -> tuple[segment.Verdict, segment.Judgement]:
    plan = segment.Resampling(n_resamples=12, sample=500, seed=seed, n_jobs=1)
    compared = segment.compare(segment.methods("auto", rows), rows, ks, plan, min_share)
    judgement = segment.judgement(compared, rows, plan, min_share)
    return segment.verdict(judgement), judgement


@pytest.mark.parametrize("family", [*TUNING, *HELD_BACK], ids=lambda f: f.__name__)
def test_no_segments_are_claimed_where_there_are_none(family):
    """One table of each family; benchmarks/verdicts.py judges many."""
    assert PARTS["held back"][2] is HELD_BACK
    verdict, _ = judged(prepared(*family(500, np.random.default_rng(101))), ks=range(2, 4))
    assert verdict.word not in CLAIMS, verdict


@pytest.mark.parametrize("seed", [1, 2])
@pytest.mark.parametrize("family", RULES, ids=lambda f: f.__name__)
def test_a_division_by_one_column_is_never_called_segments(family, seed):
    verdict, _ = judged(prepared(*family(500, np.random.default_rng(seed))), ks=range(2, 4))
    assert verdict.word not in CLAIMS, verdict


def test_a_spike_is_named_as_the_rule_that_it_is():
    rng = np.random.default_rng(0)
    raw = pd.DataFrame(rng.lognormal(3, 0.5, (800, 5)).round(2), columns=list("abcde"))
    raw.loc[rng.random(800) < 0.3, ["a", "b"]] = 0
    _, judgement = judged(prepared(raw, dict.fromkeys(raw, "ratio")), ks=range(2, 5))
    made = segment.cut_table(judgement.cuts, raw, 10)
    assert made[["condition", "value"]].to_numpy().tolist() == [["is", "0"]]
    assert {made.feature[0], *made.copies[0]} == {"a", "b"}


def grouped(sizes: list[int], distance: float, seed: int = 0) -> tuple[pd.DataFrame, np.ndarray]:
    rng = np.random.default_rng(seed)
    truth = np.repeat(range(len(sizes)), sizes)
    return (
        pd.DataFrame(
            apart(len(sizes), 6, distance, rng)[truth] + rng.normal(size=(len(truth), 6))
        ).add_prefix("x"),
        truth,
    )


def test_niches_are_set_apart_and_do_not_veto_the_rest():
    rows, truth = grouped([600, 500, 400, 60], 8, seed=1)
    verdict, judgement = judged(standardised(rows), min_share=0.05)
    assert verdict.word in CLAIMS and (verdict.k - verdict.niches, verdict.niches) == (3, 1)
    labels = judgement.comparison.fit.labels
    assert pd.Series(labels).groupby(truth).nunique().tolist() == [1] * 4


@pytest.mark.parametrize("case", [1_600_007, 1_600_008])
def test_a_niche_takes_no_segment_away_and_one_that_is_not_stable_vetoes_none(case):
    """In the first the preferred candidate has five segments and a niche, in the second 17 form one in most samples."""
    rows, truth = with_niches(case)
    verdict, judgement = judged(standardised(rows), ks=range(2, 9))
    assert verdict.word in CLAIMS and verdict.k - verdict.niches == 6
    labels = pd.Series(judgement.comparison.fit.labels)
    large = labels.map(labels.value_counts()) >= 0.02 * len(labels)
    assert adjusted_rand_score(truth[large], labels[large]) > 0.98


def test_the_finer_of_two_supported_levels_is_taken_and_the_coarser_is_kept():
    rng = np.random.default_rng(0)
    part = rng.integers(0, 5, 1500)
    group = (part >= 2).astype(int)
    centres = np.vstack([apart(2, 4, 5, rng), apart(3, 4, 5, rng)])
    rows = pd.DataFrame(centres[part] + rng.normal(size=(1500, 4))).add_prefix("x")
    far = pd.DataFrame(rng.normal(size=(1500, 4)) + 12 * group[:, None]).add_prefix("y")
    verdict, judgement = judged(standardised(pd.concat([rows, far], axis=1)))
    assert verdict.k == 5
    assert judgement.coarse is None or len(np.unique(judgement.coarse)) < 5


@pytest.mark.parametrize("distance", [7.0, 0.0])
def test_seeds_and_the_order_of_rows_do_not_turn_the_verdict(distance):
    rows, _ = grouped([300, 200, 150], distance)
    rows = standardised(rows)
    rng = np.random.default_rng(0)
    found = []
    for seed in range(4):
        verdict, _ = judged(rows.iloc[rng.permutation(len(rows))].reset_index(drop=True), seed, range(2, 5))
        found.append((verdict.word, verdict.k if distance else 0))
    assert len(set(found)) == 1, found
