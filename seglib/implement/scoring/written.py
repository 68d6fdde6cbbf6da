"""The scripts that score segments elsewhere, as files."""

from __future__ import annotations

import pandas as pd

from seglib.errors import RunError
from seglib.implement.scoring.dialects import TITLES
from seglib.implement.scoring.query import scoring_query
from seglib.implement.scoring.source_features import feature_table, features_query
from seglib.implement.scoring.source_rows import KINDS, SourceTables
from seglib.implement.scoring.stored import StoredSegmentation

_HEAD = """\
-- {project}: segments of customers, from their features, for {title}.
-- Reads the table features, one row per customer: customer, and
--   {inputs}
-- Returns customer, segment, margin (0 on the border, towards 1 in the middle) and remark (why a customer
-- has no segment, or what was guessed). Segments: {names}.
-- What is missing, unknown or infinite is treated as the stored model treats it; of segments that are
-- equally near, the first in the model's order is taken. See docs/scoring.md.
"""
_FEATURES_HEAD = """\
-- {project}: features of customers, from the tables of the sources, for {title}.
-- Reads {read}: the source's own columns, typed as the run found them.
-- Returns customer (the id as text) and the features that the segmentation takes, as of {as_of}; make it the view
-- features, which the script of the segments reads. Rows are excluded as in the run. See docs/scoring.md.
"""


def scripts(stored: StoredSegmentation, project: str, names: dict[int, str]) -> tuple[dict[str, str], str]:
    """Write a stored segmentation for every database.

    Parameters
    ----------
    stored
        The segmentation.
    project
        Its name and date, for the head of each script.
    names
        Of the segments, by their numbers.

    Returns
    -------
    dict
        By dialect the script; nothing if the segmentation cannot be scored elsewhere.
    str
        The reason why it cannot; empty if it can.
    """
    try:
        queries = {dialect: scoring_query(stored, dialect) for dialect in TITLES}
    except RunError as error:
        return {}, str(error)
    called = ", ".join(f"{number} {_one_line(name)}" for number, name in sorted(names.items()))
    return {
        dialect: _HEAD.format(
            project=_one_line(project),
            title=TITLES[dialect],
            inputs=_one_line(", ".join(stored.inputs) or "nothing else"),
            names=called,
        )
        + query
        for dialect, query in queries.items()
    }, ""


def feature_scripts(
    stored: StoredSegmentation, features: pd.DataFrame, sources: SourceTables, project: str
) -> tuple[dict[str, str], dict[str, str]]:
    """Write the query from the tables of the sources to the features of a model, for every database.

    Parameters
    ----------
    stored
        The segmentation.
    features
        The table `features` of the run.
    sources
        The sources, as schemas.
    project
        Its name and date, for the head of each script.

    Returns
    -------
    dict
        By dialect the script, where one can be written.
    dict
        By dialect the reason, where none can.
    """
    texts = [c for c in stored.inputs if c not in stored.numeric]
    levels = {c: sorted(features[c].dropna().astype(str).unique()) for c in texts}
    read = ", ".join(kind for kind in KINDS if kind in sources.opened)
    written, reasons = {}, {}
    try:
        table = feature_table(stored.inputs, levels, sources)
    except RunError as error:
        return {}, dict.fromkeys(TITLES, str(error))
    for dialect, title in TITLES.items():
        try:
            query = features_query(table, dialect)
        except RunError as error:
            reasons[dialect] = str(error)
            continue
        head = _FEATURES_HEAD.format(project=_one_line(project), title=title, read=read, as_of=sources.as_of)
        written[dialect] = f"{head}{query};\n"
    return written, reasons


def _one_line(text: str) -> str:
    """Keep a text within its comment."""
    return " ".join(text.split())
