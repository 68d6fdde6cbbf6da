"""Who customers are: ages, and what they said of themselves."""

from __future__ import annotations

import datetime as dt

import ibis
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from role_tables import AS_OF, HOSTILE, SHOWN, all_roles, customers, derived, names, remarks, settings

from seglib.collect import features
from seglib.collect.features import catalogue, demographic
from seglib.collect.features.categories import category

ROLES = {"gender", "income", "education", "occupation", "marital_status", "household", "children"}


def age(born: dt.date, as_of: dt.date) -> object:
    tables = {"customers": customers(birth_date=[pd.Timestamp(born)])}
    return derived("demographic", tables, as_of=as_of).age[1]


@pytest.mark.parametrize(
    ("born", "as_of", "years"),
    [
        ("1990-03-01", "2024-03-01", 34),
        ("1990-03-02", "2024-03-01", 33),
        ("1990-02-28", "2024-03-01", 34),
        ("1990-12-31", "2024-01-01", 33),
        ("2024-03-01", "2024-03-01", 0),
        ("2024-03-02", "2024-03-01", None),
        # 29 February: on 1 March where the year has none, on the day where it has one
        ("2000-02-29", "2023-02-28", 22),
        ("2000-02-29", "2023-03-01", 23),
        ("2000-02-29", "2024-02-28", 23),
        ("2000-02-29", "2024-02-29", 24),
        ("1908-02-29", "2024-02-28", 115),
        ("1908-02-28", "2024-02-28", None),
        ("1893-01-01", "2024-03-01", None),
        ("1900-01-01", "2024-03-01", None),
        ("2091-01-01", "2024-03-01", None),
    ],
)
def test_age_counts_birthdays_up_to_as_of(born, as_of, years):
    assert age(dt.date.fromisoformat(born), dt.date.fromisoformat(as_of)) == years


@effort(max_examples=25, deadline=None)
@given(
    st.lists(
        st.tuples(
            st.dates(dt.date(1850, 1, 1), dt.date(2040, 1, 1)),
            st.dates(dt.date(1950, 1, 1), dt.date(2040, 1, 1)),
        ),
        min_size=1,
        max_size=1,
    )
)
def test_age_is_the_number_of_birthdays_for_any_two_days(days):
    ((born, as_of),) = days
    years = as_of.year - born.year - ((as_of.month, as_of.day) < (born.month, born.day))
    assert age(born, as_of) == (years if 0 <= years <= 115 else None)


def test_age_follows_from_the_year_where_the_date_says_nothing():
    born = [pd.Timestamp("1990-06-01"), None, pd.Timestamp("1890-01-01"), None, None]
    made = customers(birth_date=born, birth_year=[1950.0, 1950.0, 1950.0, 85.0, None])
    assert derived("demographic", {"customers": made}).age.tolist() == [33, 74, 74, None, None]


def test_age_follows_from_the_year_alone():
    made = derived("demographic", {"customers": customers(birth_year=[2024.0, 2025.0, 1909.0, 1908.0])})
    assert made.age.tolist() == [0, None, 115, None]


def test_age_bands_begin_where_they_say():
    years = [0, 17, 18, 24, 25, 34, 35, 44, 45, 54, 55, 64, 65, 115, None]
    born = [None if y is None else float(AS_OF.year - y) for y in years]
    made = derived("demographic", {"customers": customers(birth_year=born)})
    assert made.age_band.tolist() == [
        "0-17",
        "0-17",
        "18-24",
        "18-24",
        "25-34",
        "25-34",
        "35-44",
        "35-44",
        "45-54",
        "45-54",
        "55-64",
        "55-64",
        "65+",
        "65+",
        None,
    ]
    bands = made.age_band.dropna().unique().tolist()
    assert bands == sorted(bands)  # levels are ordered by the alphabet wherever they are shown


def test_birth_date_may_be_a_date_without_a_time():
    tables = {"customers": customers(birth_date=[pd.Timestamp("1990-03-01")])}
    as_dates = {"customers": tables["customers"].mutate(birth_date=ibis._.birth_date.date())}
    assert (
        derived("demographic", as_dates).age.tolist() == derived("demographic", tables).age.tolist() == [34]
    )


def test_ages_that_cannot_be_are_told_by_their_number():
    made = {"customers": customers(birth_year=[1990.0, 2030.0, 1850.0, None])}
    assert remarks("demographic", made) == (
        "Dates or years of birth that make an age under 0 or above 115, found for 2 of 4 customers, "
        "count as missing.",
    )
    assert remarks("demographic", {"customers": customers(birth_year=[1990.0, None])}) == ()


def test_what_customers_said_is_kept_as_given():
    made = customers(
        gender=[" f ", "m", "", "  ", None],
        occupation=["vet", "fruit farmer", "of five", "v", "f"],
        income=[30_000.0, 0.0, None, -5.0, 666_666.0],
        household=[1.0, 2.0, 3.0, None, 4.0],
    )
    got = derived("demographic", {"customers": made})
    assert got.gender.tolist() == ["f", "m", None, None, None]
    assert got.occupation.tolist() == ["vet", "fruit farmer", "of five", "v", "f"]
    assert got.income.tolist() == [30_000, 0, None, -5, 666_666]
    assert got.household.tolist() == [1, 2, 3, None, 4]
    assert set(got) == {"gender", "occupation", "income", "household"}


