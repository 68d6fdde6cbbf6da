"""Which columns hold the ids of customers: their entries are found among those of the customers' table."""

from __future__ import annotations

import re

import ibis
import pandas as pd
from ibis import _

from seglib.collect.sources import text_key
from seglib.project.new.recognise.columns import Column, Contents
from seglib.project.new.recognise.words import folded, names, says


def shares_matched(tables: dict[str, Contents]) -> dict[str, dict[str, float]]:
    """Measure by kind and column the share of entries that are ids of customers.

    The ids of customers are looked for among the columns in which no entry stands twice; of several, those that
    join best and are named so. For columns of the customers, it is the share of other tables' ids found in them.
    """
    shares: dict[str, dict[str, dict[str, float]]] = {}
    others = {kind: table for kind, table in tables.items() if kind != "customers"}
    candidates = tables["customers"].columns if "customers" in tables and others else {}
    for name, column in candidates.items():
        if _keyed(column) and column.known and column.distinct >= 0.98 * column.known:
            keys = _keys(tables["customers"], name)
            shares[name] = {kind: _shares(table, keys) for kind, table in others.items()}
    if not shares:
        return {kind: {} for kind in tables}
    best = {
        name: min(max(s.values(), default=0.0) for s in by_kind.values()) for name, by_kind in shares.items()
    }
    alike = shared_names(tables)
    ids = max(
        best,
        key=lambda name: (
            best[name] + 0.5 * says(name, names("customers", "customer")) + 0.5 * (folded(name) in alike)
        ),
    )
    return {"customers": best, **shares[ids]}


def shared_names(tables: dict[str, Contents]) -> frozenset[str]:
    """List the names of columns, folded, that the customers and all other tables have."""
    if "customers" not in tables or len(tables) == 1:
        return frozenset()
    named = [{folded(name) for name in table.columns} for table in tables.values()]
    return frozenset(set.intersection(*named))


def coverage(customers: Contents, ids: str, table: Contents, own: str) -> tuple[float, float]:
    """Measure which share of the ids, and of the rows, of another table is among the customers, over all rows."""
    theirs = ibis.memtable(
        pd.DataFrame({"key": _keys(customers, ids)}).astype(object), schema={"key": "string"}
    )
    rows = table.opened.table.select(key=text_key(table.opened.table[own])).filter(_.key.notnull())
    each = rows.group_by("key").agg(n=_.count())
    there = each.semi_join(theirs, "key").agg(ids=_.count(), rows=_.n.sum()).to_pandas().iloc[0]
    all_ = each.agg(ids=_.count(), rows=_.n.sum()).to_pandas().iloc[0]
    if not all_.ids:
        return 1.0, 1.0
    return (float(there.ids / all_.ids), float(there["rows"] / all_["rows"])) if there.ids else (0.0, 0.0)


def written_differently(customers: Contents, ids: str, column: Column) -> bool:
    """Tell whether ids of another table meet none of the customers', and would without letters or zeros in front."""
    theirs, own = _keys(customers, ids), pd.Index(_as_keys(column).dropna())
    if theirs.empty or own.empty or len(theirs.intersection(own)):
        return False
    plain, bare = ({re.sub(r"^[A-Za-z]*[-_ ]?0*(?=\d)", "", key) for key in keys} for keys in (theirs, own))
    return len(plain & bare) >= 0.5 * len(bare)


def _keyed(column: Column) -> bool:
    return column.holds == "text" or column.whole


def _keys(table: Contents, name: str) -> pd.Index:
    """Read all ids of a column, as a run writes them."""
    keys = table.opened.table.select(key=text_key(table.opened.table[name])).distinct()
    return pd.Index(keys.to_pandas().key.dropna())


def _bare(keys: pd.Index | pd.Series) -> pd.Index:
    """Take zeros in front off ids, which tables of numbers lose."""
    return pd.Index(keys.astype("string").str.replace(r"^0+(?=.)", "", regex=True))


def _shares(table: Contents, keys: pd.Index) -> dict[str, float]:
    likely = [c for c in table.columns.values() if _keyed(c) and c.distinct > 1 and not c.flag]
    bare = _bare(keys)
    return {column.name: float(_bare(_as_keys(column)).isin(bare).mean()) for column in likely}


def _as_keys(column: Column) -> pd.Series:
    if column.holds == "number":
        return column.values.astype("int64").astype("string")
    return column.values.str.replace(r"^(\d+)\.0+$", r"\1", regex=True)
