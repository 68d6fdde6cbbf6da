"""What rows must keep, returns and the orders that they reverse, ids that are written differently."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from seglib.catalogue.sources import KINDS
from seglib.collect import joining, returns, sources
from seglib.collect.customers import Eligibility
from seglib.collect.eligible import select_eligible
from seglib.collect.ledger import Terms
from seglib.collect.sources import Opened
from seglib.errors import DataError
from seglib.project.schema.sources import Sources

AS_OF = dt.date(2024, 6, 1)
ROLES = {"customer": "c", "order": "o", "time": "t", "product": "p", "amount": "n"}


def opened(kind: str, frame: pd.DataFrame, engine=None) -> Opened:
    engine = engine or sources.connect()
    return Opened(kind, engine.create_table(f"source_{kind}", frame, overwrite=True))


def select(
    rows: list[tuple], people: pd.DataFrame | None = None, eligibility: Eligibility | None = None, **terms
):
    engine = sources.connect()
    frame = pd.DataFrame(rows, columns=["c", "o", "t", "p", "n"]).astype({"t": "datetime64[ns]"})
    there, roles = {"transactions": opened("transactions", frame, engine)}, {"transactions": ROLES}
    if people is not None:
        there = {"customers": opened("customers", people, engine)} | there
        roles["customers"] = {"customer": "id"}
    return select_eligible(
        there, roles, AS_OF, eligibility=eligibility, terms={"transactions": Terms(**terms)}
    )


# Returns

LINES = [
    ("a", "1", "2024-01-01", "x", 10.0),
    ("a", "2", "2024-01-05", "x", 10.0),
    ("a", "R1", "2024-01-06", "x", -10.0),  # reverses 2, the nearest earlier
    ("a", "R2", "2024-01-07", "x", -10.0),  # then 1
    ("a", "R3", "2024-01-08", "x", -10.0),  # nothing is left
    ("a", "3", "2024-01-09", "x", 10.0),  # later than R3: not its order
    ("a", "4", "2024-02-01", "y", 30.0),
    ("a", "R4", "2024-02-02", "y", -12.0),  # a part of 4
    ("b", "R5", "2024-02-03", "y", -30.0),  # another customer's
    ("b", "5", "2024-03-01", "z", 8.0),
]


def reversed_by(eligible) -> dict[str, str | None]:
    found = eligible.tables["returns"].to_pandas()
    return {o: (None if pd.isna(r) else r) for o, r in zip(found.order, found.reverses, strict=True)}


def test_a_return_reverses_the_nearest_earlier_order_not_yet_reversed():
    assert reversed_by(select(LINES)) == {"R1": "2", "R2": "1", "R3": None, "R4": "4", "R5": None}


def test_what_became_of_returns_is_told_with_its_value():
    got = select(LINES).account.reversals.set_index("outcome")
    assert got.returns.to_dict() == {
        "reverses an earlier row": 2,
        "reverses a part of an earlier row": 1,
        "reverses no known order": 2,
    }
    assert got.value.to_dict() == {
        "reverses an earlier row": -20.0,
        "reverses a part of an earlier row": -12.0,
        "reverses no known order": -40.0,
    }
    assert got.share.sum() == pytest.approx(1)


@pytest.mark.parametrize(("action", "left"), [("warn", 5), ("drop", 3)])
def test_unmatched_returns_are_kept_or_left_out_as_the_params_say(action, left):
    eligible = select(LINES, rules={"unmatched_return": action})
    assert int(eligible.tables["returns"].count().to_pandas()) == left
    entry = eligible.ledger.set_index("rule").loc["unmatched return"]
    assert (entry.warned, entry.dropped, entry.value) == (
        (2, 0, -40.0) if action == "warn" else (0, 2, -40.0)
    )


def test_unmatched_returns_stop_when_the_params_say_so():
    with pytest.raises(
        DataError, match=r"transactions: 2 rows break the rule 'unmatched_return'.*drop, warn"
    ):
        select(LINES, rules={"unmatched_return": "stop"})


def by_hand(lines: list[tuple[str, str, int, int]]) -> dict[int, int | None]:
    """Match returns with a stack per customer, product and amount."""
    open_, found = {}, {}
    for place, (customer, product, amount, _day) in enumerate(lines):
        stack = open_.setdefault((customer, product, abs(amount)), [])
        if amount > 0:
            stack.append(place)
        else:
            found[place] = stack.pop() if stack else None
    return found


@settings(max_examples=40, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("ab"), st.sampled_from("xy"), st.sampled_from([5, -5, 7, -7])),
        min_size=1,
        max_size=30,
    )
)
def test_returns_are_matched_as_with_a_stack(drawn):
    lines = [(c, p, n, day) for day, (c, p, n) in enumerate(drawn)]
    frame = pd.DataFrame(
        [
            {
                "key": c,
                "product": p,
                "amount": float(n),
                "order": str(day),
                "time": pd.Timestamp(2024, 1, 1) + pd.Timedelta(days=day),
            }
            for c, p, n, day in lines
        ]
    )
    table = sources.connect().create_table("t", frame)
    got = returns.matched(table.filter(table.amount > 0), table.filter(table.amount < 0)).to_pandas()
    assert {
        int(o): None if pd.isna(r) else int(r) for o, r in zip(got.order, got.reverses, strict=True)
    } == by_hand(lines)


# Ids


@pytest.mark.parametrize(
    ("ids", "words"),
    [
        (["00017", "00023", "00031"], "without leading zeros"),
        ([17.0, 23.0, 31.0], "as they stand"),
        ([17, 23, 31], "as they stand"),
        ([" 17 ", "23", "31.0"], "as they stand"),
    ],
)
def test_ids_of_other_type_or_padding_are_recognised_and_said(ids, words):
    people = pd.DataFrame({"id": ["17", "23", "31", "40"]})
    rows = [(i, str(n), "2024-01-01", "x", 1.0) for n, i in enumerate(ids)]
    eligible = select(rows, people)
    assert eligible.account.joins.to_dict("records") == [
        {"source": "transactions", "ids": 3, "known": 3, "without": 1, "compared": words}
    ]
    assert sorted(eligible.ids.key) == ["17", "23", "31", "40"]


def test_ids_stay_as_the_customers_are_written():
    """Who forgets a customer, or reads an audience, has the id of the customers' table."""
    people = pd.DataFrame({"id": ["00017", "00023", "00031"]})
    eligible = select([(i, i, "2024-01-01", "x", 1.0) for i in ("17", "23")], people)
    assert eligible.account.joins.compared.tolist() == ["without leading zeros"]
    assert sorted(eligible.ids.key) == ["00017", "00023", "00031"]
    assert int(eligible.tables["transactions"].customer.nunique().to_pandas()) == 2


