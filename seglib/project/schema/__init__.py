"""The schema of a params file."""

from __future__ import annotations

import datetime as dt
import re
from contextlib import suppress
from typing import Annotated, Any, Literal, get_args

from pydantic import Field, PrivateAttr, field_validator, model_validator

from seglib.errors import listing
from seglib.project import as_of as days
from seglib.project.schema.assess import Assess
from seglib.project.schema.implement import Implement
from seglib.project.schema.monitor import Monitor
from seglib.project.schema.plays import Objective, Target
from seglib.project.schema.segment import Basis, Segment, auto_or_list
from seglib.project.schema.sources import Sources
from seglib.project.schema.strict import Number, Part, Strict, twice

Level = Literal["binary", "nominal", "ordinal", "interval", "ratio"]
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")


class Privacy(Strict):
    """What may be used, and what may be shown.

    Attributes
    ----------
    min_cell
        Fewest customers in a published cell; smaller cells are suppressed.
    purpose
        What customers must have consented to, as written in columns.purposes.
    allow
        Columns that look like personal data and may be used anyway.
    protected
        Protected attributes besides age, gender, ethnicity, health and religion.
    form_on
        Protected attributes that may be segmentation variables; all others are descriptors.
    strict
        Show no protected attribute of any segment, however large.
    """

    min_cell: int = Field(10, ge=1)
    purpose: str | None = None
    allow: list[str] = Field([])
    protected: list[str] = Field([])
    form_on: list[str] = Field([])
    strict: bool = False


class Words(Strict):
    """What a feature is called, and what a segment with much or little of it is called.

    Attributes
    ----------
    high
        Name for much, or for yes; with {answer} in it for several answers, as in: on {answer} contracts.
    low
        Name for little, or for no.
    answers
        Words for single answers, as in {Two year: on two-year contracts}.
    """

    label: str = Field(min_length=1)
    high: str | None = None
    low: str | None = None
    answers: dict[str, Annotated[str, Field(min_length=1)]] = Field({})


class Scale(Strict):
    """Items of a survey that measure one thing.

    Attributes
    ----------
    basis
        Basis that the scale belongs to.
    items
        Survey items, or columns of customers.
    reverse
        Items in which a high answer means less.
    range
        Lowest and highest answer.
    """

    basis: Literal["psychographic", "needs"] = "psychographic"
    items: list[str] = Field(min_length=1)
    reverse: list[str] = Field([])
    range: Annotated[list[Number], Field(min_length=2, max_length=2)] = Field([1, 5])

    @model_validator(mode="after")
    def _known(self) -> Scale:
        strange = sorted(set(self.reverse) - set(self.items))
        if strange:
            raise ValueError(
                f"reverse names '{strange[0]}', which items does not; items: {listing(self.items)}"
            )
        if repeated := twice(self.items):
            raise ValueError(f"items names '{repeated}' twice")
        if self.range[0] >= self.range[1]:
            raise ValueError(f"range: found {self.range}; allowed: lowest, then highest answer")
        return self


class Need(Strict):
    """A need: the survey items that ask how much it matters, and how well it is met.

    Attributes
    ----------
    importance
        Item that asks how much it matters.
    met
        Item that asks how well it is met.
    """

    importance: str
    met: str | None = None


class Place(Strict):
    """Where a branch is."""

    latitude: Annotated[float, Field(strict=False, ge=-90, le=90)]
    longitude: Annotated[float, Field(strict=False, ge=-180, le=180)]


class Explore(Strict):
    """What the second stage shows.

    Attributes
    ----------
    map_sample
        Most customers on the map.
    """

    map_sample: int = Field(5000, ge=100)


