"""The command line: seglib new | check | run | history | simulate | forget | purge."""

from __future__ import annotations

import datetime as dt
import sys
from pathlib import Path
from typing import Annotated

import typer
from rich.table import Table

from seglib.cli.history import history
from seglib.cli.implementing import pack, plan
from seglib.cli.shared import (
    AS_OF,
    CHANGES,
    PARAMS,
    REPORTS,
    app,
    check_early,
    dated,
    ended,
    err,
    out,
    stop,
    stopping,
)
from seglib.errors import ParamsError, RunError, SegError, listing, nearest
from seglib.project import commands

__all__ = ["app", "history", "main", "pack", "plan"]


def _stage(name: str | None, default: str) -> str:
    from seglib.catalogue import STAGES

    if name is not None and name not in STAGES:
        raise RunError(f"there is no stage '{name}'; stages: {', '.join(STAGES)}.{nearest(name, STAGES)}")
    return name or default


def _projects(paths: list[str]) -> list[str]:
    """Leave the library of plays out, so that `params/*.yaml` names the projects."""
    return [p for p in paths if Path(p).name != "plays.yaml"] or paths


@app.command()
def run(
    params: PARAMS,
    first: Annotated[str | None, typer.Option("--from", help="First stage to run.")] = None,
    last: Annotated[str | None, typer.Option("--to", help="Last stage to run.")] = None,
    changes: CHANGES = [],  # noqa: B006
    reports: REPORTS = "reports",
    jobs: Annotated[int, typer.Option(min=1, help="Projects at a time.")] = 1,
    force: Annotated[bool, typer.Option(help="Run stages again that have not changed.")] = False,
    debug: Annotated[bool, typer.Option(help="Show the traceback of an error.")] = False,
    as_of: AS_OF = None,
    refit: Annotated[
        bool, typer.Option("--refit", help="Fit the segments, also where the stored model would assign them.")
    ] = False,
) -> None:
    """Run projects into their reports; what has not changed is not run again. Ends with 3 if there are alerts."""
    from seglib.catalogue import STAGES

    with stopping(debug):
        begin, end = _stage(first, STAGES[0]), _stage(last, STAGES[-1])
        if STAGES.index(begin) > STAGES.index(end):
            raise RunError(f"--from {begin} comes after --to {end}; the stages are {', '.join(STAGES)}")
        twice = {p for p in params if params.count(p) > 1}
        if twice:
            raise RunError(f"{listing(twice)} is named twice; each project runs once")
    params = _projects(params)
    changes = [*changes, *dated(as_of)]
    check_early(params, changes)
    from seglib.project import pipeline, progress

    orders = [pipeline.Order(p, tuple(changes), begin, end, reports, force, refit) for p in params]
    with progress.Live(err) as live:
        outcomes = pipeline.run_many(orders, jobs, live)
    ended(outcomes, debug)


@app.command()
def check(
    params: PARAMS,
    changes: CHANGES = [],  # noqa: B006
    reports: REPORTS = "reports",
    as_of: AS_OF = None,
) -> None:
    """List everything that is wrong with projects, and when nothing is, what would run."""
    changes = [*changes, *dated(as_of)]
    check_early(params, changes)
    from seglib.project import pipeline, understanding

    failed, several = [], len(params) > 1
    for path in _projects(params):
        try:
            plan = pipeline.would_run(pipeline.Order(path, tuple(changes), reports=reports))
            if several:
                out.print(f"{path}:", markup=False)
            out.print("\n".join(understanding.of_path(path, changes)), markup=False)
            for stage, reason in plan:
                says = f"would run: {reason}" if reason else "is up to date"
                out.print(f"{Path(path).stem} {stage}: {says}", markup=False)
        except SegError as error:
            named = not several or Path(path).name in str(error)
            failed.append(str(error) if named else f"{path}: {error}")
    if failed:
        stop("\n".join(failed))


