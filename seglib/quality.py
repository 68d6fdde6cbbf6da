"""What a source must hold, and the ledger of every row that did not get through."""

from __future__ import annotations

import datetime as dt
import re
from dataclasses import asdict, dataclass

import ibis
import numpy as np
import pandas as pd
from ibis import _

from seglib.errors import DataError, listing
from seglib.sources import Opened, text_key

#: Given columns travel through the engine under this prefix, so that none is taken for a role.
GIVEN = "given:"
MONEY = "decimal(18, 4)"
_MOST_MONEY = 1e13


@dataclass(frozen=True)
class Entry:
    """One rule of the ledger, in rows of its source and in money.

    Attributes
    ----------
    source, rule, why
        What was checked, and the reason.
    rows_in, dropped, set_aside, mended, rows_out
        Rows before; left out; kept in another table; kept but changed; rows after.
    value
        Money in the rows dropped or set aside; missing where rows have no amount.
    """

    source: str
    rule: str
    rows_in: int
    dropped: int = 0
    set_aside: int = 0
    mended: int = 0
    value: float = float("nan")
    why: str = ""

    @property
    def rows_out(self) -> int:
        """Rows that go on."""
        return self.rows_in - self.dropped - self.set_aside


def ledger(entries: list[Entry]) -> pd.DataFrame:
    """Write the entries as a table: one row per rule."""
    rows = [asdict(entry) | {"rows_out": entry.rows_out} for entry in entries]
    order = ["source", "rule", "rows_in", "dropped", "set_aside", "mended", "rows_out", "value", "why"]
    return pd.DataFrame(rows, columns=order)


@ibis.udf.scalar.builtin
def try_strptime(text: str, pattern: str) -> dt.datetime:
    """Read a time by a pattern, missing where it does not fit (DuckDB)."""


def _rows(table: ibis.Table, bad: ibis.Value) -> str:
    """Name the first rows that are bad, counted from the header."""
    numbered = table.mutate(_row=ibis.row_number() + 1, _bad=bad)
    found = numbered.filter(_._bad).order_by("_row").limit(3)._row.to_pandas()
    return listing(found)


def _count(table: ibis.Table, bad: ibis.Value) -> int:
    return int(table.filter(bad).count().to_pandas())


def _times(opened: Opened, column: str, dates: str | None) -> ibis.Value:
    """Read a column as times, or say which rows cannot be read."""
    found = opened.table[column]
    if found.type().is_timestamp() or found.type().is_date():
        return found.cast("timestamp")
    if not found.type().is_string():
        raise DataError(
            f"{opened.kind}: column '{column}' holds {found.type()} where times are expected; "
            f"mend sources.{opened.kind}.columns.time"
        )
    text = found.strip().nullif("")
    read = try_strptime(text, dates) if dates else text.try_cast("timestamp")
    bad = text.notnull() & read.isnull()
    if n := _count(opened.table, bad):
        raise DataError(
            f"{opened.kind}: {n:,} times in column '{column}' cannot be read (the first in rows "
            f"{_rows(opened.table, bad)} after the header); allowed: ISO 8601, or say how they are "
            f"written in sources.{opened.kind}.dates, as in %d/%m/%Y"
        )
    return read


def _as_number(text: ibis.Value, decimal: str) -> ibis.Value:
    """Read a text as a number by its decimal mark; with a comma, points may group thousands."""
    if decimal == ",":
        grouped = text.re_search(r"^[-+]?\d{1,3}(\.\d{3})+(,\d+)?$")
        plain = text.re_search(r"^[-+]?\d*(,\d+)?$")
        text = grouped.ifelse(text.replace(".", ""), plain.ifelse(text, ibis.literal("no number")))
        text = text.replace(",", ".")
    return text.try_cast("float64")


