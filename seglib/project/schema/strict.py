"""What all sections of a params file share."""

from __future__ import annotations

from typing import Annotated

from pydantic import BaseModel, ConfigDict, Field

#: Numbers that may be written as whole numbers too.
Number = Annotated[float, Field(strict=False)]
Share = Annotated[float, Field(strict=False, ge=0, le=1)]
#: A share above 0.
Part = Annotated[float, Field(strict=False, gt=0, le=1)]
Positive = Annotated[float, Field(strict=False, gt=0)]
NotNegative = Annotated[float, Field(strict=False, ge=0)]


class Strict(BaseModel):
    """A section that refuses unknown keys and other types than its own."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, validate_default=True, allow_inf_nan=False
    )


def twice(names: list[str]) -> str | None:
    """Find the first name, in the order of the alphabet, that stands in a list twice."""
    return min((name for name in names if names.count(name) > 1), default=None)
