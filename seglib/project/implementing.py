"""What stage `implement` needs of a run: addresses, past contacts, the holdouts of the project, its folders."""

from __future__ import annotations

import shutil
from collections.abc import Callable, Iterable
from pathlib import Path
from typing import Any

import filelock
import pandas as pd

from seglib.collect import sources
from seglib.errors import DataError, RunError, listing, nearest
from seglib.implement import contacts, holdouts
from seglib.implement.destinations import database
from seglib.implement.vocabulary import channel_of
from seglib.privacy.consent import normal_key
from seglib.project.customer_columns import absent_columns, named_columns
from seglib.project.elsewhere import Elsewhere
from seglib.project.fingerprints import source_spec
from seglib.project.params import Params, expand
from seglib.project.store import Store, content_hash, read_frame, write_frame

#: The project's holdouts, beside its runs.
HOLDOUTS = "holdouts.parquet"
#: The folder of a run that real ids leave through.
AUDIENCES = "audiences"
#: Its file whose answers are filled in by whoever measures.
CAMPAIGNS = "campaigns.csv"
#: Held while the holdouts change.
LOCK = ".holdouts.lock"


def read_holdouts(project: Path) -> pd.DataFrame:
    """Read the holdouts of a project, `reports/NAME`: one row per customer and campaign; see `holdouts.COLUMNS`.

    Raises
    ------
    RunError
        If the file is not one that a run wrote.
    """
    path = project / HOLDOUTS
    if not path.is_file():
        return holdouts.no_holdouts()
    try:
        table = read_frame(path)
    except (OSError, ValueError) as error:
        raise RunError(
            f"{project.name}: {HOLDOUTS} cannot be read ({error}); put an earlier copy in its place"
        ) from None
    missing = [c for c in holdouts.COLUMNS if c not in table]
    if missing:
        raise RunError(
            f"{project.name}: {HOLDOUTS} has no column {listing(missing)}; put an earlier copy in its place"
        )
    return holdouts.typed(table)


def write_holdouts(project: Path, table: pd.DataFrame) -> str:
    """Write the holdouts of a project, readable by its owner alone; return the hash of the file."""
    store = Store(project)
    path = store.path(HOLDOUTS)
    with store._replacing(path, private=True) as temporary:
        write_frame(holdouts.typed(table), temporary)
    return content_hash(path)


def _answered(path: Path) -> bool:
    """Tell whether answers have been filled in in a campaign file."""
    if not path.is_file():
        return False
    table = pd.read_csv(path, dtype=str, keep_default_na=False)
    return any((table[c] != "").any() for c in ("responded", "revenue") if c in table)


def audience_damage(store: Store) -> str:
    """Say which file of the audiences of a run is gone or was changed; campaigns.csv may have been filled in."""
    written = store.stage("implement").get("audiences", {})
    now = audience_hashes(store.root / AUDIENCES)
    for name, digest in written.items():
        if name not in now:
            return f"{AUDIENCES}/{name} is gone"
        if now[name] != digest and name != CAMPAIGNS:
            return f"{AUDIENCES}/{name} was changed"
    return ""


def audience_hashes(folder: Path) -> dict[str, str]:
    """Hash the files of a folder of audiences, by their names in it."""
    return {str(p.relative_to(folder)): content_hash(p) for p in sorted(folder.rglob("*")) if p.is_file()}


def forget_holdouts(project: Path, key: str) -> int:
    """Take one customer out of the project's holdouts; count their rows."""
    if not (project / HOLDOUTS).is_file():
        return 0
    with filelock.FileLock(project / LOCK, timeout=60):
        table = read_holdouts(project)
        theirs = table.id.map(normal_key) == key
        if theirs.any():
            write_holdouts(project, table[~theirs])
    return int(theirs.sum())


def purge_holdouts(project: Path, purged: str, left: list[str]) -> None:
    """Take out of the holdouts what a purged run assigned, once it has ended; all of them if no run is left.

    Parameters
    ----------
    purged, left
        Dates (as_of) of the run that was purged, and of those that are left.
    """
    if not (project / HOLDOUTS).is_file():
        return
    with filelock.FileLock(project / LOCK, timeout=60):
        if not left:
            (project / HOLDOUTS).unlink()
            return
        table = read_holdouts(project)
        ended = (table.first_assigned <= pd.Timestamp(purged)) & (table.until < pd.Timestamp(max(left)))
        if ended.any():
            write_holdouts(project, table[~ended])