class Params(Strict):
    """One project.

    Attributes
    ----------
    name
        Folder of the runs; the name of the file if absent.
    title
        One line, shown on every page.
    as_of
        Data from this date on are not used. A rule (yesterday, last week, last month, last quarter, last year) is
        resolved on the day of the run to the first day after what it names.
    currency
        ISO 4217, as in GBP.
    margin
        Gross margin as a share of revenue, net of returns, of the whole project; what the costs of the orders
        say if absent, else amounts are revenue.
    bases
        auto, or a list of columns, which may contain auto.
    levels
        Levels of measurement, or {answer: number} for ordered answers.
    labels
        Labels of features: a text, or {label, high, low}, as in {label: Bookings, high: many bookings, low:
        few bookings}; and answers, the words for single answers.
    scales
        Survey scales, by name.
    needs
        Needs asked for in a survey, by name.
    branches
        Own branches, by name.
    """

    name: str
    title: str = Field(pattern=r"^[^\r\n]*\S[^\r\n]*$")
    objective: Objective
    as_of: dt.date
    currency: str | None = Field(None, pattern=r"^[A-Z]{3}$")
    margin: Part | None = None
    sources: Sources
    bases: dict[Basis, Any] = Field(min_length=1)
    levels: dict[str, Any] = Field({})
    labels: dict[str, Words] = Field({})
    scales: dict[str, Scale] = Field({})
    needs: dict[str, Need] = Field({})
    branches: dict[str, Place] = Field({})
    privacy: Privacy = Privacy()
    explore: Explore = Explore()
    segment: Segment
    assess: Assess = Assess()
    target: Target = Target()
    implement: Implement = Implement()
    monitor: Monitor = Monitor()
    _as_of_rule: str = PrivateAttr("")

    @field_validator("name")
    @classmethod
    def _name(cls, value: str) -> str:
        if not NAME.fullmatch(value):
            raise ValueError(
                f"found '{value}'; allowed: letters, digits, - and _, beginning with a letter or "
                "digit, 64 at most"
            )
        return value

    @field_validator("as_of", mode="before", json_schema_input_type=dt.date | Literal[tuple(days.RULES)])
    @classmethod
    def _as_of(cls, value: object) -> object:
        if isinstance(value, dt.date) and not isinstance(value, dt.datetime):
            return value
        if isinstance(value, str):  # in quotes
            with suppress(ValueError):
                return dt.date.fromisoformat(value.strip())
        raise ValueError(f"found {value!r}; allowed: {days.known(value)}")

    @field_validator("labels", mode="before", json_schema_input_type=dict[str, str | Words])
    @classmethod
    def _labels(cls, value: object) -> object:
        """Read a text as a label."""
        if not isinstance(value, dict):
            return value
        return {name: {"label": words} if isinstance(words, str) else words for name, words in value.items()}

    @field_validator("bases")
    @classmethod
    def _bases(cls, value: dict[str, Any]) -> dict[str, Any]:
        for basis, columns in value.items():
            try:
                auto_or_list(columns)
            except ValueError as error:
                raise ValueError(f".{basis}: {error}") from None
        named = [c for columns in value.values() if columns != "auto" for c in columns if c != "auto"]
        if repeated := twice(named):
            raise ValueError(f"name the column '{repeated}' twice; a column belongs to one basis")
        return value

    @field_validator("levels")
    @classmethod
    def _levels(cls, value: dict[str, object]) -> dict[str, object]:
        for column, level in value.items():
            numbers = (
                isinstance(level, dict)
                and level
                and all(isinstance(v, int | float) and not isinstance(v, bool) for v in level.values())
            )
            if not numbers and level not in get_args(Level):
                raise ValueError(
                    f".{column}: found {level!r}; allowed: {listing(get_args(Level))}, or numbers by answer"
                )
        return value

    @model_validator(mode="after")
    def _on_named(self) -> Params:
        absent = [basis for basis in self.segment.on if basis not in self.bases]
        if absent:
            raise ValueError(
                f"segment.on names '{absent[0]}', which bases does not; named there: {listing(self.bases)}"
            )
        return self

    @property
    def as_of_rule(self) -> str:
        """The rule from which `as_of` was resolved; empty if it is a date in the params file."""
        return self._as_of_rule

    def given(self) -> dict[str, str]:
        """List the columns that the bases name, each with its basis."""
        return {c: b for b, cs in self.bases.items() if cs != "auto" for c in cs if c != "auto"}

    def derived(self) -> list[str]:
        """List the bases that are derived from the sources."""
        return [b for b, cs in self.bases.items() if "auto" in cs]
