"""What a stage reads of a params file: whole sections, and parts of sections such as `implement.consent`."""

from __future__ import annotations

from types import SimpleNamespace
from typing import Any

from seglib.catalogue import STAGES
from seglib.catalogue import stage as record_of
from seglib.errors import RunError, listing
from seglib.project.params import Params


def section(dumped: dict[str, Any], name: str) -> object:
    """Return a section of dumped params, or a part of one, such as `implement.consent`; none where it is missing."""
    first, *rest = name.split(".")
    found: object = dumped.get(first)
    for step in rest:
        found = found.get(step) if isinstance(found, dict) else None
    return found


class Sections:
    """The sections of a params file that a stage may read; others would make it stale."""

    def __init__(self, params: Params, stage: str) -> None:
        self._params, self._stage = params, stage
        self._open = {s for st in STAGES[: STAGES.index(stage) + 1] for s in record_of(st).sections}

    def __getattr__(self, name: str) -> Any:
        parts = [s.partition(".")[2] for s in self._open if s.startswith(f"{name}.")]
        if parts and name not in self._open:
            return SimpleNamespace(**{part: getattr(getattr(self._params, name), part) for part in parts})
        if name in type(self._params).model_fields and name not in self._open:
            raise RunError(
                f"stage {self._stage} does not read the section '{name}'; it reads "
                f"{listing(self._open, 30)}. Name it in its record in seglib/catalogue/stages"
            )
        return getattr(self._params, name)
