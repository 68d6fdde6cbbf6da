"""The schema of targets, plays and the budget: whom to contact, with what, and at what cost."""

from __future__ import annotations

import re
from typing import Annotated, Literal

from pydantic import Field, field_validator, model_validator

from seglib.errors import listing
from seglib.project.schema.strict import NotNegative, Number, Part, Positive, Share, Strict
from seglib.vocabulary import Objective, Trade

Measure = Literal[
    "at_risk", "growth", "value_per_customer", "value_after_cost", "share", "value_share", "orders"
]
Worth = Literal["order", "year", "money"]
#: Of whom a response is a share.
Of = Literal["customers", "at_risk", "dissatisfied"]
#: A key of KINDS.
Source = Literal["customers", "transactions", "events", "responses", "campaigns", "subscriptions"]


class Requires(Strict):
    """What a play needs besides its conditions.

    Attributes
    ----------
    sources
        Sources that must be there.
    known
        Features, each with the least share of a segment for which it must be known.
    consent
        Channel that customers must have consented to.
    """

    sources: list[Source] = Field([])
    known: dict[str, Share] = Field({})
    consent: str | None = Field(None, min_length=1)


class Response(Strict):
    """Incremental responses per contact, as assumed before anything is measured.

    Attributes
    ----------
    of
        Of whom it is a share: all who are contacted, those of them who are at risk, or who are dissatisfied.
    basis
        The assumption, and the reason for it.
    campaigns
        Similar past campaigns, from which the response is estimated.
    """

    low: Annotated[float, Field(strict=False, ge=-1, le=1)]
    mean: Annotated[float, Field(strict=False, ge=-1, le=1)]
    high: Annotated[float, Field(strict=False, ge=-1, le=1)]
    of: Of = "customers"
    basis: str = Field(min_length=1)
    campaigns: list[str] = Field([])

    @model_validator(mode="after")
    def _ordered(self) -> Response:
        if not self.low <= self.mean <= self.high or self.low == self.high:
            raise ValueError(
                f"low {self.low}, mean {self.mean}, high {self.high}: must rise from low to high"
            )
        return self


class PlayEntry(Strict):
    """One play: something that is done for a segment.

    Attributes
    ----------
    play
        Name; it replaces a play of that name in the library.
    hypothesis
        What is believed to happen, and why: what a test would refute.
    audience
        Who of the segment is contacted, where not all of it are.
    message
        May contain {apart}, or {feature} for a feature in `when`.
    measure
        How success is measured.
    days
        After how many days.
    outcome
        What the measure compares, where it is one of these, so that samples can be sized: ordered (share
        with an order), again (share with another order after the first), orders or spend (means per
        customer), active (share still active).
    trades
        Trades that it is worded for; any if empty.
    when
        Feature, 'feature: answer', or 'any CONCEPT' (as in any balance: the feature whose name or label says
        so, and that is farthest), and its least (above 0) or most (below 0) distance from all customers,
        in standard deviations.
    at_least
        Lower bounds of measures, as in {at_risk: 0.3}.
    at_most
        Upper bounds of measures, as in {growth: -0.1}.
    contact
        Channel that is paid for, such as e-mail.
    value
        What a response is worth: {order: 1}, {year: 0.5} or {money: 30}.
    """

    play: str = Field(min_length=1)
    message: str = Field(min_length=1)
    offer: str = Field(min_length=1)
    channel: str = Field(min_length=1)
    timing: str = Field(min_length=1)
    measure: str = Field(min_length=1)
    hypothesis: str = ""
    audience: str = ""
    days: int = Field(60, ge=1, le=730)
    outcome: Literal["", "ordered", "again", "orders", "spend", "active"] = ""
    trades: list[Trade] = Field([])
    when: dict[str, Number] = Field({})
    at_least: dict[Measure, Number] = Field({})
    at_most: dict[Measure, Number] = Field({})
    objectives: list[Objective] = Field(min_length=1)
    who: Literal["targets", "others", "everyone"] = "targets"
    requires: Requires = Requires()
    contact: str | None = Field(None, min_length=1)
    response: Response | None = None
    value: dict[Worth, Positive] = Field({}, max_length=1)

    @field_validator("when")
    @classmethod
    def _away(cls, value: dict[str, float]) -> dict[str, float]:
        for feature, bound in value.items():
            if bound == 0:
                raise ValueError(
                    f".{feature}: found 0; allowed: a distance above 0 (at least) or below 0 (at most)"
                )
        return value

    @model_validator(mode="after")
    def _whole(self) -> PlayEntry:
        known = {"apart", *self.when, *self.requires.known}
        for part in ("message", "hypothesis", "audience", "offer", "channel", "timing", "measure"):
            for name in re.findall(r"\{([^{}]*)\}", getattr(self, part)):
                if name not in known:
                    raise ValueError(
                        f"'{self.play}': {part} holds {{{name}}}; allowed: {listing(f'{{{k}}}' for k in known)} "
                        "(features must be listed in when or requires.known)"
                    )
        if self.response and not self.contact:
            raise ValueError(f"'{self.play}': has a response and no contact; set the channel in contact")
        return self


