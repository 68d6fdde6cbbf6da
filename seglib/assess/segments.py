"""Customers with the segments that they are in, and what is known of their features."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from typing import Any

import pandas as pd

from seglib.assess import thresholds
from seglib.assess.naming import phrases


@dataclass(frozen=True)
class Segments:
    """What a stage that assesses segments works on.

    Attributes
    ----------
    customers
        One row per customer: customer, segment, margin, the features and, if added, responses.
    catalogue
        One row per feature, with its words; `segmentation` marks what formed the segments,
        `protected` what the law protects.
    strict
        Whether protected attributes may not be shown.
    fewest
        Customers on whom a statement about a segment rests at least.
    responses
        Columns of `customers` that say who responded to a past campaign.
    rules
        The one or two cuts that come closest to each segment: the table `segment_rules`, or nothing.
    ordered
        By feature of ordered answers: its numbers, ascending, each with the answer that it means.
    """

    customers: pd.DataFrame
    catalogue: pd.DataFrame
    strict: bool = False
    fewest: int = thresholds.FEWEST
    responses: tuple[str, ...] = ()
    rules: pd.DataFrame | None = None
    ordered: Mapping[str, Mapping[float, str]] = field(default_factory=dict)

    @classmethod
    def of(
        cls,
        features: pd.DataFrame,
        segments: pd.DataFrame,
        catalogue: pd.DataFrame,
        variables: list[str],
        *,
        labels: Mapping[str, Any] | None = None,
        strict: bool = False,
        fewest: int = thresholds.FEWEST,
    ) -> Segments:
        """Join what is known of customers with their segments.

        Parameters
        ----------
        features, segments
            One row per customer each.
        catalogue
            One row per feature.
        variables
            Features that formed the segments.
        labels
            The params' own words for features and their answers.
        strict, fewest
            As the attributes.
        """
        customers = segments.merge(features, on="customer", validate="one_to_one")
        words = phrases.with_answers(catalogue, labels or {})
        words = words.assign(segmentation=words.feature.isin(list(variables)))
        return cls(customers, words, strict, fewest)

    def told_by(self, rules: pd.DataFrame | None, levels: Mapping[str, Any]) -> Segments:
        """Add what the division is made of, and the answers that numbers mean.

        Parameters
        ----------
        rules
            The table `segment_rules`.
        levels
            As the params have them: numbers by answer, of features with ordered answers.
        """
        ordered = {
            feature: {float(number): str(answer) for answer, number in sorted(of.items(), key=lambda a: a[1])}
            for feature, of in levels.items()
            if isinstance(of, Mapping)
        }
        return replace(self, rules=rules, ordered=ordered)

    @property
    def of_each(self) -> pd.Series:
        """The segment of each customer."""
        return self.customers.segment

    @property
    def names(self) -> list[Any]:
        """The numbers of the segments."""
        return sorted(self.of_each.dropna().unique())

    @property
    def variables(self) -> list[str]:
        """The features that formed the segments."""
        return self.catalogue.feature[self.catalogue.segmentation].tolist()

    @property
    def shown(self) -> pd.DataFrame:
        """The catalogue without protected attributes where these may not be shown."""
        return self.visible(self.catalogue)

    def visible(self, table: pd.DataFrame) -> pd.DataFrame:
        """Leave out the rows of a table on features that may not be shown."""
        if not self.strict:
            return table
        return table[~table.feature.isin(self.catalogue.feature[self.catalogue.protected])]

    def with_responses(self, answered: pd.DataFrame) -> Segments:
        """Add who responded to past campaigns, to be compared as features are.

        Parameters
        ----------
        answered
            One row per customer: customer, and a column per campaign.
        """
        names = tuple(c for c in answered.columns if c != "customer")
        return replace(
            self, customers=self.customers.merge(answered, on="customer", how="left"), responses=names
        )

    def compared(self) -> list[tuple[str, str]]:
        """List what is compared between segments: features and responses, each with its level."""
        features = zip(self.catalogue.feature, self.catalogue.level, strict=True)
        return [*features, *((name, "binary") for name in self.responses)]
