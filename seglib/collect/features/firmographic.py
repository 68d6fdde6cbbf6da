"""Firmographic features: what kinds of firms customers are."""

from __future__ import annotations

import datetime as dt

import ibis

from seglib.collect.features.catalogue import entries
from seglib.collect.features.categories import category, folded
from seglib.collect.features.derived import Derived, Settings, count_as_missing

#: Sizes of firms, with the employees under which and the turnover (euros) up to which a firm
#: is that small: Commission Recommendation 2003/361/EC, annex, article 2.
SIZES = (("micro", 10, 2e6), ("small", 50, 10e6), ("medium", 250, 50e6))
LARGEST = "large"
#: Since then the oldest firm that is known has traded (Kongo Gumi, builders in Osaka).
OLDEST = 578
_CATEGORIES = ("industry", "firm_country")
_NUMBERS = ("employees", "revenue")


FEATURES = tuple(entries("firmographic").values())


def size_by_employees(employees: ibis.Value) -> ibis.Value:
    """Name the size of a firm by its employees.

    Examples
    --------
    >>> [size_by_employees(ibis.literal(n)).execute() for n in (9.0, 10.0, 250.0)]
    ['micro', 'small', 'large']
    """
    smaller = [(employees < under, ibis.literal(size)) for size, under, _ in SIZES]
    return _named(employees, smaller)


def size_by_turnover(turnover: ibis.Value) -> ibis.Value:
    """Name the size of a firm by its turnover in euros.

    Examples
    --------
    >>> [size_by_turnover(ibis.literal(n)).execute() for n in (2e6, 2.1e6, 5.1e7)]
    ['micro', 'small', 'large']
    """
    smaller = [(turnover <= upto, ibis.literal(size)) for size, _, upto in SIZES]
    return _named(turnover, smaller)


def _named(number: ibis.Value, smaller: list[tuple[ibis.Value, ibis.Value]]) -> ibis.Value:
    unknown = number.isnull() | (number < 0)
    return ibis.cases((unknown, ibis.null("string")), *smaller, else_=LARGEST)


def _sizes(customers: ibis.Table, currency: str) -> ibis.Value | None:
    sizes = []
    if "employees" in customers.columns:
        sizes.append(size_by_employees(customers.employees.cast("float64")))
    if "revenue" in customers.columns and currency == "EUR":
        sizes.append(size_by_turnover(customers.revenue.cast("float64")))
    return ibis.coalesce(*sizes) if sizes else None


def growth(revenue: ibis.Value, previous: ibis.Value) -> ibis.Value:
    """Compute the change of revenue as a share; missing from nothing, or below it.

    Examples
    --------
    >>> growth(ibis.literal(150.0), ibis.literal(100.0)).execute()
    0.5
    """
    possible = (revenue >= 0) & (previous > 0)
    return ibis.ifelse(possible, revenue / previous.nullif(0) - 1, ibis.null("float64"))


def _in_time(founded: ibis.Value, as_of: dt.date) -> ibis.Value:
    return founded.between(OLDEST, as_of.year)


def derive(tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive what the sources allow: one row per customer."""
    if "customers" not in tables:
        return Derived()
    customers = tables["customers"]
    named = {c: category(customers[c]) for c in _CATEGORIES if c in customers.columns}
    chosen = {c: customers[c].cast("float64") for c in _NUMBERS if c in customers.columns}
    if (size := _sizes(customers, settings.currency)) is not None:
        chosen["firm_size"] = size
    if {"revenue", "previous_revenue"} <= set(customers.columns):
        chosen["revenue_growth"] = growth(customers.revenue, customers.previous_revenue)
    if "founded" in customers.columns:
        age = settings.as_of.year - customers.founded.cast("float64")
        chosen["firm_age"] = ibis.ifelse(
            _in_time(customers.founded, settings.as_of), age, ibis.null("float64")
        )
    if not named and not chosen:
        return Derived()
    frame = folded(customers.select("customer", **named, **chosen), named, settings.min_cell)
    return Derived((frame,), FEATURES, tuple(_remarks(customers, settings)))


def _remarks(customers: ibis.Table, settings: Settings) -> list[str]:
    remarks = []
    if "revenue" in customers.columns and _sizes(customers, settings.currency) is None:
        remarks.append(
            "Firms have no size here: it follows from their employees, which are not given, or from a "
            "revenue in euros."
        )
    if "founded" in customers.columns:
        what = f"Years of founding after {settings.as_of.year} or before {OLDEST}"
        remarks += count_as_missing(customers, ~_in_time(customers.founded, settings.as_of), what)
    return remarks
