"""The generator: deterministic, as specified, soiled as specified; plans and own specifications."""

from __future__ import annotations

import hashlib
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib import simulate
from seglib.errors import ParamsError
from seglib.simulate import Attribute, Contracts, Dirt, Industry, Number, Planted, Purchases, draws, planning
from seglib.simulate.industries import INDUSTRIES
from seglib.simulate.milder import milder
from seglib.simulate.summary import summary

CLEAN = Dirt(
    duplicates=0,
    nameless=0,
    unknown=0,
    future=0,
    prospects=0,
    refused=0,
    free=0,
    impossible=0,
    padded=(),
    straight=0,
    hurried=0,
    skipped=0,
)
COLUMNS = {
    "customers": {"customer": "id", "consent": "consent"},
    "transactions": {
        "customer": "id",
        "time": "time",
        "order": "order",
        "amount": "amount",
        "category": "kind",
    },
}


def small(**changes) -> Industry:
    """Two segments: a few large purchases in December, many small ones at weekends."""
    gifts = Planted(
        0.25,
        "Gifts.",
        (700, 720),
        {"age": Number(60, 2)},
        Purchases(4, 200, {"gift": 1}, months=(0,) * 11 + (1,), own=0),
    )
    daily = Planted(
        0.75,
        "Bread.",
        (700, 720),
        {"age": Number(30, 2)},
        Purchases(40, 5, {"bread": 3, "cake": 1}, weekend=1, own=0, returned=0),
    )
    made = {
        "title": "A shop",
        "as_of": simulate.AS_OF,
        "segments": {"gifts": gifts, "daily": daily},
        "columns": COLUMNS,
        "attributes": {"age": Attribute(Number(40))},
        "dirt": CLEAN,
    }
    return Industry(**(made | changes))


def test_the_demo_shop_stays_as_it_was():
    known = {
        "customers": "66fa0e3ed5295361",
        "transactions": "28e64694a854e452",
        "events": "3bd8d45f7bef3246",
        "responses": "cbf4e3be4683cb4b",
        "truth": "98d1794da33b609c",
    }
    got = {
        name: hashlib.sha256(pd.util.hash_pandas_object(table).to_numpy().tobytes()).hexdigest()[:16]
        for name, table in simulate.shop(300, seed=5).items()
    }
    assert got == known


def test_the_same_seed_gives_the_same_tables_and_another_gives_others():
    one, same, other = (simulate.generate(small(), 200, seed) for seed in (1, 1, 2))
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, same[name])
        assert not table.equals(other[name])


def test_a_table_does_not_depend_on_which_others_are_drawn():
    alone = small(columns={"customers": COLUMNS["customers"]})
    pd.testing.assert_frame_equal(
        simulate.generate(alone, 200)["customers"], simulate.generate(small(), 200)["customers"]
    )


def test_what_is_specified_is_drawn():
    tables = simulate.generate(small(), 1000)
    truth = tables["truth"].set_index("customer_id").segment
    assert truth.value_counts().to_dict() == {"daily": 750, "gifts": 250}
    customers = tables["customers"].assign(segment=tables["customers"].id.map(truth)).groupby("segment")
    assert customers.age.mean().round().to_dict() == {"daily": 30, "gifts": 60}
    bought = tables["transactions"].assign(segment=tables["transactions"].id.map(truth))
    gifts, daily = bought[bought.segment == "gifts"], bought[bought.segment == "daily"]
    assert set(gifts[gifts.amount > 0].time.dt.month) == {12}
    assert set(daily.time.dt.weekday) == {5, 6}
    assert gifts[gifts.amount > 0].amount.median() == pytest.approx(200, rel=0.1)
    assert daily.groupby("id").size().mean() == pytest.approx(40 * 710 / 365.25, rel=0.03)
    assert (daily.kind == "bread").mean() == pytest.approx(0.75, abs=0.01)


def test_a_return_takes_back_a_row_of_its_own_order():
    rows = simulate.generate(small(), 400)["transactions"]
    back = rows[rows.amount < 0]
    assert len(back) > 0
    bought = set(zip(rows.order, rows.amount, strict=True))
    assert all((order, -amount) in bought for order, amount in zip(back.order, back.amount, strict=True))
    assert rows.time.max() < pd.Timestamp(simulate.AS_OF)


def test_nobody_buys_while_silent():
    quiet = small().segments["daily"]
    quiet = replace(quiet, purchases=replace(quiet.purchases, silent=(200, 300)))
    tables = simulate.generate(small(segments={"gifts": small().segments["gifts"], "daily": quiet}), 400)
    truth = tables["truth"].set_index("customer_id").segment
    last = tables["transactions"].groupby("id").time.max()[truth.index[truth == "daily"]]
    assert (pd.Timestamp(simulate.AS_OF) - last).dt.days.min() >= 199


def contracted(churn: float) -> dict[str, pd.DataFrame]:
    names = {
        "customer": "id",
        "start": "start",
        "end": "end",
        "plan": "plan",
        "fee": "fee",
        "renewals": "renewals",
    }
    segments = {
        name: replace(of, contracts=Contracts({"basic": 1}, churn=churn, units="age"))
        for name, of in small().segments.items()
    }
    return simulate.generate(
        small(segments=segments, plans={"basic": 2.0}, columns=COLUMNS | {"subscriptions": names}), 2000
    )


