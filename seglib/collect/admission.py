"""From opened sources to admitted customers, and where every row went."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import ibis
import pandas as pd

from seglib.collect import contract, joining, quality, returns
from seglib.collect.customers import OPEN, Door, People, checks_of, read_customers, remembered
from seglib.collect.joining import AS_WRITTEN, Join
from seglib.collect.ledger import Entry, Terms, as_table
from seglib.collect.sources import Opened
from seglib.errors import DataError
from seglib.privacy import consent as privacy


@dataclass(frozen=True)
class Account:
    """Where every row went.

    Attributes
    ----------
    ledger
        One row per rule that was applied to a source, in their order.
    contract
        One row per rule of a source, each put to all of its rows.
    joins
        One row per source: ids, how many of them are customers, how they were compared.
    reversals
        One row per outcome of a return: returns, value, share; missing without transactions.
    """

    ledger: pd.DataFrame
    contract: pd.DataFrame
    joins: pd.DataFrame
    reversals: pd.DataFrame | None = None

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give the tables that there are, by name."""
        made = {name: getattr(self, name) for name in ("ledger", "contract", "joins", "reversals")}
        return {name: table for name, table in made.items() if table is not None}


@dataclass(frozen=True)
class Admitted:
    """What got through the door, under pseudonyms.

    Attributes
    ----------
    ids
        One row per customer: customer (pseudonym) and key (real id).
    customers
        One row per customer: customer and the given columns.
    attributes
        One row per customer: customer and the roles, typed; never written down.
    tables
        transactions, returns, events, responses, campaigns, subscriptions, each with `customer`
        instead of the id.
    account
        Where every row went.
    """

    ids: pd.DataFrame
    customers: pd.DataFrame
    attributes: ibis.Table = field(repr=False)
    tables: dict[str, ibis.Table]
    account: Account = field(repr=False)

    @property
    def ledger(self) -> pd.DataFrame:
        """One row per rule that was applied to a source, in their order."""
        return self.account.ledger


def admit(
    connection: ibis.BaseBackend,
    sources: dict[str, Opened],
    roles: dict[str, dict[str, str]],
    as_of: dt.date,
    *,
    given: dict[str, str] | None = None,
    levels: dict[str, object] | None = None,
    terms: dict[str, Terms] | None = None,
    door: Door = OPEN,
) -> Admitted:
    """Let in the customers and rows that can be used, and account for the others.

    Parameters
    ----------
    connection
        The engine in which the sources were opened.
    sources
        The opened sources, by kind.
    roles
        By kind: role to column.
    as_of
        Nothing from this date on is looked at.
    given
        Columns that the bases name, each with its basis.
    levels
        Level of measurement, or numbers by answer, of given columns.
    terms
        By kind: what the params say of its rows.
    door
        Who is let in.

    Raises
    ------
    DataError
        If a source cannot be read as its roles say, or fewer than two customers are left.
    """
    given = given or {}
    terms = {kind: _with_defaults(kind, roles[kind], (terms or {}).get(kind, Terms())) for kind in sources}
    people, known = None, None
    join, joins = _joins(sources, roles)
    entries: list[Entry] = []
    contracts: list[pd.DataFrame] = []
    reversals = None
    if "customers" in sources:
        opened = sources["customers"]
        contracts.append(
            contract.interrogate(
                "customers", opened.table, checks_of(opened, roles["customers"], terms["customers"])
            )
        )
        people = read_customers(
            opened, roles["customers"], terms["customers"], given=given, levels=levels or {}, door=door
        )
        entries += people.entries
        known = _compared(people.given[["key"]], join)
    tables: dict[str, ibis.Table] = {}
    for kind in [k for k in sources if k != "customers"]:
        named = _given_here(sources[kind], given, people) if kind == "transactions" else []
        rows = quality.rows_of_source(
            sources[kind], roles[kind], as_of, terms[kind], given=named, known=known, join=join
        )
        asked = tuple(check for check in rows.checks if check.rule != quality.RETURNED)
        contracts.append(contract.interrogate(kind, rows.table, asked))
        made, found, outcome = _rows(rows, terms[kind], as_of)
        reversals = outcome if outcome is not None else reversals
        tables |= made
        entries += found
        if people is None:
            bought = made["transactions"].select("key").distinct().to_pandas()
            left, found = remembered(bought, door)
            entries += found
            people = People(left, left, [])
            known = _compared(left, join)
    if len(people.given) < 2:
        raise DataError(
            f"only {len(people.given)} customer is left after all rules; a segmentation needs at least "
            "two segments of customers: look at the sources and as_of"
        )
    account = Account(as_table(entries), pd.concat(contracts, ignore_index=True), joins, reversals)
    return _under_pseudonyms(connection, people, tables, join, account)


