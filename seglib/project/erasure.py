"""Customers who asked to be forgotten, removed from every run of a project and excluded from later ones."""

from __future__ import annotations

import contextlib
import datetime as dt
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import filelock

from seglib.errors import RunError
from seglib.privacy.consent import Forgotten, normal_key
from seglib.project.customer_rows import CustomerRows
from seglib.project.implementing import forget_holdouts, read_holdouts
from seglib.project.keys import make_key
from seglib.project.lock import hold
from seglib.project.status import run_folders
from seglib.project.store import Store, read_frame

_AHEAD = "Check --reports and how the id is written, or add --ahead to exclude them from later runs"
#: The list of the forgotten and the key of its hashes, in a project's folder.
LIST, SECRET = "forgotten.json", ".forgotten.key"
_ABOUT = (
    "Customers who asked to be forgotten, as hashes under the key in .forgotten.key, never as ids. Pages and "
    "executed notebooks hold aggregates alone; they count these customers until the run is executed again, "
    "which also fits a new model: the old one was deleted, since it can keep rows."
)


@dataclass(frozen=True)
class Erased:
    """What was removed for one customer.

    Attributes
    ----------
    runs
        By run (its date) and table, the rows that were removed.
    of
        The number of runs that were looked at.
    earlier
        When the same customer was forgotten before, if so.
    mentioned
        Pages and notebooks that hold the id as a word, for a person to look at.
    beside
        Rows that were removed from the project's holdouts and from the database of `implement.to`.
    """

    runs: dict[str, dict[str, int]] = field(default_factory=dict)
    of: int = 0
    earlier: str = ""
    mentioned: tuple[str, ...] = ()
    beside: int = 0


# The list


def _read_list(project: Path) -> dict[str, Any]:
    path = project / LIST
    if not path.is_file():
        return {"about": _ABOUT, "customers": []}
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except ValueError:
        raise RunError(f"{project.name}: {LIST} is damaged; put an earlier copy of it in its place") from None


def forgotten(project: Path) -> Forgotten:
    """Read who asked to be forgotten, for later runs to exclude them.

    Parameters
    ----------
    project
        The project's folder, `reports/NAME`.

    Raises
    ------
    RunError
        If the list is damaged, or the key of its hashes is gone: no customer could be recognised.
    """
    hashes = frozenset(entry["hash"] for entry in _read_list(project)["customers"])
    secret = project / SECRET
    if hashes and not secret.is_file():
        raise RunError(
            f"{project.name}: {LIST} lists {len(hashes):,} customers and its key {SECRET} is gone, so that "
            "they cannot be excluded; put the key back, or delete the list and forget them again"
        )
    return Forgotten(secret.read_bytes() if secret.is_file() else b"", hashes)


def _with_secret(project: Path) -> Forgotten:
    """Read the list, and make its key where there is none, readable by its owner alone."""
    secret = project / SECRET
    if not secret.is_file():
        forgotten(project)
        make_key(secret)
    return forgotten(project)


def _now() -> str:
    return dt.datetime.now(dt.UTC).isoformat(timespec="seconds")


def _write_entry(project: Path, entry: dict[str, Any]) -> None:
    listed = _read_list(project)
    others = [e for e in listed["customers"] if e["hash"] != entry["hash"]]
    text = json.dumps(listed | {"customers": [*others, entry]}, indent=2)
    Store(project).write_text(text + "\n", LIST)


# A project


@contextlib.contextmanager
def _held(project: Path, stores: list[Store]) -> Iterator[None]:
    """Hold the list and all runs, or none; a refusal by the file system is one line."""
    try:
        project.mkdir(parents=True, exist_ok=True)
        with contextlib.ExitStack() as held:
            held.enter_context(filelock.FileLock(project / ".forgotten.lock", timeout=10))
            for store in stores:
                held.enter_context(hold(store))
            yield
    except filelock.Timeout:
        raise RunError(f"{project.name}: another process is forgetting a customer; wait for it") from None
    except OSError as error:
        raise RunError(
            f"{project.name}: its runs cannot be written to ({error.strerror}); check the folder's rights or "
            "space, then forget again, which completes what is left"
        ) from None


