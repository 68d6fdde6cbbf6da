"""Page 04: what is shown of movement, retention, churn, satisfaction and campaigns is what the tables hold, coarsened."""

from __future__ import annotations

import html
import re

import numpy as np
import pandas as pd
import pytest

from seglib import report
from seglib.assess.behaviour import churn, drivers, satisfaction
from seglib.assess.campaigns import effects as campaigns
from seglib.assess.campaigns import pooling
from seglib.catalogue import declaration
from seglib.report import figures, layouts, sentences
from seglib.report.figures import theme
from seglib.report.figures.campaigns import drawn_effects
from seglib.statistics import wilson

NAMES = {1: "Loyal", 2: "New", 3: "Quiet <b>", 4: "Tired"}
TERMS = report.Context("assess", "GBP", 10, NAMES, {"plan": "Plan", "age": "Age"})
TABLES = ("movement", "retention", "risk", "churn", "drivers", "satisfaction", "effects")


@pytest.fixture(autouse=True)
def page():
    with report.under(TERMS):
        yield


def cells(shown: str) -> list[list[str]]:
    """Read the cells of a table that is shown, row by row."""
    rows = re.findall(r"<tr.*?</tr>", shown, flags=re.S)
    return [
        [re.sub("<.*?>", "", c).strip() for c in re.findall(r"<t[hd].*?</t[hd]>", r, flags=re.S)]
        for r in rows
    ]


def shown_table(frame: pd.DataFrame, name: str, view: str = "") -> list[list[str]]:
    return cells(report.table(report.declared(frame, name), view))


@pytest.mark.parametrize("name", TABLES)
def test_declarations_of_behaviour_are_complete(name):
    table = declaration(name)
    assert all(
        c.meaning or c.label or n in ("segment", "outcome", "effect")
        for n, c in table.columns.items()
        if c.kind != "feature"
    )
    assert table.views or table.access == "private"


# How they move


def moved(**columns: list[float]) -> pd.DataFrame:
    n = len(columns["customers_recent"])
    table = pd.DataFrame(
        {"segment": range(1, n + 1)}
        | columns
        | {"new_recent": 0.0, "new_earlier": np.nan, "recent": "B", "earlier": "A", "days": 182, "apart": 365}
    )
    for what in ("customers", "value"):
        table[f"growth_{what}"] = table[f"{what}_recent"] / table[f"{what}_earlier"] - 1
    return table.assign(behind=table[["customers_recent", "customers_earlier"]].min(axis=1))


SEGMENTS = moved(
    customers_recent=[487.0, 300.0, 9.0],
    customers_earlier=[400.0, 310.0, 30.0],
    value_recent=[5000.0, 900.0, 70.0],
    value_earlier=[2500.0, 1000.0, 300.0],
)


def test_buyers_are_rounded_and_few_of_them_suppressed_when_shown():
    rows = shown_table(SEGMENTS, "movement")
    assert rows[1] == ["Loyal", "480", "400", "22%", "0"]
    assert rows[3] == ["Quiet &lt;b&gt;", "suppressed", "40", "suppressed", "0"]
    assert shown_table(SEGMENTS, "movement", "value")[3][1:] == ["suppressed", "300", "suppressed"]


def test_the_sentence_on_movement_names_the_segments_that_grew_most_and_least():
    said = report.say("movement", SEGMENTS)
    assert "Loyal (+22%)" in said
    assert "New (−3%)" in said
    assert "Loyal (+100%, from £2,500 to £5,000)" in said
    assert "New (−10%, from £1,000 to £900)" in said
    assert "Quiet &lt;b&gt;" in said
    assert "77%" not in said  # of nine customers


def test_the_sentence_on_movement_names_one_segment_once():
    said = report.say("movement", SEGMENTS.head(1))
    assert "lowest" not in said
    assert "no transactions" in report.say("movement", SEGMENTS.head(0))
    assert "No segment can be compared" in report.say("movement", SEGMENTS.tail(1))


