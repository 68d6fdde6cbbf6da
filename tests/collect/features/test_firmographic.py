"""What kinds of firms customers are."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import settings as effort
from hypothesis import strategies as st
from role_tables import HOSTILE, SHOWN, all_roles, customers, derived, names, remarks, settings

from seglib.collect.features import firmographic


def sizes(currency: str = "EUR", **columns: list) -> list:
    return derived("firmographic", {"customers": customers(**columns)}, currency=currency).firm_size.tolist()


def test_size_follows_the_employees():
    employees = [0.0, 9.0, 10.0, 49.0, 50.0, 249.0, 250.0, 1e6, -1.0, None]
    assert sizes(employees=employees) == [
        "micro",
        "micro",
        "small",
        "small",
        "medium",
        "medium",
        "large",
        "large",
        None,
        None,
    ]


def test_size_follows_a_turnover_in_euros_where_employees_are_not_known():
    revenue = [0.0, 2e6, 2e6 + 1, 10e6, 10e6 + 1, 50e6, 50e6 + 1, -1.0, None]
    want = ["micro", "micro", "small", "small", "medium", "medium", "large", None, None]
    assert sizes(revenue=revenue) == want
    assert sizes(employees=[None, 300.0, 3.0], revenue=[1e6, 1e6, 1e9]) == ["micro", "large", "micro"]


def test_size_does_not_follow_a_revenue_in_another_currency():
    tables = {"customers": customers(revenue=[1e6, 1e9])}
    assert list(derived("firmographic", tables, currency="USD")) == ["revenue"]
    assert remarks("firmographic", tables, currency="USD") == (
        "Firms have no size here: it follows from their employees, which are not given, or from a revenue "
        "in euros.",
    )
    assert remarks("firmographic", tables, currency="EUR") == ()
    assert sizes("USD", employees=[None, 20.0], revenue=[1e6, 1e9]) == [None, "small"]


def growth(revenue: list, previous: list) -> list:
    made = customers(revenue=revenue, previous_revenue=previous)
    return derived("firmographic", {"customers": made}).revenue_growth.tolist()


def test_growth_is_a_share_of_the_year_before():
    assert growth([150.0, 50.0, 0.0, 100.0], [100.0, 100.0, 100.0, 100.0]) == [0.5, -0.5, -1, 0]


def test_growth_from_nothing_or_below_it_is_missing():
    assert growth([150.0, -1.0, 5.0, None, 5.0, 0.0], [0.0, 100.0, -5.0, 5.0, None, 0.0]) == [None] * 6


@effort(max_examples=25, deadline=None)
@given(st.floats(-1e9, 1e9), st.floats(-1e9, 1e9))
def test_growth_is_never_below_a_total_loss(revenue, previous):
    (got,) = growth([revenue], [previous])
    assert (got is None) == (revenue < 0 or previous <= 0)
    assert got is None or got >= -1


def test_age_of_a_firm_is_counted_from_the_year_of_founding():
    tables = {"customers": customers(founded=[2024.0, 1999.0, 578.0, 2025.0, 99.0, 0.0, None])}
    assert derived("firmographic", tables).firm_age.tolist() == [0, 25, 1446, None, None, None, None]
    assert remarks("firmographic", tables) == (
        "Years of founding after 2024 or before 578, found for 3 of 7 customers, count as missing.",
    )
    assert remarks("firmographic", {"customers": customers(founded=[1999.0, None])}) == ()


def test_industries_are_kept_as_given_and_rare_ones_folded():
    made = customers(
        industry=["Food ", "Food", "Vets", None],
        firm_country=["NL", "FR", "FR", ""],
        employees=[5.0, None, 7.0, 8.0],
        revenue=[1.0, 2.0, None, -4.0],
    )
    got = derived("firmographic", {"customers": made}, min_cell=2)
    assert got.industry.tolist() == ["Food", "Food", "other", None]
    assert got.firm_country.tolist() == ["other", "FR", "FR", None]
    assert got.employees.tolist() == [5, None, 7, 8]
    assert got.revenue.tolist() == [1, 2, None, -4]


def test_a_size_of_few_firms_is_no_rare_category():
    got = derived("firmographic", {"customers": customers(employees=[3.0, 20.0, 900.0])}, min_cell=10)
    assert got.firm_size.tolist() == ["micro", "small", "large"]


def test_hostile_text_is_shown_harmlessly_or_not_at_all():
    made = {"customers": customers(industry=list(HOSTILE))}
    assert derived("firmographic", made).industry.tolist() == list(SHOWN)
    assert derived("firmographic", made, min_cell=2).industry.tolist() == ["other"] * len(HOSTILE)


@pytest.mark.parametrize("tables", [{}, {"customers": customers(gender=["f"])}])
def test_nothing_is_derived_where_no_role_allows_it(tables):
    assert firmographic.derive(tables, settings()).frames == ()


@pytest.mark.parametrize("rows", [0, 1, 3])
def test_roles_that_say_nothing_give_missing_features(rows):
    tables = {"customers": all_roles("customers", rows)}
    got = derived("firmographic", tables)
    assert set(got) == names(firmographic)
    assert len(got) == rows
    assert got.isna().all(axis=None)
    assert remarks("firmographic", tables) == ()
