"""How the ids of one source are found among the customers'."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import ibis
import pandas as pd
from ibis import _

from seglib.collect.sources import Opened, text_key
from seglib.errors import DataError


def _without_zeros(key: ibis.Value) -> ibis.Value:
    return key.re_replace(r"^0+([0-9])", r"\1")


@dataclass(frozen=True)
class Join:
    """How ids are written before they are compared.

    Attributes
    ----------
    key
        From an id to what is compared.
    words
        The same in words; empty where ids are compared as they are written.
    """

    key: Callable[[ibis.Value], ibis.Value] = lambda key: key
    words: str = ""


AS_WRITTEN = Join()
#: What is tried where ids are not found as they are written.
REWRITINGS = (
    Join(_without_zeros, "without leading zeros"),
    Join(lambda key: key.upper(), "in capital letters"),
    Join(lambda key: _without_zeros(key.upper()), "in capital letters and without leading zeros"),
)


def _written(keys: ibis.Table, join: Join) -> ibis.Table:
    return keys.select(key=join.key(keys.key)).distinct()


def _different(keys: ibis.Table, join: Join) -> int:
    return int(_written(keys, join).count().to_pandas())


def _strangers(keys: ibis.Table, known: ibis.Table, join: Join) -> int:
    """Count the ids that are not among the known ones."""
    return int(_written(keys, join).anti_join(_written(known, join), "key").count().to_pandas())


def how_to_join(keys: dict[str, ibis.Table], known: ibis.Table) -> Join:
    """Find the way of writing ids in which most of them are found among the customers'.

    Parameters
    ----------
    keys
        By kind of source: one row per different id, column `key`.
    known
        One row per customer, column `key`.

    Returns
    -------
    Join
        As they are written, unless another way finds more and leaves no two customers alike.
    """
    best, fewest = AS_WRITTEN, sum(_strangers(table, known, AS_WRITTEN) for table in keys.values())
    for join in REWRITINGS if fewest else ():
        left = sum(_strangers(table, known, join) for table in keys.values())
        if left < fewest and _different(known, join) == int(known.count().to_pandas()):
            best, fewest = join, left
    return best


def ids(opened: Opened, column: str) -> ibis.Table:
    """Return the different ids of a source: one row each, column `key`."""
    return opened.table.select(key=text_key(opened.table[column])).filter(_.key.notnull()).distinct()


def require_some_known(
    opened: Opened, column: str, keys: ibis.Table, base: str, known: ibis.Table, join: Join
) -> None:
    """Refuse a source of which no customer is known.

    Parameters
    ----------
    opened, column
        The source and its id.
    keys, known
        One row per different id of the source, and of the one that it is compared with.
    base
        The kind of the latter.
    join
        How ids are compared.

    Raises
    ------
    DataError
        With both numbers of ids, never an id.
    """
    n = int(keys.count().to_pandas())
    if n and _strangers(keys, known, join) == _different(keys, join):
        raise DataError(
            f"{opened.kind}: none of {n:,} ids in column '{column}' is among the "
            f"{int(known.count().to_pandas()):,} ids of {base}; check sources.{opened.kind}.columns.customer "
            f"or sources.{base}.columns.customer"
        )


def table(keys: dict[str, ibis.Table], known: ibis.Table | None, join: Join) -> pd.DataFrame:
    """Count how the ids of every source match the customers'.

    Returns
    -------
    pandas.DataFrame
        One row per source: source, ids, known (among the customers), without (customers who have no
        row in it), compared (how ids were written before they were compared).
    """
    rows = []
    for kind, found in keys.items():
        n = _different(found, join)
        met = n - _strangers(found, known, join)
        rows.append((kind, n, met, _different(known, join) - met, join.words or "as they stand"))
    return pd.DataFrame(rows, columns=["source", "ids", "known", "without", "compared"])
