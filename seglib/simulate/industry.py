"""What a generated industry is: its segments, the tables that tell of them, and dirt."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from pathlib import Path
from typing import ClassVar

import yaml
from pydantic import ConfigDict, TypeAdapter, ValidationError

from seglib.catalogue.sources import KINDS
from seglib.errors import ParamsError, listing, nearest, one_line
from seglib.simulate.specification import STRICT, Attribute, Planted, Weights


@dataclass(frozen=True)
class Item:
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

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    trait: str
    low: int = 1
    high: int = 5
    reverse: bool = False


@dataclass(frozen=True)
class Campaign:
    """A campaign that has been run.

    Attributes
    ----------
    days_before
        Days from its contacts to as_of.
    channel
        Through what.
    cost
        Of a contact.
    revenue
        Mean, of one who responds.
    reach
        Share of customers who were chosen.
    holdout
        Share of those who were then not contacted.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    days_before: int
    channel: str
    cost: float
    revenue: float
    reach: float = 0.6
    holdout: float = 0.2


@dataclass(frozen=True)
class Dirt:
    """What is wrong with the tables, as shares of their rows.

    Attributes
    ----------
    duplicates, nameless, unknown, future
        Rows that stand twice, without an id, of nobody among the customers, on or after as_of.
    prospects
        Customers who have not bought yet.
    refused
        Customers who did not consent.
    free
        Purchases at a price of 0.
    impossible
        Entries of the attributes that have such a number.
    padded
        Kinds of table in which ids have blanks around them.
    straight, hurried
        Respondents who give one answer to everything, and who answer at random in no time.
    skipped
        Answers that were not given.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    duplicates: float = 0.002
    nameless: float = 0.004
    unknown: float = 0.003
    future: float = 0.001
    prospects: float = 0.02
    refused: float = 0.04
    free: float = 0.0005
    impossible: float = 0.003
    padded: tuple[str, ...] = ("events",)
    straight: float = 0.02
    hurried: float = 0.02
    skipped: float = 0.02


@dataclass(frozen=True)
class Industry:
    """An industry: what its customers are, and how its tables tell of them.

    Attributes
    ----------
    title
        One line.
    as_of
        The day after the last row.
    segments
        The planted segments, by name; their shares sum to 1.
    columns
        By kind of source, role to column; roles that are not named are not written. Of the
        customers: customer, consent, registered, and also email and phone.
    attributes
        Further columns of the customers.
    items, campaigns, plans
        Of the survey, by item; by campaign; by plan its fee a month.
    forming
        Columns of `summary` that the field segments on; all of them if empty.
    customers
        How many, unless told.
    days, event_days, survey_days
        Days that transactions, events and answers reach back.
    term
        Months of a contract, after which it is renewed.
    prefix
        Of ids.
    agreement
        Share of an answer's variation in a segment that items of one trait have in common.
    dirt
        What is wrong.
    """

    __pydantic_config__: ClassVar[ConfigDict] = STRICT
    title: str
    as_of: dt.date
    segments: dict[str, Planted]
    columns: dict[str, dict[str, str]]
    attributes: dict[str, Attribute] = field(default_factory=dict)
    items: dict[str, Item] = field(default_factory=dict)
    campaigns: dict[str, Campaign] = field(default_factory=dict)
    plans: dict[str, float] = field(default_factory=dict)
    forming: tuple[str, ...] = ()
    customers: int = 6000
    days: int = 730
    event_days: int = 180
    survey_days: int = 120
    term: int = 12
    prefix: str = "C"
    agreement: float = 0.5
    dirt: Dirt = Dirt()

    def __post_init__(self) -> None:
        _check(self)

    @property
    def shares(self) -> list[float]:
        """Shares of the segments."""
        return [planted.share for planted in self.segments.values()]

    def traits(self) -> list[str]:
        """List what the survey asks for."""
        return list(dict.fromkeys(item.trait for item in self.items.values()))


def _known(place: str, names: Iterable[str], allowed: Iterable[str]) -> None:
    """Refuse a name that stands nowhere."""
    allowed = list(allowed)
    for name in names:
        if name not in allowed:
            raise ParamsError(
                f"{place} names '{name}'; known: {listing(allowed, 20) or 'none'}.{nearest(name, allowed)}"
            )


def _weights(place: str, weights: Weights) -> None:
    if any(w < 0 for w in weights.values()) or (weights and not sum(weights.values()) > 0):
        raise ParamsError(f"{place}: allowed: weights from 0, not all of them 0")


def _check(industry: Industry) -> None:
    """Refuse a specification whose parts do not fit together."""
    if len(industry.segments) < 2 or abs(sum(industry.shares) - 1) > 1e-6 or min(industry.shares) <= 0:
        raise ParamsError(
            f"segments: {len(industry.segments)} with shares that sum to {sum(industry.shares):g}; allowed: "
            "at least two, each above 0, that sum to 1"
        )
    for kind, columns in industry.columns.items():
        _known("columns", [kind], KINDS)
        contact = ("email", "phone") if kind == "customers" else ()
        _known(f"columns.{kind}", columns, [role.name for role in KINDS[kind].roles] + list(contact))
    _known("columns", ["customers"], industry.columns)
    for kind in industry.columns:
        _known(f"columns.{kind}", ["customer"], industry.columns[kind])
    for name, planted in industry.segments.items():
        _check_segment(f"segments.{name}", planted, industry)


def _check_segment(place: str, planted: Planted, industry: Industry) -> None:
    _known(f"{place}.attributes", planted.attributes, industry.attributes)
    _known(f"{place}.answers", planted.answers, industry.traits())
    _known(f"{place}.responds", planted.responds, industry.campaigns)
    if planted.contracts:
        _known(f"{place}.contracts.plans", planted.contracts.plans, industry.plans)
        _known(f"{place}.contracts.units", filter(None, [planted.contracts.units]), industry.attributes)
    if not 0 < planted.tenure[0] <= planted.tenure[1]:
        raise ParamsError(f"{place}.tenure: found {planted.tenure}; allowed: least and most days, above 0")
    if planted.purchases:
        if len(planted.purchases.months) not in (0, 12):
            raise ParamsError(f"{place}.purchases.months: allowed: twelve weights, January first")
        for key in ("categories", "channels", "payments"):
            _weights(f"{place}.purchases.{key}", getattr(planted.purchases, key))
    for column, values in planted.attributes.items():
        if isinstance(values, dict):
            _weights(f"{place}.attributes.{column}", values)


def read(path: str | Path) -> Industry:
    """Read a specification from YAML; its keys are the attributes of `Industry`.

    Raises
    ------
    ParamsError
        One line for every problem.
    """
    path = Path(path)
    if not path.is_file():
        raise ParamsError(f"{path}: there is no such file; allowed: a specification in YAML")
    try:
        raw = yaml.safe_load(path.read_text(encoding="utf-8"))
        return TypeAdapter(Industry).validate_python(raw)
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path}: is not YAML: {one_line(str(error))}") from None
    except ParamsError as error:
        raise ParamsError(f"{path}: {error}") from None
    except ValidationError as error:
        problems = [f"{path}: {'.'.join(map(str, e['loc']))}: {one_line(e['msg'])}" for e in error.errors()]
        raise ParamsError("\n".join(dict.fromkeys(problems))) from None
