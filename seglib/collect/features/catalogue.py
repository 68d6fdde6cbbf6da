"""What the catalogue has on every feature: basis, level of measurement, unit, words."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import asdict, dataclass, fields
from functools import cache
from pathlib import Path
from typing import Any

import pandas as pd
import yaml

_FOLDER = Path(__file__).parent / "entries"


@dataclass(frozen=True, kw_only=True)
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
    of
        For a share, the feature that counts what it is a share of.
    """

    feature: str
    basis: str
    level: str
    unit: str = ""
    label: str
    high: str = ""
    low: str = ""
    meaning: str
    source: str
    needs: str = ""
    protected: bool = False
    describes: bool = False
    of: str = ""

    def wants(self) -> list[str]:
        """List what it cannot be derived without."""
        return (self.needs or self.source).split(", ")

    def lacks(self, there: set[str]) -> list[str]:
        """List what it cannot be derived without and is not there."""
        return [want for want in self.wants() if there.isdisjoint(want.split(" or "))]


@cache
def _records(name: str) -> dict[str, dict[str, Any]]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    text = (_FOLDER / f"{name}.yaml").read_text(encoding="utf-8")
    return yaml.load(text, Loader=loader)  # noqa: S506  (a SafeLoader)


@cache
def entries(basis: str) -> dict[str, Feature]:
    """Read the entries of a basis from `entries/BASIS.yaml`, by feature."""
    return {name: Feature(feature=name, basis=basis, **record) for name, record in _records(basis).items()}


def from_template(template: str, feature: str, words: Mapping[str, object], **fields: Any) -> Feature:
    """Describe a feature whose name is only known in a project.

    Parameters
    ----------
    template
        A key of `entries/templates.yaml`.
    feature
        Its name.
    words
        By placeholder of the template.
    fields
        Fields of `Feature` that the template leaves open.
    """
    texts: dict[str, Any] = {
        field: text.format(**words) if isinstance(text, str) else text
        for field, text in _records("templates")[template].items()
    }
    return Feature(feature=feature, **(texts | fields))


def catalogue(described: Iterable[Feature], features: pd.DataFrame) -> pd.DataFrame:
    """Describe the columns of a feature table.

    Parameters
    ----------
    described
        One for every column but `customer`.
    features
        One row per customer.

    Returns
    -------
    pandas.DataFrame
        One row per feature: the fields of `Feature`, and `missing_share` (0 to 1).
    """
    rows = [entry for entry in described if entry.feature in features.columns]
    undescribed = set(features.columns) - {entry.feature for entry in rows} - {"customer"}
    if undescribed:
        raise ValueError(f"features without an entry in the catalogue: {sorted(undescribed)}")
    table = pd.DataFrame([asdict(entry) for entry in rows], columns=[f.name for f in fields(Feature)])
    return table.assign(missing_share=features[table.feature].isna().mean().to_numpy(dtype=float))
