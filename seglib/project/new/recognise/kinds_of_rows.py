"""Rows of several kinds in one table of transactions: sales beside their lines, orders beside their invoices."""

from __future__ import annotations

from collections.abc import Collection

import ibis
import pandas as pd
from ibis import _

from seglib.collect.sources import text_key
from seglib.errors import listing, one_line
from seglib.project.new.recognise.columns import Column, Contents
from seglib.project.new.recognise.rows import NoSales, value_of
from seglib.project.new.recognise.words import LISTS, listed, says, words

_MOST_KINDS = 8
#: Words of types that are not of rows.
_OF_OTHERS = frozenset(listed(LISTS["status"]["of others"]))
#: The fewest orders, or rows, that tell that one kind of rows repeats another, and the share of them that must agree.
_FEWEST, _AGREE = 10, 0.9


def repeated(
    table: Contents, roles: dict[str, str], known: Collection[str]
) -> tuple[list[NoSales], list[str]]:
    """Find columns by which rows are of several kinds: kinds that say again what others say, and kinds to be looked at.

    Parameters
    ----------
    table
        Transactions.
    roles
        Role to column.
    known
        Columns by which rows are left out already.

    Returns
    -------
    list of NoSales
        Kinds of rows whose sums by order, or whose rows, are those of another kind; they would be counted twice.
    list of str
        What each kind is worth, for columns that are called a type or a status and say nothing that is understood.
    """
    found, notes = list[NoSales](), list[str]()
    for column in table.columns.values():
        if column.name in known or column.name in roles.values() or not _kinds(column):
            continue
        rows = _rows(table, roles, column.name)
        by_kind = rows.groupby("kind", dropna=False).value.agg(["size", "sum"])
        again = _again(rows, [k for k in column.answers if by_kind["sum"].get(k)])
        if again:
            empty = [k for k in column.answers if k in by_kind.index and not by_kind.loc[k, "sum"]]
            gone = by_kind.loc[[again[1], *empty]]
            words = f"say again what rows of '{again[0]}' say"
            found.append(
                NoSales(
                    column.name,
                    (again[1], *empty),
                    int(gone["size"].sum()),
                    float(gone["sum"].sum()),
                    bool(rows.kind.isna().any()),
                    words,
                )
            )
        elif _named(column.name) and not column.says_yes_or_no:
            shown = [
                f"'{one_line(kind, 20)}' {int(n):,} rows worth {worth:,.2f}"
                for kind, (n, worth) in by_kind.iterrows()
                if isinstance(kind, str)
            ]
            blank = (
                f", blank {len(rows) - int(rows.kind.notna().sum()):,} rows" if rows.kind.isna().any() else ""
            )
            notes.append(
                f"{column.name}: {listing(shown, 6)}{blank}: are all of them sales? where leaves rows out"
            )
    return found, notes


def _named(name: str) -> bool:
    own = max(says(name, LISTS["status"][of]) for of in ("kinds", "names"))
    return own >= 0.5 and not _OF_OTHERS & set(words(name))


def _kinds(column: Column) -> bool:
    """Tell whether a column may say of which kind a row is: some texts or codes, or one that is blank elsewhere."""
    coded = column.holds == "text" or column.whole
    return (
        coded
        and 1 <= len(column.answers) == column.distinct <= _MOST_KINDS
        and (column.distinct > 1 or _named(column.name))
    )


def _rows(table: Contents, roles: dict[str, str], kind: str) -> pd.DataFrame:
    """Read of each row its kind, its value and what identifies it, as far as there are roles."""
    opened = table.opened.table
    keys = {role: text_key(opened[roles[role]]) for role in ("order", "customer", "product") if role in roles}
    selected = opened.select(
        kind=opened[kind].cast("string").strip().nullif(""), value=value_of(table, roles), **keys
    )
    read = selected.mutate(value=ibis.coalesce(_.value.round(2), 0.0)).to_pandas()
    return read.assign(kind=read.kind.str.replace(r"^(-?\d+)\.0$", r"\1", regex=True))


def _again(rows: pd.DataFrame, kinds: list[str]) -> tuple[str, str] | None:
    """Find two kinds of which the second says again what the first says: in sum by order, or row by row."""
    for first in kinds:
        for other in kinds:
            a, b = rows[rows.kind == first], rows[rows.kind == other]
            if first == other or len(a) < len(b):
                continue
            if "order" in rows:
                sums = pd.concat([part.groupby("order").value.sum() for part in (a, b)], axis=1).dropna()
                same = (sums.iloc[:, 0] - sums.iloc[:, 1]).abs() <= 0.011
                if len(sums) >= _FEWEST and len(sums) >= _AGREE * b.order.nunique() and same.mean() >= _AGREE:
                    return first, other
            by = [role for role in ("customer", "product") if role in rows]
            if len(by) == 2:
                met = b[[*by, "value"]].merge(a[[*by, "value"]].drop_duplicates(), on=[*by, "value"])
                if len(b) >= _FEWEST and len(met) >= _AGREE * len(b) and a.value.nunique() > _FEWEST:
                    return first, other
    return None
