"""Past campaigns: what contacted customers did beyond those held out, by segment."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from projects import hillstrom_tables
from scipy import stats

from seglib import statistics as intervals
from seglib.assess import contrasts
from seglib.assess.campaigns import contacts, two_groups
from seglib.assess.campaigns import effects as campaigns
from seglib.errors import DataError


def sent(n: int, campaign: str = "Spring", held: float = 0.5, **columns) -> pd.DataFrame:
    """n customers of one campaign, of whom the last are held out."""
    made = pd.DataFrame(
        {"customer": np.arange(n), "campaign": campaign, "holdout": np.arange(n) >= n * (1 - held)}
    )
    return made.assign(**columns)


def in_one(table: pd.DataFrame, segment: str = "A") -> pd.DataFrame:
    return pd.DataFrame({"customer": table.customer.unique(), "segment": segment})


def only(found: pd.DataFrame) -> pd.Series:
    assert len(found) == 1
    return found.iloc[0]


@pytest.fixture(scope="module")
def hillstrom(reference) -> tuple[pd.DataFrame, pd.DataFrame]:
    return hillstrom_tables(reference)


def by_mail(hillstrom: tuple[pd.DataFrame, pd.DataFrame], outcome: str) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Each e-mail beside the customers who got none, and segments by what they had spent."""
    customers, sent = hillstrom
    named = {
        outcome: "responded",
        "spend": "value",
        "e_mail": "campaign",
        "held_out": "holdout",
        "history": "before",
    }
    made = sent.merge(customers[["customer", "history"]], on="customer").rename(columns=named)
    columns = ["customer", "campaign", "holdout", "responded", "value", "before"]
    return made[columns], customers.rename(columns={"history_segment": "segment"})[["customer", "segment"]]


def test_means_of_the_hillstrom_test_are_the_published_ones(hillstrom):
    published = {
        "Mens E-Mail": (21_307, 0.18276, 0.01253, 1.42262),
        "Womens E-Mail": (21_387, 0.15140, 0.00884, 1.07720),
    }
    none = (21_306, 0.10617, 0.00573, 0.65279)
    whole = hillstrom[0][["customer"]].assign(segment="all")
    got = {
        o: campaigns.effects(by_mail(hillstrom, o)[0], whole).set_index(["campaign", "outcome"])
        for o in ("visit", "conversion")
    }
    for mail, (n, *means) in published.items():
        cells = [
            got["visit"].loc[mail, "response"],
            got["conversion"].loc[mail, "response"],
            got["visit"].loc[mail, "value"],
        ]
        for cell, mean, held in zip(cells, means, none[1:], strict=True):
            assert (cell.contacted, cell.holdout) == (n, none[0])
            assert (round(cell["mean"], 5), round(cell.mean_holdout, 5)) == (mean, held)
            assert cell.effect == pytest.approx(mean - held, abs=1e-5)
            assert cell.responds


def test_segments_by_history_respond_to_the_mens_email(hillstrom):
    table, segments = by_mail(hillstrom, "visit")
    found = campaigns.effects(table, segments)
    assert len(found) == 2 * 2 * segments.segment.nunique()
    mens = found[(found.campaign == "Mens E-Mail") & (found.outcome == "response")]
    assert mens.responds.all() and (mens.p_holm < 0.05).all()
    by_hand = table[(table.campaign == "Mens E-Mail")].merge(segments, on="customer")
    means = by_hand.groupby(["segment", "holdout"]).responded.mean().unstack()
    assert mens.effect.tolist() == pytest.approx((means[False] - means[True]).tolist())
    spent = found[(found.outcome == "value") & (found.segment.str.startswith("7)"))]
    assert spent.effect_low.isna().all() and spent.responds.isna().all()
    assert (spent.remark == "few values").all()


def test_adjusting_changes_little_when_history_predicts_little(hillstrom):
    table, segments = by_mail(hillstrom, "visit")
    found = campaigns.effects(table, segments.assign(segment="all")).query("outcome == 'value'")
    assert (found.adjusted_sd < found.effect_sd).all()
    assert found.adjusted_sd.tolist() == pytest.approx(found.effect_sd.tolist(), rel=0.01)


