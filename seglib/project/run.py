"""A stage's view of a run: its params, its tables, its state."""

from __future__ import annotations

import contextlib
import datetime as dt
import getpass
import time
from collections.abc import Callable
from functools import cached_property
from pathlib import Path
from typing import Any

from seglib import report
from seglib.catalogue import STAGES, declaration
from seglib.catalogue import stage as record_of
from seglib.collect import sources
from seglib.collect.customers import Eligibility
from seglib.collect.features import Settings
from seglib.collect.ledger import Terms
from seglib.privacy import protected
from seglib.privacy.consent import working_order
from seglib.project import collecting, erasure
from seglib.project import params as parameters
from seglib.project.fingerprints import (
    digest,
    fingerprints,
    input_hashes,
    opened_server,
    source_spec,
    versions,
)
from seglib.project.implementing import Implementing
from seglib.project.keys import project_key
from seglib.project.memory import remembered
from seglib.project.own_campaigns import OwnCampaigns
from seglib.project.params import Params
from seglib.project.sections import Sections
from seglib.project.stale import mark_later_pages
from seglib.project.store import Store
from seglib.project.trials import Trial, closing

with contextlib.suppress(ImportError):  # not on Windows, where peak memory stays unknown
    import resource


class Run(Implementing, OwnCampaigns):
    """What a notebook works with; made by `open_run`.

    Attributes
    ----------
    stage
        The stage that is running.
    params
        The sections that this stage may read.
    published
        The folder of the run that pages and decisions are read from.
    store
        Where this stage writes: the same, or the folder of a trial.
    trial
        What differs from the published run; none if this is it.
    """

    def __init__(
        self, params: Params, stage: str, root: Path, reports: Path, trial: Trial | None = None
    ) -> None:
        self.stage = stage
        self.full = params
        self.params = Sections(params, stage)
        self.root = root
        self.published = Store(reports / params.name / params.as_of.isoformat())
        self.trial = trial
        self.store = Store(trial.folder(self.published.root)) if trial else self.published
        self._started = time.perf_counter()
        self._written: dict[str, str] = {}

    @cached_property
    def engine(self) -> Any:
        """Start the engine when it is first needed: the embedded one, or the one that the sources need."""
        named = self.full.sources.named() if self.stage == "collect" else ()
        return sources.engine_for([source_spec(self.full, kind) for kind in named])

    def _holder(self, name: str) -> Store:
        """Return the folder that has a table: the trial's own, as far as the trial has run its stage."""
        own = self.trial is not None and self.store.stage(declaration(name).stage)
        return self.store if own or declaration(name).stage == self.stage else self.published

    def read(self, name: str) -> Any:
        """Read a table as a pandas frame, which `report.table` knows how to show.

        Rows of customers come in an order that does not depend on the project's key.
        """
        table = self._holder(name).read(name)
        if "customer" in table.columns and name != "ids" and self.has("ids"):
            table = table.sort_values(
                "customer", key=lambda c: c.map(self._places), kind="stable", ignore_index=True
            )
        return report.declared(table, name)

    @cached_property
    def _places(self) -> Any:
        return working_order(self._holder("ids").read("ids"))

    def scan(self, name: str) -> Any:
        """Open a table in the engine without reading it; none if the run has no such table."""
        return self._holder(name).scan(name, self.engine) if self.has(name) else None

    def published_table(self, name: str) -> Any:
        """Read a table of the published run beside a trial; none if this is no trial, or there is no such table."""
        if self.trial is None or not self.published.has(name):
            return None
        return report.declared(self.published.read(name), name)

    def has(self, name: str) -> bool:
        """Check whether the run has a table."""
        return self._holder(name).has(name)

    def catalogue(self, visible: bool = False) -> Any:
        """Read what is known of each feature, protected attributes marked; without those that are hidden if asked."""
        privacy = self.full.privacy
        marked = protected.marked(self.read("catalogue"), privacy.protected, privacy.form_on)
        return protected.visible(marked, privacy.strict) if visible else marked

    def write(self, name: str, table: Any) -> Any:
        """Write a table of this stage, and return it as `report.table` knows it."""
        self._written[name] = self.store.write(name, table, self.stage)
        return report.declared(table, name) if hasattr(table, "attrs") else table

    def declare(self, name: str, table: Any) -> Any:
        """Return a frame as a declared table that `report.table` knows, without writing it."""
        return report.declared(table, name)

    def write_all(self, tables: dict[str, Any]) -> dict[str, Any]:
        """Write several tables of this stage, and return them as `report.table` knows them."""
        return {name: self.write(name, table) for name, table in tables.items()}

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
        return self._holder("structure").read_model("segmentation")

    def remember(self, function: Callable[..., Any], *args: Any, **kwargs: Any) -> Any:
        """Call a function, or return what it gave for equal arguments before in this session."""
        return remembered(function, *args, **kwargs)

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
        return collecting.roles(self.full)

    def given(self) -> dict[str, str]:
        """Give the columns that the bases name, each with its basis."""
        return self.full.given()

    def terms(self) -> dict[str, Terms]:
        """Give what the params say of the rows of each source."""
        return collecting.terms(self.full)

    def eligibility(self) -> Eligibility:
        """Return which customers may be profiled."""
        project, privacy = self.published.root.parent, self.full.privacy
        forgotten = erasure.forgotten(project).is_forgotten
        return Eligibility(privacy.purpose or "", forgotten, tuple(privacy.allow), project_key(project))

    def settings(self) -> Settings:
        """Give what features are derived under."""
        return collecting.settings(self.full)

    def plays(self) -> list[dict[str, Any]]:
        """Give the library of plays, the repository's or the one that seglib comes with."""
        return parameters.load_plays(parameters.plays_file(self.root))

    def own_plays(self) -> list[dict[str, Any]]:
        """Give the plays that the params file adds to the library."""
        return self.full.target.model_dump()["plays"]

    def budget(self) -> dict[str, Any]:
        """Give what may be spent on the targets, by its keys in the params file."""
        return self.full.target.budget.model_dump() | {
            "margin": self.full.margin,
            "currency": self.full.currency,
        }

    def facts(self) -> dict[str, str]:
        """Return what a page is about: the provenance strip."""
        manifest = self.store.manifest()
        facts = {
            "project": self.full.title,
            "objective": self.full.objective,
            "as of": f"{self.full.as_of:%d %B %Y}".lstrip("0"),
            "run": digest(manifest.get("params"), manifest.get("inputs"))[:6],
        }
        return facts | ({"trial": self.trial.name} if self.trial else {})

    def heading(self) -> report.Html:
        """Return the head of the page: what it is about and, of a trial, that it is one."""
        strip = report.provenance(self.facts())
        return report.Html(strip + self.trial.banner()) if self.trial else strip

    def context(self, page: str = "") -> report.Context:
        """Return what everything on a page is shown under: this stage's, or the decision."""
        full, labels, names = self.full, {}, {}
        if (page or STAGES.index(self.stage) > 0) and self.has("catalogue"):
            labels = self.read("catalogue").set_index("feature").label.to_dict()
        later = page or STAGES.index(self.stage) > STAGES.index("assess")
        if later and self.has("value"):
            names = self.read("value").set_index("segment")["name"].to_dict()
        privacy = full.privacy
        return report.Context(
            page or self.stage, full.currency, privacy.min_cell, names, labels, full.objective, privacy.strict
        )

    def start(self) -> None:
        """Record that this stage has begun; what later stages made is out of date from here."""
        if self.stage == STAGES[0]:
            inputs = input_hashes(self.full, self.root, self.servers)
        else:
            inputs = self._holder("features").manifest().get("inputs", {})
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
            **({"trial": self.trial.changes} if self.trial else {}),
        )
        if not self.trial:
            mark_later_pages(self.store, self.full.name, self.stage)

    def finish(self) -> report.Html:
        """Record that this stage is done; of a trial, return what differs and the lines that would keep it."""
        if "engine" in vars(self) and self.engine.name == "pyspark":
            self.engine.disconnect()
        for name in record_of(self.stage).tables:
            if name not in self._written:
                self.store.remove(name)
        # of the kernel up to here: the stages of a run share one
        peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss // 1024 if "resource" in globals() else None
        self.store.record_stage(
            self.stage,
            state="done",
            fingerprint=self._prints[self.stage],
            tables=dict(sorted(self._written.items())),
            seconds=round(time.perf_counter() - self._started, 1),
            peak_mb=peak,
        )
        return closing(self, self.trial) if self.trial else report.Html("")
