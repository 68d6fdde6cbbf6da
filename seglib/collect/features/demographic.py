"""Demographic features: who customers are."""

from __future__ import annotations

import datetime as dt
from itertools import pairwise

import ibis

from seglib.collect.features.catalogue import entries
from seglib.collect.features.categories import category, folded
from seglib.collect.features.derived import Derived, Settings, count_as_missing

OLDEST = 115
#: Age from which each band begins; the last has no end.
BANDS = (0, 18, 25, 35, 45, 55, 65)
_CATEGORIES = ("gender", "education", "occupation", "marital_status")
_NUMBERS = ("income", "household", "children")


FEATURES = tuple(entries("demographic").values())


def _years_from_date(birth: ibis.Value, as_of: dt.date) -> ibis.Value:
    """Count birthdays; those of 29 February come on 1 March where the year has none."""
    born = birth.year() * 10_000 + birth.month() * 100 + birth.day()
    today = as_of.year * 10_000 + as_of.month * 100 + as_of.day
    return ((today - born) / 10_000).floor().cast("float64")


def _plausible(age: ibis.Value) -> ibis.Value:
    return ibis.ifelse(age.between(0, OLDEST), age, ibis.null("float64"))


def age_band(age: ibis.Value) -> ibis.Value:
    """Write an age as its band; the bands' order in the alphabet is that of the ages.

    Examples
    --------
    >>> [age_band(ibis.literal(years)).execute() for years in (17.0, 24.0, 25.0, 90.0)]
    ['0-17', '18-24', '25-34', '65+']
    """
    ends = [(after, f"{start}-{after - 1}") for start, after in pairwise(BANDS)]
    bands = [(age < after, ibis.literal(band)) for after, band in ends]
    return ibis.cases((age.isnull(), ibis.null("string")), *bands, else_=f"{BANDS[-1]}+")


def ages(customers: ibis.Table, as_of: dt.date) -> ibis.Table:
    """Compute ages, from the date of birth or, where it says nothing, from the year.

    Parameters
    ----------
    customers
        One row per customer: customer, and birth_date or birth_year or both.
    as_of
        The day on which they are that old; a birthday on it counts.

    Returns
    -------
    ibis.Table
        One row per customer: customer, age (years; missing where it would be under 0 or above
        `OLDEST`), age_band, odd (whether a birth is given that allows no age).
    """
    possible = []
    if "birth_date" in customers.columns:
        possible.append(_years_from_date(customers.birth_date, as_of))
    if "birth_year" in customers.columns:
        possible.append(as_of.year - customers.birth_year.cast("float64"))
    age = ibis.coalesce(*map(_plausible, possible))
    return customers.select(
        "customer", age=age, age_band=age_band(age), odd=age.isnull() & ibis.coalesce(*possible).notnull()
    )


def derive(tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive what the sources allow: one row per customer."""
    if "customers" not in tables:
        return Derived()
    customers = tables["customers"]
    named = [c for c in _CATEGORIES if c in customers.columns]
    numbers = {c: customers[c].cast("float64") for c in _NUMBERS if c in customers.columns}
    frames, remarks = [], []
    if {"birth_date", "birth_year"} & set(customers.columns):
        aged = ages(customers, settings.as_of)
        frames.append(aged.drop("odd"))
        what = f"Dates or years of birth that make an age under 0 or above {OLDEST}"
        remarks += count_as_missing(aged, aged.odd, what)
    if named or numbers:
        given = customers.select("customer", **{c: category(customers[c]) for c in named}, **numbers)
        frames.append(folded(given, named, settings.min_cell))
    return Derived(tuple(frames), FEATURES, tuple(remarks))
