"""The verdict: planted segments are counted, and nothing is found where nothing is."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from projects import ROOT

from seglib import segment
from seglib.report import Context, text, under
from seglib.segment import comparison, stability
from seglib.segment import reference_data as references
from seglib.segment.verdict import Verdict, gates, merges

sys.path.insert(0, str(ROOT / "benchmarks"))
from planted import NULLS, planted, without

FAST = segment.Resampling(n_resamples=20, sample=800, seed=0, n_jobs=1)


def judged(rows: pd.DataFrame) -> tuple[Verdict, comparison.Comparison]:
    got = segment.compare(segment.methods("auto", rows), rows, range(2, 8), FAST, min_share=0.02)
    return segment.verdict(got.chosen, segment.references(got.chosen, got.fit, rows, FAST)), got


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
    verdict, got = judged(planted(kind, "least", shape, sizes, k, seed=k).rows)
    assert (verdict.word, got.k) == ("natural", k), verdict


@pytest.mark.parametrize("kind", NULLS)
@pytest.mark.parametrize("seed", [1, 2])
def test_nothing_is_found_where_nothing_is(kind, seed):
    rows = without(kind, seed)
    rows = rows if kind == "independent categories" else (rows - rows.mean()) / rows.std()
    verdict, _ = judged(rows)
    assert verdict.word in ("none", "constructive"), verdict


def test_the_verdict_is_constructive_when_one_long_cloud_is_cut():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(
        rng.normal(size=(800, 1)) * [3, 3, 3] + rng.normal(size=(800, 3)), columns=list("abc")
    )
    verdict, got = judged(rows)
    assert got.candidates.admissible.any()
    assert (verdict.word, verdict.reference) == ("constructive", "correlated")


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
    fit = stability.resample("k-means", [3], rows, FAST)[3]
    chosen = pd.Series({"method": "k-means", "agreement": 0.99, "silhouette": 0.4})
    got = segment.references(chosen, fit, rows, FAST)
    assert got.reference.tolist() == ["shuffled"]
    assert got[["own_agreement", "own_silhouette", "better"]].to_numpy().tolist() == [[0.99, 0.4, True]]


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


def chosen(table: pd.DataFrame, labels: dict | None = None, min_share: float = 0.02) -> pd.DataFrame:
    """The candidates, marked with what is chosen."""
    untold = comparison.Comparison(table, pd.DataFrame(), labels or fits(table))
    return comparison.choose(untold, min_share).candidates


def choice(table: pd.DataFrame) -> tuple[str, int, int]:
    marked = chosen(table)
    best, second = marked[marked.chosen].iloc[0], marked[marked.next_best].iloc[0]
    return best.method, int(best.k), int(second.k)


def test_the_best_separated_admissible_candidate_is_chosen():
    assert choice(candidates()) == ("k-means", 3, 4)
    assert choice(candidates(admissible=[True, False, True])) == ("k-means", 4, 2)


def test_the_most_segments_are_taken_where_none_are_separated():
    assert choice(candidates(silhouette=[0.24, 0.2, 0.1])) == ("k-means", 4, 3)


def test_the_strongest_weakest_is_taken_where_none_is_admissible():
    assert choice(candidates(admissible=False, weakest=[0.4, 0.6, 0.5])) == ("k-means", 3, 4)


def test_the_most_merged_components_win_when_well_separated_and_trusted():
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
    marked = chosen(both, labels)
    assert marked[marked.chosen][["method", "k"]].to_numpy().tolist() == [["k-means", 3]]
    assert marked.apart.isna().all()
    same = chosen(both)
    assert same[same.chosen].apart.item() == 0.02


def test_a_second_choice_is_missing_where_there_is_one_number_only():
    assert not chosen(candidates().head(1)).next_best.any()


def on_references(own: pd.Series, *rows: tuple[str, float, float]) -> pd.DataFrame:
    """The table of references, of a candidate."""
    table = pd.DataFrame(rows, columns=["reference", "agreement", "silhouette"])
    better = (own.agreement > table.agreement) | (own.silhouette > table.silhouette + 0.02)
    return table.assign(own_agreement=own.agreement, own_silhouette=own.silhouette, better=better)


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
def test_the_verdict_follows_from_stability_and_the_reference(admissible, agreement, silhouette, expected):
    marked = chosen(candidates(admissible=admissible))
    own = marked[marked.chosen].iloc[0]
    got = segment.verdict(own, on_references(own, ("shuffled", agreement, silhouette)))
    assert got.word == expected
    assert (got.reference, got.reference_agreement) == ("shuffled", agreement)
    assert got.by == ("silhouette" if (agreement, silhouette) == (0.95, 0.1) else "agreement")
    with under(Context("segment")):
        said = text("reason", got)
    pair = (own.silhouette, silhouette) if got.by == "silhouette" else (own.agreement, agreement)
    weakest = [] if expected == "constructive" and admissible else [own.weakest]
    assert all(f"{number:.2f}" in said for number in (*pair, *weakest)) and "every column shuffled" in said


def test_both_references_must_be_beaten():
    marked = chosen(candidates())
    own = marked[marked.chosen].iloc[0]
    got = segment.verdict(own, on_references(own, ("shuffled", 0.3, 0.1), ("correlated", 0.95, 0.4)))
    assert (got.word, got.reference) == ("constructive", "correlated")


def test_the_reason_names_overlap_and_stability_when_segments_are_natural():
    marked = chosen(
        candidates(method="merged mixture", overlap=[0.01, 0.0231, 0.3], weakest=[0.9, 0.9971, 0.9])
    )
    own = marked[marked.chosen].iloc[0]
    got = segment.verdict(own, on_references(own, ("shuffled", 0.3, 0.1)))
    with under(Context("segment")):
        said = text("reason", got)
    assert got.word == "natural"
    assert all(number in said for number in ("The 3 segments", "at most 2.3%", "above 0.99", "0.90", "0.30"))


def test_over_segmentation_begins_where_a_segment_cannot_be_trusted():
    table = chosen(candidates(weakest=[0.9, 0.8, 0.55], admissible=[True, True, False]))
    assert comparison.over_segmented(table) == 4
    assert comparison.over_segmented(chosen(candidates())) is None


def test_gates_name_what_is_wrong_and_merging_follows_them():
    own = pd.DataFrame(
        {
            "part": [0, 1, 2, 3],
            "size": [500, 300, 190, 10],
            "stability": [0.9, 0.5, 0.8, 0.9],
            "neighbour": [1, 2, 1, 0],
            "exchanged": [0.1, 0.1, 0.3, 0.0],
        }
    )
    flagged = gates(own, 0.02)
    assert flagged["flags"].tolist() == ["", "not stable", "overlaps its neighbour", "too small"]
    assert merges(flagged).tolist() == [0, 1, 1, 0]
