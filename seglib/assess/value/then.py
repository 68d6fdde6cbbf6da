"""Segments of an earlier day: which one each customer was in, from what was known on it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any

import ibis
import pandas as pd

from seglib.collect import build as collect
from seglib.collect.features import Settings
from seglib.collect.typed import GIVEN
from seglib.errors import DataError, listing
from seglib.segment import agreement

#: Bases whose given columns describe who customers are, and not what they have done since.
_LASTING = ("demographic", "geographic", "firmographic")
#: Columns of contracts that count until today.
_TODAY = ("renewals",)


def tables_then(tables: dict[str, ibis.Table], day: dt.date) -> dict[str, ibis.Table]:
    """Return the tables as they were on a day.

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


@dataclass(frozen=True)
class EarlierSegments:
    """Which segment each customer was in on an earlier day, from what was known on it.

    Attributes
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
    """

    read_model: Callable[[], Any]
    features: pd.DataFrame
    segments: pd.DataFrame
    catalogue: pd.DataFrame
    tables: dict[str, ibis.Table]
    bases: dict[str, Any]
    settings: Settings
    rules: str

    def on(self, day: dt.date) -> tuple[pd.DataFrame | None, str]:
        """Re-score customers as of a day.

        The fitted model is applied to features derived from what is dated before the day; rules are
        fitted to them. What is neither dated nor lasting cannot be known as it was.

        Returns
        -------
        pandas.DataFrame or None
            One row per customer with a purchase before the day and a segment on it: customer, segment.
        str
            Why not, where there is none.
        """
        then = tables_then(self.tables, day)
        customers = then["transactions"].select("customer").distinct().order_by("customer").to_pandas()
        if (model := self.read_model()) is None:
            return customers.assign(segment=1), ""
        needed = list(agreement.RULES[self.rules][1]) if self.rules else list(model.feature_names_in_)
        forming = self.catalogue[self.catalogue.feature.isin(needed)]
        given = forming[forming.source == "customers"]
        undated = given[~given.basis.isin(_LASTING)]
        if len(undated):
            return None, f"of {listing(undated.label)} only today's state is known"
        settings = replace(self.settings, as_of=day)
        try:
            built = collect.build_features(customers, then, _dated(self.bases, forming, then), settings)
        except DataError as error:
            return None, str(error)
        lasting = self.features[["customer", *given.feature]]
        rows = built.features.merge(lasting, on="customer", how="left")
        if missing := [c for c in needed if c not in rows]:
            labels = self.catalogue.set_index("feature").label
            return None, f"{listing(labels[missing])} cannot be derived from what was known then"
        return self._placed(model, rows, needed), ""

    def tables_on(self, day: dt.date) -> dict[str, ibis.Table]:
        """Return the tables as they were on a day (`tables_then`); those that begin later are left out."""
        then = tables_then(self.tables, day)
        return {
            kind: table
            for kind, table in then.items()
            if kind == "returns" or len(table.limit(1).to_pandas())
        }

    def features_on(self, day: dt.date) -> tuple[pd.DataFrame | None, str]:
        """Derive all features that were known on a day, of customers who had ordered or had a contract.

        Returns
        -------
        pandas.DataFrame or None
            One row per customer: customer, features derived from what is dated before the day, and
            given ones that last.
        str
            Why not, where there is none.
        """
        then = self.tables_on(day)
        there = [then[kind].select("customer") for kind in ("transactions", "subscriptions") if kind in then]
        if not there:
            return None, "nothing that is dated says who was a customer"
        customers = pd.concat([table.distinct().to_pandas() for table in there]).drop_duplicates()
        if customers.empty:
            return None, "there was no customer on that day"
        bases = {basis: named for basis, named in _dated(self.bases, self.catalogue, then).items() if named}
        settings = replace(self.settings, as_of=day)
        try:
            built = collect.build_features(
                customers.sort_values("customer", ignore_index=True), then, bases, settings
            )
        except DataError as error:
            return None, str(error)
        given = self.catalogue[(self.catalogue.source == "customers") & self.catalogue.basis.isin(_LASTING)]
        lasting = [c for c in given.feature if c not in built.features]
        return built.features.merge(self.features[["customer", *lasting]], on="customer", how="left"), ""

    def _placed(self, model: Any, rows: pd.DataFrame, needed: list[str]) -> pd.DataFrame:
        """Put customers into the segments of today by what they were then."""
        now = self.segments[["customer", "segment"]].merge(self.features, on="customer")
        parts = pd.Series(model.predict(now[needed]), index=now.index)
        segment_of = now.segment.groupby(parts).agg(lambda s: s.mode().iloc[0])
        known = rows[rows[needed].notna().mean(axis=1) >= 0.5].reset_index(drop=True)
        fitted = agreement.fitted_rules(self.rules, known) if self.rules else model
        scored = pd.Series(fitted.predict(known[needed])).map(segment_of)
        return known[["customer"]].assign(segment=scored).dropna().astype({"segment": "int64"})


def _dated(bases: dict[str, Any], forming: pd.DataFrame, then: dict[str, ibis.Table]) -> dict[str, Any]:
    """Return the bases of these features, as far as they come from dated tables."""
    there = then["transactions"].columns if "transactions" in then else ()
    return {
        basis: [c for c in (["auto"] if named == "auto" else named) if c == "auto" or f"{GIVEN}{c}" in there]
        for basis, named in bases.items()
        if basis in set(forming.basis)
    }
