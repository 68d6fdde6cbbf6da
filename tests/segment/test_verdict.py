"""The verdict: planted segments are counted, and nothing is found where nothing is."""

from __future__ import annotations

import sys

import numpy as np
import pandas as pd
import pytest
from projects import ROOT

from seglib import segment
from seglib.report import Context, text, under
from seglib.segment import comparison
from seglib.segment.judgement import Judgement
from seglib.segment.reference_data import Judged
from seglib.segment.thresholds import BEYOND
from seglib.segment.verdict import Verdict, gates, merges

sys.path.insert(0, str(ROOT / "benchmarks"))
from planted import NULLS, planted, without

FAST = segment.Resampling(n_resamples=20, sample=800, seed=0, n_jobs=1)


def judged(rows: pd.DataFrame) -> tuple[Verdict, comparison.Comparison]:
    compared = segment.compare(segment.methods("auto", rows), rows, range(2, 8), FAST, min_share=0.02)
    judgement = segment.judgement(compared, rows, FAST, min_share=0.02)
    return segment.verdict(judgement), judgement.comparison


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
    assert verdict.word == "constructive" and verdict.evidence < BEYOND


def candidates(**columns) -> pd.DataFrame:
    base = {
        "method": "k-means",
        "k": [2, 3, 4],
        "agreement": 0.9,
        "weakest": [0.9, 0.8, 0.9],
        "smallest": 0.2,
        "silhouette": [0.3, 0.4, 0.35],
        "overlap": np.nan,
        "niches": 0,
        "rule": False,
        "admissible": True,
    }
    table = pd.DataFrame(base | columns)
    if "separated" in table:
        return table
    return table.assign(separated=(table.overlap <= 0.1) & (table.weakest >= 0.6) & (table.smallest >= 0.02))


class Fit:
    def __init__(self, labels: list[int]) -> None:
        self.labels = np.array(labels)


def fits(table: pd.DataFrame) -> dict:
    return {(m, k): Fit(list(range(k)) * 3) for m, k in zip(table.method, table.k, strict=True)}


def chosen(table: pd.DataFrame, labels: dict | None = None) -> pd.DataFrame:
    """The candidates, marked with what is preferred."""
    untold = comparison.Comparison(table, pd.DataFrame(), labels or fits(table))
    return comparison.chosen_at(untold, comparison.best(table, untold.fits)).candidates


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
    assert choice(merged.assign(separated=[True, False, False])) == ("merged mixture", 2, 3)


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
    many = {("k-means", 3): Fit([0, 1, 2] * 9 + [0])}
    similar = many | {("merged mixture", 3): Fit([0, 1, 2] * 9 + [1]), ("merged mixture", 4): Fit([0] * 28)}
    marked = chosen(both, fits(both) | similar)
    assert marked[marked.chosen][["method", "k"]].to_numpy().tolist() == [["k-means", 3]]
    other = fits(both) | {("merged mixture", 3): Fit([0, 0, 0, 1, 1, 1, 2, 2, 2])}
    assert chosen(both, other).query("chosen")[["method", "k"]].to_numpy().tolist() == [["merged mixture", 3]]
    same = chosen(both)
    assert same[same.chosen].apart.item() == 0.02


def test_a_second_choice_is_missing_where_there_is_one_number_only():
    assert not chosen(candidates().head(1)).next_best.any()


def beside(marked: pd.DataFrame, evidence: float, error: float = 0.1) -> Judgement:
    """A judgement whose choice differs so much from the harder reference."""
    statistics = [
        ("silhouette", 0.42, 0.31, evidence + 1),
        ("valley", 0.2, 0.1, evidence),
        ("gain", 1.5, 1.4, evidence - 1),
    ]
    table = pd.DataFrame(
        [(r, s, own, mean, 0.01, 10, d) for r in ("same", "smoothed") for s, own, mean, d in statistics],
        columns=["reference", "statistic", "own", "mean", "spread", "draws", "difference"],
    )
    harder = Judged(
        3,
        table,
        pd.Series({"same": evidence, "smoothed": evidence + 2}),
        pd.Series({"same": error, "smoothed": error}),
    )
    compared = comparison.Comparison(marked, pd.DataFrame(), {})
    return Judgement(compared, harder, [], None, pd.Series({int(marked.k[marked.chosen].iloc[0]): 1.0}))


