"""A run's folder: its tables, its model, its manifest; the only reader and writer of them."""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import filelock
import pandas as pd
import pyarrow as pa
import pyarrow.parquet as pq

from seglib.errors import RunError, listing, nearest

#: Every table of a run and the stage that writes it.
TABLES: dict[str, str] = {
    "ids": "collect",
    "customers": "collect",
    "transactions": "collect",
    "returns": "collect",
    "events": "collect",
    "responses": "collect",
    "campaigns": "collect",
    "subscriptions": "collect",
    "features": "collect",
    "catalogue": "collect",
    "gaps": "collect",
    "ledger": "collect",
    "contract": "collect",
    "joins": "collect",
    "reversals": "collect",
    "personal": "collect",
    "inventory": "collect",
    "associations": "explore",
    "cohorts": "explore",
    "calendar": "explore",
    "concentration": "explore",
    "candidates": "segment",
    "stability": "segment",
    "segments": "segment",
    "recovery": "segment",
    "references": "segment",
    "flow": "segment",
    "agreement": "segment",
    "structure": "segment",
    "profiles": "assess",
    "portraits": "assess",
    "value": "assess",
    "scorecard": "assess",
    "lifetime": "assess",
    "estimates": "assess",
    "calibration": "assess",
    "survival": "assess",
    "movement": "assess",
    "retention": "assess",
    "risk": "assess",
    "churn": "assess",
    "drivers": "assess",
    "satisfaction": "assess",
    "effects": "assess",
    "differences": "assess",
    "ranking": "target",
    "sensitivity": "target",
    "plays": "target",
    "terms": "target",
    "budget": "target",
    "splits": "target",
    "lifts": "target",
    "seasons": "target",
    "channels": "target",
    "discounts": "target",
    "next_products": "target",
    "hit_rates": "target",
    "unmet": "target",
    "offers": "target",
}

STAGES = ("collect", "explore", "segment", "assess", "target")


def notebook_name(stage: str) -> str:
    """Name the notebook of a stage, without its ending.

    Examples
    --------
    >>> notebook_name("segment")
    '03_segment'
    """
    return f"{STAGES.index(stage) + 1:02d}_{stage}"


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


class Store:
    """The folder of one run, `reports/NAME/AS_OF/`.

    Parameters
    ----------
    root
        The folder; made when something is first written.
    """

    def __init__(self, root: str | Path) -> None:
        self.root = Path(root)

    def __repr__(self) -> str:
        return f"Store({self.root.name!r})"

    def path(self, *parts: str) -> Path:
        """Give a path inside the folder, its parent made."""
        path = self.root.joinpath(*parts)
        path.parent.mkdir(parents=True, exist_ok=True)
        return path

    @contextlib.contextmanager
    def _replacing(self, path: Path, private: bool = False) -> Iterator[Path]:
        """Offer a temporary name beside `path` and rename it into place when all went well."""
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
        if name not in TABLES:
            raise RunError(
                f"there is no table '{name}'; known tables: {listing(TABLES, 40)}.{nearest(name, TABLES)}"
            )
        return self.root / "tables" / f"{name}.parquet"

    def has(self, name: str) -> bool:
        """Tell whether a table has been written."""
        return self._table(name).is_file()

    def remove(self, name: str) -> None:
        """Take a table away that this run no longer has."""
        self._table(name).unlink(missing_ok=True)

    def write(self, name: str, table: Any, stage: str) -> None:
        """Write a table atomically, readable by its owner alone where it bridges to real ids.

        Parameters
        ----------
        name
            A key of `TABLES`.
        table
            A pandas frame, or an ibis table, which is written by its engine in the order of its
            columns, so that equal tables are equal files.
        stage
            The stage that writes; each table has one.
        """
        path = self._table(name)
        if TABLES[name] != stage:
            raise RunError(f"table '{name}' is written by {TABLES[name]}, not by {stage}")
        path.parent.mkdir(parents=True, exist_ok=True)
        with self._replacing(path, private=name == "ids") as temporary:
            if isinstance(table, pd.DataFrame):
                write_frame(table, temporary)
            else:
                table.order_by(table.columns).to_parquet(temporary)

    def _existing(self, name: str) -> Path:
        path = self._table(name)
        if not path.is_file():
            raise RunError(
                f"{self.root.parent.name}: table '{name}' is not there yet; stage "
                f"{TABLES[name]} writes it: run notebook {notebook_name(TABLES[name])} first"
            )
        return path

    def read(self, name: str) -> pd.DataFrame:
        """Read a table whole."""
        return read_frame(self._existing(name))

    def scan(self, name: str, connection: Any) -> Any:
        """Open a table in an engine without reading it."""
        return connection.read_parquet(self._existing(name))

    # Model

    def write_model(self, name: str, model: Any) -> None:
        """Write a fitted estimator with skops."""
        import skops.io

        with self._replacing(self.path("model", f"{name}.skops")) as temporary:
            skops.io.dump(model, temporary)

    def read_model(self, name: str) -> Any:
        """Read a fitted estimator; types that neither skops nor seglib knows are refused."""
        import skops.io

        path = self.root / "model" / f"{name}.skops"
        if not path.is_file():
            raise RunError(f"{self.root.parent.name}: model '{name}' is not there yet")
        types = skops.io.get_untrusted_types(file=path)
        # numpy.dtype only says how numbers are stored; every pipeline holds some
        strange = [t for t in types if not t.startswith("seglib.") and t != "numpy.dtype"]
        if strange:
            raise RunError(f"{path.name} holds types that seglib does not know: {listing(strange)}")
        return skops.io.load(path, trusted=types)

    # Pages

    def write_text(self, text: str, *parts: str) -> Path:
        """Write a page or another text atomically."""
        path = self.path(*parts)
        with self._replacing(path) as temporary:
            temporary.write_text(text, encoding="utf-8")
        return path

    def write_csv(self, frame: pd.DataFrame, *parts: str) -> Path:
        """Write a table for a spreadsheet, with texts that it will not run as formulas."""
        texts = frame.select_dtypes(["object", "string", "category"]).columns
        safe = frame.assign(**{c: frame[c].map(defused) for c in texts})
        return self.write_text(safe.rename(columns=defused).to_csv(index=False), *parts)

    # Manifest

    def manifest(self) -> dict[str, Any]:
        """Read what is known of the run: params, inputs, versions, stages."""
        path = self.root / "run.json"
        if not path.is_file():
            return {}
        try:
            return json.loads(path.read_text(encoding="utf-8"))
        except ValueError as error:
            raise RunError(f"{path.name} of {self.root.parent.name} is damaged: {error}") from None

    def record(self, **entries: Any) -> None:
        """Set entries of the manifest."""
        with filelock.FileLock(self.path(".manifest.lock")):
            manifest = self.manifest() | entries
            text = json.dumps(manifest, indent=2, sort_keys=True, default=str, ensure_ascii=False)
            self.write_text(text + "\n", "run.json")

    def record_stage(self, stage: str, **entries: Any) -> None:
        """Set entries of one stage in the manifest."""
        stages = self.manifest().get("stages", {})
        self.record(stages=stages | {stage: stages.get(stage, {}) | entries})

    def stage(self, stage: str) -> dict[str, Any]:
        """Give what the manifest says of one stage."""
        return self.manifest().get("stages", {}).get(stage, {})


def write_tables(folder: Path, tables: dict[str, pd.DataFrame]) -> None:
    """Write tables as Parquet files of their names, each atomically."""
    store = Store(folder)
    for name, table in tables.items():
        with store._replacing(store.path(f"{name}.parquet")) as temporary:
            write_frame(table, temporary)
