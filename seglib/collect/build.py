"""From admitted customers to their features, and what the page says of the sources."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Any

import ibis
import pandas as pd

from seglib.collect import features as feats
from seglib.collect.features import Feature, Settings
from seglib.collect.features.behavioural import orders
from seglib.collect.features.given import label_of, usable
from seglib.collect.sources import Opened
from seglib.errors import listing
from seglib.privacy import disclosure, personal
from seglib.privacy.protected import protected


def inventory(sources: dict[str, Opened]) -> pd.DataFrame:
    """List the sources: one row each, with files, rows, columns and how it was read."""
    return pd.DataFrame(
        [
            {
                "source": kind,
                "files": listing(f.name for f in opened.files),
                "rows": int(opened.table.count().to_pandas()),
                "columns": len(opened.table.columns),
                "read_as": ", ".join(f"{k} {v}" for k, v in opened.how.items()),
            }
            for kind, opened in sources.items()
        ]
    )


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
                usable(frames[-1][column], f"bases.{basis}", settings.allow)
            values = (customers if source == "customers" else frames[-1])[column]
            entries.append(
                feats.described(
                    column, values, basis, levels.get(column), source, label_of(labels.get(column))
                )
            )
    joined = feats.joined(customers, frames)
    entries = [_worded(e, labels[e.feature]) if e.feature in labels else e for e in entries]
    entries = [replace(e, protected=e.protected or protected(e.feature, e.label)) for e in entries]
    derived = [basis for basis, named in bases.items() if "auto" in named]
    gaps = feats.gaps(derived, tables, settings)
    return Built(joined, feats.catalogue(entries, joined), gaps, tuple(remarks))


def _worded(entry: Feature, said: str | dict[str, Any]) -> Feature:
    """Call a feature what the params call it."""
    words = {k: v for k, v in said.items() if k in ("high", "low")} if isinstance(said, dict) else {}
    return replace(entry, **words | {"label": _capital(label_of(said))})


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
        treatment = {
            c: "read as a number" if r == "customer" else f"read as {r} alone" for c, r in used.items()
        }
        treatment |= dict.fromkeys(given, "allowed by the params")
        for (column, what), found in personal.find(opened.table).groupby(["column", "kind"], sort=False):
            by = " and ".join(sorted(set(found.by), reverse=True))
            rows.append((kind, column, what, by, found.share.max(), treatment.get(column, "not read")))
    return pd.DataFrame(rows, columns=["source", "column", "kind", "by", "share", "treatment"])


def main_source(ledger: pd.DataFrame) -> str:
    """Name the source whose rows had to pass most: transactions where there are some."""
    there = ledger.source.unique()
    return "transactions" if "transactions" in there else str(there[0])
