"""Sentences for readers: one file of templates per page, filled with numbers from tables."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import Any

import jinja2

from seglib.catalogue import STAGES, stage
from seglib.report import words
from seglib.report.context import Context, context
from seglib.vocabulary import money, uncapitalised

_PAGES = Path(__file__).parent / "templates" / "pages"


class _Environment(jinja2.Environment):
    """Templates in which a fact is found before a method of the dict that holds it, as in `f.clear`."""

    def getattr(self, obj: Any, attribute: str) -> Any:
        """Look a name up in facts first."""
        return (
            obj[attribute] if isinstance(obj, dict) and attribute in obj else super().getattr(obj, attribute)
        )


@cache
def _environment() -> jinja2.Environment:
    made = _Environment(
        loader=jinja2.FileSystemLoader(_PAGES),
        undefined=jinja2.StrictUndefined,
        autoescape=False,
        trim_blocks=True,
        lstrip_blocks=True,
        extensions=["jinja2.ext.do"],
    )
    made.filters |= {
        "share": words.share,
        "jaccard": words.jaccard,
        "against": words.against,
        "bound": words.bound,
        "count": words.count,
        "number": words.number,
        "points": words.points,
        "listed": words.listed,
        "quoted": words.quoted,
        "named": words.named,
        "capital": words.capital,
        "uncapital": uncapitalised,
        "plural": words.plural,
        "word": words.in_words,
        "money": lambda x: money(x, context().currency),
        "segment": lambda x: context().segment(x),
        "segments": lambda xs: [context().segment(x) for x in xs],
        "feature": lambda x: context().inside(x),
        "features": lambda xs: [context().inside(x) for x in xs],
    }
    return made


def file_of(page: str) -> str:
    """Return the file of templates of a page: that of its notebook, or `decision.j2`."""
    return f"{stage(page).notebook if page in STAGES else page}.j2"


def sentence(name: str, facts: dict[str, Any] | None = None, page: str = "") -> str:
    """Fill a sentence of a page with facts.

    Parameters
    ----------
    name
        Of the macro in the page's file of templates; it takes the facts as `f`.
    facts
        Numbers, names and lists.
    page
        A stage, or decision; the page that is being made if absent.

    Returns
    -------
    str
        Plain text in one line, **stars** around what is bold; empty if there is nothing to say.
    """
    template = _environment().get_template(file_of(page or context().stage)).module
    macro = getattr(template, name, None)
    if macro is None:
        raise KeyError(f"{file_of(page or context().stage)} has no sentence '{name}'")
    return re.sub(r"\s+", " ", str(macro(facts or {}))).strip()


def document(name: str, facts: dict[str, Any], page: str = "") -> str:
    """Fill a text of several lines of a page with facts, as `sentence` fills one line."""
    template = _environment().get_template(file_of(page or context().stage)).module
    lines = [line.rstrip() for line in str(getattr(template, name)(facts)).strip().splitlines()]
    return re.sub(r"\n{3,}", "\n\n", "\n".join(lines)) + "\n"


def sentences(page: str = "") -> set[str]:
    """Return the names of all sentences of a page."""
    template = _environment().get_template(file_of(page or context().stage)).module
    return {name for name in vars(template) if not name.startswith("_")}


def words_of_figure(name: str, page: str = "") -> dict[str, str]:
    """Return title, caption, empty and the sentence that describes a figure of a page."""
    template = _environment().get_template(file_of(page or context().stage)).module
    return getattr(template, "figures", {})[name]


def filled(text: str, facts: dict[str, Any], terms: Context) -> str:
    """Fill a caption or a title of a declaration with facts and the terms of the page."""
    if "{" not in text:
        return text
    return _environment().from_string(text).render(**facts, min_cell=terms.min_cell, currency=terms.currency)
