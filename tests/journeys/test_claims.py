"""Every number in a generated sentence is in the tables of its run, in the rows of the segment that it is about."""

from __future__ import annotations

import pytest
from claims import Claim, Evidence, claims, disagreeing, tokens, written


def test_numbers_of_sentences_are_read_without_dates():
    said = "On 3 May 2025 £1.26 m (38%, 1,204 of 2,000) and −0.5 more, 10k by 2025-09-01."
    assert [token for _, token in tokens(said)] == ["1.26 m", "38%", "1,204", "2,000", "0.5", "10k"]


@pytest.mark.parametrize(
    ("value", "way"),
    [(0.384, "38%"), (0.384, "38.4%"), (18532, "18,532"), (8278519.4, "8.28 m"), (-2.14, "2.1")],
)
def test_a_number_is_known_in_every_way_of_writing_it(value, way):
    assert way in written(value, "GBP")


def test_every_number_in_a_sentence_is_in_the_tables(finished_shop):
    assert len(list(claims(finished_shop.store))) > 60
    assert disagreeing(finished_shop.store) == []


def test_sentences_about_the_wrong_segment_are_found_out(finished_shop):
    evidence = Evidence.of(finished_shop.store)
    segments = sorted(evidence.tables["portraits"].segment)
    turned = dict(zip(segments, segments[1:] + segments[:1], strict=True))
    false = Evidence(evidence.store, evidence.tables, evidence.currency, evidence.texts, turned)
    about = [c for c in claims(finished_shop.store) if evidence.quotes_a_segment(c)]
    assert len(about) > 30
    assert sum(bool(false.unsupported(c)) for c in about) > 0.5 * len(about)
    name = next(iter(evidence.names))
    # no share is so large, so that no bound of another table is by chance the same number
    assert evidence.unsupported(Claim("index", f"{name} brings 873.37% of value.")) == ["873.37%"]