def test_newcombe_intervals_are_the_published_ones():
    # Newcombe (1998), table II, method 10
    yes, n = (
        [(56, 48), (9, 3), (6, 2), (5, 0), (0, 0), (10, 0)],
        [(70, 80), (10, 10), (7, 7), (56, 29), (10, 20), (10, 20)],
    )
    columns = ["contacted", "holdout"]
    found = two_groups.newcombe(pd.DataFrame(yes, columns=columns), pd.DataFrame(n, columns=columns))
    assert found[["effect_low", "effect_high"]].round(4).values.tolist() == [
        [0.0524, 0.3339],
        [0.1705, 0.8090],
        [0.0582, 0.8062],
        [-0.0381, 0.1926],
        [-0.1611, 0.2775],
        [0.6791, 1.0],
    ]


@settings(max_examples=60, deadline=None)
@given(
    st.lists(
        st.tuples(st.integers(0, 300), st.integers(0, 300), st.integers(1, 300), st.integers(1, 300)),
        min_size=1,
        max_size=6,
    )
)
def test_p_is_below_five_percent_where_the_interval_leaves_zero_out(drawn):
    yes = pd.DataFrame([(min(a, n), min(b, m)) for a, b, n, m in drawn], columns=["contacted", "holdout"])
    n = pd.DataFrame([d[2:] for d in drawn], columns=["contacted", "holdout"])
    found = two_groups.newcombe(yes, n)
    leaves_out = (found.effect_low > 1e-9) | (found.effect_high < -1e-9)
    near = found[["effect_low", "effect_high"]].abs().min(axis=1) < 1e-9
    assert ((found.effect_p < 0.05) == leaves_out)[~near].all()
    assert found.effect_p.between(0, 1).all() and (found.effect_sd > 0).all()


def test_wilson_intervals_are_those_of_scipy():
    yes, n = pd.Series([0, 1, 10, 57]), pd.Series([10, 100, 10, 80])
    low, high = intervals.wilson(yes, n).to_numpy().T
    peer = [
        stats.binomtest(int(y), int(m)).proportion_ci(method="wilson") for y, m in zip(yes, n, strict=True)
    ]
    assert np.column_stack([low, high]).ravel().tolist() == pytest.approx(
        [end for p in peer for end in (p.low, p.high)]
    )


def test_welch_intervals_are_those_of_scipy():
    rng = np.random.default_rng(0)
    a, b = rng.lognormal(1, 1, 50), rng.lognormal(1, 0.4, 20)
    columns = ["contacted", "holdout"]
    found = two_groups.welch(
        *(pd.DataFrame([[f(a), f(b)]], columns=columns) for f in (np.mean, lambda v: v.var(ddof=1), len))
    )
    peer = stats.ttest_ind(a, b, equal_var=False)
    ends = peer.confidence_interval(0.95)
    assert only(found).tolist() == pytest.approx(
        [a.mean() - b.mean(), ends.low, ends.high, only(found).effect_sd, peer.pvalue]
    )


def test_holm_keeps_the_order_and_leaves_missing_ones_out():
    assert contrasts.holm(pd.Series([0.04, np.nan, 0.01, 0.6])).round(10).tolist()[::2] == [0.08, 0.03]
    assert contrasts.holm(pd.Series([0.04, np.nan, 0.01, 0.6])).isna().tolist() == [False, True, False, False]
    assert contrasts.holm(pd.Series([0.9, 0.8])).tolist() == [1.0, 1.0]


def test_intervals_cover_the_truth_of_each_e_mail_in_each_history_segment(hillstrom):
    # Hillstrom's rates by history and e-mail are taken for the truth; customers and who gets what are drawn again.
    table, segments = by_mail(hillstrom, "visit")
    rows = table.merge(segments, on="customer")
    truth = rows.groupby(["campaign", "segment", "holdout"]).responded.mean().unstack()
    shares = segments.segment.value_counts(normalize=True).sort_index()
    rng, repetitions, n = np.random.default_rng(3), 250, 3000
    found = []
    for mail in truth.index.levels[0]:
        drawn = rng.choice(shares.index, (repetitions, n), p=shares)
        held = rng.random((repetitions, n)) < 0.5
        rates = truth.loc[mail]
        chance = np.where(
            held,
            rates[True][drawn.ravel()].to_numpy().reshape(drawn.shape),
            rates[False][drawn.ravel()].to_numpy().reshape(drawn.shape),
        )
        customers = np.arange(repetitions * n)
        sent = pd.DataFrame(
            {
                "customer": customers,
                "campaign": np.repeat(np.arange(repetitions), n),
                "holdout": held.ravel(),
                "responded": rng.random(repetitions * n) < chance.ravel(),
            }
        )
        made = campaigns.effects(sent, pd.DataFrame({"customer": customers, "segment": drawn.ravel()}))
        found.append(made.assign(truth=made.segment.map(rates[False] - rates[True])))
    made = pd.concat(found)
    inside = (made.effect_low <= made.truth) & (made.truth <= made.effect_high)
    assert inside.mean() == pytest.approx(0.95, abs=0.02)
    assert inside.groupby(made.segment).mean().between(0.925, 0.985).all()  # 500 draws each


