"""From opened sources to eligible customers and their rows, and where all other rows went."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import ibis
import pandas as pd

from seglib.collect import contract, joining, quality, returns
from seglib.collect.books import books
from seglib.collect.customers import Customers, Eligibility, checks_of, read_customers, without_forgotten
from seglib.collect.joining import AS_WRITTEN, Join
from seglib.collect.ledger import Entry, Terms, as_table
from seglib.collect.sources import Opened
from seglib.collect.unmatched import unmatched, with_buyers
from seglib.collect.where import rows_kept
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
    books
        One row per month and step, from `books.books`; missing without transactions.
    """

    ledger: pd.DataFrame
    contract: pd.DataFrame
    joins: pd.DataFrame
    reversals: pd.DataFrame | None = None
    books: pd.DataFrame | None = None

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables that there are, by name."""
        return {name: table for name, table in vars(self).items() if table is not None}


@dataclass(frozen=True)
class Eligible:
    """The customers who may be profiled and their rows, under pseudonyms.

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


def select_eligible(
    sources: dict[str, Opened],
    roles: dict[str, dict[str, str]],
    as_of: dt.date,
    *,
    given: dict[str, str] | None = None,
    levels: dict[str, object] | None = None,
    terms: dict[str, Terms] | None = None,
    eligibility: Eligibility | None = None,
    for_page: bool = True,
) -> Eligible:
    """Select the customers and rows that can be used, and account for the others.

    Parameters
    ----------
    sources
        The opened sources, by kind, all in one engine.
    roles
        By kind: role to column.
    as_of
        Data from this date on are not used.
    given
        Columns that the bases name, each with its basis.
    levels
        Level of measurement, or numbers by answer, of given columns.
    terms
        By kind: what the params say of its rows.
    eligibility
        Which customers may be profiled; all if absent.
    for_page
        Whether the contract and the books are made too, which takes about as long as all else.

    Raises
    ------
    DataError
        If a source cannot be read as its roles say, or fewer than two customers are left.
    """
    given, eligibility = given or {}, eligibility or Eligibility()
    terms = {kind: _with_defaults(kind, roles[kind], (terms or {}).get(kind, Terms())) for kind in sources}
    kept_rows = {kind: rows_kept(opened, roles[kind], terms[kind]) for kind, opened in sources.items()}
    everyone = sources.get("customers")
    sources = {kind: opened for kind, (opened, _entries) in kept_rows.items()}
    join, joins = _joins(sources, roles)
    entries: list[Entry] = []
    kept_by = [pd.DataFrame()]
    tables: dict[str, ibis.Table] = {}
    customers, reversals, monthly = None, None, None
    if "customers" in sources:
        source = sources["customers"], roles["customers"], terms["customers"]
        entries += kept_rows["customers"][1]
        if for_page:
            kept_by.append(contract.interrogate("customers", source[0].table, checks_of(*source)))
        customers = read_customers(*source, given=given, levels=levels or {}, eligibility=eligibility)
        entries += customers.entries
    for kind in [k for k in sources if k != "customers"]:
        entries += kept_rows[kind][1]
        known = None if customers is None else _compared(customers.given[["key"]], join)
        others = None
        if everyone is not None and known is not None and terms[kind].customers == "optional":
            ids_ = roles["customers"]["customer"], roles[kind]["customer"]
            others, found = unmatched(everyone, ids_[0], sources[kind], ids_[1], join, eligibility)
            entries += found
            known = known.union(ibis.memtable(others[["compared"]].astype(object)).rename(key="compared"))
        here = _given_here(sources[kind], given, customers) if kind == "transactions" else []
        rows = quality.rows_of_source(
            sources[kind], roles[kind], as_of, terms[kind], given=here, known=known, join=join
        )
        checks = tuple(check for check in rows.checks if check.rule != quality.RETURNED)
        if for_page:
            kept_by.append(contract.interrogate(kind, rows.table, checks))
        if for_page and kind == "transactions":
            monthly = books(rows)
        kept, found, outcomes = _kept(rows, terms[kind], as_of)
        if kind == "transactions" and "consent" in roles[kind]:
            kept, consented = _with_consent(kept, roles[kind]["consent"])
            found += consented
        tables |= kept
        entries += found
        if others is not None and len(others) and customers is not None:
            customers, found = with_buyers(customers, others, kept["transactions"])
            entries += found
        reversals = reversals if outcomes is None else outcomes
        if customers is None:
            bought = kept["transactions"].select("key").distinct().to_pandas()
            left, found = without_forgotten(bought, eligibility=eligibility)
            entries += found
            customers = Customers(left, left, [])
    if customers is None or len(customers.given) < 2:
        raise DataError(
            f"only {0 if customers is None else len(customers.given)} customer is left after all rules; a "
            "segmentation needs at least two segments of customers: check the sources and as_of"
        )
    rules = pd.concat(kept_by[1:] or kept_by, ignore_index=True)
    account = Account(as_table(entries), rules, joins, reversals, monthly)
    engine = next(iter(sources.values())).table.get_backend()
    ids = privacy.pseudonyms(customers.given.key, eligibility.secret)
    return _under_pseudonyms(engine, customers, ids, tables, join, account)


