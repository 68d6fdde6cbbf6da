"""From tables to one row per customer: one module per basis, and here their sum."""

from __future__ import annotations

from dataclasses import replace
from types import ModuleType

import ibis
import pandas as pd

from seglib.collect.features import (
    behavioural,
    demographic,
    firmographic,
    geographic,
    needs,
    psychographic,
    purchase_cycle,
    technographic,
    value,
)
from seglib.collect.features.catalogue import Feature, catalogue
from seglib.collect.features.derived import Derived, Settings
from seglib.collect.features.given import described, most_frequent
from seglib.collect.features.shares import mixed_units, reliable
from seglib.errors import DataError, listing

__all__ = [
    "Derived",
    "Feature",
    "Settings",
    "catalogue",
    "derived",
    "described",
    "gaps",
    "joined",
    "mixed_units",
    "most_frequent",
    "reliable",
    "varying",
]

#: One module per basis: `FEATURES`, what it can derive, and `derive(tables, settings)`.
MODULES: dict[str, ModuleType] = {
    "demographic": demographic,
    "geographic": geographic,
    "psychographic": psychographic,
    "behavioural": behavioural,
    "firmographic": firmographic,
    "needs": needs,
    "purchase_cycle": purchase_cycle,
    "technographic": technographic,
    "value": value,
}
#: What can be derived of each basis, whatever the sources are.
FEATURES: dict[str, tuple[Feature, ...]] = {basis: module.FEATURES for basis, module in MODULES.items()}


def derived(basis: str, tables: dict[str, ibis.Table], settings: Settings) -> Derived:
    """Derive all features of a basis that the sources allow.

    Parameters
    ----------
    basis
        A key of `MODULES`.
    tables
        By kind, under the names of the roles, each with `customer` in place of the id: customers
        (roles alone), transactions, returns, orders (one row per customer and order), events,
        responses, campaigns, subscriptions, as far as they are there.
    settings
        What they are derived under.

    Returns
    -------
    Derived
        Its frames as pandas.
    """
    of_basis = MODULES[basis].derive(tables, settings)
    frames = tuple(f if isinstance(f, pd.DataFrame) else f.to_pandas() for f in of_basis.frames)
    there = {column for frame in frames for column in frame.columns}
    entries = tuple(
        replace(f, unit=settings.currency) if f.unit == "money" else f
        for f in of_basis.features
        if f.feature in there
    )
    return Derived(frames, entries, of_basis.remarks)


def gaps(bases: list[str], tables: dict[str, ibis.Table], settings: Settings) -> pd.DataFrame:
    """List what could not be derived, and what would allow it.

    Parameters
    ----------
    bases
        Bases that are derived.
    tables, settings
        As `derived` takes them.

    Returns
    -------
    pandas.DataFrame
        One row per feature that cannot be there: basis, feature (its label), needs.
    """
    there = set(tables) | {f"{kind}.{column}" for kind, table in tables.items() for column in table.columns}
    there |= {section for section in ("scales", "needs", "branches") if getattr(settings, section)}
    rows = [
        (f.basis, f.label, listing(wanted))
        for basis in bases
        for f in FEATURES[basis]
        if (wanted := f.lacks(there))
    ]
    return pd.DataFrame(rows, columns=["basis", "feature", "needs"])


#: Names that tables of a run use themselves.
RESERVED = ("customer", "key", "segment", "margin")
#: Absence of an event is a number; absence of an order leaves the others unknown.
ZERO_IF_ABSENT = (
    "visits",
    "active_days",
    "sessions",
    "contacts",
    "active_subscription",
    "subscription_months",
    "support_contacts",
)


def joined(customers: pd.DataFrame, frames: list[pd.DataFrame]) -> pd.DataFrame:
    """Join features to the customers.

    Parameters
    ----------
    customers
        One row per customer: `customer` and the given columns.
    frames
        Each with one row per customer of whom it has features.

    Returns
    -------
    pandas.DataFrame
        One row per customer, by number; numbers as float64.
    """
    table = customers
    names = [c for frame in (customers, *frames) for c in frame.columns if c != "customer"]
    twins = {name for name in names if names.count(name) > 1 or name in RESERVED}
    if twins:
        raise DataError(
            f"features: '{listing(twins)}' is the name of a column or survey item and of something else "
            "in the run; rename it in the source, or in its query"
        )
    for frame in frames:
        table = table.merge(frame, on="customer", how="left", validate="one_to_one")
    zero = {c: 0 for c in ZERO_IF_ABSENT if c in table.columns}
    table = table.fillna(zero).sort_values("customer", ignore_index=True)
    numbers = table.drop(columns="customer").select_dtypes(["number", "bool"]).columns
    return table.astype(dict.fromkeys(numbers, "float64"))


def varying(features: pd.DataFrame) -> pd.DataFrame:
    """Leave out the features in which customers do not differ, for they neither form nor describe a segment."""
    still = [c for c in features.columns.drop("customer") if features[c].nunique(dropna=True) <= 1]
    return features.drop(columns=still) if len(features) > 1 else features
