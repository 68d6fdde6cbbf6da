"""The contact policy: each rule on a small table, worked out by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hostile_exports import START, budget, plays, ranking, settings

from seglib.errors import DataError, ParamsError
from seglib.implement import assignments, audiences, contacts, holdouts, policy
from seglib.implement.vocabulary import CHANNELS, SHOWN, channel_of


def people(**columns: object) -> pd.DataFrame:
    """Rows of a source in which everybody agreed to everything, but for the columns that are given."""
    n = max(len(v) for v in columns.values() if isinstance(v, list))
    whole = {
        "mail": [f"p{i}@example.com" for i in range(n)],
        "tel": "+442079460958",
        "c_mail": "yes",
        "c_tel": "yes",
    }
    whole |= {
        "c_post": "yes",
        "marketing": "yes",
        "ad_user_data": "yes",
        "ad_personalization": "yes",
        "first": "A",
    }
    whole |= {"last": "B", "street": "S", "city": "C", "zip": "Z", "land": "GB"} | columns
    return pd.DataFrame({"key": [f"C{i}" for i in range(n)]} | whole)


def reasons(
    raw: pd.DataFrame, changes: dict | None = None, segment: int = 1, **given
) -> list[tuple[str, str]]:
    """Say of each customer at which step and why the policy takes them out."""
    plain = settings(**(changes or {}))
    ids = pd.DataFrame({"customer": range(len(raw)), "key": raw.key})
    known = contacts.read_contacts(raw, ids, plain, ["e-mail", "telephone", "letter"], given.get("lists", []))
    segments = pd.DataFrame({"customer": ids.customer, "segment": segment})
    features = pd.DataFrame({"customer": ids.customer})
    campaigns = audiences.campaigns(plays(), ranking(), budget(), plain)
    rows = audiences.members(campaigns, segments, features, plays(), known)
    history = given.get("history", pd.DataFrame({"customer": [], "channel": [], "time": pd.to_datetime([])}))
    left = policy.after_policy(
        rows, known, history, given.get("frozen", holdouts.no_holdouts()), plain, START
    )
    left = left.sort_values("customer")
    return list(zip(left.step, left.reason, strict=True))


def test_consent_that_is_unknown_is_not_yes():
    found = reasons(people(c_mail=["yes", "no", "", None, "Ja", "1"]))
    assert found == [
        ("", ""),
        ("consent", "refused"),
        ("consent", "unknown"),
        ("consent", "unknown"),
        ("", ""),
        ("", ""),
    ]


def test_consent_to_marketing_is_needed_where_a_column_says_it():
    assert reasons(people(marketing=["yes", "no", None]))[1:] == [
        ("consent", "marketing"),
        ("consent", "marketing"),
    ]


def test_without_a_column_no_one_is_contacted():
    none = {"channels": {}, "purposes": {}, "needed": {}}
    assert reasons(people(c_mail=["yes"]), {"consent": none}) == [("consent", "no column")]


def needing(**needed: object) -> dict[str, object]:
    return {"consent": settings()["consent"] | {"needed": needed}}


@pytest.mark.parametrize("channel", SHOWN)
def test_what_is_shown_to_those_who_come_needs_no_yes_unless_the_params_say_so(channel):
    shown = {"channels": {"Win-back": channel}}
    raw = people(c_mail=["yes"], marketing=[None])
    assert reasons(raw, shown) == [("", "")]
    assert reasons(raw, shown | needing(**{channel: True})) == [("consent", "no column")]
    assert reasons(raw.assign(marketing="no"), shown) == [("consent", "marketing")]


def test_every_other_channel_needs_a_yes():
    for channel in {*CHANNELS, "carrier pigeon"} - {*SHOWN}:
        none = {"consent": {"channels": {}, "purposes": {}, "needed": {}}, "channels": {"Win-back": channel}}
        assert reasons(people(c_mail=["yes"]), none) == [("consent", "no column")], channel


def test_a_yes_may_be_needed_in_some_countries_and_a_no_is_a_no_everywhere():
    raw = people(
        c_mail=[None, None, "no", None, "yes"],
        land=["Germany", "GB", "GB", "Atlantis", "DE"],
        marketing="yes",
    )
    assert reasons(raw, needing(**{"E-Mail": ["DE", "AT"]})) == [
        ("consent", "unknown"),
        ("", ""),
        ("consent", "refused"),
        ("consent", "unknown"),
        ("", ""),
    ]


def test_an_entry_that_is_neither_yes_nor_no_is_an_error():
    with pytest.raises(DataError, match="c_mail"):
        reasons(people(c_mail=["yes", "perhaps"]))


def test_purposes_of_one_column_name_channels_as_they_are_written():
    raw = people(mail=["a@example.com", "b@example.com", "c@example.com"]).assign(
        purposes=["profiling; E-Mail", "profiling", None]
    )
    none = {"channels": {}, "purposes": {}, "needed": {}}
    found = [
        step
        for step, _ in reasons(
            raw.assign(purposes=["E-Mail;marketing", "marketing", None]), {"consent": none}
        )
    ]
    assert found == ["", "consent", "consent"]


def test_who_has_no_valid_address_cannot_be_reached():
    assert reasons(people(mail=["a@example.com", "a@", None, " "]))[1:] == [("reach", "no address")] * 3
    assert reasons(people(tel=["020 7946 0958", "1"], land=["GB", "GB"]), segment=2) == [
        ("", ""),
        ("reach", "no address"),
    ]
    assert reasons(people(tel=["020 7946 0958"], land=["Atlantis"]), segment=2) == [("reach", "no address")]


def test_a_shared_address_is_contacted_once_and_a_refusal_holds_for_it():
    same = people(
        mail=["a@example.com", " A@example.com", "b@example.com", "B@example.com"],
        c_mail=["yes", "yes", "yes", "no"],
    )
    found = [step for step, _ in reasons(same)]
    assert sorted(found[:2]) == ["", "single"]
    assert found[2:] == ["consent", "consent"]


def test_suppression_lists_hold_for_their_channels_and_for_service_messages_too():
    ids = (
        {"path": "l", "holds": "customer", "channels": [], "reason": "deceased"},
        pd.Series([" C0 ", None]),
    )
    mails = (
        {"path": "l", "holds": "email", "channels": ["letter"], "reason": "returned"},
        pd.Series(["P1@example.com"]),
    )
    raw = people(mail=["p0@example.com", "p1@example.com"])
    assert reasons(raw, lists=[ids, mails]) == [("suppression", "deceased"), ("", "")]
    assert reasons(raw, lists=[ids, mails], segment=3) == [
        ("suppression", "deceased"),
        ("suppression", "returned"),
    ]
    assert reasons(raw, {"service": ["Win-back"]}, lists=[ids])[0] == ("suppression", "deceased")


def test_a_service_message_needs_no_consent_to_marketing_and_is_not_capped():
    history = pd.DataFrame(
        {"customer": [0, 0], "channel": "e-mail", "time": pd.Timestamp(START) - pd.Timedelta(days=1)}
    )
    raw = people(c_mail=["no"], marketing=["no"])
    assert reasons(raw, {"service": ["Win-back"]}, history=history) == [("", "")]


@pytest.mark.parametrize(
    ("days_ago", "channel", "cap", "left"),
    [
        ([1, 2], "e-mail", {"contacts": 2, "days": 30, "channel": None}, False),
        ([1], "e-mail", {"contacts": 2, "days": 30, "channel": None}, True),
        ([1, 31], "e-mail", {"contacts": 2, "days": 30, "channel": None}, True),
        ([1, 30], "e-mail", {"contacts": 2, "days": 30, "channel": None}, False),
        ([1, 2], "letter", {"contacts": 2, "days": 30, "channel": "e-mail"}, True),
        ([1, 2], "letter", {"contacts": 2, "days": 30, "channel": None}, False),
        ([0, 0], "e-mail", {"contacts": 2, "days": 30, "channel": None}, True),  # not before the start
    ],
)
def test_caps_count_contacts_in_the_window_before_the_start(days_ago, channel, cap, left):
    times = [pd.Timestamp(START) - pd.Timedelta(days=d) for d in days_ago]
    history = pd.DataFrame({"customer": 0, "channel": channel, "time": times})
    step = reasons(people(c_mail=["yes"]), {"caps": [cap]}, history=history)[0][0]
    assert step == ("" if left else "cap")


def test_a_customer_stays_in_the_campaign_that_still_runs_for_them():
    rows = pd.DataFrame(
        {
            "id": ["C0", "C1", "C2"],
            "campaign": ["welcome", "welcome", "win-back"],
            "segment": 3,
            "play": "Welcome",
        }
    )
    rows = rows.assign(arm="holdout", bucket=1, new=True, until=dt.date(2025, 9, 30))
    frozen = holdouts.with_newcomers(holdouts.no_holdouts(), rows, dt.date(2025, 7, 1))
    frozen.loc[frozen.id == "C1", "until"] = pd.Timestamp("2025-08-31")
    assert reasons(people(c_mail=["yes"] * 3), frozen=frozen) == [("single", "running"), ("", ""), ("", "")]


def test_names_that_are_no_play_no_segment_and_no_channel_are_refused():
    with pytest.raises(ParamsError, match=r"implement.priority names 'Winback'.*Did you mean 'Win-back'"):
        reasons(people(c_mail=["yes"]), {"priority": ["Winback"]})
    with pytest.raises(ParamsError, match=r"implement.caps names 'emial'.*e-mail"):
        reasons(people(c_mail=["yes"]), {"caps": [{"contacts": 1, "days": 1, "channel": "emial"}]})
    campaigns = audiences.campaigns(plays(), ranking(), budget(), settings())
    wrong = settings(holdout=settings()["holdout"] | {"segments": {"Slient": 0.2}})
    with pytest.raises(ParamsError, match=r"holdout.segments names 'Slient'.*Did you mean 'Silent'"):
        assignments.shares(campaigns, {1: "Silent"}, pd.DataFrame(), pd.Series(dtype=int), wrong)


def test_shares_follow_segment_then_play_then_all():
    own = settings()["holdout"] | {
        "share": 0.1,
        "segments": {"Silent": 0.4, "2": 0.3},
        "plays": {"Win-back": 0.2, "Welcome": 0.5},
    }
    campaigns = audiences.campaigns(plays(), ranking(), budget(), settings())
    names = {1: "Silent", 2: "Loyal", 3: "New"}
    found = assignments.shares(campaigns, names, pd.DataFrame(), pd.Series(dtype=int), settings(holdout=own))
    assert found.to_dict() == {1: 0.4, 2: 0.3, 3: 0.5}


def test_the_share_held_out_is_that_of_the_card_unless_the_params_set_one():
    cards = pd.DataFrame(
        {
            "segment": [1, 2, 3],
            "play": ["Win-back", "Another", "Welcome"],
            "customers": 1000,
            "held_out": [200, 300, 500],
            "baseline": [0.1, 0.2, 0.3],
            "baseline_sd": float("nan"),
            "outcome": "share",
            "effect": 0.05,
        }
    )
    open_share = settings(holdout=settings()["holdout"] | {"share": None})
    none = (pd.DataFrame(), pd.Series(dtype=int))
    for terms, want in ((open_share, {1: 0.2, 2: 0.1, 3: 0.5}), (settings(), dict.fromkeys((1, 2, 3), 0.3))):
        campaigns = audiences.campaigns(plays(), ranking(), budget(), terms, cards)
        assert assignments.shares(campaigns, {}, *none, terms).to_dict() == want
    assert campaigns.baseline.tolist()[:1] == [0.1]


def test_what_is_expected_of_a_contact_is_the_profit_of_the_plan_by_its_contacts():
    planned = budget().assign(
        contacts=[400.0, None, 250.0], profit=[800.0, 900.0, None], total=[1e4, None, 1e4]
    )
    cards = pd.DataFrame({"segment": [2], "play": [plays().play[1]], "customers": [500], "held_out": [50]})
    cards = cards.assign(baseline=0.1, baseline_sd=float("nan"), outcome="share", effect=0.05)
    own = audiences.campaigns(plays(), ranking(), planned, settings(), cards).set_index("segment")
    assert own.per_contact[[1, 2]].tolist() == [2.0, 2.0]
    assert own.per_contact.isna()[3]


def test_an_outcome_is_measured_over_the_days_of_its_play_unless_the_params_say_how_long():
    long = plays().assign(days=[90, 45, 60])
    own = audiences.campaigns(long, ranking(), budget(), settings(days=None))
    assert [(u - START).days for u in own.until] == [90, 45, 60]
    assert {
        (u - START).days for u in audiences.campaigns(long, ranking(), budget(), settings(days=30)).until
    } == {30}


def test_the_budget_pays_for_those_with_the_highest_expected_gain_and_holdouts_cost_nothing():
    n = 200
    rows = pd.DataFrame(
        {
            "id": [f"C{i}" for i in range(n)],
            "segment": 1,
            "campaign": "win-back",
            "step": "",
            "reason": "",
            "gain": range(n, 0, -1),
        }
    )
    campaigns = pd.DataFrame({"segment": [1], "most": [50.0]})
    arms = holdouts.arms(rows, "win-back", "s/win-back", 2000, holdouts.no_holdouts())
    chosen = audiences.selected(rows, campaigns, arms, pd.Series(dtype="string"))
    contacted = chosen[(chosen.step == "selected") & (chosen.arm == "treatment")]
    assert len(contacted) == 50
    assert (chosen.step == "budget").sum() == n - (chosen.step == "selected").sum()
    assert chosen.gain[chosen.step == "selected"].min() > chosen.gain[chosen.step == "budget"].max()


def test_priority_goes_before_the_score():
    own = audiences.campaigns(plays(), ranking(), budget(), settings(priority=["Welcome"]))
    assert own.play.tolist() == ["Welcome", "Win-back", "Loyalty reward"]


@pytest.mark.parametrize(
    ("written", "channel"),
    [("Email", "e-mail"), ("E_MAIL", "e-mail"), ("newsletter", "e-mail"), ("Phone call", "telephone"), ("SMS", "sms"),
     ("Direct Mail", "letter"), ("push", "app"), ("Custom Audience", "advertising"), ("WhatsApp", "whatsapp")],
)  # fmt: skip
def test_channels_are_known_however_a_source_writes_them(written, channel):
    assert channel_of(written) == channel