def numbers(opened: Opened, column: str) -> ibis.Value:
    """Read a column as finite numbers, or say which rows cannot be read.

    Raises
    ------
    DataError
        With the first rows, never with their content.
    """
    found = opened.table[column]
    if found.type().is_string():
        text = found.strip().nullif("")
        read = _as_number(text, opened.decimal)
        bad = text.notnull() & read.isnull()
        if n := _count(opened.table, bad):
            raise DataError(
                f"{opened.kind}: {n:,} entries of column '{column}' are text, not numbers (the "
                f"first in rows {_rows(opened.table, bad)} after the header); take signs and units "
                f"out, or declare sources.{opened.kind}.decimal"
            )
    elif found.type().is_numeric():
        read = found.cast("float64")
    else:
        raise DataError(f"{opened.kind}: column '{column}' holds {found.type()} where numbers are expected")
    _finite(opened, read, column)
    return read.nullif(float("nan"))


def _finite(opened: Opened, read: ibis.Value, column: str) -> None:
    infinite = (read.isinf() | (read.abs() > _MOST_MONEY)).fill_null(False)
    if n := _count(opened.table, infinite):
        raise DataError(
            f"{opened.kind}: {n:,} entries of column '{column}' are infinite or above "
            f"{_MOST_MONEY:.0e} (the first in rows {_rows(opened.table, infinite)} after the "
            "header); mend them in the source"
        )


def _require_some(opened: Opened, columns: dict[str, str]) -> None:
    """Refuse a role whose column is entirely missing."""
    if not columns:
        return
    counts = opened.table.agg(**{role: opened.table[c].count() for role, c in columns.items()})
    found = counts.to_pandas().iloc[0]
    for role, column in columns.items():
        if not found[role]:
            raise DataError(
                f"{opened.kind}: column '{column}' is missing in every row; "
                f"mend sources.{opened.kind}.columns.{role}"
            )


def typed_transactions(
    opened: Opened, roles: dict[str, str], given: list[str], dates: str | None
) -> ibis.Table:
    """Read transactions under the names of their roles, each as its own type.

    Returns
    -------
    ibis.Table
        One row per row of the source: key (text), time, amount (money), and as far as named
        order, product, category, quantity, price, discount and the given columns.
    """
    _require_some(opened, roles)
    table = opened.table
    columns = {
        "key": text_key(table[roles["customer"]]),
        "time": _times(opened, roles["time"], dates),
    }
    for role in ("quantity", "price", "amount", "discount"):
        if role in roles:
            columns[role] = numbers(opened, roles[role])
    for role in ("order", "product", "category"):
        if role in roles:
            columns[role] = text_key(table[roles[role]])
    if "amount" not in columns:
        columns["amount"] = columns["quantity"] * columns["price"]
        _finite(opened, columns["amount"], f"{roles['quantity']} × {roles['price']}")
    columns["amount"] = columns["amount"].round(4).cast(MONEY)
    if "order" not in columns:
        columns["order"] = columns["time"].date().cast("string")
    return table.select(**columns, **{f"{GIVEN}{c}": table[c] for c in given})


def _reversed(table: ibis.Table, cancelled_prefix: str | None) -> ibis.Value:
    """Tell cancellations and returns: negative amounts, and orders with the prefix."""
    negative = (table.amount < 0).fill_null(False)
    if cancelled_prefix is None:
        return negative
    return negative | table.order.startswith(cancelled_prefix).fill_null(False)


def _fates(
    table: ibis.Table, as_of: dt.date, known: ibis.Table | None, reversed_: ibis.Value
) -> list[tuple[str, ibis.Value, str]]:
    """List the rules of transactions in their order: name, who breaks it, why it matters."""
    free = (table.price <= 0) if "price" in table.columns else (table.amount <= 0)
    rules = [
        ("no time", table.time.isnull(), "a purchase without a time has no recency"),
        ("on or after as_of", table.time >= ibis.literal(as_of).cast("timestamp"),
         "nothing from as_of on is looked at"),
        ("no amount", table.amount.isnull(), "its value is unknown"),
    ]  # fmt: skip
    if known is not None:
        rules.append(
            ("customer unknown or without consent", table.known.isnull(),
             "only customers who may be profiled are looked at")
        )  # fmt: skip
    rules += [
        ("cancellation or return", reversed_, "set against the customer's value"),
        ("price not above zero", free, "given away, or a correction of the books"),
    ]
    return rules