def test_contracts_end_at_the_rate_of_churn_and_nothing_is_bought_afterwards():
    tables = contracted(churn=0.03)
    contracts = tables["subscriptions"].set_index("id")
    assert contracts.end.notna().mean() == pytest.approx(1 - 0.97 ** (710 / 30.44), abs=0.04)
    assert (contracts.end.dropna() >= contracts.start[contracts.end.notna()]).all()
    rows = tables["transactions"].join(contracts.end, on="id")
    assert (rows.time[rows.amount > 0] <= rows.end[rows.amount > 0] + pd.Timedelta(days=1))[
        rows.end.notna()
    ].all()


def test_the_fee_is_paid_for_each_unit():
    tables = contracted(churn=0)
    fees = tables["subscriptions"].set_index("id").fee
    age = tables["customers"].set_index("id").age
    pd.testing.assert_series_equal(fees.sort_index(), 2 * age.sort_index(), check_names=False)
    assert tables["subscriptions"].end.isna().all()


@pytest.mark.parametrize("kind", ["transactions", "events"])
def test_dirt_is_as_much_as_said(kind):
    banking = replace(
        INDUSTRIES["banking"],
        dirt=Dirt(
            duplicates=0.05,
            nameless=0.04,
            unknown=0.03,
            future=0.02,
            prospects=0.1,
            refused=0.2,
            padded=("events",),
        ),
    )
    tables = simulate.generate(banking, 600)
    rows, customers = tables[kind], tables["customers"]
    n = len(rows)
    assert rows.duplicated().sum() / n == pytest.approx(0.05, rel=0.2)
    ids = rows.customer_no
    assert ids.isna().sum() / n == pytest.approx(0.04, rel=0.2)
    assert (~ids.dropna().str.strip().isin(customers.customer_no)).sum() / n == pytest.approx(0.03, rel=0.2)
    assert (ids.dropna().str.strip() != ids.dropna()).all() == (kind == "events")
    late = rows[next(c for c in rows if rows[c].dtype.kind == "M")] >= pd.Timestamp(banking.as_of)
    assert late.mean() == pytest.approx(0.02, rel=0.25)
    assert (customers.may_profile == "no").mean() == pytest.approx(0.2, abs=0.05)
    prospects = tables["truth"].customer_id[tables["truth"].segment == simulate.PROSPECT]
    assert len(prospects) / 600 == pytest.approx(0.1, abs=0.04)
    assert not tables["transactions"].customer_no.isin(prospects).any()


def test_straight_and_hurried_respondents_answer_so():
    travel = INDUSTRIES["travel"]
    tables = simulate.generate(replace(travel, dirt=replace(CLEAN, straight=0.3, hurried=0.2)), 800)
    scales = tables["responses"][tables["responses"].item != "satisfaction"]
    by = scales.groupby("traveller")
    assert (by.score.nunique() == 1).mean() == pytest.approx(0.3, abs=0.04)
    assert (by.seconds.max() < 1.3).mean() == pytest.approx(0.2, abs=0.04)


def test_items_of_a_trait_agree_and_reversed_ones_turn_round():
    travel = replace(INDUSTRIES["travel"], dirt=CLEAN)
    wide = simulate.generate(travel, 1500)["responses"].pivot(
        index="traveller", columns="item", values="score"
    )
    found = wide[["plan_every_day", "book_early", "decide_on_the_day"]].corr()
    assert found.loc["plan_every_day", "book_early"] > 0.5
    assert found.loc["plan_every_day", "decide_on_the_day"] < -0.5


@given(st.floats(-5, 5), st.floats(0, 3), st.booleans(), st.floats(-4, 0), st.floats(0, 4))
@settings(max_examples=40, deadline=None)
def test_numbers_stay_within_their_bounds(typical, spread, skewed, low, high):
    got = draws.numbers(np.random.default_rng(0), Number(typical, spread, skewed, low, high, decimals=6), 50)
    assert ((got >= low - 1e-6) & (got <= high + 1e-6)).all()


@given(st.integers(0, 40), st.integers(1, 40), st.booleans())
@settings(max_examples=40, deadline=None)
def test_days_stay_within_their_window(start, length, regular):
    sums = draws.calendar(simulate.FIRST, 100, (), 0.3)
    who, day = draws.days(
        np.random.default_rng(0), sums, np.array([start]), np.array([start + length]), np.array([20]), regular
    )
    assert len(who) == 20
    assert day.min() >= start
    assert day.max() < start + length


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"segments": {}}, "0 with shares that sum to 0; allowed: at least two"),
        (
            {"columns": {"customers": {"customer": "id"}, "orders": {}}},
            "columns names 'orders'; known: campaigns",
        ),
        ({"columns": {"customers": {"consent": "x"}}}, "columns.customers names 'customer'; known: consent"),
        ({"columns": {"customers": {"customer": "id", "consnt": "x"}}}, "Did you mean 'consent'"),
        ({"attributes": {}}, "segments.gifts.attributes names 'age'; known: none"),
    ],
)
def test_a_specification_that_does_not_fit_together_is_refused(changes, message):
    with pytest.raises(ParamsError, match=message):
        small(**changes)