@app.command()
def simulate(
    folder: Annotated[
        str, typer.Argument(help="Folder for the tables; data/NAME if absent.", show_default=False)
    ] = "",
    customers: Annotated[
        int | None,
        typer.Option(min=100, help="Number; as the specification says if absent.", show_default=False),
    ] = None,
    seed: Annotated[int, typer.Option(min=0, help="Of all draws.")] = 0,
    industry: Annotated[
        str, typer.Option(help="demo, b2b_software, banking, healthcare, telecom or travel.")
    ] = "demo",
    spec: Annotated[
        str | None, typer.Option(help="A specification of your own, in YAML; see docs/simulation.md.")
    ] = None,
    change: Annotated[
        str,
        typer.Option(help="nothing, moved, born, died, split, merged, drift, season or schema; see --on."),
    ] = "",
    on: Annotated[
        str, typer.Option(help="Day from which customers are changed, as in 2025-08-01.", show_default=False)
    ] = "",
) -> None:
    """Generate the tables of an industry; the segments planted in them are written beside, as truth."""
    from seglib import simulate as simulation
    from seglib.project import as_of
    from seglib.project.store import write_tables

    with stopping():
        if industry != "demo" and spec:
            raise ParamsError("--industry and --spec exclude each other; name one")
        specification = simulation.read(spec) if spec else simulation.industry(industry)
        if bool(change) != bool(on):
            raise ParamsError("--change and --on belong together; give both, or neither")
        tables = (
            simulation.changed(specification, change, as_of.day(on, "--on"), customers or 0, seed)
            if change
            else simulation.generate(specification, customers or 0, seed)
        )
    folder = folder or f"data/{Path(spec).stem if spec else industry}"
    write_tables(Path(folder), tables)
    rows = ", ".join(f"{name} {len(table):,} rows" for name, table in tables.items())
    out.print(f"{folder}: {rows}", markup=False)


@app.command()
def forget(
    params: Annotated[str, typer.Argument(help="The project's params file.")],
    customer: Annotated[str, typer.Option(help="The real id; - reads it from standard input.")],
    reports: REPORTS = "reports",
    ahead: Annotated[bool, typer.Option("--ahead", help="List a customer whom no run knows.")] = False,
) -> None:
    """Take a customer out of all runs of a project, and keep them out of later ones."""
    from seglib.project import erasure, implementing
    from seglib.project import params as parameters

    with stopping():
        loaded = parameters.load(Path(params))
        name = loaded.name
        typed = sys.stdin.readline() if customer == "-" else customer
        elsewhere = implementing.eraser(loaded, parameters.find_root(Path(params).parent))
        done = erasure.forget(Path(reports).resolve() / name, typed, ahead=ahead, elsewhere=elsewhere)
    tables = [n for rows in done.runs.values() for n in rows.values()]
    said = (
        f"the customer was forgotten on {done.earlier[:10]}; there was nothing left to take out"
        if done.earlier
        else f"the customer was taken out of {len(done.runs)} of {done.of} runs ({sum(tables):,} rows of "
        f"{len(tables)} tables); later runs leave them out; what is there counts them until it is run again"
    )
    out.print(f"{name}: {said}", markup=False)
    for page in done.mentioned:
        out.print(f"{name}: {page} holds a word that equals the id; look whether it is theirs", markup=False)


@app.command()
def purge(
    older_than: Annotated[str, typer.Option(help="Least age since they were executed, as in 365d.")],
    params: Annotated[list[str] | None, typer.Argument(help="Params files; all projects if none.")] = None,
    reports: REPORTS = "reports",
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Only list them.")] = False,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
) -> None:
    """Take old runs away, the bridge to real ids first."""
    from seglib.project import params as parameters
    from seglib.project import purge as purging

    with stopping():
        names = [parameters.load(Path(p)).name for p in _projects(params or [])]
        before = dt.datetime.now(dt.UTC) - purging.age(older_than)
        old = purging.old_runs(Path(reports).resolve(), names, before)
    for run_ in old:
        out.print(f"{run_.name}: executed on {run_.executed:%Y-%m-%d}", markup=False)
    if not old:
        out.print(f"no run is older than {older_than}", markup=False)
    if not old or dry_run:
        return
    if not yes and not typer.confirm(f"Take {len(old)} runs away for good?", err=True):
        stop("nothing was taken away", 1)
    failed = []
    for run_ in old:
        try:
            purging.remove(run_)
        except SegError as error:
            failed.append(str(error))
    out.print(f"{len(old) - len(failed)} runs were taken away", markup=False)
    if failed:
        stop("\n".join(failed))


