"""Rows of several kinds in one table of transactions: sales beside their lines, orders beside their invoices."""

from __future__ import annotations

from collections.abc import Collection

import ibis
import pandas as pd
from ibis import _

from seglib.collect.columns import times
from seglib.collect.sources import text_key
from seglib.errors import listing, one_line
from seglib.project.new.recognise.columns import Column, Contents
from seglib.project.new.recognise.rows import DONE, NoSales, as_answered, held, value_of
from seglib.project.new.recognise.words import LISTS, folded, listed, says, words

_MOST_KINDS = 8
#: Words of types that are not of rows.
_OF_OTHERS = frozenset(listed(LISTS["status"]["of others"]))
#: The fewest orders, or rows, that tell that one kind of rows repeats another, and the share of them that must agree.
_FEWEST, _AGREE = 10, 0.9
#: How many rows are compared with each other; of larger tables, those of some customers.
_COMPARED = 200_000
#: How far apart an order and its invoice may be, and the share of rows from which on customers buy the same again
#: so soon.
_APART, _HABIT = pd.Timedelta(days=7), 0.2


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
        Columns by which rows are left out already, or that say why they are not.

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
        by_kind = _worths(table, roles, column.name)
        again = _again(_some_rows(table, roles, column.name), column, by_kind)
        if again:
            because = f"say again what rows of {listing(repr(k) for k in dict.fromkeys(again.values()))} say"
            nothing = [k for k in by_kind.index[by_kind.nothing] if k and k not in again]
            because += ", or are worth nothing" if nothing else ""
            gone = by_kind.loc[[*again, *nothing]].sum()
            answers, blank = (*again, *nothing), "" in by_kind.index
            n, worth = int(gone["rows"]), float(gone["value"])
            found.append(
                NoSales(column.name, answers, n, worth, blank, because, holds=held(table, column.name))
            )
        elif _named(column.name) and not column.says_yes_or_no and not _all_done(column):
            shown = [
                f"{repr(one_line(kind, 20)) if kind else 'blank'} {int(n):,} rows worth {worth:,.2f}"
                for kind, n, worth in zip(by_kind.index, by_kind.rows, by_kind.value, strict=True)
            ]
            notes.append(f"{column.name}: {listing(shown, 7)}: are all of them sales? where leaves rows out")
    return found, notes


def _named(name: str) -> bool:
    own = max(says(name, LISTS["status"][of]) for of in ("kinds", "names"))
    return own >= 0.5 and not _OF_OTHERS & set(words(name))


def _kinds(column: Column) -> bool:
    """Tell whether a column may say of which kind a row is: some texts or codes, or one that is blank elsewhere."""
    coded = column.holds == "text" or column.whole
    return coded and 1 <= len(column.answers) == column.distinct <= _MOST_KINDS


def _all_done(column: Column) -> bool:
    return all(folded(answer) in DONE for answer in column.answers)


def _worths(table: Contents, roles: dict[str, str], kind: str) -> pd.DataFrame:
    """Sum rows and value by kind, and tell which kinds have amounts that are all zero."""
    read = table.opened.table.select(kind=as_answered(table, kind), value=value_of(table, roles).round(2))
    sums = read.group_by("kind").agg(
        rows=_.count(),
        value=_.value.sum().fill_null(0.0),
        nothing=((_.value.abs().sum() == 0) & (_.value.count() == _.count())).fill_null(False),
    )
    return sums.order_by(ibis.desc("rows"), "kind").to_pandas().set_index("kind")


def _some_rows(table: Contents, roles: dict[str, str], kind: str) -> pd.DataFrame:
    """Read of rows their kind, their value, their day and what identifies them, as far as there are roles."""
    opened = table.opened.table
    ids = ("order", "customer", "product")
    read: dict[str, ibis.Value] = {r: text_key(opened[roles[r]]) for r in ids if r in roles}
    if "time" in roles:
        time = times(table.opened, roles["time"], table.columns[roles["time"]].dates).value
        read["time"] = time.cast("timestamp")
    rows = opened.select(kind=as_answered(table, kind), value=value_of(table, roles), **read)
    by = next((role for role in ("customer", "order") if role in read), None)
    if by and table.rows > _COMPARED:
        rows = rows.filter(_[by].hash().abs() % table.rows < _COMPARED)
    return rows.mutate(value=ibis.coalesce(_.value.round(2), 0.0)).limit(2 * _COMPARED).to_pandas()


def _again(rows: pd.DataFrame, column: Column, by_kind: pd.DataFrame) -> dict[str, str]:
    """Find the kinds that say again what another says, in sum by order or row by row, each with the other."""
    named = _named(column.name) and not _all_done(column)
    kinds = [k for k in by_kind.index if k and by_kind.value[k]]
    found: dict[str, str] = {}
    for at, first in enumerate(kinds):
        for other in [k for k in kinds[at + 1 :] if k not in found and first not in found]:
            a, b = rows[rows.kind == first], rows[rows.kind == other]
            if len(b) >= _FEWEST and (_totals(a, b, named) or (named and _copies(a, b))):
                found[other] = first
    return found


def _totals(lines: pd.DataFrame, totals: pd.DataFrame, named: bool) -> bool:
    """Tell whether rows are the totals of orders: one each, whose value is the sum of the lines of its order.

    Orders have several lines, unless the name of the column says kinds: then a few are enough.
    """
    if "order" not in lines:
        return False
    a, b = (part.groupby("order").value.agg(["sum", "size"]) for part in (lines, totals))
    if b["size"].max() > 1 or a["size"].mean() < (1.05 if named else 1.2):
        return False
    both = b.join(a, lsuffix="_b", rsuffix="_a", how="inner")
    same = (both.sum_a - both.sum_b).abs() <= 0.011
    return len(both) >= max(_FEWEST, _AGREE * len(b)) and same.mean() >= _AGREE


def _copies(rows: pd.DataFrame, others: pd.DataFrame) -> bool:
    """Tell whether rows say again, within days and one by one, what other rows say of a customer and product.

    Customers who buy the same again within these days are met by chance; then nothing is told.
    """
    by = ["customer", "product", "value"]
    if not {*by, "time"} <= set(rows) or rows.value.nunique() <= _FEWEST:
        return False
    a, b = (part.dropna(subset=[*by, "time"]).sort_values("time") for part in (rows, others))
    if "order" in rows and b.order.isin(a.order).mean() > _HABIT:
        return False  # parts of one order, as two legs of a journey are
    if (a.groupby(by).time.diff() <= _APART).mean() > _HABIT:
        return False
    known = a.assign(row=range(len(a)))[[*by, "time", "row"]]
    met = pd.merge_asof(b, known, on="time", by=by, tolerance=_APART, direction="nearest")
    return bool(met.row.nunique() >= _AGREE * len(others))
