"""The schema of how segments are formed."""

from __future__ import annotations

from typing import Annotated, Any, Literal, get_args

from pydantic import Field, field_validator, model_validator

from seglib.errors import listing, nearest
from seglib.project.schema.strict import Strict, twice
from seglib.vocabulary import Method

Basis = Literal[
    "demographic",
    "geographic",
    "psychographic",
    "behavioural",
    "firmographic",
    "needs",
    "purchase_cycle",
    "technographic",
    "value",
]

BASES: tuple[str, ...] = get_args(Basis)


class NumberOfSegments(Strict):
    """The range of k that is tried."""

    min: int = Field(2, ge=2, le=30)
    max: int = Field(8, ge=2, le=30)

    @model_validator(mode="after")
    def _ordered(self) -> NumberOfSegments:
        if self.min > self.max:
            raise ValueError(f"min {self.min} is above max {self.max}")
        return self


_K = Annotated[int, Field(ge=2, le=30)] | NumberOfSegments


def _one_number(k: object) -> object:
    if isinstance(k, dict | NumberOfSegments):
        return k
    if isinstance(k, int) and not isinstance(k, bool) and 2 <= k <= 30:
        return {"min": k, "max": k}
    raise ValueError(f"found {k!r}; allowed: a whole number from 2 to 30, or {{min: 2, max: 8}}")


def auto_or_list(value: Any, allowed: tuple[str, ...] = ()) -> Any:
    """Check a value that is auto, or a list of names of which each stands once."""
    if value == "auto":
        return value
    if not isinstance(value, list) or not value or not all(isinstance(v, str) for v in value):
        raise ValueError(f"found {value!r}; allowed: auto, or a list of names")
    for v in value:
        if allowed and v not in allowed:
            raise ValueError(f"found '{v}'; allowed: {listing(allowed)}.{nearest(v, allowed)}")
    if repeated := twice(value):
        raise ValueError(f"names '{repeated}' twice")
    return value


class Segment(Strict):
    """How segments are formed.

    Attributes
    ----------
    on
        Bases of the segmentation variables; other bases are descriptors.
    exclude
        Features of these bases that are descriptors only.
    methods
        auto, or a list of methods.
    resamples
        Bootstrap samples per candidate.
    sample
        Most customers in each bootstrap sample.
    min_share
        Smallest share of a segment.
    merge
        Merge segments that are unstable, too small or overlapping into their nearest neighbour.
    level
        finest: the finest division that the data support; coarsest: the one that is preferred first, whether
        or not its segments divide further.
    ipsatise
        Take each respondent's mean answer off the items of a battery, so that segments differ in the
        pattern of the answers and not in how much is agreed with.
    max_missing
        A feature with a larger share of missing values is a descriptor only.
    """

    on: list[str] = Field(min_length=1)
    exclude: list[str] = Field([])
    methods: Any = "auto"
    k: NumberOfSegments = NumberOfSegments()
    seed: int = Field(0, ge=0, le=2**32 - 1)
    resamples: int = Field(40, ge=10, le=1000)
    sample: int = Field(2000, ge=100)
    min_share: float = Field(0.02, ge=0, lt=0.5)
    merge: bool = False
    level: Literal["finest", "coarsest"] = "finest"
    ipsatise: bool = False
    max_missing: float = Field(0.3, ge=0, lt=1)

    _k = field_validator("k", mode="before", json_schema_input_type=_K)(_one_number)

    @field_validator("methods")
    @classmethod
    def _methods(cls, value: object) -> object:
        return auto_or_list(value, get_args(Method))

    @field_validator("on")
    @classmethod
    def _on(cls, value: list[str]) -> list[str]:
        if repeated := twice(value):
            raise ValueError(f"names '{repeated}' twice")
        for basis in value:
            if basis not in BASES:
                raise ValueError(f"names '{basis}'; known bases: {listing(BASES)}.{nearest(basis, BASES)}")
        return value
