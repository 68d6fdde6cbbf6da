"""Names of segments: true, distinct, steady, and the same whatever the numbers are."""

from __future__ import annotations

import re

import numpy as np
import pandas as pd
import pytest
from customers_of_three import catalogue_of, described
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.assess import description
from seglib.assess.naming import distances, names, phrases
from seglib.assess.naming.leading import leading_features
from seglib.assess.naming.profiles import profiles
from seglib.assess.segments import Segments
from seglib.errors import ParamsError
from seglib.report.context import Context
from seglib.report.readings.assess import naming
from seglib.report.sentences import sentence
from seglib.segment.surrogate import segment_rules


def named(
    features: pd.DataFrame, segments: pd.Series, catalogue: pd.DataFrame, seed: int = 0
) -> pd.DataFrame:
    table = profiles(features, segments, catalogue, 0.3)
    again = distances.resampled(features, segments, distances.traits(table), seed=seed)
    return names.names(table, catalogue, again)


# What names say


def test_names_say_what_was_planted():
    got = named(*described()).set_index("segment")
    assert got["name"].to_dict() == {
        1: "High spend, seldom member",
        2: "York (town), seldom member",
        3: "Member, seldom york (town)",
    }
    assert got.because.to_dict() == {1: "spend, member", 2: "town, member", 3: "member, town"}
    assert (got.name_stability > 0.5).all()


def row(answer: str | None, distance: float, typical: float, other: str | None = None) -> pd.Series:
    return pd.Series(
        {"feature": "f", "answer": answer, "distance": distance, "typical": typical, "other": other}
    )


@pytest.mark.parametrize(
    ("answer", "distance", "typical", "want"),
    [
        ("Yes", 1.0, 0.9, "a member"),
        ("Yes", 1.0, 0.3, "more often a member"),
        ("Yes", -1.0, 0.1, "no member"),
        ("Yes", -1.0, 0.6, "less often a member"),
        ("No", 1.0, 0.9, "no member"),
        ("No", -1.0, 0.1, "a member"),
    ],
)
def test_yes_and_no_are_said_of_a_half_at_least(answer, distance, typical, want):
    words = catalogue_of(f="binary").set_index("feature").assign(high="a member", low="no member")
    assert phrases.phrase(row(answer, distance, typical), words) == want


@pytest.mark.parametrize(
    ("label", "high", "low", "want"),
    [
        ("Member", "", "", ["member", "seldom member"]),
        ("TV at home", "", "", ["TV at home", "seldom TV at home"]),
        ("Tasty", "find it tasty", "find it not tasty", ["find it tasty", "find it not tasty"]),
    ],
)
def test_yes_and_no_read_well_whatever_the_label_is(label, high, low, want):
    words = catalogue_of(f="binary").set_index("feature").assign(label=label, high=high, low=low)
    assert [phrases.phrase(row("Yes", d, s), words) for d, s in ((1.0, 0.8), (-1.0, 0.2))] == want


@pytest.mark.parametrize(
    ("answer", "distance", "typical", "want"),
    [
        ("app", 1.0, 0.9, "by app"),
        ("app", 1.0, 0.6, "mostly by app"),
        ("app", 1.0, 0.3, "more often by app"),
        ("app", -1.0, 0.1, "seldom by app"),
        ("app", -1.0, 0.4, "less often by app"),
        ("web", 1.0, 0.9, "on the web"),
        ("1", 1.0, 0.9, "by 1"),
    ],
)
def test_an_answer_is_named_as_far_as_its_share_allows(answer, distance, typical, want):
    words = catalogue_of(f="nominal").assign(high="by {answer}")
    words = phrases.with_answers(words, {"f": {"label": "x", "answers": {"web": "on the web"}}}).set_index(
        "feature"
    )
    assert phrases.phrase(row(answer, distance, typical), words) == want


