"""The generator: deterministic, as specified, with the errors that are specified; own specifications."""

from __future__ import annotations

import hashlib

import numpy as np
import pandas as pd
import pytest
import yaml
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib import simulate
from seglib.errors import ParamsError
from seglib.simulate import Industry, draws
from seglib.simulate.sections import Dirt, Number, Purchases

CLEAN = {
    "duplicates": 0,
    "nameless": 0,
    "unknown": 0,
    "future": 0,
    "prospects": 0,
    "refused": 0,
    "free": 0,
    "impossible": 0,
    "padded": (),
    "straight": 0,
    "hurried": 0,
    "skipped": 0,
}
#: Two segments: a few large purchases in December, many small ones at weekends.
SMALL = """
title: A shop
as_of: 2025-09-01
columns:
  customers: {customer: id, consent: consent}
  transactions: {customer: id, time: time, order: order, amount: amount, category: kind}
attributes:
  age: {values: {typical: 40}}
segments:
  gifts:
    share: 0.25
    story: Gifts.
    tenure: [700, 720]
    attributes: {age: {typical: 60, spread: 2}}
    purchases:
      {per_year: 4, basket: 200, categories: {gift: 1}, months: [0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1], own: 0}
  daily:
    share: 0.75
    story: Bread.
    tenure: [700, 720]
    attributes: {age: {typical: 30, spread: 2}}
    purchases:
      {per_year: 40, basket: 5, categories: {bread: 3, cake: 1}, weekend: 1, own: 0, returned: 0}
"""


def small(daily: dict | None = None, both: dict | None = None, **changes) -> Industry:
    """Read SMALL with changes to the purchases of `daily`, to both segments, and to the specification."""
    raw = yaml.safe_load(SMALL) | {"dirt": CLEAN} | changes
    if "segments" not in changes:
        raw["segments"]["daily"]["purchases"] |= daily or {}
        raw["segments"] = {name: segment | (both or {}) for name, segment in raw["segments"].items()}
    return simulate.parse(raw, "small.yaml")


def soiled(name: str, **dirt) -> Industry:
    return simulate.industry(name).model_copy(update={"dirt": Dirt(**dirt)})


@pytest.mark.parametrize(
    ("name", "hashes"),
    [
        (
            "demo",
            {
                "customers": "c87739a0a1229c48",
                "transactions": "e79020ddf2faf4be",
                "events": "a8b7425ef95b78c3",
                "responses": "714990f450e37729",
                "truth": "0323040a9d706185",
            },
        ),
        (
            "telecom",
            {
                "customers": "18604db330fd800d",
                "transactions": "5fa6fbdf4b1b683b",
                "events": "abb227ac8087f6c6",
                "responses": "f34fefe74c128c9d",
                "campaigns": "ebd9c15e11b95907",
                "subscriptions": "f44d7f1b66834168",
                "truth": "2820ab9aa589665f",
            },
        ),
    ],
)
def test_the_tables_of_a_seed_stay_the_same_between_versions(name, hashes):
    got = {
        kind: hashlib.sha256(pd.util.hash_pandas_object(table).to_numpy().tobytes()).hexdigest()[:16]
        for kind, table in simulate.generate(simulate.industry(name), 300, seed=5).items()
    }
    assert got == hashes


def test_the_same_seed_gives_the_same_tables_and_another_gives_others():
    one, same, other = (simulate.generate(small(), 200, seed) for seed in (1, 1, 2))
    for name, table in one.items():
        pd.testing.assert_frame_equal(table, same[name])
        assert not table.equals(other[name])


def test_a_table_does_not_depend_on_which_others_are_drawn():
    alone = small(columns={"customers": {"customer": "id", "consent": "consent"}})
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


def test_returns_have_the_prefix_of_returns_before_the_number_of_their_order():
    rows = simulate.generate(small(return_prefix="R"), 400)["transactions"]
    back = rows[rows.amount < 0]
    assert len(back) > 0
    assert back.order.str[0].eq("R").all()
    assert back.order.str[1:].isin(rows.order[rows.amount > 0]).all()
    assert not rows.order[rows.amount > 0].str.startswith("R").any()


def test_customers_buy_from_as_many_categories_as_they_have_favourites():
    kinds = dict.fromkeys("abcdef", 1) | {"g": 0}
    rows = simulate.generate(small(daily={"categories": kinds, "favourites": 2}), 400)["transactions"]
    daily = rows[rows.kind.isin(list("abcdefg"))]
    assert daily.groupby("id").kind.nunique().eq(2).all()
    assert set(daily.kind) == set("abcdef")


def test_no_customer_buys_while_silent():
    tables = simulate.generate(small(daily={"silent": (200, 300)}), 400)
    truth = tables["truth"].set_index("customer_id").segment
    last = tables["transactions"].groupby("id").time.max()[truth.index[truth == "daily"]]
    assert (pd.Timestamp(simulate.AS_OF) - last).dt.days.min() >= 199


