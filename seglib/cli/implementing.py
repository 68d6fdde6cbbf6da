"""seglib plan and seglib pack: before a campaign, and what may be passed on."""

from __future__ import annotations

from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from seglib.cli.shared import REPORTS, app, out, stopping


@app.command()
def plan(
    params: Annotated[str, typer.Argument(help="The project's params file.")],
    effect: Annotated[
        float | None,
        typer.Option(
            min=0, max=1, help="Wanted effect in responses per contact; that of the plays if absent."
        ),
    ] = None,
    share: Annotated[float | None, typer.Option(min=0.01, max=0.99, help="Share held out.")] = None,
    days: Annotated[int | None, typer.Option(min=1, help="Days over which it is measured.")] = None,
    reports: REPORTS = "reports",
) -> None:
    """Say how many customers of each segment show an effect, and how long that takes, before money is spent."""
    from seglib.project import params as parameters
    from seglib.project import planning

    with stopping():
        rows = planning.plan(parameters.load(Path(params)), Path(reports).resolve(), effect, share, days)
    table = Table(
        *(
            "segment",
            "customers",
            "measured by",
            "without",
            "effect",
            "contacted",
            "held out",
            "enough",
            "days",
        ),
        "visible today",
    )

    def written(value: float, form: str) -> str:
        return "–" if value != value else format(value, form)

    for row in rows.itertuples():
        enough = "–" if row.enough != row.enough else "yes" if row.enough else "no"
        form = _FORMS[row.outcome]
        table.add_row(
            row.name,
            f"{row.customers:,}",
            row.outcome,
            written(row.rate, form),
            written(row.effect, form),
            written(row.contacted, ",.0f"),
            written(row.held_out, ",.0f"),
            enough,
            written(row.days, ",.0f"),
            written(row.visible, form),
        )
    out.print(table)


#: How an outcome is written: a share of customers, or orders or money per customer.
_FORMS = {"share": ".2%", "orders": ".3g", "spend": ",.2f"}


@app.command()
def pack(
    run: Annotated[str, typer.Argument(help="A run: NAME or NAME/AS_OF.")],
    kind: Annotated[str, typer.Option("--as", help="folder, zip or html (one file).")] = "zip",
    target: Annotated[str | None, typer.Option("--out", help="Where to; beside the run if absent.")] = None,
    reports: REPORTS = "reports",
) -> None:
    """Pack the pages of a run to be passed on; it refuses ids and tables with a row per customer."""
    from seglib.project import packing
    from seglib.project.progress import short
    from seglib.project.status import run_named

    with stopping():
        made = packing.pack(run_named(Path(reports).resolve(), run), kind, Path(target) if target else None)
    out.print(short(str(made)), markup=False)
