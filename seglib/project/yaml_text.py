"""YAML 1.2 as params files hold it: plain values, each key once, and nothing that grows when it is read."""

from __future__ import annotations

from typing import Any

from ruamel.yaml import YAML
from ruamel.yaml.constructor import DuplicateKeyError
from ruamel.yaml.error import MarkedYAMLError, YAMLError
from ruamel.yaml.events import AliasEvent, CollectionEndEvent, CollectionStartEvent

from seglib.errors import ParamsError, one_line

#: Sections and lists may lie in each other so deep.
DEEPEST = 40


def parse_yaml(text: str, file: str) -> Any:
    """Read a YAML text: sections, lists and plain values.

    Parameters
    ----------
    text
        One document.
    file
        What it is called in messages.

    Raises
    ------
    ParamsError
        If it is not YAML, holds tags or a key twice, or is nested too deep.
    """
    try:
        _refuse_tricks(text, file)
        return YAML(typ="safe", pure=True).load(text)
    except DuplicateKeyError as error:
        key = str(error.problem).split('"')[1]
        raise ParamsError(f"{file}: the key '{key}' stands twice, again in line {_line(error)}") from None
    except MarkedYAMLError as error:
        problem = one_line(error.problem or error.context or "")
        raise ParamsError(f"{file}: is not YAML: line {_line(error)}: {problem}") from None
    except (YAMLError, ValueError, ArithmeticError, AttributeError, TypeError, RecursionError) as error:
        raise ParamsError(f"{file}: is not YAML: {one_line(str(error))}") from None


def _line(error: MarkedYAMLError) -> int:
    mark = error.problem_mark or error.context_mark
    return mark.line + 1


def _refuse_tricks(text: str, file: str) -> None:
    """Refuse tags, deep nesting, and aliases inside what other aliases repeat, which double at every level."""
    anchored: list[bool] = []
    for event in YAML(typ="safe", pure=True).parse(text):
        place = f"{file}: line {event.start_mark.line + 1}"
        tag = getattr(event, "tag", None)
        if tag is not None and tag != "!":
            raise ParamsError(f"{place} uses the YAML tag '{tag}'; plain values alone are allowed")
        if isinstance(event, AliasEvent) and any(anchored):
            raise ParamsError(f"{place} repeats '*{event.anchor}' inside an anchor; write it out")
        if isinstance(event, CollectionStartEvent):
            anchored.append(event.anchor is not None)
            if len(anchored) > DEEPEST:
                raise ParamsError(f"{place} is nested more than {DEEPEST} levels deep; write it flatter")
        elif isinstance(event, CollectionEndEvent):
            anchored.pop()