def test_months_of_few_buyers_are_gaps_and_others_are_of_rounded_numbers():
    months = pd.DataFrame(
        {
            "segment": 1,
            "month": pd.to_datetime(["2024-01-01", "2024-02-01", "2024-03-01"]),
            "customers": [26.0, 9.0, 0.0],
            "value": [52.0, 900.0, 0.0],
        }
    )
    ax = figures.FIGURES["monthly"](months, TERMS)
    assert ax.lines[0].get_ydata().tolist()[::2] == [40.0, 0.0]
    assert np.isnan(ax.lines[0].get_ydata()[1])
    assert theme.behind(ax) == 20
    assert "2024-01, £40" in report.figure("monthly", months)
    assert report.figure("monthly", months.head(0)) == ""


# Who orders again


def kept(retained: dict[int, dict[int, tuple[int, int]]]) -> pd.DataFrame:
    """So many of so many order again, by segment and age."""
    rows = [(s, a, n, yes) for s, ages in retained.items() for a, (yes, n) in ages.items()]
    table = pd.DataFrame(rows, columns=["segment", "age", "customers", "retained"])
    ends = wilson(table.retained, table.customers)
    return table.assign(share=table.retained / table.customers, low=ends.low, high=ends.high)


FEW_ORDER_AGAIN = kept(
    {1: {1: (60, 100), 3: (50, 100)}, 2: {1: (1, 29), 3: (0, 29)}, 3: {1: (2, 14), 3: (3, 9)}}
)


def test_a_true_one_of_29_is_shown_as_under_35_percent():
    assert FEW_ORDER_AGAIN["share"][2] == pytest.approx(1 / 29)
    rows = shown_table(FEW_ORDER_AGAIN, "retention")
    assert rows[0] == ["segment", "1 month", "3 months"]
    assert rows[1] == ["Loyal", "60% (50% to 69%)", "50% (40% to 60%)"]
    assert rows[2] == ["New", "under 35%", "0% (0% to 12%)"]
    assert rows[3][1:] == ["suppressed", "suppressed"]


def test_the_sentence_on_retention_gives_no_interval_of_a_coarse_share():
    said = report.say("retention", FEW_ORDER_AGAIN[FEW_ORDER_AGAIN.segment < 3].query("age == 1"))
    assert "One month after" in said
    assert "Loyal</b> (60%, 95% interval 50% to 69%)" in said
    assert "New (under 35%)" in said
    assert "unknown" in report.say("retention", FEW_ORDER_AGAIN.head(0))


def test_the_figure_of_retention_draws_no_share_that_would_reveal_few():
    ax = figures.FIGURES["retention"](FEW_ORDER_AGAIN, TERMS)
    drawn = {line.get_label(): line.get_ydata().tolist() for line in ax.lines}
    assert drawn["New"][0] == pytest.approx(10 / 29)
    assert "Quiet <b>" not in drawn
    assert theme.behind(ax) == 10
    assert "<figure" in report.figure("retention", FEW_ORDER_AGAIN)
    few = FEW_ORDER_AGAIN[FEW_ORDER_AGAIN.segment == 3]
    assert figures.FIGURES["retention"](few, TERMS) is None


# Who may leave


def judged(
    yes: dict[int, tuple[int, int]], rule: str = "silence", seasonal: float = 0.0
) -> tuple[pd.DataFrame, churn.Risk]:
    rows = [(segment, n < at_risk) for segment, (at_risk, of) in yes.items() for n in range(of)]
    frame = pd.DataFrame(rows, columns=["segment", "at_risk"]).assign(customer=range(len(rows)))
    customers = frame[["customer", "at_risk"]].astype({"at_risk": "boolean"})
    risk = churn.Risk(customers, rule, ("left",), seasonal=seasonal)
    return churn.churn(risk, frame), risk


