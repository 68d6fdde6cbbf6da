"""The rows of one customer in a run: counted, and taken out of its tables and audiences."""

from __future__ import annotations

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
from seglib.privacy.consent import normal_key
from seglib.project.store import Store, defused

#: Headers under which an audience carries the real id; otherwise its first column does.
_ID_COLUMNS = ("customer", "customer_id", "key", "id")


def _rows_with(batch: pa.RecordBatch, wanted: dict[str, str]) -> pa.Array:
    """Tell the rows in which one of the columns holds the wanted text."""
    found = pa.array([False] * len(batch))
    for column, text in wanted.items():
        held = batch.column(column)
        if pa.types.is_integer(held.type) and text.isdecimal() and len(text) < 19:
            found = pc.or_(found, pc.fill_null(pc.equal(held, int(text)), False))
            continue
        entries = pc.cast(held, pa.string())
        plain = pc.replace_substring_regex(pc.utf8_trim_whitespace(entries), r"^(\d+)\.0+$", r"\1")
        found = pc.or_(found, pc.fill_null(pc.equal(plain, text), False))
    return found


def _parquet_rows(path: Path, wanted: dict[str, str]) -> int:
    with pq.ParquetFile(path) as file:
        named = {c: text for c, text in wanted.items() if c in file.schema_arrow.names}
        if not named:
            return 0
        batches = file.iter_batches(columns=list(named), use_threads=False)
        return sum(int(pc.sum(_rows_with(batch, named)).as_py() or 0) for batch in batches)


def _parquet_without(path: Path, wanted: dict[str, str], temporary: Path) -> None:
    with pq.ParquetFile(path) as file:
        named = {c: text for c, text in wanted.items() if c in file.schema_arrow.names}
        with pq.ParquetWriter(temporary, file.schema_arrow) as writer:
            for batch in file.iter_batches(use_threads=False):
                writer.write_batch(batch.filter(pc.invert(_rows_with(batch, named))))


def _csv_split(path: Path, key: str) -> tuple[list[list[str]], list[list[str]]]:
    """Read an audience: the rows that stay, header first, and those of the customer."""
    with path.open(encoding="utf-8", newline="") as file:
        rows = list(csv.reader(file))
    header = [cell.strip().casefold() for cell in rows[0]] if rows else []
    at = next((header.index(name) for name in _ID_COLUMNS if name in header), 0)
    stay, gone = rows[:1], []
    for row in rows[1:]:
        theirs = at < len(row) and normal_key(row[at]) in (key, defused(key))
        (gone if theirs else stay).append(row)
    return stay, gone


def _csv_without(path: Path, key: str, temporary: Path) -> None:
    with temporary.open("w", encoding="utf-8", newline="") as file:
        csv.writer(file, lineterminator="\n").writerows(_csv_split(path, key)[0])


@dataclass(frozen=True)
class CustomerRows:
    """The rows of one customer in the tables and audiences of a run.

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
    def pseudonym(self) -> str:
        """Give the number that stands for the customer in this run, or nothing."""
        ids = self.store.read("ids") if self.store.has("ids") else None
        found = [] if ids is None else ids.customer[ids.key.map(normal_key) == self.key].tolist()
        return str(found[0]) if found else ""

    def wanted(self, path: Path) -> dict[str, str]:
        """Give what a column must hold: the real id in the bridge and in audiences, else the pseudonym."""
        if path.is_relative_to(self.store.root / "audiences"):
            return dict.fromkeys(_ID_COLUMNS, self.key)
        if path.stem == "ids":
            return {"key": self.key}
        return {"customer": self.pseudonym} if self.pseudonym else {}

    def files(self) -> list[Path]:
        """List all tables and audiences, the bridge last: without it nobody could be found again."""
        tables = sorted((self.store.root / "tables").glob("*.parquet"), key=lambda p: p.stem == "ids")
        audiences = sorted(p for p in (self.store.root / "audiences").rglob("*") if p.is_file())
        strange = [p.name for p in audiences if p.suffix not in (".csv", ".parquet")]
        if strange:
            raise RunError(
                f"{self.store.root.parent.name} as of {self.store.root.name}: audiences/{strange[0]} cannot "
                "be searched for a customer; allowed: .csv and .parquet. Take it away, then forget again"
            )
        return audiences + tables

    def count(self) -> dict[str, int]:
        """Count the customer's rows by file."""
        found = {}
        for path in self.files():
            csv_file = path.suffix == ".csv"
            n = len(_csv_split(path, self.key)[1]) if csv_file else _parquet_rows(path, self.wanted(path))
            if n:
                found[str(path.relative_to(self.store.root))] = n
        return found

    def remove(self, files: list[str]) -> None:
        """Write all files anew beside the old ones, then put them in place, the bridge last.

        The model goes too: several methods keep the rows that they were fitted on.
        """
        staged = []
        for path in (self.store.root / name for name in files):
            temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
            temporary.touch(mode=0o600)
            staged.append((temporary, path))
            if path.suffix == ".csv":
                _csv_without(path, self.key, temporary)
            else:
                _parquet_without(path, self.wanted(path), temporary)
            shutil.copymode(path, temporary)
        for model in (self.store.root / "model").glob("*.skops"):
            model.unlink()
        for copies in list(self.store.root.rglob(".ipynb_checkpoints")):
            shutil.rmtree(copies)
        for temporary, path in staged:
            temporary.replace(path)

    def mentioned(self) -> list[str]:
        """List the pages and notebooks that hold the id as a word; a short number says nothing."""
        if len(self.key) < 5:
            return []
        word = re.compile(rf"(?<![\w.,#-]){re.escape(self.key)}(?![\w,-]|\.\d)")
        kept = [p for p in self.store.root.rglob("*") if p.suffix in {".html", ".ipynb", ".json", ".csv"}]
        kept = [p for p in kept if p.parent.name != "audiences" and p.is_file()]
        named = (p for p in sorted(kept) if word.search(html.unescape(p.read_text(encoding="utf-8"))))
        return [str(p.relative_to(self.store.root.parent)) for p in named]