def clean_transactions(
    opened: Opened,
    roles: dict[str, str],
    as_of: dt.date,
    *,
    given: list[str] | None = None,
    dates: str | None = None,
    cancelled_prefix: str | None = None,
    duplicates: str | None = None,
    known: ibis.Table | None = None,
) -> tuple[ibis.Table, ibis.Table, list[Entry]]:
    """Keep the purchases that can be counted and account for the others.

    Parameters
    ----------
    opened
        The source, one row per product in an order.
    roles
        Role to column.
    as_of
        Nothing from this date on is looked at.
    given
        Columns that the bases name.
    dates
        How times are written, where they are text.
    cancelled_prefix
        Orders whose number begins so are cancellations.
    duplicates
        'drop' or 'keep' exact duplicate rows; dropped if absent and an order column is named.
    known
        One row per customer who may be looked at, with a column `key`.

    Returns
    -------
    purchases, returns
        One row per product in an order or a return, with the columns of `typed_transactions`.
    entries
        One per rule, in the order in which they were applied.

    Raises
    ------
    DataError
        If a column cannot be read, or nothing is left.
    """
    rows = int(opened.table.count().to_pandas())
    typed = typed_transactions(opened, roles, given or [], dates)
    nameless, lost = _count_and_value(typed.filter(typed.key.isnull()))
    entries = [
        Entry("transactions", "no customer id", rows, dropped=nameless, value=lost,
              why="cannot be told whose purchase it was")
    ]  # fmt: skip
    named = Opened(opened.kind, opened.table.filter(text_key(opened.table[roles["customer"]]).notnull()))
    drop = duplicates == "drop" or (duplicates is None and "order" in roles)
    distinct = Opened(opened.kind, named.table.distinct()) if drop else named
    staged = _stage(typed_transactions(distinct, roles, given or [], dates), known)
    kept, value = _count_and_value(staged)
    __, before = _count_and_value(typed.filter(typed.key.notnull()))
    entries.append(
        Entry("transactions", "exact duplicate row", entries[-1].rows_out,
              dropped=entries[-1].rows_out - kept, value=before - value,
              why="the same row twice counts once" if drop else "kept as the params say")
    )  # fmt: skip
    reversed_ = _reversed(staged, cancelled_prefix)
    # A cancellation takes value away, whatever sign its amounts are written with.
    staged = staged.mutate(amount=reversed_.ifelse(-staged.amount.abs(), staged.amount).cast(MONEY))
    rules = _fates(staged, as_of, known, _reversed(staged, cancelled_prefix))
    staged = staged.mutate(
        fate=ibis.cases(*[(bad.fill_null(False), name) for name, bad, _why in rules], else_="kept")
    )
    found = staged.group_by("fate").agg(n=_.count(), value=_.amount.sum()).to_pandas()
    fates = found.set_index("fate")
    for name, _bad, why in rules:
        n = int(fates.n.get(name, 0))
        aside = name == "cancellation or return"
        worth = float(fates.value.get(name, 0) or 0)
        entries.append(
            Entry("transactions", name, entries[-1].rows_out, dropped=0 if aside else n,
                  set_aside=n if aside else 0, value=worth, why=why)
        )  # fmt: skip
    if not entries[-1].rows_out:
        raise DataError(_nothing_left(entries, staged, as_of))
    columns = [c for c in staged.columns if c not in ("fate", "known")]
    purchases = staged.filter(_.fate == "kept").select(*columns)
    returns = staged.filter(_.fate == "cancellation or return").select(*columns)
    lone, worth = _count_and_value(returns.anti_join(purchases, "key"))
    entries.append(
        Entry("returns", "customer without a purchase", int(fates.n.get("cancellation or return", 0)),
              dropped=lone, value=worth, why="there is no value to set them against")
    )  # fmt: skip
    return purchases, returns.semi_join(purchases, "key"), entries


def _stage(typed: ibis.Table, known: ibis.Table | None) -> ibis.Table:
    """Hold the typed rows in the engine, so that they are read from their source once."""
    if known is not None:
        typed = typed.left_join(known.select("key", known="key"), "key").drop("key_right")
    return typed.cache()


def _count_and_value(table: ibis.Table) -> tuple[int, float]:
    found = table.agg(n=table.count(), value=table.amount.sum()).to_pandas().iloc[0]
    return int(found.n), float(found.value or 0)


