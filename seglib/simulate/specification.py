"""A specification of customers: the segments planted in them and the tables in which these show."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from functools import cache
from pathlib import Path
from typing import Any, Self

import yaml
from pydantic import Field, ValidationError, model_validator

from seglib.catalogue.sources import KINDS
from seglib.errors import ParamsError, listing, nearest, one_line
from seglib.simulate.sections import Attribute, Campaign, Dirt, Item, Planted, Section

_FOLDER = Path(__file__).parent / "industries"
#: Names of the specifications that ship; `demo` is an online shop.
INDUSTRIES = tuple(sorted(file.stem for file in _FOLDER.glob("*.yaml")))
#: Addresses and consent to be contacted, which no role of a params file is for; `implement` names them.
CONTACT = ("email", "phone", "may_email", "may_call", "may_post", "may_push")


class Industry(Section):
    """A specification: what customers are, and which tables are written of them.

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
        customers: customer, consent, registered, and also those of `CONTACT`.
    attributes
        Further columns of the customers.
    items, campaigns, plans
        Of the survey, by item; by campaign; by plan its fee a month.
    customers
        Number generated unless another is asked for.
    days, event_days, survey_days
        Days that transactions, events and answers reach back.
    term
        Months of a contract, after which it is renewed.
    prefix, return_prefix
        Put before numbers of customers, and before the order's number in rows that were returned.
    agreement
        Share of an answer's variation in a segment that items of one trait have in common.
    dirt
        What is wrong.
    """

    title: str
    as_of: dt.date
    segments: dict[str, Planted]
    columns: dict[str, dict[str, str]]
    attributes: dict[str, Attribute] = Field(default_factory=dict)
    items: dict[str, Item] = Field(default_factory=dict)
    campaigns: dict[str, Campaign] = Field(default_factory=dict)
    plans: dict[str, float] = Field(default_factory=dict)
    customers: int = 6000
    days: int = 730
    event_days: int = 180
    survey_days: int = 120
    term: int = 12
    prefix: str = "C"
    return_prefix: str = ""
    agreement: float = 0.5
    dirt: Dirt = Dirt()

    @property
    def shares(self) -> list[float]:
        """Shares of the segments."""
        return [planted.share for planted in self.segments.values()]

    @model_validator(mode="after")
    def _check_references(self) -> Self:
        """Refuse sections that do not fit together."""
        if len(self.segments) < 2 or abs(sum(self.shares) - 1) > 1e-6:
            raise ValueError(
                f"segments: found {len(self.segments)} with shares that sum to {sum(self.shares):g}; allowed: "
                "at least two, with shares that sum to 1"
            )
        _known("columns", self.columns, KINDS)
        _known("dirt.padded", self.dirt.padded, KINDS)
        _given("columns", "customers", self.columns)
        for kind, columns in self.columns.items():
            roles = [role.name for role in KINDS[kind].roles]
            _known(f"columns.{kind}", columns, [*roles, *CONTACT] if kind == "customers" else roles)
            _given(f"columns.{kind}", "customer", columns)
        for name, planted in self.segments.items():
            _known(f"segments.{name}.attributes", planted.attributes, self.attributes)
            _known(f"segments.{name}.answers", planted.answers, [item.trait for item in self.items.values()])
            _known(f"segments.{name}.responds", planted.responds, self.campaigns)
            if planted.contracts:
                _known(f"segments.{name}.contracts.plans", planted.contracts.plans, self.plans)
                units = filter(None, [planted.contracts.units])
                _known(f"segments.{name}.contracts.units", units, self.attributes)
        return self


def _known(place: str, names: Iterable[str], allowed: Iterable[str]) -> None:
    """Refuse a name that is not defined."""
    allowed = list(dict.fromkeys(allowed))
    for name in names:
        if name not in allowed:
            raise ValueError(
                f"{place} names '{name}'; known: {listing(allowed, 20) or 'none'}.{nearest(name, allowed)}"
            )


def _given(place: str, name: str, names: Iterable[str]) -> None:
    if name not in names:
        raise ValueError(f"{place}.{name} is missing; it must be given")


def parse(raw: Any, source: str) -> Industry:
    """Check a specification; its keys are the attributes of `Industry`.

    Parameters
    ----------
    raw
        Keys and values, as YAML gives them.
    source
        Where they come from, for messages.

    Raises
    ------
    ParamsError
        One line for every problem.
    """
    try:
        return Industry.model_validate(raw)
    except ValidationError as error:
        problems = [f"{source}: {_problem(dict(e))}" for e in error.errors()]
        raise ParamsError("\n".join(dict.fromkeys(problems))) from None


def _problem(error: dict[str, Any]) -> str:
    place = ".".join(step for step in map(str, error["loc"]) if not step.startswith(("(", "[")))
    if error["type"] == "missing":
        return f"{place} is missing; it must be given"
    if error["type"] == "value_error":
        message = str(error["ctx"]["error"])
    else:
        found = one_line(repr(error["input"]), 60)
        message = f"found {found}; {error['msg'][0].lower()}{error['msg'][1:]}"
    return f"{place}: {message}" if place else message


def read(path: str | Path) -> Industry:
    """Read a specification from a YAML file.

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
    except (yaml.YAMLError, UnicodeDecodeError) as error:
        raise ParamsError(f"{path}: is not YAML: {one_line(str(error))}") from None
    return parse(raw, str(path))


@cache
def industry(name: str) -> Industry:
    """Read a specification that ships.

    Raises
    ------
    ParamsError
        If there is none of that name.
    """
    if name not in INDUSTRIES:
        raise ParamsError(
            f"industry: found '{name}'; allowed: {listing(INDUSTRIES)}.{nearest(name, INDUSTRIES)}"
        )
    return read(_FOLDER / f"{name}.yaml")
