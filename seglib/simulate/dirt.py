"""Errors of real tables, added to generated ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.simulate.specification import Industry

#: Kinds of table that are logged by machines, which send rows twice or with a wrong clock.
_LOGGED = ("transactions", "events", "responses")


def soiled(rng: np.random.Generator, kind: str, table: pd.DataFrame, industry: Industry) -> pd.DataFrame:
    """Add the errors of real tables to a table.

    Parameters
    ----------
    rng
        Source of the draws.
    kind
        Its kind of source.
    table
        One row as `KINDS` says, under the names of the roles.
    industry
        Its `dirt` says how much of what.

    Returns
    -------
    pandas.DataFrame
        Customers: impossible numbers. Others: ids that are missing, unknown, or have blanks
        around them; purchases at a price of 0; rows on or after as_of; rows twice.
    """
    if kind == "customers":
        return _mistyped(rng, table, industry)
    dirt = industry.dirt
    table = table.assign(customer=_ids(rng, kind, table.customer, industry))
    if kind == "transactions":
        free = rng.random(len(table)) < dirt.free
        table = table.assign(price=table.price.mask(free, 0.0), amount=table.amount.mask(free, 0.0))
    if kind in _LOGGED:
        wrong = rng.random(len(table)) < dirt.future
        hours = pd.to_timedelta(rng.integers(0, 30 * 24, len(table)), unit="h")
        future = pd.Series(pd.Timestamp(industry.as_of) + hours, index=table.index)
        table = table.assign(time=table.time.mask(wrong, future))
        twice = table[rng.random(len(table)) < dirt.duplicates]
        table = pd.concat([table, twice], ignore_index=True)
    return table


def _ids(rng: np.random.Generator, kind: str, ids: pd.Series, industry: Industry) -> pd.Series:
    dirt = industry.dirt
    place = rng.random(len(ids))
    numbers = pd.Series(rng.integers(900_000, 999_999, len(ids)), index=ids.index).astype(str)
    ids = ids.mask(place < dirt.unknown, industry.prefix + numbers)
    if kind in dirt.padded:
        ids = "  " + ids + " "
    return ids.mask((place >= dirt.unknown) & (place < dirt.unknown + dirt.nameless), None)


def _mistyped(rng: np.random.Generator, table: pd.DataFrame, industry: Industry) -> pd.DataFrame:
    columns = {
        name: table[name].mask(rng.random(len(table)) < industry.dirt.impossible, attribute.impossible)
        for name, attribute in industry.attributes.items()
        if attribute.impossible is not None
    }
    return table.assign(**columns)
