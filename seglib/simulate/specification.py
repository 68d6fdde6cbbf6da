"""What a planted segment is: who its customers are, and what they do."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Annotated, ClassVar

from pydantic import ConfigDict, Field

#: By answer, how often it is given; the weights need not sum to 1.
Weights = dict[str, float]
STRICT = ConfigDict(extra="forbid", allow_inf_nan=False)


@dataclass(frozen=True)
class Number:
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

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    typical: float
    spread: float = 0.0
    skewed: bool = False
    low: float | None = None
    high: float | None = None
    decimals: int = 0


Values = Annotated[Number | Weights, Field(union_mode="left_to_right")]


@dataclass(frozen=True)
class Attribute:
    """A column of the customers.

    Attributes
    ----------
    values
        Of customers whose segment says nothing else.
    missing
        Share of customers in whom it is not known.
    before
        days or years: the column holds the date that lies so long before as_of.
    impossible
        What stands there where somebody mistyped; nothing if nobody does.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    values: Values
    missing: float = 0.0
    before: str = ""
    impossible: float | None = None


@dataclass(frozen=True)
class Purchases:
    """How the customers of a segment buy.

    Attributes
    ----------
    per_year
        Mean orders a year.
    basket
        Median amount of an order.
    categories
        What is bought.
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

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    per_year: float
    basket: float
    categories: Weights
    own: float = 0.25
    own_basket: float = 0.3
    regular: bool = False
    months: tuple[float, ...] = ()
    silent: tuple[float, float] = (0, 0)
    weekend: float = 0.28
    evening: float = 0.25
    discount: float = 0.0
    loyalty: float = 0.0
    returned: float = 0.01
    lines: float = 1.0
    channels: Weights = field(default_factory=dict)
    payments: Weights = field(default_factory=dict)


@dataclass(frozen=True)
class Visits:
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

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    per_quarter: dict[str, float]
    own: float = 0.3
    evening: float = 0.25
    seconds: Number = Number(90, 0.6, skewed=True, low=1)
    devices: Weights = field(default_factory=dict)
    channels: Weights = field(default_factory=dict)
    features: Weights = field(default_factory=dict)


@dataclass(frozen=True)
class Contracts:
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

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    plans: Weights
    churn: float = 0.01
    more: float = 0.0
    units: str = ""


@dataclass(frozen=True)
class Planted:
    """One planted segment.

    Attributes
    ----------
    share
        Of all customers.
    story
        Who they are, in a sentence.
    tenure
        Days known at as_of: least and most.
    attributes
        By column of the customers, its values in this segment.
    purchases, visits, contracts
        What they do; nothing if they don't.
    answers
        By trait that a survey asks for, the mean answer.
    answered
        Share who answer the survey.
    responds
        By campaign, the shares who do what is asked: if contacted, and if held out.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    share: float
    story: str
    tenure: tuple[float, float]
    attributes: dict[str, Values] = field(default_factory=dict)
    purchases: Purchases | None = None
    visits: Visits | None = None
    contracts: Contracts | None = None
    answers: dict[str, float] = field(default_factory=dict)
    answered: float = 0.3
    responds: dict[str, tuple[float, float]] = field(default_factory=dict)
