"""The stored segmentation: a fitted model, and which segment of the run each of its labels is."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import numpy as np
import pandas as pd

from seglib.estimators import PurchaseCycle, RFMSegments
from seglib.implement.scoring.rules import labels_of, names_of
from seglib.segment.thresholds import KNOWN


@dataclass(frozen=True)
class StoredSegmentation:
    """What is needed to give a customer a segment.

    Attributes
    ----------
    model
        From features to labels, as stage 03 stored it; none where all customers are one segment.
    segment_of
        The segment's number in the run by the model's own label 0, 1, …
    numeric
        The features that hold numbers; all others hold texts.
    least_known
        Share of the segmentation variables, 0 to 1, that must be known of a customer.
    """

    model: Any
    segment_of: Mapping[int, int]
    numeric: frozenset[str]
    least_known: float = KNOWN

    @property
    def by_rules(self) -> bool:
        """Whether rules formed the segments."""
        return isinstance(self.model, RFMSegments | PurchaseCycle)

    @property
    def inputs(self) -> list[str]:
        """The features that the model takes."""
        return [] if self.model is None else [str(c) for c in self.model.feature_names_in_]

    @property
    def variables(self) -> list[str]:
        """The features of which enough must be known; none for rules."""
        if self.model is None or self.by_rules:
            return []
        steps = self.model.named_steps["preparation"].transformers_
        return [str(name) for name, step, _ in steps if step != "drop"]

    def steps(self) -> dict[str, list[Any]]:
        """Return the steps by which each feature is prepared."""
        if self.model is None or self.by_rules:
            return {}
        transformers = self.model.named_steps["preparation"].transformers_
        return {
            str(name): [step for _, step in getattr(own, "steps", [("", own)])]
            for name, own, _ in transformers
            if own != "drop"
        }

    def first_steps(self) -> dict[str, Any]:
        """Return the first step of each feature; it holds the levels of those that have some."""
        return {name: steps[0] for name, steps in self.steps().items()}

    @property
    def n_labels(self) -> int:
        """How many labels the model may give."""
        return len(names_of(self.model)) if self.by_rules else max(self.segment_of, default=0) + 1

    def labels(self, features: pd.DataFrame) -> np.ndarray:
        """Return the model's own label of each customer, from 0 on."""
        found = np.asarray(self.model.predict(features[self.inputs]))
        return labels_of(self.model, found) if self.by_rules else found.astype("int64")


def stored_segmentation(model: Any, features: pd.DataFrame, segments: pd.DataFrame) -> StoredSegmentation:
    """Find which segment of the run each label of a model is.

    Parameters
    ----------
    model
        As stage 03 stored it.
    features
        The table `features` of the run.
    segments
        The table `segments` of the run.
    """
    numeric = frozenset(str(c) for c in features.select_dtypes(["number", "bool"]).columns)
    if model is None:
        return StoredSegmentation(None, {0: 1}, numeric)
    stored = StoredSegmentation(model, {}, numeric)
    own = features.merge(segments[["customer", "segment"]], on="customer")
    labels = pd.Series(stored.labels(own), name="label")
    counts = pd.crosstab(labels, own.segment.to_numpy())
    return StoredSegmentation(model, {int(k): int(v) for k, v in counts.idxmax(axis=1).items()}, numeric)
