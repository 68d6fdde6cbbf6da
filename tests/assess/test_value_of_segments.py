"""Value and risk of segments, by hand."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib.assess import summary as assess
from seglib.errors import ParamsError


def test_value_and_risk_by_hand():
    features = pd.DataFrame(
        {
            "customer": [1, 2, 3, 4],
            "net_value": [10.0, 20.0, 70.0, 0.0],
            "recency": [5.0, 500.0, 5.0, 5.0],
            "days_between_orders": [10.0, 10.0, np.nan, 10.0],
        }
    )
    segments = pd.DataFrame(
        {"customer": [1, 2, 3, 4], "segment": [1, 1, 2, 2], "margin": [0.1, 0.3, 0.2, 0.4]}
    )
    got = assess.value(features, segments).set_index("segment")
    assert got.value_share.to_dict() == {1: 0.3, 2: 0.7}
    assert got.value_per_customer.to_dict() == {1: 15.0, 2: 35.0}
    assert got.at_risk.to_dict() == {1: 0.5, 2: 0.0}
    assert got.margin.to_dict() == pytest.approx({1: 0.2, 2: 0.3})


def test_value_and_risk_from_given_features():
    features = pd.DataFrame({"customer": [1, 2, 3], "paid": [1.0, 2.0, 7.0], "left": ["Yes", "No", "No"]})
    segments = pd.DataFrame({"customer": [1, 2, 3], "segment": [1, 1, 2], "margin": 0.2})
    got = assess.value(features, segments, "paid", "left").set_index("segment")
    assert got.value.to_dict() == {1: 3.0, 2: 7.0}
    assert got.at_risk.to_dict() == {1: 0.5, 2: 0.0}


def test_shares_of_a_total_with_a_negative_part_mean_nothing():
    features = pd.DataFrame({"customer": [1, 2], "net_value": [-10.0, 20.0]})
    segments = pd.DataFrame({"customer": [1, 2], "segment": [1, 2], "margin": 0.2})
    assert assess.value(features, segments).value_share.isna().all()


@pytest.mark.parametrize(
    ("value", "risk", "message"),
    [
        ("netvalue", None, r"assess\.value names 'netvalue'; known features: .*Did you mean 'net_value'"),
        ("town", None, r"assess\.value names 'town', which holds text"),
        (None, "churn", r"assess\.risk names 'churn'; known"),
    ],
)
def test_a_value_or_risk_that_is_none_is_refused(value, risk, message):
    features = pd.DataFrame({"customer": [1, 2], "net_value": [1.0, 2.0], "town": ["a", "b"]})
    segments = pd.DataFrame({"customer": [1, 2], "segment": [1, 2], "margin": 0.2})
    with pytest.raises(ParamsError, match=message):
        assess.value(features, segments, value, risk)
