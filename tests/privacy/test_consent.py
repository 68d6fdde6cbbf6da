"""Consent, purposes, pseudonyms, and the list of those who asked to be forgotten."""

from __future__ import annotations

import ibis
import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seglib.collect.sources import connect, text_key
from seglib.errors import DataError
from seglib.privacy.consent import Forgotten, agreed, consented, normal_key, pseudonyms


@pytest.mark.parametrize(
    ("entry", "expected"),
    [
        ("profiling", True),
        ("Profiling; e-mail", True),
        ("e-mail,PROFILING", True),
        ("e-mail | profiling ", True),
        ("e-mail;;profiling;", True),
        ('["profiling", "e-mail"]', True),
        (["e-mail", "profiling"], True),
        ("e-mail", False),
        ("", False),
        (None, False),
        (float("nan"), False),
        ("no", False),
        ("no profiling", False),
        ("profiling by others", False),
        ([], False),
    ],
)
def test_a_purpose_counts_only_as_it_stands(entry, expected):
    column = pd.Series([entry, "profiling"], name="purposes", dtype="object")
    assert agreed(column, "Profiling").tolist() == [expected, True]


def test_a_purpose_of_several_words_is_read_with_any_blanks():
    column = pd.Series(["Direct  Mail;x", "direct_mail", "mail"])
    assert agreed(column, " direct mail").tolist() == [True, True, False]


def test_an_unknown_purpose_names_those_that_many_gave():
    column = pd.Series(["profilng; e-mail"] * 12 + ["rare"], name="purposes")
    with pytest.raises(
        DataError,
        match=r"none of 13 customers has agreed to 'profiling' in column 'purposes'; check privacy\.purpose or "
        r"sources\.customers\.columns\.purposes; named there: e-mail, profilng\. Did you mean 'profilng'\?$",
    ):
        agreed(column, "profiling")


def test_an_unknown_purpose_shows_no_personal_data():
    column = pd.Series(["anna@example.com"] * 20, name="purposes")
    with pytest.raises(DataError, match=r"none of 20 customers has agreed .*columns\.purposes$"):
        agreed(column, "profiling")


@pytest.mark.parametrize("entries", [[None, None], ["", " ; "], ["no", "none"]])
def test_a_column_without_purposes_says_so(entries):
    with pytest.raises(
        DataError, match="column 'p' names no purpose for any of 2 customers; there is no customer to segment"
    ):
        agreed(pd.Series(entries, name="p", dtype="object"), "profiling")


def test_agreeing_leaves_the_column_as_it_was():
    column = pd.Series(["profiling", None], index=[7, 9])
    before = column.copy()
    assert agreed(column, "profiling").index.tolist() == [7, 9]
    pd.testing.assert_series_equal(column, before)


def test_consent_that_is_neither_yes_nor_no_names_the_rows():
    with pytest.raises(
        DataError, match="1 entries of the consent column 'c' are neither yes nor no .*rows 2 after"
    ):
        consented(pd.Series(["yes", "perhaps"], name="c"))


IDS = pd.Series([f"K{i:03d}" for i in range(300)])


def test_pseudonyms_are_whole_numbers_that_a_float_holds():
    numbered = pseudonyms(IDS, b"key")
    assert numbered.customer.dtype == "int64"
    assert numbered.customer.between(0, 2**53).all()
    assert numbered.customer.is_unique
    assert numbered.customer.is_monotonic_increasing
    assert set(numbered.key) == set(IDS)
    pd.testing.assert_frame_equal(numbered, pseudonyms(IDS.sample(frac=1, random_state=1), b"key"))


def test_a_person_keeps_the_number_when_others_come_and_go():
    some, all_of_them = (pseudonyms(ids, b"key").set_index("key").customer for ids in (IDS[::3], IDS))
    assert some.equals(all_of_them[some.index])


def test_another_project_numbers_the_same_people_differently():
    one, other = pseudonyms(IDS, b"one"), pseudonyms(IDS, b"other")
    assert not set(one.customer) & set(other.customer)


@pytest.mark.parametrize("secret", [b"", b"\0" * 32, b"0", b"seglib"])
def test_numbers_are_not_found_without_the_key_from_ids_order_or_seed(secret):
    """What an insider who knows all ids can try: order, permutations of small seeds, guessed keys."""
    numbered = pseudonyms(IDS, b"0123456789abcdef0123456789abcdef").set_index("key").customer
    ranks = numbered.rank().astype(int).sort_index()
    ordered = sorted(IDS)
    assert abs(ranks.corr(pd.Series(range(len(ordered)), index=ordered))) < 0.2
    for seed in range(20):
        guess = pd.Series(np.random.default_rng(seed).permutation(len(ordered)) + 1, index=ordered)
        assert (guess.sort_index() == ranks).mean() < 0.05
    assert not set(pseudonyms(IDS, secret).customer) & set(numbered)


@settings(max_examples=150, deadline=None)
@given(
    st.one_of(
        st.integers(-(10**6), 10**15).map(str),
        st.from_regex(r"[ \t]*[0-9]{1,4}\.0{0,3}[ \n]*", fullmatch=True),
        st.text(st.characters(exclude_characters="\0", exclude_categories=["Cs"]), min_size=1, max_size=12),
    )
)
def test_an_id_is_written_as_the_sources_write_it(text):
    engine = connect()
    got = engine.execute(text_key(ibis.literal(text, type="string")))
    assert normal_key(text) == (got if isinstance(got, str) else "")


def test_the_forgotten_are_told_however_the_id_is_written():
    listed = Forgotten(b"secret", frozenset({Forgotten(b"secret").hash("12346")}))
    keys = pd.Series(["12346", " 12346.0 ", "12347", None, "012346"])
    assert listed.is_forgotten(keys).tolist() == [True, True, False, False, False]
    other = Forgotten(b"another", listed.hashes)
    assert not other.is_forgotten(keys).any()
    assert not Forgotten().is_forgotten(keys).any()