def _with_defaults(kind: str, roles: dict[str, str], terms: Terms) -> Terms:
    """Keep rows that look alike where nothing tells whether they are one order or two."""
    if kind == "transactions" and "order" not in roles:
        return replace(terms, rules={"duplicate_row": "warn"} | terms.rules)
    return terms


def _compared(keys: pd.DataFrame, join: Join) -> ibis.Table:
    """Write ids as they are compared; pseudonyms and the bridge keep them as the source has them."""
    table = ibis.memtable(keys.astype({"key": object}))
    return table.mutate(key=join.key(table.key))


def _given_here(opened: Opened, given: dict[str, str], people: People | None) -> list[str]:
    elsewhere = set() if people is None else set(people.given.columns)
    return [c for c in given if c in opened.table.columns and c not in elsewhere]


def _joins(sources: dict[str, Opened], roles: dict[str, dict[str, str]]) -> tuple[Join, pd.DataFrame]:
    """Find how ids are compared with the customers', or where there are none with the transactions'."""
    there = {
        kind: joining.ids(opened, roles[kind]["customer"]).cache()
        for kind, opened in sources.items()
        if "customer" in roles[kind]
    }
    base = "customers" if "customers" in sources else "transactions"
    if base not in there or len(there) == 1:
        return AS_WRITTEN, joining.table({}, None, AS_WRITTEN)
    known = there.pop(base)
    join = joining.how_to_join(there, known)
    for kind, keys in there.items():
        joining.require_some_known(sources[kind], roles[kind]["customer"], keys, base, known, join)
    return join, joining.table(there, known, join)


def _rows(
    rows: quality.Rows, terms: Terms, as_of: dt.date
) -> tuple[dict[str, ibis.Table], list[Entry], pd.DataFrame | None]:
    """Give the rows of a source that are kept, returns by themselves, and what these reverse."""
    entries = quality.account(rows, terms)
    found = quality.kept(rows)
    entries += quality.stale(rows, terms, as_of)
    if rows.kind != "transactions":
        return {rows.kind: found}, entries, None
    if not entries[-1].rows_out:
        raise quality.nothing_left(rows, entries, as_of)
    aside = quality.set_aside(rows)
    n, __ = quality.count_and_value(aside)
    back = aside.semi_join(found, "key")
    lone, worth = quality.count_and_value(aside.anti_join(found, "key"))
    entries.append(
        Entry(
            "returns",
            "customer without a purchase",
            n,
            dropped=lone,
            value=worth,
            why="there is no value to set them against",
        )
    )
    back = returns.partly_matched(found, returns.matched(found, back)).cache()
    reversals = returns.outcomes(back, lone, worth)
    back, entry = returns.settled(back, terms)
    return {"transactions": found, "returns": back}, [*entries, entry], reversals


def _under_pseudonyms(
    connection: ibis.BaseBackend,
    people: People,
    tables: dict[str, ibis.Table],
    join: Join,
    account: Account,
) -> Admitted:
    ids = privacy.pseudonyms(people.given.key)
    bridge = connection.create_table("bridge", _compared(ids, join), temp=True, overwrite=True)
    masked = {}
    for kind, table in tables.items():
        joined = table.inner_join(bridge, "key")
        columns = [c for c in joined.columns if c not in ("key", "key_right", "customer")]
        masked[kind] = joined.select("customer", *columns)
    attributes = ibis.memtable(_numbered(people.roles, ids))
    return Admitted(ids, _numbered(people.given, ids), attributes, masked, account)


def _numbered(frame: pd.DataFrame, ids: pd.DataFrame) -> pd.DataFrame:
    """Put the pseudonym in place of the id."""
    made = frame.merge(ids, on="key", validate="one_to_one").drop(columns="key")
    return made[["customer", *made.columns.drop("customer")]].sort_values("customer", ignore_index=True)
