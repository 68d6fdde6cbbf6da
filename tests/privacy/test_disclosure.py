"""Small cells: not shown, and not to be worked out from what is shown."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st
from scipy.optimize import LinearConstraint, milp

from seglib.privacy import disclosure
from seglib.segment import agreement, segmentation

LEAST = 10


def frames(most_rows: int = 4, most_columns: int = 4) -> st.SearchStrategy[pd.DataFrame]:
    """Tables of counts in which small cells, empty ones and large ones are frequent."""
    cell = st.one_of(st.just(0), st.integers(1, 9), st.integers(10, 25), st.integers(26, 400))
    return st.tuples(st.integers(2, most_rows), st.integers(2, most_columns)).flatmap(
        lambda shape: st.lists(
            st.lists(cell, min_size=shape[1], max_size=shape[1]), min_size=shape[0], max_size=shape[0]
        ).map(pd.DataFrame)
    )


def possible(n: np.ndarray, out: np.ndarray, known: list[np.ndarray]) -> list[tuple[int, int]]:
    """Give the least and the most that each hidden cell may be, for who knows these sums.

    Whole numbers, from nobody up; cells that are shown are themselves.
    """
    cells = np.flatnonzero(out)
    if len(cells) == 0 or not known:
        return []
    sums = LinearConstraint(*_sums(n, out, cells, known))
    found = []
    for at in range(len(cells)):
        one = np.eye(len(cells))[at]
        ends = [milp(sign * one, constraints=sums, integrality=np.ones(len(cells))) for sign in (1, -1)]
        high = np.inf if ends[1].fun is None else round(-ends[1].fun)
        found.append((round(ends[0].fun), high))
    return found


def _sums(n, out, cells, known):
    rows = np.array([np.isin(cells, line) for line in known], dtype=float)
    totals = np.array(
        [n.flat[line].sum() - n.flat[line[~out.flat[line]]].sum() for line in known], dtype=float
    )
    return rows, totals, totals


def published_sums(counts: pd.DataFrame, totals: set[str]) -> list[np.ndarray]:
    """List the cells behind each total that is published: those large enough, and all customers."""
    cells = np.arange(counts.size).reshape(counts.shape)
    lines = [cells.ravel()] if counts.to_numpy().sum() >= LEAST else []
    for name, axis, sets in (("rows", 1, cells), ("columns", 0, cells.T)):
        if name in totals:
            kept = ~disclosure.hidden(counts.sum(axis=axis), LEAST).to_numpy()
            lines += list(sets[kept])
    return lines


@settings(max_examples=80, deadline=None)
@given(frames(), st.sampled_from([{"all"}, {"rows"}, {"columns"}, {"rows", "columns"}]))
@example(pd.DataFrame([[0, 0, 0], [0, 0, 10], [0, 10, 1]]), {"rows", "columns"})
def test_nobody_can_work_out_a_hidden_cell_from_totals_and_what_is_shown(counts, totals):
    out = disclosure.hidden(counts, LEAST, totals).to_numpy()
    n = counts.to_numpy()
    assert not ((n > 0) & (n < LEAST) & ~out).any()
    for low, high in possible(n, out, published_sums(counts, totals)):
        assert high - low >= LEAST


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.just(0), st.integers(1, 9), st.integers(10, 60)), min_size=1, max_size=8))
def test_one_total_tells_no_hidden_cell(sizes):
    n = pd.Series(sizes)
    out = disclosure.hidden(n, LEAST)
    if n.sum() >= LEAST:
        assert out.sum() != 1
        assert n[out].sum() == 0 or n[out].sum() >= LEAST


def test_large_cells_and_empty_ones_are_shown():
    counts = pd.DataFrame([[10, 0, 40], [12, 300, 0]])
    assert not disclosure.hidden(counts, LEAST).to_numpy().any()


def test_the_smallest_cell_of_row_and_column_goes_with_a_small_one():
    counts = pd.DataFrame([[3, 40, 60], [50, 20, 90], [70, 80, 30]])
    got = disclosure.hidden(counts, LEAST, {"rows", "columns"})
    assert got.to_numpy().tolist() == [[True, True, False], [True, True, False], [False, False, False]]
    alone = disclosure.hidden(counts, LEAST, ())
    assert alone.to_numpy().sum() == 1
    assert alone.iloc[0, 0]


@st.composite
def answers(draw):
    """Groups of whom some say yes; one of them has a cell too small, of yes or of no."""
    base = [draw(st.integers(40, 300)) for _ in range(draw(st.integers(2, 5)))]
    yes = [draw(st.integers(LEAST, b - LEAST)) for b in base]
    return pd.Series(yes), pd.Series(base), draw(st.booleans())


@settings(max_examples=200, deadline=None)
@given(answers())
def test_what_is_shown_is_the_same_whatever_the_small_number_was(drawn):
    """With the total and all other groups known, nothing is left to learn of the small cell."""
    yes, base, low = drawn
    total, seen = int(yes.sum()), set()
    at = (yes if low else base - yes).iloc[1:].idxmax()  # which makes up for what is moved
    assume((base - yes if low else yes)[at] >= 2 * LEAST)
    for small in range(1, LEAST):
        world = yes.copy()
        world[0] = small if low else base[0] - small
        world[at] -= world[0] - (LEAST if low else base[0] - LEAST)
        got = disclosure.coded(world, base, LEAST)
        assert got.sum() == world.sum()
        assert (got.between(LEAST, base - LEAST) | (got == 0) | (got == base)).all()
        seen.add(tuple(got))
    assert len(seen) == 1
    assert total == yes.sum()


def test_counts_that_cannot_be_moved_are_not_shown():
    assert disclosure.coded(pd.Series([3, 15]), pd.Series([100, 15]), LEAST).isna().all()
    assert disclosure.coded(pd.Series([3, 8]), pd.Series([100, 12]), LEAST).isna().all()
    assert disclosure.coded(pd.Series([0, 15]), pd.Series([100, 15]), LEAST).tolist() == [0, 15]


@pytest.mark.parametrize(
    ("sizes", "want"),
    [
        ([80, 15, 4, 3], [False, True, True, True]),
        ([80, 15, 6, 4], [False, False, True, True]),
        ([80, 12], [False, False]),
        ([4], [True]),
        ([4, 3], [True, True]),
    ],
)
def test_small_groups_are_pooled_until_they_are_large_enough(sizes, want):
    assert disclosure.pooled(pd.Series(sizes), LEAST).tolist() == want


def test_the_smallest_cell_is_that_of_somebody():
    assert disclosure.smallest(pd.DataFrame({"a": [40, 0], "b": [np.nan, 12]})) == 12
    assert disclosure.smallest(pd.Series([0, np.nan])) is None
    assert disclosure.smallest(27) == 27


def test_rounding_leaves_no_small_count():
    n = pd.Series([0, 4, 9, 10, 29, 30, 1443])
    assert disclosure.rounded(n, LEAST).tolist()[3:] == [20, 20, 40, 1440]
    assert disclosure.rounded(n, LEAST).isna().tolist() == [True, True, True, False, False, False, False]


def test_rules_that_hold_for_few_are_put_together():
    rng = np.random.default_rng(0)
    gaps = rng.uniform(20, 40, 300)
    features = pd.DataFrame(
        {
            "recency": np.r_[rng.uniform(1, 20, 294), [3000.0] * 6],
            "order_count": np.r_[[1] * 60, [5] * 240],
            "days_between_orders": np.r_[[np.nan] * 60, gaps[:240]],
        }
    )
    customers, by_rules = features.assign(customer=range(300)), agreement.rules(features)
    assert by_rules["purchase cycle"].value_counts().min() < LEAST
    got = segmentation.ruled(customers, by_rules, segmentation.Limits(0.0, LEAST), seed=0)
    assert (got.stability["size"] >= LEAST).all()
    assert "Others" in set(got.stability.name)
    assert got.segments.segment.value_counts().sort_index().tolist() == got.stability["size"].tolist()
    assert got.joined == 2
    assert segmentation.ruled(customers, by_rules, segmentation.Limits(0.0), seed=0).joined == 0


def test_a_segment_too_small_to_be_shown_becomes_part_of_its_neighbour():
    flagged = pd.DataFrame(
        {"part": [0, 1, 2], "neighbour": [1, 0, 1], "flags": ["", "overlaps its neighbour", ""]}
    )
    sizes = pd.Series([200, 90, 4])
    few, merged = (segmentation.Limits(0.0, LEAST, merge) for merge in (False, True))
    assert segmentation._into(flagged, sizes, few).tolist() == [0, 1, 1]
    assert segmentation._into(flagged, sizes, merged).tolist() == [0, 0, 0]
    assert segmentation._into(flagged, sizes, segmentation.Limits(0.0)).tolist() == [0, 1, 2]
    lost = pd.DataFrame({"part": [0, 1, 2], "neighbour": [1, 2, 1], "flags": ""})
    assert segmentation._into(lost, pd.Series([200, 4, 3]), few).tolist() == [0, 0, 0]
