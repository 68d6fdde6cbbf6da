"""From rows to features: small tables typed by hand."""

from __future__ import annotations

import datetime as dt
from decimal import Decimal

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.collect import build as collect
from seglib.collect import ledger, quality, sources
from seglib.collect.eligible import select_eligible
from seglib.collect.features import Settings
from seglib.collect.features.given import given_column
from seglib.collect.sources import Opened
from seglib.errors import DataError
from seglib.privacy import consent as privacy

AS_OF = dt.date(2024, 6, 1)
ROLES = {"customer": "c", "order": "o", "time": "t", "product": "p", "quantity": "q", "price": "eur"}


def select(rows: list[tuple], customers: pd.DataFrame | None = None, **options):
    engine = sources.connect()
    frame = pd.DataFrame(rows, columns=["c", "o", "t", "p", "q", "eur"]).astype({"t": "datetime64[ns]"})
    opened = {"transactions": Opened("transactions", engine.create_table("t", frame, overwrite=True))}
    roles = {"transactions": ROLES}
    if customers is not None:
        opened["customers"] = Opened("customers", engine.create_table("c", customers, overwrite=True))
        roles["customers"] = {"customer": "id"} | ({"consent": "ok"} if "ok" in customers else {})
    return select_eligible(opened, roles, AS_OF, terms={"transactions": ledger.Terms(**options)})


ROWS = [
    ("a", "1", "2024-01-06 10:00", "x", 2, 5.0),  # a Saturday: 10
    ("a", "1", "2024-01-06 10:00", "y", 1, 7.0),  # 7
    ("a", "2", "2024-03-01 20:00", "x", 1, 3.0),  # a Friday evening: 3
    ("a", "C2", "2024-03-05 09:00", "x", -1, 3.0),  # returned
    ("b", "3", "2024-05-01 08:00", "z", 4, 2.5),  # 10
    ("b", "3", "2024-05-01 08:00", "z", 4, 2.5),  # the same row twice
    (None, "4", "2024-05-01 08:00", "z", 1, 9.0),  # nobody
    ("b", "5", "2024-05-02 08:00", "z", 1, 0.0),  # given away
    ("b", "6", "2024-06-01 00:00", "z", 1, 4.0),  # on as_of
]


def features_of(eligible) -> pd.DataFrame:
    made = eligible.ids
    for basis in ("behavioural", "value"):
        for frame in collect.feats.derived(basis, eligible.tables, Settings(AS_OF)).frames:
            made = made.merge(frame, on="customer", how="left")
    return made.set_index("key")


def test_the_ledger_accounts_for_every_row():
    ledger = select(ROWS, cancelled_prefix="C").ledger.query("source == 'transactions'")
    lost = ledger.set_index("rule")[["dropped", "set_aside"]].sum(axis=1)
    assert lost[lost > 0].to_dict() == {
        "no customer id": 1,
        "duplicate row": 1,
        "on or after as_of": 1,
        "cancellation or return": 1,
        "price not above zero": 1,
    }
    assert ledger.rows_in.iloc[0] - lost.sum() == ledger.rows_out.iloc[-1] == 4
    assert (ledger.rows_in.iloc[1:].to_numpy() == ledger.rows_out.iloc[:-1].to_numpy()).all()


def test_features_are_counted_by_hand():
    got = features_of(select(ROWS, cancelled_prefix="C"))
    assert got.recency.to_dict() == {"a": 92, "b": 31}
    assert got.order_count.to_dict() == {"a": 2, "b": 1}
    assert got.tenure.to_dict() == {"a": 147, "b": 31}
    assert got.days_between_orders.isna().all()  # of two gaps there are none
    assert got.net_value.to_dict() == {"a": 17.0, "b": 10.0}
    assert got.order_value.to_dict() == {"a": 10.0, "b": 10.0}
    assert got.items_per_order.to_dict() == {"a": 2.0, "b": 4.0}
    assert got.return_share.to_dict() == {"a": pytest.approx(0.15), "b": 0.0}
    assert got.product_breadth.to_dict() == {"a": 2, "b": 1}
    assert got.weekend_share.to_dict() == {"a": 0.5, "b": 0.0}
    assert got.evening_share.to_dict() == {"a": 0.5, "b": 0.0}