def covered(table: pd.DataFrame, truth: float, low: str = "effect_low", high: str = "effect_high") -> float:
    assert table[low].notna().all()
    return float(((table[low] <= truth) & (truth <= table[high])).mean())


def repeated(draw, n: int, n_holdout: int, repetitions: int = 400, seed: int = 11) -> pd.DataFrame:
    """Repetitions of one campaign, each a campaign of its own."""
    rng = np.random.default_rng(seed)
    held = np.tile(np.arange(n + n_holdout) >= n, repetitions)
    made = pd.DataFrame(
        {
            "customer": np.tile(np.arange(n + n_holdout), repetitions),
            "holdout": held,
            "campaign": np.repeat(np.arange(repetitions), n + n_holdout),
        }
    )
    return made.assign(**draw(rng, held))


@pytest.mark.parametrize(
    ("with_contact", "without", "n", "n_holdout"),
    [(0.12, 0.10, 800, 400), (0.015, 0.010, 3000, 1000), (0.010, 0.010, 1000, 250)],
)
def test_intervals_cover_a_planted_response_also_a_rare_one(with_contact, without, n, n_holdout):
    table = repeated(
        lambda rng, held: {"responded": rng.random(len(held)) < np.where(held, without, with_contact)},
        n,
        n_holdout,
    )
    found = campaigns.effects(table, in_one(table))
    assert covered(found, with_contact - without) == pytest.approx(0.95, abs=0.02)
    assert found.effect.mean() == pytest.approx(with_contact - without, abs=0.001)


def test_segments_that_respond_to_nothing_rarely_get_a_verdict_when_holdouts_are_small():
    table = repeated(lambda rng, held: {"responded": rng.random(len(held)) < 0.01}, 800, 200)
    assert campaigns.effects(table, in_one(table)).responds.mean() <= 0.025


def test_intervals_cover_a_planted_gain_in_skewed_spend():
    def draw(rng, held):
        buys = rng.random(len(held)) < np.where(held, 0.20, 0.25)
        return {"value": buys * rng.lognormal(3, 1, len(held))}

    table = repeated(draw, 1000, 600, repetitions=1000)
    assert covered(campaigns.effects(table, in_one(table)), 0.05 * np.exp(3.5)) == pytest.approx(
        0.95, abs=0.02
    )


def spent_before(rng, held):
    """Spend follows earlier spend; a contact adds 2. Segments differ in both."""
    before = rng.gamma(2, 10, len(held))
    return {"before": before, "value": 5 + 0.8 * before + 2 * ~held + rng.normal(0, 6, len(held))}


def test_adjusting_for_earlier_spend_narrows_the_interval_and_stays_unbiased():
    table = repeated(spent_before, 300, 200)
    found = campaigns.effects(table, in_one(table))
    assert covered(found, 2.0, "adjusted_low", "adjusted_high") == pytest.approx(0.95, abs=0.02)
    assert found.adjusted.mean() == pytest.approx(2.0, abs=3 * found.adjusted_sd.mean() / np.sqrt(len(found)))
    # sd of spend is 12.8, of what earlier spend does not predict 6
    assert (found.adjusted_sd / found.effect_sd).mean() == pytest.approx(
        6 / np.hypot(6, 0.8 * np.sqrt(200)), rel=0.02
    )
    assert found.responds.mean() > 0.9 > 0.6 > (found.effect_low > 0).mean()


def test_the_adjusted_effect_is_the_regression_on_earlier_spend():
    table = sent(400, **spent_before(np.random.default_rng(1), np.arange(400) >= 200))
    found = only(campaigns.effects(table, in_one(table)))
    design = np.column_stack([np.ones(400), ~table.holdout, table.before])
    assert found.adjusted == pytest.approx(np.linalg.lstsq(design, table.value, rcond=None)[0][1])


