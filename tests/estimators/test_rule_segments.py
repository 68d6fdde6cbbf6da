"""Segments by rules: RFM, and the purchase cycle."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sklearn.base import is_clusterer

from seglib.estimators.purchase_cycle import STATES, PurchaseCycle
from seglib.estimators.rfm import OTHERS, PUBLISHED_RULES, RFMSegments

# The median of these customers' days between orders is 30; in multiples of it they are
# 1/3, 2/3, 1, 2 and 10/3, of which 0.5 and 0.75 are the quantiles 1 and 2.
LEARNED = pd.DataFrame(
    {
        "recency": [5, 5, 5, 5, 5],
        "order_count": [3, 3, 3, 3, 3],
        "days_between_orders": [10.0, 20.0, 30.0, 60.0, 100.0],
    }
)


def cycle(**changed: float) -> PurchaseCycle:
    return PurchaseCycle(**{"lapsing": 0.5, "lapsed": 0.75, "prior_gaps": 2.0, **changed}).fit(LEARNED)


def customer(recency: float, orders: float, gap: float) -> pd.DataFrame:
    return pd.DataFrame([[recency, orders, gap]], columns=LEARNED.columns)


def test_thresholds_are_learned_from_the_times_between_orders():
    model = cycle()
    assert model.typical_gap_ == 30
    assert model.thresholds_ == pytest.approx({"lapsing": 1.0, "lapsed": 2.0})


@pytest.mark.parametrize(
    ("recency", "orders", "gap", "state"),
    [
        (np.nan, 0, np.nan, "prospect"),
        (9, 0, np.nan, "prospect"),
        (np.nan, 3, 20, "prospect"),
        (9, np.nan, 20, "prospect"),
        (30, 1, np.nan, "first-time"),
        (31, 1, np.nan, "lapsing"),
        (60, 1, np.nan, "lapsing"),
        (61, 1, np.nan, "lapsed"),
        # (2 gaps of 10 days + 2 typical ones of 30) / 4: a rhythm of 20 days
        (20, 3, 10, "repeat"),
        (21, 3, 10, "lapsing"),
        (40, 3, 10, "lapsing"),
        (41, 3, 10, "lapsed"),
        # two orders of which the days between are not known: the typical rhythm
        (30, 2, np.nan, "repeat"),
        (31, 2, np.nan, "lapsing"),
        # the state is that of the silence, however long the gap of somebody who bought once is said to be
        (31, 1, 400, "lapsing"),
    ],
)
def test_state_follows_from_silence_and_rhythm(recency, orders, gap, state):
    assert cycle().predict(customer(recency, orders, gap)).tolist() == [state]


def test_the_same_silence_is_unusual_only_for_those_who_buy_often():
    rows = pd.concat([customer(60, 40, 7), customer(60, 40, 90)])
    assert cycle().predict(rows).tolist() == ["lapsed", "repeat"]


def test_rhythm_leans_on_the_typical_one_the_more_the_fewer_orders_there_are():
    rows = pd.concat([customer(10, orders, 10) for orders in (1, 2, 4, 60)])
    assert (10 / cycle().silence(rows)).round(2).tolist() == [30, 23.33, 18, 10.66]


def test_without_a_prior_the_rhythm_is_the_customers_own():
    assert cycle(prior_gaps=0.0).silence(customer(60, 2, 10)).tolist() == [6]
    assert cycle(prior_gaps=0.0).silence(customer(60, 1, np.nan)).tolist() == [2]


def test_orders_on_one_day_count_as_a_day_apart():
    rows = LEARNED.assign(days_between_orders=[0.0, 0.0, 0.0, 4.0, 8.0])
    model = PurchaseCycle().fit(rows)
    assert model.typical_gap_ == 1
    assert np.isfinite(model.silence(rows)).all()


@settings(max_examples=30, deadline=None)
@given(st.integers(0, 500), st.integers(1, 50), st.floats(0, 400), st.integers(0, 500))
def test_longer_silence_never_looks_fresher(recency, orders, gap, more):
    rows = pd.concat([customer(recency, orders, gap), customer(recency + more, orders, gap)])
    ranks = {"first-time": 0, "repeat": 0, "lapsing": 1, "lapsed": 2}
    sooner, later = (ranks[state] for state in cycle().predict(rows))
    assert sooner <= later


def test_labels_are_the_states_of_the_fitted_rows():
    model = cycle()
    assert model.labels_.tolist() == ["repeat"] * 5
    assert set(model.labels_) <= set(STATES)
    assert not is_clusterer(model)


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"lapsing": 0.9, "lapsed": 0.5}, "lapsing=0.9, lapsed=0.5; two quantiles are needed"),
        ({"lapsing": 0.0}, "lapsing=0.0"),
        ({"lapsed": 1.0}, "lapsed=1.0"),
        ({"prior_gaps": -1.0}, "prior_gaps=-1.0"),
        ({"prior_gaps": np.inf}, "prior_gaps=inf"),
    ],
)
def test_impossible_settings_are_named(changed, message):
    with pytest.raises(ValueError, match=message):
        cycle(**changed)


def test_customers_who_all_ordered_once_teach_no_rhythm():
    with pytest.raises(ValueError, match="no customer has two orders"):
        PurchaseCycle().fit(pd.concat([customer(5, 1, np.nan), customer(9, 1, np.nan)]))


@pytest.mark.parametrize("model", [PurchaseCycle(), RFMSegments()])
def test_the_message_says_which_three_columns_are_needed(model):
    with pytest.raises(ValueError, match=r"three columns are needed \(.*\), found n_samples=5, n_features=2"):
        model.fit(LEARNED.iloc[:, :2])


def rfm_rows() -> pd.DataFrame:
    """Ten customers of whom the first is best in all, the last worst."""
    return pd.DataFrame(
        {"recency": range(10, 110, 10), "orders": range(20, 0, -2), "value": range(1000, 0, -100)}
    )


def test_rfm_scores_run_from_the_best_to_the_worst():
    scores = RFMSegments().fit(rfm_rows()).scores(rfm_rows())
    assert scores.recency.tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]
    assert scores.monetary.tolist() == [5, 5, 4, 4, 3, 3, 2, 2, 1, 1]


def test_rfm_names_the_first_rule_that_fits():
    labels = RFMSegments().fit(rfm_rows()).labels_
    assert labels[[0, -1]].tolist() == ["Champions", "Lost"]
    reordered = RFMSegments(rules=PUBLISHED_RULES[::-1]).fit(rfm_rows()).labels_
    assert reordered[2] == "Loyal Customers" != labels[2] == "Potential Loyalist"


def test_rfm_names_the_rest_where_no_rule_fits():
    rules = [("Best", (5, 5), (5, 5), (5, 5))]
    assert set(RFMSegments(rules=rules).fit(rfm_rows()).labels_) == {"Best", OTHERS}


def test_rfm_takes_nullable_columns():
    rows = rfm_rows().astype("Int64")
    rows.loc[3, "value"] = pd.NA
    assert RFMSegments().fit(rows).scores(rows).monetary[3] == 1


def test_rfm_needs_two_bins():
    with pytest.raises(ValueError, match="n_bins=1; at least 2"):
        RFMSegments(n_bins=1).fit(rfm_rows())


def test_rfm_is_no_clusterer_as_its_labels_are_names():
    assert not is_clusterer(RFMSegments())
