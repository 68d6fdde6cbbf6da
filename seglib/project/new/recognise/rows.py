"""Rows that are no ordinary rows: no sales by their status, times far from all others, one customer of most rows."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import ibis
import pandas as pd
from ibis import _

from seglib.collect.columns import numbers, times
from seglib.errors import listing
from seglib.project.new.recognise.columns import Column, Contents
from seglib.project.new.recognise.words import LISTS, folded, holds_in_a_row, listed, says, words
from seglib.vocabulary import YES, plain_letters, words_of

_STATUS = LISTS["status"]
_NO_SALE, _STEPS = (frozenset(listed(_STATUS[of])) for of in ("no sale", "steps"))
#: What a status says of a sale that came about.
DONE = frozenset(listed(_STATUS["done"]))
#: Words beside which an answer says that a row is a sale all the same, or in part.
_PARTLY = frozenset(listed(_STATUS["partly"]))
_BY_TYPE = frozenset(listed(_STATUS["no sale by type"]))
#: What says of an invoice that the money is not there yet, and words of its number.
_OF_INVOICES, _INVOICES = (frozenset(listed(_STATUS[of])) for of in ("of invoices", "invoices"))
#: The largest share of rows that a type of entry, and that a status, may say are no sales.
_MOST_BY_TYPE, _MOST_BY_STATUS = 0.6, 0.95
#: Words of columns that say yes of rows that are no sales, and words that change nothing beside them.
_FLAGS, _BESIDE_FLAGS = (frozenset(listed(_STATUS[of])) for of in ("flags", "beside flags"))
#: Years of placeholders, which are no dates.
_PLACEHOLDERS = (1, 1899, 1900, 1901, 2099, 2999, 9999)


@dataclass(frozen=True)
class NoSales:
    """Rows that are no sales by their status, or of no one customer.

    Attributes
    ----------
    column, answers
        The status or the customer, and its entries that say so.
    rows, value
        How many rows, and what they are worth; missing where there is no amount.
    blank
        Whether the status is blank in some rows.
    words
        What the entries say of the rows.
    holds
        What the column holds: text, number, or flag where the source has true and false.
    """

    column: str
    answers: tuple[str, ...]
    rows: int
    value: float
    blank: bool = False
    words: str = "are no sales"
    holds: str = "text"


def no_sales(table: Contents, roles: dict[str, str]) -> tuple[list[NoSales], dict[str, str]]:
    """Find the columns of a status by which rows are no sales, with the effect of leaving them out.

    Parameters
    ----------
    table
        Transactions.
    roles
        Role to column.

    Returns
    -------
    list of NoSales
        What is left out.
    dict
        By column, why rows stay though a status says that they are no sales: it says so of almost all.
    """
    found, doubtful = list[NoSales](), dict[str, str]()
    service = any(
        {"fee", "commission"} & set(words(n)) for n, c in table.columns.items() if c.holds == "number"
    )
    billed = _INVOICES & set(words(roles.get("order", "")))
    for name, column in table.columns.items():
        by_status = _telling(column, table.rows)
        by_status = tuple(a for a in by_status if not (billed and folded(a) in _OF_INVOICES))
        answers = by_status or (_by_type(column) if service else ())
        if name not in roles.values() and not answers and (yes := _may_flag(column)):
            doubtful[name] = f"{name}: yes in {yes:,} rows: are they sales? where leaves rows out"
        if not answers or name in roles.values():
            continue
        one = _counted(table, roles, name, answers)
        if one.rows > (_MOST_BY_STATUS if by_status else _MOST_BY_TYPE) * table.rows:
            said = listing(repr(a) for a in answers)
            doubtful[name] = (
                f"{name}: {said} in {one.rows:,} of {table.rows:,} rows, which are kept: are they sales? "
                "where leaves rows out"
            )
        else:
            found.append(one)
    return found, doubtful


def as_answered(table: Contents, name: str) -> ibis.Value:
    """Read a column as its answers are written: Yes and No, whole numbers without a point; empty where it is blank."""
    cells = table.opened.table[name]
    if cells.type().is_boolean():
        return cells.ifelse("Yes", "No").fill_null("")
    return cells.cast("string").strip().re_replace(r"^(-?\d+)\.0$", r"\1").fill_null("")


def held(table: Contents, name: str) -> str:
    """Say what a column holds, as `NoSales` does."""
    if table.opened.table[name].type().is_boolean():
        return "flag"
    return "number" if table.columns[name].holds == "number" else "text"


def _counted(table: Contents, roles: dict[str, str], name: str, answers: tuple[str, ...]) -> NoSales:
    """Count the rows that have such answers, and sum what they are worth."""
    answered = as_answered(table, name)
    read = table.opened.table.select(
        hit=answered.isin(list(answers)), value=value_of(table, roles), blank=answered == ""
    )
    counted = read.agg(rows=_.hit.sum(), value=_.value.sum(where=_.hit), blank=_.blank.sum())
    sums = counted.to_pandas().iloc[0]
    worth = float(sums["value"]) if pd.notna(sums["value"]) else float("nan")
    return NoSales(name, answers, int(sums["rows"]), worth, bool(sums["blank"]), holds=held(table, name))


def _telling(column: Column, rows: int) -> tuple[str, ...]:
    """List the answers of a status that say that a row is no sale."""
    if not 1 <= len(column.answers) <= 30:
        return ()
    named = says(column.name, _STATUS["names"])
    done = any(folded(a) in DONE for a in column.answers)
    telling = tuple(a for a in column.answers if _no_sale(a, done))
    if named >= 0.5 and column.holds == "text" and telling and not column.says_yes_or_no:
        return telling
    name = set(words_of(plain_letters(column.name)))
    if (
        name & _FLAGS
        and name <= _FLAGS | _BESIDE_FLAGS
        and column.says_yes_or_no
        and (column.distinct == 2 or column.known < rows)
    ):
        return tuple(a for a in column.answers if folded(a) in YES)
    return ()


def _may_flag(column: Column) -> int:
    """Count the rows that say yes under a name that has a word of flags among others; tests may be of another kind."""
    name = set(words_of(plain_letters(column.name)))
    if not name & (_FLAGS - {"test"}) or not column.says_yes_or_no:
        return 0
    return sum(n for answer, n in column.answers.items() if folded(answer) in YES)


def _no_sale(answer: str, done: bool) -> bool:
    """Tell whether an answer of a status says that a row is no sale: as a whole, or with a longer word in it.

    Examples
    --------
    >>> [_no_sale(a, done=False) for a in ("Cancelled", "Error en pago", "Zahlung fehlgeschlagen", "Authorised")]
    [True, True, True, False]
    >>> _no_sale("Authorised", done=True), _no_sale("Partially refunded", done=True), _no_sale("Paid", done=True)
    (True, False, False)
    """
    said = folded(answer)
    if said in _NO_SALE or (done and said in _STEPS):
        return True
    parts = tuple(said.split())
    inside = any(len(phrase) > 4 and holds_in_a_row(parts, tuple(phrase.split())) for phrase in _NO_SALE)
    return inside and not _PARTLY & set(parts)


def _by_type(column: Column) -> tuple[str, ...]:
    """List the answers of a type of entry, in the export of a payment service, that say that a row is no sale."""
    if column.holds != "text" or says(column.name, _STATUS["types"]) < 0.9:
        return ()
    return tuple(a for a in column.answers if any(holds_in_a_row(words(a), words(said)) for said in _BY_TYPE))


def value_of(table: Contents, roles: dict[str, str]) -> ibis.Value:
    """Read the value of each row of transactions; missing where there is no amount."""
    if "amount" in roles:
        return numbers(table.opened, roles["amount"]).value
    if {"quantity", "price"} <= set(roles):
        return numbers(table.opened, roles["quantity"]).value * numbers(table.opened, roles["price"]).value
    return ibis.null("float64")


@dataclass(frozen=True)
class Period:
    """When rows were.

    Attributes
    ----------
    first, last
        Of the plausible rows.
    strange
        Times far from all others, or placeholders, as text, at most three.
    n_strange
        How many rows have such.
    """

    first: pd.Timestamp
    last: pd.Timestamp
    strange: tuple[str, ...] = ()
    n_strange: int = 0


def period(table: Contents, column: Column) -> Period | None:
    """Find the first and last time of a column, without those that are no dates or far from all others."""
    value = times(table.opened, column.name, column.dates).value
    read = (
        table.opened.table.select(t=value)
        .filter(_.t.notnull())
        .mutate(s=_.t.cast("timestamp").epoch_seconds())
    )
    ends = read.agg(low=_.s.quantile(0.02), high=_.s.quantile(0.98), n=_.count()).to_pandas().iloc[0]
    if not ends.n:
        return None
    reach = max(float(ends.high - ends.low), 366 * 86_400.0)
    within = read.s.between(ends.low - 2 * reach, ends.high + reach)
    sound = within & read.t.year().notin(_PLACEHOLDERS) & ((read.t.year() != 1970) | (read.s >= 86_400))
    kept = read.filter(sound).agg(first=_.t.min(), last=_.t.max(), n=_.count()).to_pandas().iloc[0]
    if not kept.n:
        return None
    n = int(ends.n - kept.n)
    odd = (
        read.filter(~sound).select(day=_.t.date().cast("string")).distinct().order_by("day").limit(3)
        if n
        else None
    )
    shown = tuple(odd.to_pandas().day) if odd is not None else ()
    return Period(pd.Timestamp(kept["first"]), pd.Timestamp(kept["last"]), shown, n)


def quoted(column: str) -> str:
    """Write a column as `where` reads it."""
    return column if re.fullmatch(r"[A-Za-z_]\w*", column) else '"' + column.replace('"', '""') + '"'


def clause(found: list[NoSales]) -> str:
    """Write the condition that keeps the rows that are sales."""
    parts = []
    for one in found:
        if one.holds == "flag":
            parts.append(f"{quoted(one.column)} <> {'TRUE' if folded(one.answers[0]) in YES else 'FALSE'}")
            continue
        texts = ["'" + a.replace("'", "''") + "'" for a in one.answers]
        answers = ", ".join(one.answers if one.holds == "number" else texts)
        parts.append(f"{quoted(one.column)} NOT IN ({answers})")
    return " AND ".join(parts)


def day_after(last: pd.Timestamp) -> dt.date:
    """Return the day after a time."""
    return last.date() + dt.timedelta(days=1)
