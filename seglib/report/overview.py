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
_COLUMNS = (
    *("as_of", "structure", "holds", "k", "customers", "value", "ordered", "monthly", "profit"),
    *("targets", "alerts"),
)
#: Columns that say nothing where customers are too few.
_OF_CUSTOMERS = ("customers", "value", "ordered", "monthly", "profit")
#: Columns that are only there where a run has something in them.
_IF_KNOWN = ("value", "ordered", "monthly", "profit")


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
        Per run: page (whether it has a decision page), alerts (number, if it was monitored), holds (the
        verdict of the monitoring, if there is one), and as far as known ordered (share of customers since the run
        before), monthly (revenue per customer and 30 days since then) and profit (of campaigns that have ended).
    terms
        Currency and smallest cell.
    names
        Of the segments, by number.
    """
    with under(replace(terms, stage="project", names=names)):
        facts = _facts(runs, marks, terms)
        columns = [c for c in _COLUMNS if c not in _IF_KNOWN or any(row[c] is not None for row in facts)]
        rows = [{"cells": {c: sentence(f"cell_{c}", row) for c in columns}} | _mark(row) for row in facts]
        drawn = figure("path", path)
        heads = {c: sentence(f"head_{c}", {}) for c in columns}
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
        rows.append(facts | (dict.fromkeys(_OF_CUSTOMERS) if hidden else {}))
    return rows