def _nothing_left(entries: list[Entry], staged: ibis.Table, as_of: dt.date) -> str:
    heaviest = max(entries, key=lambda e: e.dropped + e.set_aside)
    if heaviest.rule == "on or after as_of":
        first = staged.time.min().to_pandas()
        return (
            f"transactions: all {heaviest.dropped:,} rows lie on or after as_of {as_of}; the "
            f"oldest is of {first:%Y-%m-%d}. Move as_of"
        )
    return (
        f"transactions: no purchase is left of {entries[0].rows_in:,} rows; most broke the rule "
        f"'{heaviest.rule}' ({heaviest.dropped + heaviest.set_aside:,} rows)"
    )


def keyed_events(
    opened: Opened, roles: dict[str, str], as_of: dt.date, dates: str | None, known: ibis.Table
) -> tuple[ibis.Table, list[Entry]]:
    """Keep the events or responses of known customers before `as_of`.

    Returns
    -------
    ibis.Table
        One row per event: key, time, and the other roles as text (score as a number).
    """
    _require_some(opened, roles)
    columns = {"key": text_key(opened.table[roles["customer"]])}
    if "time" in roles:
        columns["time"] = _times(opened, roles["time"], dates)
    for role in ("type", "device", "item"):
        if role in roles:
            columns[role] = opened.table[roles[role]].cast("string")
    if "score" in roles:
        columns["score"] = numbers(opened, roles["score"])
    typed = opened.table.select(**columns)
    rows = int(typed.count().to_pandas())
    joined = typed.semi_join(known, "key")
    left = int(joined.count().to_pandas())
    entries = [
        Entry(opened.kind, "customer unknown or without consent", rows, dropped=rows - left,
              why="only customers who may be profiled are looked at")
    ]  # fmt: skip
    if "time" in roles:
        timeless = int(joined.time.isnull().sum().to_pandas() or 0)
        entries.append(Entry(opened.kind, "no time", left, dropped=timeless, why="when it was is unknown"))
        left -= timeless
        joined = joined.filter(_.time < ibis.literal(as_of).cast("timestamp"))
        before = int(joined.count().to_pandas())
        entries.append(
            Entry(opened.kind, "on or after as_of", left, dropped=left - before,
                  why="nothing from as_of on is looked at")
        )  # fmt: skip
    return joined, entries


def unique_keys(opened: Opened, column: str) -> None:
    """Refuse customers who stand in more than one row.

    Raises
    ------
    DataError
        With the number of ids and the first rows, never with an id.
    """
    keyed = opened.table.select(key=text_key(opened.table[column]))
    keyed = keyed.mutate(_times=_.count().over(ibis.window(group_by="key")))
    twice = (keyed._times > 1) & keyed.key.notnull()
    n = int(keyed.filter(twice).key.nunique().to_pandas())
    if n:
        raise DataError(
            f"customers: {n:,} ids in column '{column}' stand in more than one row (the first in "
            f"rows {_rows(opened.table.mutate(key=text_key(opened.table[column])), _duplicated(opened, column))}"
            " after the header); one row per customer is needed: mend the source"
        )


def _duplicated(opened: Opened, column: str) -> ibis.Value:
    key = text_key(opened.table[column])
    return key.count().over(ibis.window(group_by=key)) > 1


def given_column(
    column: pd.Series, place: str, level: object = None, decimal: str = "."
) -> tuple[pd.Series, int]:
    """Read a given column of the customers as what it is.

    Parameters
    ----------
    column
        One entry per customer.
    place
        Where the params name it, for messages.
    level
        The level of measurement that the params say, or numbers by answer.
    decimal
        The decimal mark of numbers that are text.

    Returns
    -------
    pandas.Series
        Numbers (float), or text (string), missing where nothing was said.
    int
        Entries that were mended: blanks among numbers.

    Raises
    ------
    DataError
        If it is entirely missing, constant, infinite, an id, or not what the params say.
    """
    read, mended = _numbers_or_text(column, level, decimal)
    if isinstance(level, dict):
        read = _answers(read.rename(column.name), level)
    if level in ("ordinal", "interval", "ratio") and not pd.api.types.is_float_dtype(read):
        raise DataError(
            f"customers: column '{column.name}' is declared {level} and holds text; give its answers "
            f"numbers, as in levels: {{{column.name}: {{low: 1, high: 2}}}}"
        )
    usable(read.rename(column.name), place)
    return read.rename(column.name), mended


