"""Churn: who is at risk and by what, seasons, drivers; by hand and planted."""

from __future__ import annotations

import datetime as dt

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.assess import summary as assess
from seglib.assess.behaviour import buying_seasons, churn, drivers
from seglib.errors import DataError, ParamsError

AS_OF = dt.date(2025, 9, 1)


def ordered(days: dict[int, list[str]]) -> ibis.Table:
    rows = [(customer, day) for customer, own in days.items() for day in own]
    return ibis.memtable(pd.DataFrame(rows, columns=["customer", "time"]).astype({"time": "datetime64[ns]"}))


def told(transactions: ibis.Table) -> pd.DataFrame:
    """Derive recency and gap as the features do: a gap takes two of one's own."""
    days = transactions.to_pandas().assign(ago=lambda t: (pd.Timestamp(AS_OF) - t.time).dt.days)
    made = days.groupby("customer").ago.agg(["min", "max", "size"]).reset_index()
    gap = (made["max"] - made["min"]) / (made["size"] - 1).where(made["size"] > 2)
    return pd.DataFrame(
        {"customer": made.customer, "recency": made["min"].astype(float), "days_between_orders": gap}
    )


# Who is at risk

GIFTS = ["2023-11-20", "2023-12-01", "2023-12-10"]


def test_a_buyer_of_presents_is_not_overdue_in_august_and_is_after_a_season_missed():
    transactions = ordered(
        {
            1: [*GIFTS, "2024-11-25", "2024-12-05"],
            2: ["2022-12-01", *GIFTS],
            3: GIFTS,
            4: ["2025-07-01", "2025-08-01", "2025-08-20"],
        }
    )
    features = told(transactions)
    assert churn.overdue(features).tolist() == [True, True, True, False]
    got = churn.risk(features, AS_OF, transactions=transactions)
    assert got.customers.at_risk.tolist() == [
        False,
        True,
        True,
        False,
    ]  # the third was seen in one season only
    assert got.seasonal == 0.5
    assert got.rule == "silence"


def test_a_season_may_reach_over_the_new_year_and_needs_two_years():
    transactions = ordered(
        {
            1: ["2023-12-20", "2024-01-10", "2025-01-05"],
            2: ["2024-12-20", "2025-02-10"],
            3: ["2023-03-01", "2024-07-01"],
            4: ["2023-01-01", "2023-06-01", "2024-01-01", "2025-01-01"],
        }
    )
    got = buying_seasons.seasons(transactions, AS_OF)
    assert got.customer.tolist() == [1]
    assert got.months.tolist() == [2]
    assert got.silence.tolist() == pytest.approx([365 + 2 * 365.25 / 12])


@settings(max_examples=60, deadline=None)
@given(st.lists(st.booleans(), min_size=12, max_size=12).filter(any), st.integers(0, 11))
def test_the_length_of_a_season_does_not_depend_on_when_the_year_begins(months, turn):
    once = buying_seasons._season_length(np.array([months]))[0]
    assert buying_seasons._season_length(np.array([np.roll(months, turn)]))[0] == once
    assert sum(months) <= once <= 12


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.floats(0, 900), st.floats(1, 400), st.floats(365, 460) | st.none()),
        min_size=1,
        max_size=20,
    )
)
def test_a_season_only_excuses(rows):
    features = pd.DataFrame(rows, columns=["recency", "days_between_orders", "silence"])
    with_season = churn.overdue(features, features.silence.astype(float))
    assert not (with_season & ~churn.overdue(features)).any()


def test_no_one_is_at_risk_without_a_rhythm_of_their_own():
    """Two gaps make a rhythm: neither a first-time buyer nor a new customer is late by that of others."""
    transactions = ordered(
        {
            1: ["2024-01-01"],
            2: ["2024-01-01", "2024-02-01"],
            3: ["2025-08-20"],
            4: ["2024-01-01", "2024-02-01", "2024-03-01"],
        }
    )
    got = churn.risk(told(transactions), AS_OF, transactions=transactions)
    assert got.customers.at_risk.tolist() == [pd.NA, pd.NA, pd.NA, True]
    assert got.borrowed.customer.tolist() == [1, 2, 3]
    assert got.borrowed.overdue.tolist() == [True, True, False]
    table = churn.churn(got, pd.DataFrame({"customer": [1, 2, 3, 4], "segment": [1, 1, 2, 2]}))
    columns = ["segment", "customers", "at_risk", "unjudged", "overdue"]
    assert table[columns].to_numpy().tolist() == [[1, 0, 0, 2, 2], [2, 1, 1, 1, 0]]
    assert np.isnan(table.share[0])  # not zero: it is not known


