"""The data dictionary: equal to the code, and whole."""

from __future__ import annotations

import re

from seglib.catalogue import declared
from seglib.catalogue.document import markdown


def test_the_document_equals_the_declarations(root):
    assert (root / "docs" / "tables.md").read_text(encoding="utf-8") == markdown(), "run make schema"


def test_every_table_and_column_is_in_the_document():
    text = markdown()
    assert re.findall(r"^### (\w+)$", text, flags=re.M) == [t.name for t in declared()]
    rows = re.findall(r"^\| `(.+?)`", text, flags=re.M)
    assert rows == [column for t in declared() for column in t.columns]


def test_nothing_in_the_document_is_left_to_be_written():
    assert "TODO" not in markdown()
