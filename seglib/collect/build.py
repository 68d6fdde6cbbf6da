"""From eligible customers to their features, and what the page shows of the sources."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import ibis
import pandas as pd

from seglib.collect import features as feats
from seglib.collect.features import Feature, Settings
from seglib.collect.features.given import given_column, label_of
from seglib.collect.features.orders import orders
from seglib.collect.sources import Opened
from seglib.errors import DataError, listing
from seglib.privacy import personal
from seglib.privacy.protected import protected


def inventory(sources: dict[str, Opened]) -> pd.DataFrame:
    """List the sources: one row each, with files, rows, columns and how it was read."""
    rows = []
    for kind, opened in sources.items():
        files, n = listing(f.name for f in opened.files), int(opened.table.count().to_pandas())
        read_as = ", ".join(f"{k} {v}" for k, v in opened.how.items())
        rows.append((kind, files, n, len(opened.table.columns), read_as))
    return pd.DataFrame(rows, columns=["source", "files", "rows", "columns", "read_as"])


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
        Sentences on them for the page.
    """

    features: pd.DataFrame
    catalogue: pd.DataFrame
    gaps: pd.DataFrame
    remarks: tuple[str, ...] = ()


def build_features(
    customers: pd.DataFrame,
    tables: dict[str, ibis.Table],
    bases: dict[str, Any],
    settings: Settings,
    *,
    levels: dict[str, object] | None = None,
) -> Built:
    """Join everything that is known of a customer into one row.

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
            derived = feats.derived(basis, tables, settings)
            frames += derived.frames
            entries += derived.features
            remarks += derived.remarks
        for column in [] if named == "auto" else [c for c in named if c != "auto"]:
            values, source = customers.get(column), "customers"
            if values is None:
                frames.append(feats.most_frequent(tables["transactions"], column).to_pandas())
                place, level = f"bases.{basis}", levels.get(column)
                values, _blanks = given_column(
                    frames[-1][column], place, level, allow=settings.allow, kind="transactions"
                )
                frames[-1], source = frames[-1].assign(**{column: values}), "transactions"
            label = label_of(labels.get(column))
            entries.append(feats.described(column, values, basis, levels.get(column), source, label))
    known = feats.joined(customers, frames)
    joined = feats.varying(known)
    entries = [_labelled(e, labels[e.feature]) if e.feature in labels else e for e in entries]
    entries = [replace(e, protected=e.protected or protected(e.feature, e.label)) for e in entries]
    entries, doubtful = feats.reliable(known, entries)
    remarks += doubtful
    if "transactions" in tables and (other := feats.mixed_units(tables["transactions"], settings.min_cell)):
        remarks.append(_other_units(other))
        entries = [replace(e, describes=e.describes or e.feature == "items_per_order") for e in entries]
    # Where all have as many orders, shares are all shrunk alike.
    entries = [replace(e, of=e.of if e.of in joined else "") for e in entries]
    catalogue = feats.catalogue(entries, joined)
    if catalogue.empty:
        raise DataError(
            f"all {len(joined):,} customers are alike in everything that {listing(bases)} can tell of them: no feature "
            "differs, so there is nothing to segment; add sources or columns in which customers differ"
        )
    gaps = feats.gaps([basis for basis, named in bases.items() if "auto" in named], tables, settings)
    return Built(joined, catalogue, gaps, tuple(remarks))


def _other_units(products: list[str]) -> str:
    return (
        f"Quantities seem to be in more than one unit: {listing(products)} "
        f"{'is' if len(products) == 1 else 'are'} counted in far larger numbers, at far lower prices, than "
        "other products. Items per order adds these up; it describes segments and does not form them."
    )


def _labelled(entry: Feature, given: str | dict[str, Any]) -> Feature:
    """Label a feature as the params do."""
    words = {k: v for k, v in given.items() if k in ("high", "low")} if isinstance(given, dict) else {}
    label = label_of(given) or entry.label
    return replace(entry, **words | {"label": label[:1].upper() + label[1:]})


def missing_per_column(features: pd.DataFrame, catalogue: pd.DataFrame) -> pd.DataFrame:
    """Measure the quality of every feature.

    Returns
    -------
    pandas.DataFrame
        One row per feature: feature, label, basis, level, unit, missing_share, customers, known
        (customers with a value), distinct and typical (the median).
    """
    quality = catalogue[["feature", "label", "basis", "level", "unit", "missing_share"]]
    medians = features.median(numeric_only=True)
    return quality.assign(
        customers=len(features),
        known=[int(features[f].notna().sum()) for f in quality.feature],
        distinct=[int(features[f].nunique()) for f in quality.feature],
        typical=[float(medians.get(f, float("nan"))) for f in quality.feature],
    )


def personal_columns(
    sources: dict[str, Opened], roles: dict[str, dict[str, str]], given: dict[str, str]
) -> pd.DataFrame:
    """List the columns of the sources that identify customers, and how they were treated.

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
        treatment = {
            column: "read as a number" if role == "customer" else f"masked where it is shown as {role}"
            for role, column in roles[kind].items()
        } | dict.fromkeys(given, "allowed by the params")
        for (column, what), hits in personal.find(opened.table).groupby(["column", "kind"], sort=False):
            by = " and ".join(sorted(set(hits.by), reverse=True))
            rows.append((kind, column, what, by, hits.share.max(), treatment.get(column, "not read")))
    return pd.DataFrame(rows, columns=["source", "column", "kind", "by", "share", "treatment"])


def main_source(ledger: pd.DataFrame) -> str:
    """Return the source with most rules: transactions where there are some."""
    sources = ledger.source.unique()
    return "transactions" if "transactions" in sources else str(sources[0])
