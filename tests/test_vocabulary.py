"""Word lists and constants: one for each word, and what they mean."""

from __future__ import annotations

from typing import get_args

import pytest

from seglib.target.scoring import ATTRACTIVENESS, CAPABILITY
from seglib.vocabulary import BLANK, DAYS_PER_MONTH, DAYS_PER_YEAR, NO, YES, Objective, says_no, says_yes


def test_yes_and_no_share_no_word():
    assert not set(YES) & set(NO)
    assert all(word == word.casefold() for word in (*YES, *NO))
    assert len(set(YES)) == len(YES)
    assert len(set(NO)) == len(NO)


@pytest.mark.parametrize("word", YES)
def test_each_word_says_yes_where_there_are_two_answers(word):
    assert says_yes(word.upper(), two=True)
    assert not says_no(word, two=True)


@pytest.mark.parametrize("word", ["1", "1.0", "Y", "S", "x", "o"])
def test_numbers_and_letters_are_categories_among_several_answers(word):
    assert not says_yes(word, two=False)


@pytest.mark.parametrize("word", BLANK)
def test_a_blank_answer_says_neither_yes_nor_no(word):
    assert not says_yes(word, two=True)
    assert not says_no(word, two=True)


def test_every_objective_has_its_weights():
    assert set(ATTRACTIVENESS) == set(CAPABILITY) == set(get_args(Objective))


def test_twelve_months_make_a_year():
    assert 12 * DAYS_PER_MONTH == DAYS_PER_YEAR == 365.25
