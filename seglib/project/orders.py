"""What is asked of a run, and how it ended."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from papermill import inspect_notebook

from seglib.catalogue import STAGES
from seglib.catalogue import stage as record_of
from seglib.errors import ParamsError, listing, nearest
from seglib.project import params as parameters
from seglib.project.params import Params

#: What a progress line says: project, stage, cell, cells, state.
Progress = Callable[[str, str, int, int, str], None]


@dataclass
class Outcome:
    """How a project ended.

    Attributes
    ----------
    name
        The project.
    states
        By stage: done, unchanged, failed.
    seconds
        It took.
    page
        The decision page, if it was reached.
    error
        One line per problem.
    known
        Whether the error is one of seglib's own: bad input, not a defect.
    traceback
        Where the error arose, for --debug.
    kept
        By stage, the code cells (from 1) whose own output stays in the executed notebook.
    alerts
        What the monitoring found, a line each.
    """

    name: str
    states: dict[str, str] = field(default_factory=dict)
    seconds: float = 0.0
    page: str = ""
    error: str = ""
    known: bool = True
    traceback: str = ""
    kept: dict[str, list[int]] = field(default_factory=dict)
    alerts: list[str] = field(default_factory=list)


@dataclass(frozen=True)
class Order:
    """What is asked of a run: params file, changes, stages, folder, and whether segments are fitted in any case."""

    params: str
    overrides: tuple[str, ...] = ()
    first: str = STAGES[0]
    last: str = STAGES[-1]
    reports: str = "reports"
    force: bool = False
    refit: bool = False


def split_overrides(overrides: tuple[str, ...], root: Path) -> tuple[list[str], dict[str, dict[str, Any]]]:
    """Tell changes of the params file from parameters of single notebooks.

    Raises
    ------
    ParamsError
        If neither the params file nor a notebook knows the key.
    """
    changes: list[str] = []
    by_stage: dict[str, dict[str, Any]] = {stage: {} for stage in STAGES}
    declared = {stage: _declared(root, stage) - {"params", "reports", "overrides"} for stage in STAGES}
    for assignment in overrides:
        key, _, value = assignment.partition("=")
        stages = [stage for stage in STAGES if key in declared[stage]]
        if "." in key or key in Params.model_fields:
            changes.append(assignment)
        elif stages:
            for stage in stages:
                by_stage[stage][key] = parameters.parse_value(value, f"--set {assignment}")
        else:
            known = set().union(*declared.values()) | set(Params.model_fields)
            raise ParamsError(
                f"--set {assignment}: neither the params file nor a notebook has '{key}'; known: "
                f"{listing(known, 30)}.{nearest(key, known)}"
            )
    return changes, by_stage


def _declared(root: Path, stage: str) -> set[str]:
    return set(inspect_notebook(str(root / "notebooks" / f"{record_of(stage).notebook}.ipynb")))