def test_without_customers_other_sources_are_compared_with_transactions():
    engine = sources.connect()
    bought = pd.DataFrame(
        {
            "c": ["17", "23"],
            "o": ["1", "2"],
            "p": "x",
            "n": 1.0,
            "t": pd.to_datetime(["2024-01-01", "2024-01-02"]),
        }
    )
    seen = pd.DataFrame({"who": ["0017", "0023", "0099"], "when": pd.to_datetime("2024-02-01")})
    eligible = select_eligible(
        {"transactions": opened("transactions", bought, engine), "events": opened("events", seen, engine)},
        {"transactions": ROLES, "events": {"customer": "who", "time": "when"}},
        AS_OF,
        terms={},
    )
    assert eligible.account.joins.to_dict("records") == [
        {"source": "events", "ids": 3, "known": 2, "without": 0, "compared": "without leading zeros"}
    ]
    assert sorted(eligible.ids.key) == ["17", "23"]
    assert int(eligible.tables["events"].count().to_pandas()) == 2


def test_ids_in_other_case_are_recognised():
    eligible = select([("c1", "1", "2024-01-01", "x", 1.0)], pd.DataFrame({"id": ["C1", "C2"]}))
    assert eligible.account.joins.compared.tolist() == ["in capital letters"]


def test_ids_that_would_become_alike_are_left_as_they_stand():
    known = ibis.memtable(pd.DataFrame({"key": ["7", "007", "9"]}))
    keys = {"transactions": ibis.memtable(pd.DataFrame({"key": ["07", "9"]}))}
    assert joining.how_to_join(keys, known) is joining.AS_WRITTEN


def test_a_source_of_strangers_is_refused_with_both_columns():
    with pytest.raises(
        DataError, match=r"transactions: none of 1 ids in column 'c' is among the 2 ids of customers"
    ):
        select([("zz", "1", "2024-01-01", "x", 1.0)], pd.DataFrame({"id": ["1", "2"]}))


def test_customers_in_two_rows_stop_with_the_column_named():
    people = pd.DataFrame({"id": ["1", "1", "2"], "city": ["A", "B", "C"]})
    with pytest.raises(
        DataError, match=r"customers: 1 ids in column 'id' are in more than one row .*repeated_id"
    ):
        select([("1", "1", "2024-01-01", "x", 1.0)], people)


