"""From tables to one row per customer: one module per basis, and here their sum."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import ibis
import pandas as pd

from seglib.errors import DataError, listing
from seglib.features import behavioural, needs, value
from seglib.features.catalogue import Feature, catalogue
from seglib.features.given import described, most_frequent

__all__ = ["Feature", "catalogue", "derived", "described", "joined", "most_frequent"]

#: Bases that can be derived, with the sources that they are derived from.
DERIVED = {
    "behavioural": ("transactions", "events"),
    "value": ("transactions",),
    "needs": ("responses",),
}


def derived(
    basis: str,
    tables: dict[str, ibis.Table],
    as_of: dt.date,
    *,
    currency: str | None = None,
    not_products: list[str] | None = None,
) -> tuple[list[pd.DataFrame], list[Feature]]:
    """Derive all features of a basis that the sources allow.

    Parameters
    ----------
    basis
        A key of `DERIVED`.
    tables
        transactions and returns, events, responses, as far as they are there.
    as_of
        The day that everything is counted back from.
    currency
        The unit of money.
    not_products
        Products that do not count for breadth.

    Returns
    -------
    list of pandas.DataFrame
        Each with one row per customer whom it knows.
    list of Feature
        One per column.
    """
    frames: list[ibis.Table | pd.DataFrame] = []
    entries: list[Feature] = []
    bought = "transactions" in tables
    if basis == "behavioural" and bought:
        frames.append(behavioural.purchase_behaviour(
            tables["transactions"], tables["returns"], as_of, not_products))  # fmt: skip
    if basis == "behavioural" and "events" in tables:
        frames.append(behavioural.visit_behaviour(tables["events"], as_of))
    if basis == "value" and bought:
        frames.append(value.historic_value(tables["transactions"], tables["returns"]))
    if basis == "needs" and "responses" in tables:
        answers, entries = needs.stated_needs(tables["responses"])
        frames.append(answers)
    module = {"behavioural": behavioural, "value": value}
    if basis in module:
        entries = [replace(f, unit=currency or "money") if f.unit == "money" else f
                   for f in module[basis].FEATURES]  # fmt: skip
    made = [f if isinstance(f, pd.DataFrame) else f.to_pandas() for f in frames]
    there = {c for frame in made for c in frame.columns}
    return made, [e for e in entries if e.feature in there]


#: What can be derived of each basis, whatever the sources are.
FEATURES = {"behavioural": behavioural.FEATURES, "value": value.FEATURES}
#: Names that tables of a run use themselves.
RESERVED = ("customer", "key", "segment", "margin")
#: Absence of an event is a number; absence of an order leaves the others unknown.
_ZERO_IF_ABSENT = ("visits",)


def joined(customers: pd.DataFrame, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Join features to the customers.

    Parameters
    ----------
    customers
        One row per customer: `customer` and the given columns.
    frames
        Each with one row per customer whom it knows.

    Returns
    -------
    pandas.DataFrame
        One row per customer, by number; numbers as float64; columns that do not vary are left
        out, for they neither form nor describe a segment.
    """
    made = customers
    names = [c for frame in (customers, *frames) for c in frame.columns if c != "customer"]
    twins = {name for name in names if names.count(name) > 1 or name in RESERVED}
    if twins:
        raise DataError(
            f"features: '{listing(twins)}' is the name of a column or survey item and of something else "
            "in the run; rename it in the source, or in its query"
        )
    for frame in frames:
        made = made.merge(frame, on="customer", how="left", validate="one_to_one")
    zero = {c: 0 for c in _ZERO_IF_ABSENT if c in made.columns}
    made = made.fillna(zero).sort_values("customer", ignore_index=True)
    numbers = made.drop(columns="customer").select_dtypes(["number", "bool"]).columns
    made = made.astype(dict.fromkeys(numbers, "float64"))
    still = [c for c in made.columns.drop("customer") if made[c].nunique(dropna=True) <= 1]
    return made.drop(columns=still) if len(made) > 1 else made
