import numpy as np
import pandas as pd
import pytest

from seglib.monitor.identity import crossed, identities, jaccard, matched

#: Fifty customers of each of three segments, in the run before.
BEFORE = pd.Series(np.repeat([1, 2, 3], 50))


def fates(rescored, found, earlier=None, **how):
    table = identities(rescored, found, earlier, **how).table
    return {int(r.segment): r.fate for r in table.itertuples()}, table


def test_the_same_segments_keep_their_numbers_however_they_are_called():
    found = BEFORE.map({1: 3, 2: 1, 3: 2})
    result = identities(BEFORE, found)
    assert result.numbers == {3: 1, 1: 2, 2: 3}
    assert result.changed.empty
    assert result.table.jaccard.tolist() == [1.0, 1.0, 1.0]


def test_a_segment_that_is_divided_is_split_and_its_larger_part_keeps_the_number():
    found = BEFORE.copy()
    found[30:50] = 4
    got, table = fates(BEFORE, found)
    assert got == {1: "split", 2: "kept", 3: "kept", 4: "split"}
    assert table.set_index("segment").sources[4] == [1]
    assert table.set_index("segment").found[1] == 1


def test_segments_that_are_one_now_are_merged():
    got, table = fates(BEFORE, BEFORE.replace({3: 2}))
    assert got == {1: "kept", 2: "merged", 3: "merged"}
    there = table.dropna(subset=["found"]).set_index("segment")
    assert there.sources[2] == [2, 3]
    assert table.set_index("segment").becomes[3] == [2]


def test_a_segment_of_new_customers_is_born_though_the_stored_model_puts_them_into_an_old_one():
    rescored = pd.concat([BEFORE, pd.Series([1] * 50, index=range(150, 200))])
    found = pd.concat([BEFORE, pd.Series([4] * 50, index=range(150, 200))])
    got, table = fates(rescored, found, BEFORE)
    assert got == {1: "kept", 2: "kept", 3: "kept", 4: "born"}
    assert table.set_index("segment").sources[4] == []


def test_a_born_segment_larger_than_the_one_beside_it_takes_neither_its_number_nor_its_name():
    new = pd.Series([1] * 120, index=range(150, 270))
    got, _ = fates(pd.concat([BEFORE, new]), pd.concat([BEFORE, new.replace(1, 4)]), BEFORE)
    assert got == {1: "kept", 2: "kept", 3: "kept", 4: "born"}


def test_a_segment_whose_customers_are_all_new_is_the_same_where_the_stored_model_says_so():
    now = pd.Series(
        [1, 2] * 25 + [1] * 100 + [3] * 50, index=[*range(100, 150), *range(100), *range(200, 250)]
    )
    now[50:100] = 2
    got, _ = fates(now, now, BEFORE)
    assert got[3] == "kept"


def test_a_segment_whose_customers_went_elsewhere_has_died():
    now = BEFORE.copy()
    now[100:150] = [1, 2] * 25
    got, _ = fates(now, now, BEFORE)
    assert got == {1: "kept", 2: "kept", 3: "died"}


def test_a_new_segment_never_gets_a_number_that_was_used():
    found = BEFORE.copy()
    found[30:50] = 4
    assert max(fates(BEFORE, found, taken=7)[0]) == 8


def test_a_match_below_the_least_similarity_stays_unmatched():
    assert matched(pd.DataFrame([[0.29]], [1], [1])) == []
    assert matched(pd.DataFrame([[0.30]], [1], [1])) == [(1, 1)]


def test_centres_decide_between_equal_similarities():
    alike = pd.DataFrame([[0.5, 0.5], [0.5, 0.5]], [1, 2], [1, 2])
    near = pd.DataFrame([[0.1, 0.9], [0.9, 0.1]], [1, 2], [1, 2])
    assert matched(alike, near) == [(1, 2), (2, 1)]


def test_matching_is_the_best_of_all_assignments_and_not_greedy():
    alike = pd.DataFrame([[0.8, 0.7], [0.7, 0.0]], [1, 2], [1, 2])
    assert matched(alike) == [(1, 2), (2, 1)]


@pytest.mark.parametrize("seed", range(5))
def test_numbering_is_one_to_one_and_covers_every_customer(seed):
    rng = np.random.default_rng(seed)
    one, other = (pd.Series(rng.integers(1, 6, 400)) for _ in range(2))
    numbers = identities(one, other).numbers
    assert set(numbers) == set(other)
    assert len(set(numbers.values())) == len(numbers)


def test_jaccard_counts_shared_customers_only():
    one = pd.Series([1, 1, 2, 2], index=list("abcd"))
    other = pd.Series([5, 5, 5], index=list("abx"))
    assert jaccard(crossed(one, other)).to_numpy().tolist() == [[1.0]]


def test_segments_that_are_known_to_be_the_same_are_all_kept_with_the_nearest_of_the_new_ones():
    found = pd.Series(np.repeat([1, 2, 3], [100, 25, 25]))  # two in one, and one in two
    table = identities(BEFORE, found, unchanged=True).table
    assert table.fate.tolist() == ["kept"] * 3 and sorted(table.segment) == [1, 2, 3]
    assert table.set_index("segment").jaccard[1] == 0.5