def test_duplicates_are_kept_without_an_order_number():
    rows = [(c, None, t, p, q, e) for c, _, t, p, q, e in ROWS[4:6]] + ROWS[:3]
    engine = sources.connect()
    frame = pd.DataFrame(rows, columns=["c", "o", "t", "p", "q", "eur"]).astype({"t": "datetime64[ns]"})
    opened = {"transactions": Opened("transactions", engine.create_table("t", frame))}
    roles = {"transactions": {k: v for k, v in ROLES.items() if k != "order"}}
    eligible = select_eligible(opened, roles, AS_OF)
    assert eligible.ledger.set_index("rule").dropped["duplicate row"] == 0
    assert features_of(eligible).net_value.b == 20.0


def test_customers_without_orders_stay_and_unknown_ones_are_counted():
    people = pd.DataFrame({"id": ["a", "new"], "ok": ["yes", "yes"]})
    eligible = select(ROWS, people, cancelled_prefix="C")
    assert sorted(eligible.ids.key) == ["a", "new"]
    assert eligible.ledger.set_index("rule").dropped["unknown customer"] == 2
    assert pd.isna(features_of(eligible).recency.new)


def test_without_consent_a_customer_and_his_orders_are_left_out():
    people = pd.DataFrame({"id": ["a", "b", "c"], "ok": ["no", "yes", "yes"]})
    eligible = select(ROWS, people, cancelled_prefix="C")
    assert "a" not in set(eligible.ids.key)
    assert features_of(eligible).net_value.b == 10.0


@settings(max_examples=8, deadline=None)
@given(
    st.lists(
        st.tuples(st.sampled_from("abc"), st.integers(1, 9), st.decimals("0.01", "999.99", places=2)),
        min_size=4,
        max_size=40,
    )
)
def test_sums_are_exact_whatever_the_order_of_rows(lines):
    rows = [(c, str(i), f"2024-01-{1 + i % 28:02d}", "x", q, float(p)) for i, (c, q, p) in enumerate(lines)]
    if len({c for c, *_ in rows}) < 2:
        rows.append(("d", "999", "2024-01-01", "x", 1, 1.0))
    one, other = features_of(select(rows)), features_of(select(rows[::-1]))
    one, other = one.drop(columns="customer"), other.drop(columns="customer")
    want: dict[str, Decimal] = {}
    for c, _, _, _, q, p in rows:
        want[c] = want.get(c, Decimal(0)) + q * Decimal(str(p))
    assert one.net_value.to_dict() == {c: float(v) for c, v in want.items()}
    pd.testing.assert_frame_equal(one.sort_index(), other.sort_index())


@pytest.mark.parametrize(
    ("values", "level", "want", "blanked"),
    [
        (["1", " ", "3"], None, [1.0, None, 3.0], 1),
        (["a", "", "b"], None, ["a", None, "b"], 0),
        ([1, 2, 3], "nominal", ["1", "2", "3"], 0),
        (["low", "high", "low"], {"low": 1, "high": 5}, [1.0, 5.0, 1.0], 0),
        ([True, False, True], None, ["Yes", "No", "Yes"], 0),
        (["01067", "80331"], None, ["01067", "80331"], 0),
        ([1234560.0, 1234561.0], "nominal", ["1234560", "1234561"], 0),
        ([1.0, None, 2.0], {1: 10, 2: 20}, [10.0, None, 20.0], 0),
    ],
)
def test_given_columns_are_read_as_what_they_are(values, level, want, blanked):
    got, n = given_column(pd.Series(values, name="x"), "bases.needs", level)
    assert [None if pd.isna(v) else v for v in got] == want
    assert n == blanked


@pytest.mark.parametrize(
    ("values", "level", "message"),
    [
        (["a", "b"], "ratio", "declared ratio and holds text"),
        (["a", "b"], {"a": 1}, r"1 answers that levels does not number \(b\); numbered there: a"),
        ([f"id{i}" for i in range(200)], None, "looks like an id or free text"),
        (pd.to_datetime(["2024-01-01", "2024-01-02"]), None, "holds dates"),
        (["a@x.example", "b", None] * 9, None, "holds e-mail addresses"),
        ([b"a", b"b"], None, "holds bytes"),
    ],
)
def test_given_columns_that_cannot_be_used_are_refused(values, level, message):
    with pytest.raises(DataError, match=message):
        given_column(pd.Series(values, name="x"), "bases.needs", level)


