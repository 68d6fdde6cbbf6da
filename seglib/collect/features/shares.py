"""Shares that say no more than chance, and quantities in more than one unit."""

from __future__ import annotations

from dataclasses import replace

import ibis
import pandas as pd
from ibis import _

from seglib.collect.features.catalogue import Feature
from seglib.errors import listing
from seglib.statistics import beta_prior

#: Least mean weight of customers' own orders in their shrunk shares (0 to 1) for a share to form segments.
RELIABLE = 0.3
#: A product's usual quantity is in other units if it is so many times that of the usual product, and its
#: price per piece at most so small a part; it has this share of all lines at least.
_MANY, _CHEAP, _LINES = 50, 1 / 20, 0.002


def reliable(features: pd.DataFrame, entries: list[Feature]) -> tuple[list[Feature], list[str]]:
    """Find the shares that say more than chance of what customers usually do.

    Such shares may form segments, shrunk towards all customers' where there are few orders; others
    describe segments only. Of the share of value that was returned, orders stand in for the trials of
    which it is no count.

    Parameters
    ----------
    features
        One row per customer.
    entries
        One per column; those with `of` are shares.

    Returns
    -------
    entries : list of Feature
        `of` is empty where what it names is not among the features.
    remarks : list of str
        Sentences for the page: the shares that do not form segments, if there are any.
    """
    described, doubtful = [], []
    for entry in entries:
        if entry.of not in features or entry.feature not in features:
            entry = replace(entry, of="")
        if entry.of:
            known = features[[entry.feature, entry.of]].dropna()
            _mean, weight = beta_prior(known[entry.feature], known[entry.of])
            if not (known[entry.of] / (known[entry.of] + weight)).mean() >= RELIABLE:
                entry = replace(entry, describes=True)
                doubtful.append(entry.label)
        described.append(entry)
    remarks = [
        f"{listing(doubtful)}: customers have too few orders, or differ too little from each other, to tell a "
        "habit from chance. They describe segments and do not form them."
    ]
    return described, remarks if doubtful else []


def mixed_units(transactions: ibis.Table, min_cell: int) -> list[str]:
    """List the products that are counted in other units than most, such as thousandths among pieces.

    Parameters
    ----------
    transactions
        One row per product in an order: customer, and as far as named product, quantity and amount.
    min_cell
        Products of fewer customers are not named.

    Returns
    -------
    list of str
        In alphabetical order; none where products or quantities are not named.
    """
    if not {"product", "quantity", "amount"} <= set(transactions.columns):
        return []
    lines = transactions.filter(_.quantity > 0, _.product.notnull())
    each = lines.group_by("product").agg(
        lines=_.count(),
        customers=_.customer.nunique(),
        quantity=_.quantity.cast("float64").median(),
        price=_.amount.cast("float64").sum() / _.quantity.cast("float64").sum(),
    )
    table = each.to_pandas()
    usual = table.sort_values("quantity")
    middle = usual.quantity[usual.lines.cumsum() >= usual.lines.sum() / 2]
    if middle.empty:
        return []
    cheap = _CHEAP * float(table.price.median())
    other = table[
        (table.quantity >= _MANY * middle.iloc[0])
        & (table.price <= cheap)
        & (table.lines >= _LINES * table.lines.sum())
        & (table.customers >= min_cell)
    ]
    return sorted(map(str, other["product"]))
