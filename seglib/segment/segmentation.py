"""The segmentation that comes out of a candidate, or of rules: who belongs to which segment, and how clearly."""

from __future__ import annotations

from dataclasses import asdict, dataclass
from typing import Any

import numpy as np
import pandas as pd
from sklearn.pipeline import Pipeline

from seglib import estimators
from seglib.privacy import disclosure
from seglib.segment import agreement
from seglib.segment.comparison import Comparison, segment_table
from seglib.segment.partitions import by_size
from seglib.segment.thresholds import NEAR_BORDER
from seglib.segment.verdict import Verdict, gates, merges
from seglib.vocabulary import OTHERS


@dataclass(frozen=True)
class Limits:
    """What a segment must be, and what becomes of those that are not.

    Attributes
    ----------
    min_share
        Smallest share of customers (0 to 1); smaller ones are flagged.
    min_size
        Smallest number of customers; smaller segments are always joined with another, because
        nothing about them could be published.
    merge
        Whether flagged segments are merged into their neighbours.
    """

    min_share: float
    min_size: int = 1
    merge: bool = False

    def least_share(self, customers: int) -> float:
        """Return the smallest share of so many customers that meets both.

        Examples
        --------
        >>> Limits(0.05, 10).least_share(1000), Limits(0.05, 10).least_share(100)
        (0.05, 0.1)
        """
        return max(self.min_share, min(1.0, self.min_size / customers))


@dataclass(frozen=True)
class Segmentation:
    """Who belongs to which segment, and how clearly.

    Attributes
    ----------
    segments
        The table `segments`, one row per customer.
    stability
        The table `segment_stability`, one row per segment.
    model
        From features to segments; none where all customers are one segment.
    rules
        The rules that formed the segments because no structure was found; 'nothing' where there
        are no rules either and all customers are one; empty where a method formed them.
    joined
        Number of segments that were too small and are part of another now.
    """

    segments: pd.DataFrame
    stability: pd.DataFrame
    model: Any
    rules: str = ""
    joined: int = 0

    def tables(self) -> dict[str, pd.DataFrame]:
        """Return the tables by name."""
        return {"segments": self.segments, "segment_stability": self.stability}


def formed(
    customers: pd.Series, prepared: pd.DataFrame, preparation: Any, comparison: Comparison, limits: Limits
) -> Segmentation:
    """Take the segments of the chosen candidate.

    Parameters
    ----------
    customers
        The customer of each row.
    prepared, preparation
        The rows, and the fitted transformer that they come from.
    comparison
        What was chosen.
    limits
        What a segment must be.
    """
    fit, own = comparison.fit, comparison.own
    few = own["size"].to_numpy() < limits.min_size
    into = _into(gates(own, limits.min_share), own["size"], limits)
    joined = len(set(into)) < len(into)
    fit = fit.joined(into) if joined else fit
    model = estimators.Joined(fit.model, into.tolist()) if joined else fit.model
    segments = pd.DataFrame(
        {
            "customer": customers.to_numpy(),
            "segment": by_size(fit.labels),
            "margin": np.round(margin(model, prepared), 9),
        }
    )
    place = pd.Series(segments.segment.to_numpy(), index=fit.labels).groupby(level=0).first()
    table = segment_table("", fit).assign(across=np.nan) if joined else own.reset_index(drop=True)
    table = table[table.part.isin(place.index)]
    stability = pd.DataFrame(
        {
            "segment": table.part.map(place),
            "size": table["size"],
            "stability": table.stability,
            "across": table.across,
            "neighbour": table.neighbour.map(place).astype("Int64"),
            "exchanged": table.exchanged,
            "flags": gates(table, limits.min_share)["flags"],
            "name": pd.Series(pd.NA, table.index, "string"),
        }
    )
    stability = _with_shares(stability.sort_values("segment", ignore_index=True), segments)
    return Segmentation(segments, stability, scoring_model(preparation, model), joined=int(few.sum()))


def _into(flagged: pd.DataFrame, sizes: pd.Series, limits: Limits) -> np.ndarray:
    """Find the segment that each part becomes."""
    few = sizes.to_numpy() < limits.min_size
    into = merges(flagged if limits.merge else flagged.assign(flags=np.where(few, "too small", "")))
    while len(joint := np.bincount(into, weights=sizes)) > 1 and joint.min() < limits.min_size:
        into = np.unique(np.where(into == joint.argmin(), joint.argmax(), into), return_inverse=True)[1]
    return into


def _with_shares(stability: pd.DataFrame, segments: pd.DataFrame) -> pd.DataFrame:
    """Add each segment's share of customers, and the share of its own who are near a border."""
    near = (segments.margin < NEAR_BORDER).groupby(segments.segment).mean()
    border = stability.segment.map(near) if segments.margin.notna().all() else np.nan
    return stability.assign(share=stability["size"] / len(segments), border=border)


def ruled(customers: pd.DataFrame, by_rules: dict[str, pd.Series], limits: Limits, seed: int) -> Segmentation:
    """Divide customers by rules, because no structure was found.

    Parameters
    ----------
    customers
        One row per customer, with the features that the rules take.
    by_rules
        From `agreement.rules`.
    limits
        What a segment must be; smaller ones are put together as `OTHERS`.
    seed
        Of the samples on which the rules are learned again.
    """
    numbers, names, rules = agreement.fallback(by_rules, len(customers))
    table = pd.DataFrame({"name": names, "size": np.bincount(numbers)[1:]}, index=range(1, len(names) + 1))
    table["stability"] = agreement.rule_stability(rules, customers, seed) if rules in by_rules else 1.0
    few = disclosure.pooled(table["size"], limits.min_size)
    if few.all():
        few[:] = False  # too few customers in all: there is no other segment to join them with
    table["joint"] = table.name.mask(few, OTHERS)
    named = pd.Series(numbers).map(table.joint)
    numbers = by_size(named.to_numpy())
    segments = pd.DataFrame({"customer": customers.customer.to_numpy(), "segment": numbers, "margin": 1.0})
    sums = table.assign(stable=table.stability * table["size"]).groupby("joint")[["size", "stable"]].sum()
    sums = sums.loc[named.groupby(numbers).first()]
    stability = pd.DataFrame(
        {
            "segment": range(1, len(sums) + 1),
            "size": sums["size"].to_numpy(),
            "stability": (sums.stable / sums["size"]).to_numpy(),
            "across": np.nan,
            "neighbour": pd.array([pd.NA] * len(sums), "Int64"),
            "exchanged": 0.0,
            "flags": "",
            "name": pd.array(sums.index, "string"),
        }
    )
    joined = int(few.sum()) if few.sum() > 1 else 0
    model = agreement.fitted_rules(rules, customers)
    return Segmentation(segments, _with_shares(stability, segments), model, rules, joined)


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


def summary(
    verdict: Verdict, comparison: Comparison, segmentation: Segmentation, forming: list[str]
) -> pd.DataFrame:
    """Summarise the verdict and how the segments were formed.

    Returns
    -------
    pandas.DataFrame
        The table `structure` without its texts: one row.
    """
    second = comparison.candidates[comparison.candidates.next_best]
    rules = segmentation.rules
    measures = asdict(verdict)
    row = {
        "structure": measures.pop("word"),
        **measures,
        "method": rules or comparison.method,
        "k": len(segmentation.stability),
        "next_best": int(second.k.iloc[0]) if len(second) else 0,
        "variables": list(agreement.RULES[rules][1]) if rules in agreement.RULES else forming,
        "rules": rules,
    }
    return pd.DataFrame([row])