def test_rare_answers_are_folded_and_missing_ones_are_not():
    made = customers(education=["BSc", "BSc ", "BSc", "PhD", "PhD", "none", None, None])
    got = derived("demographic", {"customers": made}, min_cell=3).education
    assert got.tolist() == ["BSc", "BSc", "BSc", "other", "other", "other", None, None]


@effort(max_examples=25, deadline=None)
@given(st.lists(st.sampled_from(["a", "b", "c", "d", None]), min_size=1, max_size=30), st.integers(1, 8))
def test_no_category_but_other_has_fewer_customers_than_the_least(answers, least):
    got = derived("demographic", {"customers": customers(gender=answers)}, min_cell=least).gender
    counts = got.dropna().value_counts()
    assert (counts.drop("other", errors="ignore") >= least).all()
    assert got.notna().tolist() == [a is not None for a in answers]


def test_hostile_text_is_shown_harmlessly_or_not_at_all():
    made = {"customers": customers(occupation=list(HOSTILE))}
    assert derived("demographic", made).occupation.tolist() == list(SHOWN)
    assert derived("demographic", made, min_cell=2).occupation.tolist() == ["other"] * len(HOSTILE)


@pytest.mark.parametrize("blank", ["", " ", "\t\n", "\u00a0", "\u200f", "\ufeff \u202e", "\x00"])
def test_blank_text_is_missing_whatever_it_is_made_of(blank):
    asked = customers(gender=[blank])  # in a table, for no query can spell \\x00
    assert asked.select(gender=category(asked.gender)).to_pandas().gender.tolist() == [None]


def test_protected_features_are_marked():
    assert {f.feature for f in demographic.FEATURES if f.protected} == {"age", "age_band", "gender"}


@pytest.mark.parametrize("tables", [{}, {"customers": customers(city=["Bath"])}])
def test_nothing_is_derived_where_no_role_allows_it(tables):
    assert demographic.derive(tables, settings()).frames == ()


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_roles_that_say_nothing_give_missing_features(rows):
    got = derived("demographic", {"customers": all_roles("customers", rows)})
    assert set(got) == ROLES | {"age", "age_band"} == names(demographic)
    assert len(got) == rows
    assert got.isna().all(axis=None)
    assert remarks("demographic", {"customers": all_roles("customers", rows)}) == ()


def test_money_is_in_the_currency_of_the_project():
    made = features.derived("demographic", {"customers": customers(income=[1.0])}, settings(currency="EUR"))
    assert [f.unit for f in made.features] == ["EUR"]


def test_features_stand_in_the_catalogue_and_those_that_say_nothing_do_not():
    tables = {"customers": customers(birth_year=[1990.0, 1950.0], gender=["f", "m"], income=[None, None])}
    made = features.derived("demographic", tables, settings())
    joined = features.varying(features.joined(pd.DataFrame({"customer": [2, 1]}), list(made.frames)))
    assert catalogue(made.features, joined).feature.tolist() == ["age", "age_band", "gender"]
    assert joined.age.tolist() == [34, 74]


def test_birth_years_of_a_real_survey_are_read(reference):
    path = reference / "customer_personality" / "marketing_campaign.csv.gz"
    asked = pd.read_csv(path, sep=";", encoding="utf-8")
    made = customers(
        birth_year=asked.Year_Birth.astype(float).tolist(),
        education=asked.Education.tolist(),
        marital_status=asked.Marital_Status.tolist(),
    )
    # the youngest was born in 1996, the oldest in 1899 and 1900; one says 1893
    got = derived("demographic", {"customers": made}, as_of=dt.date(2014, 12, 8), min_cell=10)
    assert (got.age.min(), got.age.max(), got.age.isna().sum()) == (18, 115, 1)
    assert got.marital_status.value_counts()["other"] == 7  # alone, absurd, YOLO
    assert len(remarks("demographic", {"customers": made}, as_of=dt.date(2014, 12, 8))) == 1


@pytest.mark.parametrize(
    ("role", "missing"),
    [
        ("birth_date", set()),
        ("birth_year", set()),
        ("gender", {"Age", "Age band"}),
    ],
)
def test_either_of_two_roles_is_enough_for_an_age(role, missing):
    value = pd.Timestamp("1990-01-01") if role == "birth_date" else 1990.0 if role == "birth_year" else "f"
    got = features.gaps(["demographic"], {"customers": customers(**{role: [value]})}, settings())
    assert set(got.feature[got.feature.str.startswith("Age")]) == missing
    needs = got.needs[got.feature == "Age"].tolist()
    assert needs == (["customers.birth_date or customers.birth_year"] if missing else [])


def test_no_two_bases_derive_a_feature_of_the_same_name():
    every = [f.feature for entries in features.FEATURES.values() for f in entries]
    assert sorted(every) == sorted(set(every))
    assert not set(every) & set(features.RESERVED)
