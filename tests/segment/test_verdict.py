"""The verdict: planted segments are counted, and nothing is found where nothing is."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from projects import ROOT

from seglib.segment import reference_data as references
from seglib.segment import stability
from seglib.segment import variables as segment
from seglib.segment import verdict as structure

sys.path.insert(0, str(ROOT / "benchmarks"))
from planted import NULLS, planted, without

FAST = {"n_resamples": 20, "seed": 0, "n_jobs": 1}


def judged(rows: pd.DataFrame) -> tuple[str, str, pd.DataFrame, dict]:
    methods = segment.methods("auto", rows)
    table, _, fits = stability.compare(methods, rows, range(2, 8), sample=800, min_share=0.02, **FAST)
    table = structure.choose(table, fits, 0.02)
    best = table[table.chosen].iloc[0]
    found = references.measured(best.method, fits[best.method, best.k], rows, **FAST)
    return (*structure.verdict(table, found), table, fits)


@pytest.mark.parametrize(
    ("kind", "shape", "sizes", "k"),
    [
        ("numeric", "round", "even", 2),
        ("numeric", "skewed", "1:10", 4),
        ("numeric", "correlated", "even", 5),
        ("numeric", "heavy-tailed", "even", 3),
        ("binary", "round", "even", 4),
        ("mixed", "skewed", "even", 3),
    ],
)
def test_planted_segments_are_counted_and_called_natural(kind, shape, sizes, k):
    word, reason, table, _ = judged(planted(kind, "least", shape, sizes, k, seed=k).rows)
    assert (word, table[table.chosen].k.item()) == ("natural", k), reason
    assert reason.startswith(f"The {k} segments lie apart")


@pytest.mark.parametrize("kind", NULLS)
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_found_where_nothing_is(kind, seed):
    rows = without(kind, seed)
    rows = rows if kind == "independent categories" else (rows - rows.mean()) / rows.std()
    word, reason, _, _ = judged(rows)
    assert word in ("none", "constructive"), reason


def test_a_cut_through_one_long_cloud_is_called_constructive_whatever_comes_back():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        rng.normal(size=(800, 1)) * [3, 3, 3] + rng.normal(size=(800, 3)), columns=list("abc")
    )
    word, reason, table, _ = judged(rows)
    assert table.admissible.any()
    assert (word, "one cloud with the same columns and correlations" in reason) == ("constructive", True)


def test_shuffled_columns_keep_their_distribution_alone():
    rows = planted("numeric", "least", "round", "even", 4, 0).rows
    drawn = references.shuffled(rows, np.random.default_rng(0))
    for column in rows:
        assert sorted(drawn[column]) == sorted(rows[column])
    assert abs(drawn.corr().to_numpy()[np.triu_indices(6, 1)]).max() < 0.15


def test_a_correlated_cloud_keeps_distributions_and_rank_correlations():
    rows = planted("numeric", "least", "skewed", "even", 3, 5).rows
    drawn = references.correlated(rows, np.random.default_rng(0))
    for column in rows:
        assert sorted(drawn[column]) == sorted(rows[column])
    assert np.abs(drawn.corr("spearman") - rows.corr("spearman")).max().max() < 0.1


def test_yes_and_no_are_shuffled_in_a_correlated_cloud():
    rng = np.random.default_rng(0)
    yes = rng.random(500) < 0.5
    rows = pd.DataFrame(
        {"x": rng.normal(yes * 4.0, 1), "y": rng.normal(yes * 4.0, 1), "member": yes.astype(float)}
    )
    drawn = references.correlated(rows, rng)
    assert abs(drawn.corr().loc["x", "member"]) < 0.15
    assert drawn.corr().loc["x", "y"] > 0.7


def test_answers_of_yes_and_no_have_no_cloud_to_be_compared_with():
    rows = planted("binary", "least", "round", "even", 3, 1).rows
    fit = stability.resample("k-means", [3], rows, sample=500, **FAST)[3]
    assert references.measured("k-means", fit, rows, **FAST).reference.tolist() == ["shuffled"]


def candidates(**columns) -> pd.DataFrame:
    base = {
        "method": "k-means",
        "k": [2, 3, 4],
        "agreement": 0.9,
        "weakest": [0.9, 0.8, 0.9],
        "smallest": 0.2,
        "silhouette": [0.3, 0.4, 0.35],
        "overlap": np.nan,
        "admissible": True,
    }
    return pd.DataFrame(base | columns)


class Fit:
    def __init__(self, labels: list[int]) -> None:
        self.labels = np.array(labels)


def fits(table: pd.DataFrame) -> dict:
    return {(m, k): Fit(list(range(k)) * 3) for m, k in zip(table.method, table.k, strict=True)}


def choice(table: pd.DataFrame, min_share: float = 0.02) -> tuple[str, int, int]:
    made = structure.choose(table, fits(table), min_share)
    best, second = made[made.chosen].iloc[0], made[made.next_best].iloc[0]
    return best.method, int(best.k), int(second.k)


def test_the_best_separated_admissible_candidate_is_chosen():
    assert choice(candidates()) == ("k-means", 3, 4)
    assert choice(candidates(admissible=[True, False, True])) == ("k-means", 4, 2)


def test_the_most_segments_are_taken_where_none_are_separated():
    assert choice(candidates(silhouette=[0.24, 0.2, 0.1])) == ("k-means", 4, 3)


def test_the_strongest_weakest_is_taken_where_none_is_admissible():
    assert choice(candidates(admissible=False, weakest=[0.4, 0.6, 0.5])) == ("k-means", 3, 4)


def test_the_most_merged_components_that_lie_apart_and_come_back_win():
    merged = candidates(method="merged mixture", overlap=[0.01, 0.02, 0.3], weakest=[0.9, 0.65, 0.9])
    assert choice(merged) == ("merged mixture", 3, 2)
    assert choice(merged.assign(weakest=[0.9, 0.5, 0.9])) == ("merged mixture", 2, 3)
    assert choice(merged.assign(smallest=[0.2, 0.01, 0.2])) == ("merged mixture", 2, 3)


def test_prototypes_are_taken_where_they_find_the_same():
    both = pd.concat(
        [candidates(), candidates(method="merged mixture", overlap=[0.01, 0.02, 0.3])], ignore_index=True
    )
    assert choice(both)[:2] == ("k-means", 3)


def test_stable_prototypes_are_taken_where_merged_components_are_not_quite():
    both = pd.concat(
        [
            candidates(),
            candidates(method="merged mixture", overlap=[0.01, 0.02, 0.3], weakest=0.7, admissible=False),
        ],
        ignore_index=True,
    )
    labels = fits(both) | {("merged mixture", 3): Fit([0, 0, 0, 1, 1, 1, 2, 2, 2])}
    made = structure.choose(both, labels, 0.02)
    assert made[made.chosen][["method", "k"]].to_numpy().tolist() == [["k-means", 3]]
    assert made.apart.isna().all()
    same = structure.choose(both, fits(both), 0.02)
    assert same[same.chosen].apart.item() == 0.02


def test_a_second_choice_is_missing_where_there_is_one_number_only():
    table = candidates().head(1)
    assert not structure.choose(table, fits(table), 0.02).next_best.any()


SHUFFLED = "where every column is shuffled by itself"
CLOUD = "in one cloud with the same columns and correlations"


def by_chance(*rows: tuple[str, float, float]) -> pd.DataFrame:
    return pd.DataFrame(rows, columns=["data", "agreement", "silhouette"])


@pytest.mark.parametrize(
    ("admissible", "agreement", "silhouette", "expected"),
    [
        (True, 0.5, 0.1, "reproducible"),
        (True, 0.95, 0.4, "constructive"),
        (True, 0.95, 0.1, "reproducible"),
        (False, 0.5, 0.1, "constructive"),
        (False, 0.95, 0.4, "none"),
    ],
)
def test_the_verdict_follows_from_recovery_and_the_reference(admissible, agreement, silhouette, expected):
    table = structure.choose(candidates(admissible=admissible), fits(candidates()), 0.02)
    word, reason = structure.verdict(table, by_chance((SHUFFLED, agreement, silhouette)))
    assert word == expected
    assert reason.endswith(".") and SHUFFLED in reason


def test_both_references_must_be_beaten():
    table = structure.choose(candidates(), fits(candidates()), 0.02)
    word, reason = structure.verdict(table, by_chance((SHUFFLED, 0.3, 0.1), (CLOUD, 0.95, 0.4)))
    assert word == "constructive"
    assert CLOUD in reason


def test_over_segmentation_begins_where_a_segment_cannot_be_trusted():
    table = structure.choose(
        candidates(weakest=[0.9, 0.8, 0.55], admissible=[True, True, False]), fits(candidates()), 0.02
    )
    assert structure.over_segmented(table) == 4
    assert structure.over_segmented(structure.choose(candidates(), fits(candidates()), 0.02)) is None


def test_gates_name_what_is_wrong_and_merging_follows_them():
    own = pd.DataFrame(
        {
            "part": [0, 1, 2, 3],
            "size": [500, 300, 190, 10],
            "recovery": [0.9, 0.5, 0.8, 0.9],
            "neighbour": [1, 2, 1, 0],
            "exchanged": [0.1, 0.1, 0.3, 0.0],
        }
    )
    flagged = structure.gates(own, 0.02)
    assert flagged["flags"].tolist() == ["", "does not come back", "overlaps its neighbour", "too small"]
    assert structure.merges(flagged).tolist() == [0, 1, 1, 0]