def test_where_everybody_bought_once_no_one_is_judged():
    transactions = ordered({n: ["2024-01-01"] for n in range(30)})
    features = told(transactions).drop(columns="days_between_orders")
    got = churn.risk(features, AS_OF, transactions=transactions)
    assert got.customers.at_risk.isna().all()
    assert len(got.borrowed) == 30
    assert got.borrowed.overdue.isna().all()
    assert churn.churn(got, pd.DataFrame({"customer": range(30), "segment": 1})).empty


@pytest.mark.parametrize(
    "answers",
    [["Active client", "Closed account"], ["yes", "no", "perhaps"], [0.0, 1.0, 2.0], ["aktiv", "ehemalig"]],
)
def test_a_risk_that_is_not_in_yes_and_no_is_asked_for(answers):
    features = pd.DataFrame({"customer": range(len(answers)), "status": answers})
    with pytest.raises(DataError, match=r"assess\.risk names 'status'.*neither yes nor no.*levels\.status"):
        churn.risk(features, AS_OF, named="status")


@pytest.mark.parametrize("answers", [["Ja", "nein", None], [1.0, 0.0, None], ["TRUE", "False", " "]])
def test_a_risk_in_yes_and_no_is_read_however_it_is_written(answers):
    features = pd.DataFrame({"customer": [1, 2, 3], "status": answers})
    assert churn.risk(features, AS_OF, named="status").customers.at_risk.tolist() == [True, False, pd.NA]


def test_who_never_ordered_is_neither_at_risk_nor_safe():
    transactions = ordered(
        {1: ["2025-08-01", "2025-08-20", "2025-08-25"], 2: ["2024-01-01", "2024-01-20", "2024-01-30"]}
    )
    features = pd.concat([told(transactions), pd.DataFrame({"customer": [3]})], ignore_index=True)
    got = churn.risk(features, AS_OF, transactions=transactions)
    assert got.customers.at_risk.tolist() == [False, True, pd.NA]
    segments = pd.DataFrame({"customer": [1, 2, 3], "segment": 1, "margin": 0.2})
    judged, name = churn.beside(features, got.customers)
    assert assess.value(judged, segments, risk_feature=name).at_risk.tolist() == [0.5]
    assert churn.churn(got, segments)[["customers", "at_risk", "share"]].to_numpy().tolist() == [[2, 1, 0.5]]


def contracts(rows: list[tuple]) -> ibis.Table:
    frame = pd.DataFrame(rows, columns=["customer", "start", "end"])
    return ibis.memtable(frame.astype({"start": "datetime64[ns]", "end": "datetime64[ns]"}))


def test_contracts_that_ended_within_a_year_are_churn():
    table = contracts(
        [
            (1, "2020-01-01", None),
            (2, "2020-01-01", "2025-03-01"),
            (3, "2020-01-01", "2022-01-01"),
            (4, "2020-01-01", "2025-03-01"),
            (4, "2025-03-02", None),
            (5, "2024-01-01", "2025-09-01"),
            (6, "2024-01-01", "2024-09-01"),
        ]
    )
    features = pd.DataFrame({"customer": range(1, 8), "recency": 1.0, "days_between_orders": 1.0})
    got = churn.risk(features, AS_OF, subscriptions=table, transactions=ordered({1: ["2025-01-01"]}))
    assert got.customers.at_risk.tolist() == [False, True, pd.NA, False, False, True, pd.NA]
    assert got.rule == "contracts"


def test_a_named_feature_comes_first_and_what_it_does_not_say_is_missing():
    features = pd.DataFrame({"customer": [1, 2, 3], "left": ["Yes", "no", None]})
    got = churn.risk(features, AS_OF, named="left", subscriptions=contracts([(1, "2020-01-01", None)]))
    assert got.customers.at_risk.tolist() == [True, False, pd.NA]
    assert (got.rule, got.defines) == ("feature", ("left",))
    with pytest.raises(
        ParamsError, match=r"assess\.risk names 'lefft'; known features: left\. Did you mean 'left'"
    ):
        churn.risk(features, AS_OF, named="lefft")


def test_no_customer_is_judged_without_a_source():
    features = pd.DataFrame({"customer": [1, 2], "age": [30.0, 40.0]})
    got = churn.risk(features, AS_OF)
    assert got.customers.empty
    assert list(got.customers.columns) == ["customer", "at_risk"]
    assert churn.beside(features, got.customers) == (features, None)
    made = churn.churn(got, pd.DataFrame({"customer": [1, 2], "segment": 1}))
    assert list(made.columns) == list(churn.COLUMNS)
    assert made.empty
    assert drivers.drivers(features, churn.of(got, features), CATALOGUE.head(0)).reason == "no risk"
    assert drivers.drivers(features, pd.Series([True, False]), CATALOGUE.head(1)).reason == "few"


