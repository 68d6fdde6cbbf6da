"""What a source must hold, and the ledger of every row that did not get through."""

from __future__ import annotations

import datetime as dt
from dataclasses import asdict, dataclass

import ibis
import pandas as pd
from ibis import _

from seglib.columns import MONEY, finite, numbers, require_some, times
from seglib.errors import DataError
from seglib.sources import Opened, text_key

#: Given columns travel through the engine under this prefix, so that none is taken for a role.
GIVEN = "given:"


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
    require_some(opened, roles)
    table = opened.table
    columns = {
        "key": text_key(table[roles["customer"]]),
        "time": times(opened, roles["time"], dates),
    }
    for role in ("quantity", "price", "amount", "discount"):
        if role in roles:
            columns[role] = numbers(opened, roles[role])
    for role in ("order", "product", "category"):
        if role in roles:
            columns[role] = text_key(table[roles[role]])
    if "amount" not in columns:
        columns["amount"] = columns["quantity"] * columns["price"]
        finite(opened, columns["amount"], f"{roles['quantity']} × {roles['price']}")
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
    require_some(opened, roles)
    columns = {"key": text_key(opened.table[roles["customer"]])}
    if "time" in roles:
        columns["time"] = times(opened, roles["time"], dates)
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