class Budget(Strict):
    """What may be spent on the targets.

    Attributes
    ----------
    total
        Amount to allocate to the targets; if absent, nothing is allocated.
    cost_per_contact
        One amount, or amounts by channel; the usual cost of the play's channel if absent.
    value_years
        Years over which the value named by assess.value was earned.
    least_share
        Least share of the total for each target (or the cost of contacting all of it).
    most_share
        Most of the total for each target, as a share.
    least
        Least amount for a target, by its name.
    most
        Most that a target may get, by its name.
    shape
        How much customers of a segment differ in their response; 1 if all are alike.
    """

    total: NotNegative | None = None
    cost_per_contact: NotNegative | dict[str, NotNegative] = Field({})
    value_years: Positive | None = None
    least_share: Annotated[float, Field(strict=False, ge=0, lt=1)] = 0.0
    most_share: Part = 1.0
    least: dict[str, NotNegative] = Field({})
    most: dict[str, NotNegative] = Field({})
    shape: Annotated[float, Field(strict=False, ge=1, le=100)] = 1.5

    @model_validator(mode="after")
    def _ordered(self) -> Budget:
        if self.least_share > self.most_share:
            raise ValueError(f"least_share {self.least_share} is above most_share {self.most_share}")
        return self


class Target(Strict):
    """How targets are chosen.

    Attributes
    ----------
    chance
        Least chance that a play earns more than it costs, for it to be recommended.
    holdout
        Share of the targets that is held out; as many as the effect needs to be seen if absent.
    trade
        The trade that plays are worded for; recognised from the features if absent.
    weights
        Weights of criteria, or of features of which more is better, in place of money; each counts by its
        distance from all customers, in units that docs/targeting.md states.
    strength
        Weights of the criteria of our capability, beside `weights`.
    strength_share
        Share of the score that is capability, where `strength` is set; the rest is attractiveness.
    most
        Most targets.
    plays
        Own plays, beside those of params/plays.yaml.
    """

    chance: Annotated[float, Field(strict=False, ge=0.5, lt=1)] = 0.8
    holdout: Annotated[float, Field(strict=False, gt=0, le=0.5)] | None = None
    trade: Trade | None = None
    weights: dict[str, NotNegative] = Field({})
    strength: dict[str, NotNegative] = Field({})
    strength_share: float = Field(0.25, ge=0, lt=1)
    most: int = Field(3, ge=1, le=10)
    plays: list[PlayEntry] = Field([])
    budget: Budget = Budget()

    @field_validator("weights", "strength")
    @classmethod
    def _positive(cls, value: dict[str, float]) -> dict[str, float]:
        """Refuse weights that are all zero."""
        if value and sum(value.values()) <= 0:
            raise ValueError("all weights are zero; at least one must be above 0")
        return value
