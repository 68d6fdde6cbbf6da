"""What customers say: planted words and topics are found, and nothing personal or rare gets out."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest
from scipy import sparse

from seglib import report
from seglib.assess.behaviour import voice
from seglib.report import under
from seglib.report.context import Context

N = 400
ITEMS = {"satisfaction": "csat"}
TERMS = Context("assess", "GBP", 10, {1: "Keen", 2: "Cross"})


def spoken(seed: int = 0, extra: dict[int, str] | None = None) -> tuple[ibis.Table, ibis.Table]:
    """Both halves speak of delivery; the second of refunds too, and who does is less content."""
    rng = np.random.default_rng(seed)
    segment = np.repeat([1, 2], N // 2)
    refund = (segment == 2) & (rng.random(N) < 0.5)
    usual = rng.choice(
        ["quick delivery, nicely packed", "wide range of colours", "colours and range fine"], N
    )
    texts = np.where(refund, "my refund was slow", usual).astype(object)
    for row, text in (extra or {}).items():
        texts[row] = text
    score = np.where(refund, 3.0, 8.0) + rng.normal(size=N)
    answers = pd.DataFrame({"customer": range(N), "item": "csat", "score": score, "comment": texts})
    return ibis.memtable(answers), ibis.memtable(pd.DataFrame({"customer": range(N), "segment": segment}))


def test_planted_words_and_the_topic_of_the_discontented_are_found():
    got = voice.voice(*spoken(), ITEMS, 10)
    words = got.words[got.words.distinctive].groupby("segment").word.agg(set)
    assert words[2] == {"refund", "slow"}
    assert not words.get(1, set()) & {"refund", "slow"}
    everyone = got.topics[got.topics.segment.isna()]
    least = everyone.loc[everyone.difference.idxmin()]
    assert "refund" in least["words"]
    assert least.high < -4
    own = got.topics[(got.topics.topic == least.topic) & (got.topics.segment == 2)].iloc[0]
    refunds = got.words[(got.words.segment == 2) & (got.words.word == "refund")].iloc[0]
    assert own.raised == refunds.people
    with under(TERMS):
        said = report.say("voice", got)
        assert "refund" in said
        assert f"{least['mean']:.1f} on “csat”" in said


def test_log_odds_are_those_of_the_formula():
    counts = sparse.csr_matrix(np.array([[1, 0], [1, 1], [0, 1], [0, 1]], dtype=float))
    got = voice.distinctive(counts, np.array(["a", "b"]), np.array([1, 1, 2, 2])).set_index(
        ["segment", "word"]
    )
    prior = 500 * 2 / 5  # two of the five words are a
    odds = [np.log((y + prior) / (n + 500 - y - prior)) for y, n in ((2, 3), (0, 2))]
    assert got.log_odds[1, "a"] == pytest.approx(odds[0] - odds[1])
    assert got.z[1, "a"] == pytest.approx((odds[0] - odds[1]) / np.sqrt(1 / (2 + prior) + 1 / (0 + prior)))
    assert got.z[2, "a"] == pytest.approx(-got.z[1, "a"])


def test_where_all_say_the_same_no_word_is_distinctive():
    flagged = []
    for seed in range(20):
        responses, segments = spoken(seed)
        shuffled = segments.to_pandas()
        shuffled["segment"] = np.random.default_rng(seed).permutation(shuffled.segment)
        flagged.append(voice.voice(responses, ibis.memtable(shuffled), ITEMS, 10).words.distinctive.any())
    assert np.mean(flagged) <= 0.15


def test_nothing_personal_and_no_rare_word_is_counted():
    hostile = (
        "Anna Weiss anna@example.com +44 20 7946 0958 4111111111111111 https://a.example/x <script> quokka"
    )
    got = voice.voice(*spoken(extra=dict.fromkeys(range(0, 200, 8), hostile)), ITEMS, 10)
    words = set(got.words.word)
    assert "quokka" in words  # of enough customers
    assert not {w for w in words if any(c.isdigit() or c == "@" for c in w)}
    assert not words & {"anna", "example", "https", "com"}
    rare = voice.voice(*spoken(extra={0: "wombat", 1: "wombat wombat wombat"}), ITEMS, 10)
    assert "wombat" not in set(rare.words.word)


def test_words_that_few_of_a_segment_use_are_not_shown():
    with under(TERMS):
        responses, segments = spoken(extra=dict.fromkeys(range(9), "hedgehog feeders"))
        got = voice.voice(responses, segments, ITEMS, 2)
        shown = report.table(report.declared(got.words.assign(distinctive=True), "words"))
        assert "hedgehog" in set(got.words.word)
        assert "delivery" in shown
        assert "hedgehog" not in shown


@pytest.mark.parametrize("texts", [[None] * 60, ["", " "] * 30, ["123 456"] * 60, ["good"] * 12])
def test_without_comments_the_reason_is_said(texts):
    n = len(texts)
    responses = ibis.memtable(
        pd.DataFrame(
            {"customer": range(n), "item": "csat", "score": 1.0, "comment": pd.array(texts, "string")}
        )
    )
    segments = ibis.memtable(pd.DataFrame({"customer": range(n), "segment": [1, 2] * (n // 2)}))
    got = voice.voice(responses, segments, ITEMS, 10)
    assert got.reason
    assert got.words.empty
    assert got.topics.empty
    with under(TERMS):
        assert report.say("voice", got)
    bare = voice.voice(responses.drop("comment"), segments, {}, 10)
    assert bare.reason == "no comments"
