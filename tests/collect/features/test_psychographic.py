"""Psychographic features: scales typed by hand, factors planted, and answers given without care."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib import segment
from seglib.collect import features
from seglib.collect.features import Settings
from seglib.collect.features.psychographic import factor_scores, n_factors
from seglib.collect.features.scales import cronbach_alpha, recoded, scale_score
from seglib.errors import DataError

AS_OF = dt.date(2024, 6, 1)
CALM = {
    "basis": "psychographic",
    "items": ["calm", "nervous", "steady"],
    "reverse": ["nervous"],
    "range": [1, 5],
}


def responses(wide: pd.DataFrame, seconds: dict[int, float] | None = None) -> ibis.Table:
    long = (
        wide.rename_axis("customer")
        .reset_index()
        .melt("customer", var_name="item", value_name="score")
        .dropna()
    )
    if seconds:
        long = long.assign(seconds=long.customer.map(seconds))
    return ibis.memtable(long.astype({"score": "float64"}))


def derived(wide: pd.DataFrame, scales: dict[str, dict], **more: object):
    found = features.derived(
        "psychographic", {"responses": responses(wide, **more)}, Settings(AS_OF, scales=scales)
    )
    return found.frames[0].set_index("customer"), found


def missing_is_none(column: pd.Series) -> dict:
    return {k: None if pd.isna(v) else v for k, v in column.to_dict().items()}


WIDE = pd.DataFrame(
    {
        "calm": [5, 1, None, 2, 9],
        "nervous": [1, 5, None, 4, 3],
        "steady": [4, 2, 3, None, 3],
        "elsewhere": [1, 2, 3, 4, 5],
    },
    index=[1, 2, 3, 4, 5],
)


def test_scale_scores_are_counted_by_hand():
    got, found = derived(WIDE, {"serenity": CALM})
    assert missing_is_none(got.serenity) == {1: 14 / 3, 2: 4 / 3, 3: None, 4: 2.0, 5: 3.0}
    assert found.remarks == ("Scale 'serenity': 1 answers lie outside 1 to 5 and are read as missing.",)
    assert "elsewhere" not in got


def test_answers_to_the_same_item_are_averaged():
    table = ibis.memtable(
        pd.DataFrame({"customer": [1, 1, 1, 2], "item": "calm", "score": [5.0, 2.0, 99.0, 3.0]})
    )
    scales = {"calmness": CALM | {"items": ["calm"], "reverse": []}}
    found = features.derived("psychographic", {"responses": table}, Settings(AS_OF, scales=scales))
    assert found.frames[0].set_index("customer").calmness.to_dict() == {1: 3.5, 2: 3.0}


def test_items_can_be_columns_of_customers():
    wide = WIDE.rename_axis("customer").reset_index()
    tables = {
        "customers": ibis.memtable(wide[["customer", "nervous"]]),
        "responses": responses(WIDE[["calm", "steady"]]),
    }
    found = features.derived("psychographic", tables, Settings(AS_OF, scales={"serenity": CALM}))
    assert missing_is_none(found.frames[0].set_index("customer").serenity) == {
        1: 14 / 3,
        2: 4 / 3,
        3: None,
        4: 2.0,
        5: 3.0,
    }


def test_a_column_that_is_an_item_must_hold_numbers():
    customers = ibis.memtable(pd.DataFrame({"customer": [1, 2], "calm": ["yes@x.example", "no"]}))
    with pytest.raises(
        DataError, match=r"column 'calm', an item of a scale, holds .* where numbers are"
    ) as caught:
        features.derived("psychographic", {"customers": customers}, Settings(AS_OF, scales={"s": CALM}))
    assert "x.example" not in str(caught.value)


def test_items_that_nobody_answered_are_named():
    scales = {
        "serenity": CALM | {"items": [*CALM["items"], "absent"]},
        "nothing": CALM | {"items": ["gone"], "reverse": []},
    }
    got, found = derived(WIDE, scales)
    assert "Scale 'serenity': no customer answered absent; it stands on the other items." in found.remarks
    assert "Scale 'nothing': no customer answered any of its items; it is left out." in found.remarks
    assert got.columns.tolist() == ["serenity", "careless"]


def test_alpha_equals_a_hand_computed_one():
    items = pd.DataFrame({"a": [1, 2, 3, 4], "b": [2, 2, 4, 4], "c": [1, 3, 2, 4]})
    # variances 5/3, 4/3, 5/3; of the sums 4, 7, 9, 12: 34/3
    assert cronbach_alpha(items) == pytest.approx(3 / 2 * (1 - (14 / 3) / (34 / 3)))
    assert cronbach_alpha(items.assign(a=items.a.astype("float64").where(items.a < 4))) != pytest.approx(
        cronbach_alpha(items)
    )


@settings(max_examples=30, deadline=None)
@given(
    st.lists(st.lists(st.integers(1, 7), min_size=3, max_size=3), min_size=4, max_size=30), st.integers(-5, 5)
)
def test_alpha_keeps_to_its_laws(rows, shift):
    items = pd.DataFrame(rows, columns=list("abc")).astype(float)
    alpha = cronbach_alpha(items)
    if np.isnan(alpha):
        assert items.sum(axis=1).nunique() == 1
        return
    assert alpha <= 1 + 1e-12
    assert cronbach_alpha(items * 2 + shift) == pytest.approx(alpha)
    assert cronbach_alpha(items.sample(frac=1, random_state=0)[["c", "a", "b"]]) == pytest.approx(alpha)
    same = pd.DataFrame(dict.fromkeys("abc", items.a))
    assert items.a.nunique() == 1 or cronbach_alpha(same) == pytest.approx(1)


def test_a_scale_that_does_not_hang_together_is_told():
    rng = np.random.default_rng(0)
    wide = pd.DataFrame(rng.integers(1, 6, (200, 3)), columns=CALM["items"])
    _, found = derived(wide, {"serenity": CALM, "one": CALM | {"items": ["calm"], "reverse": []}})
    assert [r for r in found.remarks if "hardly measure one thing" in r and "'serenity'" in r]
    assert [r for r in found.remarks if "cannot be computed" in r and "'one'" in r]


def battery(n: int = 400, seed: int = 0, shared: float = 1.2) -> tuple[pd.DataFrame, np.ndarray]:
    """Two attitudes, four items each, the last of each reversed."""
    rng = np.random.default_rng(seed)
    attitudes = rng.normal(size=(n, 2))
    items = {}
    for j, name in enumerate(("green", "brave")):
        for i in range(4):
            sign = -1 if i == 3 else 1
            items[f"{name}_{i}"] = (
                (4 + sign * shared * attitudes[:, j] + rng.normal(0, 0.7, n)).round().clip(1, 7)
            )
    return pd.DataFrame(items, index=np.arange(1, n + 1)), attitudes


SCALES = {
    name: {
        "basis": "psychographic",
        "items": [f"{name}_{i}" for i in range(4)],
        "reverse": [f"{name}_3"],
        "range": [1, 7],
    }
    for name in ("green", "brave")
}


def test_planted_factors_and_scales_are_found():
    wide, attitudes = battery()
    got, found = derived(wide, SCALES)
    assert [c for c in got if c.startswith("factor")] == ["factor_1", "factor_2"]
    strength = np.corrcoef(got[["factor_1", "factor_2"]].T, attitudes.T)[:2, 2:]
    assert strength.max(axis=1).min() > 0.9
    assert sorted(strength.argmax(axis=1)) == [0, 1]
    assert np.corrcoef(got.green, attitudes[:, 0])[0, 1] > 0.9
    assert found.remarks == ()
    label = {f.feature: f.label for f in found.features}["factor_1"]
    assert label.startswith("Factor 1: ")


def test_factors_do_not_flip_when_rows_come_in_another_order_or_items_are_reversed():
    wide, _ = battery()
    one, _ = derived(wide, SCALES)
    other, _ = derived(wide.sample(frac=1, random_state=3), SCALES)
    pd.testing.assert_frame_equal(one, other.sort_index(), rtol=1e-6, atol=1e-8)
    turned = wide.assign(**{c: 8 - wide[c] for c in ("green_3", "brave_3")})
    straight, _ = derived(turned, {n: s | {"reverse": []} for n, s in SCALES.items()})
    pd.testing.assert_frame_equal(one, straight, rtol=1e-6, atol=1e-8)


def test_noise_has_no_factors():
    rng = np.random.default_rng(1)
    found = [n_factors(pd.DataFrame(rng.normal(size=(300, 8)))) for _ in range(20)]
    assert np.mean(np.array(found) == 0) >= 0.8


@pytest.mark.parametrize(("customers", "items"), [(99, 8), (400, 5)])
def test_few_items_or_customers_carry_no_factors(customers, items):
    wide, _ = battery(customers)
    scores, loadings = factor_scores(wide.iloc[:, :items])
    assert scores.columns.empty
    assert loadings.columns.empty


def test_straight_liners_and_speeders_are_left_out_and_counted():
    wide, _ = battery()
    seconds = dict.fromkeys(wide.index, 6.0) | {7: 1.9, 8: 2.1}
    wide.loc[[5, 6]] = 7.0
    wide.loc[9] = [7.0] * 5 + [None] * 3  # five answers are too few to tell
    got, found = derived(wide, SCALES, seconds=seconds)
    assert set(got.index[got.careless == 1]) == {5, 6, 7}
    assert got.loc[[5, 6, 7]].drop(columns="careless").isna().all(axis=None)
    assert got.green[9] == pytest.approx((7 + 7 + 7 + 1) / 4)
    assert found.remarks[0].startswith(
        "3 of 400 customers seem to have answered without care: 2 gave one answer"
    )
    assert "1 took less than 33% of the median time" in found.remarks[0]
    clean, _ = derived(wide.drop(index=[5, 6, 7]), SCALES)
    pd.testing.assert_series_equal(got.factor_1.drop([5, 6, 7]), clean.factor_1, rtol=1e-6)


def test_careless_and_factors_only_ever_describe():
    wide, _ = battery()
    wide.loc[5] = 7.0
    got, found = derived(wide, SCALES)
    rows = got.reset_index()
    catalogue = features.catalogue(found.features, rows)
    forms = segment.variables(rows, catalogue, ["psychographic"], [], 0.3).set_index("feature").segmentation
    assert forms.to_dict() == {
        "green": True,
        "brave": True,
        "factor_1": False,
        "factor_2": False,
        "careless": False,
    }


def test_scales_of_needs_are_told_elsewhere_and_nothing_is_derived_without_scales():
    assert derived_nothing({}) and derived_nothing({"serenity": CALM | {"basis": "needs"}})
    gaps = features.gaps(["psychographic"], {"responses": responses(WIDE)}, Settings(AS_OF))
    assert set(gaps.needs) == {"scales"}


def derived_nothing(scales: dict[str, dict]) -> bool:
    made = features.derived("psychographic", {"responses": responses(WIDE)}, Settings(AS_OF, scales=scales))
    return made.frames == ()


HOSTILE = "<script>alert(1)</script>'; drop table t --"


def test_items_of_any_spelling_are_data_and_never_code():
    wide = WIDE.rename(columns={"calm": HOSTILE})
    got, _ = derived(wide, {"serenity": CALM | {"items": [HOSTILE, "nervous", "steady"]}})
    assert got.serenity[1] == pytest.approx(14 / 3)


@settings(max_examples=30, deadline=None)
@given(
    st.lists(
        st.lists(st.sampled_from([1.0, 2.0, 5.0, float("nan")]), min_size=4, max_size=4),
        min_size=1,
        max_size=8,
    )
)
def test_turning_all_items_turns_the_score(rows):
    items = pd.DataFrame(rows, columns=list("abcd"))
    scale = {"items": list("abcd"), "reverse": list("abcd"), "range": [1, 5]}
    straight, turned = scale_score(items, 4), scale_score(recoded(items, scale), 4)
    assert ((straight + turned).dropna().round(9) == 6).all()
    assert (straight.isna() == (items.notna().sum(axis=1) < 2)).all()


def test_settings_are_not_changed():
    given_settings = Settings(AS_OF, scales={"serenity": CALM})
    before = replace(given_settings, scales={"serenity": dict(CALM)})
    features.derived("psychographic", {"responses": responses(WIDE)}, given_settings)
    assert given_settings == before