@pytest.mark.parametrize(
    ("admissible", "separated", "evidence", "expected"),
    [
        (True, True, 5.0, "natural"),
        (True, False, 5.0, "reproducible"),
        (True, True, 2.0, "constructive"),
        (True, False, 2.0, "constructive"),
        (False, True, 5.0, "none"),
        (False, False, 2.0, "none"),
    ],
)
def test_the_verdict_follows_from_stability_separation_and_the_reference(
    admissible, separated, evidence, expected
):
    marked = chosen(candidates(admissible=admissible, weakest=0.9 if admissible else 0.7))
    marked = marked.assign(apart=np.where(marked.chosen & separated, 0.0231, np.nan))
    got = segment.verdict(beside(marked, evidence))
    assert (got.word, got.reference, got.close) == (expected, "same", False)
    with under(Context("segment")):
        said = text("reason", got)
    own, mean = (0.42, 0.31) if evidence > BEYOND else (1.5, 1.4)
    numbers = (f"{own:.2f}", f"{mean:.2f}", f"{evidence:.1f} standard")
    assert [number in said for number in numbers] == [expected != "none"] * 3
    assert ("at most 2.3%" in said) == (expected == "natural")
    assert ("0.70" in said) == (expected == "none")


def test_an_evidence_that_more_draws_may_turn_is_too_close_to_call():
    marked = chosen(candidates())
    close = segment.verdict(beside(marked, BEYOND + 0.1, error=0.2))
    assert close.close and close.word == "reproducible"
    with under(Context("segment")):
        assert "Too close to call" in text("reason", close)
    assert not segment.verdict(beside(marked, BEYOND + 0.5, error=0.2)).close


def test_a_rule_on_one_column_is_no_segmentation_however_stable():
    marked = chosen(candidates()).assign(apart=0.01)
    got = segment.verdict(beside(marked.assign(rule=True), 9.0))
    assert (got.word, got.rule) == ("constructive", True)
    with under(Context("segment")):
        assert "this is a rule" in text("reason", got)


def test_another_number_that_is_as_likely_is_named():
    marked = chosen(candidates())
    judgement = beside(marked, 6.0)
    got = segment.verdict(
        Judgement(judgement.comparison, judgement.judged, [], None, pd.Series({2: 0.3, 3: 0.68, 4: 0.02}))
    )
    assert got.k_close == [2]
    with under(Context("segment")):
        assert "3 or 2" in text("reason", got)


def test_a_number_that_more_draws_might_have_led_to_is_named():
    judgement = beside(chosen(candidates()), 6.0)
    got = segment.verdict(
        Judgement(judgement.comparison, judgement.judged, [], None, pd.Series({3: 1.0}), undecided=(4,))
    )
    assert got.k_close == [4]


@pytest.mark.parametrize(("weakest", "said"), [(0.7499, "0.7499"), (0.7, "0.70")])
def test_a_failed_test_is_never_printed_as_its_bound(weakest, said):
    marked = chosen(candidates(admissible=False, weakest=weakest))
    with under(Context("segment")):
        assert f"{said}, and 0.75 is required" in text("reason", segment.verdict(beside(marked, 6.0)))


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
            "exchanged": [0.1, 0.1, 0.3, 0.2],
        }
    )
    flagged = gates(own, 0.02)
    assert flagged["flags"].tolist() == ["", "not stable", "overlaps its neighbour", "too small"]
    assert merges(flagged).tolist() == [0, 1, 1, 0]


def test_a_small_segment_that_is_stable_and_separated_is_a_niche_and_is_not_merged():
    own = pd.DataFrame(
        {
            "part": [0, 1, 2],
            "size": [600, 390, 10],
            "stability": [0.9, 0.9, 0.98],
            "neighbour": [1, 0, 0],
            "exchanged": [0.1, 0.1, 0.0],
        }
    )
    flagged = gates(own, 0.02)
    assert flagged["flags"].tolist() == ["", "", "niche"]
    assert merges(flagged).tolist() == [0, 1, 2]
