"""Segmentation variables and descriptors."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib import segment
from seglib.errors import ParamsError


def test_variables_mark_descriptors_and_say_why():
    rng = np.random.default_rng(0)
    x = rng.normal(size=200)
    features = pd.DataFrame(
        {
            "x": x,
            "twin": x * 2,
            "holes": np.where(rng.random(200) < 0.5, np.nan, x),
            "age": x[::-1],
            "y": rng.normal(size=200),
        }
    )
    catalogue = pd.DataFrame(
        {"feature": list(features), "basis": ["value", "value", "value", "demographic", "value"]}
    )
    catalogue["missing_share"] = features.isna().mean().to_numpy()
    got = segment.variables(features, catalogue, ["value"], ["y"], 0.3).set_index("feature")
    assert got.segmentation.to_dict() == {"x": True, "twin": False, "holes": False, "age": False, "y": False}
    assert got.why.to_dict() == {
        "x": "",
        "twin": "redundant",
        "holes": "missing",
        "age": "other basis",
        "y": "excluded in the params file",
    }
    assert got.twin["twin"] == "x" and got.twin.drop("twin").isna().all()
    assert got.missing["holes"] == features.holes.isna().mean() and got.customers.eq(200).all()
    with pytest.raises(ParamsError, match=r"segment\.exclude names nope; known features"):
        segment.variables(features, catalogue, ["value"], ["nope"], 0.3)
    with pytest.raises(ParamsError, match=r"segment\.on: no feature of value can form segments"):
        segment.variables(features[["twin"]], catalogue[1:2], ["value"], ["twin"], 0.3)
