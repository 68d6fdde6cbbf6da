"""What all commands share: options, and how they stop."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Annotated, Any

import typer
from rich.console import Console

from seglib.errors import SegError

app = typer.Typer(
    help="Customer segmentation: from customer data to a targeting decision.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=True,
)
err = Console(stderr=True, highlight=False, soft_wrap=True)
out = Console(highlight=False, soft_wrap=True)

PARAMS = Annotated[list[str], typer.Argument(help="Params files, one per project.")]
CHANGES = Annotated[
    list[str], typer.Option("--set", help="Change a value: segment.k=5. Can be given many times.")
]
AS_OF = Annotated[
    str | None,
    typer.Option("--as-of", help="Day of the run: a date, or last month, last week …", show_default=False),
]
REPORTS = Annotated[str, typer.Option(help="Folder that receives the runs.")]


def stop(lines: str, code: int = 2) -> None:
    """Stop with lines in red."""
    for line in lines.splitlines():
        err.print(f"seglib: {line}", style="red", markup=False)
    raise typer.Exit(code)


@contextlib.contextmanager
def stopping(debug: bool = False) -> Iterator[None]:
    """Stop with a line for each thing that is wrong, or with the traceback if asked."""
    try:
        yield
    except SegError as error:
        if debug:
            raise
        stop(str(error))


def check_early(params: list[str], changes: list[str]) -> None:
    """Check a single params file before the libraries that a run needs are loaded."""
    from seglib.project import params as parameters

    if len(params) == 1:
        with stopping():
            parameters.load(Path(params[0]), [c for c in changes if "." in c.partition("=")[0]])


def dated(as_of: str | None) -> list[str]:
    """Give the change of the params file that sets the day of a run."""
    from seglib.project.as_of import day

    with stopping():
        return [f"as_of={day(as_of, '--as-of')}"] if as_of else []


def ended(outcomes: list[Any], debug: bool) -> None:
    """Say how runs ended: 2 for bad input, 1 for a defect, 3 if there are alerts."""
    from seglib.project import progress

    if len(outcomes) > 1:
        out.print(progress.summary(outcomes))
    for line in progress.notes(outcomes, debug):
        err.print(line, markup=False)
    for outcome in outcomes:
        if outcome.page:
            out.print(f"Decision page: {progress.short(outcome.page)}", markup=False)
    errors = [o for o in outcomes if o.error]
    if errors:
        stop("\n".join(o.error for o in errors), 2 if all(o.known for o in errors) else 1)
    alerts = [f"{o.name}: alert: {line}" for o in outcomes for line in o.alerts]
    for line in alerts:
        err.print(f"seglib: {line}", markup=False)
    if alerts:
        raise typer.Exit(3)