def test_segments_that_differ_before_do_not_bend_the_slope():
    rng = np.random.default_rng(2)
    table = sent(2000, **spent_before(rng, np.arange(2000) >= 1000))
    segments = in_one(table).assign(segment=np.where(table.customer % 2, "high", "low"))
    high = table.customer % 2 == 1
    table = table.assign(before=table.before + 500 * high, value=table.value - 500 * high)
    found = campaigns.effects(table, segments)
    assert (found.adjusted_sd < 0.55 * found.effect_sd).all()


def test_an_earlier_spend_that_never_varies_adjusts_nothing():
    table = sent(100, value=np.arange(100.0) + 1, before=0.1)
    assert only(campaigns.effects(table, in_one(table)))[["adjusted", "adjusted_low"]].isna().all()
    halves = in_one(table).assign(segment=np.where(table.customer % 2, "A", "B"))
    by_segment = table.assign(before=np.where(table.customer % 2, 0.1, 0.7))
    assert campaigns.effects(by_segment, halves).adjusted.isna().all()


def test_customers_without_earlier_spend_are_left_as_they_are():
    table = sent(400, **spent_before(np.random.default_rng(1), np.arange(400) >= 200))
    table.loc[::7, "before"] = np.nan
    found = only(campaigns.effects(table, in_one(table)))
    assert found.effect_sd > found.adjusted_sd > 0 and found.contacted == 200


def test_responses_are_counted_by_hand():
    table = sent(
        40, responded=[True] * 10 + [False] * 10 + [True] * 5 + [False] * 15, cost=[2.0] * 20 + [0.0] * 20
    )
    found = only(campaigns.effects(table, in_one(table)))
    assert found[["contacted", "holdout", "cost", "mean", "mean_holdout", "effect"]].tolist() == [
        20,
        20,
        2.0,
        0.5,
        0.25,
        0.25,
    ]
    assert not found.responds and found.p == found.p_holm


def test_without_holdouts_only_rates_are_given_and_said():
    table = sent(100, responded=np.arange(100) < 30).drop(columns="holdout")
    found = campaigns.effects(table, in_one(table))
    row = only(found)
    assert (row["mean"], row.contacted, row.holdout) == (0.3, 100, 0)
    assert row[["effect", "effect_low", "effect_sd", "p", "responds"]].isna().all()
    assert row.remark == "no holdout"


@pytest.mark.parametrize(("turned", "sizes"), [(False, [25, 17]), (True, [17, 25])])
def test_groups_of_few_customers_have_their_true_numbers(turned, sizes):
    table = sent(60, responded=True)
    table["holdout"] = table.holdout != turned
    segments = in_one(table).assign(segment=["A"] * 25 + ["B"] * 9 + ["A"] * 17 + ["B"] * 9)
    found = campaigns.effects(table, segments).set_index("segment")
    assert found.loc["A", ["contacted", "holdout"]].tolist() == sizes
    assert found.loc["B", ["contacted", "holdout"]].sum() == 18
    assert found.loc["B", ["mean", "mean_holdout", "effect"]].tolist() == [1, 1, 0]
    assert found.verdict["B"] == "no effect seen"


@pytest.mark.parametrize(("held", "remark"), [(0.0, "no holdout"), (1.0, "none contacted")])
def test_an_empty_group_gives_no_effect(held, remark):
    table = sent(50, held=held, responded=np.arange(50) < 20)
    found = only(campaigns.effects(table, in_one(table)))
    assert found[["effect", "effect_low", "p", "responds"]].isna().all()
    assert found.remark == remark


def test_a_segment_without_holdout_says_so():
    table = sent(60, responded=True)
    segments = in_one(table).assign(segment=["A"] * 20 + ["B"] * 40)
    found = campaigns.effects(table, segments).set_index("segment")
    assert found.remark["A"] == "none held out" and found.remark["B"] == ""


def test_no_response_is_no_certainty_of_none():
    table = sent(200, responded=False, value=0.0)
    found = campaigns.effects(table, in_one(table)).set_index("outcome")
    assert found.effect.tolist() == [0, 0]
    assert found.effect_sd["response"] > 0.01 and found.p["response"] == 1 and not found.responds["response"]
    assert np.isnan(found.effect_sd["value"]) and pd.isna(found.responds["value"])


