"""Rows that are no ordinary rows: no sales by their status, times far from all others, one customer of most rows."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import dataclass

import ibis
import pandas as pd
from ibis import _

from seglib.collect.columns import numbers, times
from seglib.collect.sources import text_key
from seglib.errors import listing
from seglib.privacy import personal
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
_GUESTS = frozenset(
    [
        "0",
        "-1",
        "guest",
        "guests",
        "gast",
        "invite",
        "anonymous",
        "anonym",
        "unknown",
        "na",
        "none",
        "till",
        "cash",
        "walkin",
        "house",
        "default",
        "test",
        "99999",
        "999999",
    ]
)


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
    """

    column: str
    answers: tuple[str, ...]
    rows: int
    value: float
    blank: bool = False
    words: str = "are no sales"


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


def _counted(table: Contents, roles: dict[str, str], name: str, answers: tuple[str, ...]) -> NoSales:
    """Count the rows that have such answers, and sum what they are worth."""
    status = table.opened.table[name].cast("string").strip()
    hit = status.isin(list(answers)).fill_null(False)
    blank = status.isnull().fill_null(False) | (status == "")
    counted = table.opened.table.select(
        hit=hit, value=value_of(table, roles), blank=blank.fill_null(True)
    ).agg(rows=_.hit.sum(), value=_.value.sum(where=_.hit), blank=_.blank.sum())
    sums = counted.to_pandas().iloc[0]
    worth = float(sums["value"]) if pd.notna(sums["value"]) else float("nan")
    return NoSales(name, answers, int(sums["rows"]), worth, bool(sums["blank"]))


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


def customers_of_many(table: Contents, roles: dict[str, str]) -> tuple[str, list[NoSales]]:
    """Find the customers who have a large share of all rows: a guest account, a till, a house account.

    Returns
    -------
    tuple
        A remark on them, or nothing; and of transactions the ids that are called so, with what they are worth.
    """
    if "customer" not in roles:
        return "", []
    key = text_key(table.opened.table[roles["customer"]])
    value = value_of(table, roles) if table.kind == "transactions" else ibis.literal(0.0)
    each = (
        table.opened.table.select(key=key, value=value)
        .filter(_.key.notnull())
        .group_by("key")
        .agg(n=_.count(), value=_.value.sum())
    )
    total = (
        each.agg(
            n=_.n.sum(),
            value=_.value.sum(),
            ids=_.count(),
            usual=_.n.quantile(0.9),
            usual_value=_.value.quantile(0.9),
        )
        .to_pandas()
        .iloc[0]
    )
    if not total.n or total.ids < 20:
        return "", []
    most = [each.order_by(ibis.desc(by)).limit(3).to_pandas() for by in ("n", "value")]
    odd, guests = {}, []
    for row in pd.concat(most).drop_duplicates("key").itertuples():
        share, guest = row.n / total.n, folded(row.key) in _GUESTS
        worth = float(row.value) if pd.notna(row.value) else float("nan")
        of_value = worth / total.value if total.value and total.value > 0 and worth == worth else 0.0
        many = share >= 0.02 and row.n > 10 * max(1.0, total.usual)
        rich = of_value >= 0.05 and worth > 10 * total.usual_value
        if many or rich or (guest and share >= 0.005 and row.n > 3 * max(1.0, total.usual)):
            odd[row.key] = f"'{row.key}' has {share:.0%} of the rows"
            odd[row.key] += f" and {of_value:.0%} of the value" if of_value else ""
            if guest and table.kind == "transactions":
                words_ = "are of a guest account, a till or a house account"
                guests.append(NoSales(roles["customer"], (row.key,), int(row.n), worth, words=words_))
    asked = {key: words_ for key, words_ in odd.items() if key not in {g.answers[0] for g in guests}}
    if not asked:
        return "", guests
    who = clause([NoSales(roles["customer"], tuple(asked), 0, 0.0)])
    if len(personal.find(pd.DataFrame({roles["customer"]: table.columns[roles["customer"]].values}))):
        asked = {key: words_.replace(f"'{key}'", "one id") for key, words_ in asked.items()}
        who = f"{quoted(roles['customer'])} <> 'ID'"
    remark = f"{listing(asked.values())}: a guest account, a till or a house account? to leave it out, where: {who}"
    return remark, guests


def quoted(column: str) -> str:
    """Write a column as `where` reads it."""
    return column if re.fullmatch(r"[A-Za-z_]\w*", column) else '"' + column.replace('"', '""') + '"'


def clause(found: list[NoSales]) -> str:
    """Write the condition that keeps the rows that are sales."""
    parts = []
    for one in found:
        answers = ", ".join("'" + a.replace("'", "''") + "'" for a in one.answers)
        parts.append(f"{quoted(one.column)} NOT IN ({answers})")
    return " AND ".join(parts)


def day_after(last: pd.Timestamp) -> dt.date:
    """Return the day after a time."""
    return last.date() + dt.timedelta(days=1)
