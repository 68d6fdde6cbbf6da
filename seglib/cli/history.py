"""seglib history: a project at one date after another."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer

from seglib.cli.shared import CHANGES, REPORTS, app, check_early, ended, err, stopping
from seglib.errors import ParamsError


@app.command()
def history(
    params: Annotated[str, typer.Argument(help="The project's params file.")],
    first: Annotated[str, typer.Option("--from", help="Day of the first run, as in 2025-01-01.")],
    last: Annotated[
        str | None,
        typer.Option("--to", help="Last day; as_of of the params file if absent.", show_default=False),
    ] = None,
    every: Annotated[str, typer.Option(help="day, week, month, quarter or year; or 2 weeks.")] = "month",
    changes: CHANGES = [],  # noqa: B006
    reports: REPORTS = "reports",
    jobs: Annotated[int, typer.Option(min=1, help="Dates at a time.")] = 2,
    force: Annotated[bool, typer.Option(help="Run stages again that have not changed.")] = False,
) -> None:
    """Run a project at one date after another, the oldest first: a back-test, or a catch-up after a gap."""
    from seglib.project import as_of as dates

    check_early([params], changes)
    from seglib.project import params as parameters
    from seglib.project import progress
    from seglib.project.history import run_history
    from seglib.project.orders import Order

    with stopping():
        if any(c.startswith("as_of=") for c in changes):
            raise ParamsError("--set as_of: a history sets as_of itself; name its days in --from and --to")
        end = dates.day(last, "--to") if last else parameters.load(Path(params)).as_of
        days = dates.days(dates.day(first, "--from"), end, dates.every(every))
    orders = [Order(params, (*changes, f"as_of={day}"), reports=reports, force=force) for day in days]
    with progress.Live(err) as live:
        outcomes = run_history(orders, [str(day) for day in days], jobs, live)
    ended(outcomes, debug=False)
