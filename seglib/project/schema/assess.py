"""The schema of what segments must meet, and of their customers' lifetime value."""

from __future__ import annotations

import re
from typing import Literal

from pydantic import Field, field_validator

from seglib.project.schema.strict import Number, Strict

_OWN_NAME = re.compile(r"(?=.*\S)[^\r\n]{1,80}")


class Satisfaction(Strict):
    """Survey items that ask how satisfied customers are.

    Attributes
    ----------
    recommend
        Item of 0 to 10: how likely they are to recommend.
    satisfaction
        Item that asks how satisfied they are.
    """

    recommend: str | None = None
    satisfaction: str | None = None


class Lifetime(Strict):
    """How customer lifetime value is predicted.

    Attributes
    ----------
    model
        Model of buying and leaving; none: nothing is predicted.
    days
        Horizon of the prediction.
    discount_rate
        Per year; 0.1 is 10 %.
    flat
        Flat priors, as in maximum likelihood, instead of wide log-normal ones.
    posterior
        Sample the full posterior, which takes minutes.
    """

    model: Literal["bg/nbd", "mbg/nbd", "pareto/nbd", "none"] = "bg/nbd"
    days: int = Field(365, ge=30, le=3650)
    discount_rate: Number = Field(0.1, ge=0, le=1)
    flat: bool = False
    posterior: bool = False


class Assess(Strict):
    """What a segment must meet.

    Attributes
    ----------
    min_stability
        Least stability (mean Jaccard similarity over bootstrap samples).
    value
        Feature that holds a customer's value, if there are no transactions.
    risk
        Feature that is yes or 1 for customers at risk, such as churned.
    satisfaction
        Survey items on satisfaction; recognised by names such as nps or csat if absent.
    names
        Own names of segments, by generated name, or by parts that only one name contains.
    stands_out
        Least distance from all customers, in standard deviations, to be part of a name.
    funnel
        Kinds of event in the order of the customers' journey, as [visit, cart, order]; order is an order of
        the transactions where no event is one. Recognised by such names if absent.
    """

    min_stability: float = Field(0.6, ge=0, le=1)
    value: str | None = None
    risk: str | None = None
    satisfaction: Satisfaction = Satisfaction()
    names: dict[str, str] = Field({})
    stands_out: float = Field(0.3, gt=0)
    lifetime: Lifetime = Lifetime()
    funnel: list[str] | None = Field(None, min_length=2)

    @field_validator("funnel")
    @classmethod
    def _funnel(cls, value: list[str] | None) -> list[str] | None:
        """Refuse a step that is blank, or stands there twice."""
        plain = [step.strip().casefold() for step in value or []]
        if "" in plain:
            raise ValueError("has a blank step; give kinds of event, as [visit, cart, order]")
        twice = sorted({step for step in plain if plain.count(step) > 1})
        if twice:
            raise ValueError(f"lists '{twice[0]}' twice; give each step once, in its order")
        return value

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
