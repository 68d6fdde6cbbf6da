"""The engine fitted beside the stored model, and how far two refits of one month agree."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np
import pandas as pd

from seglib import estimators, segment
from seglib.monitor.thresholds import AROUND
from seglib.monitor.valleys import Space
from seglib.segment.partitions import matched
from seglib.segment.stability import resample


@dataclass(frozen=True)
class Plan:
    """How the engine is fitted.

    Attributes
    ----------
    settings
        The section `segment` of the params.
    form_on
        Protected attributes that may form segments.
    min_cell
        Fewest customers of a segment.
    """

    settings: Any
    form_on: tuple[str, ...] = ()
    min_cell: int = 10

    @property
    def limits(self) -> segment.Limits:
        """What a segment must be."""
        return segment.Limits(self.settings.min_share, self.min_cell, self.settings.merge)

    @property
    def resampling(self) -> segment.Resampling:
        """How candidates are resampled."""
        return segment.Resampling(self.settings.resamples, self.settings.sample, self.settings.seed)


@dataclass(frozen=True)
class Refit:
    """Segments that the engine finds in this month, beside those of the stored model.

    Attributes
    ----------
    segments
        The table `segments`, numbered by size.
    structure
        natural, reproducible, constructive or none.
    close
        Whether that word, or the number of segments, is too close to call.
    k
        Number of segments.
    model
        From features to segments; none where rules formed them.
    method
        That formed them; empty for rules.
    fits
        Of the numbers of segments around the stored one, the segment of each customer (index).
    space
        The segmentation variables of this month and the earlier one; none without one, or where rules formed
        the segments.
    """

    segments: pd.DataFrame
    structure: str
    close: bool
    k: int
    model: Any = None
    method: str = ""
    fits: dict[int, pd.Series] = field(default_factory=dict)
    space: Space | None = None


@dataclass(frozen=True)
class Usual:
    """How far two refits of one month differ.

    Attributes
    ----------
    agreement
        Adjusted Rand index of each pair.
    pairs
        Of each pair, the segments of the customers (index), in the numbers of the stored segments.
    """

    agreement: np.ndarray = field(default_factory=lambda: np.array([]))
    pairs: tuple[tuple[pd.Series, pd.Series], ...] = ()


def _prepared(
    features: pd.DataFrame, catalogue: pd.DataFrame, forming: list[str], min_share: float
) -> tuple[pd.DataFrame, Any, pd.DataFrame]:
    """Prepare features as the segment stage does: customers, preparation, rows."""
    customers = features[segment.complete_enough(features, forming)].reset_index(drop=True)
    known = catalogue.set_index("feature")
    steps = estimators.plan(customers[forming], known.level.to_dict(), known.of.to_dict())
    preparation = estimators.preparation(steps, min_share)
    return customers, preparation, preparation.fit_transform(customers[estimators.inputs(steps)])


def refit(
    features: pd.DataFrame,
    catalogue: pd.DataFrame,
    plan: Plan,
    stored_k: int,
    earlier: pd.DataFrame | None = None,
) -> Refit:
    """Fit the engine to the customers of this month, as the segment stage would.

    Parameters
    ----------
    features, catalogue
        Tables of the collect stage.
    plan
        How it is fitted.
    stored_k
        Number of the stored segments: fits of about as many are kept.
    earlier
        The table `features` of the earlier month.
    """
    s, limits, resampling = plan.settings, plan.limits, plan.resampling
    variables = segment.variables(features, catalogue, s.on, s.exclude, s.max_missing, list(plan.form_on))
    forming = variables.feature[variables.segmentation].tolist()
    customers, preparation, rows = _prepared(features, catalogue, forming, s.min_share)
    least = limits.least_share(len(customers))
    ks = range(s.k.min, s.k.max + 1)
    compared = segment.compare(segment.methods(s.methods, rows), rows, ks, resampling, least)
    judged = segment.judgement(
        compared, rows, resampling, least, fewest=limits.min_size, finest=s.level == "finest"
    )
    word = segment.verdict(judged)
    if word.word == "none":
        rules = segment.rules(customers)
        result = segment.ruled(customers, rules, limits, s.seed)
        return Refit(result.segments, "none", False, len(result.stability))
    comparison = judged.comparison
    result = segment.formed(customers.customer, rows, preparation, comparison, limits)
    k = len(result.stability)
    fits = {
        other: pd.Series(fit.labels, customers.customer.to_numpy()).rank(method="dense").astype(int)
        for (method, other), fit in comparison.fits.items()
        if method == comparison.method and abs(other - stored_k) <= AROUND
    }
    space = _space(customers, rows, preparation, earlier, s.seed)
    return Refit(result.segments, word.word, word.close, k, result.model, comparison.method, fits, space)


def _space(
    customers: pd.DataFrame, rows: pd.DataFrame, preparation: Any, earlier: pd.DataFrame | None, seed: int
) -> Space | None:
    """Prepare the customers of the earlier month like those of this one; none where they lack a feature."""
    columns = list(preparation.feature_names_in_)
    if earlier is None or set(columns) - set(earlier.columns):
        return None
    known = earlier[segment.complete_enough(earlier, columns) & estimators.computable(preparation, earlier)]
    then = preparation.transform(known[columns])
    return Space.of(rows.set_axis(customers.customer), then.set_axis(known.customer), seed)


def usual(
    features: pd.DataFrame, catalogue: pd.DataFrame, segments: pd.DataFrame, structure: pd.Series, plan: Plan
) -> Usual:
    """Fit the stored method and number of segments to bootstrap samples of the earlier month, and compare pairs.

    Parameters
    ----------
    features, catalogue, segments
        Of the run that fitted the model, or of the run before.
    structure
        Its row of the table `structure`.
    plan
        How it was fitted.

    Returns
    -------
    Usual
        Without pairs where rules formed the segments, which are not resampled.
    """
    if structure.rules or structure.method not in estimators.METHODS:
        return Usual()
    forming = [c for c in structure.variables if c in features]
    customers, _, rows = _prepared(features, catalogue, forming, plan.settings.min_share)
    k = int(structure.k)
    found = resample(structure.method, [k], rows, plan.resampling).get(k)
    if found is None:
        return Usual()
    who = customers.customer.to_numpy()[found.compared]
    own = pd.Series(who).map(segments.set_index("customer").segment)
    known = own.notna().to_numpy()
    numbers = sorted(own[known].astype(int).unique())
    codes = pd.Categorical(own[known].astype(int), numbers).codes.astype(int)
    named = [
        pd.Series(np.asarray(numbers)[matched(codes, p[known], len(numbers))[p[known]]], index=who[known])
        for p in found.partitions
    ]
    return Usual(found.agreement, tuple(zip(named[::2], named[1::2], strict=False)))
