"""All campaigns together, and the whole table of effects."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib.assess.campaigns import pooling


def sent(n: int, chance: dict[str, float], lift: float, seed: int = 0, own: float = 0.0) -> pd.DataFrame:
    """n customers in every campaign, held out or not by lot; `own` is what a customer always adds."""
    rng = np.random.default_rng(seed)
    always = rng.random(n) < own
    parts = []
    for campaign, rate in chance.items():
        held = rng.random(n) < 0.4
        says = rng.random(n) < rate + lift * ~held
        parts.append(
            pd.DataFrame(
                {
                    "customer": np.arange(n),
                    "campaign": campaign,
                    "holdout": held,
                    "responded": says | always,
                    "value": (says | always) * 10.0,
                }
            )
        )
    return pd.concat(parts, ignore_index=True)


def halves(n: int) -> pd.DataFrame:
    return pd.DataFrame({"customer": np.arange(n), "segment": 1 + np.arange(n) % 2})


def test_campaigns_of_other_rates_do_not_bend_the_pooled_effect():
    # held out are 10 of 100 in the first and 90 of 100 in the second: pooled without levels the sign would turn
    first = pd.DataFrame(
        {
            "campaign": "A",
            "holdout": [True] * 100 + [False] * 900,
            "responded": ([1] * 50 + [0] * 50) + [1] * 540 + [0] * 360,
        }
    )
    second = pd.DataFrame(
        {
            "campaign": "B",
            "holdout": [True] * 900 + [False] * 100,
            "responded": ([1] * 90 + [0] * 810) + [1] * 20 + [0] * 80,
        }
    )
    table = pd.concat([first, second], ignore_index=True).assign(customer=np.arange(2000))
    got = pooling.pooled(table, table[["customer"]].assign(segment=1)).iloc[0]
    assert got.effect == pytest.approx(0.1)  # 0.6 - 0.5 and 0.2 - 0.1
    assert (got.contacted, got.holdout, got.active, got.active_holdout) == (1000, 1000, 560, 140)
    assert got.verdict == "responds"
    assert pd.isna(got.campaign)


def test_the_error_is_clustered_by_customer():
    # customers who always answer, or never: two campaigns with the same groups tell as much as one
    rng = np.random.default_rng(1)
    once = pd.DataFrame(
        {"customer": np.arange(1000), "holdout": np.arange(1000) % 2 > 0, "responded": rng.random(1000) < 0.3}
    )
    twice = pd.concat([once.assign(campaign="A"), once.assign(campaign="B")])
    others = twice.assign(customer=np.arange(2000))
    same, apart = (
        pooling.pooled(t, pd.DataFrame({"customer": np.arange(2000), "segment": 1})).effect_sd[0]
        for t in (twice, others)
    )
    assert same / apart == pytest.approx(np.sqrt(2), rel=0.01)


def test_pooled_intervals_cover_a_planted_effect_of_customers_in_several_campaigns():
    n, repetitions = 400, 400  # a repetition is a segment
    table = sent(n * repetitions, {"A": 0.1, "B": 0.3, "C": 0.2}, 0.1, own=0.2)
    segments = pd.DataFrame(
        {"customer": np.arange(n * repetitions), "segment": np.arange(n * repetitions) % repetitions}
    )
    got = pooling.pooled(table.drop(columns="value"), segments)
    truth = 0.1 * 0.8  # one in five always responds
    assert got.effect.mean() == pytest.approx(truth, abs=0.003)
    assert ((got.effect_low <= truth) & (truth <= got.effect_high)).mean() == pytest.approx(0.95, abs=0.02)


def test_earlier_spend_narrows_the_pooled_interval():
    rng = np.random.default_rng(2)
    table = sent(500, {"A": 0.3, "B": 0.3}, 0.1)
    before = rng.gamma(2, 10, 500)
    table = table.assign(before=before[table.customer], value=5 + before[table.customer] + 2 * ~table.holdout)
    got = pooling.pooled(table, halves(500).assign(segment=1)).set_index("outcome").loc["value"]
    assert got.adjusted == pytest.approx(2.0, abs=1e-6)
    assert got.adjusted_sd < 0.01 * got.effect_sd


def test_totals_stand_beside_segments_and_campaigns():
    got = pooling.with_totals(sent(400, {"A": 0.2, "B": 0.3}, 0.2), halves(400))
    assert tuple(got) == pooling.COLUMNS
    assert got.dtypes.to_dict() == pooling.NONE.dtypes.to_dict()
    rows = got[got.outcome == "response"]
    assert list(zip(rows.campaign.fillna("all"), rows.segment.fillna(0), strict=True)) == [
        (c, s) for c in ("A", "B", "all") for s in (1, 2, 0)
    ]
    one = rows[rows.campaign == "A"].set_index(rows.segment.fillna(0)[rows.campaign == "A"])
    assert one.contacted[0] == one.contacted[1] + one.contacted[2]


def test_one_campaign_is_not_pooled():
    got = pooling.with_totals(sent(400, {"A": 0.2}, 0.2), halves(400))
    assert got.campaign.notna().all()
    assert pooling.pooled(sent(400, {"A": 0.2}, 0.2), halves(400)).empty


def test_campaigns_without_holdouts_are_not_pooled():
    table = sent(400, {"A": 0.2, "B": 0.2}, 0.2).drop(columns="holdout")
    assert pooling.with_totals(table, halves(400)).campaign.notna().all()


@pytest.mark.parametrize(
    "contacts",
    [
        pd.DataFrame({"customer": [], "campaign": []}),
        pd.DataFrame({"customer": [1], "campaign": ["A"]}),
        pd.DataFrame({"customer": [9], "campaign": ["A"], "responded": [True]}),
    ],
)
def test_nothing_recorded_gives_an_empty_table_with_its_columns(contacts):
    got = pooling.with_totals(contacts, pd.DataFrame({"customer": [1, 2], "segment": [1, 2]}))
    pd.testing.assert_frame_equal(got, pooling.NONE)


def test_numbers_of_segments_change_nothing_but_the_number():
    table, segments = sent(600, {"A": 0.2, "B": 0.3}, 0.1), halves(600)
    first = pooling.with_totals(table, segments)
    other = pooling.with_totals(table, segments.assign(segment=3 - segments.segment))
    back = other.assign(segment=3 - other.segment)
    order = ["campaign", "outcome", "segment"]
    pd.testing.assert_frame_equal(
        back.sort_values(order, ignore_index=True), first.sort_values(order, ignore_index=True)
    )


def test_a_segment_of_few_has_its_numbers_and_no_effect():
    table = sent(300, {"A": 0.3, "B": 0.3}, 0.1)
    got = pooling.pooled(table, pd.DataFrame({"customer": np.arange(300), "segment": [1] * 292 + [2] * 8}))
    few = got[got.segment == 2].set_index("outcome")
    assert few.remark.to_dict() == {"response": "few responses", "value": "few values"}
    assert (few.contacted <= 8).all()
    assert few["mean"].notna().all()
    assert few[["effect", "effect_low"]].isna().all(axis=None)


def test_sizes_of_segments_and_channels_stand_beside_the_effects():
    table = sent(400, {"A": 0.2, "B": 0.3}, 0.2)
    channels = table.assign(channel=np.where(table.customer < 3, "letter", "e-mail"))
    got = pooling.with_totals(channels, halves(400))
    whole = got[got.segment.isna() & got.campaign.notna()]
    assert got.customers[got.segment == 1].eq(200).all() and whole.customers.eq(400).all()
    assert whole.channels.map(sorted).tolist() == [["e-mail", "letter"]] * len(whole)
    assert whole.channel_customers.map(sorted).tolist() == [[3, 397]] * len(whole)
    assert got.channels[got.segment.notna()].isna().all()
