"""Batteries of items, and the level of agreement that goes through all of them."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib import estimators, segment

FORMS = {
    "0 and 1": ("binary", lambda yes: yes.astype(float)),
    "yes and no": ("binary", lambda yes: pd.Series(np.where(yes, "Yes", "No"))),
    "five points": ("ordinal", lambda yes: np.where(yes, 5.0, 2.0)),
}


def respondents(form: str, kind: str, n: int = 1200, items: int = 8, seed: int = 0):
    """Draw answers of two groups that differ in how much they say yes to, or in what."""
    rng = np.random.default_rng(seed)
    group = rng.integers(0, 2, n)
    likely = np.where(group[:, None] == 1, 0.8, 0.3) * np.ones(items)
    if kind == "pattern":
        turned = np.arange(items) % 2 == 1
        likely = np.where(turned, 1.1 - likely, likely)
    yes = rng.random((n, items)) < likely
    level, coded = FORMS[form]
    rows = pd.DataFrame({f"q{j}": coded(column) for j, column in enumerate(yes.T)})
    if level == "ordinal":
        rows.iloc[0], rows.iloc[1] = 1.0, 5.0
    return rows, dict.fromkeys(rows, level), pd.Series(group + 1)


@pytest.mark.parametrize("form", FORMS)
def test_what_differs_is_the_level_or_the_pattern(form):
    for kind, share in (("level", 1.0), ("pattern", 0.0)):
        rows, levels, group = respondents(form, kind)
        items = segment.battery(rows, levels)
        assert items == list(rows)
        row = segment.level_of_agreement(rows, items, group).iloc[0]
        assert row.level_share == pytest.approx(share, abs=0.05)
        assert row.level_share + row.pattern_share == pytest.approx(1)


@pytest.mark.parametrize("form", FORMS)
def test_the_level_is_taken_out_and_the_pattern_stays(form):
    for kind, kept in (("level", False), ("pattern", True)):
        rows, levels, group = respondents(form, kind)
        plan = estimators.plan(rows, levels, battery=list(rows))
        made = estimators.preparation(plan).fit_transform(rows)
        assert list(made) == list(rows)
        apart = made.groupby(group).mean().diff().abs().iloc[-1]
        assert (apart > 0.5).all() if kept else (apart < 0.25).all()


def test_random_groups_differ_in_neither():
    rows, _, _ = respondents("0 and 1", "level")
    chance = pd.Series(np.random.default_rng(1).integers(1, 3, len(rows)))
    row = segment.level_of_agreement(rows, list(rows), chance).iloc[0]
    assert row.highest - row.lowest < 0.06


def test_columns_of_other_answers_are_no_items():
    rows, levels, _ = respondents("five points", "level", items=5)
    rows["age"], levels["age"] = np.linspace(18, 80, len(rows)), "ratio"
    rows["ten"], levels["ten"] = np.tile(np.arange(1.0, 11), 120), "ordinal"
    assert segment.battery(rows, levels) == [f"q{j}" for j in range(5)]
    assert segment.battery(rows.drop(columns="q0"), levels) == []
