"""Plays: which one fits a profile, by which rule, and that no two segments get the same words."""

from __future__ import annotations

import dataclasses
from typing import get_args

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.assess import playbook
from seglib.assess.playbook import Play
from seglib.catalogue import declaration
from seglib.catalogue.sources import KINDS
from seglib.errors import ParamsError
from seglib.project import params
from seglib.project.schema import plays as play_schema
from seglib.report import worded
from seglib.report.context import Context, under
from seglib.report.display import said
from seglib.report.sentences import sentence
from seglib.target import plays

LABELS = {
    "recency": ("Days since last order", "days"),
    "order_count": ("Orders", "orders"),
    "returned": ("Returned", "share"),
}


def play(name: str, **more: object) -> Play:
    given = {
        "message": f"{name}: {{apart}}",
        "offer": "offer",
        "channel": "channel",
        "timing": "timing",
        "measure": "measure",
        "when": {},
        "objectives": ("retention",),
    }
    return Play(name, **(given | more))


WIN_BACK, REWARD = play("Win back", when={"recency": 0.5}), play("Reward", when={"recency": -0.5})
ASK, ALONE = play("Ask"), play("Leave alone", who="others")
LIBRARY = [WIN_BACK, REWARD, ASK, ALONE]


def profile(distances: dict[str, list[float]], stands_out: float = 0.3, **more: object) -> pd.DataFrame:
    """One row per segment (from 1) and feature; typical is 10 + 10 × distance, 10 of all."""
    rows = [
        {
            "segment": n,
            "feature": feature,
            "answer": None,
            "known": 100,
            "typical": 10 + 10 * d,
            "overall": 10.0,
            "distance": d,
            "stands_out": abs(d) >= stands_out,
            "label": LABELS[feature][0],
            "unit": LABELS[feature][1],
            "words": f"{'high' if d > 0 else 'low'} {feature}",
            "segmentation": True,
        }
        for feature, ds in distances.items()
        for n, d in enumerate(ds, 1)
    ]
    return pd.DataFrame(rows).assign(**more)


def ranked(n: int, targets: int | None = None) -> pd.DataFrame:
    return pd.DataFrame(
        {
            "segment": range(1, n + 1),
            "name": [f"Group {'abcdefghijkl'[i]}" for i in range(n)],
            "target": [i < (n if targets is None else targets) for i in range(n)],
            "score": np.linspace(1, 0.5, n),
            "decided_by": "place by attractiveness",
        }
    )


def values(n: int, **columns: object) -> pd.DataFrame:
    return pd.DataFrame({"segment": range(1, n + 1), "customers": 100}).assign(**columns)


def names_of(n: int) -> dict[int, str]:
    return ranked(n).set_index("segment").name.to_dict()


def in_words(choice: pd.DataFrame, objective: str = "retention") -> pd.DataFrame:
    """The table of the run."""
    with under(Context("target", min_cell=1, names=names_of(len(choice)), objective=objective)):
        return worded("plays", choice)


def on_page(table: pd.DataFrame, objective: str = "retention") -> str:
    """What the page says of the plays."""
    with under(Context("target", min_cell=1, names=names_of(len(table)), objective=objective)):
        return said("plays", table)


def chosen(
    distances: dict[str, list[float]],
    library: list[Play] = LIBRARY,
    targets: int | None = None,
    measured: dict[str, object] | None = None,
    **more: object,
) -> pd.DataFrame:
    n = len(next(iter(distances.values())))
    choice = plays.chosen_plays(
        ranked(n, targets),
        profile(distances),
        values(n, **(measured or {})),
        library,
        "retention",
        **({"stands_out": 0.3} | more),
    )
    return in_words(choice).set_index("segment")