def test_too_few_customers_are_refused():
    with pytest.raises(ParamsError, match="customers: found 99; allowed: 100 and more"):
        simulate.generate(small(), 99)


OWN = """
title: A kiosk
as_of: 2024-01-01
columns:
  customers: {customer: id}
  transactions: {customer: id, time: time, amount: amount}
attributes:
  town: {values: {here: 1, there: 1}}
segments:
  locals:
    {share: 0.5, story: Daily., tenure: [300, 400], attributes: {town: {here: 1}}, purchases: {per_year: 90, basket: 3, categories: {paper: 1}}}
  guests:
    {share: 0.5, story: Once., tenure: [10, 40], purchases: {per_year: 9, basket: 12, categories: {ice: 1}}}
"""


def test_an_own_specification_is_read(tmp_path, command):
    (tmp_path / "kiosk.yaml").write_text(OWN)
    read = simulate.read(tmp_path / "kiosk.yaml")
    assert read.segments["locals"].purchases == Purchases(90, 3, {"paper": 1})
    assert read.segments["locals"].attributes == {"town": {"here": 1}}
    done = command("simulate", "--spec", tmp_path / "kiosk.yaml", tmp_path / "out", "--customers", 100)
    assert done.returncode == 0, done.stderr
    assert {p.stem for p in (tmp_path / "out").iterdir()} == {"customers", "transactions", "truth"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        ("tenure: [10, 40]", "tenre: [10, 40]", r"kiosk.yaml: segments.guests.tenre: Unexpected keyword"),
        (
            "share: 0.5, story: Once.",
            "share: 0.9, story: Once.",
            r"kiosk.yaml: segments: 2 with shares that sum to 1.4",
        ),
        ("title:", "title: [", "kiosk.yaml: is not YAML"),
        ("tenure: [10, 40]", "tenure: [40, 10]", r"segments.guests.tenure: found \(40.0, 10.0\)"),
    ],
)
def test_a_bad_own_specification_is_named(tmp_path, old, new, message):
    (tmp_path / "kiosk.yaml").write_text(OWN.replace(old, new))
    with pytest.raises(ParamsError, match=message):
        simulate.read(tmp_path / "kiosk.yaml")


@pytest.mark.parametrize(
    ("words", "message"),
    [
        (
            ["--industry", "bankin"],
            "--industry: found 'bankin'; allowed: b2b_software.*Did you mean 'banking'",
        ),
        (["--industry", "banking", "--spec", "x.yaml"], "exclude each other"),
        (["--spec", "nowhere.yaml"], "nowhere.yaml: there is no such file"),
    ],
)
def test_the_command_names_what_is_wrong(tmp_path, command, words, message):
    done = command("simulate", tmp_path / "out", *words)
    assert done.returncode == 2
    assert pd.Series([done.stderr]).str.contains(message).all(), done.stderr
    assert not (tmp_path / "out").exists()


def test_milder_segments_lie_closer():
    banking = INDUSTRIES["banking"]
    half, alike = milder(banking, 0.5), milder(banking, 1)
    assert milder(banking, 0).segments["young starters"].purchases.per_year == pytest.approx(75)
    for pick in (
        lambda of: of.purchases.per_year,
        lambda of: of.attributes["savings_balance"].typical,
        lambda of: of.answers["caution"],
        lambda of: of.tenure[0],
    ):
        spans = [np.ptp([pick(of) for of in spec.segments.values()]) for spec in (banking, half, alike)]
        assert spans[0] > spans[1] > spans[2]
        assert spans[2] == pytest.approx(0, abs=1e-6)
    weights = [of.attributes["salary_account"] for of in alike.segments.values()]
    assert all(w == pytest.approx(weights[0]) for w in weights)
    assert alike.shares == banking.shares


def test_milder_beyond_one_is_refused():
    with pytest.raises(ValueError, match="by: found 2; allowed: 0 to 1"):
        milder(small(), 2)


def test_the_summary_tells_what_was_planted():
    got = summary(small(), simulate.generate(small(), 400))
    assert list(got.columns) == ["age", "purchases_a_year", "amount", "weekend_share"]
    daily = got[got.age < 45]
    assert daily.weekend_share.eq(1).all()
    assert daily.amount.median() == pytest.approx(5, rel=0.1)


def test_a_plan_finds_clear_segments_and_not_those_that_are_alike():
    clear = planning.recovery(small(), [200], n_resamples=10)
    assert clear.found.tolist() == [2]
    assert clear.agreement[0] > 0.95
    assert clear.structure[0] in ("natural", "reproducible")
    alike = planning.recovery(milder(small(forming=("age", "amount")), 1), [200], n_resamples=10)
    assert alike.agreement[0] < 0.1
    assert alike.structure[0] in ("constructive", "none")
