"""Audiences that no advertising platform may receive."""

from __future__ import annotations

import pandas as pd
import pytest
from hostile_exports import plays

from seglib.implement import sensitive
from seglib.implement.sensitivity import topic


@pytest.mark.parametrize(
    ("text", "matter"),
    [("high income", "finance"), ("deep in debt", "finance"), ("Einkommen hoch", "finance"), ("kredite", "finance"),
     ("hipoteca", "finance"), ("mostly diabetic", "health"), ("with a diagnosis", "health"), ("women over 60", "gender"),
     ("older, age 60 to 70", "age"), ("Muslim customers", "religion"), ("Large baskets, few visits", ""),
     ("credit card payers", ""), ("gift season", ""), ("New customers", ""), ("Many returns, mostly on discount", "")],
)  # fmt: skip
def test_a_name_tells_of_a_sensitive_matter(text, matter):
    assert topic(text) == matter


def profiles(*features: tuple[str, bool]) -> pd.DataFrame:
    return pd.DataFrame([{"feature": f, "label": f, "segmentation": s} for f, s in features])


def test_what_forms_the_segments_makes_all_of_them_sensitive_and_what_describes_them_none():
    names = {1: "Silent", 2: "Loyal", 3: "New"}
    assert sensitive(profiles(("recency", True), ("income", False)), names, plays()) == {}
    assert set(sensitive(profiles(("income", True)), names, plays())) == {1, 2, 3}
    assert set(sensitive(profiles(("union", True)), names, plays(), ["union"])) == {1, 2, 3}


def test_a_name_makes_its_own_segment_sensitive():
    names = {1: "High income, few visits", 2: "Loyal", 3: "New"}
    found = sensitive(profiles(("recency", True)), names, plays())
    assert set(found) == {1}
    assert "finance" in found[1]
