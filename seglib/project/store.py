"""A run's folder: its tables, its model, its manifest; the only reader and writer of them."""

from __future__ import annotations

import contextlib
import hashlib
import importlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import filelock
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from seglib.catalogue import check, declaration, stage, stage_of
from seglib.errors import RunError, listing


def content_hash(path: Path) -> str:
    """Hash what a file holds."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def defused(cell: Any) -> Any:
    """Keep a spreadsheet from running a text as a formula.

    Examples
    --------
    >>> defused("=1+1")
    "'=1+1"
    >>> defused("plain")
    'plain'
    """
    if not isinstance(cell, str):
        return cell
    safe = f"'{cell}" if cell[:1] in tuple("=+-@\t\r") else cell
    return safe.replace("\r", " ")


def read_frame(path: Path) -> pd.DataFrame:
    """Read a Parquet file on one thread; Arrow's pool can abort a process that ends (issue 50482)."""
    return pq.read_table(str(path), use_threads=False).to_pandas(use_threads=False)


def write_frame(frame: pd.DataFrame, path: Path) -> None:
    """Write a Parquet file on one thread, without the index."""
    pq.write_table(pa.Table.from_pandas(frame, preserve_index=False, nthreads=1), str(path))


def _is_estimator(dotted: str) -> bool:
    """Tell whether a name in a model file is that of an estimator of ours, and nothing that they import."""
    module, _, name = dotted.rpartition(".")
    if not module.startswith("seglib.estimators"):
        return False
    found = getattr(importlib.import_module(module), name, None)
    return isinstance(found, type) and found.__module__.startswith("seglib.estimators")