def test_of_two_answers_the_one_that_is_given_is_said():
    words = catalogue_of(f="binary").set_index("feature")
    assert phrases.phrased(row("own servers", -1.0, 0.1, "cloud"), words) == ("cloud (F)", True)


def test_no_to_one_of_several_answers_is_no_yes():
    """Who does not say no to a service may have no internet: that makes no one a customer of the service."""
    features = pd.DataFrame({"backup": ["No"] * 50 + ["Yes"] * 50 + ["no internet"] * 100, "x": 1.0})
    segments, catalogue = pd.Series([1] * 100 + [2] * 100), catalogue_of(backup="nominal")
    got = named(features[["backup"]], segments, catalogue)["name"]
    assert got[1] == "No internet (backup)"
    assert "backup: no" not in got[0] or got[0] == "More often backup: no"


@pytest.mark.parametrize(
    ("typical", "distance", "want"),
    [
        (0.8, 1.0, "mostly at weekends"),
        (0.4, 1.0, "more often at weekends"),
        (0.1, -1.0, "mostly on weekdays"),
        (0.6, -1.0, "more often on weekdays"),
    ],
)
def test_mostly_is_said_of_shares_above_a_half_alone(typical, distance, want):
    words = catalogue_of(f="ratio").assign(unit="share", high="mostly at weekends", low="mostly on weekdays")
    assert phrases.phrase(row(None, distance, typical), words.set_index("feature")) == want


# True, distinct, independent of numbers, whatever the data


@st.composite
def tables(draw: st.DrawFn) -> tuple[pd.DataFrame, pd.Series, pd.DataFrame]:
    rng = np.random.default_rng(draw(st.integers(0, 10_000)))
    n, k = draw(st.integers(20, 120)), draw(st.integers(2, 5))
    segments = pd.Series(np.r_[np.arange(k), rng.integers(0, k, n - k)] + 1)
    shift = rng.normal(scale=draw(st.sampled_from([0.0, 0.5, 3.0])), size=(k, 3))[segments - 1]
    numbers = (rng.normal(size=(n, 3)) + shift).round(draw(st.integers(0, 3)))
    features = pd.DataFrame(numbers, columns=["a", "b", "share"])
    features["share"] = (features.share - features.share.min()) / max(np.ptp(features.share), 1)
    features["twin"] = features.a * 2 + 1
    picks = rng.integers(0, 4, size=(k, n))
    features["town"] = np.array(["york", "bath", "hull", "Yes"])[
        np.where(rng.random(n) < 0.6, segments % 4, picks[0])
    ]
    features["member"] = np.where(rng.random(n) < rng.random(k)[segments - 1], "Yes", "No")
    if draw(st.booleans()):
        features = features.mask(rng.random(features.shape) < 0.1)
    catalogue = catalogue_of(
        a="ratio", b="ratio", share="ratio", twin="ratio", town="nominal", member="binary"
    )
    odd = catalogue.feature == "share"
    catalogue = catalogue.assign(unit=np.where(odd, "share", ""), segmentation=catalogue.feature != "b")
    catalogue.loc[odd, ["high", "low"]] = ["mostly at weekends", "mostly on weekdays"]
    return features, segments, catalogue


def claims(words: str, own: pd.Series, others: pd.Series) -> bool:
    """Check a part of a name against means, medians and shares, without the code that made it."""
    here, everywhere = own.dropna(), pd.concat([own, others]).dropna()
    if words.startswith(("high", "low")):
        sign = 1 if words.startswith("high") else -1
        ranks = everywhere.rank()
        return (
            max(sign * (here.mean() - everywhere.mean()), sign * (ranks[here.index].mean() - ranks.mean()))
            > 0
        )
    if "at weekends" in words or "on weekdays" in words:
        held = here.median() if here.nunique() > 10 or everywhere.nunique() > 10 else here.mean()
        held, of_all = (
            (held, everywhere.mean()) if "at weekends" in words else (1 - held, 1 - everywhere.mean())
        )
        return held >= 0.5 if words.startswith("mostly") else held < 0.5
    bare = re.sub(r"^(mostly|more often|less often|seldom) ", "", words)
    answer = {"member": "Yes", "member: no": "No", "town": "Yes"}.get(bare, bare.split(" (")[0])
    held, of_all = (here == answer).mean(), (everywhere == answer).mean()
    bounds = {"mostly": (0.5, 0.75), "more often": (0, 0.5), "less often": (0.25, 1), "seldom": (0, 0.25)}
    prefix = words.removesuffix(bare).strip()
    low, high = bounds.get(prefix, (0.5, 1.0))
    more = prefix not in ("less often", "seldom")
    return low - 1e-9 <= held <= high + 1e-9 and (held > of_all if more else held < of_all)


