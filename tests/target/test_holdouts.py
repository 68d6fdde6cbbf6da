"""How many to contact and to hold out: every number is that of the power calculation."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seglib.statistics import size_for_means, size_for_shares, visible_mean, visible_share
from seglib.target import holdouts


def best(**more: object) -> pd.DataFrame:
    one = {"segment": 1, "play": "Letter", "effect": 0.03, "baseline": 0.1, "baseline_from": "orders"}
    one |= {"outcome": "share", "baseline_sd": np.nan, "response_worth": 50.0}
    return pd.DataFrame([one | more])


def value(customers: int) -> pd.DataFrame:
    return pd.DataFrame({"segment": [1], "customers": [customers]})


def test_the_smallest_holdout_with_which_the_effect_shows_is_taken():
    got = holdouts.tests(best(), value(20_000)).iloc[0]
    assert (got.contacts, got.held_out, got.shows, got.advice) == (18_000, 2_000, True, "")
    assert got.visible == pytest.approx(visible_share(0.1, 18_000, 2_000))
    assert (got.test_contacts, got.test_held_out) == size_for_shares(0.1, 0.03)
    more = holdouts.tests(best(), value(5_000)).iloc[0]
    assert more.shows and more.held_out / 5_000 in (0.2, 0.3, 0.5)
    assert not visible_share(0.1, 4_500, 500) <= 0.03


def test_a_segment_too_small_to_prove_anything_is_told_to_pool():
    got = holdouts.tests(best(), value(800)).iloc[0]
    assert not got.shows and not got.test_fits and got.advice == "pool" and got.held_out == 80


def test_a_share_of_the_params_is_kept():
    assert holdouts.tests(best(), value(1_000), 0.25).held_out.tolist() == [250]


def test_an_unknown_baseline_is_an_assumption_and_no_response_is_no_test():
    got = holdouts.tests(best(baseline=np.nan, baseline_from="assumed"), value(1_000)).iloc[0]
    assert got.baseline_from == "assumed" and got.baseline == 0.1
    assert holdouts.tests(best(effect=np.nan), value(1_000)).empty
    assert pd.isna(holdouts.tests(best(effect=-0.01), value(1_000)).test_contacts[0])


@pytest.mark.parametrize(("outcome", "unit"), [("orders", 1.0), ("spend", 50.0)])
def test_a_mean_is_compared_with_its_standard_deviation_in_its_own_unit(outcome, unit):
    got = holdouts.tests(best(outcome=outcome, baseline=2.0, baseline_sd=1.5), value(20_000)).iloc[0]
    assert got.effect == pytest.approx(0.03 * unit)
    assert got.visible == pytest.approx(visible_mean(1.5, got.contacts, got.held_out))
    assert (got.test_contacts, got.test_held_out) == size_for_means(1.5, 0.03 * unit)


def test_nothing_is_sized_where_a_mean_is_not_known():
    unknown = best(outcome="orders", baseline=np.nan, baseline_from="none")
    got = holdouts.tests(unknown, value(20_000)).iloc[0]
    assert got.advice == "unknown" and not got.shows and not got.test_fits
    assert np.isnan(got.visible) and pd.isna(got.test_contacts) and got.held_out == 2_000
