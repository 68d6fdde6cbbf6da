"""The scripts that score segments elsewhere, as files."""

from __future__ import annotations

from seglib.errors import RunError
from seglib.implement.scoring.dialects import TITLES
from seglib.implement.scoring.query import scoring_query
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


def _one_line(text: str) -> str:
    """Keep a text within its comment."""
    return " ".join(text.split())