def test_plays_follow_the_profile_and_no_two_targets_get_the_same_words():
    got = chosen({"recency": [1.0, -1.0, 0.6, 0.0]}, targets=3)
    assert got.play.to_dict() == {1: "Win back", 2: "Reward", 3: "Ask", 4: "Leave alone"}
    assert got.message[3] == "Ask: high recency"
    assert got.because[1] == "high recency (20 days; median of all customers 10 days)"
    for fact in ("days since last order 20 days", "median of all customers 10 days", "+1.0 SD", "+0.5"):
        assert fact in got.rule[1]
    assert got.because[3] == "no ready-made play fits its profile"
    assert got.because[4] == "place by attractiveness"  # what the ranking decided by
    for fact in ("Win back", "0.60 SD", "group a"):
        assert fact in got.why_not[3]
    assert got.why_not[1].startswith("Reward: days since last order") and "at most −0.5" in got.why_not[1]
    declared = declaration("plays").columns
    assert list(got.reset_index().columns) == list(declared)


def test_the_play_that_is_met_by_the_widest_margin_is_taken():
    library = [play("Narrow", when={"recency": 0.5}), play("Wide", when={"order_count": 0.2}), ALONE]
    got = chosen({"recency": [0.7], "order_count": [1.5]}, library)
    assert got.play[1] == "Wide"
    for fact in ("Narrow", "0.70", "1.50 SD"):
        assert fact in got.why_not[1]


def test_segments_whose_profiles_agree_get_the_same_play_and_are_to_be_merged():
    got = chosen({"recency": [1.0, 0.9, -1.0]}, targets=3)
    assert got.play.to_dict() == {1: "Win back", 2: "Win back", 3: "Reward"}
    assert got.merge_with.to_dict() == {1: "Group b", 2: "Group a", 3: ""}
    assert "**Group a** and Group b" in on_page(got.reset_index())


def test_segments_of_which_nothing_is_known_alike_do_not_agree():
    table = profile({"recency": [1.0, 1.0]}).assign(distance=[1.0, np.nan])
    assert plays.agreeing(table, 0.3) == {1: set(), 2: set()}


def test_segments_left_alone_are_distinguished_by_what_differs_between_them():
    got = chosen({"recency": [0.25, -0.2, 0.1]}, targets=0)
    assert set(got.play) == {"Leave alone"} and got.message.nunique() == 3
    assert got.message[1].startswith("Leave alone: nothing in particular (unlike group b")
    assert "12 days, there 8 days" in got.message[1]
    assert got.merge_with.to_dict() == {1: "Group c", 2: "", 3: "Group a"}


@settings(max_examples=60, deadline=None)
@given(
    st.integers(1, 6).flatmap(
        lambda n: st.tuples(
            *[st.lists(st.sampled_from([-1.0, -0.6, -0.2, 0.0, 0.2, 0.6, 1.0]), min_size=n, max_size=n)] * 2
        )
    ),
    st.integers(0, 6),
)
def test_no_two_segments_whose_profiles_differ_get_the_same_play_in_the_same_words(distances, targets):
    square = dict(zip(("recency", "order_count"), distances, strict=True))
    got = chosen(square, targets=targets).reset_index()
    names = ranked(len(got)).set_index("segment").name
    for one in got.itertuples():
        for other in got.itertuples():
            if one.segment != other.segment and (one.play, one.message, one.offer) == (
                other.play,
                other.message,
                other.offer,
            ):
                assert names[other.segment] in one.merge_with.split("; ")


@settings(max_examples=30, deadline=None)
@given(st.permutations([1, 2, 3, 4]))
def test_other_cluster_numbers_change_nothing_but_the_number(numbers):
    distances = {"recency": [1.0, -1.0, 0.6, 0.55], "order_count": [0.1, 0.9, -0.4, -0.5]}
    again = dict(zip([1, 2, 3, 4], numbers, strict=True))
    tables = [ranked(4, 3), profile(distances), values(4)]
    moved = [t.assign(segment=t.segment.map(again)).sort_values("segment", kind="stable") for t in tables]
    got, want = (
        plays.chosen_plays(*made, LIBRARY, "retention", stands_out=0.3).sort_values(
            "message", ignore_index=True
        )
        for made in (moved, tables)
    )
    numbered = ["segment", "alike", "rival", "unlike"]
    pd.testing.assert_frame_equal(got.drop(columns=numbered), want.drop(columns=numbered))
    assert got.segment.tolist() == want.segment.map(again).tolist()


