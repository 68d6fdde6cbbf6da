"""A stage's view of a run: its params, its folder, its state."""

from __future__ import annotations

import contextlib
import datetime as dt
import getpass
import json
import time
from functools import cached_property
from pathlib import Path
from typing import Any

from seglib.collect import sources
from seglib.collect.customers import Eligibility
from seglib.collect.features import Settings
from seglib.collect.ledger import Terms
from seglib.errors import ParamsError, RunError, listing
from seglib.project import erasure
from seglib.project import params as parameters
from seglib.project.fingerprints import (
    digest,
    fingerprints,
    input_hashes,
    opened_server,
    source_spec,
    versions,
)
from seglib.project.lock import check_free
from seglib.project.params import SECTIONS, Params
from seglib.project.store import STAGES, TABLES, Store, notebook_name

with contextlib.suppress(ImportError):  # not on Windows, where peak memory stays unknown
    import resource

#: What a notebook's knob changes in the params file.
KNOBS = {
    "k": "segment.k",
    "methods": "segment.methods",
    "map_sample": "explore.map_sample",
    "most": "target.most",
    "objective": "objective",
}


class _Sections:
    """The sections of a params file that a stage may read; others would make it stale."""

    def __init__(self, params: Params, stage: str) -> None:
        self._params, self._stage = params, stage
        self._open = {s for st in STAGES[: STAGES.index(stage) + 1] for s in SECTIONS[st]}

    def __getattr__(self, name: str) -> Any:
        if name in type(self._params).model_fields and name not in self._open:
            raise RunError(
                f"stage {self._stage} does not read the section '{name}'; it reads "
                f"{listing(self._open, 30)}. Name it in seglib.params.SECTIONS"
            )
        return getattr(self._params, name)


