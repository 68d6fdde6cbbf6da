"""The rows of one customer in a run: counted, and removed from its tables and audiences."""

from __future__ import annotations

import contextlib
import csv
import html
import os
import re
import shutil
from dataclasses import dataclass
from functools import cached_property
from pathlib import Path

import pyarrow as pa
import pyarrow.compute as pc
import pyarrow.parquet as pq

from seglib.errors import RunError
from seglib.implement.delivery import MEMBERS
from seglib.privacy.consent import normal_key
from seglib.project.implementing import HOLDOUTS, audience_hashes
from seglib.project.status import trial_folders
from seglib.project.store import Store, content_hash, defused, read_frame

#: Headers under which an audience carries the real id; otherwise its first column does.
_ID_COLUMNS = ("customer", "customer_id", "key", "id")


def _theirs(batch: pa.RecordBatch, wanted: dict[str, str]) -> pa.Array:
    """Mark the rows in which one of the columns holds the wanted text."""
    theirs = pa.array([False] * len(batch))
    for name, text in wanted.items():
        column = batch.column(name)
        if pa.types.is_integer(column.type) and text.isdecimal() and len(text) < 19:
            equal = pc.equal(column, int(text))
        else:
            plain = pc.utf8_trim_whitespace(pc.cast(column, pa.string()))
            equal = pc.equal(pc.replace_substring_regex(plain, r"^(\d+)\.0+$", r"\1"), text)
        theirs = pc.or_(theirs, pc.fill_null(equal, False))
    return theirs


def _in_parquet(path: Path, wanted: dict[str, str], others: Path | None) -> int:
    """Count a customer's rows of a table, and write all other rows to a file if one is given."""
    count = 0
    with pq.ParquetFile(path) as file, contextlib.ExitStack() as stack:
        schema = file.schema_arrow
        wanted = {column: text for column, text in wanted.items() if column in schema.names}
        writer = stack.enter_context(pq.ParquetWriter(others, schema)) if others else None
        columns = None if writer else list(wanted)
        for batch in file.iter_batches(columns=columns, use_threads=False) if writer or wanted else ():
            theirs = _theirs(batch, wanted)
            count += int(pc.sum(theirs).as_py() or 0)
            if writer:
                writer.write_batch(batch.filter(pc.invert(theirs)))
    return count


def _in_csv(path: Path, key: str, others: Path | None) -> int:
    """Count a customer's rows of an audience, and write all other rows to a file if one is given."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    header = [cell.strip("\ufeff \t").casefold() for cell in rows[0]] if rows else []
    at = next((header.index(name) for name in _ID_COLUMNS if name in header), 0)
    ids = (key, defused(key))
    kept = [row for n, row in enumerate(rows) if n == 0 or at >= len(row) or normal_key(row[at]) not in ids]
    if others:
        with others.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\n").writerows(kept)
    return len(rows) - len(kept)


def _in_hashed_csv(path: Path, places: set[int], others: Path | None) -> int:
    """Count a customer's rows of an audience without ids, by their places, and write all other rows if asked."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    kept = [row for n, row in enumerate(rows) if n - 1 not in places]
    if others:
        with others.open("w", encoding="utf-8", newline="") as file:
            csv.writer(file, lineterminator="\r\n").writerows(kept)
    return len(rows) - len(kept)


