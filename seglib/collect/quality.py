"""The rules that the rows of a source must keep, and an account of every row that breaks one."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import ibis
import pandas as pd
from ibis import _

from seglib.catalogue.sources import KINDS, Rule
from seglib.collect import plausible
from seglib.collect.columns import MONEY, require_some
from seglib.collect.joining import AS_WRITTEN, Join
from seglib.collect.ledger import Entry, Terms, entry
from seglib.collect.sources import Opened
from seglib.collect.typed import distinct, readable, typed
from seglib.errors import DataError

#: No rule that params can change: it decides what is a purchase.
RETURNED = Rule("cancellation_or_return", ("set aside",), "set against the customer's value")


@dataclass(frozen=True)
class Check:
    """A rule and the rows that break it; `drops` are excluded or set aside."""

    rule: Rule
    bad: ibis.Value
    action: str

    @property
    def drops(self) -> bool:
        """Whether rows that break it do not go on."""
        return self.action in ("drop", "set aside")


@dataclass(frozen=True)
class Rows:
    """The typed rows of a source, before any is excluded.

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
        Rows that repeat another and are kept; missing unless the params set that.
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
    for name in ("time", "start"):
        if name in has:
            broken["implausible_time"] = plausible.implausible(table[name], plausible.span(table[name]))
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
    checks = [Check(rule, broken[rule.name].fill_null(False), terms.action(rule)) for rule in rules]
    if kind == "transactions":
        place = [check.rule.name for check in checks].index("price_not_above_zero")
        checks.insert(place, Check(RETURNED, returned(table, terms.cancelled_prefix), "set aside"))
    return tuple(checks)


def _refuse_times(kind: str, roles: dict[str, str], table: ibis.Table, checks: tuple[Check, ...]) -> None:
    """Stop where times are placeholders or far from all others, unless the params say otherwise."""
    check = next((c for c in checks if c.rule.name == "implausible_time" and c.action == "stop"), None)
    if check is None:
        return
    role = "time" if "time" in roles else "start"
    marked = table.select(time=table[role], bad=check.bad)
    days = marked.filter(_.bad).time.cast("string").to_pandas()
    if len(days):
        rest = marked.filter(~_.bad).time
        ends = marked.filter(~_.bad).agg(first=rest.min(), last=rest.max()).to_pandas().iloc[0]
        others = None if pd.isna(ends["first"]) else (ends["first"].date(), ends["last"].date())
        plausible.refuse_times(kind, roles[role], days, others)


