"""The schema of what is asked of segments, and of what their customers will still bring."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from seglib.project.schema.strict import Number, Strict

_OWN_NAME = re.compile(r"(?=.*\S)[^\r\n]{1,80}")


class Satisfaction(Strict):
    """Survey items that ask how content customers are."""

    recommend: str | None = Field(None, description="Item of 0 to 10: how likely they are to recommend.")
    satisfaction: str | None = Field(None, description="Item that asks how satisfied they are.")


class Lifetime(Strict):
    """What customers will still bring."""

    model: Literal["bg/nbd", "mbg/nbd", "pareto/nbd", "none"] = Field(
        "bg/nbd", description="How customers buy and leave; none: nothing is foretold."
    )
    days: int = Field(365, ge=30, le=3650, description="How far is looked ahead.")
    discount_rate: Number = Field(0.1, ge=0, le=1, description="A year; 0.1 is 10 %.")
    margin: Number = Field(
        1.0, gt=0, le=1, description="Share of what is paid, less returns, that remains after costs."
    )
    flat: bool = Field(
        False, description="Flat priors, as maximum likelihood has them, not wide log-normal ones."
    )
    posterior: bool = Field(False, description="Draw the full posterior, which takes minutes.")


class Assess(Strict):
    """What a segment must be."""

    min_recovery: float = Field(
        0.6, ge=0, le=1, description="Mean Jaccard over resamples below which none is trusted."
    )
    value: str | None = Field(
        None, description="Feature that holds a customer's value, where there are no transactions."
    )
    risk: str | None = Field(
        None, description="Feature that says yes or 1 of customers at risk, such as churned."
    )
    satisfaction: Satisfaction = Field(
        Satisfaction(), description="Survey items on satisfaction; by names such as nps or csat if absent."
    )
    names: dict[str, str] = Field(
        {},
        description="Own names of segments, by the generated name, or by parts that only one has.",
    )
    stands_out: float = Field(
        0.3, gt=0, description="Distance from all customers, in standard deviations, worth naming."
    )
    lifetime: Lifetime = Lifetime()

    @field_validator("names")
    @classmethod
    def _names(cls, value: dict[str, str]) -> dict[str, str]:
        """Refuse own names that nobody could read, or tell apart."""
        for key, name in value.items():
            if not key.strip(" ,"):
                raise ValueError(f"'{name}' stands by an empty key; give the generated name, or a part of it")
            if not _OWN_NAME.fullmatch(name):
                raise ValueError(
                    f".{key}: found {name!r}; allowed: a name of one line, 80 characters at the most"
                )
        alike = [name.strip().casefold() for name in value.values()]
        twice = sorted({name for name in value.values() if alike.count(name.strip().casefold()) > 1})
        if twice:
            raise ValueError(f"would call two segments '{twice[0]}'; give each a name of its own")
        return value
