"""The typing tool for people: a form that works offline, and the words of its spreadsheet."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import jinja2
import yaml
from markupsafe import Markup

from seglib.report import words

_FOLDER = Path(__file__).parent / "templates"
_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(_FOLDER), autoescape=True, trim_blocks=True, lstrip_blocks=True
)


def spreadsheet_words() -> dict[str, str]:
    """Return what the sheets and columns of the typing tool's spreadsheet are called."""
    return yaml.safe_load((_FOLDER / "typing.yaml").read_text(encoding="utf-8"))


def typing_form(title: str, tool: dict[str, Any], overall: float, chance: float) -> str:
    """Write a typing tool as one HTML file that needs nothing else.

    Parameters
    ----------
    title
        Of the project.
    tool
        The tool as plain values (`seglib.implement.typing.TypingTool.as_dict`).
    overall, chance
        Share of customers who are assigned to their own segment, and share of the largest segment.
    """
    text = json.dumps(tool, ensure_ascii=True, allow_nan=False)
    for letter in "<>&":
        text = text.replace(letter, f"\\u{ord(letter):04x}")
    return _ENVIRONMENT.get_template("typing.html.j2").render(
        title=title,
        tool=tool,
        spec=Markup(text),  # noqa: S704  letters that end a script are escaped
        family=tool["family"].capitalize(),
        overall=words.share(overall),
        chance=words.share(chance),
    )