def test_measured_facts_open_and_close_a_play():
    library = [play("Keep", at_least={"at_risk": 0.3}), play("Grow", at_most={"growth": -0.1}), ASK, ALONE]
    got = chosen(
        {"recency": [1.0, 0.0, -1.0]},
        library,
        measured={"at_risk": [0.4, 0.2, 0.1], "growth": [0.3, -0.5, np.nan]},
    )
    assert got.play.to_dict() == {1: "Keep", 2: "Grow", 3: "Ask"}
    assert "at risk 40%" in got.rule[1] and "at least 30%" in got.rule[1]
    assert "growth −50%" in got.rule[2] and "at most −10%" in got.rule[2]
    assert got.why_not[3].startswith("Keep") and "10%" in got.why_not[3] and "30%" in got.why_not[3]


def test_value_per_customer_is_held_against_that_of_all():
    value = values(2, value=[3000.0, 1000.0], value_per_customer=[30.0, 10.0])
    got = playbook.measures(value, profile({"recency": [0.0, 0.0]}))
    assert got.value_per_customer.to_dict() == {1: 1.5, 2: 0.5}


def test_cost_to_serve_is_reduced_where_customers_bring_less_than_they_cost():
    library = [ASK, ALONE, play("Reduce cost", who="everyone", at_most={"value_after_cost": 0})]
    table = pd.concat(
        [
            profile({"recency": [0.4, 1.0, 2.0]}),
            profile({"returned": [0.0] * 3}).assign(
                feature="gross_margin", label="Gross margin", typical=[20.0, -5.0, -1.0]
            ),
        ]
    )
    choice = plays.chosen_plays(ranked(3, 2), table, values(3), library, "retention", stands_out=0.3)
    got = in_words(choice).set_index("segment")
    assert got.play.to_dict() == {1: "Ask", 2: "Reduce cost", 3: "Reduce cost"}
    assert "−1.00" in got.rule[3] and "at most 0" in got.rule[3]


def test_what_a_project_does_not_have_rules_a_play_out_and_is_named():
    library = [
        play("Call", when={"support_contacts": 0.5}),
        play("Survey", when={"recency": 0.2}, requires={"sources": ["responses"]}),
        ASK,
        ALONE,
    ]
    got = chosen({"recency": [1.0]}, library, sources=["transactions"])
    assert got.play[1] == "Ask" and "not measured" in got.why_not[1]
    got = chosen({"recency": [1.0]}, library, sources=["responses"])
    assert "responses" in got.requires_met[1] and "at least 50%" in got.requires_met[1]


def test_a_feature_known_of_too_few_of_a_segment_says_nothing():
    table = profile({"recency": [1.0, 1.4]}, known=[40, 60])
    got = plays.chosen_plays(ranked(2), table, values(2), [WIN_BACK, ASK, ALONE], "retention", stands_out=0.3)
    assert got.play.tolist() == ["Ask", "Win back"]
    eager = dataclasses.replace(WIN_BACK, requires={"known": {"recency": 0.4}})
    got = plays.chosen_plays(ranked(2), table, values(2), [eager, ASK, ALONE], "retention", stands_out=0.3)
    assert got.play.tolist() == ["Win back", "Ask"]