def _with_consent(tables: dict[str, ibis.Table], column: str) -> tuple[dict[str, ibis.Table], list[Entry]]:
    """Keep the rows of customers whose latest answer in the transactions is yes; no answer is no.

    Raises
    ------
    DataError
        If no customer said yes.
    """
    sold = tables["transactions"]
    order = [ibis.desc("time"), ibis.asc("consent")]
    answers = sold.select("key", "time", "consent").filter(sold.consent.notnull())
    latest = answers.mutate(place=ibis.row_number().over(group_by="key", order_by=order))
    agreed = latest.filter((latest.place == 0) & latest.consent).select("key").distinct().cache()
    if not agreed.count().to_pandas():
        raise DataError(
            f"transactions: no customer has consented in '{column}'; there is no customer to segment"
        )
    kept = {name: table.semi_join(agreed, "key") for name, table in tables.items()}
    (n, value), (left, worth) = (quality.count_and_value(t) for t in (sold, kept["transactions"]))
    why = "their latest answer is not yes"
    return kept, [Entry("transactions", "no consent", n, dropped=n - left, value=value - worth, why=why)]


def _with_defaults(kind: str, roles: dict[str, str], terms: Terms) -> Terms:
    """Keep rows that look alike where nothing says whether they are one order or two."""
    if kind == "transactions" and "order" not in roles:
        return replace(terms, rules={"duplicate_row": "warn"} | terms.rules)
    return terms


def _compared(keys: pd.DataFrame, join: Join) -> ibis.Table:
    """Write ids as they are compared; pseudonyms and the bridge keep them as the source has them."""
    table = ibis.memtable(keys.astype({"key": object}))
    return table.mutate(key=join.key(table.key))


def _given_here(opened: Opened, given: dict[str, str], customers: Customers | None) -> list[str]:
    elsewhere = set() if customers is None else set(customers.given.columns)
    return [c for c in given if c in opened.table.columns and c not in elsewhere]


def _joins(sources: dict[str, Opened], roles: dict[str, dict[str, str]]) -> tuple[Join, pd.DataFrame]:
    """Find how ids are compared with the customers', or where there are none with the transactions'."""
    keys = {
        kind: joining.ids(opened, roles[kind]["customer"]).cache()
        for kind, opened in sources.items()
        if "customer" in roles[kind]
    }
    base = "customers" if "customers" in sources else "transactions"
    if base not in keys or len(keys) == 1:
        return AS_WRITTEN, joining.table({}, None, AS_WRITTEN)
    known = keys.pop(base)
    join = joining.how_to_join(keys, known)
    for kind, found in keys.items():
        joining.require_some_known(sources[kind], roles[kind]["customer"], found, base, known, join)
    return join, joining.table(keys, known, join)


def _kept(
    rows: quality.Rows, terms: Terms, as_of: dt.date
) -> tuple[dict[str, ibis.Table], list[Entry], pd.DataFrame | None]:
    """Return the rows of a source that are kept, returns by themselves, and what these reverse."""
    entries = quality.account(rows, terms)
    kept = quality.kept(rows)
    nothing = quality.nothing_left(rows, entries, as_of)
    if nothing:
        raise nothing
    entries += quality.stale(rows, terms, as_of)
    if rows.kind != "transactions":
        return {rows.kind: kept}, entries, None
    aside = quality.set_aside(rows)
    n, _ = quality.count_and_value(aside)
    lone, value = quality.count_and_value(aside.anti_join(kept, "key"))
    why = "there is no value to set them against"
    entries.append(Entry("returns", "customer without a purchase", n, dropped=lone, value=value, why=why))
    back = aside.semi_join(kept, "key")
    back = returns.partly_matched(kept, returns.matched(kept, back)).cache()
    reversals = returns.outcomes(back, lone, value)
    back, settled = returns.settled(back, terms)
    return {"transactions": kept, "returns": back}, [*entries, settled], reversals


def _under_pseudonyms(
    engine: ibis.BaseBackend,
    customers: Customers,
    ids: pd.DataFrame,
    tables: dict[str, ibis.Table],
    join: Join,
    account: Account,
) -> Eligible:
    bridge = engine.create_table("bridge", _compared(ids, join), temp=True, overwrite=True)
    masked = {}
    for kind, table in tables.items():
        joined = table.inner_join(bridge, "key")
        columns = [c for c in joined.columns if c not in ("key", "key_right", "customer")]
        masked[kind] = joined.select("customer", *columns)
    attributes = ibis.memtable(_numbered(customers.roles, ids))
    return Eligible(ids, _numbered(customers.given, ids), attributes, masked, account)


def _numbered(frame: pd.DataFrame, ids: pd.DataFrame) -> pd.DataFrame:
    """Put the pseudonym in place of the id."""
    numbered = frame.merge(ids, on="key", validate="one_to_one").drop(columns="key")
    numbered = numbered.sort_values("customer", ignore_index=True)
    return numbered[["customer", *numbered.columns.drop("customer")]]
