"""A params file: one segmentation problem, checked whole before anything runs."""

from __future__ import annotations

import datetime as dt
import json
import os
import re
from pathlib import Path
from typing import Any, ClassVar, get_args

import yaml
from pydantic import BaseModel, ValidationError

from seglib.errors import ParamsError, listing, nearest, one_line
from seglib.project.play_schema import PlayEntry
from seglib.project.schema import Params


class _Loader(yaml.SafeLoader):
    """YAML without tags, without a key twice, and where on, yes and no are words (YAML 1.2)."""

    yaml_implicit_resolvers: ClassVar = {
        first: [(tag, pattern) for tag, pattern in resolvers if tag != "tag:yaml.org,2002:bool"]
        for first, resolvers in yaml.SafeLoader.yaml_implicit_resolvers.items()
    }

    def construct_mapping(self, node: yaml.MappingNode, deep: bool = False) -> dict:
        keys = [key.value for key, _ in node.value if isinstance(key, yaml.ScalarNode)]
        twice = {key for key in keys if keys.count(key) > 1}
        if twice:
            line = node.start_mark.line + 1
            raise ParamsError(f"the key '{listing(twice)}' stands twice in the section of line {line}")
        return super().construct_mapping(node, deep)


_Loader.add_implicit_resolver(
    "tag:yaml.org,2002:bool", re.compile(r"^(?:true|false)$", re.IGNORECASE), list("tTfF")
)


def _parse(text: str, file: str) -> dict[str, Any]:
    try:
        for event in yaml.parse(text, Loader=yaml.SafeLoader):
            tag = getattr(event, "tag", None)
            if tag is not None and tag != "!":
                raise ParamsError(
                    f"line {event.start_mark.line + 1} uses the YAML tag '{tag}'; "
                    "plain values alone are allowed"
                )
        raw = yaml.load(text, Loader=_Loader)  # noqa: S506  (a SafeLoader)
    except ParamsError as error:
        raise ParamsError(f"{file}: {error}") from None
    except (yaml.YAMLError, ValueError, RecursionError) as error:
        raise ParamsError(f"{file}: is not YAML: {one_line(str(error))}") from None
    if raw is None:
        raise ParamsError(f"{file}: is empty; it needs at least title, objective, as_of, …")
    if not isinstance(raw, dict):
        kind = {"list": "a list", "str": "one text"}.get(type(raw).__name__, type(raw).__name__)
        raise ParamsError(f"{file}: holds {kind}; allowed: keys and values, as in params/demo.yaml")
    return raw


def _known_keys(model: type[BaseModel], place: tuple) -> list[str]:
    """Follow `place` from `model` down to the section whose keys are known there."""
    for step in place:
        field = model.model_fields.get(step) if isinstance(step, str) else None
        kinds = [] if field is None else [field.annotation, *get_args(field.annotation)]
        found = [k for k in kinds if isinstance(k, type) and issubclass(k, BaseModel)]
        if not found:
            return []
        model = found[0]
    return list(model.model_fields)


def _problem(error: dict[str, Any], model: type[BaseModel] = Params) -> str:
    place = tuple(p for p in error["loc"] if p != "[key]")
    path = ".".join(map(str, place))
    found = error["input"]
    shown = (
        f"found {found!r}"
        if isinstance(found, str | int | float | bool | dt.date)
        else "found "
        + (
            "nothing"
            if found is None
            else {"list": "a list", "dict": "a section"}.get(type(found).__name__, "?")
        )
    )
    if error["type"] == "extra_forbidden":
        known = _known_keys(model, place[:-1])
        where = f"{'.'.join(map(str, place[:-1]))} has" if place[:-1] else "there is"
        return (
            f"{where} no key '{place[-1]}'; known keys: {listing(known, 20)}.{nearest(str(place[-1]), known)}"
        )
    if error["type"] == "missing":
        return f"{path} is missing; it must be given"
    if error["type"] == "literal_error":
        allowed = re.findall(r"'([^']*)'", error["ctx"]["expected"])
        return f"{path}: {shown}; allowed: {listing(allowed, 20)}.{nearest(str(found), allowed)}"
    if error["type"] == "value_error":
        message = str(error["ctx"]["error"])
        if message.startswith("segment.on"):
            return message
        return f"{path}{message}" if message.startswith(".") else f"{path} {message}".strip()
    if error["type"] in ("model_type", "model_attributes_type", "dict_type"):
        return f"{path}: {'is empty' if found is None else shown}; allowed: a section with keys"
    if error["type"] == "string_pattern_mismatch" and path == "title":
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
    return _parse(f"value: {text}", place)["value"]


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
    try:
        text = path.read_text(encoding="utf-8")
    except UnicodeDecodeError as error:
        raise ParamsError(f"{path}: is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    raw = _parse(text, str(path))
    for assignment in overrides:
        _override(raw, assignment, str(path))
    raw.setdefault("name", path.stem)
    try:
        return Params.model_validate(raw)
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
    made = Params.model_json_schema()
    made["title"] = "A seglib project"
    made["required"] = [key for key in made["required"] if key != "name"]
    made["properties"]["segment"] = {"$ref": "#/$defs/Segment"}
    words = made["properties"]["labels"]["additionalProperties"]
    made["properties"]["labels"]["additionalProperties"] = {"anyOf": [{"type": "string"}, words]}
    number = {"anyOf": [{"type": "integer", "minimum": 2}, {"$ref": "#/$defs/NumberOfSegments"}]}
    made["$defs"]["Segment"]["properties"]["k"] = number
    return json.dumps(made, indent=2, ensure_ascii=False) + "\n"


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
    raw = _parse("plays:\n" + _indented(path.read_text(encoding="utf-8")), path.name)["plays"]
    if not isinstance(raw, list) or not all(isinstance(entry, dict) for entry in raw):
        raise ParamsError(
            f"{path.name}: holds no list of plays; allowed: entries that begin with '- play: NAME'"
        )
    problems, entries = [], []
    for at, entry in enumerate(raw):
        try:
            entries.append(PlayEntry.model_validate(entry).model_dump())
        except ValidationError as error:
            named = f"play '{entry['play']}'" if isinstance(entry.get("play"), str) else f"entry {at + 1}"
            problems += [f"{path.name}: {named}: {_problem(e, PlayEntry)}" for e in error.errors()]
    if problems:
        raise ParamsError("\n".join(dict.fromkeys(problems)))
    names = [entry["play"] for entry in entries]
    twice = sorted({n for n in names if names.count(n) > 1})
    if twice:
        raise ParamsError(f"{path.name}: names the play '{twice[0]}' twice; each play has a name of its own")
    if "Leave alone" not in names:
        raise ParamsError(f"{path.name}: needs a play 'Leave alone', for what is not chosen")
    return entries


def plays_file(root: Path) -> Path:
    """Give the library of plays of a repository, or the one beside seglib where it has none."""
    own = root / "params" / "plays.yaml"
    return own if own.is_file() else Path(__file__).resolve().parents[2] / "params" / "plays.yaml"


def _indented(text: str) -> str:
    return "\n".join(f"  {line}" for line in text.splitlines())
