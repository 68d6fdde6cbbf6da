"""What is wrong with real tables, put into generated ones."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.simulate.industry import Dirt, Industry

#: Kinds of table that are logged by machines, which send rows twice or with a wrong clock.
_LOGGED = ("transactions", "events", "responses")


def soiled(rng: np.random.Generator, kind: str, table: pd.DataFrame, industry: Industry) -> pd.DataFrame:
    """Put into a table what real ones have.

    Parameters
    ----------
    rng
        Source of the draws.
    kind
        What the table is.
    table
        One row as `kinds.KINDS` says, under the names of the roles.
    industry
        Says how much of what.

    Returns
    -------
    pandas.DataFrame
        Customers: impossible numbers. Others: ids that are missing, of nobody, or have blanks
        around them; purchases for nothing; rows on or after as_of; rows twice.
    """
    if kind == "customers":
        return _mistyped(rng, table, industry)
    dirt = industry.dirt
    made = table.assign(customer=_ids(rng, kind, table.customer, industry))
    if kind == "transactions":
        free = rng.random(len(made)) < dirt.free
        made = made.assign(price=made.price.mask(free, 0.0), amount=made.amount.mask(free, 0.0))
    if kind in _LOGGED:
        early = rng.random(len(made)) < dirt.future
        ahead = pd.Timestamp(industry.as_of) + pd.to_timedelta(rng.integers(0, 30 * 24, len(made)), unit="h")
        made = made.assign(time=made.time.mask(early, pd.Series(ahead, index=made.index)))
        twice = made[rng.random(len(made)) < dirt.duplicates]
        made = pd.concat([made, twice], ignore_index=True)
    return made


def _ids(rng: np.random.Generator, kind: str, ids: pd.Series, industry: Industry) -> pd.Series:
    dirt: Dirt = industry.dirt
    fate = rng.random(len(ids))
    nobody = pd.Series(rng.integers(900_000, 999_999, len(ids)), index=ids.index).astype(str)
    made = ids.mask(fate < dirt.unknown, industry.prefix + nobody)
    made = "  " + made + " " if kind in dirt.padded else made
    return made.mask((fate >= dirt.unknown) & (fate < dirt.unknown + dirt.nameless), None)


def _mistyped(rng: np.random.Generator, table: pd.DataFrame, industry: Industry) -> pd.DataFrame:
    made = {
        name: table[name].mask(rng.random(len(table)) < industry.dirt.impossible, attribute.impossible)
        for name, attribute in industry.attributes.items()
        if attribute.impossible is not None
    }
    return table.assign(**made)