class Run:
    """What a notebook works with; made by `open_run`.

    Attributes
    ----------
    stage
        The stage that is running.
    params
        The sections that this stage may read.
    store
        The run's folder.
    """

    def __init__(self, params: Params, stage: str, root: Path, reports: Path) -> None:
        self.stage = stage
        self.full = params
        self.params = _Sections(params, stage)
        self.root = root
        self.store = Store(reports / params.name / params.as_of.isoformat())
        self._started = time.perf_counter()
        self._written: list[str] = []

    @cached_property
    def engine(self) -> Any:
        """Start the engine when it is first needed: the embedded one, or the one that the sources need."""
        named = self.full.sources.named() if self.stage == "collect" else ()
        return sources.engine_for([source_spec(self.full, kind) for kind in named])

    # Tables

    def read(self, name: str) -> Any:
        """Read a table as a pandas frame."""
        return self.store.read(name)

    def scan(self, name: str) -> Any:
        """Open a table in the engine without reading it."""
        return self.store.scan(name, self.engine)

    def has(self, name: str) -> bool:
        """Tell whether the run has a table."""
        return self.store.has(name)

    def write(self, name: str, table: Any) -> None:
        """Write a table of this stage."""
        self.store.write(name, table, self.stage)
        self._written.append(name)

    def write_all(self, tables: dict[str, Any]) -> None:
        """Write several tables of this stage."""
        for name, table in tables.items():
            self.write(name, table)

    def write_model(self, model: Any) -> None:
        """Write what takes features to segments; nothing where there is none."""
        if model is not None:
            self.store.write_model("segmentation", model)

    def scans(self, names: Any) -> dict[str, Any]:
        """Open several tables in the engine; one on a cluster, which cannot see the run's folder, has them."""
        if self.engine.name == "pyspark":
            return dict(names)
        return {name: self.scan(name) for name in names}

    def tables(self, *names: str) -> dict[str, Any]:
        """Open those of these tables that the run has, by name."""
        return {name: self.scan(name) for name in names if self.has(name)}

    def read_model(self) -> Any:
        """Read what takes features to segments; nothing where all customers are one."""
        if self.read("structure").rules.iloc[0] == "nothing":
            return None
        return self.store.read_model("segmentation")

    # Params as plain values

    def sources(self) -> dict[str, sources.Opened]:
        """Open all sources."""
        return {
            kind: self.servers[kind][1]
            if kind in self.servers
            else sources.open_source(self.engine, kind, self.root, source_spec(self.full, kind))
            for kind in self.full.sources.named()
        }

    @cached_property
    def servers(self) -> dict[str, Any]:
        """Open the sources on servers, once: what is hashed for the manifest is what is worked on."""
        return {
            kind: opened_server(self.full, self.root, kind, self.engine)
            for kind in self.full.sources.named()
            if not sources.input_files(kind, self.root, source_spec(self.full, kind))
        }

    def roles(self) -> dict[str, dict[str, str]]:
        """Give the columns by source and role."""
        named = self.full.sources.named()
        return {kind: s.columns.model_dump(exclude_none=True) for kind, s in named.items()}

    def given(self) -> dict[str, str]:
        """Give the columns that the bases name, each with its basis."""
        return self.full.given()

    def terms(self) -> dict[str, Terms]:
        """Give what the params say of the rows of each source."""
        keys = {"rules", "ranges", "dates", "fresh_days", "cancelled_prefix"}
        named = self.full.sources.named()
        return {kind: Terms(**s.model_dump(include=keys, exclude_none=True)) for kind, s in named.items()}

    def eligibility(self) -> Eligibility:
        """Return which customers may be profiled."""
        asked = erasure.forgotten(self.store.root.parent)
        privacy = self.full.privacy
        return Eligibility(privacy.purpose or "", asked.is_forgotten, tuple(privacy.allow))

    def settings(self) -> Settings:
        """Give what features are derived under."""
        full = self.full.model_dump(include={"scales", "needs", "branches", "labels"}, exclude_none=True)
        return Settings(
            as_of=self.full.as_of,
            currency=self.full.currency or "money",
            not_products=tuple(getattr(self.full.sources.transactions, "not_products", ())),
            min_cell=self.full.privacy.min_cell,
            allow=tuple(self.full.privacy.allow),
            **full,
        )

    def plays(self) -> list[dict[str, Any]]:
        """Give the library of plays, the repository's or the one that seglib comes with."""
        return parameters.load_plays(parameters.plays_file(self.root))

    def own_plays(self) -> list[dict[str, Any]]:
        """Give the plays that the params file adds to the library."""
        return self.full.target.model_dump()["plays"]

    def budget(self) -> dict[str, Any]:
        """Give what may be spent on the targets, by its keys in the params file."""
        return self.full.target.budget.model_dump()

    # State

    def facts(self) -> dict[str, str]:
        """Say what a page is about: the provenance strip."""
        manifest = self.store.manifest()
        return {
            "project": self.full.title,
            "objective": self.full.objective,
            "as of": f"{self.full.as_of:%d %B %Y}".lstrip("0"),
            "run": digest(manifest.get("params"), manifest.get("inputs"))[:6],
        }

    def start(self) -> None:
        """Record that this stage has begun; what later stages made is out of date from here."""
        if self.stage == "collect":
            inputs = input_hashes(self.full, self.root, self.servers)
        else:
            inputs = self.store.manifest().get("inputs", {})
        self._prints = fingerprints(self.full, self.root, inputs)
        stages = self.store.manifest().get("stages", {})
        later = STAGES[STAGES.index(self.stage) :]
        kept = {name: state for name, state in stages.items() if name not in later}
        began = dt.datetime.now(dt.UTC).isoformat(timespec="seconds")
        kept[self.stage] = {"state": "running", "began": began, "by": getpass.getuser()}
        self.store.record(
            name=self.full.name,
            params=self.full.model_dump(mode="json"),
            inputs=inputs,
            versions=versions(),
            seed=self.full.segment.seed,
            stages=kept,
        )

    def finish(self) -> None:
        """Record that this stage is done, with what its result depends on."""
        if "engine" in vars(self) and self.engine.name == "pyspark":
            self.engine.disconnect()
        for name in [t for t, stage in TABLES.items() if stage == self.stage]:
            if name not in self._written:
                self.store.remove(name)
        # of the kernel up to here: the stages of a run share one
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 if "resource" in globals() else None
        self.store.record_stage(
            self.stage,
            state="done",
            fingerprint=self._prints[self.stage],
            tables=sorted(self._written),
            seconds=round(time.perf_counter() - self._started, 1),
            peak_mb=peak,
        )


def check_earlier(run: Run) -> None:
    """Refuse to stand on a stage that is missing or ran with other params."""
    manifest = run.store.manifest()
    stages, ran = manifest.get("stages", {}), manifest.get("params", {})
    now = run.full.model_dump(mode="json")
    for stage in STAGES[: STAGES.index(run.stage)]:
        what = f"{run.full.name} as of {run.full.as_of}: stage {stage}"
        if stages.get(stage, {}).get("state") != "done":
            raise RunError(
                f"{what} is not done; run notebook {notebook_name(stage)} first, or: "
                f"seglib run --to {run.stage}"
            )
        changed = [s for s in SECTIONS[stage] if now[s] != ran.get(s)]
        if changed:
            raise RunError(
                f"{what} ran before '{listing(changed)}' changed; run notebook "
                f"{notebook_name(stage)} again, or: seglib run --from {stage}"
            )


def open_run(
    params: str, stage: str, *, reports: str = "reports", overrides: str = "", **knobs: object
) -> Run:
    """Open a run for one stage.

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
    changes = json.loads(overrides) if overrides.startswith("[") else [o for o in overrides.split(";") if o]
    unknown = set(knobs) - set(KNOBS)
    if unknown:
        raise ParamsError(f"a notebook has no knob '{listing(unknown)}'; knobs: {listing(KNOBS)}")
    changes += [f"{KNOBS[name]}={json.dumps(value)}" for name, value in knobs.items() if value]
    folder = Path(reports)
    run = Run(parameters.load(path, changes), stage, root, folder if folder.is_absolute() else root / folder)
    if run.store.root.exists():
        check_free(run.store)
    check_earlier(run)
    run.start()
    return run