def _check_ids(store: Store) -> None:
    sources = store.manifest().get("params", {}).get("sources", {})
    people, bought = sources.get("customers") or {}, sources.get("transactions")
    if people and not bought and not (people.get("columns") or {}).get("customer"):
        raise RunError(
            f"{store.root.parent.name} as of {store.root.name}: its customers have no ids, their rows are "
            "numbered; name their column in sources.customers.columns.customer, or purge the run"
        )


def forget(
    project: Path, customer: str, *, ahead: bool = False, elsewhere: Callable[[str], int] | None = None
) -> Erased:
    """Remove one customer from all runs of a project, and put them on the list for later ones.

    The list is written first and the table of ids last, so that a second call completes what a first one left.

    Parameters
    ----------
    project
        The project's folder, `reports/NAME`.
    customer
        The real id, written as in the sources or with blanks around or a point and zeros.
    ahead
        Put a customer on the list whom no run knows.
    elsewhere
        Removes the customer of an id from a database, and counts the rows.

    Raises
    ------
    RunError
        If no run knows the customer, a run is being executed, or the folder cannot be written to.
    """
    key, stores = normal_key(customer), [Store(folder) for folder in run_folders(project)]
    if not key:
        raise RunError(f"{project.name}: --customer is empty; name one id")
    if not stores and not ahead:
        raise RunError(f"{project.name}: it has no runs in this folder; nothing was changed. {_AHEAD}")
    with _held(project, stores):
        return _forget(project, key, stores, ahead, elsewhere or (lambda _: 0))


def _forget(
    project: Path, key: str, stores: list[Store], ahead: bool, elsewhere: Callable[[str], int]
) -> Erased:
    for store in stores:
        _check_ids(store)
    searches = [CustomerRows(store, key) for store in stores]
    rows = {search: counts for search in searches if (counts := search.count())}
    listed = forgotten(project)
    entry = next((e for e in _read_list(project)["customers"] if listed.hash(key) == e["hash"]), None)
    held = int((read_holdouts(project).id.map(normal_key) == key).sum())
    if not rows and not entry and not ahead and not held:
        raise RunError(
            f"{project.name}: none of its {len(stores)} runs knows this customer; nothing was changed. {_AHEAD}"
        )
    if not rows and not held and entry and entry["finished"]:
        return Erased(of=len(stores), earlier=entry["finished"], beside=elsewhere(key))
    before = entry["runs"] if entry else {}
    removed = {search.store.root.name: counts for search, counts in rows.items()}
    removed |= {} if entry and entry["finished"] else before  # what an unfinished call had counted
    record = {"hash": _with_secret(project).hash(key), "asked": entry["asked"] if entry else _now()}
    _write_entry(project, record | {"finished": None, "runs": removed})
    beside = elsewhere(key) + forget_holdouts(project, key)
    for search, counts in rows.items():
        _void_fingerprints(search.store)
        search.remove(list(counts))
    for store in stores:
        if (
            store.root.name not in removed and _model_of(store) in removed
        ):  # it was fitted on the customer too
            _void_fingerprints(store)
            for model in (store.root / "model").glob("*.skops"):
                model.unlink()
    for search in searches:
        if search.store.root.name in removed:  # those of an unfinished call too
            search.rehash()
    mentioned = tuple(name for search in searches for name in search.mentioned())
    _write_entry(project, record | {"finished": _now(), "runs": before | removed})
    return Erased(removed, len(stores), "", mentioned, beside)


def _model_of(store: Store) -> str:
    """Return the date of the run that fitted the model of this one."""
    path = store.root / "tables" / "lineage.parquet"
    return str(read_frame(path).model_as_of.iloc[0]) if path.is_file() else store.root.name


def _void_fingerprints(store: Store) -> None:
    """Void the fingerprints of all stages before any table changes, so that the run is executed again."""
    manifest = store.manifest()
    stages = {name: state | {"fingerprint": None} for name, state in manifest.get("stages", {}).items()}
    earlier = manifest.get("forgotten", {}).get("customers", 0)
    store.record(stages=stages, forgotten={"customers": earlier + 1, "last": _now(), "about": _ABOUT})