@settings(max_examples=60, deadline=None)
@given(tables())
def test_no_name_says_what_the_data_contradict(data):
    features, segments, catalogue = data
    table = profiles(features, segments, catalogue, 0.3)
    again = distances.resampled(features, segments, distances.traits(table))
    listed = leading_features(table, catalogue, again)
    for part in listed.itertuples():
        own = features[part.feature][segments == part.segment]
        assert claims(part.words, own, features[part.feature][segments != part.segment]), part
        alike = table[
            (table.feature == part.feature)
            & (table.answer.fillna("") == ("" if pd.isna(part.answer) else part.answer))
        ]
        others = alike[alike.segment != part.segment].distance.median()
        assert part.sign * (part.distance - others) > 0
    got = names.names(table, catalogue, again)
    for found in got.itertuples():
        for feature in filter(None, found.because.split(", ")):
            assert feature in set(listed[listed.segment == found.segment].feature)


@settings(max_examples=60, deadline=None)
@given(tables(), st.randoms(use_true_random=False))
def test_names_differ_and_renumbering_segments_moves_them_only(data, random):
    features, segments, catalogue = data
    one = named(features, segments, catalogue).set_index("segment")
    assert one["name"].str.casefold().is_unique
    numbers = sorted(segments.unique())
    to = dict(zip(numbers, random.sample(numbers, len(numbers)), strict=True))
    other = named(features, segments.map(to), catalogue).set_index("segment")
    moved = one.rename(index=to).sort_index()
    pd.testing.assert_frame_equal(moved, other)


def test_names_use_one_of_two_features_that_are_correlated():
    rng = np.random.default_rng(0)
    segments = pd.Series(np.repeat([1, 2, 3], 100))
    orders = rng.normal(size=300) + 2 * (segments == 1)
    features = pd.DataFrame(
        {
            "orders": orders,
            "value": orders * 10 + rng.normal(size=300),
            "visits": rng.normal(size=300) + (segments == 1) - (segments == 2),
        }
    )
    got = named(features, segments, catalogue_of(orders="ratio", value="ratio", visits="ratio")).because
    assert not got.str.contains("orders.*value|value.*orders").any()


def test_names_use_no_feature_that_leads_by_chance():
    """Of twelve features that set a segment apart alike, some lead by accident; one that is certain always does."""
    rng = np.random.default_rng(3)
    segments = pd.Series(np.repeat([1, 2], 30))
    noise = {f"f{i}": rng.normal(size=60) + 0.8 * (segments == 1) for i in range(12)}
    features = pd.DataFrame(noise | {"sure": 5.0 * (segments == 1) + rng.normal(size=60)})
    catalogue = catalogue_of(**dict.fromkeys(features, "ratio"))
    table = profiles(features, segments, catalogue, 0.3)
    listed = leading_features(
        table, catalogue, distances.resampled(features, segments, distances.traits(table))
    )
    leads = listed[listed.segment == 1].set_index("feature").leads
    assert leads["sure"] == 1.0
    assert (leads < 0.5).sum() >= 5
    because = named(features, segments, catalogue).because[0].split(", ")
    assert "sure" in because
    assert (leads[because] >= 0.5).all()
    noisy = catalogue[catalogue.feature != "sure"]
    assert (named(features[noisy.feature], segments, noisy).name_stability < 0.7).all()


