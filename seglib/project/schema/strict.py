"""What all sections of a params file share."""

from __future__ import annotations

import inspect
from typing import Annotated, Any

from pydantic import BaseModel, ConfigDict, Field, GetJsonSchemaHandler
from pydantic.json_schema import JsonSchemaValue

#: What stands in a docstring between its first sentence and the descriptions of the keys.
_ATTRIBUTES = "\n\nAttributes\n----------\n"

#: Numbers that may be written as whole numbers too.
Number = Annotated[float, Field(strict=False)]
Share = Annotated[float, Field(strict=False, ge=0, le=1)]
#: A share above 0.
Part = Annotated[float, Field(strict=False, gt=0, le=1)]
Positive = Annotated[float, Field(strict=False, gt=0)]
NotNegative = Annotated[float, Field(strict=False, ge=0)]


class Strict(BaseModel):
    """A section that refuses unknown keys and other types than its own; its docstring describes its keys."""

    model_config = ConfigDict(
        extra="forbid", strict=True, frozen=True, validate_default=True, allow_inf_nan=False
    )

    @classmethod
    def __get_pydantic_json_schema__(cls, core_schema: Any, handler: GetJsonSchemaHandler) -> JsonSchemaValue:
        form = handler.resolve_ref_schema(handler(core_schema))
        form["description"] = _described(cls)[0]
        for section in cls.__mro__:
            for name, text in _described(section)[1].items():
                form["properties"][name].setdefault("description", text)
        return form


def _described(section: type) -> tuple[str, dict[str, str]]:
    """Read what a docstring says of a section, and of each of its keys."""
    first, _, attributes = inspect.cleandoc(section.__doc__ or "").partition(_ATTRIBUTES)
    texts: dict[str, list[str]] = {}
    for line in attributes.splitlines() if issubclass(section, Strict) else ():
        if line.startswith(" "):
            texts[list(texts)[-1]].append(line.strip())
        else:
            texts[line] = []
    return first, {name: " ".join(lines) for name, lines in texts.items()}


def twice(names: list[str]) -> str | None:
    """Find the first name, in the order of the alphabet, that stands in a list twice."""
    return min((name for name in names if names.count(name) > 1), default=None)