@dataclass(frozen=True)
class CustomerRows:
    """The rows of one customer in the tables and audiences of a run and its trials.

    Attributes
    ----------
    store
        The run's folder.
    key
        The real id, as `privacy.normal_key` writes it.
    """

    store: Store
    key: str

    @cached_property
    def stores(self) -> list[Store]:
        """List the folders of the trials, and that of the run last."""
        return [*map(Store, trial_folders(self.store.root)), self.store]

    @cached_property
    def pseudonyms(self) -> dict[Path, str]:
        """Find by folder the number that the customer has there, or nothing; a trial without ids has the run's."""
        found: dict[Path, str] = {}
        for store in reversed(self.stores):
            path = store.root / "tables" / "ids.parquet"
            if path.is_file():
                ids = read_frame(path)  # whatever its hash is: an unfinished call may have replaced it
                numbers = ids.customer[ids.key.map(normal_key) == self.key].tolist()
                found[store.root] = str(numbers[0]) if numbers else ""
            else:
                found[store.root] = found.get(self.store.root, "")
        return found

    def _rows(self, path: Path, others: Path | None = None) -> int:
        """Count the customer's rows of a file, and write all other rows to a file if one is given.

        The real id is looked for in the table of ids and in audiences, the number elsewhere.
        """
        folder = next(store.root for store in self.stores if path.is_relative_to(store.root))
        audience = path.is_relative_to(folder / "audiences")
        if path.suffix == ".csv":
            places = self._places(path, folder / "audiences")
            if places is not None:
                return _in_hashed_csv(path, places, others)
            return _in_csv(path, self.key, others)
        if audience or path.stem == "ids":
            return _in_parquet(path, dict.fromkeys(_ID_COLUMNS if audience else ("key",), self.key), others)
        pseudonym = self.pseudonyms[folder]
        return _in_parquet(path, {"customer": pseudonym} if pseudonym else {}, others)

    def _places(self, path: Path, folder: Path) -> set[int] | None:
        """Find the places of the customer's rows in a file of an audience; none if no list of members knows it."""
        members = folder / MEMBERS
        if not members.is_file():
            return None
        listed = read_frame(members)
        own = listed.id[listed.file == str(path.relative_to(folder))].reset_index(drop=True)
        return set(own.index[own.map(normal_key) == self.key]) if len(own) else None

    def files(self) -> list[Path]:
        """List all tables and audiences, the ids last: without them a second call would find nothing."""
        roots = [store.root for store in self.stores]
        tables = [path for root in roots for path in (root / "tables").glob("*.parquet")]
        tables.sort(key=lambda p: p.stem == "ids")
        audiences = sorted(p for root in roots for p in (root / "audiences").rglob("*") if p.is_file())
        strange = [p.name for p in audiences if p.suffix not in (".csv", ".parquet")]
        if strange:
            raise RunError(
                f"{self.store.root.parent.name} as of {self.store.root.name}: audiences/{strange[0]} cannot "
                "be searched for a customer; allowed: .csv and .parquet. Delete it, then forget again"
            )
        return audiences + tables

    def count(self) -> dict[str, int]:
        """Count the customer's rows by file."""
        counts = {str(path.relative_to(self.store.root)): self._rows(path) for path in self.files()}
        return {file: n for file, n in counts.items() if n}

    def remove(self, files: list[str]) -> None:
        """Write the other rows of all files beside them, then put them in place, the ids last.

        The model is deleted too: several methods keep the rows that they were fitted on.
        """
        staged = []
        for path in (self.store.root / name for name in files):
            temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
            temporary.touch(mode=0o600)
            staged.append((temporary, path))
            self._rows(path, temporary)
            shutil.copymode(path, temporary)
        for model in [m for store in self.stores for m in (store.root / "model").glob("*.skops")]:
            model.unlink()
        for store in self.stores:  # scripts hold some values of the customers that the model was fitted on
            shutil.rmtree(store.root / "scoring", ignore_errors=True)
        for copies in list(self.store.root.rglob(".ipynb_checkpoints")):
            shutil.rmtree(copies)
        for temporary, path in staged:
            temporary.replace(path)

    def rehash(self) -> None:
        """Record the tables of the run and its trials as they are now."""
        for store in self.stores:
            store.rehash()
            if store.stage("implement").get("audiences"):
                held = store.root.parent / HOLDOUTS
                now = {"holdouts": content_hash(held)} if held.is_file() else {}
                store.record_stage("implement", audiences=audience_hashes(store.root / "audiences"), **now)

    def mentioned(self) -> list[str]:
        """List the pages and notebooks that hold the id as a word; a short number would be found by chance."""
        if len(self.key) < 5:
            return []
        word = re.compile(rf"(?<![\w.,#-]){re.escape(self.key)}(?![\w,-]|\.\d)")
        kept = [p for p in self.store.root.rglob("*") if p.suffix in {".html", ".ipynb", ".json", ".csv"}]
        kept = [p for p in kept if p.parent.name != "audiences" and p.is_file()]
        named = (p for p in sorted(kept) if word.search(html.unescape(p.read_text(encoding="utf-8"))))
        return [str(p.relative_to(self.store.root.parent)) for p in named]
