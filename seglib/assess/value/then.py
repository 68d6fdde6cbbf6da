"""Then: which segment each customer would have been in on an earlier day, from what was known on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import replace
from typing import Any

import ibis
import pandas as pd

from seglib.collect import build as collect
from seglib.collect.features import Settings
from seglib.collect.typed import GIVEN
from seglib.errors import DataError, listing
from seglib.segment import agreement

#: Bases whose given columns say who a customer is, and not what he did since.
_LASTING = ("demographic", "geographic", "firmographic")
#: Columns of contracts that count until today.
_TODAY = ("renewals",)


def tables_then(tables: dict[str, ibis.Table], day: dt.date) -> dict[str, ibis.Table]:
    """Give the tables as they were on a day.

    Parameters
    ----------
    tables
        By kind, as `features.derived` takes them.
    day
        Rows from this day on are left out, contracts that end later run, and what is not dated is
        left out whole.
    """
    moment, made = ibis.literal(day).cast("timestamp"), {}
    for kind, table in tables.items():
        if "time" in table.columns:
            made[kind] = table.filter(table.time < moment)
        elif "start" in table.columns:
            begun = table.filter(table.start.cast("timestamp") < moment).drop(
                *set(_TODAY) & set(table.columns)
            )
            if "end" in table.columns:
                end = begun.end
                begun = begun.mutate(
                    end=ibis.ifelse(end.cast("timestamp") < moment, end, ibis.null(end.type()))
                )
            made[kind] = begun
    return made


def segments_then(
    read_model: Callable[[], Any],
    features: pd.DataFrame,
    segments: pd.DataFrame,
    catalogue: pd.DataFrame,
    tables: dict[str, ibis.Table],
    bases: dict[str, object],
    settings: Settings,
    rules: str,
    day: dt.date,
) -> tuple[pd.DataFrame | None, str]:
    """Give each customer the segment that follows from what was known on a day.

    The fitted model is put to features made anew from what is dated before the day; rules are
    learned from them anew. What neither is dated nor lasts cannot be known as it was.

    Parameters
    ----------
    read_model
        Reads what takes features to segments, which is nothing where all customers are one; only
        called if it is needed.
    features, segments, catalogue
        Of today: one row per customer, per customer and per feature.
    tables
        Of today, by kind, as `features.derived` takes them.
    bases
        By basis 'auto', or the columns given.
    settings
        What features are derived under.
    rules
        The rules that formed the segments; empty where a method did, 'nothing' where all are one.
    day
        The day.

    Returns
    -------
    pandas.DataFrame or None
        One row per customer with a purchase before the day and a segment on it: customer, segment.
    str
        Why not, where there is none.
    """
    then = tables_then(tables, day)
    customers = then["transactions"].select("customer").distinct().order_by("customer").to_pandas()
    if (model := read_model()) is None:
        return customers.assign(segment=1), ""
    needed = list(agreement.RULES[rules][1]) if rules else list(model.feature_names_in_)
    forming = catalogue[catalogue.feature.isin(needed)]
    undated = forming[(forming.source == "customers") & ~forming.basis.isin(_LASTING)]
    if len(undated):
        return None, f"of {listing(undated.label)} only today's state is known"
    lasting = forming[forming.source == "customers"].feature.tolist()
    settings_then = replace(settings, as_of=day)
    try:
        built = collect.build_features(customers, then, _dated(bases, forming, then), settings_then).features
    except DataError as error:
        return None, str(error)
    rows = built.merge(features[["customer", *lasting]], on="customer", how="left")
    if lacking := [c for c in needed if c not in rows]:
        labels = catalogue.set_index("feature").label
        return None, f"{listing(labels[lacking])} cannot be told from what was known then"
    return _placed(model, features, segments, rows, needed, rules), ""


def _dated(bases: dict[str, object], forming: pd.DataFrame, then: dict[str, ibis.Table]) -> dict[str, object]:
    """Give the bases that form segments, as far as they come from dated tables."""
    there = then["transactions"].columns
    return {
        basis: [c for c in (["auto"] if named == "auto" else named) if c == "auto" or f"{GIVEN}{c}" in there]
        for basis, named in bases.items()
        if basis in set(forming.basis)
    }


def _placed(
    model: Any,
    features: pd.DataFrame,
    segments: pd.DataFrame,
    rows: pd.DataFrame,
    needed: list[str],
    rules: str,
) -> pd.DataFrame:
    """Put customers into the segments of today by what they were then."""
    now = segments[["customer", "segment"]].merge(features, on="customer")
    parts = pd.Series(model.predict(now[needed]), index=now.index)
    segment_of = now.segment.groupby(parts).agg(lambda s: s.mode().iloc[0])
    known = rows[rows[needed].notna().mean(axis=1) >= 0.5].reset_index(drop=True)
    fitted = agreement.fitted_rules(rules, known) if rules else model
    made = known[["customer"]].assign(segment=pd.Series(fitted.predict(known[needed])).map(segment_of))
    return made.dropna().astype({"segment": "int64"})