class Implementing(Elsewhere):
    """The part of a run that stage `implement` works with."""

    full: Params
    root: Path
    published: Store
    store: Store
    trial: Any

    def implementing(self) -> dict[str, Any]:
        """Give the section `implement` as plain values, with its dates, the salt and the names of all plays."""
        settings = self.full.implement.model_dump()
        start = settings["start"] or self.full.as_of
        return settings | {
            "start": start,
            "salt": settings["holdout"]["salt"] or self.full.name,
            "project": self.full.name,
            "as_of": self.full.as_of,
            "currency": self.full.currency,
            "min_cell": self.full.privacy.min_cell,
            "protected": tuple(self.full.privacy.protected),
            "library": [p["play"] for p in (*self.plays(), *self.own_plays())],  # type: ignore[attr-defined]
        }

    # Who may be contacted

    def contacts(self, channels: Iterable[str]) -> contacts.Contacts:
        """Read from the source how customers may be contacted; nothing of it is stored.

        Raises
        ------
        DataError
            If the source has no such column, or holds other values than it should.
        """
        settings = self.implementing()
        ids = self.read("ids")  # type: ignore[attr-defined]
        source = self._addresses(settings, ids)
        lists = [(entry, self._list(number, entry)) for number, entry in enumerate(settings["suppress"])]
        return contacts.read_contacts(source, ids, settings, sorted(set(channels) - {""}), lists)

    def _addresses(self, settings: dict[str, Any], ids: pd.DataFrame) -> pd.DataFrame:
        people = self.full.sources.customers
        wanted = named_columns(self.full)
        if people is None or "customer" not in people.roles():
            if wanted:
                raise DataError(
                    f"{next(iter(wanted))} names a column of customers, and the project has no "
                    "sources.customers with an id; add it, or take the entry out"
                )
            return pd.DataFrame({"key": ids.key.astype("string")})
        roles = people.roles()
        engine = sources.engine_for([source_spec(self.full, "customers")])
        opened = sources.open_source(engine, "customers", self.root, source_spec(self.full, "customers"))
        there = opened.table.columns
        if absent := absent_columns(self.full, there):
            raise DataError("\n".join(absent))
        chosen = {column: opened.table[column] for column in dict.fromkeys(wanted.values())}
        if "purposes" in roles:
            chosen["purposes"] = opened.table[roles["purposes"]]
        frame = opened.table.select(
            key=sources.text_key(opened.table[roles["customer"]]), **chosen
        ).to_pandas()
        if engine.name == "pyspark":
            engine.disconnect()
        return frame[frame.key.isin(set(ids.key))]

    def _list(self, number: int, entry: dict[str, Any]) -> pd.Series:
        name = f"implement.suppress.{number}"
        opened = sources.open_source(sources.connect(), name, self.root, {"path": entry["path"]})
        if entry["column"] not in opened.table.columns:
            raise DataError(
                f"{name}.column names '{entry['column']}', and {entry['path']} has no such column; columns: "
                f"{listing(opened.table.columns, 20)}.{nearest(entry['column'], opened.table.columns)}"
            )
        column = opened.table[entry["column"]]
        text = sources.text_key(column) if entry["holds"] == "customer" else column.cast("string")
        return opened.table.select(entry=text).to_pandas().entry

    def past_contacts(self) -> pd.DataFrame:
        """List past contacts from `campaigns`: customer, channel, time; those held out are no contacts."""
        empty = pd.DataFrame({"customer": pd.Series(dtype="int64"), "channel": "", "time": pd.NaT})
        table = self.scan("campaigns")  # type: ignore[attr-defined]
        if table is None or "time" not in table.columns:
            return empty.astype({"time": "datetime64[us]"})
        kept = [c for c in ("customer", "channel", "time", "holdout") if c in table.columns]
        frame = table.select(*kept).to_pandas()
        frame = frame[~frame.holdout.fillna(False).astype(bool)] if "holdout" in frame else frame
        channel = frame.channel.map(channel_of) if "channel" in frame else ""
        return frame.assign(channel=channel)[["customer", "channel", "time"]].dropna(subset="time")

    # The holdouts of the project

    def holdouts(self) -> pd.DataFrame:
        """Read the project's holdouts: one row per customer and campaign, under real ids."""
        return read_holdouts(self.published.root.parent)

    def keep_holdouts(self, table: pd.DataFrame) -> None:
        """Keep who was assigned for the first time; a trial keeps nothing."""
        if self.trial is not None:
            return
        project = self.published.root.parent
        with filelock.FileLock(project / LOCK, timeout=60):
            now = read_holdouts(project)
            known = pd.MultiIndex.from_frame(now[["id", "campaign"]])
            rows = table[~pd.MultiIndex.from_frame(table[["id", "campaign"]]).isin(known)]
            whole = pd.concat([now, rows], ignore_index=True) if len(now) else rows
            digest = write_holdouts(project, whole)
        self.store.record_stage("implement", holdouts=digest)

    # The folder that real ids leave through

    def audience_folder(self) -> Path | None:
        """Return an empty folder beside `audiences/`, which `keep_audiences` puts in its place; none in a trial.

        Raises
        ------
        RunError
            If answers have been filled in where they would be overwritten.
        """
        if self.trial is not None:
            return None
        if _answered(self.store.root / AUDIENCES / CAMPAIGNS):
            raise RunError(
                f"{self.store.title}: answers were filled in in {AUDIENCES}/{CAMPAIGNS}, and the stage would overwrite "
                "them; move the file to where sources.campaigns reads it, then run again"
            )
        folder = self.store.root / f".{AUDIENCES}.new"
        shutil.rmtree(folder, ignore_errors=True)
        folder.mkdir(parents=True, mode=0o700)
        return folder

    def keep_audiences(self) -> None:
        """Put the folder that was written in the place of `audiences/`, and record its files with their hashes."""
        if self.trial is not None:
            return
        folder, made = self.store.root / AUDIENCES, self.store.root / f".{AUDIENCES}.new"
        for path in made.rglob("*"):
            path.chmod(0o700 if path.is_dir() else 0o600)
        replaced = self.store.root / f".{AUDIENCES}.old"
        shutil.rmtree(replaced, ignore_errors=True)
        if folder.exists():
            folder.rename(replaced)
        made.rename(folder)
        shutil.rmtree(replaced, ignore_errors=True)
        self.store.record_stage("implement", audiences=audience_hashes(folder))

    def keep_handover(self, text: str) -> None:
        """Write `handover.md` beside the pages; it holds no id."""
        self.store.write_text(text, "handover.md")

    # The database that the params name

    def keep_in_database(self, history: pd.DataFrame, audience: pd.DataFrame) -> dict[str, int]:
        """Write the audiences and the history of segments to `implement.to`; nothing without one, or in a trial."""
        terms = database_terms(self.full)
        if terms is None or self.trial is not None:
            return {}
        where = (self.full.name, self.full.as_of, self.root)
        if terms["connection"].startswith("spark://"):
            from seglib.implement.destinations import spark

            return spark.write(terms, history, audience, *where[:2])
        return database.write(terms, history, audience, *where)


def database_terms(params: Params) -> dict[str, Any] | None:
    """Give the database that receives audiences, its connection filled from the environment; none if none is named."""
    if params.implement.to is None:
        return None
    terms = params.implement.to.model_dump()
    return terms | {"shown": terms["connection"], "connection": expand(terms["connection"])}


def eraser(params: Params, root: Path) -> Callable[[str], int] | None:
    """Return what removes a customer from the database of `implement.to`; none where none is named."""
    terms = database_terms(params)
    if terms is None:
        return None
    if terms["connection"].startswith("spark://"):
        from seglib.implement.destinations import spark

        return lambda customer: spark.forget(terms, customer)
    return lambda customer: database.forget(terms, customer, root)
