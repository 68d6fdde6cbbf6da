"""Satisfaction: which item asks, the last answer, intervals that cover."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest

from seglib.assess.behaviour import satisfaction
from seglib.errors import ParamsError


def answered(rows: list[tuple], columns: tuple[str, ...] = ("customer", "item", "score")) -> ibis.Table:
    frame = pd.DataFrame(rows, columns=list(columns)).astype({"score": float, "item": "string"})
    return ibis.memtable(frame.astype({"time": "datetime64[ns]"}) if "time" in columns else frame)


def placed(segments: dict[int, int]) -> ibis.Table:
    return ibis.memtable(pd.DataFrame({"customer": list(segments), "segment": list(segments.values())}))


SOME = answered([(1, "NPS", 10), (2, "NPS", 3), (1, "satisfaction", 4), (1, "price matters", 2)])

# Which item asks


def test_items_are_known_by_their_names_or_as_the_params_say():
    assert satisfaction.asked(SOME).items == {"recommend": "NPS", "satisfaction": "satisfaction"}
    assert satisfaction.asked(answered([(1, "Likelihood to recommend", 9)])).items == {
        "recommend": "Likelihood to recommend"
    }
    assert satisfaction.asked(SOME, {"recommend": None, "satisfaction": "price matters"}).items == {
        "satisfaction": "price matters"
    }
    assert satisfaction.asked(None).items == {}


@pytest.mark.parametrize(
    ("named", "message"),
    [
        (
            {"recommend": "nsp"},
            r"assess\.satisfaction\.recommend names 'nsp'; items with answers: NPS, price matters, satisfaction\.",
        ),
        (
            {"satisfaction": "satisfacton"},
            r"assess\.satisfaction\.satisfaction names 'satisfacton'; .*Did you mean 'satisfaction'",
        ),
        (
            {"recommend": "percent"},
            r"recommend names 'percent', whose answers run from 0 to 80; 0 to 10 are allowed",
        ),
    ],
)
def test_an_item_that_is_none_is_refused(named, message):
    table = SOME.union(answered([(1, "percent", 80), (2, "percent", 0)])) if "percent" in str(named) else SOME
    with pytest.raises(ParamsError, match=message):
        satisfaction.asked(table, named)


def test_an_item_without_responses_is_refused():
    with pytest.raises(
        ParamsError,
        match=r"satisfaction\.recommend names 'nps', and there are no answers; name them under sources",
    ):
        satisfaction.asked(None, {"recommend": "nps"})


def test_an_item_that_is_not_of_0_to_10_gives_no_promoters():
    got = satisfaction.asked(answered([(c, "recommend", 1 + c % 5) for c in range(50)]))
    assert got.items == {}
    assert got.unused == "recommend"


# Answers


def test_the_last_answer_counts_and_of_several_at_once_the_mean():
    rows = [
        (1, "nps", 2, "2025-01-01"),
        (1, "nps", 9, "2025-02-01"),
        (2, "nps", 6, "2025-01-01"),
        (2, "nps", 9, "2025-01-01"),
    ]
    got = (
        satisfaction.latest(answered(rows, ("customer", "item", "score", "time")))
        .to_pandas()
        .set_index("customer")
        .score
    )
    assert got.to_dict() == {1: 9.0, 2: 7.5}
    untimed = satisfaction.latest(answered([(1, "nps", 2), (1, "nps", 9)])).to_pandas()
    assert untimed.score.tolist() == [5.5]


def test_mean_and_promoters_by_hand():
    scores = [10, 9, 8, 7, 6, 0, 9, 9, 10, 2]
    table = answered([(c, "nps", s) for c, s in enumerate(scores)])
    got = satisfaction.satisfaction(table, placed(dict.fromkeys(range(10), 1)), {"recommend": "nps"}).iloc[0]
    assert (got.answers, got["mean"], got.nps) == (10, 7.0, pytest.approx(0.2))
    assert (got["mean"] - got.low, got.high - got["mean"]) == (pytest.approx(2.4550, abs=1e-4),) * 2
    p, d, n = 6 / 12, 4 / 12, 12
    half = 1.959964 * np.sqrt((p + d - (p - d) ** 2) / n)
    assert (got.nps_low, got.nps_high) == (
        pytest.approx(p - d - half, abs=1e-5),
        pytest.approx(p - d + half, abs=1e-5),
    )


def test_satisfaction_has_a_mean_and_no_promoters():
    got = satisfaction.satisfaction(
        SOME, placed({1: 1, 2: 1}), {"recommend": "NPS", "satisfaction": "satisfaction"}
    )
    assert got.question.tolist() == ["recommend", "satisfaction"]
    assert got.nps.fillna(-9).tolist() == [0, -9]
    assert np.isnan(got.low[1])  # one answer has no interval


@pytest.mark.parametrize(
    ("n", "promoters", "detractors"),
    [
        (20, 0.4, 0.3),
        (40, 0.5, 0.2),
        (40, 0.15, 0.6),
        (100, 0.7, 0.05),
        (400, 0.34, 0.33),
        (1000, 0.6, 0.1),
    ],
)
def test_intervals_of_the_net_promoter_score_cover_it_in_19_of_20_samples(n, promoters, detractors):
    rng = np.random.default_rng(n)
    drawn = rng.multinomial(n, [promoters, detractors, 1 - promoters - detractors], size=20_000)
    _, low, high = satisfaction.net_promoters(
        pd.Series(drawn[:, 0]), pd.Series(drawn[:, 1]), pd.Series([n] * 20_000)
    )
    truth = promoters - detractors
    assert ((low <= truth) & (truth <= high)).mean() == pytest.approx(0.95, abs=0.02)


def test_intervals_of_the_mean_cover_it_in_19_of_20_samples():
    drawn = np.random.default_rng(0).normal(7, 2, size=(20_000, 15))
    sums = pd.Series(drawn.sum(axis=1)), pd.Series((drawn**2).sum(axis=1))
    _, low, high = satisfaction.mean_interval(pd.Series([15.0] * 20_000), *sums)
    assert ((low <= 7) & (high >= 7)).mean() == pytest.approx(0.95, abs=0.01)


def survey(numbers: dict[int, int]) -> tuple[ibis.Table, ibis.Table]:
    """So many answers per segment, one more customer of each without any."""
    segments, rows = {}, []
    for segment, n in numbers.items():
        for at in range(n + 1):
            customer = len(segments)
            segments[customer] = segment
            if at < n:
                rows.append((customer, "nps", (7 * at + segment) % 11))
    return answered(rows), placed(segments)


def test_a_segment_of_few_answers_has_its_true_mean():
    responses, segments = survey({1: 40, 2: 4, 3: 25})
    got = satisfaction.satisfaction(responses, segments, {"recommend": "nps"}).set_index("segment")
    assert got.answers.to_dict() == {1: 40, 2: 4, 3: 25}
    assert got["mean"][2] == pytest.approx(np.mean([(7 * at + 2) % 11 for at in range(4)]))


def test_a_segment_without_an_answer_is_listed_and_empty():
    responses, segments = survey({1: 40, 2: 0})
    got = satisfaction.satisfaction(responses, segments, {"recommend": "nps"}).set_index("segment")
    assert got.index.tolist() == [1, 2]
    assert got.loc[1].answers == 40
    assert got.loc[2].answers == 0
    assert got.loc[2, ["mean", "nps"]].isna().all()


def test_the_table_is_the_same_whatever_the_numbers_of_segments():
    responses, segments = survey({1: 40, 2: 30, 3: 25})
    renumbered = segments.mutate(segment=(segments.segment % 3 + 1).cast("int64"))
    one = satisfaction.satisfaction(responses, segments, {"recommend": "nps"})
    other = satisfaction.satisfaction(responses, renumbered, {"recommend": "nps"})
    one = one.assign(segment=one.segment % 3 + 1).sort_values("segment", ignore_index=True)
    pd.testing.assert_frame_equal(one, other)


@pytest.mark.parametrize("responses", [None, SOME])
def test_the_table_is_empty_without_an_item(responses):
    got = satisfaction.satisfaction(responses, placed({1: 1}), {})
    assert got.empty
    assert list(got.columns) == list(satisfaction.COLUMNS)