def returned(table: ibis.Table, cancelled_prefix: str | None) -> ibis.Value:
    """Return which rows are cancellations or returns: amounts, quantities or prices below zero, or the prefix."""
    negative = (table.amount < 0).fill_null(False)
    for sign in [c for c in ("quantity", "price") if c in table.columns]:  # whatever sign the amount has
        negative |= ((table[sign] < 0) & (table.amount > 0)).fill_null(False)
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
    """Read a source and find the rows that break each rule; nothing is excluded yet.

    Parameters
    ----------
    opened
        The source: transactions, events, responses, campaigns or subscriptions.
    roles
        Role to column.
    as_of
        Data from this date on are not used.
    terms
        What the params say of its rows.
    given
        Columns that the bases name.
    known
        One row per customer who may be profiled, with a column `key`.
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
    _refuse_times(opened.kind, roles, table, checks)
    keeps_copies = terms.rules.get("duplicate_row") == "warn"
    repeated = read - int(opened.table.distinct().count().to_pandas()) if keeps_copies else None
    return Rows(opened.kind, table, read, checks, repeated)


def _counted(rows: Rows) -> pd.Series:
    """Count, in one pass, the rows and the money of every rule among the rows that reach it."""
    copies, one = rows.table.copies, ibis.literal(1)
    money = rows.table.amount if rows.kind == "transactions" else ibis.literal(0)

    def sums(name: str, hit: ibis.Value, n: ibis.Value) -> dict[str, ibis.Value]:
        value, zero = (money * n).cast("decimal(38, 4)"), ibis.literal(0).cast("decimal(38, 4)")
        return {f"n{name}": hit.ifelse(n, 0).sum(), f"v{name}": hit.ifelse(value, zero).sum()}

    counts: dict[str, ibis.Value] = {}
    reaches = ibis.literal(True)
    for place, check in enumerate(rows.checks):
        n = copies if check.rule.name == "no_customer_id" else one
        counts |= sums(str(place), reaches & check.bad, n)
        reaches = reaches & ~check.bad if check.drops else reaches
    counts |= sums("copies", rows.table.key.notnull(), copies - 1)
    return rows.table.agg(**counts).to_pandas().iloc[0].astype("float64").fillna(0)


def account(rows: Rows, terms: Terms) -> list[Entry]:
    """Account for every row and every unit of value: one entry per rule, in their order.

    Raises
    ------
    DataError
        If a rule that says stop is broken.
    """
    counts, rule = _counted(rows), KINDS[rows.kind].rule("duplicate_row")
    entries: list[Entry] = []

    def record(rule: Rule, action: str, n: float, value: float) -> None:
        left = entries[-1].rows_out if entries else rows.read
        counted = rows.kind == "transactions" and action in ("drop", "set aside")
        entries.append(entry(rows.kind, rule, action, left, int(n), value if counted else float("nan")))

    for place, check in enumerate(rows.checks):
        record(check.rule, check.action, counts[f"n{place}"], counts[f"v{place}"])
        folds = terms.action(rule) != "warn" or rows.repeated is not None
        if check.rule.name == "no_customer_id" and folds:
            n = counts.ncopies if rows.repeated is None else rows.repeated
            record(rule, terms.action(rule), n, counts.vcopies)
    return entries


def kept(rows: Rows) -> ibis.Table:
    """Return the rows that break no rule which excludes rows."""
    bad = [check.bad for check in rows.checks if check.drops]
    return _plain(rows, rows.table.filter(~ibis.or_(*bad)))


def set_aside(rows: Rows) -> ibis.Table:
    """Return the rows that are kept in another table: they break no rule before that one."""
    place = next(n for n, check in enumerate(rows.checks) if check.action == "set aside")
    earlier = [check.bad for check in rows.checks[:place] if check.drops]
    return _plain(rows, rows.table.filter(rows.checks[place].bad & ~ibis.or_(*earlier)))


def _plain(rows: Rows, table: ibis.Table) -> ibis.Table:
    if any(c.rule.name == "end_before_start" and c.action == "blank" for c in rows.checks):
        table = table.mutate(end=ibis.ifelse(table.end < table.start, table.start, table.end))
    return table.drop([c for c in ("unreadable", "out_of_range", "copies", "known") if c in table.columns])


def stale(rows: Rows, terms: Terms, as_of: dt.date) -> list[Entry]:
    """Check whether the newest row is older than it may be.

    Raises
    ------
    DataError
        If it is, and the rule says stop.
    """
    if terms.fresh_days is None or "time" not in rows.table.columns:
        return []
    rule = KINDS[rows.kind].rule("stale")
    newest = kept(rows).time.max().to_pandas()
    if pd.isna(newest):
        return []
    age = (pd.Timestamp(as_of) - newest).days
    late = age > terms.fresh_days
    if late and terms.action(rule) == "stop":
        raise DataError(
            f"{rows.kind}: the newest row is of {newest:%Y-%m-%d}, {age:,} days before as_of; "
            f"sources.{rows.kind}.fresh_days allows {terms.fresh_days:,}: fetch newer data, or set as_of earlier"
        )
    why = f"the newest row is of {newest:%Y-%m-%d}, {age:,} days before as_of"
    n = int(kept(rows).count().to_pandas())
    return [Entry(rows.kind, rule.words, n, warned=n if late else 0, why=why)]


def count_and_value(table: ibis.Table) -> tuple[int, float]:
    """Count rows of transactions, and sum their money."""
    sums = table.agg(n=table.count(), value=table.amount.sum()).to_pandas().iloc[0]
    return int(sums.n), float(sums.value or 0)


def nothing_left(rows: Rows, entries: list[Entry], as_of: dt.date) -> DataError | None:
    """Return the error that no row of a source is left, with the reason; nothing where one may do without.

    Campaigns may all lie ahead. Of other tables, what lies ahead says that they do not reach back to as_of, not that
    customers did nothing; other rules may take all of them.
    """
    if rows.kind == "campaigns" or not entries or entries[-1].rows_out:
        return None
    heaviest = max(entries, key=lambda e: e.dropped + e.set_aside)
    first = rows.table.time.min().to_pandas() if "time" in rows.table.columns else None
    if pd.notna(first) and first >= pd.Timestamp(as_of):
        return DataError(
            f"{rows.kind}: all {entries[0].rows_in:,} rows lie on or after as_of {as_of}; the oldest is of "
            f"{first:%Y-%m-%d}. Set as_of later{'' if rows.kind == 'transactions' else ', or leave the source out'}"
        )
    if rows.kind != "transactions":
        return None
    return DataError(
        f"{rows.kind}: no purchase is left of {entries[0].rows_in:,} rows; most broke the rule "
        f"'{heaviest.rule}' ({heaviest.dropped + heaviest.set_aside:,} rows)"
    )
