"""The schema of what segments must meet, and of their customers' lifetime value."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from seglib.project.schema.strict import Number, Strict

_OWN_NAME = re.compile(r"(?=.*\S)[^\r\n]{1,80}")


class Satisfaction(Strict):
    """Survey items that ask how satisfied customers are."""

    recommend: str | None = Field(None, description="Item of 0 to 10: how likely they are to recommend.")
    satisfaction: str | None = Field(None, description="Item that asks how satisfied they are.")


class Lifetime(Strict):
    """How customer lifetime value is predicted."""

    model: Literal["bg/nbd", "mbg/nbd", "pareto/nbd", "none"] = Field(
        "bg/nbd", description="Model of buying and leaving; none: nothing is predicted."
    )
    days: int = Field(365, ge=30, le=3650, description="Horizon of the prediction.")
    discount_rate: Number = Field(0.1, ge=0, le=1, description="Per year; 0.1 is 10 %.")
    margin: Number = Field(1.0, gt=0, le=1, description="Gross margin as a share of revenue, net of returns.")
    flat: bool = Field(
        False, description="Flat priors, as in maximum likelihood, instead of wide log-normal ones."
    )
    posterior: bool = Field(False, description="Sample the full posterior, which takes minutes.")


class Assess(Strict):
    """What a segment must meet."""

    min_recovery: float = Field(
        0.6, ge=0, le=1, description="Least stability (mean Jaccard similarity over bootstrap samples)."
    )
    value: str | None = Field(
        None, description="Feature that holds a customer's value, if there are no transactions."
    )
    risk: str | None = Field(
        None, description="Feature that is yes or 1 for customers at risk, such as churned."
    )
    satisfaction: Satisfaction = Field(
        Satisfaction(),
        description="Survey items on satisfaction; recognised by names such as nps or csat if absent.",
    )
    names: dict[str, str] = Field(
        {},
        description="Own names of segments, by generated name, or by parts that only one name contains.",
    )
    stands_out: float = Field(
        0.3,
        gt=0,
        description="Least distance from all customers, in standard deviations, to be part of a name.",
    )
    lifetime: Lifetime = Lifetime()

    @field_validator("names")
    @classmethod
    def _names(cls, value: dict[str, str]) -> dict[str, str]:
        """Refuse own names that are blank, too long, or equal."""
        for key, name in value.items():
            if not key.strip(" ,"):
                raise ValueError(f"'{name}' has an empty key; give the generated name, or a part of it")
            if not _OWN_NAME.fullmatch(name):
                raise ValueError(
                    f".{key}: found {name!r}; allowed: a name of one line, at most 80 characters"
                )
        alike = [name.strip().casefold() for name in value.values()]
        twice = sorted({name for name in value.values() if alike.count(name.strip().casefold()) > 1})
        if twice:
            raise ValueError(f"would call two segments '{twice[0]}'; give each a name of its own")
        return value
