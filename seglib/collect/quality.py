"""What the rows of a source must keep, and the ledger of every row that did not get through."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis
import pandas as pd

from seglib.catalogue.sources import KINDS, Rule
from seglib.collect.columns import MONEY, require_some
from seglib.collect.joining import AS_WRITTEN, Join
from seglib.collect.ledger import Entry, Terms, stop
from seglib.collect.sources import Opened
from seglib.collect.typed import distinct, readable, typed
from seglib.errors import DataError

#: Not a rule that params can turn: it decides what is a purchase.
RETURNED = Rule("cancellation_or_return", ("set aside",), "set against the customer's value")


@dataclass(frozen=True)
class Check:
    """A rule and the rows that break it; `drops` are left out or set aside."""

    rule: Rule
    bad: ibis.Value
    action: str

    @property
    def drops(self) -> bool:
        """Whether rows that break it do not go on."""
        return self.action in ("drop", "set aside")


@dataclass(frozen=True)
class Rows:
    """The typed rows of a source, before any was left out.

    Attributes
    ----------
    kind
        The kind of source.
    table
        One row per different row of the source, held in the engine: key, the roles, the given
        columns, `copies` (rows that were the same) and a flag per column that broke a rule.
    read
        Rows of the source.
    checks
        The rules in their order.
    repeated
        Rows that repeat another and are kept; missing where that was not asked.
    """

    kind: str
    table: ibis.Table
    read: int
    checks: tuple[Check, ...]
    repeated: int | None = None


def _checks(table: ibis.Table, kind: str, terms: Terms, as_of: dt.date, known: bool) -> tuple[Check, ...]:
    """List the rules in their order, each with the rows that break it."""
    day = ibis.literal(as_of).cast("timestamp")
    has = set(table.columns)
    broken: dict[str, ibis.Value] = {"no_customer_id": table.key.isnull()}
    if terms.action(KINDS[kind].rule("unreadable")) != "stop":
        broken["unreadable"] = table.unreadable
    if terms.ranges:
        broken["out_of_range"] = table.out_of_range
    if "time" in has:
        broken |= {"no_time": table.time.isnull(), "on_or_after_as_of": table.time >= day}
    if "start" in has:
        broken |= {"no_start": table.start.isnull(), "start_on_or_after_as_of": table.start >= day}
    if {"start", "end"} <= has:
        broken["end_before_start"] = table.end < table.start
    if known:
        broken["unknown_customer"] = table.known.isnull()
    if kind == "transactions":
        free = (table.price <= 0) if "price" in has else (table.amount <= 0)
        broken |= {"no_amount": table.amount.isnull(), "price_not_above_zero": free}
    rules = [rule for rule in KINDS[kind].rules if rule.name in broken]
    made = [Check(rule, broken[rule.name].fill_null(False), terms.action(rule)) for rule in rules]
    if kind == "transactions":
        place = [check.rule.name for check in made].index("price_not_above_zero")
        made.insert(place, Check(RETURNED, returned(table, terms.cancelled_prefix), "set aside"))
    return tuple(made)


def returned(table: ibis.Table, cancelled_prefix: str | None) -> ibis.Value:
    """Tell cancellations and returns: negative amounts, and orders with the prefix."""
    negative = (table.amount < 0).fill_null(False)
    if cancelled_prefix is None:
        return negative
    return negative | table.order.startswith(cancelled_prefix).fill_null(False)


def rows_of_source(
    opened: Opened,
    roles: dict[str, str],
    as_of: dt.date,
    terms: Terms,
    *,
    given: list[str] | None = None,
    known: ibis.Table | None = None,
    join: Join = AS_WRITTEN,
) -> Rows:
    """Read a source and say which rows break which rule; nothing is left out yet.

    Parameters
    ----------
    opened
        The source: transactions, events, responses, campaigns or subscriptions.
    roles
        Role to column.
    as_of
        Nothing from this date on is looked at.
    terms
        What the params say of its rows.
    given
        Columns that the bases name.
    known
        One row per customer who may be looked at, with a column `key`.
    join
        How its ids are written as those of the customers are.

    Raises
    ------
    DataError
        If a column cannot be read, or a rule that says stop is broken.
    """
    require_some(opened, roles)
    readable(opened, roles, terms)
    read = int(opened.table.count().to_pandas())
    duplicates = terms.action(KINDS[opened.kind].rule("duplicate_row"))
    table = typed(distinct(opened, duplicates), roles, terms, given or [], join)
    if known is not None:
        table = table.left_join(known.select("key", known="key"), "key").drop("key_right")
    table = table.cache()
    if opened.kind == "transactions":
        # A cancellation takes value away, whatever sign its amounts are written with.
        back = returned(table, terms.cancelled_prefix)
        table = table.mutate(amount=back.ifelse(-table.amount.abs(), table.amount).cast(MONEY))
    checks = _checks(table, opened.kind, terms, as_of, known is not None)
    asked = terms.rules.get("duplicate_row") == "warn"
    repeated = read - int(opened.table.distinct().count().to_pandas()) if asked else None
    return Rows(opened.kind, table, read, checks, repeated)


def _counted(rows: Rows) -> pd.Series:
    """Count, in one pass, the rows and the money of every rule among the rows that reach it."""
    money = rows.table.amount if rows.kind == "transactions" else None
    sums: dict[str, ibis.Value] = {}
    reaches = ibis.literal(True)
    one = rows.table.key.notnull()
    for place, check in enumerate(rows.checks):
        hit = reaches & check.bad
        n = rows.table.copies if check.rule.name == "no_customer_id" else ibis.literal(1)
        sums[f"n{place}"] = hit.ifelse(n, 0).sum()
        if money is not None:
            lost = money * n if check.rule.name == "no_customer_id" else money
            sums[f"v{place}"] = hit.ifelse(
                lost.cast("decimal(38, 4)"), ibis.literal(0).cast("decimal(38, 4)")
            ).sum()
        if check.drops:
            reaches = reaches & ~check.bad
    sums["copies"] = one.ifelse(rows.table.copies - 1, 0).sum()
    if money is not None:
        sums["copied"] = one.ifelse(
            (money * (rows.table.copies - 1)).cast("decimal(38, 4)"), ibis.literal(0).cast("decimal(38, 4)")
        ).sum()
    return rows.table.agg(**sums).to_pandas().iloc[0].astype("float64").fillna(0)


def _entry(kind: str, rule: Rule, action: str, rows_in: int, n: int, value: float) -> Entry:
    if action == "stop" and n:
        raise stop(kind, rule, n)
    did = {"drop": "dropped", "set aside": "set_aside", "blank": "blanked", "warn": "warned"}.get(action)
    return Entry(
        kind,
        rule.words,
        rows_in,
        value=value if did in ("dropped", "set_aside") else float("nan"),
        why=rule.why,
        **({did: n} if did else {}),
    )


def account(rows: Rows, terms: Terms) -> list[Entry]:
    """Account for every row and every unit of value: one entry per rule, in their order.

    Raises
    ------
    DataError
        If a rule that says stop is broken.
    """
    found = _counted(rows)
    has_money = rows.kind == "transactions"
    entries: list[Entry] = []
    left = rows.read
    for place, check in enumerate(rows.checks):
        value = found[f"v{place}"] if has_money else float("nan")
        made = _entry(rows.kind, check.rule, check.action, left, int(found[f"n{place}"]), value)
        entries.append(made)
        left = made.rows_out
        rule = KINDS[rows.kind].rule("duplicate_row")
        if check.rule.name == "no_customer_id" and (
            terms.action(rule) != "warn" or rows.repeated is not None
        ):
            lost = found.copied if has_money else float("nan")
            n = int(found.copies) if rows.repeated is None else rows.repeated
            entries.append(_entry(rows.kind, rule, terms.action(rule), left, n, lost))
            left = entries[-1].rows_out
    return entries


def kept(rows: Rows) -> ibis.Table:
    """Give the rows that break no rule which leaves rows out."""
    bad = [check.bad for check in rows.checks if check.drops]
    return _plain(rows, rows.table.filter(~ibis.or_(*bad)))


def set_aside(rows: Rows) -> ibis.Table:
    """Give the rows that are kept in another table: they break no rule before that one."""
    place = next(n for n, check in enumerate(rows.checks) if check.action == "set aside")
    earlier = [check.bad for check in rows.checks[:place] if check.drops]
    return _plain(rows, rows.table.filter(rows.checks[place].bad & ~ibis.or_(*earlier)))


def _plain(rows: Rows, table: ibis.Table) -> ibis.Table:
    blanked = {c.rule.name for c in rows.checks if c.action == "blank"}
    if "end_before_start" in blanked:
        table = table.mutate(end=ibis.ifelse(table.end < table.start, table.start, table.end))
    return table.drop([c for c in ("unreadable", "out_of_range", "copies", "known") if c in table.columns])


def stale(rows: Rows, terms: Terms, as_of: dt.date) -> list[Entry]:
    """Say whether the newest row is older than it may be.

    Raises
    ------
    DataError
        If it is, and the rule says stop.
    """
    if terms.fresh_days is None or "time" not in rows.table.columns:
        return []
    rule = KINDS[rows.kind].rule("stale")
    newest = kept(rows).time.max().to_pandas()
    age = (pd.Timestamp(as_of) - newest).days
    late = age > terms.fresh_days
    if late and terms.action(rule) == "stop":
        raise DataError(
            f"{rows.kind}: the newest row is of {newest:%Y-%m-%d}, {age:,} days before as_of; "
            f"sources.{rows.kind}.fresh_days allows {terms.fresh_days:,}: fetch newer data, or move as_of"
        )
    words = f"the newest row is of {newest:%Y-%m-%d}, {age:,} days before as_of"
    n = int(kept(rows).count().to_pandas())
    return [Entry(rows.kind, rule.words, n, warned=n if late else 0, why=words)]


def count_and_value(table: ibis.Table) -> tuple[int, float]:
    """Count rows of transactions, and sum their money."""
    found = table.agg(n=table.count(), value=table.amount.sum()).to_pandas().iloc[0]
    return int(found.n), float(found.value or 0)


def nothing_left(rows: Rows, entries: list[Entry], as_of: dt.date) -> DataError:
    """Say why no row of a source is left."""
    heaviest = max(entries, key=lambda e: e.dropped + e.set_aside)
    if heaviest.rule == "on or after as_of":
        first = rows.table.time.min().to_pandas()
        return DataError(
            f"{rows.kind}: all {heaviest.dropped:,} rows lie on or after as_of {as_of}; the "
            f"oldest is of {first:%Y-%m-%d}. Move as_of"
        )
    return DataError(
        f"{rows.kind}: no purchase is left of {entries[0].rows_in:,} rows; most broke the rule "
        f"'{heaviest.rule}' ({heaviest.dropped + heaviest.set_aside:,} rows)"
    )
