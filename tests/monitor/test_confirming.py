"""Whether a change of segments lies in the customers, or in another fit of the same ones."""

import numpy as np
import pandas as pd
import pytest
from sklearn.mixture import GaussianMixture

from seglib.monitor import nearness
from seglib.monitor.comparison import Compared, holding, succession
from seglib.monitor.refitting import Refit
from seglib.monitor.valleys import Divide, Space, valley

CENTRES = np.array([[0.0, 0.0], [8.0, 0.0], [0.0, 8.0]])
PLANTED = np.repeat([0, 1, 2], [160, 150, 140])


def month(planted, centres, seed, customers=None):
    rng = np.random.default_rng(seed)
    x = np.asarray(centres)[planted] + rng.normal(size=(len(planted), 2))
    return pd.DataFrame(x, columns=["x", "y"]).assign(
        customer=range(len(planted)) if customers is None else customers
    )


def fitted(table, k):
    rows = table[["x", "y"]].to_numpy()
    model = GaussianMixture(k, covariance_type="tied", n_init=3, random_state=0).fit(rows)
    return model, pd.Series(model.predict(rows) + 1, table.customer.to_numpy())


def judged(now, chosen, before=None):
    """Compare a month with the planted one, where a refit chose so many segments."""
    before = month(PLANTED, CENTRES, 0) if before is None else before
    model, labels = fitted(before, 3)
    first = pd.DataFrame({"customer": labels.index, "segment": labels.to_numpy(), "margin": 1.0})
    stored = now[["customer"]].assign(segment=model.predict(now[["x", "y"]].to_numpy()) + 1, margin=1.0)
    fits = {k: fitted(now, k)[1] for k in range(2, 6)}
    own = pd.DataFrame({"customer": now.customer, "segment": fits[chosen].to_numpy(), "margin": 1.0})
    space = Space.of(*(t.set_index("customer")[["x", "y"]] for t in (now, before)))
    refit = Refit(own, "reproducible", True, chosen, fits=fits, space=space)
    structure = pd.DataFrame({"structure": ["reproducible"], "k": [3], "close": [False]})
    compared = Compared(
        {
            "segments": stored,
            "features": now,
            "structure": structure,
            "lineage": pd.DataFrame({"how": ["re-scored"]}),
        },
        {"segments": first, "features": before, "structure": structure},
        stored,
        refit,
        highest=3,
    )
    word = holding(compared).verdict.iloc[0]
    return word, sorted(set(succession(compared, {}).fate) - {"kept"})


@pytest.mark.parametrize("chosen", [2, 3, 4])
def test_the_same_customers_keep_their_segments_however_many_a_refit_chooses(chosen):
    assert judged(month(PLANTED, CENTRES, 1), chosen) == ("keep", [])


@pytest.mark.parametrize("chosen", [2, 3, 4])
def test_each_change_is_named_however_many_segments_a_refit_chooses(chosen):
    halves = PLANTED.copy()
    halves[np.flatnonzero(PLANTED == 0)[::2]] = 3
    split = month(halves, [[-3.0, -3.0], *CENTRES[1:], [3.0, -3.0]], 2)
    assert judged(split, chosen) == ("rebuild", ["split"])
    merged = month(PLANTED, [[4.0, 0.0], [4.0, 0.0], CENTRES[2]], 3)
    assert judged(merged, chosen) == ("rebuild", ["merged"])
    born = month(np.r_[PLANTED, np.full(90, 3)], [*CENTRES, [9.0, 9.0]], 4)
    assert judged(born, chosen) == ("rebuild", ["born"])
    there = PLANTED != 1
    died = month(PLANTED[there], CENTRES, 5, np.flatnonzero(there))
    assert judged(died, chosen) == ("rebuild", ["died"])


def test_customers_who_all_drift_keep_their_segments():
    word, fates = judged(month(PLANTED, CENTRES + np.array([3.0, 0.0]), 6), 3)
    assert (word in ("keep", "refresh"), fates) == (True, [])


def test_a_split_that_was_there_before_is_none_now():
    halves = PLANTED.copy()
    halves[np.flatnonzero(PLANTED == 0)[::2]] = 3
    centres = [[-1.9, -3.0], *CENTRES[1:], [1.9, -3.0]]
    assert judged(month(halves, centres, 7), 4, month(halves, centres, 8))[0] == "keep"


def test_one_heap_that_a_fit_divides_has_no_valley():
    rng = np.random.default_rng(0)
    heap = pd.DataFrame(rng.normal(size=(400, 5)))
    far = heap[0] > 0
    assert Divide.of(heap, heap.index[~far], heap.index[far]).depth < 0.3


def test_a_plane_finds_the_valley_though_the_labels_are_partly_wrong():
    rng = np.random.default_rng(0)
    rows = pd.DataFrame(rng.normal(size=(400, 5)) * [0.2, 1, 1, 1, 1])
    rows.loc[200:, 0] += 1.2  # six standard deviations in a column that hardly counts in distances
    swapped = rng.random(400) < 0.2
    far = (rows.index >= 200) ^ swapped
    assert Divide.of(rows, rows.index[~far], rows.index[far]).depth > 0.8


def test_groups_of_too_few_customers_have_no_valley():
    assert valley(np.zeros(3), np.ones(300)) == 0.0


def test_nearness_is_one_at_the_same_place():
    centre = pd.DataFrame({"x": [0.2]}, [1])
    assert nearness(centre, centre).iat[0, 0] == 1.0
