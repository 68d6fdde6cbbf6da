"""What times and numbers can be: placeholders and rows far from all others are no data."""

from __future__ import annotations

import datetime as dt
import re

import ibis
import pandas as pd
from ibis import _

from seglib.collect.ledger import Terms
from seglib.errors import DataError, listing
from seglib.vocabulary import words_of

#: Years before and after which a time is a placeholder, as 1970-01-01, 2099-12-31 and 9999-12-31 are.
FIRST_YEAR, LAST_YEAR = 1971, 2090
#: Rows are far from all others beyond so many years, or so many times the years of the others.
_FAR_YEARS, _FAR_SPANS = 5, 2
#: Most rows that can be far from all others, as a share, and in any case.
_FEW_SHARE, _FEW = 0.01, 2
#: By role, the least and greatest number that is possible.
BY_ROLE = {
    "birth_year": (1900, 2090),
    "household": (0, 50),
    "children": (0, 30),
    "latitude": (-90, 90),
    "longitude": (-180, 180),
    "income": (0, None),
    "employees": (0, None),
    "city_size": (0, None),
    "founded": (1000, 2090),
}
_AGES = frozenset(["age", "alter", "edad", "leeftijd", "eta", "idade", "wiek"])
_OLDEST = 120


def span(times: ibis.Value) -> tuple[int, int]:
    """Return the first and the last year in which times are plausible.

    Years are counted; those that a gap of `_FAR_YEARS` or more parts from most rows, with few rows in them,
    are not plausible, nor are those of placeholders.
    """
    table = times.name("time").as_table().filter(_.time.notnull())
    counted = table.group_by(year=table.time.year()).agg(n=_.count()).order_by("year").to_pandas()
    counts = counted.set_index("year").n
    counts = counts[(counts.index >= FIRST_YEAR) & (counts.index <= LAST_YEAR)]
    if counts.empty:
        return FIRST_YEAR, LAST_YEAR
    blocks = (counts.index.to_series().diff() >= _FAR_YEARS).cumsum()
    sizes = counts.groupby(blocks.to_numpy()).sum()
    main = counts.index[blocks.to_numpy() == sizes.idxmax()]
    gap = max(_FAR_YEARS, _FAR_SPANS * (main.max() - main.min() + 1))
    few = max(_FEW, _FEW_SHARE * counts.sum())
    early, late = counts[counts.index <= main.min() - gap], counts[counts.index >= main.max() + gap]
    first = main.min() - gap + 1 if 0 < early.sum() <= few else FIRST_YEAR
    last = main.max() + gap - 1 if 0 < late.sum() <= few else LAST_YEAR
    return int(first), int(last)


def implausible(times: ibis.Value, years: tuple[int, int]) -> ibis.Value:
    """Return which times are outside those years."""
    return (~times.year().between(*years)).fill_null(False)


def refuse_times(kind: str, column: str, days: pd.Series, others: tuple[dt.date, dt.date] | None) -> None:
    """Stop where times are implausible.

    Parameters
    ----------
    kind, column
        What they are of.
    days
        Days that are implausible, one entry per row.
    others
        The first and the last of the other days.

    Raises
    ------
    DataError
        If there are any, with three of them and what to do.
    """
    if len(days):
        shown = listing(sorted(set(days.astype(str).str[:10]))[:3])
        beside = f", and the others of {others[0]:%Y-%m-%d} to {others[1]:%Y-%m-%d}" if others else ""
        raise DataError(
            f"{kind}: {len(days):,} times in column '{column}' are of {shown}{beside}; such times are placeholders "
            f"or errors: correct them, set sources.{kind}.rules.implausible_time: drop, or list the text in "
            f"sources.{kind}.missing"
        )


def ranges(kind: str, roles: dict[str, str], given: list[str], terms: Terms) -> dict[str, dict[str, float]]:
    """Return the ranges of a source by column: those of the params, and else those of roles and ages."""
    found = {
        column: BY_ROLE[role] for role, column in roles.items() if kind == "customers" and role in BY_ROLE
    }
    found |= {column: (0, _OLDEST) for column in given if kind == "customers" and is_age(column)}
    limits = {
        column: {name: float(n) for name, n in (("min", low), ("max", high)) if n is not None}
        for column, (low, high) in found.items()
    }
    return limits | terms.ranges


def is_age(column: str) -> bool:
    """Check whether a column is called an age in years.

    Examples
    --------
    >>> is_age("Age"), is_age("customer_age"), is_age("age_group"), is_age("average")
    (True, True, False, False)
    """
    words = [
        word for word in words_of(column) if not re.fullmatch(r"\d+|years?|customer|client|person", word)
    ]
    return len(words) == 1 and words[0] in _AGES
