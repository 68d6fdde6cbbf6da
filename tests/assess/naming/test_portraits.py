"""Portraits of segments: three sentences, true numbers, nobody's own row."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib.assess import summary as assess
from seglib.assess.naming import distances, names, phrases, portraits
from seglib.assess.naming.speaking import speaking
from seglib.report import layouts, readings
from seglib.report.words import money, share

CATALOGUE = pd.DataFrame(
    [
        {
            "feature": "orders",
            "label": "Orders",
            "level": "ratio",
            "unit": "orders",
            "basis": "behavioural",
            "high": "many orders",
            "low": "few orders",
        },
        {
            "feature": "spend",
            "label": "Spend",
            "level": "ratio",
            "unit": "GBP",
            "basis": "value",
            "high": "high spend",
            "low": "low spend",
        },
        {
            "feature": "weekend",
            "label": "Weekend share",
            "level": "ratio",
            "unit": "share",
            "basis": "behavioural",
            "high": "mostly at weekends",
            "low": "mostly on weekdays",
        },
        {
            "feature": "age",
            "label": "Age",
            "level": "ratio",
            "unit": "years",
            "basis": "demographic",
            "high": "older",
            "low": "younger",
        },
        {
            "feature": "club",
            "label": "Club",
            "level": "binary",
            "unit": "",
            "basis": "psychographic",
            "high": "club members",
            "low": "no club members",
        },
    ]
)


def shop(n: int = 300, seed: int = 0) -> tuple[pd.DataFrame, pd.Series]:
    rng = np.random.default_rng(seed)
    segments = pd.Series(np.repeat([1, 2], [n // 3, n - n // 3]))
    first = segments == 1
    features = pd.DataFrame(
        {
            "orders": rng.poisson(np.where(first, 20, 10)).astype(float),
            "spend": rng.normal(np.where(first, 900, 500), 200),
            "weekend": rng.beta(np.where(first, 7, 3), np.where(first, 3, 7)),
            "age": rng.normal(np.where(first, 60, 30), 15),
            "club": np.where(rng.random(n) < np.where(first, 0.9, 0.2), "Yes", "No"),
        }
    )
    return features, segments


def portrayed(
    features: pd.DataFrame,
    segments: pd.Series,
    min_cell: int = 10,
    forms: tuple[str, ...] = ("orders", "spend"),
    **value: object,
) -> pd.DataFrame:
    words = phrases.worded(assess.with_roles(CATALOGUE, list(forms)), {})
    known = features.assign(segment=segments, margin=0.5)
    profile = assess.described_profiles(known, CATALOGUE, list(forms), 0.3, min_cell)
    again = distances.drawn(features, segments, distances.traits(profile))
    named, _ = names.with_own(names.names(profile, words, again), {})
    listed = speaking(profile, words, again)
    sizes = segments.value_counts().sort_index()
    worth = pd.DataFrame(
        {"segment": sizes.index, "customers": sizes.to_numpy(), "share": sizes.to_numpy() / len(segments)}
    )
    worth = worth.assign(**value)
    evidence = portraits.evidence(listed, words, "value" in worth)
    nearest = portraits.typical(features, segments, profile, listed, words, min_cell)
    return readings.portraits(named, evidence, nearest, worth, words, "GBP", min_cell)


def test_a_portrait_says_who_what_else_and_what_they_bring():
    features, segments = shop()
    spent = features.spend.groupby(segments).sum().to_numpy()
    got = portrayed(
        features,
        segments,
        value=spent,
        value_share=spent / spent.sum(),
        value_per_customer=spent / [100, 200],
        at_risk=[0.0, 0.4],
    ).set_index("segment")
    here, everywhere = features[:100].median(numeric_only=True), features.median(numeric_only=True)
    club, all_club = ((rows.club == "Yes").mean() for rows in (features[:100], features))
    assert club > 0.9  # of fewer than 10 who are not: said is the nearest share that gives nobody away
    assert got.portrait[1] == (
        f"100 customers, 33% of all; what sets them apart: many orders ({here.orders:.0f} against "
        f"{everywhere.orders:.0f} among all customers) and high spend ({money(here.spend, 'GBP')} against "
        f"{money(everywhere.spend, 'GBP')}). What else tells them from others: mostly at weekends "
        f"({share(here.weekend)} against {share(everywhere.weekend)}), older ({here.age:.0f} years against {everywhere.age:.0f} years) and club members "
        f"(90% against {share(all_club)}). They bring {share(spent[0] / spent.sum())} of the "
        f"value, {money(spent[0] / 100, 'GBP')} each, where the average customer brings {money(spent.sum() / 300, 'GBP')}; "
        "none of them is at risk."
    )
    rest = features[100:]
    moved = (features.club[:100] == "Yes").sum() - 90
    kept = ((rest.club == "No").sum() - moved) / 200
    assert f"no club members ({share(kept)} against {share(1 - all_club)})" in got.portrait[2]
    assert f"mostly on weekdays ({share(1 - rest.weekend.median())} against " in got.portrait[2]


def test_what_they_do_is_said_where_nothing_is_known_of_what_they_bring():
    got = portrayed(*shop(), forms=("club", "age")).portrait[0]
    does = got.split("What they do: ")[1]
    assert all(words in does for words in ("mostly at weekends", "many orders", "high spend"))
    assert "Nothing else that is known tells them apart." in got
    assert got.endswith(
        "what they bring is not known without transactions or a feature named by assess.value."
    )


def test_of_too_few_customers_nothing_is_said():
    features, segments = shop()
    segments = pd.Series(np.r_[[1] * 8, [2] * 292])
    got = portrayed(features, segments).set_index("segment")
    assert got.portrait[1] == "Fewer than 10 customers, of whom nothing is said."
    assert got.typical[1] == ""


def test_no_share_at_risk_is_said_of_few():
    features, segments = shop()
    got = portrayed(
        features,
        segments,
        value=[1.0, 1.0],
        value_share=[0.5, 0.5],
        value_per_customer=[0.01, 0.005],
        at_risk=[0.05, 0.4],
    ).portrait
    assert "at risk" not in got[0]
    assert "40% of them are at risk" in got[1]


def test_the_typical_customer_is_nobody():
    """It is a rounded median of the twenty nearest: one of them may change entirely and nothing is told of it."""
    features, segments = shop()
    got = portrayed(features, segments)
    words = phrases.worded(assess.with_roles(CATALOGUE, ["orders", "spend"]), {})
    profile = assess.described_profiles(
        features.assign(segment=segments), CATALOGUE, ["orders", "spend"], 0.3, 10
    )
    near = portraits.typical(features, segments, profile, speaking(profile, words), words, 10)
    assert near.behind.min() >= 20
    values = near[near.segment == 1].set_index("feature").value
    assert values.spend == pytest.approx(900, abs=60)
    assert values.orders == pytest.approx(20, abs=2)
    assert values.spend % 10 == 0
    assert got.typical[0] == f"Orders about {values.orders:.0f}; spend about £{values.spend:.0f}."
    changed = features.copy()
    centre = features[["orders", "spend"]][:100].mean()
    far = (
        ((features[["orders", "spend"]][:100] - centre) / features[["orders", "spend"]].std())
        .pow(2)
        .sum(axis=1)
    )
    changed.loc[far.idxmin(), "spend"] += 1
    again = portrayed(changed, segments)
    assert again.typical[0] == got.typical[0]


@pytest.mark.parametrize(("n", "min_cell", "want"), [(60, 10, 20), (60, 40, None), (12, 10, None)])
def test_no_typical_customer_of_too_few(n, min_cell, want):
    features, segments = shop(n)
    words = phrases.worded(assess.with_roles(CATALOGUE, ["orders", "spend"]), {})
    profile = assess.described_profiles(
        features.assign(segment=segments), CATALOGUE, ["orders", "spend"], 0.3, 1
    )
    near = portraits.typical(features, segments, profile, speaking(profile, words), words, min_cell)
    first = near[near.segment == 1].behind
    assert (first.min() if len(first) else None) == want


def test_renumbering_segments_moves_portraits_only():
    features, segments = shop()
    segments = pd.Series(np.where(np.arange(300) % 3, segments, 3))
    one = portrayed(features, segments).set_index("segment")
    to = {1: 2, 2: 3, 3: 1}
    other = portrayed(features, segments.map(to)).set_index("segment")
    pd.testing.assert_frame_equal(one.rename(index=to).sort_index(), other)


def test_the_page_shows_own_and_generated_names():
    table = pd.DataFrame(
        {
            "segment": [1, 2],
            "name": ["High spend", "Low spend"],
            "because": ["spend", "spend"],
            "given_name": pd.Series(["Stars", None], dtype="string"),
            "name_stability": [1.0, 0.9],
            "portrait": ["a", "b"],
            "typical": ["", ""],
        }
    )
    got = layouts.portraits(table, {1: "Stars", 2: "Low spend"})
    assert got["name"].tolist() == ["Stars (High spend)", "Low spend"]
    assert layouts.named(table, {"spend": "Net value"}).because.tolist() == ["Net value"] * 2
    assert list(layouts.named(table, {})) == ["given_name", "name", "because", "name_stability"]
    assert list(layouts.named(table.assign(given_name=None), {})) == ["name", "because", "name_stability"]
