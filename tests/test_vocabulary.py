"""Word lists and constants: one for each word, and what they mean."""

from __future__ import annotations

from typing import get_args

import pandas as pd
import pytest

from seglib.target.at_stake import COLUMNS, stakes
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


def test_every_objective_has_its_own_stake_in_money_and_words_for_it(root):
    known = {
        "segment": [1, 2],
        "customers": [100, 300],
        "year": [80.0, 40.0],
        "margin_share": 0.5,
        "unknown": "",
    }
    known |= {"at_risk": [0.3, 0.1], "headroom": [20.0, 50.0], "found": [0.2, 0.6]}
    known |= {"dissatisfied": [0.15, 0.25], "unmet": [0.4, 0.35]}
    economics = pd.DataFrame(known).reindex(columns=list(COLUMNS))
    of = {objective: stakes(economics, objective) for objective in get_args(Objective)}
    assert all((table.missing_part == "").all() and (table.stake > 0).all() for table in of.values())
    assert len({tuple(table.stake) for table in of.values()}) == len(of)
    page = (root / "seglib" / "report" / "templates" / "pages" / "05_target.j2").read_text("utf-8")
    words = page.partition("set stake_words = {")[2].partition("}")[0]
    assert {line.split('"')[1] for line in words.splitlines() if '"' in line} == set(of)


def test_twelve_months_make_a_year():
    assert 12 * DAYS_PER_MONTH == DAYS_PER_YEAR == 365.25
