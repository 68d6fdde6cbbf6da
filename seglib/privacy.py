"""Consent at the door, pseudonyms from the first table on."""

from __future__ import annotations

import numpy as np
import pandas as pd

from seglib.errors import DataError, listing

_YES = {"true", "yes", "y", "1", "1.0", "t", "ja", "oui", "si", "sí"}
_NO = {"false", "no", "n", "0", "0.0", "f", "nein", "non", "", "nan", "none", "<na>", "null"}


def consented(column: pd.Series) -> pd.Series:
    """Read a consent column; whoever has not said yes has not consented.

    Parameters
    ----------
    column
        One entry per customer: booleans, 0 and 1, or yes and no.

    Returns
    -------
    pandas.Series
        True where consent was given.

    Raises
    ------
    DataError
        If an entry is neither yes nor no, or if nobody said yes.

    Examples
    --------
    >>> consented(pd.Series(["yes", "no", None])).tolist()
    [True, False, False]
    """
    text = column.astype("string").fillna("").str.strip().str.casefold()
    strange = np.flatnonzero(~text.isin(_YES | _NO))
    if len(strange):
        raise DataError(
            f"customers: {len(strange):,} entries of the consent column '{column.name}' are neither yes "
            f"nor no (the first in rows {listing(strange[:3] + 1)} after the header); allowed: yes and "
            "no, true and false, 1 and 0"
        )
    given = text.isin(_YES)
    if not given.any():
        raise DataError(
            f"customers: none of {len(column):,} customers has consented in '{column.name}'; "
            "there is nobody to segment"
        )
    return given


def pseudonyms(keys: pd.Series, seed: int = 0) -> pd.DataFrame:
    """Give every customer a number that says nothing about the id.

    Parameters
    ----------
    keys
        Real ids, each once.
    seed
        Of the shuffle; the same ids get the same numbers in every run.

    Returns
    -------
    pandas.DataFrame
        One row per customer: `customer` (1, 2, …) and `key` (the real id).
    """
    ordered = np.sort(keys.to_numpy(dtype=str))
    numbers = np.random.default_rng(seed).permutation(len(ordered)) + 1
    made = pd.DataFrame({"customer": numbers.astype("int64"), "key": ordered})
    return made.sort_values("customer", ignore_index=True)
