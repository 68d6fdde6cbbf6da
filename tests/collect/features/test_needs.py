"""Needs: stated, weighed, met, and asked for."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib import segment
from seglib.collect import features
from seglib.collect.features import Settings
from seglib.collect.features.needs import share_of_needs_met, stated_needs
from seglib.errors import DataError

AS_OF = dt.date(2024, 6, 1)
NEEDS = {
    "speed": {"importance": "fast", "met": "was fast"},
    "price": {"importance": "cheap", "met": "was cheap"},
    "advice": {"importance": "advised"},
}
SCALES = {"five": {"basis": "needs", "items": ["fast", "cheap", "was fast", "was cheap"], "range": [1, 5]}}
WIDE = pd.DataFrame(
    {
        "fast": [5, 3, 1, 5],
        "was fast": [3, 2, 5, None],
        "cheap": [2, 3, 1, 5],
        "was cheap": [1, 5, 1, 2],
        "advised": [1, 2, 3, 4],
    },
    index=[1, 2, 3, 4],
)


def responses(wide: pd.DataFrame) -> ibis.Table:
    long = (
        wide.rename_axis("customer")
        .reset_index()
        .melt("customer", var_name="item", value_name="score")
        .dropna()
    )
    return ibis.memtable(long.astype({"score": "float64"}))


def derived(tables: dict[str, ibis.Table], **more: object):
    found = features.derived("needs", tables, Settings(AS_OF, **more))
    made = found.frames[0]
    for frame in found.frames[1:]:
        made = made.merge(frame, on="customer", how="outer")
    return made.set_index("customer"), found


def missing_is_none(column: pd.Series) -> dict:
    return {k: None if pd.isna(v) else v for k, v in column.to_dict().items()}


def test_the_share_of_needs_met_is_weighed_by_importance():
    got, found = derived({"responses": responses(WIDE)}, needs=NEEDS, scales=SCALES)
    # 1: speed matters 4 and is met (3 is the middle), price matters 1 and is not
    assert missing_is_none(got.share_of_needs_met) == {1: 0.8, 2: 0.5, 3: None, 4: 0.0}
    assert len(found.remarks) == 1  # of the scale's alpha
    assert got.advised.to_dict() == {1: 1.0, 2: 2.0, 3: 3.0, 4: 4.0}


def test_without_a_scale_the_range_is_that_of_the_answers():
    wide = WIDE[["fast", "was fast"]]
    got = share_of_needs_met(wide.rename_axis("customer").reset_index(), {"speed": NEEDS["speed"]}, {})
    assert missing_is_none(got.set_index("customer").share_of_needs_met) == {1: 0.0, 2: 0.0, 3: None, 4: None}


def test_items_of_a_need_that_nobody_answered_are_named():
    _, found = derived(
        {"responses": responses(WIDE)}, needs=NEEDS | {"calm": {"importance": "fast", "met": "quiet"}}
    )
    assert found.remarks == ("Needs: no customer answered quiet.",)


@settings(max_examples=40, deadline=None)
@given(st.lists(st.tuples(*[st.integers(1, 5)] * 4), min_size=1, max_size=9))
def test_the_share_lies_between_nothing_and_all(rows):
    scores = (
        pd.DataFrame(rows, columns=["fast", "was fast", "cheap", "was cheap"])
        .astype(float)
        .rename_axis("customer")
        .reset_index()
    )
    got = share_of_needs_met(scores, NEEDS, SCALES).share_of_needs_met
    assert got.dropna().between(0, 1).all()
    assert (got.isna() == ((scores.fast == 1) & (scores.cheap == 1))).all()
    better = share_of_needs_met(
        scores.assign(**{"was fast": 5.0, "was cheap": 5.0}), NEEDS, SCALES
    ).share_of_needs_met
    assert (better.dropna() == 1).all()


def test_best_worst_choices_are_counted_as_such():
    long = pd.DataFrame(
        {
            "customer": [1, 1, 1, 1, 2, 2],
            "item": ["price", "price", "speed", "look", "price", "look"],
            "score": [1.0, 0.0, -1.0, 0.0, -1.0, 1.0],
        }
    )
    got, entries = stated_needs(ibis.memtable(long))
    assert got.price.tolist() == [0.5, -1.0]
    assert all(e.meaning.startswith("best-worst score of ") for e in entries)
    rated = long.assign(score=long.score + 2)
    __, entries = stated_needs(ibis.memtable(rated))
    assert all(e.meaning.startswith("mean score of the survey item ") for e in entries)


def test_items_of_psychographic_scales_are_not_stated_needs():
    scales = {"attitude": {"basis": "psychographic", "items": list(WIDE)[:4], "range": [1, 5]}}
    got, _ = derived({"responses": responses(WIDE)}, scales=scales)
    assert got.columns.tolist() == ["advised"]
    needs = {"speed": NEEDS["speed"], "price": NEEDS["price"]}
    got, _ = derived({"responses": responses(WIDE)}, scales=scales, needs=needs)
    assert missing_is_none(got.share_of_needs_met) == {1: 0.8, 2: 0.5, 3: None, 4: 0.0}


def test_nothing_is_stated_where_all_items_are_told_elsewhere():
    scales = {"attitude": {"basis": "psychographic", "items": list(WIDE), "range": [1, 5]}}
    got, found = derived({"responses": responses(WIDE)}, scales=scales)
    assert got.columns.empty
    assert found.features == ()


def test_scales_of_needs_are_scored_and_their_items_describe():
    scales = {
        "quickness": {"basis": "needs", "items": ["fast", "was fast"], "reverse": ["fast"], "range": [1, 5]}
    }
    got, found = derived({"responses": responses(WIDE)}, scales=scales)
    assert got.quickness.to_dict() == {1: 2.0, 2: 2.5, 3: 5.0, 4: 1.0}
    rows = got.reset_index()
    forms = segment.variables(rows, features.catalogue(found.features, rows), ["needs"], [], 0.3)
    assert set(forms.feature[~forms.segmentation]) >= {"fast", "was fast"}
    assert forms.set_index("feature").segmentation["quickness"]


def test_support_contacts_of_a_year_are_counted():
    events = ibis.memtable(
        pd.DataFrame(
            {
                "customer": [1, 1, 1, 1, 2, 2],
                "type": ["Call", " complaint ", "visit", "ticket", "search", None],
                "time": pd.to_datetime(
                    ["2024-05-31", "2023-06-02", "2024-05-01", "2023-06-01", "2024-05-01", "2024-05-01"]
                ),
            }
        )
    )
    got, found = derived({"events": events})
    assert got.support_contacts.to_dict() == {1: 2, 2: 0}
    assert [f.feature for f in found.features] == ["support_contacts"]


def test_what_is_missing_is_named():
    gaps = (
        features.gaps(["needs"], {"responses": responses(WIDE)}, Settings(AS_OF)).set_index("feature").needs
    )
    assert gaps.to_dict() == {
        "Scales of needs": "scales",
        "Needs met": "needs",
        "Support contacts in a year": "events.type",
    }


@pytest.mark.parametrize(
    ("items", "message"),
    [
        ([f"i{i}" for i in range(61)], "61 different items with a score; from 1 to 60 are allowed"),
        (["a@x.example", "b"], "1 items hold an @"),
        ([None, None], "no row has an item and a score"),
    ],
)
def test_items_that_are_none_are_refused(items, message):
    long = pd.DataFrame({"customer": 1, "item": items, "score": 1.0})
    with pytest.raises(DataError, match=message):
        stated_needs(ibis.memtable(long))
