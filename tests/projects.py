"""Projects of tests: a params file with tables beside it, and the command line."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from collections.abc import Iterable
from pathlib import Path

import nbformat
import pandas as pd
import yaml
from click.testing import Result
from typer.testing import CliRunner

from seglib import simulate
from seglib.catalogue import stage as record_of
from seglib.cli import app
from seglib.project.keys import KEY
from seglib.project.store import read_frame, write_frame

ROOT = Path(__file__).resolve().parent.parent
#: Where the segments themselves are looked at elsewhere, runs are made with few customers and resamples.
LIGHT = (
    "segment.resamples=10",
    "segment.sample=400",
    "segment.methods=[k-prototypes]",
    "assess.lifetime.model=none",
)


def seglib(
    *words: str, env: dict | None = None, timeout: float = 300, stdin: str | None = None
) -> subprocess.CompletedProcess:
    """Run the command line as a user does."""
    return subprocess.run(
        [sys.executable, "-m", "seglib", *map(str, words)],
        capture_output=True,
        text=True,
        cwd=ROOT,
        env=os.environ | {"COLUMNS": "400", "NO_COLOR": "1"} | (env or {}),
        timeout=timeout,
        check=False,
        input=stdin,
    )


def seglib_here(*words: str) -> Result:
    """Run the command line in this process, for what starts no notebook."""
    return CliRunner(env={"COLUMNS": "400", "NO_COLOR": "1"}).invoke(app, [*map(str, words)])


def run_cells(stage: str, params: Path, reports: Path, **knobs: object) -> dict:
    """Run a notebook's cells in this process, as a kernel would; give what they left."""
    notebook = nbformat.read(ROOT / "notebooks" / f"{record_of(stage).notebook}.ipynb", as_version=4)
    left: dict = {}
    for cell in notebook.cells:
        if cell.cell_type == "code":
            exec(compile(cell.source, f"{stage}:{cell.id}", "exec"), left)
            if "parameters" in cell.metadata.get("tags", []):
                left |= {"params": str(params), "reports": str(reports)} | knobs
    return left


def run_batch(folder: Path, names: Iterable[str], *changes: str) -> Path:
    """Run projects in one command, as a batch does; keep what it said beside what it wrote."""
    files = [folder / f"{name}.yaml" for name in names]
    for name in names:
        pin_key(folder / "reports", name)
    sets = [w for change in changes for w in ("--set", change)]
    done = seglib("run", *files, "--reports", folder / "reports", *sets, timeout=900)
    assert done.returncode == 0, done.stderr
    with (folder / "reports" / "log.txt").open("a") as log:
        log.write(done.stdout + done.stderr)
    return folder


def with_data_in(folder: Path, name: str) -> None:
    """Copy a shipped params file, its data in the folder."""
    text = (ROOT / "params" / f"{name}.yaml").read_text(encoding="utf-8")
    (folder / f"{name}.yaml").write_text(text.replace(f"path: data/{name}/", f"path: {folder}/{name}/"))


def store_of(folder: Path, name: str) -> Path:
    """Give the folder of the one run of a project."""
    return next(p for p in (folder / "reports" / name).iterdir() if p.is_dir())


def hillstrom_tables(reference: Path) -> tuple[pd.DataFrame, pd.DataFrame]:
    """Read Hillstrom's test as customers and as contacts: each e-mail beside the customers who got none."""
    table = pd.read_csv(reference / "hillstrom" / "hillstrom.csv.gz")
    table = table.rename(columns={"segment": "group"}).assign(
        customer=lambda t: [f"c{n:05d}" for n in range(len(t))]
    )
    parts = [
        table[table.group.isin([mail, "No E-Mail"])].assign(
            e_mail=mail, held_out=lambda t: t.group == "No E-Mail"
        )
        for mail in ("Mens E-Mail", "Womens E-Mail")
    ]
    contacts = pd.concat(parts, ignore_index=True).assign(channel="e-mail")
    followed = ["customer", "e_mail", "channel", "held_out", "visit", "conversion", "spend"]
    customers = table.rename(columns={"channel": "bought_through"})
    return customers.drop(columns=["group", "visit", "conversion", "spend"]), contacts[followed]


def named_and_portrayed(store: Path, shown: pd.Series) -> None:
    """Hold of a run that no two segments share a name, and that each has a portrait."""
    table = read_frame(store / "tables" / "portraits.parquet")
    assert sorted(table.given_name.fillna(table["name"])) == sorted(shown)
    assert table["name"].str.casefold().is_unique
    assert not table["name"].str.contains(r"_|\bnan\b|\bNone\b|average in|group\)|: no", regex=True).any(), (
        table["name"].tolist()
    )
    assert table.name_stability.dropna().between(0, 1).all()
    assert table.portrait.is_unique
    assert table.portrait.str.count(r"\.( |$)").ge(3).all(), table.portrait.tolist()
    assert not table.portrait.str.contains(r"\bnan\b|\bNone\b(?! of)|\bunknown\b").any()


