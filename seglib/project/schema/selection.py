"""The schema of who is taken out of an audience: contacted often enough, or without the movement that a play is for."""

from __future__ import annotations

from typing import Literal

from pydantic import Field, field_validator, model_validator

from seglib.project.schema.strict import Strict


class Cap(Strict):
    """The most contacts of one person in a time, counted in sources.campaigns.

    Attributes
    ----------
    contacts
        Most contacts, the planned one included.
    days
        In so many days before the start.
    channel
        Of one channel; of all together if absent.
    """

    contacts: int = Field(ge=1)
    days: int = Field(ge=1)
    channel: str | None = None


class Movement(Strict):
    """A movement since the run before, which customers must have made to be in the audience of a play.

    Attributes
    ----------
    what
        moved (to another segment), entered (was in no segment), became at risk, or recovered. Who left is in no
        segment now, and so in no audience.
    before
        Segment in the run before, by name or number; any if absent.
    now
        Segment now, by name or number; any if absent.
    """

    what: Literal["moved", "entered", "became at risk", "recovered"] = "moved"
    before: str | None = None
    now: str | None = None

    @field_validator("before", "now", mode="before")
    @classmethod
    def _number(cls, value: object) -> object:
        """Read a number as the name of a segment."""
        return str(value) if isinstance(value, int) and not isinstance(value, bool) else value

    @model_validator(mode="after")
    def _entered(self) -> Movement:
        if self.what == "entered" and self.before is not None:
            raise ValueError(".before names a segment; who entered was in none: take it out")
        return self