@pytest.mark.parametrize("entry", ["yes", "Y", " TRUE ", "1", 1, 1.0, True])
def test_consent_is_read_in_its_usual_forms(entry):
    assert privacy.consented(pd.Series([entry, entry])).all()


def test_what_does_not_vary_is_left_out():
    eligible = select(ROWS, cancelled_prefix="C")
    built = collect.build_features(eligible.customers, eligible.tables, {"value": "auto"}, Settings(AS_OF))
    made, catalogue = built.features, built.catalogue
    assert made.columns.tolist() == ["customer", "net_value"]
    assert catalogue.feature.tolist() == ["net_value"]


@pytest.mark.parametrize("orders_each", [1, 2])
def test_when_few_orders_were_made_is_no_habit(orders_each):
    rng, rows = np.random.default_rng(5), []
    for customer in range(300):
        for order in range(orders_each):
            day = pd.Timestamp("2022-01-03") + pd.Timedelta(minutes=int(rng.integers(0, 700 * 1440)))
            rows.append((f"c{customer}", f"{customer}-{order}", str(day), "x", 1, float(rng.gamma(2, 20))))
    eligible = select(rows, cancelled_prefix="C")
    bases = {"behavioural": "auto", "value": "auto"}
    built = collect.build_features(eligible.customers, eligible.tables, bases, Settings(AS_OF))
    habits = built.catalogue.set_index("feature").describes
    assert habits[["weekend_share", "evening_share", "gift_season_share"]].all()
    assert "describe segments and do not form them" in built.remarks[0]


def test_a_given_column_of_transactions_becomes_the_most_frequent():
    engine = sources.connect()
    table = engine.create_table(
        "t", pd.DataFrame({"customer": [1, 1, 1, 2, 2], "given:town": ["b", "a", "b", "d", "c"]})
    )
    got = collect.feats.most_frequent(table, "town").to_pandas().set_index("customer").town
    assert got.to_dict() == {1: "b", 2: "c"}


def test_ibis_is_the_only_way_that_transactions_travel():
    eligible = select(ROWS, cancelled_prefix="C")
    assert all(isinstance(table, ibis.Table) for table in eligible.tables.values())


def test_a_cancellation_takes_value_away_whatever_its_sign():
    rows = [*ROWS[:3], ("a", "C2", "2024-03-05 09:00", "x", 1, 3.0), *ROWS[4:5]]
    eligible = select(rows, cancelled_prefix="C")
    assert features_of(eligible).net_value.a == 17.0
    assert eligible.ledger.set_index("rule").value["cancellation or return"] == -3.0


def test_returns_of_customers_without_a_purchase_are_accounted_for():
    rows = [*ROWS[:5], ("z", "7", "2024-03-05 09:00", "x", -2, 3.0)]
    eligible = select(rows, cancelled_prefix="C")
    lone = eligible.ledger.query("source == 'returns'").iloc[0]
    assert (lone.rows_in, lone.dropped, lone.value) == (2, 1, -6.0)
    assert "z" not in set(eligible.ids.key)


def test_slash_dates_are_not_guessed(tmp_path):
    (tmp_path / "a.csv").write_text("c,t,n\na,01/02/2024,1\nb,03/04/2024,2\n")
    opened = sources.open_source(sources.connect(), "transactions", tmp_path, {"path": "a.csv"})
    roles = {"customer": "c", "time": "t", "amount": "n"}
    with pytest.raises(
        DataError,
        match="2 times in column 't' cannot be read: '01.*set sources.transactions.dates to '%d/%m/%Y' or '%m/%d/%Y'",
    ):
        quality.rows_of_source(opened, roles, AS_OF, ledger.Terms())
    rows = quality.rows_of_source(opened, roles, AS_OF, ledger.Terms(dates="%d/%m/%Y"))
    assert sorted(quality.kept(rows).time.to_pandas().dt.month) == [2, 4]


@pytest.mark.parametrize("name", ["recency", "key", "segment", "margin"])
def test_a_feature_named_like_something_else_is_refused(name):
    people = pd.DataFrame({"customer": [1, 2], name: [1, 2]})
    again = [pd.DataFrame({"customer": [1], "recency": [2]})]
    with pytest.raises(DataError, match=f"features: '{name}' is the name of"):
        collect.feats.joined(people, again if name == "recency" else [])
