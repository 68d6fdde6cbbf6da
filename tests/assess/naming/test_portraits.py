"""Portraits of segments: true numbers, bounded where they would reveal few, and no single customer."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib.assess import description
from seglib.assess.naming import portraits
from seglib.assess.naming.leading import leading_features
from seglib.assess.segments import Segments
from seglib.report import layouts, worded
from seglib.report.context import Context, under
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


def segmented(
    features: pd.DataFrame,
    segments: pd.Series,
    forms: tuple[str, ...] = ("orders", "spend"),
    fewest: int = 10,
) -> Segments:
    customers = pd.DataFrame({"customer": range(len(features)), "segment": segments, "margin": 0.5})
    rows = features.assign(customer=range(len(features)))
    return Segments.of(rows, customers, CATALOGUE.assign(protected=False), list(forms), fewest=fewest)


def portrayed(
    features: pd.DataFrame,
    segments: pd.Series,
    forms: tuple[str, ...] = ("orders", "spend"),
    **value: object,
) -> pd.DataFrame:
    people = segmented(features, segments, forms)
    profile = description.profiles(people, 0.3)
    samples = description.resampled(people, profile, 0)
    unnamed = pd.DataFrame({"segment": people.names, "name": None})
    named, _ = description.named(people, profile, samples, unnamed, {})
    sizes = segments.value_counts().sort_index()
    worth = pd.DataFrame(
        {"segment": sizes.index, "customers": sizes.to_numpy(), "share": sizes.to_numpy() / len(segments)}
    )
    worth = worth.assign(risk_known=sizes.to_numpy(), **value)
    evidence, nearest = description.portrayed(people, profile, samples, "value" in worth)
    with under(Context("assess", "GBP", 10)):
        return worded("portraits", named, evidence, nearest, worth, people)


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
    assert club > 0.9  # of fewer than 10 who are not: the share is bounded, and not left out
    own = got.portrait[1]
    for text in (
        "100 customers, 33% of all",
        f"many orders (median {here.orders:.0f}, all customers {everywhere.orders:.0f})",
        f"high spend ({money(here.spend, 'GBP')} vs {money(everywhere.spend, 'GBP')})",
        f"mostly at weekends ({share(here.weekend)} vs {share(everywhere.weekend)})",
        f"older ({here.age:.0f} years vs {everywhere.age:.0f} years)",
        f"club members (over 90% vs {share(all_club)})",
        f"{share(spent[0] / spent.sum())} of the value",
        f"a mean of {money(spent[0] / 100, 'GBP')} per customer",
        f"all customers: {money(spent.sum() / 300, 'GBP')}",
        "None of them is at risk",
    ):
        assert text in own
    rest = features[100:]
    kept = (rest.club == "No").mean()
    assert f"no club members ({share(kept)} vs {share(1 - all_club)})" in got.portrait[2]
    assert f"mostly on weekdays ({share(1 - rest.weekend.median())} vs " in got.portrait[2]
    assert "40% of them are at risk" in got.portrait[2]


def test_a_portrait_says_no_share_of_value_where_a_share_means_nothing():
    got = portrayed(
        *shop(), value=[-5.0, 9.0], value_share=np.nan, value_per_customer=[-0.05, 0.045]
    ).portrait
    assert "of the value" not in got[0]
    assert "unknown" not in got[0]
    assert "a mean of −£0.05 per customer" in got[0]


def test_what_they_do_is_said_where_nothing_is_known_of_what_they_bring():
    got = portrayed(*shop(), forms=("club", "age")).portrait[0]
    does = got.split("What they do: ")[1]
    assert all(words in does for words in ("mostly at weekends", "many orders", "high spend"))
    assert "other ways" not in got  # nothing else stands out, and nothing is claimed of what does not
    assert "assess.value" in got


def test_of_too_few_customers_nothing_is_said():
    features, segments = shop()
    segments = pd.Series(np.r_[[1] * 8, [2] * 292])
    got = portrayed(features, segments).set_index("segment")
    assert not any(c.isdigit() for c in got.portrait[1])
    assert got.typical[1] == ""


def test_the_share_at_risk_is_bounded_where_it_would_reveal_few():
    features, segments = shop()
    got = portrayed(
        features,
        segments,
        value=[1.0, 1.0],
        value_share=[0.5, 0.5],
        value_per_customer=[0.01, 0.005],
        at_risk=[0.05, 0.4],
    ).portrait
    assert "Under 10% of them are at risk" in got[0]  # 5 of 100
    assert "40% of them are at risk" in got[1]


def test_the_composite_customer_describes_no_single_one():
    """It is a rounded median of the twenty nearest: one of them may change entirely and the composite stays."""
    features, segments = shop()
    got = portrayed(features, segments)
    people = segmented(features, segments)
    profile = description.profiles(people, 0.3)
    near = portraits.typical(people, profile, leading_features(profile, people.shown))
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


@pytest.mark.parametrize(("n", "fewest", "want"), [(60, 10, 20), (60, 40, None), (12, 10, None)])
def test_no_typical_customer_of_too_few(n, fewest, want):
    features, segments = shop(n)
    people = segmented(features, segments, fewest=fewest)
    profile = description.profiles(people, 0.3)
    near = portraits.typical(people, profile, leading_features(profile, people.shown))
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
    terms = Context(labels={"spend": "Net value"})
    assert layouts.LAYOUTS["portraits"](table, terms).shown.tolist() == ["Stars (High spend)", "Low spend"]
    assert layouts.LAYOUTS["portraits_names"](table, terms).because.tolist() == ["Net value"] * 2