def test_draws_scatter_as_the_bootstrap_does():
    """The standard error of a mean of n customers is their deviation over the root of n (Efron, 1979)."""
    rng = np.random.default_rng(0)
    features, segments = pd.DataFrame({"x": rng.normal(size=900)}), pd.Series([1] * 100 + [2] * 800)
    found = distances.resampled(
        features, segments, pd.MultiIndex.from_tuples([("x", "")]), draws=2000
    ).distances[:, 0, 0]
    own = features.x[:100] / features.x.std(ddof=0)
    assert found.std() == pytest.approx(own.std() / 10 * 8 / 9, rel=0.1)
    assert found.mean() == pytest.approx(own.mean() - features.x.mean() / features.x.std(ddof=0), abs=0.01)


# Names where little distinguishes segments


def test_a_segment_without_any_trait_is_never_called_average():
    n = 300
    features = pd.DataFrame({"x": np.tile([0.0, 1.0, 2.0], n // 3)})
    for sizes, want in (
        ((150, 150), {"group A", "group B"}),
        ((180, 120), {"larger group", "smaller group"}),
    ):
        got = named(features, pd.Series(np.repeat([1, 2], sizes)), catalogue_of(x="ratio"))["name"]
        assert set(got) == {f"Much like the others ({place})" for place in want}


def test_the_larger_of_two_alike_is_called_so_whatever_its_number():
    features = pd.DataFrame({"x": np.tile([0.0, 1.0, 2.0], 100)})
    got = named(features, pd.Series(np.repeat([1, 2], [120, 180])), catalogue_of(x="ratio")).set_index(
        "segment"
    )
    assert got["name"].to_dict() == {
        1: "Much like the others (smaller group)",
        2: "Much like the others (larger group)",
    }


def test_one_segment_is_all_customers():
    features, __, catalogue = described()
    assert named(features, pd.Series(np.ones(400, dtype=int)), catalogue)["name"].tolist() == [
        "All customers"
    ]


def test_names_by_rules_stay():
    features, segments, catalogue = described()
    by_rule = pd.DataFrame({"segment": [1, 2, 3], "name": ["Champions", "At Risk", "Lost"]})
    got = names.names(profiles(features, segments, catalogue, 0.3), catalogue, given=by_rule)
    assert got["name"].tolist() == ["Champions", "At Risk", "Lost"]
    assert set(got.because) == {"the rule that formed it"}


# Own names


def generated() -> pd.DataFrame:
    return pd.DataFrame(
        {
            "segment": [1, 2, 3],
            "name": ["Many orders, large baskets", "Many orders, mostly at weekends", "New customers"],
            "because": "x",
            "name_stability": [0.9, 0.4, 1.0],
        }
    )


@pytest.mark.parametrize(
    ("own", "want"),
    [
        ({"New customers": "Starters"}, [None, None, "Starters"]),
        ({"large baskets, MANY orders": "Big spenders"}, ["Big spenders", None, None]),
        ({"mostly at weekends": "Families"}, [None, "Families", None]),
    ],
)
def test_an_own_name_stands_by_the_generated_one_or_its_parts(own, want):
    got, unused = names.with_own(generated(), own)
    assert got.given_name.astype(object).where(got.given_name.notna(), None).tolist() == want
    assert got.shown.tolist() == [o or g for o, g in zip(want, got["name"], strict=True)]
    assert unused == []


@pytest.mark.parametrize("key", ["Many orders", "Lapsed customers"])
def test_an_own_name_is_not_used_when_it_fits_no_single_segment(key):
    got, unused = names.with_own(generated(), {key: "Regulars"})
    assert got.given_name.isna().all()
    text = sentence("naming", naming(got, Context()) | {"unused": unused}, "assess")
    assert f"“{key}”" in text
    assert "“New customers”" in text


@pytest.mark.parametrize(
    ("own", "message"),
    [
        ({"New customers": "many orders, LARGE baskets"}, "would call two segments"),
        (
            {"New customers": "Starters", "new CUSTOMERS ": "Beginners"},
            "gives the segment 'New customers' 2 names",
        ),
    ],
)
def test_own_names_that_contradict_each_other_are_refused(own, message):
    with pytest.raises(ParamsError, match=f"assess.names {message}"):
        names.with_own(generated(), own)


def test_the_page_says_which_names_might_have_been_others():
    got, unused = names.with_own(generated(), {})
    text = sentence("naming", naming(got, Context()) | {"unused": unused}, "assess")
    assert "**Many orders, mostly at weekends**" in text
    assert "**New customers**" not in text


# Names from what the division is made of


def test_the_rule_of_a_segment_names_it_before_what_else_stands_out():
    """The town differs most; the division was made by spend."""
    features, segments, catalogue = described()
    features = features.assign(spend=features.spend + 1.5 * (segments == 2))
    table = profiles(features, segments, catalogue, 0.3)
    rules = pd.DataFrame(
        {
            "segment": [2],
            "feature": ["spend"],
            "answer": [None],
            "above": [1.2],
            "most": [np.nan],
            "holds": [True],
            "precision": [1.0],
            "coverage": [1.0],
        }
    )
    plain = names.names(table, catalogue).set_index("segment")["name"]
    ruled = names.names(table, catalogue, rules=rules).set_index("segment")
    assert plain[2].startswith("York (town)")
    assert ruled["name"][2].startswith("High spend")
    assert ruled.because[2].startswith("spend")
    weak = names.names(table, catalogue, rules=rules.assign(precision=0.3)).set_index("segment")
    assert weak["name"][2] == plain[2]
    contrary = rules.assign(above=np.nan, most=1.2)  # the segment is not what the rule denies
    assert names.names(table, catalogue, rules=contrary).set_index("segment")["name"][2] == plain[2]


def test_a_segment_in_the_middle_is_named_by_its_bounds():
    rng = np.random.default_rng(0)
    x = pd.Series(rng.uniform(0, 90, 900))
    segments = pd.Series(np.digitize(x, [30, 60]) + 1)
    table = profiles(pd.DataFrame({"x": x}), segments, catalogue_of(x="ratio"), 0.3)
    rules = segment_rules(pd.DataFrame({"x": x}), segments.to_numpy(), 10)
    got = names.names(table, catalogue_of(x="ratio"), rules=rules).set_index("segment")["name"]
    assert got[1] == "Low x"
    assert got[3] == "High x"
    low, high = map(float, re.fullmatch(r"X (\S+) to (\S+)", got[2]).groups())
    assert (low, high) == (pytest.approx(30, abs=1), pytest.approx(60, abs=1))


def test_ordered_answers_are_told_as_answers():
    rng = np.random.default_rng(0)
    bands = {"18 to 24": 1, "25 to 34": 2, "35 to 44": 3, "45 and over": 4}
    segments = pd.Series(np.repeat([1, 2], 200))
    age = np.where(segments == 1, rng.choice([1.0, 2.0, 2.0, 3.0], 400), rng.choice([3.0, 3.0, 4.0], 400))
    features = pd.DataFrame({"customer": range(400), "age": age})
    catalogue = catalogue_of(age="ordinal").assign(protected=False, high="high age", low="low age")
    people = Segments.of(
        features,
        pd.DataFrame({"customer": range(400), "segment": segments, "margin": 1.0}),
        catalogue,
        ["age"],
    ).told_by(None, {"age": bands, "other": "ratio"})
    table = description.profiles(people, 0.3)
    assert table.typical_answer.tolist() == ["25 to 34", "35 to 44"]
    assert table.words[0] == "age 25 to 34"
    younger = Segments(people.customers, people.catalogue.assign(low="younger"), ordered=people.ordered)
    assert description.profiles(younger, 0.3).words[0] == "younger"