class Store:
    """The folder of one run, `reports/NAME/AS_OF/`.

    Parameters
    ----------
    root
        The folder; made when something is first written.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)
        self._verified: dict[str, tuple[int, str]] = {}

    def __repr__(self) -> str:
        return f"Store({self.root.name!r})"

    def path(self, *parts: str) -> Path:
        """Give a path inside the folder, its parent made."""
        path = self.root.joinpath(*parts)
        if not self.root.exists():
            self.root.mkdir(parents=True, mode=0o700)
        path.parent.mkdir(parents=True, exist_ok=True, mode=0o700)
        return path

    @contextlib.contextmanager
    def _replacing(self, path: Path, private: bool = False) -> Iterator[Path]:
        """Offer a temporary name beside `path`, and rename it into place when all went well.

        What is private is readable by its owner alone: everything but pages.
        """
        temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
        try:
            if private:
                temporary.touch(mode=0o600)
            yield temporary
            temporary.replace(path)
        finally:
            temporary.unlink(missing_ok=True)

    # Tables

    def _table(self, name: str) -> Path:
        return self.root / "tables" / f"{declaration(name).name}.parquet"

    def has(self, name: str) -> bool:
        """Tell whether a table has been written."""
        return self._table(name).is_file()

    def remove(self, name: str) -> None:
        """Remove a table that this run no longer has."""
        self._table(name).unlink(missing_ok=True)

    def write(self, name: str, table: Any, stage: str) -> str:
        """Write a table atomically, readable by its owner alone.

        Parameters
        ----------
        name
            A declared table (`seglib.catalogue`).
        table
            A pandas frame, written in the order of the customers where it has some; or an ibis table,
            which its engine writes in the order of its columns. Equal tables are equal files.
        stage
            The stage that writes; each table has one.

        Returns
        -------
        str
            The hash of the file.

        Raises
        ------
        RunError
            If the table is not declared, belongs to another stage, or differs from its declaration.
        """
        path = self.path("tables", self._table(name).name)
        if declaration(name).stage != stage:
            raise RunError(f"table '{name}' is written by {declaration(name).stage}, not by {stage}")
        check(name, table)
        with self._replacing(path, private=True) as temporary:
            if isinstance(table, pd.DataFrame):
                by_customer = ["customer"] if "customer" in table.columns else []
                write_frame(
                    table.sort_values(by_customer, kind="stable") if by_customer else table, temporary
                )
            else:
                table.order_by(table.columns).to_parquet(temporary)
        return content_hash(path)

    def _existing(self, name: str) -> Path:
        path = self._table(name)
        if not path.is_file():
            writer = stage(declaration(name).stage)
            raise RunError(
                f"{self.title}: table '{name}' is not there yet; stage "
                f"{writer.name} writes it: run notebook {writer.notebook} first"
            )
        if self.damaged(name):
            writer = stage(declaration(name).stage)
            raise RunError(
                f"{self.title}: table '{name}' was changed or damaged after stage {writer.name} wrote it; "
                f"run it again: seglib run --from {writer.name}"
            )
        return path

    def damaged(self, name: str) -> bool:
        """Tell whether a table is not what its stage wrote, by the hash in run.json."""
        recorded = self.stage(declaration(name).stage).get("tables", {}).get(name)
        path = self._table(name)
        if recorded is None:
            return False
        if not path.is_file():
            return True
        changed = path.stat().st_mtime_ns
        if self._verified.get(name, (0, ""))[0] != changed:
            self._verified[name] = (changed, content_hash(path))
        return self._verified[name][1] != recorded

    def read(self, name: str) -> pd.DataFrame:
        """Read a table whole."""
        return read_frame(self._existing(name))

    def scan(self, name: str, connection: Any) -> Any:
        """Open a table in an engine without reading it."""
        return connection.read_parquet(self._existing(name))

    def rehash(self) -> None:
        """Record the tables as they are now, after rows were taken out of them on purpose."""
        for name in {stage_of()[t] for t in stage_of()} & set(self._stages()):
            there = {
                t: content_hash(self._table(t)) for t in self.stage(name).get("tables", {}) if self.has(t)
            }
            self.record_stage(name, tables=there)

    @property
    def title(self) -> str:
        """What messages call this run: the project and its date."""
        return f"{self.root.parent.name} {self.root.name}"

    # Model

    def write_model(self, name: str, model: Any) -> None:
        """Write a fitted estimator with skops."""
        import skops.io

        with self._replacing(self.path("model", f"{name}.skops"), private=True) as temporary:
            skops.io.dump(model, temporary)

    def read_model(self, name: str) -> Any:
        """Read a fitted estimator; types that neither skops nor seglib knows are refused."""
        import skops.io

        path = self.root / "model" / f"{name}.skops"
        if not path.is_file():
            raise RunError(f"{self.root.parent.name}: model '{name}' is not there yet")
        types = skops.io.get_untrusted_types(file=path)
        # numpy.dtype only says how numbers are stored; every pipeline holds some
        strange = [t for t in types if t != "numpy.dtype" and not _is_estimator(t)]
        if strange:
            raise RunError(f"{path.name} holds types that seglib does not know: {listing(strange)}")
        return skops.io.load(path, trusted=types)

    # Pages

    def write_text(self, text: str, *parts: str, private: bool = False) -> Path:
        """Write a page or another text atomically."""
        path = self.path(*parts)
        with self._replacing(path, private) as temporary:
            temporary.write_text(text, encoding="utf-8")
        return path

    def write_csv(self, frame: pd.DataFrame, *parts: str) -> Path:
        """Write a table for a spreadsheet, with texts that it will not run as formulas."""
        texts = frame.select_dtypes(["object", "string", "category"]).columns
        safe = frame.assign(**{c: frame[c].map(defused) for c in texts})
        text = safe.rename(columns=defused).to_csv(index=False)
        return self.write_text(f"\ufeff{text}", *parts)  # so that spreadsheets read UTF-8

    # Manifest

    def manifest(self) -> dict[str, Any]:
        """Read what is known of the run: params, inputs, versions, stages.

        Raises
        ------
        RunError
            If run.json cannot be read or has another shape, with the remedy.
        """
        path = self.root / "run.json"
        if not path.is_file():
            return {}
        try:
            found = json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise self._damaged(str(error)) from None
        if not isinstance(found, dict):
            raise self._damaged("it holds no section of keys")
        stages = found.get("stages", {})
        shaped = isinstance(stages, dict) and all(
            isinstance(s, dict) and isinstance(s.get("tables", {}), dict) for s in stages.values()
        )
        if not shaped:
            raise self._damaged("its stages have another shape, as another version of seglib writes them")
        return found

    def _damaged(self, why: str) -> RunError:
        return RunError(
            f"{self.title}: run.json cannot be used: {why}; run the project again with --force, which replaces it"
        )

    def replace_damaged_manifest(self) -> None:
        """Remove a run.json that cannot be used, so that every stage runs again."""
        try:
            self.manifest()
        except RunError:
            (self.root / "run.json").unlink()

    def record(self, **entries: Any) -> None:
        """Set entries of the manifest."""
        with filelock.FileLock(self.path(".manifest.lock")):
            manifest = self.manifest() | entries
            text = json.dumps(manifest, indent=2, sort_keys=True, default=str, ensure_ascii=False)
            self.write_text(text + "\n", "run.json", private=True)

    def record_stage(self, stage: str, **entries: Any) -> None:
        """Set entries of one stage in the manifest."""
        stages = self._stages()
        self.record(stages=stages | {stage: stages.get(stage, {}) | entries})

    def _stages(self) -> dict[str, dict[str, Any]]:
        return self.manifest().get("stages", {})

    def stage(self, stage: str) -> dict[str, Any]:
        """Return what the manifest says of one stage."""
        return self._stages().get(stage, {})


def write_tables(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Write tables as Parquet files of their names, each atomically."""
    store = Store(folder)
    for name, table in tables.items():
        with store._replacing(store.path(f"{name}.parquet")) as temporary:
            write_frame(table, temporary)