def test_shares_at_risk_are_coarse_where_they_would_reveal_few():
    table, risk = judged({1: (100, 1000), 2: (3, 1000), 3: (2, 5)}, seasonal=0.25)
    rows = shown_table(table, "churn")
    assert rows[1] == ["Loyal", "100", "10.0%", "8.3% to 12.0%"]
    assert rows[2] == ["New", "suppressed", "under 1%", "–"]
    assert rows[3][1:3] == ["suppressed", "suppressed"]
    said = report.say("churn", table, risk)
    assert "5% of customers are at risk" in said
    assert "Loyal</b> (10%, 95% interval 8% to 12%)" in said
    assert "New (under 1%)" in said
    assert "25% of customers order in one season" in said


def test_the_share_at_risk_of_all_leaves_enough_candidates_for_a_part_of_it():
    table, risk = judged({1: (43, 100), 2: (3, 100)})
    assert "About 25% of customers are at risk" in report.say(
        "churn", table, risk
    )  # 23%, in steps of ten customers


@pytest.mark.parametrize(
    ("rule", "words"), [("feature", "“left”"), ("contracts", "contracts"), ("silence", "twice")]
)
def test_every_rule_of_risk_has_words(rule, words):
    assert words in report.say("churn", *judged({1: (100, 1000)}, rule))
    assert set(churn.RULES) == {"feature", "contracts", "silence"}
    assert "assess.risk" in report.say("churn", *judged({}))


def regression(**columns: object) -> drivers.Drivers:
    table = pd.DataFrame(
        {
            "feature": ["plan", "age", "age"],
            "answer": ["flat", None, None],
            "against": ["metered", None, None],
            "odds_ratio": [2.0, 0.5, 3.0],
            "low": [1.5, 0.4, 1.1],
            "high": [2.5, 0.8, 4.0],
            "p": [0.0001, 0.01, 0.02],
            "significant": True,
            "words": [None, "young customers", "old customers"],
            "behind": [100, 1000, 7],
            "auc": 0.71,
            "auc_p": 0.001,
        }
        | columns
    )
    return drivers.Drivers(table, left_out=("age",))


def test_drivers_are_named_with_odds_above_one_and_called_association():
    explained = regression()
    said = html.unescape(report.say("drivers", explained))
    assert (
        "plan: flat rather than metered</b> (odds × 2.0 per standard deviation; 95% interval 1.5 to 2.5)"
        in said
    )
    assert "young customers</b> (odds × 2.0 per standard deviation; 95% interval 1.2 to 2.5)" in said
    assert "old customers" not in said  # stands on seven customers
    assert "0.71" in said
    assert "not cause" in said
    assert said.endswith("other features: age.</p>")
    rows = shown_table(explained.table, "drivers")
    assert rows[1] == ["Plan", "flat", "metered", "2.00", "1.50 to 2.50", "under 0.001"]
    assert rows[3][3] == "suppressed"
    assert shown_table(regression(auc=0.55).table, "drivers") == []


def test_every_reason_for_unknown_drivers_has_a_sentence_of_its_own():
    said = {
        report.say(
            "drivers", drivers.Drivers(regression().table if r == "auc" else regression().table.head(0), r, 4)
        )
        for r in drivers.REASONS
    }
    assert len(said) == len(drivers.REASONS)
    assert any("each of the 4 features and answers needs at least 5 customers" in s for s in said)
    assert not any("odds" in s for s in said)


# How content they are


def answered(numbers: dict[int, int], item: str = "nps") -> pd.DataFrame:
    return pd.DataFrame(
        {
            "segment": list(numbers),
            "item": item,
            "question": "recommend",
            "answers": [float(n) for n in numbers.values()],
            "mean": [7.0 + s for s in numbers],
            "low": 6.5,
            "high": 7.5,
            "nps": [s / 10 for s in numbers],
            "nps_low": -0.1,
            "nps_high": 0.5,
        }
    )


