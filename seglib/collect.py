"""From opened sources to admitted customers and their features."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field, replace

import ibis
import pandas as pd

from seglib import columns, privacy, quality
from seglib import features as feats
from seglib.errors import DataError, listing
from seglib.features import Feature, Settings
from seglib.features.behavioural import orders
from seglib.features.given import given_column, usable
from seglib.quality import GIVEN, Entry
from seglib.sources import Opened, text_key


@dataclass(frozen=True)
class Admitted:
    """What got through the door, under pseudonyms.

    Attributes
    ----------
    ids
        One row per customer: customer (pseudonym) and key (real id).
    customers
        One row per customer: customer and the given columns.
    tables
        transactions, returns, events, responses, each with `customer` instead of the id.
    ledger
        One row per rule.
    """

    ids: pd.DataFrame
    customers: pd.DataFrame
    tables: dict[str, ibis.Table]
    ledger: pd.DataFrame = field(repr=False)


def inventory(sources: dict[str, Opened]) -> pd.DataFrame:
    """List the sources: one row each, with files, rows, columns and how it was read."""
    return pd.DataFrame([
        {"source": kind, "files": listing(f.name for f in opened.files),
         "rows": int(opened.table.count().to_pandas()), "columns": len(opened.table.columns),
         "read_as": ", ".join(f"{k} {v}" for k, v in opened.how.items())}
        for kind, opened in sources.items()
    ])  # fmt: skip


def _given_customers(
    opened: Opened, roles: dict[str, str], given: dict[str, str], levels: dict[str, object]
) -> tuple[pd.DataFrame, list[Entry]]:
    """Read the customers who may be looked at: key and given columns, and the ledger."""
    named = [c for c in given if c in opened.table.columns]
    if "customer" in roles:
        columns.unique_keys(opened, roles["customer"])
        key = text_key(opened.table[roles["customer"]])
    else:
        key = (ibis.row_number() + 1).cast("string")
    chosen = {f"{GIVEN}{c}": opened.table[c] for c in named}
    if "consent" in roles:
        chosen["consent"] = opened.table[roles["consent"]]
    frame = opened.table.select(key=key, **chosen).to_pandas()
    entries = [
        Entry("customers", "no customer id", len(frame), dropped=int(frame.key.isna().sum()),
              why="cannot be joined to anything")
    ]  # fmt: skip
    made = {"key": frame.key}
    mended = 0
    for column in named:
        values = frame[f"{GIVEN}{column}"].rename(column)
        made[column], n = given_column(values, f"bases.{given[column]}", levels.get(column), opened.decimal)
        mended += n
    kept = pd.DataFrame(made)[frame.key.notna()]
    if mended:
        entries.append(Entry("customers", "blank among numbers", len(kept), mended=mended,
                             why="read as missing"))  # fmt: skip
    if "consent" in roles:
        given_consent = privacy.consented(frame.consent[frame.key.notna()].rename(roles["consent"]))
        entries.append(
            Entry("customers", "no consent", len(kept), dropped=int((~given_consent).sum()),
                  why="only customers who have said yes are looked at")
        )  # fmt: skip
        kept = kept[given_consent]
    return kept.reset_index(drop=True), entries


def admit(
    connection: ibis.BaseBackend,
    sources: dict[str, Opened],
    roles: dict[str, dict[str, str]],
    as_of: dt.date,
    *,
    given: dict[str, str] | None = None,
    levels: dict[str, object] | None = None,
    options: dict[str, dict[str, object]] | None = None,
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
    options
        By kind: how times are written (dates), cancelled_prefix, duplicates.

    Raises
    ------
    DataError
        If a source cannot be read as its roles say, or fewer than two customers are left.
    """
    given, levels, options = given or {}, levels or {}, options or {}
    customers, entries, known = None, [], None
    if "customers" in sources:
        customers, entries = _given_customers(sources["customers"], roles["customers"], given, levels)
        known = ibis.memtable(customers[["key"]].astype(object), schema={"key": "string"})
    tables: dict[str, ibis.Table] = {}
    if "transactions" in sources:
        opened, option = sources["transactions"], options.get("transactions", {})
        elsewhere = [] if customers is None else list(customers.columns)
        bought, back, found = quality.clean_transactions(
            opened, roles["transactions"], as_of, known=known,
            given=[c for c in given if c in opened.table.columns and c not in elsewhere], **option,
        )  # fmt: skip
        entries += found
        tables |= {"transactions": bought, "returns": back}
        if customers is None:
            customers = bought.select("key").distinct().to_pandas()
    for kind in ("events", "responses"):
        if kind in sources:
            all_keys = ibis.memtable(customers[["key"]].astype(object), schema={"key": "string"})
            dates = options.get(kind, {}).get("dates")
            tables[kind], found = quality.keyed_events(sources[kind], roles[kind], as_of, dates, all_keys)
            entries += found
    if len(customers) < 2:
        raise DataError(
            f"only {len(customers)} customer is left after all rules; a segmentation needs at least "
            "two segments of customers: look at the sources and as_of"
        )
    return _under_pseudonyms(connection, customers, tables, entries)


def _under_pseudonyms(
    connection: ibis.BaseBackend, customers: pd.DataFrame, tables: dict[str, ibis.Table],
    entries: list[Entry],
) -> Admitted:  # fmt: skip
    ids = privacy.pseudonyms(customers.key)
    bridge = connection.create_table("bridge", ibis.memtable(ids.astype({"key": object})), temp=True,
                                     overwrite=True)  # fmt: skip
    numbered = customers.merge(ids, on="key", validate="one_to_one").drop(columns="key")
    numbered = numbered[["customer", *numbered.columns.drop("customer")]]
    masked = {}
    for kind, table in tables.items():
        joined = table.inner_join(bridge, "key")
        columns = [c for c in joined.columns if c not in ("key", "key_right", "customer")]
        masked[kind] = joined.select("customer", *columns).order_by("customer", *columns)
    ledger = quality.ledger(entries)
    return Admitted(ids, numbered.sort_values("customer", ignore_index=True), masked, ledger)


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
            usable(values, f"bases.{basis}")
            entries.append(feats.described(
                column, values, basis, levels.get(column), source, labels.get(column)))  # fmt: skip
    joined = feats.joined(customers, frames)
    entries = [replace(e, label=_capital(labels[e.feature])) if e.feature in labels else e for e in entries]
    derived = [basis for basis, named in bases.items() if "auto" in named]
    gaps = feats.gaps(derived, tables, settings)
    return Built(joined, feats.catalogue(entries, joined), gaps, tuple(remarks))


def _capital(words: str) -> str:
    return words[:1].upper() + words[1:]


def missing_per_column(features: pd.DataFrame, catalogue: pd.DataFrame) -> pd.DataFrame:
    """State the quality of every feature: one row each, with known customers and distinct values."""
    made = catalogue[["feature", "label", "basis", "level", "unit", "missing_share"]].copy()
    made["distinct"] = [int(features[f].nunique()) for f in made.feature]
    made["typical"] = [
        features[f].median() if pd.api.types.is_numeric_dtype(features[f]) else float("nan")
        for f in made.feature
    ]
    return made


def main_source(ledger: pd.DataFrame) -> str:
    """Name the source whose rows had to pass most: transactions where there are some."""
    there = ledger.source.unique()
    return "transactions" if "transactions" in there else str(there[0])
