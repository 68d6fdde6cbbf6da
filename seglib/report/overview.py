"""The page of a project: its runs with their verdicts, key figures and alerts."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import jinja2
import pandas as pd

from seglib.report.context import Context, under
from seglib.report.display import TAGS, figure
from seglib.report.page import TEMPLATES, footer, style
from seglib.report.sentences import sentence

_ENVIRONMENT = jinja2.Environment(
    loader=jinja2.FileSystemLoader(TEMPLATES), autoescape=True, undefined=jinja2.StrictUndefined
)
_COLUMNS = ("as_of", "structure", "holds", "k", "customers", "value", "targets", "alerts")


def render(
    title: str,
    runs: pd.DataFrame,
    path: pd.DataFrame,
    marks: list[dict[str, Any]],
    terms: Context,
    names: dict[int, str],
) -> str:
    """Render the page of a project.

    Parameters
    ----------
    title
        Of the project.
    runs, path
        The tables `runs` and `path`, of all runs.
    marks
        Per run: page (whether it has a decision page), alerts (number, if it was monitored) and holds (the
        verdict of the monitoring, if there is one).
    terms
        Currency and smallest cell.
    names
        Of the segments, by number.
    """
    with under(replace(terms, stage="project", names=names)):
        rows = [
            {c: sentence(f"cell_{c}", facts) for c in _COLUMNS} | _mark(facts)
            for facts in _facts(runs, marks, terms)
        ]
        drawn = figure("path", path)
        heads = {c: sentence(f"head_{c}", {}) for c in _COLUMNS}
        lead = sentence("lead", {"runs": len(runs), "last": runs.as_of.iloc[-1]})
    return _ENVIRONMENT.get_template("project.html.j2").render(
        title=title,
        lead=lead,
        heads=heads,
        rows=rows[::-1],
        drawn=drawn,
        style=style("decision.css"),
        footer=footer(),
    )


def _mark(facts: dict[str, Any]) -> dict[str, str]:
    """Find where a run's date leads to, and the colour of its verdict."""
    href = f"{facts['as_of']}/index.html" if facts["page"] else ""
    return {"href": href, "tone": TAGS.get(facts["structure"], "fair")}


def _facts(runs: pd.DataFrame, marks: list[dict[str, Any]], terms: Context) -> list[dict[str, Any]]:
    """Collect the facts of each run; a number of too few customers is missing."""
    rows = []
    for row, more in zip(runs.to_dict("records"), marks, strict=True):
        facts = {k: None if pd.api.types.is_scalar(v) and pd.isna(v) else v for k, v in row.items()} | more
        hidden = terms.hides(facts["customers"])
        rows.append(facts | ({"customers": None, "value": None} if hidden else {}))
    return rows