@pytest.mark.parametrize(
    ("purpose", "said"),
    [
        ("profiling; E-mail", "all have agreed to e-mail"),
        (None, "consent to e-mail is not in the data: check before sending"),
        ("telephone", "consent to e-mail is not in the data: check before sending"),
    ],
)
def test_consent_that_is_not_known_is_said_and_keeps_nothing_back(purpose, said):
    mail = play("Mail", when={"recency": 0.5}, requires={"consent": "e-mail", "known": {"recency": 0.0}})
    got = chosen({"recency": [1.0]}, [mail, ALONE], purpose=purpose)
    assert got.play[1] == "Mail" and got.requires_met[1].endswith(said)


def test_conditions_can_name_a_feature_or_one_of_its_answers():
    rows = profile({"recency": [1.0, 1.2]}).assign(feature=["churned", "contract"], answer=["Yes", "Monthly"])
    got = playbook.traits(rows.assign(segment=1))[1]
    assert set(got) == {"churned: Yes", "churned", "contract: Monthly"}
    (check,) = playbook.conditions(play("Keep", when={"contract: Monthly": 1.0}), got, pd.Series(dtype=float))
    assert (check.held, check.kind, check.short) == (True, "distance", 0.0)
    words = sentence("condition", check.record(), "target")
    for fact in ("days since last order 2200%", "all customers 1000%", "+1.2 SD", "+1.0"):
        assert fact in words and "median" not in words  # an answer has a share


def test_texts_speak_of_the_segment_itself():
    library = [
        play("Win back", when={"recency": 0.5}, message="Last here {recency} ago, {order_count} so far."),
        ALONE,
    ]
    got = chosen({"recency": [1.0, -1.0], "order_count": [0.2, 0.0]}, library, targets=1)
    assert got.message[1] == "Last here 20 days ago, 12 orders so far."
    renamed = profile({"order_count": [0.2]}).assign(label="Bookings").iloc[0]
    assert playbook.written(renamed) == "12 bookings"


def test_own_plays_come_first_and_replace_those_of_the_same_name():
    entry = dataclasses.asdict(dataclasses.replace(WIN_BACK, offer="our own"))
    made = playbook.library([dataclasses.asdict(p) for p in LIBRARY], [entry])
    assert [p.play for p in made] == ["Win back", "Reward", "Ask", "Leave alone"] and made[
        0
    ].offer == "our own"
    with pytest.raises(ParamsError, match=r"target\.plays names the play 'Win back' twice"):
        playbook.library([], [entry, entry])
    with pytest.raises(ParamsError, match="the library of plays has no play 'Leave alone'"):
        playbook.library([], [entry])


def test_an_own_play_that_requires_an_unknown_feature_is_refused():
    entry = dataclasses.asdict(play("Win back", when={"recencie": 0.5}))
    with pytest.raises(
        ParamsError,
        match=r"target\.plays: 'Win back' asks for 'recencie', which no segment has; allowed: "
        r"recency\. Did you mean 'recency'\?",
    ):
        playbook.check_own([entry], profile({"recency": [1.0]}))


def test_without_targets_all_segments_are_left_alone():
    got = chosen({"recency": [1.0]}, targets=0).reset_index()
    assert got.play.tolist() == ["Leave alone"] and got.merge_with.tolist() == [""]
    assert on_page(got).startswith("There is no target")


def test_acquisition_with_existing_customers_alone_is_said_to_reach_others_through_them(root):
    library = playbook.library(params.load_plays(root / "params" / "plays.yaml"))
    tables = ranked(2, 1), profile({"recency": [0.4, -0.4]}), values(2)
    got = plays.chosen_plays(*tables, library, "acquisition", stands_out=0.3)
    assert got.play.tolist() == ["Find others like them", "Leave alone"]
    assert "existing" in on_page(in_words(got), "acquisition")
    assert "existing" not in on_page(in_words(got))


# The schema of plays

GOOD = {
    "play": "Win back",
    "message": "Last here {recency} ago",
    "offer": "o",
    "channel": "c",
    "timing": "t",
    "measure": "m",
    "when": {"recency": 0.5},
    "objectives": ["retention"],
}