@app.command()
def new(
    name: Annotated[str, typer.Argument(help="Of the project: the params file is NAME.yaml.")],
    customers: Annotated[str | None, typer.Option(help="File or ADDRESS#TABLE: a row per customer.")] = None,
    transactions: Annotated[str | None, typer.Option(help="The same: a row per product in an order.")] = None,
    orders: Annotated[str | None, typer.Option(help="A row per order, where these are items.")] = None,
    events: Annotated[str | None, typer.Option(help="File with a row per visit, call or click.")] = None,
    responses: Annotated[str | None, typer.Option(help="File with a row per survey answer.")] = None,
    campaigns: Annotated[str | None, typer.Option(help="File with a row per customer and contact.")] = None,
    subscriptions: Annotated[str | None, typer.Option(help="File with a row per contract.")] = None,
    as_of: Annotated[
        dt.datetime | None, typer.Option(formats=["%Y-%m-%d"], help="Nothing from this date on is looked at.")
    ] = None,
    objective: Annotated[
        str | None, typer.Option(help="retention, growth, acquisition, service, development or allocation.")
    ] = None,
    force: Annotated[bool, typer.Option(help="Replace a params file of that name.")] = False,
    folder: Annotated[str, typer.Option(help="Folder that receives the params file.")] = "params",
) -> None:
    """Write a params file from tables: roles, levels and bases guessed, every guess marked."""
    from seglib.catalogue.sources import KINDS
    from seglib.project import progress, understanding
    from seglib.project.new import draft as project

    files = (customers, transactions, events, responses, campaigns, subscriptions, orders)
    named = {kind: file for kind, file in zip((*KINDS, "orders"), files, strict=True) if file is not None}
    understood: list[str] = []
    with stopping():
        made = project.new(
            name,
            named,
            Path(folder),
            as_of=as_of and as_of.date(),
            objective=objective,
            force=force,
            say=understood.extend,
        )
    out.print("\n".join(understood), markup=False)
    guesses = len(understanding.open_guesses(made.read_text(encoding="utf-8")))
    out.print(
        f"{progress.short(str(made))}: {guesses} guesses to look at; then: seglib run {progress.short(str(made))}",
        markup=False,
    )


@app.command()
def status(params: PARAMS, reports: REPORTS = "reports") -> None:
    """List the runs of projects: stages, pages that are out of date, trials."""
    from seglib.project import params as parameters
    from seglib.project.status import lines

    with stopping():
        for path in _projects(params):
            for line in lines(Path(reports).resolve(), parameters.load(Path(path)).name):
                out.print(line, markup=False)


@app.command()
def compare(
    one: Annotated[str, typer.Argument(help="A run or trial: NAME, NAME/AS_OF or NAME/AS_OF/trials/ID.")],
    other: Annotated[str, typer.Argument(help="Another one.")],
    reports: REPORTS = "reports",
) -> None:
    """Compare two runs or trials: method, segments, stability, sizes, agreement, targets."""
    from seglib.project.compare import side_by_side
    from seglib.project.status import run_named

    with stopping():
        stores = [run_named(Path(reports).resolve(), name) for name in (one, other)]
        table = Table("", one, other)
        for row in side_by_side(*stores).itertuples():
            table.add_row(row.fact, row.one, row.other)
    out.print(table)


app.command()(stopping()(commands.score))


@app.command(hidden=True)
def schema() -> None:
    """Print the JSON schema of a params file."""
    from seglib.project import params as parameters

    sys.stdout.write(parameters.schema())


@app.command(hidden=True)
def tables() -> None:
    """Print the data dictionary: every table of a run, from its declaration."""
    from seglib.catalogue.document import markdown

    sys.stdout.write(markdown())


def main() -> None:
    """Run the command line."""
    app()
