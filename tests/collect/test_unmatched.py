"""`customers: optional`: customers of transactions who have no row in the table of customers."""

import datetime as dt

import ibis
import pandas as pd
import pytest
import yaml

from seglib.collect.customers import Eligibility
from seglib.collect.eligible import select_eligible
from seglib.collect.ledger import Terms
from seglib.collect.sources import Opened
from seglib.project import check, params, understanding

SOLD = pd.DataFrame(
    {
        "who": ["1", "1", "2", "3", "4", "4", "5", "8", "6", "", "7"],
        "day": [f"2024-0{n % 8 + 1}-03" for n in range(10)] + ["2025-02-03"],
        "worth": ["10.00", "5.50", "7.25", "3.00", "20.00", "1.00", "8.00", "2.50", "2.50", "9.99", "4.00"],
    }
)
PEOPLE = pd.DataFrame(
    {"id": ["1", "2", "3", "9"], "age": ["30", "41", "", "55"], "kind": ["a", "b", "a", "test"]}
)
ROLES = {
    "customers": {"customer": "id"},
    "transactions": {"customer": "who", "time": "day", "amount": "worth"},
}


def selected(people=PEOPLE, sold=SOLD, *, customers="optional", where=None, forgotten=()):
    engine = ibis.duckdb.connect()
    tables = {"customers": people, "transactions": sold}
    opened = {kind: Opened(kind, engine.create_table(kind, table)) for kind, table in tables.items()}
    terms = {"customers": Terms(where=where), "transactions": Terms(customers=customers)}
    eligibility = Eligibility(forgotten=lambda ids: ids.isin(list(forgotten)))
    return select_eligible(
        opened,
        ROLES,
        dt.date(2025, 1, 1),
        given={"age": "demographic"},
        terms=terms,
        eligibility=eligibility,
    )


def test_they_stay_and_only_their_transactions_are_known():
    eligible = selected()
    # not 7, whose only row is too new
    assert sorted(eligible.ids.key) == ["1", "2", "3", "4", "5", "6", "8", "9"]
    ages = eligible.customers.merge(eligible.ids, on="customer").set_index("key").age
    assert ages.dropna().to_dict() == {"1": 30, "2": 41, "9": 55}
    assert eligible.tables["transactions"].amount.sum().to_pandas() == pytest.approx(59.75)
    kept = eligible.ledger.set_index("rule").loc["not in the table of customers"]
    assert (kept.warned, kept.dropped) == (5, 0)
    assert "4 customers" in kept.why


def test_required_leaves_them_out_and_counts_their_money():
    eligible = selected(customers="required")
    assert sorted(eligible.ids.key) == ["1", "2", "3", "9"]
    lost = eligible.ledger.set_index("rule").loc["unknown customer"]
    assert (lost.dropped, lost.value) == (5, 34.0)


@pytest.mark.parametrize(
    ("how", "gone"),
    [({"where": "kind = 'a'"}, "2"), ({"forgotten": ["2"]}, "2"), ({"forgotten": ["4"]}, "4")],
)
def test_who_was_left_out_of_the_table_stays_out(how, gone):
    assert gone not in set(selected(**how).ids.key)


def test_ids_that_are_compared_otherwise_are_one_customer():
    people = PEOPLE.assign(id=["001", "002", "003", "009"])
    sold = SOLD.assign(who=SOLD.who.replace("8", "06"))
    assert sorted(selected(people, sold).ids.key) == ["001", "002", "003", "009", "06", "4", "5"]


def project(folder, **columns):
    PEOPLE.assign(ok="yes").to_csv(folder / "people.csv", index=False)
    SOLD[:10].to_csv(folder / "sold.csv", index=False)
    raw = {
        "title": "Shop",
        "as_of": dt.date(2025, 1, 1),
        "objective": "retention",
        "sources": {
            "customers": {"path": str(folder / "people.csv"), "columns": ROLES["customers"] | columns},
            "transactions": {
                "path": str(folder / "sold.csv"),
                "columns": ROLES["transactions"],
                "customers": "optional",
            },
        },
        "bases": {"behavioural": "auto"},
        "segment": {"on": ["behavioural"]},
    }
    (folder / "shop.yaml").write_text(yaml.safe_dump(raw), encoding="utf-8")
    return params.load(folder / "shop.yaml")


def test_check_counts_them_in_ids_and_in_rows(tmp_path):
    loaded = project(tmp_path)
    assert check.problems(loaded, tmp_path) == []
    said = "\n".join(understanding.lines(loaded, "", tmp_path, derive=False))
    assert "3 of 7 ids belong to a customer in the table" in said
    assert "not in the table of customers: 5 rows kept" in said
    assert "8 customers left to segment" in said


def test_consent_must_be_in_the_table(tmp_path):
    (problem,) = check.problems(project(tmp_path, consent="ok"), tmp_path)
    assert "sources.transactions.customers has no effect" in problem and "consent" in problem