def niches_and_segments(store: Path) -> None:
    """Hold of a run that its verdict counts the segments and niches that there are."""
    found, own = (read_frame(store / "tables" / f"{t}.parquet") for t in ("structure", "segment_stability"))
    assert found.k.item() == len(own)
    if not found.rules.item():
        assert found.niches.item() == (own["flags"] == "niche").sum()


def told_alike(store: Path) -> list[tuple[str, str]]:
    """List pairs of segments that get the same play in the same words, although their profiles differ."""
    told = read_frame(store / "tables" / "plays.parquet").merge(
        read_frame(store / "tables" / "ranking.parquet")[["segment", "name"]], on="segment"
    )
    return [
        (one.name, other.name)
        for one in told.itertuples(index=False)
        for other in told.itertuples(index=False)
        if one.name < other.name
        and (one.play, one.message, one.offer) == (other.play, other.message, other.offer)
        and other.name not in one.merge_with.split("; ")
    ]


def ids_outside(store: Path) -> dict[str, list[str]]:
    """Find the real ids of a run that stand in a file outside its audiences, holdouts and table of ids.

    Ids are compared as whole words; those that might be a number on a page, of fewer than six digits, are not.
    """
    keys = read_frame(store / "tables" / "ids.parquet").key.astype(str)
    ids = {key for key in keys if len(key) > 5 or re.search(r"[^\W\d]", key)}
    assert ids
    found = {}
    for path in (p for p in store.parent.rglob("*") if p.is_file() and "audiences" not in p.parts):
        if path.name in ("ids.parquet", "holdouts.parquet"):
            continue
        if path.suffix == ".parquet":
            table = read_frame(path)
            text = " ".join(value for column in table for value in table[column].astype(str).unique())
        else:
            text = path.read_text("utf-8", errors="ignore")
        words = {w.strip(".-") for w in re.findall(r"[\w.-]+", text)}
        if hit := words & ids:
            found[str(path.relative_to(store.parent))] = sorted(hit)[:3]
    return found


def pin_key(reports: Path, name: str) -> None:
    """Give a project the key of all tests, so that runs in different folders number customers alike."""
    if not (reports / name / KEY).exists():
        (reports / name).mkdir(parents=True, exist_ok=True)
        (reports / name / KEY).write_bytes(b"seglib tests: one key for all ..")


class Project:
    """A params file in a folder of its own, with tables beside it."""

    def __init__(self, folder: Path, name: str = "shop") -> None:
        self.folder, self.file, self.reports = folder, folder / f"{name}.yaml", folder / "reports"
        self.name = name

    def write(self, params: dict | str) -> Project:
        text = params if isinstance(params, str) else yaml.safe_dump(params, sort_keys=False)
        self.file.write_text(text, encoding="utf-8")
        return self

    def run(self, *words: str, **kwargs) -> subprocess.CompletedProcess:
        pin_key(self.reports, self.name)
        return seglib("run", self.file, "--reports", self.reports, *words, **kwargs)

    def cells(self, stage: str, **knobs: object) -> dict:
        pin_key(self.reports, self.name)
        return run_cells(stage, self.file, self.reports, **knobs)

    @property
    def store(self) -> Path:
        return next(p for p in (self.reports / self.name).iterdir() if p.is_dir())

    def table(self, name: str) -> pd.DataFrame:
        return read_frame(self.store / "tables" / f"{name}.parquet")

    def tables(self) -> dict[str, bytes]:
        return {p.name: p.read_bytes() for p in sorted((self.store / "tables").iterdir())}


def shop_params(folder: Path) -> dict:
    return {
        "title": "A small shop",
        "objective": "retention",
        "as_of": simulate.AS_OF,
        "currency": "GBP",
        "sources": {
            "customers": {
                "path": str(folder / "customers.parquet"),
                "columns": {"customer": "customer_id", "consent": "may_profile"},
            },
            "transactions": {
                "path": str(folder / "transactions.parquet"),
                "cancelled_prefix": "R",
                "columns": {
                    "customer": "customer_id",
                    "order": "order_no",
                    "time": "time",
                    "product": "product",
                    "category": "category",
                    "quantity": "quantity",
                    "price": "price",
                    "discount": "discount",
                },
            },
            "events": {
                "path": str(folder / "events.parquet"),
                "columns": {"customer": "customer_id", "time": "time", "device": "device"},
            },
            "responses": {
                "path": str(folder / "responses.parquet"),
                "columns": {"customer": "customer_id", "item": "item", "score": "score"},
            },
        },
        "bases": {
            "demographic": ["age"],
            "geographic": ["region"],
            "behavioural": "auto",
            "value": "auto",
            "needs": "auto",
        },
        "segment": {
            "on": ["behavioural", "value"],
            "methods": ["k-means"],
            "k": {"min": 4, "max": 6},
            "resamples": 10,
            "sample": 400,
        },
        "assess": {"lifetime": {"model": "none"}},  # looked at in test_value and test_real
    }


def make_shop(folder: Path, tables: dict[str, pd.DataFrame]) -> Project:
    for name, table in tables.items():
        write_frame(table, folder / f"{name}.parquet")
    return Project(folder).write(shop_params(folder))