def judged_of(yes: dict[int, tuple[int, int]]) -> tuple[churn.Risk, pd.DataFrame]:
    """So many at risk of so many, per segment."""
    rows = [(segment, n < at_risk) for segment, (at_risk, of) in yes.items() for n in range(of)]
    frame = pd.DataFrame(rows, columns=["segment", "at_risk"]).assign(customer=range(len(rows)))
    return churn.Risk(frame[["customer", "at_risk"]].astype({"at_risk": "boolean"}), "feature"), frame


def test_churn_counts_true_shares_with_wilson_intervals_whatever_their_size():
    judged, segments = judged_of({1: (10, 100), 2: (3, 100), 3: (2, 5)})
    got = churn.churn(judged, segments).set_index("segment")
    assert got.at_risk.to_dict() == {1: 10, 2: 3, 3: 2}
    assert got.share.to_dict() == {1: 0.1, 2: 0.03, 3: 0.4}
    assert got.loc[1, ["low", "high"]].tolist() == pytest.approx([0.0552, 0.1744], abs=1e-4)
    assert (got.rule == "feature").all()


def test_risk_is_the_same_whatever_the_numbers_of_segments():
    judged, segments = judged_of({1: (10, 100), 2: (3, 100)})
    renumbered = churn.churn(judged, segments.assign(segment=3 - segments.segment)).sort_values(
        "segment", ascending=False
    )
    pd.testing.assert_frame_equal(
        churn.churn(judged, segments).drop(columns="segment"),
        renumbered.drop(columns="segment").reset_index(drop=True),
    )


# Drivers

CATALOGUE = pd.DataFrame(
    [
        ("age", "ratio"),
        ("income", "ratio"),
        ("noise", "ratio"),
        ("plan", "nominal"),
        ("net", "nominal"),
        ("tv", "nominal"),
    ],
    columns=["feature", "level"],
).assign(
    label=lambda c: c.feature.str.capitalize(),
    high=lambda c: "high " + c.feature,
    low=lambda c: "low " + c.feature,
    protected=False,
    source="customers",
)
TRUTH = {"age": -0.8, "income": 0.5, "noise": 0.0}


def leavers(n: int, seed: int) -> tuple[pd.DataFrame, pd.Series]:
    """Customers who leave by known coefficients per standard deviation; one in five is on a flat plan, which adds 1."""
    rng = np.random.default_rng(seed)
    x = pd.DataFrame(rng.normal(size=(n, 3)), columns=list(TRUTH)) * [12, 900, 3] + [45, 3000, 0]
    plan = rng.random(n) < 0.2
    z = (x - [45, 3000, 0]) / [12, 900, 3]
    logit = -1 + z @ pd.Series(TRUTH) + 1.0 * plan
    left = rng.random(n) < 1 / (1 + np.exp(-logit))
    return x.assign(plan=np.where(plan, "flat", "metered")), pd.Series(left)


def test_planted_coefficients_are_found_within_their_intervals():
    features, left = leavers(6000, seed=2)
    got = drivers.drivers(features, left, CATALOGUE.iloc[:4])
    assert got.reason == ""
    table = got.table.set_index("feature")
    truth = pd.Series(TRUTH | {"plan": 1.0 * np.std(features.plan == "flat")})[table.index]
    assert (np.log(table.low) <= truth).all()
    assert (truth <= np.log(table.high)).all()
    assert table.index.tolist()[:2] == ["age", "income"]
    assert table.significant.to_dict() == {"age": True, "income": True, "plan": True, "noise": False}
    assert table.words[["age", "income"]].tolist() == ["low age", "high income"]
    assert pd.isna(table.words["plan"])
    assert table.loc["plan", ["answer", "against"]].tolist() == ["flat", "metered"]
    assert table.odds_ratio["plan"] > 1


def test_intervals_of_planted_coefficients_cover_them(monkeypatch):
    monkeypatch.setattr(drivers, "discrimination", lambda *_: (0.8, 0.0))  # measured elsewhere, and slow
    inside = []
    for seed in range(25):
        features, left = leavers(600, seed)
        table = drivers.drivers(features[list(TRUTH)], left, CATALOGUE.iloc[:3]).table.set_index("feature")
        truth = pd.Series(
            {
                c: b * features[c].std(ddof=0) / s
                for (c, b), s in zip(TRUTH.items(), [12, 900, 3], strict=True)
            }
        )
        inside += (
            (np.log(table.low) <= truth[table.index]) & (truth[table.index] <= np.log(table.high))
        ).tolist()
    assert 0.9 <= np.mean(inside) <= 0.99


def test_noise_drives_nothing():
    rng = np.random.default_rng(5)
    features = pd.DataFrame(rng.normal(size=(2000, 3)), columns=list(TRUTH))
    got = drivers.drivers(features, pd.Series(rng.random(2000) < 0.3), CATALOGUE.iloc[:3])
    assert got.reason == "auc"
    assert got.table.auc.iloc[0] == pytest.approx(0.5, abs=0.06)


