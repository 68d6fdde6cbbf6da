"""The glossary for readers and the one that pages show are the same."""

from __future__ import annotations

import re

import yaml
from projects import ROOT

PAGES = ROOT / "seglib" / "report" / "templates" / "pages"


def terms() -> dict[str, str]:
    return yaml.safe_load((PAGES / "glossary.yaml").read_text(encoding="utf-8"))


def paragraphs() -> dict[str, str]:
    text = (ROOT / "docs" / "glossary.md").read_text(encoding="utf-8")
    return dict(re.findall(r"^\*\*(.+?)\*\*: (.+)$", text, flags=re.M))


def test_both_glossaries_define_the_same_terms_in_the_same_words():
    assert set(terms()) == set(paragraphs())
    assert [t for t, words in terms().items() if not paragraphs()[t].startswith(words)] == []


def test_every_definition_is_one_sentence():
    for term, words in terms().items():
        assert words.endswith("."), term
        assert not re.search(r"[.!?] [A-Z]", words), term


def test_terms_stand_in_alphabetical_order_in_the_glossary_for_readers():
    assert list(paragraphs()) == sorted(paragraphs(), key=str.lower)
