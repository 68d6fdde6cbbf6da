"""How a notebook gets its run: params, knobs, published or trial."""

from __future__ import annotations

import json
from pathlib import Path

from seglib import report
from seglib.catalogue import STAGES
from seglib.catalogue import stage as record_of
from seglib.errors import ParamsError, RunError, listing
from seglib.project import params as parameters
from seglib.project.lock import check_free
from seglib.project.run import Run
from seglib.project.sections import section
from seglib.project.store import Store
from seglib.project.trials import Trial, trial_of


def check_earlier(run: Run) -> None:
    """Refuse to stand on a stage that is missing or ran with other params."""
    now = run.full.model_dump(mode="json")
    for stage in STAGES[: STAGES.index(run.stage)]:
        own = run.trial is not None and run.store.stage(stage)
        manifest = (run.store if own else run.published).manifest()
        what = f"{run.full.name} as of {run.full.as_of}: stage {stage}"
        if manifest.get("stages", {}).get(stage, {}).get("state") != "done":
            beside = f", or set trial={run.trial.name!r} in it" if run.trial else ""
            raise RunError(
                f"{what} is not done; run notebook {record_of(stage).notebook} first{beside}, or: "
                f"seglib run --to {run.stage}"
            )
        ran = manifest.get("params", {})
        changed = [s for s in record_of(stage).sections if section(now, s) != section(ran, s)]
        if changed:
            raise RunError(
                f"{what} ran before '{listing(changed)}' changed; run notebook "
                f"{record_of(stage).notebook} again, or: seglib run --from {stage}"
            )


def _split(overrides: str) -> list[str]:
    return [change.strip() for change in overrides.split(";") if change.strip()]


def _with_earlier(trial: str, changes: list[str], run: Run) -> list[str]:
    """Add to the changes those under which the trial has run so far, where they are not changed again."""
    earlier = Store(Trial(trial).folder(run.published.root)).manifest().get("trial", [])
    now = {change.partition("=")[0] for change in changes}
    return [c for c in earlier if c.partition("=")[0] not in now] + changes


def open_run(
    params: str,
    stage: str,
    *,
    reports: str = "reports",
    overrides: str = "",
    trial: str = "",
    **knobs: object,
) -> Run:
    """Open a run for one stage.

    Only `seglib run`, and a batch run of a notebook as it stands, write to the published run.
    Everything else is a trial beside it, `reports/NAME/AS_OF/trials/ID`.

    Parameters
    ----------
    params
        The params file, relative to the repository.
    stage
        The stage that runs.
    reports
        Folder that receives the runs, relative to the repository.
    overrides
        Changes to the params file: `key.path=value`, separated by semicolons, or a JSON list.
    trial
        The trial to go on with; named by what is changed if absent.
    knobs
        The notebook's own knobs; 0 and "" mean as the params file says.

    Raises
    ------
    ParamsError
        One line for everything that is wrong in the params file.
    RunError
        If an earlier stage is missing, ran with other params, or another process runs this run.
    """
    path = Path(params)
    root = parameters.find_root(path.parent if path.is_absolute() else Path.cwd())
    path = path if path.is_absolute() else root / path
    changes = json.loads(overrides) if overrides.startswith("[") else _split(overrides)
    known = record_of(stage).knobs
    unknown = set(knobs) - set(known)
    if unknown:
        raise ParamsError(
            f"notebook {record_of(stage).notebook} has no knob '{listing(unknown)}'; knobs: {listing(known)}"
        )
    changes += [f"{known[name]}={json.dumps(value)}" for name, value in knobs.items() if value]
    folder = Path(reports) if Path(reports).is_absolute() else root / reports
    if trial:
        changes = _with_earlier(trial, changes, Run(parameters.load(path, changes), stage, root, folder))
    run = Run(parameters.load(path, changes), stage, root, folder, trial_of(trial, changes))
    if run.published.root.exists():
        check_free(run.published)
    check_earlier(run)
    run.start()
    report.begin(run.context())
    return run
