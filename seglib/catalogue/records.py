"""One record per stage, read from `stages/NN_NAME.yaml`; a file more is a stage more."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Any

import yaml

from seglib.errors import RunError, nearest

_FOLDER = Path(__file__).parent / "stages"


@dataclass(frozen=True)
class Stage:
    """One stage: one notebook, one package, one page.

    Attributes
    ----------
    name
        As on the command line.
    notebook
        Its notebook without the ending; it orders the stages.
    title, question
        Its words in the navigation, and the question that its page answers.
    sections
        Sections of the params file that it reads besides those of earlier stages.
    knobs
        Parameters of its notebook, and what each changes in the params file.
    tables
        The declarations of the tables that it writes, by name.
    """

    name: str
    notebook: str
    title: str
    question: str
    sections: tuple[str, ...]
    knobs: dict[str, str]
    tables: dict[str, dict[str, Any]]

    @property
    def page(self) -> str:
        """The file name of its page."""
        return f"{self.notebook}.html"


@cache
def _records() -> dict[str, Stage]:
    loader = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
    records = {}
    for file in sorted(_FOLDER.glob("[0-9][0-9]_*.yaml")):
        raw = yaml.load(file.read_text(encoding="utf-8"), Loader=loader)  # noqa: S506  (a SafeLoader)
        name = file.stem[3:]
        records[name] = Stage(
            name,
            file.stem,
            f"{int(file.stem[:2])} {name.capitalize()}",
            raw["question"],
            tuple(raw["sections"]),
            raw.get("knobs") or {},
            raw["tables"],
        )
    return records


#: The stages in order.
STAGES: tuple[str, ...] = tuple(_records())


def stage(name: str) -> Stage:
    """Return the record of a stage.

    Raises
    ------
    RunError
        If there is none of that name.

    Examples
    --------
    >>> stage("segment").notebook
    '03_segment'
    """
    if name not in _records():
        raise RunError(f"there is no stage '{name}'; stages: {', '.join(STAGES)}.{nearest(name, STAGES)}")
    return _records()[name]


@cache
def stage_of() -> dict[str, str]:
    """Return every table of a run with the stage that writes it."""
    return {table: record.name for record in _records().values() for table in record.tables}
