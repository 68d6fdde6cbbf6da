"""Page 03: facts of its sentences, and small cells suppressed where they are shown."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from seglib import report
from seglib.catalogue import declaration, stage
from seglib.report import Context, declared, under
from seglib.report.figures.numbers import flow as draw_flow
from seglib.report.figures.segments import rfm_rules, stability
from seglib.report.figures.theme import behind
from seglib.report.readings import segment as readings
from seglib.segment.verdict import Verdict

LEAST = 10
TERMS = Context("segment", min_cell=LEAST, labels={"orders": "Orders", "age": "Age"})


def candidates(**columns: object) -> pd.DataFrame:
    base = {
        "method": "k-means",
        "k": [2, 3, 4],
        "agreement": [0.9, 0.8, 0.7],
        "strength": 0.8,
        "weakest": [0.9, 0.9971, 0.55],
        "smallest": [0.4, 0.2, 0.004],
        "customers": [400, 200, 4],
        "silhouette": 0.3,
        "bic": np.nan,
        "overlap": np.nan,
        "niches": 0,
        "rule": False,
        "admissible": [True, True, False],
        "separated": False,
        "chosen": [False, True, False],
        "next_best": [True, False, False],
        "apart": np.nan,
    }
    return declared(pd.DataFrame(base | columns), "candidates")


def per_segment(sizes: list[int], **columns: object) -> pd.DataFrame:
    n = len(sizes)
    base = {
        "segment": range(1, n + 1),
        "size": sizes,
        "share": np.array(sizes) / sum(sizes),
        "stability": 0.9,
        "border": 0.2,
        "across": np.nan,
        "neighbour": pd.array([2] + [1] * (n - 1), "Int64"),
        "exchanged": 0.1,
        "flags": "",
        "name": pd.array([pd.NA] * n, "string"),
    }
    return declared(pd.DataFrame(base | columns), "segment_stability")


def text(name: str, *tables: object, **facts: object) -> str:
    with under(TERMS):
        return report.text(name, *tables, **facts)


def shown(frame: pd.DataFrame, view: str = "", **facts: object) -> list[list[str]]:
    """The cells of a table as a reader sees them, row by row."""
    with under(TERMS):
        html = report.table(frame, view, **facts)
    rows = re.findall(r"<tr>(.*?)</tr>", html.split("<tbody", 1)[1], flags=re.S)
    return [
        [re.sub("<.*?>", "", c) for c in re.findall(r"<t[hd].*?</t[hd]>", row, flags=re.S)] for row in rows
    ]


def verdict(word: str, **changes: object) -> Verdict:
    """A verdict on three segments."""
    measures = {
        "k": 3,
        "niches": 0,
        "coarse": 0,
        "k_close": [],
        "weakest": 0.8,
        "smallest": 0.2,
        "overlap": np.nan,
    }
    beside = {"reference": "same", "statistic": "silhouette", "own": 0.4, "expected": 0.3, "spread": 0.01}
    flags = {"close": False, "admissible": word != "none", "rule": False, "evidence": 5.0}
    return Verdict(word, **(measures | beside | flags | changes))


# Declarations


def test_every_table_of_the_stage_is_declared_completely():
    for name in stage("segment").tables:
        table = declaration(name)
        assert table.grain.startswith("one row"), name
        assert table.access == ("private" if name == "segments" else "published")


# Sentences


def test_the_sentence_on_candidates_names_the_choice_the_next_best_and_over_segmentation():
    said = text("candidates", candidates())
    assert "k-means with 2 and 3 segments" in said
    assert "**3** by k-means" in said and "above 0.99" in said
    assert "2 by k-means (0.90)" in said
    assert "From 4 segments on" in said


def test_nothing_is_said_of_a_fixed_number_when_several_were_compared():
    assert text("fixed_number", candidates(), candidates()) == ""


def test_a_fixed_number_is_named_with_what_the_published_run_compared():
    alone = candidates().iloc[[0]].assign(chosen=True, next_best=False)
    assert "fixed at 2" in text("fixed_number", alone, None)
    said = text("fixed_number", alone, candidates())
    assert "2 to 4" in said and "**3**" in said
    assert "above 0.99" in said and "with 2 segments 0.90" in said
    other = candidates(method="ward")
    assert "with 2 segments 0.90" in text("fixed_number", alone, other)


def test_customers_who_are_not_segmented_are_counted_unless_they_are_few():
    assert text("not_segmented", 0) == ""
    assert "362 customers are" in text("not_segmented", 362)
    few = text("not_segmented", 4)
    assert "10" in few and "4" not in few


def test_protected_attributes_are_listed_by_their_labels():
    table = pd.DataFrame({"feature": ["orders", "age"], "why": ["", "protected attribute"]})
    assert "**age**" in text("protected_variables", table)
    assert "No protected attribute" in text("protected_variables", table.head(1))


def test_flagged_segments_are_named_with_what_is_wrong():
    table = per_segment([500, 200], flags=["", "not stable"])
    assert "**segment 2** (not stable; nearest: segment 1)" in text("gates", table, merge=False)
    assert "segment.merge" in text("gates", table, merge=False)
    assert "segment.merge" not in text("gates", table, merge=True)
    assert "Flagged" not in text("gates", per_segment([500, 200]), merge=False)


@pytest.mark.parametrize("merge", [False, True])
def test_a_niche_is_kept_and_not_offered_for_merging(merge):
    alone = text("gates", per_segment([500, 200, 40], flags=["", "", "niche"]), merge=merge)
    assert "segment 3: a niche" in alone and "kept" in alone
    assert "segment.merge" not in alone and "Flagged" not in alone and "Every other segment" in alone
    both = text("gates", per_segment([500, 200, 40], flags=["", "not stable", "niche"]), merge=merge)
    assert "segment 3: a niche" in both and "Flagged: **segment 2** (not stable" in " ".join(both.split())
    two = text("gates", per_segment([500, 50, 40], flags=["", "niche", "niche"]), merge=merge)
    assert "niches" in two and "they are kept" in two


def test_the_outcome_names_what_the_next_stages_get():
    chosen = candidates()
    found = verdict("reproducible")
    said = text("outcome", found, per_segment([500, 300, 200]), chosen)
    assert "3 segments by k-means" in said and "is 2" in said
    none = verdict("none")
    named = per_segment([500, 200], name=pd.array(["Repeat", "Lapsed"], "string"))
    assert "repeat and lapsed" in text("outcome", none, named, chosen)
    alone = per_segment([700], name=pd.array(["All customers"], "string"))
    assert "one segment" in text("outcome", none, alone, chosen)


@pytest.mark.parametrize(("agreement", "degree"), [(0.2, "little"), (0.48, "moderate"), (0.7, "strong")])
def test_the_usual_rules_are_graded_by_their_agreement(agreement, degree):
    pairs = pd.DataFrame(
        {"one": ["k-means"], "other": ["RFM rules"], "segments_other": [11], "agreement": [agreement]}
    )
    said = text("usual_rules", pairs)
    assert "11 segments" in said and degree in said and f"{agreement:.2f}" in said
    assert text("usual_rules", pairs.assign(other="ward")) == ""
    assert text("usual_rules", pairs.head(0)) == ""


# Small cells


def test_the_smallest_segment_of_a_candidate_is_suppressed_when_it_has_too_few_customers():
    cells = shown(candidates(), resamples=40)
    assert [row[6] for row in cells] == ["40%", "20%", "suppressed"]
    assert [row[2] for row in cells] == ["next best", "chosen", "–"]


def test_shares_of_a_segment_are_coarsened_when_they_reveal_few_customers():
    table = per_segment([200, 500], exchanged=[0.01, 0.2], border=[0.98, 0.3])
    gates = declared(table.assign(compared=[100, 250], disputed=[0.02, 0.4]), "segment_stability")
    assert [row[4:6] for row in shown(gates, "gates")] == [["under 5%", "under 10%"], ["20%", "40%"]]
    assert [row[-1] for row in shown(table)] == ["over 95%", "30%"]
    assert table.exchanged.tolist() == [0.01, 0.2]  # what the run keeps is the true figure


def test_streams_are_rounded_and_left_out_when_they_have_too_few_customers():
    streams = pd.DataFrame(
        {
            "k": [2, 2, 3, 3, 3, 3],
            "source": [-1, -1, 0, 0, 1, 1],
            "part": [0, 1, 0, 1, 1, 2],
            "customers": [212, 57, 209, 3, 45, 12],
            "whole": [212, 57, 209, 48, 48, 12],
            "stability": [0.9, 0.9, 0.9, 0.7, 0.7, 0.5],
        }
    )
    got = readings.shown_streams(streams, LEAST)
    assert got[["k", "source", "part", "customers", "whole"]].to_numpy().tolist() == [
        [2, -1, 0, 220, 220],
        [2, -1, 1, 60, 60],
        [3, 0, 0, 200, 200],
        [3, 1, 1, 40, 40],
        [3, 1, 2, 20, 20],
    ]
    ax = draw_flow(streams, candidates(), TERMS)
    assert behind(ax) >= LEAST
    assert text("flow", streams, candidates()) == "3 segments: 2 segments are not stable."
    assert draw_flow(streams[streams.k == 2], candidates(), TERMS) is None


def test_a_segment_is_drawn_without_streams_when_each_of_them_is_too_small():
    streams = pd.DataFrame(
        {"k": 3, "source": [0, 1], "part": 2, "customers": [8, 8], "whole": 16, "stability": 0.9}
    )
    got = readings.shown_streams(streams, LEAST)
    assert got.source.tolist() == [-1] and got.customers.isna().all() and got.whole.tolist() == [20]


def opinions(yes: list[int], n: int = 400) -> tuple[pd.DataFrame, pd.DataFrame]:
    pairs = pd.DataFrame({"one": ["k-means"], "other": ["ward"], "agreement": [0.83]})
    k = len(yes)
    return pairs, pd.DataFrame({"segment": range(1, k + 1), "compared": n, "disputed": np.array(yes) / n})


def test_customers_whom_most_methods_place_elsewhere_are_named_as_a_share():
    said = text("second_opinions", *opinions([40, 20, 0]))
    assert "ward" in said and "0.83" in said
    assert "**5%**" in said and "segment 1 (10%)" in said
    assert "%" not in text("second_opinions", *opinions([0, 0]))


def test_the_total_of_disputed_customers_is_left_out_when_it_would_reveal_few():
    said = text("second_opinions", *opinions([40, 3, 0]))
    assert "**" not in said and "segment 1 (10%)" in said  # 43 less 40 would be 3
    few = text("second_opinions", *opinions([3, 0, 0]))
    assert "**under 1%**" in few and "under 3%" in few  # at most 12, at most 12


def test_cells_of_the_rfm_figure_are_empty_when_they_hold_few_or_would_reveal_them():
    counts = pd.DataFrame({"Lost": [4, 0], "New": [96, 60], "Loyal": [100, 40]}, index=[1, 2])
    ax = rfm_rules(counts, pd.DataFrame(), TERMS)
    drawn = [t.get_text() for t in ax.texts]
    assert drawn == ["50%", "0%", "60%", "40%"]
    assert behind(ax) == 40
    with under(TERMS):
        assert "need transactions" in report.figure("rfm_rules", counts.head(0), pd.DataFrame())


def test_segments_of_too_few_customers_are_neither_drawn_nor_listed():
    table = per_segment([500, 4])
    assert [row[1] for row in shown(table)] == ["500", "suppressed"]
    assert text("stability", table) == "segment 1: 0.90."
    assert len(stability(table, TERMS).patches) == 1
    assert stability(table.tail(1), TERMS) is None


def test_roles_of_features_are_written_out():
    table = pd.DataFrame(
        {
            "feature": ["age", "x", "orders", "y"],
            "segmentation": [False, False, True, False],
            "basis": ["demographic", "value", "value", "purchase_cycle"],
            "why": ["protected attribute", "redundant", "", "missing"],
            "missing": [0.0, 0.0, 0.0, 0.99],
            "customers": 500,
            "twin": [None, "orders", None, None],
        }
    )
    cells = shown(declared(table, "variables"))
    assert cells[0] == ["Orders", "value", "segmentation variable"]
    roles = {row[0]: row[2] for row in cells}
    assert "redundant with orders" in roles["x"] and "protected attribute" in roles["Age"]
    assert "over 98%" in roles["y"]


# The page without anything to show


def test_nothing_is_shown_of_tables_that_are_missing_or_empty():
    with under(TERMS):
        assert report.table(None) == ""
        assert report.say("candidates", None) == ""
        assert "no other opinion" in report.figure("agreement", pd.DataFrame(), pd.DataFrame())
        assert report.table(per_segment([10]).head(0)) == ""


def quoted(said: str) -> tuple[str, float, float | None]:
    """The comparison that a verdict sentence makes: its word, the own value, and that of reference data."""
    if found := re.search(r"is (-?[\d.]+), as on reference data", said):
        return "as", float(found[1]), None
    if found := re.search(r"is (-?[\d.]+), and (-?[\d.]+) on reference data", said):
        return "and", float(found[1]), float(found[2])
    found = re.search(r"is (-?[\d.]+), (less|not clearly more) than on reference data \((-?[\d.]+)\)", said)
    return found[2], float(found[1]), float(found[3])


@pytest.mark.parametrize("sentence", ["reason", "reason_in_brief"])
@pytest.mark.parametrize("word", ["natural", "reproducible", "constructive"])
def test_the_comparison_that_a_verdict_quotes_agrees_with_its_word_and_its_numbers(sentence, word):
    rng = np.random.default_rng(0)
    for _ in range(300):
        expected = float(rng.choice([rng.uniform(-0.2, 1), rng.uniform(0, 4)]))
        gap = float(rng.choice([rng.uniform(0.0175, 1), rng.uniform(0.0175, 0.03)]))
        if word == "constructive":
            gap = float(rng.choice([0.0, rng.uniform(-0.5, 0.02), rng.uniform(-1e-3, 1e-3)]))
        given = verdict(word, own=expected + gap, expected=expected, overlap=0.01)
        says, own, other = quoted(text(sentence, given))
        assert own == pytest.approx(given.own, abs=0.006)
        if says == "as":
            assert word == "constructive"
            assert abs(gap) < 0.01
            continue
        assert other == pytest.approx(expected, abs=0.006)
        assert own != other
        assert (own > other) == (given.own > expected) == (says != "less")
        assert word == "constructive" or own > other


@pytest.mark.parametrize(("weakest", "smallest"), [(0.7, 0.2), (0.9, 0.004)])
def test_without_segments_the_reason_is_the_test_that_failed_and_nothing_else(weakest, smallest):
    said = text("reason", verdict("none", weakest=weakest, smallest=smallest))
    assert ("stability" in said) == (weakest < 0.75)
    assert "reference data" not in said


def test_segments_that_do_not_differ_in_a_battery_get_no_sentence_on_it():
    row = {"items": 6, "lowest": 0.5, "highest": 0.5, "customers": 300, "ipsatised": False}
    alike = declared(pd.DataFrame([row | {"level_share": np.nan, "pattern_share": np.nan}]), "battery")
    assert text("battery", alike) == ""
    sorts = declared(pd.DataFrame([row | {"level_share": 0.9, "pattern_share": 0.1}]), "battery")
    assert "only sort respondents" in text("battery", sorts)
    assert "90%" in text("battery", sorts)
