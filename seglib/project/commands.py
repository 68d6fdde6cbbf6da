"""Commands that the command line adds to its own; what they need is loaded when they run."""

from __future__ import annotations

import sys
from pathlib import Path
from typing import Annotated

import typer


def score(
    params: Annotated[str, typer.Argument(help="The project's params file.")],
    customers: Annotated[str, typer.Option(help="File with a row per new customer: id and features.")],
    out: Annotated[
        str | None, typer.Option(help="CSV or Parquet file; standard output if absent.", show_default=False)
    ] = None,
    reports: Annotated[str, typer.Option(help="Folder of the runs.")] = "reports",
) -> None:
    """Give new customers the segments of a project's run, and say who cannot be scored and why."""
    from seglib.project import scoring

    scored = scoring.score_file(params, customers, Path(reports).resolve())
    if out is None:
        sys.stdout.write(scoring.as_csv(scored))
    else:
        scoring.write_scored(scored, Path(out))
    n = int(scored.segment.notna().sum())
    typer.echo(f"{n:,} of {len(scored):,} customers have a segment", err=True)
    for remark, count in scored.remark.value_counts().items():
        typer.echo(f"{count:,}: {remark}", err=True)
