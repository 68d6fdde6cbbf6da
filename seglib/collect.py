"""From opened sources to admitted customers and their features."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import ibis
import pandas as pd

from seglib import contract, disclosure, joining, personal, privacy, quality, returns
from seglib import features as feats
from seglib.customers import OPEN, Door, People, checks_of, read_customers, remembered
from seglib.errors import DataError, listing
from seglib.features import Feature, Settings
from seglib.features.behavioural import orders
from seglib.features.given import usable
from seglib.joining import AS_WRITTEN, Join
from seglib.ledger import Entry, Terms, as_table
from seglib.protected import protected
from seglib.sources import Opened


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


def inventory(sources: dict[str, Opened]) -> pd.DataFrame:
    """List the sources: one row each, with files, rows, columns and how it was read."""
    return pd.DataFrame([
        {"source": kind, "files": listing(f.name for f in opened.files),
         "rows": int(opened.table.count().to_pandas()), "columns": len(opened.table.columns),
         "read_as": ", ".join(f"{k} {v}" for k, v in opened.how.items())}
        for kind, opened in sources.items()
    ])  # fmt: skip


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
        contracts.append(contract.interrogate(
            "customers", opened.table, checks_of(opened, roles["customers"], terms["customers"])))  # fmt: skip
        people = read_customers(opened, roles["customers"], terms["customers"], given=given,
                                levels=levels or {}, door=door, join=join)  # fmt: skip
        entries += people.entries
        known = _table(people.given[["key"]])
    tables: dict[str, ibis.Table] = {}
    for kind in [k for k in sources if k != "customers"]:
        named = _given_here(sources[kind], given, people) if kind == "transactions" else []
        rows = quality.rows_of_source(sources[kind], roles[kind], as_of, terms[kind], given=named,
                                      known=known, join=join)  # fmt: skip
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
            known = _table(left)
    if len(people.given) < 2:
        raise DataError(
            f"only {len(people.given)} customer is left after all rules; a segmentation needs at least "
            "two segments of customers: look at the sources and as_of"
        )
    account = Account(as_table(entries), pd.concat(contracts, ignore_index=True), joins, reversals)
    return _under_pseudonyms(connection, people, tables, account)


def _with_defaults(kind: str, roles: dict[str, str], terms: Terms) -> Terms:
    """Keep rows that look alike where nothing tells whether they are one order or two."""
    if kind == "transactions" and "order" not in roles:
        return replace(terms, rules={"duplicate_row": "warn"} | terms.rules)
    return terms


def _table(keys: pd.DataFrame) -> ibis.Table:
    return ibis.memtable(keys.astype(object), schema={"key": "string"})


def _given_here(opened: Opened, given: dict[str, str], people: People | None) -> list[str]:
    elsewhere = set() if people is None else set(people.given.columns)
    return [c for c in given if c in opened.table.columns and c not in elsewhere]


def _joins(sources: dict[str, Opened], roles: dict[str, dict[str, str]]) -> tuple[Join, pd.DataFrame]:
    """Find how ids are compared, and say of every source how many are customers."""
    there = {kind: joining.ids(opened, roles[kind]["customer"])
             for kind, opened in sources.items() if "customer" in roles[kind]}  # fmt: skip
    if "customers" not in there or len(there) == 1:
        return AS_WRITTEN, joining.table({}, None, AS_WRITTEN)
    known = there.pop("customers").cache()
    there = {kind: keys.cache() for kind, keys in there.items()}
    join = joining.how_to_join(there, known)
    for kind, keys in there.items():
        joining.require_some_known(sources[kind], roles[kind]["customer"], keys, known, join)
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
        Entry("returns", "customer without a purchase", n, dropped=lone, value=worth,
              why="there is no value to set them against")
    )  # fmt: skip
    back = returns.partly_matched(found, returns.matched(found, back)).cache()
    reversals = returns.outcomes(back, lone, worth)
    back, entry = returns.settled(back, terms)
    return {"transactions": found, "returns": back}, [*entries, entry], reversals


def _under_pseudonyms(
    connection: ibis.BaseBackend, people: People, tables: dict[str, ibis.Table],
    account: Account,
) -> Admitted:  # fmt: skip
    ids = privacy.pseudonyms(people.given.key)
    bridge = connection.create_table("bridge", ibis.memtable(ids.astype({"key": object})), temp=True,
                                     overwrite=True)  # fmt: skip
    masked = {}
    for kind, table in tables.items():
        joined = table.inner_join(bridge, "key")
        columns = [c for c in joined.columns if c not in ("key", "key_right", "customer")]
        masked[kind] = joined.select("customer", *columns).order_by("customer", *columns)
    attributes = ibis.memtable(_numbered(people.roles, ids))
    return Admitted(ids, _numbered(people.given, ids), attributes, masked, account)


def _numbered(frame: pd.DataFrame, ids: pd.DataFrame) -> pd.DataFrame:
    """Put the pseudonym in place of the id."""
    made = frame.merge(ids, on="key", validate="one_to_one").drop(columns="key")
    return made[["customer", *made.columns.drop("customer")]].sort_values("customer", ignore_index=True)


@dataclass(frozen=True)
class Built:
    """The features of a run.

    Attributes
    ----------
    features
        One row per customer.
    catalogue
        One row per feature.
    gaps
        One row per feature that could not be derived: basis, feature, needs.
    remarks
        What the page should say of them.
    """

    features: pd.DataFrame
    catalogue: pd.DataFrame
    gaps: pd.DataFrame
    remarks: tuple[str, ...] = ()


def build_features(
    customers: pd.DataFrame,
    tables: dict[str, ibis.Table],
    bases: dict[str, object],
    settings: Settings,
    *,
    levels: dict[str, object] | None = None,
) -> Built:
    """Bring everything that is known of a customer into one row.

    Parameters
    ----------
    customers
        One row per customer: customer and the given columns.
    tables
        By kind, as `features.derived` takes them.
    bases
        By basis 'auto', or the columns given, 'auto' among them or not.
    settings
        What features are derived under.
    levels
        Levels of measurement of given columns.
    """
    levels, labels = levels or {}, settings.labels
    frames: list[pd.DataFrame] = []
    entries: list[Feature] = []
    remarks: list[str] = []
    if "transactions" in tables:
        tables = tables | {"orders": orders(tables["transactions"]).cache()}
    for basis, named in bases.items():
        if "auto" in named:
            made = feats.derived(basis, tables, settings)
            frames += made.frames
            entries += made.features
            remarks += made.remarks
        for column in [] if named == "auto" else [c for c in named if c != "auto"]:
            source = "customers" if column in customers.columns else "transactions"
            if source == "transactions":
                frames.append(feats.most_frequent(tables["transactions"], column).to_pandas())
            values = (customers if source == "customers" else frames[-1])[column]
            usable(values, f"bases.{basis}", settings.allow)
            entries.append(feats.described(
                column, values, basis, levels.get(column), source, _label(labels.get(column))))  # fmt: skip
    joined = feats.joined(customers, frames)
    entries = [_worded(e, labels[e.feature]) if e.feature in labels else e for e in entries]
    entries = [replace(e, protected=e.protected or protected(e.feature, e.label)) for e in entries]
    derived = [basis for basis, named in bases.items() if "auto" in named]
    gaps = feats.gaps(derived, tables, settings)
    return Built(joined, feats.catalogue(entries, joined), gaps, tuple(remarks))


def _label(said: str | dict[str, str] | None) -> str | None:
    return said["label"] if isinstance(said, dict) else said


def _worded(entry: Feature, said: str | dict[str, str]) -> Feature:
    """Call a feature what the params call it."""
    words = said if isinstance(said, dict) else {}
    return replace(entry, **words | {"label": _capital(_label(said))})


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def missing_per_column(features: pd.DataFrame, catalogue: pd.DataFrame, min_cell: int = 1) -> pd.DataFrame:
    """State the quality of every feature.

    Parameters
    ----------
    features
        One row per customer.
    catalogue
        One row per feature.
    min_cell
        The fewest customers that a share may stand for, besides nobody.

    Returns
    -------
    pandas.DataFrame
        One row per feature: feature, label, basis, level, unit, missing_share, distinct, typical
        (the median).
    """
    made = catalogue[["feature", "label", "basis", "level", "unit", "missing_share"]].copy()
    made["distinct"] = [int(features[f].nunique()) for f in made.feature]
    made["typical"] = [
        features[f].median() if pd.api.types.is_numeric_dtype(features[f]) else float("nan")
        for f in made.feature
    ]
    everybody = pd.Series(len(features), index=made.index)
    return made.assign(missing_share=disclosure.bounded(made.missing_share, everybody, min_cell))


def personal_columns(
    sources: dict[str, Opened], roles: dict[str, dict[str, str]], given: dict[str, str]
) -> pd.DataFrame:
    """Say which columns of the sources tell who somebody is, and what was done with them.

    Parameters
    ----------
    sources
        The opened sources, by kind.
    roles
        By kind: role to column.
    given
        Columns that the bases name.

    Returns
    -------
    pandas.DataFrame
        One row per column and kind of personal data: source, column, kind, by (name or content),
        share, treatment; never a value.
    """
    rows = []
    for kind, opened in sources.items():
        used = {column: role for role, column in roles[kind].items()}
        treatment = {c: "read as a number" if r == "customer" else f"read as {r} alone" for c, r in used.items()}
        treatment |= dict.fromkeys(given, "allowed by the params")
        for (column, what), found in personal.find(opened.table).groupby(["column", "kind"], sort=False):
            by = " and ".join(sorted(set(found.by), reverse=True))
            rows.append((kind, column, what, by, found.share.max(), treatment.get(column, "not read")))
    return pd.DataFrame(rows, columns=["source", "column", "kind", "by", "share", "treatment"])


def main_source(ledger: pd.DataFrame) -> str:
    """Name the source whose rows had to pass most: transactions where there are some."""
    there = ledger.source.unique()
    return "transactions" if "transactions" in there else str(there[0])