def test_few_answers_are_suppressed_with_a_segment_that_would_reveal_them():
    rows = shown_table(answered({1: 40, 2: 4, 3: 25, 4: 60}), "satisfaction")
    assert rows[1] == ["Loyal", "40", "8.0", "6.50 to 7.50", "+10 (−10 to +50)"]
    assert [row[1] for row in rows[2:5]] == ["suppressed", "suppressed", "60"]
    two_items = pd.concat([answered({1: 40, 2: 4, 3: 25}), answered({1: 40, 2: 30, 3: 4}, "csat")])
    shown = shown_table(two_items, "satisfaction")
    assert [row[2] for row in shown[1:]] == [
        "40",
        "suppressed",
        "suppressed",
        "40",
        "suppressed",
        "suppressed",
    ]


def test_the_sentence_on_satisfaction_names_both_ends_in_points():
    said = report.say("satisfaction", answered({1: 40, 2: 4, 3: 25, 4: 60}), satisfaction.Asked({}))
    assert "100 answers" in said
    assert "Tired</b> (+40; 95% interval −10 to +50)" in said
    assert "Loyal (+10; 95% interval −10 to +50)" in said
    alone = report.say("satisfaction", answered({1: 40}), satisfaction.Asked({}, "recommend"))
    assert "lowest" not in alone
    assert "“recommend” are not on a scale of 0 to 10" in alone
    assert "Too few" in report.say("satisfaction", answered({1: 4}), satisfaction.Asked({}))
    assert "assess.satisfaction" in report.say("satisfaction", answered({}), satisfaction.Asked({}))


# Past campaigns