def test_the_same_customer_row_twice_counts_once():
    people = pd.DataFrame({"id": ["1", "1", "2"], "city": ["A", "A", "C"]})
    eligible = select([("1", "1", "2024-01-01", "x", 1.0)], people)
    assert eligible.ledger.query("source == 'customers'").set_index("rule").dropped["duplicate row"] == 1
    assert sorted(eligible.ids.key) == ["1", "2"]


# Rules

ROWS = [
    ("a", "1", "2024-01-01", "x", 10.0),
    ("a", "1", "2024-01-01", "x", 10.0),
    ("b", "2", "2024-01-02", "x", 20.0),
    ("b", "3", "2024-06-01", "x", 5.0),
    ("c", "4", None, "x", 5.0),
    ("c", "5", "2024-02-01", "x", 9e6),
    (None, "6", "2024-02-01", "x", 1.0),
    ("c", "7", "2024-02-01", "x", 0.0),
]


def test_every_row_and_every_unit_of_value_is_accounted_for():
    eligible = select(ROWS, ranges={"n": {"max": 1e6}})
    entries = eligible.ledger.query("source == 'transactions'")
    assert (entries.rows_in.iloc[1:].to_numpy() == entries.rows_out.iloc[:-1].to_numpy()).all()
    gone = entries.dropped + entries.set_aside
    bought = eligible.tables["transactions"].amount.sum().to_pandas()
    # The amount out of range is blanked: it is missing then, and its row has no amount.
    assert float(bought) + entries.value[gone > 0].sum() == sum(r[4] for r in ROWS) - 9e6
    assert entries.set_index("rule").blanked["out of range"] == 1
    assert entries.set_index("rule").dropped["no amount"] == 1


@pytest.mark.parametrize(
    ("rule", "n"),
    [
        ("no_customer_id", 1),
        ("duplicate_row", 1),
        ("no_time", 1),
        ("on_or_after_as_of", 1),
        ("price_not_above_zero", 1),
    ],
)
def test_a_rule_stops_when_the_params_say_so(rule, n):
    with pytest.raises(
        DataError,
        match=rf"transactions: {n:,} rows break the rule '{rule}' .*sources.transactions.rules.{rule}",
    ):
        select(ROWS, rules={rule: "stop"})


def test_free_goods_are_kept_when_the_params_say_so():
    eligible = select(ROWS, rules={"price_not_above_zero": "warn"})
    assert eligible.ledger.set_index("rule").warned["price not above zero"] == 1
    assert (eligible.tables["transactions"].amount == 0).any().to_pandas()


def test_a_cell_that_cannot_be_read_stops_or_is_blanked():
    frame = pd.DataFrame(
        {"c": ["a", "b", "c"], "o": ["1", "2", "3"], "t": ["2024-01-01"] * 3, "n": ["5", "x5", "7"]}
    )
    roles = {"customer": "c", "order": "o", "time": "t", "amount": "n"}
    engine = sources.connect()
    there = {"transactions": opened("transactions", frame, engine)}
    with pytest.raises(
        DataError, match=r"1 entries of column 'n' are text, not numbers .*rows 2 after the header"
    ):
        select_eligible(there, {"transactions": roles}, AS_OF)
    blanked = select_eligible(
        there,
        {"transactions": roles},
        AS_OF,
        terms={"transactions": Terms(rules={"unreadable": "blank"})},
    )
    rules = blanked.ledger.set_index("rule")
    assert (rules.blanked["unreadable"], rules.dropped["no amount"]) == (1, 1)


def test_old_data_are_told_and_refused_when_asked():
    eligible = select(ROWS, fresh_days=30)
    assert eligible.ledger.set_index("rule").warned["stale"] == 4 - 1
    with pytest.raises(
        DataError, match=r"newest row is of 2024-02-01, 121 days before as_of; .*fresh_days allows 30"
    ):
        select(ROWS, fresh_days=30, rules={"stale": "stop"})


BESIDE = {
    "events": ({"c": "a", "w": "visit"}, {"type": "w"}),
    "responses": ({"c": "a", "w": "price", "s": 4.0}, {"item": "w", "score": "s"}),
    "campaigns": ({"c": "a", "w": "spring", "s": 1}, {"campaign": "w", "responded": "s"}),
}