def library_of(tmp_path, *entries: dict) -> list[dict]:
    import yaml

    last = {**GOOD, "play": "Leave alone", "when": {}, "message": "Nothing", "who": "others"}
    (tmp_path / "plays.yaml").write_text(yaml.safe_dump([*entries, last]), encoding="utf-8")
    return params.load_plays(tmp_path / "plays.yaml")


def test_an_entry_needs_no_more_than_its_texts_and_objectives(tmp_path):
    first, _ = library_of(tmp_path, GOOD)
    assert Play(**first).when == {"recency": 0.5} and Play(**first).contact is None


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ({"whenn": {}}, "play 'Win back': there is no key 'whenn'; known keys: .*Did you mean 'when'"),
        (
            {"when": {"recency": 0}},
            r"when\.recency: found 0; allowed: a distance above 0 \(at least\) or below 0",
        ),
        (
            {"message": "{recencie}"},
            r"message holds \{recencie\}; allowed: \{apart\}, \{recency\} \(features must be listed in when",
        ),
        (
            {"objectives": ["profit"]},
            "objectives.0: found 'profit'; allowed: acquisition, allocation, development, growth, retention, service",
        ),
        ({"at_least": {"risk": 0.3}}, "at_least.risk: found 'risk'; allowed: .*at_risk"),
        (
            {"response": {"low": 0.1, "mean": 0.0, "high": 0.2, "basis": "b"}, "contact": "app"},
            "must rise from low to high",
        ),
        ({"response": {"low": 0.0, "mean": 0.1, "high": 0.2, "basis": "b"}}, "has a response and no contact"),
        ({"value": {"orders": 1}}, "value.orders: found 'orders'; allowed: money, order, year"),
        ({"value": {"order": -1}}, "value.order: found -1"),
        ({"who": "all"}, "who: found 'all'; allowed: everyone, others, targets"),
        (
            {"requires": {"sources": ["orders"]}},
            "requires.sources.0: found 'orders'; allowed: campaigns, customers",
        ),
    ],
)
def test_a_play_that_cannot_be_read_is_named_in_one_line(tmp_path, change, said):
    with pytest.raises(ParamsError, match=said) as refused:
        library_of(tmp_path, GOOD | change)
    assert "\n" not in str(refused.value) and str(refused.value).startswith("plays.yaml: ")


def test_two_plays_of_one_name_and_a_file_without_a_list_are_refused(tmp_path):
    with pytest.raises(ParamsError, match="names the play 'Win back' twice"):
        library_of(tmp_path, GOOD, GOOD)
    (tmp_path / "plays.yaml").write_text("play: Win back\n")
    with pytest.raises(ParamsError, match="holds no list of plays"):
        params.load_plays(tmp_path / "plays.yaml")


def test_schema_and_methods_know_the_same_measures_and_sources():
    assert set(get_args(play_schema.Measure)) == set(playbook.MEASURES)
    assert set(get_args(play_schema.Source)) == set(KINDS)


def test_the_shipped_library_has_what_a_marketer_looks_for(root):
    library = playbook.library(params.load_plays(root / "params" / "plays.yaml"))
    names = {p.play for p in library}
    assert names >= {
        "Welcome",
        "Second purchase",
        "Win-back",
        "Retention",
        "Cross-sell",
        "Up-sell",
        "Loyalty reward",
        "Referral",
        "Service recovery",
        "Reduce cost to serve",
        "Leave alone",
    }
    for objective in get_args(play_schema.Objective):
        serving = [p for p in library if objective in p.objectives]
        assert any(not p.conditional and p.who == "targets" for p in serving), objective
        assert any(p.play == "Leave alone" for p in serving)
    texts = [(p.message, p.offer) for p in library]
    assert len(set(texts)) == len(texts)
    assert all(p.response["basis"].startswith("assumed") for p in library if p.response)