def contacted(
    n: int = 4000, rates: dict[str, tuple[float, float]] | None = None
) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Exactly so many of each segment respond, contacted or held out; and none to a second campaign."""
    rates = rates or {"Loyal": (0.30, 0.10), "New": (0.15, 0.1), "Quiet": (0.1, 0.1), "Tired": (0.02, 0.3)}
    order = np.arange(n)
    place, held = order % (n // 2) // 4 / (n // 8), order >= n / 2
    chances = [list(rates.values())[s % 4] for s in order]
    responded = [p < c[int(h)] for p, c, h in zip(place, chances, held, strict=True)]
    one = pd.DataFrame({"customer": order, "campaign": "Spring", "holdout": held, "responded": responded})
    two = one.assign(campaign="Autumn", responded=False)
    return pd.concat([one, two]), pd.DataFrame({"customer": order, "segment": order % 4 + 1})


def test_sentences_name_who_responds_to_what_and_who_is_put_off():
    effects = pooling.with_totals(*contacted())
    said = re.sub("<.*?>", "", report.say("effects", effects))
    for fact in (
        "Loyal responds to “Spring”: +20.0 points (15.2 to 24.8); shows no effect of “Autumn”.",
        "New responds to “Spring”: +5.0 points (0.9 to 9.1)",
        "Tired is put off by “Spring”: −28.0 points (−32.3 to −23.8)",
    ):
        assert fact in said
    assert "“May”" not in said
    maybe = effects.assign(p_holm=1.0)
    maybe = maybe.assign(verdict=pd.array(campaigns.verdicts(maybe), dtype="string"))
    said = report.say("effects", maybe)
    assert "New</b> may respond to “Spring”: +5.0" in said
    assert "“May” marks" in said


def test_effects_on_few_who_responded_are_shown_without_their_shares():
    contacts, segments = contacted(
        rates={"Loyal": (0.2, 0.004), "New": (0.2, 0.1), "Quiet": (0.1, 0.1), "Tired": (0.1, 0.1)}
    )
    effects = pooling.with_totals(contacts, segments)
    few = effects[effects.campaign.eq("Spring") & effects.segment.eq(1)].iloc[0]
    assert few.active_holdout == 2
    assert "Loyal</b> responds to “Spring”: +20 points (16 to 23)" in report.say("effects", effects)
    spring = [row for row in shown_table(effects, "effects") if row[0] == "Spring"]
    assert [row[5] for row in spring].count("suppressed") == 2  # of Loyal, and of one that would reveal it
    assert "0.4%" not in str(spring)
    drawn = drawn_effects(effects, TERMS)
    loyal = drawn[drawn.campaign.eq("Spring") & drawn.segment.eq(1)]
    assert loyal[["effect", "low", "high"]].to_numpy().tolist() == [[20, 16, 23]]
    assert "<figure" in report.figure("effects", effects)


def test_groups_of_few_customers_are_suppressed_and_not_spoken_of():
    contacts, segments = contacted()
    few = segments.assign(segment=np.where(segments.customer < 6, 4, segments.segment.clip(upper=3)))
    few = few[(few.segment < 4) | (few.customer < 6)]
    both = pd.concat([contacts, contacts[contacts.customer.between(3996, 3999)]]).drop_duplicates(
        ["customer", "campaign"]
    )
    effects = pooling.with_totals(both, few)
    assert (effects[effects.segment == 4].contacted == 6).all()
    tired = [row for row in shown_table(effects, "effects") if row[1] == "Tired"]
    assert all(row[3] == "suppressed" for row in tired)
    assert "Tired</b>" not in report.say("effects", effects)


def test_groups_that_reveal_how_few_were_in_neither_are_suppressed():
    effects = pooling.with_totals(*contacted())
    shown = layouts.LAYOUTS["effects"](effects.assign(customers=effects.customers + 3), TERMS)
    assert (shown.behind_contacted == 3).all()
    shown = layouts.LAYOUTS["effects"](effects.assign(customers=effects.customers + 100), TERMS)
    assert (shown.behind_contacted == 100).all()


def test_what_is_missing_of_campaigns_is_said_in_one_sentence():
    assert "no past campaigns in the data" in report.say("campaigns", pooling.NONE, recorded=False)
    assert "responded or revenue" in report.say("campaigns", pooling.NONE, recorded=True)
    assert report.say("effects", pooling.NONE) == report.table(report.declared(pooling.NONE, "effects")) == ""
    assert report.figure("effects", pooling.NONE) == ""
    said = report.say("campaigns", pooling.with_totals(*contacted()), recorded=True)
    assert "“Spring”: response −0.8 points (−2.9 to 1.4)." in said
    assert "All campaigns together: " in said


def test_only_the_campaigns_with_most_contacts_are_shown():
    contacts, segments = contacted()
    spring = contacts[contacts.campaign == "Spring"]
    many = pd.concat([spring.head(400 + c).assign(campaign=f"C{c}") for c in range(9)])
    effects = pooling.with_totals(many, segments)
    assert {row[0] for row in shown_table(effects, "effects")[1:]} == {f"C{c}" for c in range(3, 9)}


def test_channels_of_few_customers_are_not_shown():
    contacts, segments = contacted()
    contacts = contacts.assign(channel=np.where(contacts.customer < 9, "letter", "e-mail"))
    rows = shown_table(pooling.with_totals(contacts, segments), "effects", "overall")
    assert rows[1][:2] == ["Autumn", "e-mail"]
    assert "letter" not in str(rows)
    assert rows[2][3:5] == ["2,000", "2,000"]


def test_campaigns_that_moved_customers_are_named():
    table = pd.DataFrame({"campaign": ["A", "B"], "p": [0.4, 1e-6]})
    assert "“B” contacted and held-out customers are spread differently" in report.say("spread", table)
    assert "spread alike" in report.say("spread", table[:1])
    assert report.say("spread", table[:0]) == ""


def test_every_verdict_and_remark_has_words():
    for verdict in campaigns.VERDICTS:
        for remark in ("", *campaigns.REMARKS):
            said = sentences.sentence("verdict_of", {"verdict": verdict, "remark": remark})
            assert said.startswith(verdict)
            assert (": " in said) == bool(remark)
    few = sentences.sentence("verdict_of", {"verdict": "unknown", "remark": "few values"})
    assert f"fewer than {campaigns.FEW} customers" in few
