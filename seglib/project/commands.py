"""Commands that the command line adds to its own; what they need is loaded when they run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer

from seglib.errors import RunError


def score(
    params: Annotated[str, typer.Argument(help="The project's params file.")],
    customers: Annotated[
        str | None,
        typer.Option(help="File with a row per new customer: id and features.", show_default=False),
    ] = None,
    source: Annotated[
        list[str] | None,
        typer.Option(
            help="Instead of --customers, the sources of new customers: KIND=FILE, in the form of the params' "
            "sources; can be given many times.",
            show_default=False,
        ),
    ] = None,
    as_of: Annotated[
        str | None,
        typer.Option(
            help="Day that --source is counted back from; as the params say if absent.", show_default=False
        ),
    ] = None,
    out: Annotated[
        str | None, typer.Option(help="CSV or Parquet file; standard output if absent.", show_default=False)
    ] = None,
    reports: Annotated[str, typer.Option(help="Folder of the runs.")] = "reports",
) -> None:
    """Give new customers the segments of a project's run, and say who cannot be scored and why."""
    from seglib.project import scoring

    where = Path(reports).resolve()
    if (customers is None) == (not source):
        raise RunError(
            "seglib score takes either --customers FILE (their features) or --source KIND=FILE (their rows, as in "
            "--source transactions=new.csv)"
        )
    if customers is not None:
        scored = scoring.score_file(params, customers, where)
    else:
        scored = scoring.score_sources(params, source or [], where, as_of)
    if out is None:
        sys.stdout.write(scoring.as_csv(scored))
    else:
        scoring.write_scored(scored, Path(out))
    n = int(scored.segment.notna().sum())
    typer.echo(f"{n:,} of {len(scored):,} customers have a segment", err=True)
    for remark, count in scored.remark.value_counts().items():
        typer.echo(f"{count:,}: {remark}", err=True)