def contracted(churn: float) -> dict[str, pd.DataFrame]:
    names = dict.fromkeys(("start", "end", "plan", "fee", "renewals"))
    columns = small().columns | {"subscriptions": {"customer": "id"} | {name: name for name in names}}
    contracts = {"contracts": {"plans": {"basic": 1}, "churn": churn, "units": "age"}}
    return simulate.generate(small(both=contracts, plans={"basic": 2.0}, columns=columns), 2000)


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
def test_dirt_is_as_much_as_specified(kind):
    banking = soiled(
        "banking", duplicates=0.05, nameless=0.04, unknown=0.03, future=0.02, prospects=0.1, refused=0.2
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
    travel = soiled("travel", **(CLEAN | {"straight": 0.3, "hurried": 0.2}))
    tables = simulate.generate(travel, 800)
    scales = tables["responses"][tables["responses"].item != "satisfaction"]
    by = scales.groupby("traveller")
    assert (by.score.nunique() == 1).mean() == pytest.approx(0.3, abs=0.04)
    assert (by.seconds.max() < 1.3).mean() == pytest.approx(0.2, abs=0.04)


def test_items_of_a_trait_agree_and_reversed_ones_turn_round():
    wide = simulate.generate(soiled("travel", **CLEAN), 1500)["responses"].pivot(
        index="traveller", columns="item", values="score"
    )
    found = wide[["plan_every_day", "book_early", "decide_on_the_day"]].corr()
    assert found.loc["plan_every_day", "book_early"] > 0.5
    assert found.loc["plan_every_day", "decide_on_the_day"] < -0.5


@given(st.floats(-5, 5), st.floats(0, 3), st.booleans(), st.floats(-4, 0), st.floats(0, 4))
@settings(max_examples=40, deadline=None)
def test_numbers_stay_within_their_bounds(typical, spread, skewed, low, high):
    of = Number(typical=typical, spread=spread, skewed=skewed, low=low, high=high, decimals=6)
    got = draws.numbers(np.random.default_rng(0), of, 50)
    assert ((got >= low - 1e-6) & (got <= high + 1e-6)).all()


@given(st.integers(0, 40), st.integers(1, 40), st.booleans())
@settings(max_examples=40, deadline=None)
def test_days_stay_within_their_window(start, length, regular):
    sums = draws.calendar(simulate.AS_OF, 100, (), 0.3)
    who, day = draws.days(
        np.random.default_rng(0), sums, np.array([start]), np.array([start + length]), np.array([20]), regular
    )
    assert len(who) == 20
    assert day.min() >= start
    assert day.max() < start + length


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"segments": {}}, "segments: found 0 with shares that sum to 0; allowed: at least two"),
        (
            {"columns": {"customers": {"customer": "id"}, "orders": {}}},
            "columns names 'orders'; known: campaigns",
        ),
        ({"columns": {}}, "columns.customers is missing; it must be given"),
        ({"columns": {"customers": {"consent": "x"}}}, "columns.customers.customer is missing"),
        ({"columns": {"customers": {"customer": "id", "consnt": "x"}}}, "Did you mean 'consent'"),
        ({"attributes": {}}, "segments.gifts.attributes names 'age'; known: none"),
        ({"dirt": {"padded": ["event"]}}, "dirt.padded names 'event'; .*Did you mean 'events'"),
        ({"dirt": {"refused": 4}}, "dirt.refused: found 4; input should be less than or equal to 1"),
        ({"titel": "A shop"}, "small.yaml: no key 'titel'; known keys: .*Did you mean 'title'"),
        (
            {"attributes": {"age": {"values": {"typical": 40, "spred": 3}}}},
            "attributes.age.values: no key 'spred'; known keys: .*Did you mean 'spread'",
        ),
        (
            {"attributes": {"age": {"values": {"old": -1}}}},
            "attributes.age.values: allowed: weights from 0, not all of them 0",
        ),
        ({"daily": {"months": [1, 2]}}, "segments.daily.purchases.months: found 2 weights; allowed: twelve"),
        ({"daily": {"categories": {"bread": 0}}}, "daily.purchases.categories: allowed: weights from 0"),
        ({"both": {"tenure": None}}, "segments.gifts.tenure: found None; input should be a valid tuple"),
    ],
)
def test_a_specification_that_does_not_fit_together_is_refused(changes, message):
    with pytest.raises(ParamsError, match=message):
        small(**changes)


def test_every_problem_of_a_specification_has_a_line():
    with pytest.raises(ParamsError, match=r"months.*\n.*titel") as error:
        small(daily={"months": [1]}, dirt={"titel": 1})
    assert len(str(error.value).splitlines()) == 2


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
    assert read.segments["locals"].purchases == Purchases(per_year=90, basket=3, categories={"paper": 1})
    assert read.segments["locals"].attributes == {"town": {"here": 1}}
    done = command("simulate", "--spec", tmp_path / "kiosk.yaml", tmp_path / "out", "--customers", 100)
    assert done.returncode == 0, done.stderr
    assert {p.stem for p in (tmp_path / "out").iterdir()} == {"customers", "transactions", "truth"}


@pytest.mark.parametrize(
    ("old", "new", "message"),
    [
        (
            "tenure: [10, 40]",
            "tenre: [10, 40]",
            r"kiosk.yaml: segments.guests: no key 'tenre'; known keys: .*Did you mean 'tenure'",
        ),
        ("story: Once., ", "", "kiosk.yaml: segments.guests.story is missing; it must be given"),
        (
            "share: 0.5, story: Once.",
            "share: 0.9, story: Once.",
            r"kiosk.yaml: segments: found 2 with shares that sum to 1.4",
        ),
        ("title:", "title: [", "kiosk.yaml: is not YAML"),
        ("tenure: [10, 40]", "tenure: [40, 10]", r"segments.guests.tenure: found \[40.0, 10.0\]; allowed"),
        ("per_year: 9,", "per_year: often,", r"guests.purchases.per_year: found 'often'; input should be"),
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
            "industry: found 'bankin'; allowed: b2b_software.*Did you mean 'banking'",
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
