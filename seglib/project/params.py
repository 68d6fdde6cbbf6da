"""A params file: one segmentation problem, checked whole before anything runs."""

from __future__ import annotations

import copy
import datetime as dt
import functools
import json
import os
import re
from pathlib import Path
from typing import Any, get_args

from pydantic import BaseModel, ValidationError
from pydantic_core import ErrorDetails

from seglib.errors import ParamsError, listing, nearest
from seglib.project.as_of import resolved
from seglib.project.schema import Params
from seglib.project.schema.plays import PlayEntry
from seglib.project.schema.renamed import RENAMED, renamed_keys
from seglib.project.schema.strict import twice
from seglib.project.yaml_text import parse_yaml

#: Longer files are refused before they are read: YAML takes seconds for each million characters.
LONGEST = 200_000


def _read_yaml(path: Path, called: str) -> Any:
    """Read a file: UTF-8, YAML, and not too long."""
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ParamsError(f"{called}: is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    if len(text) > LONGEST:
        raise ParamsError(f"{called}: holds {len(text):,} characters; allowed: at most {LONGEST:,}")
    return copy.deepcopy(_parsed(text, called))


@functools.lru_cache(maxsize=4)
def _parsed(text: str, called: str) -> Any:
    """Parse what every stage of a run reads again, the library of plays foremost, once."""
    return parse_yaml(text, called)


def _known_keys(model: type[BaseModel], place: tuple) -> list[str]:
    """Follow `place` from `model` down to the section whose keys are known there."""
    for step in place:
        if isinstance(step, int):  # of a list, whose entries the step before has found
            continue
        field = model.model_fields.get(step) if isinstance(step, str) else None
        kinds = [] if field is None else [field.annotation, *get_args(field.annotation)]
        sections = [k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)]
        if not sections:
            return []
        model = sections[0]
    return list(model.model_fields)


def _shown(found: object) -> str:
    """Describe what was found, without the entries of a section."""
    if isinstance(found, str | int | float | bool | dt.date):
        return f"found {found!r}"
    return f"found {'nothing' if found is None else 'a list' if isinstance(found, list) else 'a section'}"


def _problem(error: ErrorDetails, model: type[BaseModel] = Params) -> str:
    place = tuple(p for p in error["loc"] if p != "[key]")
    path, found = ".".join(map(str, place)), error["input"]
    shown = _shown(found)
    match error["type"]:
        case "extra_forbidden":
            known = _known_keys(model, place[:-1])
            where = f"{'.'.join(map(str, place[:-1]))} has" if place[:-1] else "there is"
            closest = nearest(str(place[-1]), known)
            return f"{where} no key '{place[-1]}'; known keys: {listing(known, 20)}.{closest}"
        case "missing":
            return f"{path} is missing; it must be given"
        case "literal_error":
            allowed = re.findall(r"'([^']*)'", error["ctx"]["expected"])
            return f"{path}: {shown}; allowed: {listing(allowed, 20)}.{nearest(str(found), allowed)}"
        case "value_error":
            message = str(error["ctx"]["error"])
            if message.startswith("segment.on"):
                return message
            return f"{path}{message}" if message.startswith(".") else f"{path} {message}".strip()
        case "model_type" | "model_attributes_type" | "dict_type":
            return f"{path}: {'is empty' if found is None else shown}; allowed: a section with keys"
        case "string_pattern_mismatch" if path == "title":
            return f"title: {shown}; allowed: one line that is not blank"
    return f"{path}: {shown}; {error['msg'][0].lower()}{error['msg'][1:]}"


def _override(raw: dict[str, Any], assignment: str, file: str) -> None:
    key, equals, value = assignment.partition("=")
    if not equals or not key:
        raise ParamsError(f"--set {assignment}: allowed: KEY=VALUE, as in segment.k=5")
    *sections, last = key.split(".")
    for step in sections:
        raw[step] = dict(raw.get(step) or {}) if isinstance(raw.get(step), dict | None) else None
        if raw[step] is None:
            raise ParamsError(f"{file}: --set {assignment}: '{step}' is a value, not a section")
        raw = raw[step]
    raw[last] = parse_value(value, f"--set {assignment}")


def parse_value(text: str, place: str) -> Any:
    """Read one value as a params file would.

    Examples
    --------
    >>> parse_value("5", "--set k=5")
    5
    """
    if "\n" in text or "\r" in text:
        raise ParamsError(f"{place!r}: allowed: a value on one line")
    return parse_yaml(f"value: {text}", place)["value"]


