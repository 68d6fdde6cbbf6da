"""Shares of few orders, shrunk towards all customers', and quantities in more than one unit."""

from __future__ import annotations

from dataclasses import replace

import ibis
import numpy as np
import pandas as pd
from ibis import _

from seglib.collect.features.catalogue import Feature
from seglib.errors import listing

#: Least mean weight of customers' own orders in their shrunk shares (0 to 1) for a share to form segments.
RELIABLE = 0.3
#: A product's usual quantity is in other units if it is so many times that of the usual product, and its
#: price per piece at most so small a part; it has this share of all lines at least.
_MANY, _CHEAP, _LINES = 50, 1 / 20, 0.002


def prior(share: pd.Series, of: pd.Series) -> tuple[float, float]:
    """Learn how far customers' shares differ beyond chance.

    The customers' true shares follow a beta distribution; its mean is the share of all orders, its weight
    comes from the analysis of variance of shares between and within customers (Kleinman, 1973).

    Parameters
    ----------
    share
        One per customer, 0 to 1.
    of
        The orders that it is a share of.

    Returns
    -------
    mean : float
        Share of all orders (0 to 1).
    weight : float
        Orders that the mean counts as in each customer's share; infinite if customers do not differ
        beyond chance, or none has two orders.

    Examples
    --------
    >>> prior(pd.Series([0.0, 1.0, 0.0, 1.0]), pd.Series([9, 9, 9, 9]))
    (0.5, 0.0)
    >>> prior(pd.Series([0.0, 1.0, 0.0, 1.0]), pd.Series([1, 1, 1, 1]))
    (0.5, inf)
    """
    orders, customers = float(of.sum()), len(of)
    mean = float((share * of).sum() / orders)
    if orders == customers or customers < 2:
        return mean, np.inf
    between = float((of * (share - mean) ** 2).sum()) / (customers - 1)
    within = float((of * share * (1 - share)).sum()) / (orders - customers)
    usual = (orders - float((of**2).sum()) / orders) / (customers - 1)
    alike = (between - within) / max(between + (usual - 1) * within, 1e-12)
    return mean, (1 - alike) / alike if alike > 0 else np.inf


def shrunk(features: pd.DataFrame, entries: list[Feature]) -> tuple[pd.DataFrame, list[Feature], list[str]]:
    """Shrink shares towards all customers' where there are few orders (empirical Bayes).

    A share that says little more than chance stays as it is and describes segments only. Of the share
    of value that was returned, orders stand in for the trials of which it is no count.

    Parameters
    ----------
    features
        One row per customer.
    entries
        One per column; those with `of` are shares.

    Returns
    -------
    features : pandas.DataFrame
        The same rows and columns, shares (0 to 1) shrunk.
    entries : list of Feature
        Their meaning says so, and those that do not form segments are marked.
    remarks : list of str
        Sentences for the page: the shares that do not form segments, if there are any.
    """
    new, described, doubtful = features.copy(), [], []
    for entry in entries:
        if entry.of and {entry.feature, entry.of} <= set(features.columns):
            known = features[[entry.feature, entry.of]].dropna()
            share, of = known[entry.feature], known[entry.of]
            mean, weight = prior(share, of)
            if (of / (of + weight)).mean() >= RELIABLE:
                new.loc[known.index, entry.feature] = (share * of + mean * weight) / (of + weight)
                entry = replace(
                    entry,
                    meaning=f"{entry.meaning}; shrunk towards all customers', the more so the fewer the orders",
                )
            else:
                entry = replace(entry, describes=True)
                doubtful.append(entry.label)
        described.append(entry)
    remarks = [
        f"{listing(doubtful)}: customers have too few orders, or differ too little from each other, to tell a "
        "habit from chance. They describe segments and do not form them."
    ]
    return new, described, remarks if doubtful else []


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
