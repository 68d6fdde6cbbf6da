"""What is known of every feature: basis, level of measurement, unit, words."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import asdict, dataclass, fields

import pandas as pd


@dataclass(frozen=True)
class Feature:
    """One column of the feature table.

    Attributes
    ----------
    feature, basis
        Its name, and the kind of information that it is.
    level
        binary, nominal, ordinal, interval or ratio.
    unit
        days, orders, share, a currency; empty where there is none.
    label, high, low
        Plain words: for an axis, and for a segment that stands out by it.
    meaning, source
        What it says, and the table that it comes from.
    needs
        What it cannot be derived without: `transactions.discount` is a role of a source,
        `branches` a section of the params; several are separated by commas, and of `a or b`
        one is enough.
    protected
        Whether it tells of age, gender, ethnicity, health or religion.
    describes
        Whether it only ever describes segments, as what says how answers were given does,
        and campaigns, whose effect is measured on segments that must not be made of it.
    """

    feature: str
    basis: str
    level: str
    unit: str
    label: str
    high: str
    low: str
    meaning: str
    source: str
    needs: str = ""
    protected: bool = False
    describes: bool = False

    def wants(self) -> list[str]:
        """List what it cannot be derived without."""
        return (self.needs or self.source).split(", ")

    def lacks(self, there: set[str]) -> list[str]:
        """List what it cannot be derived without and is not there."""
        return [want for want in self.wants() if there.isdisjoint(want.split(" or "))]


def catalogue(entries: Iterable[Feature], features: pd.DataFrame) -> pd.DataFrame:
    """Describe the columns of a feature table.

    Parameters
    ----------
    entries
        One for every column but `customer`.
    features
        One row per customer.

    Returns
    -------
    pandas.DataFrame
        One row per feature: the fields of `Feature`, and `missing_share` (0 to 1).
    """
    entries = [e for e in entries if e.feature in features.columns]
    described = {e.feature for e in entries}
    undescribed = set(features.columns) - described - {"customer"}
    if undescribed:
        raise ValueError(f"features without an entry in the catalogue: {sorted(undescribed)}")
    made = pd.DataFrame([asdict(e) for e in entries], columns=[f.name for f in fields(Feature)])
    return made.assign(missing_share=features[made.feature].isna().mean().to_numpy(dtype=float))