def test_an_answer_that_everybody_at_risk_gave_keeps_finite_odds():
    rng = np.random.default_rng(3)
    plan = pd.Series(np.where(rng.random(1000) < 0.4, "flat", "metered"))
    left = (plan == "flat") & (rng.random(1000) < 0.5)
    features = pd.DataFrame({"plan": plan, "age": rng.normal(size=1000)})
    got = drivers.drivers(features, left, CATALOGUE.iloc[[0, 3]])
    first = got.table.iloc[0]
    assert (first.feature, first.against) == ("plan", "metered")
    assert 5 < first.odds_ratio < first.high < 1e4
    assert first.low > 1
    assert got.reason == ""


def test_what_says_the_same_and_what_follows_from_the_others_is_left_out():
    rng = np.random.default_rng(4)
    net = rng.choice(["fibre", "dsl", "none"], 3000, p=[0.4, 0.3, 0.3])
    tv = np.where(net == "none", "no net", rng.choice(["yes", "no"], 3000))
    features = pd.DataFrame(
        {"net": net, "tv": tv, "age": rng.normal(size=3000), "noise": rng.normal(size=3000)}
    )
    features["income"] = (
        20 * (net == "dsl") + 40 * (net == "fibre") + 9 * (tv == "yes") + 0.1 * rng.normal(size=3000)
    )
    left = pd.Series(rng.random(3000) < np.where(net == "fibre", 0.5, np.where(net == "dsl", 0.3, 0.1)))
    got = drivers.drivers(features, left, CATALOGUE[CATALOGUE.feature != "plan"])
    assert got.left_out == ("income",)
    answers = got.table.set_index("feature").answer
    assert sorted(got.table.feature) == ["age", "net", "net", "noise", "tv"]
    assert sorted(answers["net"]) == ["dsl", "fibre"]
    assert set(got.table.against[got.table.feature == "net"]) == {"none"}


def test_constant_missing_and_rare_answers_explain_nothing():
    rng = np.random.default_rng(6)
    n = 2000
    features = pd.DataFrame(
        {
            "age": rng.normal(size=n),
            "income": 5.0,
            "noise": np.where(np.arange(n) % 2, np.nan, 1.0),
            "plan": np.where(np.arange(n) < 7, "odd", "usual"),
        }
    )
    left = pd.Series(rng.random(n) < 1 / (1 + np.exp(-features.age)))
    got = drivers.drivers(features, left, CATALOGUE.iloc[:4])
    assert got.table.feature.tolist() == ["age"]


def test_an_answer_that_few_at_risk_gave_is_compared_with_its_true_numbers():
    rng = np.random.default_rng(8)
    plan = np.where(np.arange(1000) < 60, "odd", "usual")
    left = pd.Series(np.where(np.arange(1000) < 60, np.arange(1000) < 4, rng.random(1000) < 0.4))
    features = pd.DataFrame({"plan": plan, "age": rng.normal(size=1000)})
    got = drivers.drivers(features, left, CATALOGUE.iloc[[0, 3]]).table.set_index("feature")
    assert (got.answer["plan"], got.against["plan"]) == ("usual", "odd")
    assert got.low["plan"] > 1
    assert got.behind["plan"] >= 10


def test_too_few_at_risk_for_so_many_features_is_said():
    features, left = leavers(300, seed=1)
    few = left & (left.cumsum() <= 12)
    got = drivers.drivers(features, few, CATALOGUE.iloc[:4])
    assert got.table.empty
    assert (got.reason, got.columns) == ("many columns", 4)
    assert list(got.table.columns) == list(drivers.COLUMNS)


def test_no_protected_attribute_and_nothing_that_defines_the_risk_explains_it():
    catalogue = CATALOGUE.assign(protected=CATALOGUE.feature == "age", source=["customers"] * 5 + ["events"])
    judged = churn.Risk(pd.DataFrame(), "silence", defines=("net",), silent=("events",))
    assert churn.candidates(catalogue, judged).feature.tolist() == ["income", "noise", "plan"]


def test_drivers_are_the_same_whatever_the_order_of_features_and_who_is_unknown():
    features, left = leavers(1500, seed=7)
    one = drivers.drivers(features, left, CATALOGUE.iloc[:4]).table
    more = pd.concat([features, features.head(40)], ignore_index=True)
    unknown = pd.concat([left.astype(object), pd.Series([None] * 40)], ignore_index=True)
    other = drivers.drivers(more, unknown, CATALOGUE.iloc[[3, 2, 1, 0]]).table
    pd.testing.assert_frame_equal(
        one.drop(columns=["auc", "auc_p"]), other.drop(columns=["auc", "auc_p"]), rtol=1e-6
    )
    assert one.auc.iloc[0] == pytest.approx(other.auc.iloc[0], abs=1e-6)