def load(path: str | Path, overrides: list[str] | tuple[str, ...] = ()) -> Params:
    """Read and check a params file.

    Parameters
    ----------
    path
        The YAML file.
    overrides
        Changes to it, each `key.path=value`.

    Raises
    ------
    ParamsError
        One line for every problem, all at once.
    """
    path = Path(path)
    if not path.is_file():
        beside = [p.name for p in path.parent.glob("*.yaml")] if path.parent.is_dir() else []
        raise ParamsError(
            f"{path}: there is no such file; beside it: {listing(beside) or 'no params file'}."
            f"{nearest(path.name, beside)}"
        )
    raw = _read_yaml(path, str(path))
    if raw is None:
        raise ParamsError(f"{path}: is empty; it needs at least title, objective, as_of, …")
    if not isinstance(raw, dict):
        kind = {"list": "a list", "str": "one text"}.get(type(raw).__name__, type(raw).__name__)
        raise ParamsError(f"{path}: holds {kind}; allowed: keys and values, as in params/demo.yaml")
    for assignment in overrides:
        _override(raw, assignment, str(path))
    if renamed := renamed_keys(raw, RENAMED):
        raise ParamsError("\n".join(f"{path}: {line}" for line in renamed))
    raw.setdefault("name", path.stem)
    rule = raw.get("as_of")
    raw["as_of"] = resolved(rule, dt.date.today())
    try:
        loaded = Params.model_validate(raw)
        loaded._as_of_rule = "" if raw["as_of"] == rule else str(rule)
        return loaded
    except ValidationError as error:
        problems = [f"{path}: {_problem(e)}" for e in error.errors()]
        raise ParamsError("\n".join(dict.fromkeys(problems))) from None


def expand(connection: str) -> str:
    """Fill `${NAME}` in a connection from the environment.

    Raises
    ------
    ParamsError
        If a variable is not set; its value is never shown.
    """

    def value(match: re.Match[str]) -> str:
        if match[1] not in os.environ:
            raise ParamsError(f"connection needs the environment variable {match[1]}, which is not set")
        return os.environ[match[1]]

    return re.sub(r"\$\{(\w+)\}", value, connection)


def find_root(start: str | Path) -> Path:
    """Find the repository that a path lies in: the first folder up that holds notebooks/.

    A path outside any repository belongs to the one that seglib was installed from.
    """
    start = Path(start).resolve()
    for folder in (start, *start.parents):
        if (folder / "notebooks" / "01_collect.ipynb").is_file():
            return folder
    return Path(__file__).resolve().parents[2]


def schema() -> str:
    """Write the JSON schema from which an editor completes a params file."""
    form = Params.model_json_schema()
    form["title"] = "A seglib project"
    form["required"].remove("name")
    return json.dumps(form, indent=2, ensure_ascii=False) + "\n"


#: Where a params file holds plays of its own.
_PLAYS = "target.plays."


def load_plays(path: str | Path) -> list[dict[str, Any]]:
    """Read the library of plays: one mapping per play.

    Raises
    ------
    ParamsError
        If an entry is not a play, or there is no play 'Leave alone'.
    """
    path = Path(path)
    if not path.is_file():
        raise ParamsError(f"{path.name}: there is no library of plays")
    raw = _read_yaml(path, path.name)
    if not isinstance(raw, list) or not all(isinstance(entry, dict) for entry in raw):
        raise ParamsError(
            f"{path.name}: holds no list of plays; allowed: entries that begin with '- play: NAME'"
        )
    of_plays = {
        old.removeprefix(_PLAYS): new.removeprefix(_PLAYS) for old, new in RENAMED.items() if _PLAYS in old
    }
    problems = [f"{path.name}: entry {line}" for line in renamed_keys(raw, of_plays)]
    if problems:
        raise ParamsError("\n".join(problems))
    entries = []
    for at, entry in enumerate(raw):
        try:
            entries.append(PlayEntry.model_validate(entry).model_dump())
        except ValidationError as error:
            named = f"play '{entry['play']}'" if isinstance(entry.get("play"), str) else f"entry {at + 1}"
            problems += [f"{path.name}: {named}: {_problem(e, PlayEntry)}" for e in error.errors()]
    if problems:
        raise ParamsError("\n".join(dict.fromkeys(problems)))
    names = [entry["play"] for entry in entries]
    if repeated := twice(names):
        raise ParamsError(
            f"{path.name}: names the play '{repeated}' twice; each play needs a name of its own"
        )
    if "Leave alone" not in names:
        raise ParamsError(f"{path.name}: needs a play 'Leave alone', for segments that are not targeted")
    return entries


def plays_file(root: Path) -> Path:
    """Find the library of plays of a repository, or else the one that seglib comes with."""
    own = root / "params" / "plays.yaml"
    return own if own.is_file() else Path(__file__).resolve().parents[2] / "params" / "plays.yaml"
