"""Whatever a portrait compares agrees with the profile behind it: statistic, direction and number."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest

from seglib.report.context import Context
from seglib.report.profiles import figures_of

TRAIT = re.compile(r"([^,(:.;]+?) \((?:(median|mean|share) )?([^()]+?)(?:, all customers| vs) ([^()]+?)\)")


def compared(portrait: str) -> list[tuple[str, str, str, str]]:
    """List what a portrait compares: words, statistic (of the first of a list), here, everywhere."""
    return [tuple(m) for m in TRAIT.findall(portrait)]


def test_comparisons_are_read_from_a_portrait():
    text = "What sets them apart: many orders (median 20, all customers 10) and high spend (£9 vs £5). A mean of £3."
    assert compared(text) == [(" many orders", "median", "20", "10"), (" and high spend", "", "£9", "£5")]


def test_every_comparison_of_a_portrait_is_a_row_of_the_profiles(finished_shop):
    terms = Context("assess", "GBP", 10)
    profiles, portraits = finished_shop.table("profiles"), finished_shop.table("portraits")
    everyone = profiles.drop_duplicates(["segment", "feature"]).groupby("feature").known.sum()
    profiles = profiles.assign(everyone=profiles.feature.map(everyone))
    found = 0
    for portrait in portraits.itertuples():
        own = profiles[(profiles.segment == portrait.segment) & profiles.stands_out]
        known = {row.words: row for row in own.itertuples()}
        for words, statistic, here, everywhere in compared(portrait.portrait):
            row = next((r for w, r in known.items() if words.strip().removeprefix("and ") == w), None)
            if row is None or "who" in words:
                continue
            found += 1
            sides = figures_of(row, terms)
            mirrored = row.words.startswith("mostly") and row.distance < 0
            if not mirrored:
                assert (here, everywhere) == sides, (words, here, everywhere, sides)
            assert statistic in ("", row.statistic)
            more = row.typical > row.overall or (row.typical == row.overall and row.distance > 0)
            assert more == (row.distance > 0), words
    assert found >= 2 * len(portraits)


@pytest.mark.parametrize("seed", range(3))
def test_the_direction_of_words_is_that_of_the_numbers(seed):
    from seglib.assess.naming.phrases import phrase

    rng = np.random.default_rng(seed)
    words = pd.DataFrame(
        {"label": ["Spend"], "level": ["ratio"], "unit": [""], "high": [""], "low": [""]}, ["x"]
    )
    for distance in rng.normal(size=20):
        row = pd.Series({"feature": "x", "answer": None, "typical": 1.0, "distance": distance})
        assert phrase(row, words) == ("high spend" if distance > 0 else "low spend")
