"""Cautions: each is raised by what it is about, and each arrives where a reader sees it."""

from __future__ import annotations

from types import SimpleNamespace

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib.report.context import Context, under
from seglib.report.decision import cautions as arriving
from seglib.report.decision.case import PARTS
from seglib.report.sentences import sentence
from seglib.target import cautioning

N = 200
CUSTOMERS = pd.DataFrame({"customer": range(N), "segment": [1, 2] * (N // 2)})
FEATURES = pd.DataFrame(
    {
        "customer": range(N),
        "recency": 120.0,
        "net_value": [1.0] * (N - 1) + [900.0],
    }
)
CHECKS = (
    "distinct",
    "stable",
    "substantial",
    "differentiable",
    "accessible",
    "substantial by value",
    "measurable",
)
TABLES = {
    "ledger": pd.DataFrame(
        {"source": ["transactions"], "rule": ["duplicate"], "rows_in": [100], "dropped": [30]}
    ),
    "catalogue": pd.DataFrame({"feature": ["age"], "basis": ["demographic"], "missing_share": [0.6]}),
    "calendar": pd.DataFrame(
        {"month": ["2024-11", "2024-12", "2025-01"], "value": [1.0, 9.0, 1.0], "customers": 50}
    ),
    "buyers": pd.DataFrame({"customers": [200], "once": [190]}),
    "products": pd.DataFrame({"product": ["MUG", "CUP"], "value": [9.0, 1.0], "customers": [150, 20]}),
    "scorecard": pd.DataFrame(
        {
            "segment": 1,
            "criterion": CHECKS,
            "measured": 0.1,
            "passed": False,
            "knock_out": False,
            "customers": 100,
        }
    ),
    "protected": pd.DataFrame(
        {
            "segment": [2],
            "label": ["age"],
            "answer": ["18 to 24"],
            "held": [0.9],
            "nearly": [True],
            "customers": [100],
        }
    ),
    "calibration": pd.DataFrame(
        {"segment": [1], "ratio": [1.6], "covered": [False], "since": ["2025-01-01"], "buyers": [90]}
    ),
    "best": pd.DataFrame(
        {
            "segment": [1],
            "unknown": "",
            "learned_from": "",
            "effect": 0.01,
            "customers": 100,
            "cost_from": "assumed",
            "cost": 0.05,
            "contact": "e-mail",
            "margin_from": "none",
        }
    ),
    "ranking": pd.DataFrame({"segment": [1, 2], "target": [True, False]}),
    "plays": pd.DataFrame(
        {"segment": [1], "required": [[{"kind": "consent", "held": None, "channel": "e-mail"}]]}
    ),
    "tests": pd.DataFrame(
        {
            "segment": [1, 1],
            "shows": False,
            "outcome": ["share", "orders"],
            "visible": [0.05, np.nan],
            "advice": ["pool", "unknown"],
            "customers": 100,
            "baseline_from": ["assumed", "none"],
            "baseline": [0.1, np.nan],
        }
    ),
    "value": pd.DataFrame({"segment": [1, 2], "customers": [150, 50]}),
    "structure": pd.DataFrame({"rule": [True]}),
    "cuts": pd.DataFrame({"feature": ["visits", "age"]}),
    "battery": pd.DataFrame({"level_share": [0.9]}),
}


@pytest.fixture(scope="module")
def raised() -> pd.DataFrame:
    return cautioning.cautions(TABLES, FEATURES, CUSTOMERS)


def test_orders_are_counted_where_all_bought_once_and_no_feature_says_so():
    once = ibis.memtable(pd.DataFrame({"customer": list("aabc"), "order": ["1", "1", "2", "3"]}))
    more = ibis.memtable(pd.DataFrame({"customer": list("aabc"), "order": ["1", "4", "2", "3"]}))
    assert cautioning.buyers(once).to_dict("records") == [{"customers": 3, "once": 3}]
    assert cautioning.buyers(more).to_dict("records") == [{"customers": 3, "once": 2}]
    raised = cautioning.cautions({"buyers": cautioning.buyers(once)}, FEATURES, CUSTOMERS)
    assert raised.code.tolist().count("bought_once") == 1
    assert cautioning.buyers(None) is None


def test_every_code_is_raised_by_what_it_is_about(raised):
    assert set(raised.code) == set(cautioning.SEVERITY)
    assert raised.severity.tolist() == [cautioning.SEVERITY[c] for c in raised.code]
    order = ["first", "stop", "high", "note"]
    assert raised.severity.map(order.index).is_monotonic_increasing


def test_a_division_by_one_column_is_said_once_whatever_is_known_of_the_column():
    rule, none = (pd.DataFrame({"rule": [is_one]}) for is_one in (True, False))

    def said(structure, *features):
        cuts = pd.DataFrame({"feature": list(features)}, dtype=object)
        made = cautioning.cautions({"structure": structure, "cuts": cuts}, FEATURES[["customer"]], CUSTOMERS)
        return list(zip(made.code, made.text, strict=True))

    assert said(rule, "plan", "plan", "age") == [("one_column", "plan"), ("filter", "age")]
    assert said(rule) == [("one_column", "")]  # too few customers on one side
    assert said(none, "plan", "plan") == [("filter", "plan")]
    assert said(none) == []


def test_nothing_is_raised_where_there_is_nothing_to_say():
    features = FEATURES.assign(recency=3.0, net_value=1.0)
    consent = pd.DataFrame(
        {"source": ["customers"], "rule": ["no consent"], "rows_in": [100], "dropped": [0]}
    )
    assert cautioning.cautions({"ledger": consent}, features, CUSTOMERS).empty


def case(raised: pd.DataFrame) -> SimpleNamespace:
    """A decision whose only target is segment 1."""
    rows = pd.DataFrame({"segment": [1, 2], "name": ["Loyal", "New"]})
    records = [
        r
        | {
            "segment": None if pd.isna(r["segment"]) else int(r["segment"]),
            "few": False,
            "strict": False,
            "min_cell": 1,
        }
        for r in raised.to_dict("records")
    ]
    return SimpleNamespace(cautions=records, targets=rows.head(1), rows=rows)


def test_every_caution_arrives_on_its_card_or_among_the_rest_or_first(raised):
    with under(Context("decision", "EUR")):
        made = case(raised)
        first = [c["code"] for c in arriving.first(made)]
        facts = {"first": arriving.first(made), "segments": 1, "basis": "profit"}
        lead = sentence("lead", facts, "decision")
        assert all(sentence("caution", c, "decision") in lead for c in arriving.first(made))
        card, rest = arriving.on_card(made, 1), arriving.elsewhere(made)
    said_in_full = [code for code, line in arriving.SAID_IN_FULL.items() if line in PARTS["trust"]]
    assert set(first) | {c["code"] for c in (*card, *rest)} | set(said_in_full) == set(cautioning.SEVERITY)
    assert all(c["text"] for c in (*card, *rest))
    own = set(raised.code[raised.segment == 1])
    assert {c["code"] for c in card} == own
    assert any(c["text"].startswith("<b>New:</b>") for c in rest if c["code"] == "protected")


@pytest.mark.parametrize("code", sorted(cautioning.SEVERITY))
def test_every_caution_has_words_of_its_own(raised, code):
    one = case(raised[raised.code == code]).cautions[0]
    with under(Context("decision", "EUR")):
        said = arriving.worded(one)["text"]
    others = [c for c in cautioning.SEVERITY if "_" in c]
    assert len(said) > 20 and "nan" not in said.split() and all(c not in said for c in others)


def test_a_share_of_few_customers_is_bounded_and_a_strict_project_names_no_group(raised):
    protected = case(raised[raised.code == "protected"]).cautions[0]
    with under(Context("decision", "EUR")):
        assert (
            "18 to 24" in arriving.worded(protected)["text"] and "90%" in arriving.worded(protected)["text"]
        )
        assert "18 to 24" not in arriving.worded(protected | {"strict": True})["text"]
        assert "over 80%" in arriving.worded(protected | {"min_cell": 20, "share": 0.95})["text"]


def test_one_customer_is_never_given_a_share(raised):
    one = raised[raised.code == "one_customer"].iloc[0]
    assert one.share == 0.5 and np.isnan(one.number)