def _numbers_or_text(column: pd.Series, level: object, decimal: str) -> tuple[pd.Series, int]:
    """Tell numbers from text; codes declared nominal, binary or answers stay as written."""
    as_written = level in ("nominal", "binary") or isinstance(level, dict)
    if pd.api.types.is_datetime64_any_dtype(column):
        raise DataError(
            f"customers: column '{column.name}' holds dates, which cannot be used as they are; derive "
            "a number from them in the source"
        )
    if pd.api.types.is_numeric_dtype(column) and not pd.api.types.is_bool_dtype(column):
        read = column.astype("Float64").astype("float64")
        return (read.map(_written, na_action="ignore").astype("string"), 0) if as_written else (read, 0)
    if pd.api.types.is_bool_dtype(column.dropna().infer_objects()):
        column = column.map({True: "Yes", False: "No"})
    if column.map(lambda v: isinstance(v, bytes)).any():
        raise DataError(f"customers: column '{column.name}' holds bytes, not text or numbers; take it out")
    text = column.astype("string").str.strip().replace("", pd.NA)
    plain = text.str.replace(",", ".", regex=False) if decimal == "," else text
    numbers = pd.to_numeric(plain, errors="coerce")
    codes = as_written or text.str.match(r"^0\d").any()  # 01067 is a postcode, not a number
    if text.notna().any() and not codes and numbers.notna().sum() == text.notna().sum():
        return numbers.astype("float64"), int((text.isna() & column.notna()).sum())
    return text, 0


def _written(number: float) -> str:
    return str(int(number)) if float(number).is_integer() else repr(number)


def _answers(text: pd.Series, numbers: dict[str, float]) -> pd.Series:
    by_answer = {str(answer): float(n) for answer, n in numbers.items()}
    read = text.map(by_answer).astype("float64")
    unknown = text.notna() & read.isna()
    if unknown.any():
        answers = text[unknown].unique()
        said = listing(answers, 3) if text.nunique() <= 30 and not _EMAIL.search(" ".join(answers)) else ""
        raise DataError(
            f"customers: column '{text.name}' holds {unknown.sum():,} answers that levels does not "
            f"number{f' ({said})' if said else ''}; numbered there: {listing(by_answer, 20)}"
        )
    return read


_EMAIL = re.compile(r"[^\s@]+@[^\s@]+\.[^\s@]+")


def usable(read: pd.Series, place: str) -> None:
    """Refuse a column that can neither form nor describe segments, or that tells who somebody is.

    Parameters
    ----------
    read
        One entry per customer, under the column's name.
    place
        Where the params name it.

    Raises
    ------
    DataError
        If it is missing, constant, infinite, or holds ids, free text or e-mail addresses.
    """
    known, name = read.dropna(), read.name
    out = f"take it out of {place}"
    if known.empty:
        raise DataError(f"customers: column '{name}' is missing in every row; {out}")
    if known.nunique() == 1 and len(known) == len(read) > 1:
        raise DataError(
            f"customers: column '{name}' has the same value in all {len(read):,} rows; what does not "
            f"vary neither forms nor describes segments: {out}"
        )
    if pd.api.types.is_float_dtype(read):
        infinite = np.flatnonzero(np.isinf(read))
        if len(infinite):
            raise DataError(
                f"customers: {len(infinite):,} entries of column '{name}' are infinite (the first in "
                f"rows {listing(infinite[:3] + 1)} after the header); mend them in the source"
            )
        return
    if known.map(lambda v: bool(_EMAIL.search(v))).any():
        raise DataError(
            f"customers: column '{name}' holds e-mail addresses, which say who somebody is; {out}"
        )
    if known.nunique() > max(20, 0.5 * len(known)):
        raise DataError(
            f"customers: column '{name}' holds {known.nunique():,} different texts in {len(known):,} "
            f"rows; it looks like an id or free text: {out}"
        )
