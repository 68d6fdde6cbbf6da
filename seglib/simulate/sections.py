"""Sections of a specification: what a planted segment is, and what a table contains besides."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Annotated, Any, Literal

from pydantic import AfterValidator, BaseModel, ConfigDict, Discriminator, Field, Tag, model_validator

from seglib.errors import listing, nearest

#: What marks a distribution of numbers among the values of an attribute; all else are answers.
_NUMBER_KEYS = {"typical", "spread"}


class Section(BaseModel):
    """A section of a specification; unknown keys are refused."""

    model_config = ConfigDict(extra="forbid", frozen=True, allow_inf_nan=False)

    @model_validator(mode="before")
    @classmethod
    def _refuse_unknown_keys(cls, raw: Any) -> Any:
        keys = list(cls.model_fields)
        for key in raw if isinstance(raw, Mapping) else ():
            if key not in keys:
                raise ValueError(f"no key '{key}'; known keys: {listing(keys, 20)}.{nearest(key, keys)}")
        return raw


def _weights(weights: dict[str, float]) -> dict[str, float]:
    if any(w < 0 for w in weights.values()) or (weights and not sum(weights.values()) > 0):
        raise ValueError("allowed: weights from 0, not all of them 0")
    return weights


def _days(days: tuple[float, float]) -> tuple[float, float]:
    if not 0 < days[0] <= days[1]:
        raise ValueError(f"found {list(days)}; allowed: least and most days, above 0")
    return days


def _months(months: tuple[float, ...]) -> tuple[float, ...]:
    if len(months) not in (0, 12):
        raise ValueError(f"found {len(months)} weights; allowed: twelve, January first")
    return months


#: By answer, how often it is given; the weights need not sum to 1.
Weights = Annotated[dict[str, float], AfterValidator(_weights)]
Share = Annotated[float, Field(ge=0, le=1)]


class Number(Section):
    """A distribution of numbers.

    Attributes
    ----------
    typical, spread
        Mean and standard deviation; where skewed, median and standard deviation of the logarithm.
    skewed
        Lognormal in place of normal.
    low, high
        Drawn numbers beyond are set to these.
    decimals
        Kept.
    """

    typical: float
    spread: float = 0.0
    skewed: bool = False
    low: float | None = None
    high: float | None = None
    decimals: int = 0


def _number_or_answers(values: Any) -> str:
    number = isinstance(values, Number) or (isinstance(values, Mapping) and _NUMBER_KEYS & values.keys())
    return "(number)" if number else "(answers)"


Values = Annotated[
    Annotated[Number, Tag("(number)")] | Annotated[Weights, Tag("(answers)")],
    Discriminator(_number_or_answers),
]


class Attribute(Section):
    """A column of the customers.

    Attributes
    ----------
    values
        Of customers whose segment specifies nothing else.
    missing
        Share of customers in whom it is unknown.
    before
        days or years: the column contains the date that lies so long before as_of.
    impossible
        The number in mistyped entries; no entry is mistyped if it is not given.
    """

    values: Values
    missing: Share = 0.0
    before: Literal["", "days", "years"] = ""
    impossible: float | None = None


class Purchases(Section):
    """How the customers of a segment buy.

    Attributes
    ----------
    per_year
        Mean orders a year.
    basket
        Median amount of an order.
    categories
        What is bought.
    favourites
        Number of categories that each customer buys from, drawn by their weights; 0 for all.
    own, own_basket
        How far customers of the segment differ in rate and in basket (of logarithms).
    regular
        Evenly spaced in place of at random.
    months
        Twelve weights, January first; all alike if empty.
    silent
        Days without an order before as_of: least and most.
    weekend, evening, discount, loyalty
        Shares of orders.
    returned
        Share of rows.
    lines
        Mean rows of an order.
    channels, payments
        Through what is ordered, how it is paid.
    """

    per_year: float
    basket: float
    categories: Weights
    favourites: int = 0
    own: float = 0.25
    own_basket: float = 0.3
    regular: bool = False
    months: Annotated[tuple[float, ...], AfterValidator(_months)] = ()
    silent: tuple[float, float] = (0, 0)
    weekend: Share = 0.28
    evening: Share = 0.25
    discount: Share = 0.0
    loyalty: Share = 0.0
    returned: Share = 0.01
    lines: Annotated[float, Field(ge=1)] = 1.0
    channels: Weights = {}
    payments: Weights = {}


class Visits(Section):
    """What the customers of a segment do: visits, calls, use.

    Attributes
    ----------
    per_quarter
        By type, mean events in 90 days.
    own
        How far customers of the segment differ in the rate (of logarithms).
    evening
        Share of events from 18 o'clock on.
    seconds
        How long one takes.
    devices, channels, features
        Through what, and what of the product is used.
    """

    per_quarter: dict[str, float]
    own: float = 0.3
    evening: Share = 0.25
    seconds: Number = Number(typical=90, spread=0.6, skewed=True, low=1)
    devices: Weights = {}
    channels: Weights = {}
    features: Weights = {}


class Contracts(Section):
    """What the customers of a segment subscribe to.

    Attributes
    ----------
    plans
        Of a contract.
    churn
        Share of contracts that end in a month.
    more
        Mean contracts beyond the first.
    units
        Column of the customers that says how often the plan's fee is paid, such as seats.
    """

    plans: Weights
    churn: Share = 0.01
    more: float = 0.0
    units: str = ""


class Planted(Section):
    """One planted segment.

    Attributes
    ----------
    share
        Of all customers.
    story
        Who they are, in a sentence.
    tenure
        Days since they became customers, at as_of: least and most.
    attributes
        By column of the customers, its values in this segment.
    purchases, visits, contracts
        What they do; nothing if not given.
    answers, answered
        By trait that a survey asks for, the mean answer; and the share who answer.
    says
        Comments that respondents write beside their first answer; none if empty.
    responds
        By campaign, the shares who do what is asked: if contacted, and if held out.
    """

    share: Annotated[float, Field(gt=0, lt=1)]
    story: str
    tenure: Annotated[tuple[float, float], AfterValidator(_days)]
    attributes: dict[str, Values] = {}
    purchases: Purchases | None = None
    visits: Visits | None = None
    contracts: Contracts | None = None
    answers: dict[str, float] = {}
    answered: Share = 0.3
    says: Weights = {}
    responds: dict[str, tuple[Share, Share]] = {}


class Item(Section):
    """An item of the survey.

    Attributes
    ----------
    trait
        What it asks for; items of one trait are a scale.
    low, high
        Lowest and highest answer.
    reverse
        A high answer means little of the trait.
    """

    trait: str
    low: int = 1
    high: int = 5
    reverse: bool = False


class Campaign(Section):
    """A past campaign.

    Attributes
    ----------
    days_before
        Days from its contacts to as_of.
    channel, cost
        Of a contact.
    revenue
        Mean, of one who responds.
    reach, holdout
        Share of customers who were chosen, and of these the share who were not contacted.
    """

    days_before: int
    channel: str
    cost: float
    revenue: float
    reach: Share = 0.6
    holdout: Share = 0.2


class Dirt(Section):
    """What is wrong with the tables, as shares of their rows.

    Attributes
    ----------
    duplicates, nameless, unknown, future
        Rows that stand twice, without an id, of no customer in the table of customers, on or
        after as_of.
    prospects
        Customers who have not bought yet.
    refused
        Customers who did not consent.
    free
        Purchases at a price of 0.
    impossible
        Entries of the attributes that are mistyped.
    padded
        Kinds of table in which ids have blanks around them.
    straight, hurried
        Respondents who give one answer to everything, and who answer at random in no time.
    skipped
        Answers that were not given.
    """

    duplicates: Share = 0.002
    nameless: Share = 0.004
    unknown: Share = 0.003
    future: Share = 0.001
    prospects: Share = 0.02
    refused: Share = 0.04
    free: Share = 0.0005
    impossible: Share = 0.003
    padded: tuple[str, ...] = ("events",)
    straight: Share = 0.02
    hurried: Share = 0.02
    skipped: Share = 0.02
