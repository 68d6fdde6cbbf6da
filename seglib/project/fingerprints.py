"""What the result of a stage depends on, as hashes: inputs, params, code, versions."""

from __future__ import annotations

import datetime as dt
import hashlib
import importlib.metadata
import json
from pathlib import Path
from typing import Any

from seglib.catalogue import STAGES
from seglib.catalogue import stage as record_of
from seglib.collect import sources
from seglib.project import params as parameters
from seglib.project.params import Params
from seglib.project.sections import section
from seglib.project.store import content_hash

_PACKAGES = (
    *("seglib", "numpy", "pandas", "pyarrow", "duckdb", "ibis-framework", "scipy", "scikit-learn"),
    *("statsmodels", "lifelines", "pymc-marketing", "kmodes", "stepmix", "joblib", "prince"),
    *("great-tables", "papermill", "nbconvert"),
)


def digest(*things: object) -> str:
    """Hash things that can be written as JSON."""
    text = json.dumps(things, sort_keys=True, default=str)
    return hashlib.sha256(text.encode()).hexdigest()


def code_hash(root: Path, stage: str) -> str:
    """Hash the library, its templates and the stage's notebook."""
    package = Path(__file__).resolve().parent.parent
    files = sorted(p for p in package.rglob("*") if p.suffix in {".py", ".j2", ".css", ".json", ".yaml"})
    notebook = root / "notebooks" / f"{record_of(stage).notebook}.ipynb"
    cells = [c["source"] for c in json.loads(notebook.read_text(encoding="utf-8"))["cells"]]
    return digest([content_hash(p) for p in files], cells, versions())


def versions() -> dict[str, str]:
    """List the versions of the packages that results depend on."""
    return {name: importlib.metadata.version(name) for name in _PACKAGES}


def source_spec(params: Params, kind: str) -> dict[str, Any]:
    """Give a source as plain values, its connection filled from the environment."""
    spec = _expanded(params.sources.named()[kind].model_dump(exclude_none=True))
    return spec | {"tables": {name: _expanded(table) for name, table in spec["tables"].items()}}


def _expanded(spec: dict[str, Any]) -> dict[str, Any]:
    if "connection" in spec:
        spec |= {"shown": spec["connection"], "connection": parameters.expand(spec["connection"])}
    return spec


def input_hashes(params: Params, root: Path, servers: dict[str, Any] | None = None) -> dict[str, str]:
    """Hash the content of every input: files by source and name, tables of servers by source.

    Parameters
    ----------
    params, root
        The project.
    servers
        By kind, the sources on servers where they are open already: the engine and the source.
    """
    made = {}
    for kind in params.sources.named():
        spec = source_spec(params, kind)
        if sources.on_spark(spec):
            # What a cluster holds is not read twice to be hashed: it may have changed, so collect runs again.
            made[kind] = dt.datetime.now(dt.UTC).isoformat()
            continue
        files = sources.input_files(kind, root, spec)
        for file in files:
            name = f"{kind}/{file.name}"
            made[name if name not in made else f"{kind}/{file.parent.name}/{file.name}"] = content_hash(file)
        if not files:
            engine, opened = (servers or {}).get(kind) or opened_server(params, root, kind, sources.connect())
            made[kind] = sources.content_hash(engine, opened)
    plays = parameters.plays_file(root)
    return made | ({"plays": content_hash(plays)} if plays.is_file() else {})


def opened_server(params: Params, root: Path, kind: str, engine: Any) -> tuple[Any, sources.Opened]:
    """Open a source on a server, which has no file to hash."""
    return engine, sources.open_source(engine, kind, root, source_spec(params, kind))


def fingerprints(params: Params, root: Path, inputs: dict[str, str]) -> dict[str, str]:
    """Give each stage a fingerprint of all that its result depends on.

    A change in what one stage reads changes its own fingerprint and those of all later ones.
    """
    made, before = {}, digest({k: v for k, v in inputs.items() if k != "plays"})
    for stage in STAGES:
        read = {s: section(params.model_dump(mode="json"), s) for s in record_of(stage).sections}
        also: object = inputs.get("plays") if stage in ("assess", "target") else None
        also = list_hashes(params, root) if stage == "implement" else also
        made[stage] = before = digest(stage, before, read, code_hash(root, stage), also)
    return made


def list_hashes(params: Params, root: Path) -> list[str]:
    """Hash the suppression lists of a project, as they are now."""
    lists = [(f"implement.suppress.{n}", {"path": e.path}) for n, e in enumerate(params.implement.suppress)]
    return [content_hash(file) for name, spec in lists for file in sources.input_files(name, root, spec)]
