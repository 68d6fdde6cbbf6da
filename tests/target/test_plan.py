"""What a contact can bring each target, and the plan for a budget."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.errors import ParamsError
from seglib.project import params
from seglib.project.schema import Params
from seglib.report import declared, readings, worded
from seglib.report.context import Context, under
from seglib.report.display import said
from seglib.report.tables import table as shown
from seglib.statistics import Z90
from seglib.target import response
from seglib.target.budget import outcomes
from seglib.target.budget import plan as planning
from seglib.target.pooling import pooled_effects

TERMS = {
    "total": 400.0,
    "cost_per_contact": {},
    "margin": 0.5,
    "value_years": None,
    "least_share": 0.0,
    "most_share": 1.0,
    "least": {},
    "most": {},
    "shape": 1.5,
}
NAMES = {1: "Loyal", 2: "Quiet", 3: "New"}
PLAYS = pd.DataFrame(
    {
        "segment": [1, 2, 3],
        "target": [True, True, False],
        "play": ["Reward", "Win-back", "Leave alone"],
        "contact": ["e-mail", "letter", ""],
        "response": [0.02, 0.01, np.nan],
        "response_low": [0.0, 0.0, np.nan],
        "response_high": [0.04, 0.02, np.nan],
        "worth": ["order", "year", ""],
        "worth_times": [1.0, 0.5, np.nan],
        "days": 60,
        "outcome": ["ordered", "active", ""],
    }
)
VALUE = pd.DataFrame(
    {
        "segment": [1, 2, 3],
        "name": ["Loyal", "Quiet", "New"],
        "customers": [1000, 500, 200],
        "value_per_customer": [300.0, 400.0, 20.0],
    }
)
ECONOMICS = pd.DataFrame(
    {
        "segment": [1, 2, 3],
        "customers": [1000, 500, 200],
        "order": [60.0, 40.0, 20.0],
        "order_se": 0.0,
        "year": [150.0, 400.0, 20.0],
        "year_se": 0.0,
        "unknown": "",
        "margin_share": 0.5,
        "margin_from": "given",
        "at_risk": [0.1, 0.5, 0.2],
        "at_risk_se": 0.0,
        "dissatisfied": np.nan,
        "dissatisfied_se": np.nan,
    }
)
#: No one is held out.
ALL = pd.DataFrame({"segment": [1, 2, 3], "contacts": [1000, 500, 200]})
EFFECTS = pd.DataFrame(
    {
        "campaign": ["Spring", "Autumn", "Spring", "Spring", None],
        "segment": [1, 1, 2, 1, 1],  # the last: all together
        "outcome": ["response", "response", "response", "value", "response"],
        "effect": [0.05, 0.04, np.nan, 9.0, 0.5],
        "effect_sd": [0.01, 0.02, np.nan, 1.0, 0.001],
        "adjusted": np.nan,
        "adjusted_sd": np.nan,
    }
)


CONTEXT = Context("target", "GBP", 10, NAMES)


def expected(
    plays: pd.DataFrame = PLAYS, terms: dict | None = None, like: dict | None = None, **more: object
) -> pd.DataFrame:
    """What is expected of the targets; like: the campaigns that plays name as like them."""
    given = {"effects": EFFECTS.head(0), "economics": ECONOMICS, "value": VALUE, "tests": ALL} | more
    campaigns = [tuple((like or {}).get(name, ())) for name in plays.play]
    stated = plays.assign(of="customers", campaigns=pd.Series(campaigns, plays.index))
    candidates = stated[stated.target]
    prices = TERMS | {"currency": "GBP"} | (terms or {})
    options = response.options(candidates, given["economics"], prices, given["effects"])
    return response.expected(plays, options, given["value"], given["tests"])


def page(name: str, *tables: object) -> str:
    """What the page says."""
    with under(CONTEXT):
        return said(name, *tables)


def about_budget(got: pd.DataFrame, terms: dict) -> str:
    """What the page says of the plan."""
    with under(CONTEXT):
        planned = worded("budget", planning.plan(got, terms))
        return said("budget", planned, planning.splits(got, terms), planning.left_over(got, terms))


def test_a_contact_is_priced_and_a_response_is_worth_what_remains_of_it():
    got = expected().set_index("name")
    assert tuple(expected().columns) == ("name", *response.COLUMNS)
    assert got.index.tolist() == ["Loyal", "Quiet"]
    assert got.cost.to_dict() == {"Loyal": 0.05, "Quiet": 0.9}
    assert got.response_worth.to_dict() == pytest.approx(
        {"Loyal": 60.0, "Quiet": 200.0}
    )  # half of 400: not a year yet
    assert got.margin.to_dict() == pytest.approx({"Loyal": 30.0, "Quiet": 100.0})
    assert got.sd.to_dict() == pytest.approx({"Loyal": 0.04 / (2 * Z90), "Quiet": 0.02 / (2 * Z90)})
    assert (got.unknown == "").all() and (got.learned_from == "").all()


@pytest.mark.parametrize(
    ("costs", "cost"), [(0.3, [0.3, 0.3]), ({"letter": 1.5}, [0.05, 1.5]), ({"e-mail": 0.0}, [0.0, 0.9])]
)
def test_costs_of_the_params_replace_the_usual_ones(costs, cost):
    assert expected(terms={"cost_per_contact": costs}).cost.tolist() == cost


def test_a_channel_without_a_cost_is_refused():
    with pytest.raises(
        ParamsError,
        match=r"target\.budget\.cost_per_contact has no cost of 'leter', the channel of the play "
        r"'Win-back'; set it. Known: .*Did you mean 'letter'\?",
    ):
        expected(PLAYS.assign(contact=["e-mail", "leter", ""]))


@pytest.mark.parametrize(
    ("change", "unknown", "words"),
    [
        ({"contact": ""}, "contact", "its play pays for no contact"),
        ({"response": np.nan}, "response", "its play states no response"),
        ({"worth": ""}, "worth", "its play does not state what a response is worth"),
    ],
)
def test_without_money_the_page_names_what_is_needed(change, unknown, words):
    got = expected(PLAYS.assign(**change))
    assert set(got.unknown) == {unknown}
    planned = planning.plan(got, TERMS)
    assert planned.profit.isna().all() and planning.splits(got, TERMS).empty
    assert f"**Loyal** and **Quiet**: {words}" in page("expected", got)
    assert "target.plays" in page("expected", got)
    assert about_budget(got, TERMS).startswith("There is no target")
    with under(CONTEXT):
        table = declared(worded("budget", planned), "budget")
        assert set(table.unknown_reason) == {words}
        assert str(shown(table, total=400.0)) == ""
        assert "Loyal" in str(shown(table, "response"))


def test_a_survey_knows_no_money_unless_its_plays_do():
    unknown = {"order": np.nan, "order_se": np.nan, "year": np.nan, "year_se": np.nan}
    survey = ECONOMICS.assign(**unknown, unknown="years")
    got = expected(economics=survey)
    assert got.unknown.tolist() == ["order", "years"]
    assert "target.budget.value_years" in page("expected", got)
    plays = PLAYS.assign(worth=["money", "money", ""], worth_times=[12.0, 5.0, np.nan])
    assert expected(plays, economics=survey).margin.tolist() == [6.0, 2.5]


def test_without_a_margin_the_page_asks_for_it():
    unknown = ECONOMICS.assign(margin_share=1.0, margin_from="none")
    assert "No margin is known" not in page("expected", expected())
    assert "No margin is known" in page("expected", expected(economics=unknown))


def test_a_response_is_learned_from_campaigns_and_less_from_those_unlike_the_play():
    prior = expected().effect[0]
    names = (None, {"Reward": ["Spring", "Autumn"]}, {"Reward": ["Autumn"]})
    other, same, one = (expected(effects=EFFECTS, like=like) for like in names)
    pooled = (0.05 / 0.0001 + 0.04 / 0.0004) / (1 / 0.0001 + 1 / 0.0004)
    assert prior < one.effect[0] < same.effect[0] < pooled and prior < other.effect[0] < same.effect[0]
    assert same.sd[0] < other.sd[0] < 0.04 / (2 * Z90)
    assert other.learned_from.tolist() == ["Autumn; Spring", ""] and one.learned_from[0] == "Autumn"
    facts = readings.READINGS["expected"](other, CONTEXT)
    assert facts["learned"] == [1] and facts["assumed"] == [2] and facts["campaigns"] == ["Autumn", "Spring"]
    assert "Autumn and Spring" in page("expected", other)


def test_prices_that_are_not_given_follow_the_currency_and_are_called_assumptions():
    got = {c: expected(terms={"currency": c}).set_index("name") for c in ("EUR", "TWD", None)}
    assert got["TWD"].cost["Loyal"] == pytest.approx(35 * got["EUR"].cost["Loyal"])
    assert all((t.cost_from == "assumed").all() for t in got.values())
    assert expected(terms={"currency": "XAU"}).unknown.tolist() == ["cost", "cost"]
    assert (expected(terms={"cost_per_contact": 1.0}).cost_from == "given").all()


def test_no_one_can_be_kept_who_would_not_have_left():
    economics = ECONOMICS.set_index("segment")
    candidates = PLAYS[PLAYS.target].assign(of="at_risk", campaigns=[(), ()])
    got = response.options(candidates, ECONOMICS, TERMS | {"currency": "GBP"}, EFFECTS.head(0))
    want = candidates.response.to_numpy() * economics.at_risk.loc[[1, 2]].to_numpy()
    assert got.effect.tolist() == pytest.approx(want.tolist())
    unknown = response.options(
        candidates, ECONOMICS.assign(at_risk=np.nan), TERMS | {"currency": "GBP"}, EFFECTS.head(0)
    )
    assert unknown.unknown.tolist() == ["risk", "risk"]


def test_the_plan_splits_the_total_and_says_what_the_next_thousand_brings():
    terms = TERMS | {"total": 300.0}
    got = planning.plan(expected(), terms)
    assert got.budget.sum() == pytest.approx(300.0) and got.total.tolist() == [300.0, 300.0]
    assert (got.profit_low < got.profit).all() and (got.profit < got.profit_high).all()
    assert got.next_budget.sum() < 1000 and got.next_profit.sum() > 0
    compared = planning.splits(expected(), terms)
    assert compared.split.tolist() == list(outcomes.SPLITS) and compared.profit.idxmax() == 0
    text = about_budget(expected(), terms)
    assert "£300" in text and "£1,000" in text and "Quiet" in text


def test_without_a_total_contacting_everybody_once_is_computed():
    terms = TERMS | {"total": None}
    got = planning.plan(expected(), terms)
    assert got.budget.tolist() == [50.0, 450.0] and got.contacts.tolist() == [1000, 500]
    assert got.profit.tolist() == pytest.approx([1000 * 0.02 * 30 - 50, 500 * 0.01 * 100 - 450])
    assert got.total.isna().all() and got.next_profit.isna().all()
    text = about_budget(expected(), terms)
    for number in ("1,500", "£500", "£600"):
        assert number in text
    with under(CONTEXT):
        table = str(shown(declared(worded("budget", got), "budget"), total=None))
    assert "of the next 1,000" not in table and "Loyal" in table


def test_without_targets_the_tables_are_empty_and_have_their_columns():
    got = expected(PLAYS.assign(target=False))
    planned = planning.plan(got, TERMS)
    assert planned.empty and tuple(planned.columns) == ("name", *response.COLUMNS, *planning.PLANNED)
    assert about_budget(got, TERMS).startswith("There is no target")
    assert page("expected", got).startswith("There is no target")
    assert planning.left_over(got, TERMS) == {}
    assert len(planning.curves(got, TERMS)) == 0


def test_few_customers_are_in_no_sentence_and_no_curve():
    few = expected().assign(customers=[1000, 9])
    with under(CONTEXT):
        planned = worded("budget", planning.plan(few, TERMS | {"total": None}))
        assert "Quiet" not in said("budget", planned, planning.splits(few, TERMS), {})
        assert "Quiet" not in said("gains", planned, planned)
        assert "suppressed" in str(shown(declared(planned, "budget"), total=None))
    assert planned.customers.tolist() == [1000, 9]


@pytest.mark.parametrize(
    ("terms", "budgets"),
    [
        ({"most_share": 0.5}, {"Loyal": 50.0, "Quiet": 200.0}),
        ({"most": {"Quiet": 10}}, {"Loyal": 50.0, "Quiet": 10.0}),
        ({"least_share": 0.4}, {"Loyal": 50.0, "Quiet": 350.0}),  # everybody is contacted for less
        ({"least": {"Quiet": 380}}, {"Loyal": 20.0, "Quiet": 380.0}),
    ],
)
def test_bounds_are_kept(terms, budgets):
    rich = PLAYS.assign(response=[0.1, 0.05, np.nan], response_high=[0.2, 0.1, np.nan])
    got = planning.plan(expected(rich), TERMS | terms)
    assert got.set_index("name").budget.to_dict() == pytest.approx(budgets, abs=1.0)
    assert (got.budget >= got.minimum - 1e-6).all() and (got.budget <= got.maximum + 1e-6).all()


@pytest.mark.parametrize(
    ("terms", "said"),
    [
        (
            {"least": {"Loyl": 10}},
            r"target\.budget\.least names 'Loyl', which is no target .*: Loyal, Quiet\. Did you mean 'Loyal'",
        ),
        ({"most": {"New": 10}}, r"target\.budget\.most names 'New', which is no target"),
        (
            {"least": {"Loyal": 60}},
            "The minimum of Loyal is above its maximum, or above what contacting all its customers costs",
        ),
        (
            {"least": {"Quiet": 380, "Loyal": 40}},
            "The segments' minimums come to 420.00, the budget is 400.00",
        ),
    ],
)
def test_bounds_that_cannot_be_kept_are_refused_in_one_line(terms, said):
    with pytest.raises(ParamsError, match=said) as refused:
        planning.plan(expected(), TERMS | terms)
    assert "\n" not in str(refused.value)


@settings(max_examples=20, deadline=None)
@given(st.permutations([0, 1, 2]), st.permutations([1, 2, 3]), st.booleans())
def test_other_numbers_and_another_order_change_nothing_else(order, numbers, with_total):
    plays = PLAYS.assign(
        target=True,
        contact=["e-mail", "letter", "app"],
        response=[0.02, 0.01, 0.03],
        response_low=0.0,
        response_high=[0.04, 0.02, 0.06],
        worth="order",
        worth_times=1.0,
    )
    again = dict(zip([1, 2, 3], numbers, strict=True))
    terms = TERMS | {"total": 400.0 if with_total else None}
    moved = [t.assign(segment=t.segment.map(again)) for t in (plays.iloc[order], VALUE, ECONOMICS, ALL)]
    want = planning.plan(expected(plays), terms).set_index("name")
    got = planning.plan(
        expected(moved[0], value=moved[1], economics=moved[2], tests=moved[3]), terms
    ).set_index("name")
    pd.testing.assert_frame_equal(got.loc[want.index].drop(columns="segment"), want.drop(columns="segment"))


def test_the_split_earns_nearly_the_best_from_simulated_customers_of_known_response():
    """Customers of unlike effects, contacted best first; how unlike they are is unknown to the split."""
    rng = np.random.default_rng(11)
    sizes, shapes, costs, worth = (
        np.array([4000, 2500, 6000]),
        (1.0, 1.5, 2.2),
        np.array([0.4, 0.9, 0.25]),
        40.0,
    )
    ways = np.arange(0, 2001, 50)
    within = ways[:, None, None] + ways[None, :, None] + ways[None, None, :] <= 2000
    earned, learned, equal, best = [], [], [], []
    for _ in range(40):
        means = rng.normal([0.03, 0.05, 0.015], 0.01).clip(0.001)
        single = [
            np.sort(m * s * rng.random(n) ** (s - 1))[::-1]
            for m, s, n in zip(means, shapes, sizes, strict=True)
        ]
        gain = [
            np.concatenate([[0.0], np.cumsum(e)]) * worth - c * np.arange(len(e) + 1)
            for e, c in zip(single, costs, strict=True)
        ]

        def made(effect: np.ndarray, gain: list = gain) -> float:
            table = pd.DataFrame(
                {
                    "segment": list("abc"),
                    "customers": sizes,
                    "effect": effect,
                    "sd": 0.01,
                    "margin": worth,
                    "cost": costs,
                }
            )
            contacts = outcomes.split(table, 2000.0).contacts.round().astype(int)
            return float(sum(g[n] for g, n in zip(gain, contacts, strict=True)))

        seen = [rng.binomial(1500, 0.05 + m) / 1500 - rng.binomial(1500, 0.05) / 1500 for m in means]
        believed = [
            pooled_effects(np.array([effect]), np.array([0.009]), prior, 0.01)[0][0]
            for effect, prior in zip(seen, (0.03, 0.05, 0.015), strict=True)
        ]
        at = [g[np.minimum((ways / c).astype(int), len(g) - 1)] for g, c in zip(gain, costs, strict=True)]
        sums = at[0][:, None, None] + at[1][None, :, None] + at[2][None, None, :]
        earned.append(made(means))
        learned.append(made(np.array(believed)))
        equal.append(sum(g[min(int(2000 / 3 / c), len(g) - 1)] for g, c in zip(gain, costs, strict=True)))
        best.append(sums[within].max())
    assert np.sum(earned) >= 0.95 * np.sum(best)
    assert (
        np.sum(equal) < np.sum(learned) < np.sum(earned)
    )  # what is learned from a small campaign is worth something


# What the params may say


@pytest.mark.parametrize(
    ("change", "said"),
    [
        ("target.budget.total=-1", "target.budget.total: found -1"),
        ("target.budget.totl=5", "no key 'totl'; .*Did you mean 'total'"),
        ("margin=0", "margin: found 0"),
        ("target.budget.shape=0.5", "target.budget.shape: found 0.5"),
        ("target.budget.cost_per_contact={letter: -1}", "target.budget.cost_per_contact.*letter"),
        ("target.budget.least_share=1", "target.budget.least_share: found 1"),
        (
            "target.budget={least_share: 0.6, most_share: 0.5}",
            "target.budget least_share 0.6 is above most_share 0.5",
        ),
        ("target.plays=[{play: x}]", "target.plays.0.message is missing"),
    ],
)
def test_a_bad_budget_or_play_of_the_params_is_named(tmp_path, root, change, said):
    with pytest.raises(ParamsError, match=said):
        params.load(root / "params" / "demo.yaml", [change])


def test_a_budget_may_be_said_in_few_words(root):
    loaded = params.load(root / "params" / "demo.yaml", ["target.budget={total: 1000, cost_per_contact: 1}"])
    assert isinstance(loaded, Params)
    assert loaded.target.budget.model_dump() | {"margin": 0.5} == TERMS | {
        "total": 1000.0,
        "cost_per_contact": 1.0,
    }
