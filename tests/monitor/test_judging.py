"""Whether the stored segments still hold: keep, refresh or rebuild."""

from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest

from seglib.monitor.judging import Evidence, verdict

KEPT = SimpleNamespace(table=pd.DataFrame({"fate": ["kept", "kept"]}))
#: Pairs of refits of stable segments agree like this; near 1, their logarithms or Fisher's z differ widely.
STABLE = np.array([0.993, 0.993, 0.997, 0.9999, 0.9999])


def test_pairs_that_all_agree_nearly_wholly_leave_no_room_for_other_borders():
    assert Evidence(1.0, 0.0, STABLE, KEPT).least > 0.95
    assert verdict(Evidence(0.8, 0.1, STABLE, KEPT)).word == "refresh"
    assert verdict(Evidence(0.8, 0.04, STABLE, KEPT)).word == "keep"  # few customers elsewhere
    assert verdict(Evidence(0.99, 0.1, STABLE, KEPT)).word == "keep"


@pytest.mark.parametrize("pairs", [5, 20])
def test_one_more_pair_lies_below_the_least_in_one_of_two_hundred(pairs):
    rng = np.random.default_rng(0)
    drawn = rng.normal(0.9, 0.02, (4000, pairs + 1))
    below = [row[-1] < Evidence(1.0, 0.0, row[:-1], KEPT).least for row in drawn]
    assert np.mean(below) == pytest.approx(0.005, abs=0.004)


def test_without_two_pairs_no_borders_are_judged():
    assert Evidence(0.1, 0.9, np.array([0.9]), KEPT).least == -1.0
    assert verdict(Evidence(0.1, 0.9, np.array([np.nan, 0.9]), KEPT)).word == "keep"