@pytest.mark.parametrize("kind", BESIDE)
def test_a_table_that_begins_after_as_of_is_refused_and_campaigns_may_lie_ahead(kind):
    """Else no customer would have done anything in the months before the table begins."""
    row, roles = BESIDE[kind]
    frame = pd.DataFrame([row | {"t": pd.Timestamp("2024-07-01")}] * 3)
    orders = pd.DataFrame(ROWS, columns=["c", "o", "t", "p", "n"]).astype({"t": "datetime64[ns]"})
    engine = sources.connect()
    there = {"transactions": opened("transactions", orders, engine), kind: opened(kind, frame, engine)}
    given = {"transactions": ROLES, kind: {"customer": "c", "time": "t"} | roles}
    if kind == "campaigns":
        assert len(select_eligible(there, given, AS_OF).tables[kind].to_pandas()) == 0
        return
    with pytest.raises(
        DataError, match=rf"{kind}: all \d rows lie on or after .*2024-07-01.*or leave the source out"
    ):
        select_eligible(there, given, AS_OF)


def test_the_contract_puts_every_rule_to_every_row():
    contract = select(ROWS).account.contract.set_index("rule")
    assert contract.rows.unique().tolist() == [7]  # the same row twice is one
    assert contract.broken.to_dict() == {
        "no customer id": 1,
        "implausible time": 0,
        "no time": 1,
        "on or after as_of": 1,
        "no amount": 0,
        "price not above zero": 1,
    }
    assert contract.outcome["no amount"] == "kept by all"
    assert contract.outcome["no time"] == "left out"


def test_whoever_asked_to_be_forgotten_is_left_out():
    def asked(keys: pd.Series) -> pd.Series:
        return keys.isin(["a"])

    for people in (None, pd.DataFrame({"id": ["a", "b", "c"]})):
        eligible = select(ROWS, people, Eligibility(forgotten=asked))
        assert sorted(eligible.ids.key) == ["b", "c"]
        assert eligible.ledger.set_index("rule").dropped["asked to be forgotten"] == 1
        assert int(eligible.tables["transactions"].count().to_pandas()) == 2


def test_every_rule_has_a_default_and_known_actions():
    for kind in KINDS.values():
        for rule in kind.rules:
            assert rule.action == rule.allowed[0]
            assert set(rule.allowed) <= {"drop", "blank", "warn", "stop"}


@pytest.mark.parametrize(
    ("rule", "message"),
    [
        (
            "unreadable",
            r"\.customers\.rules\.unreadable: found 'mend'; allowed: blank \(sets the cell to missing\), drop, stop",
        ),
        ("no_consent", r"\.customers\.rules\.no_consent: found 'mend'; allowed: drop, stop"),
    ],
)
def test_the_old_name_of_blank_is_refused_with_the_new_one(rule, message):
    with pytest.raises(ValidationError, match=message):
        Sources.model_validate({"customers": {"path": "a.csv", "rules": {rule: "mend"}}})


def test_other_kinds_keep_their_rules_too():
    engine = sources.connect()
    people = pd.DataFrame({"id": ["a", "b"]})
    contracts = pd.DataFrame(
        {
            "c": ["a", "a", "b", "b"],
            "s": pd.to_datetime(["2023-01-01", "2023-05-01", "2024-07-01", None]),
            "e": pd.to_datetime(["2023-02-01", "2023-04-01", None, None]),
            "f": [10.0, 20.0, 30.0, 40.0],
        }
    )
    eligible = select_eligible(
        {
            "customers": opened("customers", people, engine),
            "subscriptions": opened("subscriptions", contracts, engine),
        },
        {
            "customers": {"customer": "id"},
            "subscriptions": {"customer": "c", "start": "s", "end": "e", "fee": "f"},
        },
        AS_OF,
        terms={"subscriptions": Terms(rules={"end_before_start": "blank"})},
    )
    rules = eligible.ledger.query("source == 'subscriptions'").set_index("rule")
    assert (rules.dropped["no start"], rules.dropped["start on or after as_of"]) == (1, 1)
    assert rules.blanked["end before start"] == 1
    left = eligible.tables["subscriptions"].to_pandas().sort_values("fee")
    assert (left.end >= left.start).all()
    assert left.fee.tolist() == [10.0, 20.0]


def _kinds_of_source() -> str:
    parts = []
    for name, kind in KINDS.items():
        parts += [f"### {name}: {kind.grain}", "", "| columns | holds | meaning |", "| --- | --- | --- |"]
        parts += [f"| `{r.name}`{'*' if r.required else ''} | {r.holds} | {r.meaning} |" for r in kind.roles]
        parts += ["", "| rules | default, and what else is allowed | why |", "| --- | --- | --- |"]
        for rule in kind.rules:
            others = ", ".join(action for action in rule.allowed if action != rule.action)
            parts.append(f"| `{rule.name}` | **{rule.action}** {others} | {rule.why} |")
        parts.append("")
    return "\n".join(parts)


def test_the_docs_list_the_kinds_their_columns_and_rules(root):
    assert (root / "docs" / "sources.md").read_text(encoding="utf-8").endswith(_kinds_of_source())
