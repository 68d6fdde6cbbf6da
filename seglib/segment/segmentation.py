"""The segments that come out of a fit, or of rules: who belongs where, and how surely."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from seglib import estimators
from seglib.privacy import disclosure
from seglib.segment import agreement
from seglib.segment.partitions import by_size
from seglib.segment.stability import Candidate, segment_table
from seglib.segment.verdict import gates, merges
from seglib.vocabulary import OTHERS


@dataclass(frozen=True)
class Segmentation:
    """Who belongs where, and how surely.

    Attributes
    ----------
    segments
        One row per customer: customer, segment (from 1, the largest first), margin (0 to 1).
    recovery
        One row per segment: segment, size, recovery (mean Jaccard), across, neighbour
        (segment), exchanged (share of its customers who go there in other samples), flags,
        name (given by a rule; missing where none gave it).
    model
        From features to segments; nothing where all customers are one.
    rules
        The rules that formed the segments because none were found; 'nothing' where there are
        no rules either and all customers are one; empty where a method formed them.
    joined
        Segments that held too few customers to be shown, and are part of another now.
    """

    segments: pd.DataFrame
    recovery: pd.DataFrame
    model: Any
    rules: str = ""
    joined: int = 0

    def tables(self) -> dict[str, pd.DataFrame]:
        """Give the tables by name."""
        return {"segments": self.segments, "recovery": self.recovery}


def formed(
    customers: pd.Series,
    prepared: pd.DataFrame,
    preparation: Any,
    fit: Candidate,
    own: pd.DataFrame,
    min_share: float,
    merge: bool,
    min_cell: int = 1,
) -> Segmentation:
    """Take the segments of the chosen candidate.

    Parameters
    ----------
    customers
        Who the rows are.
    prepared, preparation
        The rows, and the fitted transformer that they come from.
    fit
        The candidate.
    own
        Its rows in the table of stability.
    min_share
        Smallest share of customers.
    merge
        Whether segments that fail a gate are merged into their neighbours.
    min_cell
        Segments of fewer customers are merged in any case: they could not be shown.
    """
    few = own["size"].to_numpy() < min_cell
    into = _into(gates(own, min_share), own["size"], merge, min_cell)
    if merged := len(set(into)) < len(into):
        fit = fit.joined(into)
    model = estimators.Joined(fit.model, into.tolist()) if merged else fit.model
    segments = pd.DataFrame(
        {
            "customer": customers.to_numpy(),
            "segment": by_size(fit.labels),
            "margin": np.round(margin(model, prepared), 9),
        }
    )
    place = pd.Series(segments.segment.to_numpy(), index=fit.labels).groupby(level=0).first()
    table = segment_table("", 0, fit, None).assign(across=np.nan) if merged else own.reset_index(drop=True)
    table = table[table.part.isin(place.index)]
    flags = gates(table, min_share)
    recovery = pd.DataFrame(
        {
            "segment": table.part.map(place),
            "size": table["size"],
            "recovery": table.recovery,
            "across": table.across,
            "neighbour": table.neighbour.map(place).astype("Int64"),
            "exchanged": table.exchanged,
            "flags": flags["flags"],
            "name": pd.Series(pd.NA, table.index, "string"),
        }
    )
    recovery = recovery.sort_values("segment", ignore_index=True)
    return Segmentation(segments, recovery, scoring_model(preparation, model), joined=int(few.sum()))


def _into(flagged: pd.DataFrame, sizes: pd.Series, merge: bool, min_cell: int) -> np.ndarray:
    """Say which segment each part becomes."""
    few = sizes.to_numpy() < min_cell
    into = merges(flagged if merge else flagged.assign(flags=np.where(few, "too small", "")))
    while len(joint := np.bincount(into, weights=sizes)) > 1 and joint.min() < min_cell:
        into = np.unique(np.where(into == joint.argmin(), joint.argmax(), into), return_inverse=True)[1]
    return into


def ruled(
    customers: pd.Series, features: pd.DataFrame, by_rules: dict[str, pd.Series], seed: int, min_cell: int = 1
) -> Segmentation:
    """Divide customers by rules, because there are no segments to be found.

    Parameters
    ----------
    customers
        Who the rows are.
    features
        One row per customer.
    by_rules
        From `agreement.rules`.
    seed
        Of the samples on which the rules are learned again.
    min_cell
        Segments of fewer customers are put together as `OTHERS`: they could not be shown.
    """
    numbers, names, what = agreement.fallback(by_rules, len(customers))
    table = pd.DataFrame({"name": names, "size": np.bincount(numbers)[1:]}, index=range(1, len(names) + 1))
    table["recovery"] = agreement.rule_recovery(what, features, seed) if what in by_rules else 1.0
    few = disclosure.pooled(table["size"], min_cell)
    if few.all():
        few[:] = False  # too few customers in all: there is nobody to put them together with
    table["joint"] = table.name.mask(few, OTHERS)
    named = pd.Series(numbers).map(table.joint)
    numbers = by_size(named.to_numpy())
    segments = pd.DataFrame({"customer": customers.to_numpy(), "segment": numbers, "margin": 1.0})
    sums = table.assign(back=table.recovery * table["size"]).groupby("joint")[["size", "back"]].sum()
    sums = sums.loc[named.groupby(numbers).first()]
    recovery = pd.DataFrame(
        {
            "segment": range(1, len(sums) + 1),
            "size": sums["size"].to_numpy(),
            "recovery": (sums.back / sums["size"]).to_numpy(),
            "across": np.nan,
            "neighbour": pd.array([pd.NA] * len(sums), "Int64"),
            "exchanged": 0.0,
            "flags": "",
            "name": pd.array(sums.index, "string"),
        }
    )
    joined = int(few.sum()) if few.sum() > 1 else 0
    return Segmentation(segments, recovery, agreement.fitted_rules(what, features), what, joined)


def scoring_model(preparation: Any, model: Any) -> Pipeline:
    """Join preparation and model, so that scoring prepares exactly as training did."""
    return Pipeline([("preparation", preparation), ("model", model)])


def margin(model: Any, rows: pd.DataFrame) -> np.ndarray:
    """Measure how clearly each customer belongs: 0 on the border, towards 1 in the middle.

    Returns
    -------
    numpy.ndarray
        Per row the difference of the two largest probabilities where the model has
        probabilities, or 1 − d₁ / d₂ for the distances from the nearest and second nearest
        segment; missing where the model has neither.
    """
    if hasattr(model, "predict_proba"):
        best = np.sort(model.predict_proba(rows), axis=1)
        return best[:, -1] - best[:, -2] if best.shape[1] > 1 else best[:, 0]
    if not hasattr(model, "transform"):
        return np.full(len(rows), np.nan)
    nearest = np.sort(model.transform(rows), axis=1)[:, :2]
    if nearest.shape[1] == 1:
        return np.ones(len(rows))
    return 1 - np.divide(nearest[:, 0], nearest[:, 1], out=np.ones(len(rows)), where=nearest[:, 1] > 0)