def test_one_customer_gives_a_row_without_an_effect():
    table = sent(1, held=0.0, responded=True, value=5.0, before=1.0)
    found = campaigns.effects(table, in_one(table)).set_index("outcome")
    assert found["mean"].to_dict() == {"response": 1.0, "value": 5.0} and found.effect.isna().all()


def test_missing_answers_are_no_and_missing_values_are_nothing():
    table = sent(40, responded=pd.array([True, None] * 20, dtype="boolean"), value=[8.0, np.nan] * 20)
    assert campaigns.effects(table, in_one(table))["mean"].tolist() == [0.5, 4.0]


def test_what_is_not_recorded_of_those_held_out_is_not_taken_for_nothing():
    table = sent(100, value=np.where(np.arange(100) < 50, np.arange(100) + 1.0, np.nan))
    found = only(campaigns.effects(table, in_one(table)))
    assert found["mean"] == 25.5 and found[["mean_holdout", "effect", "responds"]].isna().all()
    assert found.remark == "holdout not recorded"


def test_a_silent_holdout_is_doubted():
    table = sent(100, responded=np.arange(100) < 40)
    assert only(campaigns.effects(table, in_one(table))).remark == "holdout silent"


def test_customers_without_a_segment_and_nameless_contacts_are_left_out():
    table = sent(60, responded=True)
    table["campaign"] = table.campaign.where(table.customer != 0)
    assert only(campaigns.effects(table, in_one(table).iloc[:50])).contacted == 29


def test_a_customer_twice_in_a_campaign_is_refused_in_one_line():
    table = pd.concat([sent(20, responded=True), sent(3, responded=True).assign(holdout=True)])
    with pytest.raises(
        DataError, match=r"^campaigns has 3 customers more than once in one campaign; .*name of its own\.$"
    ):
        campaigns.effects(table, in_one(table))
    two = pd.concat([sent(20, responded=True), sent(20, "Autumn", responded=True)])
    assert campaigns.effects(two, in_one(two)).campaign.tolist() == ["Autumn", "Spring"]


@pytest.mark.parametrize(
    ("columns", "said"),
    [
        ({"responded": "maybe so"}, "campaigns.responded holds values other than yes and no"),
        ({"responded": 2}, "campaigns.responded holds values other than yes and no"),
        ({"value": "=1+1"}, "campaigns.value holds values that are not numbers"),
        ({"value": np.inf}, "campaigns.value holds infinite numbers"),
        ({}, "campaigns has no outcome; name at least one of responded, value"),
    ],
)
def test_what_cannot_be_read_is_refused_without_its_content(columns, said):
    table = sent(4, **columns)
    with pytest.raises(DataError, match=said) as refused:
        campaigns.effects(table, in_one(table))
    assert (
        "\n" not in str(refused.value)
        and "=1+1" not in str(refused.value)
        and "maybe" not in str(refused.value)
    )


def test_missing_columns_and_two_segments_for_one_are_refused():
    table = sent(4, responded=True)
    with pytest.raises(DataError, match="campaigns has no column campaign; it needs campaign, customer"):
        campaigns.effects(table.drop(columns="campaign"), in_one(table))
    with pytest.raises(DataError, match="segments has customers in two rows"):
        campaigns.effects(table, pd.concat([in_one(table)] * 2))


def test_no_contacts_give_an_empty_table():
    table = sent(4, responded=True)
    found = campaigns.effects(table, in_one(table).iloc[:0])
    assert found.columns.tolist() == list(campaigns.COLUMNS) and len(found) == 0


def test_the_tables_given_stay_as_they_are():
    table = sent(40, responded=True, value=1.0, before=2.0)
    before, segments = table.copy(), in_one(table)
    campaigns.effects(table, segments)
    pd.testing.assert_frame_equal(table, before)
    pd.testing.assert_frame_equal(segments, in_one(table))


def test_contacts_get_their_group_and_their_answers_as_numbers():
    table = sent(3, responded=[1, 0, None], segment="another", arm="left", channel="e-mail")
    rows = contacts.joined(table, in_one(table))
    assert rows.segment.tolist() == ["A"] * 3 and "channel" not in rows.columns
    assert rows.arm.tolist() == ["contacted", "contacted", "holdout"] and rows.responded.tolist()[:2] == [
        1.0,
        0.0,
    ]
