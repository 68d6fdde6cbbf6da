"""What changed since the run before: a paragraph, a figure, and what somebody should look at."""

from __future__ import annotations

from typing import Any

from seglib.report import readings
from seglib.report.decision.case import Case
from seglib.report.display import framed
from seglib.report.figures import monitor as figures
from seglib.report.sentences import filled, sentence, words_of_figure
from seglib.report.words import marked

#: Alerts that are listed; page 07 has all.
_MOST = 4
_PAGE = "monitor"


def changes(case: Case) -> dict[str, Any] | None:
    """Say what page 07 found; nothing where there was no run before.

    Returns
    -------
    dict or None
        heading, text, alerts (the severe ones first) and figure (empty if no segment is large enough).
    """
    runs, moved, alerts = (case.tables.get(name) for name in ("runs", "moved", "alerts"))
    if runs is None or moved is None or alerts is None or len(runs) < 2:
        return None
    holds, identities = case.tables.get("refit"), case.tables.get("identities")
    facts = readings.monitor.conclusion(runs, holds, alerts, case.terms)
    said = [
        sentence("conclusion", facts, _PAGE),
        sentence("moved", readings.monitor.moved(moved, case.terms), _PAGE),
    ]
    if identities is not None and (identities.fate != "kept").any():
        said.insert(1, sentence("identities", readings.monitor.identities(identities, case.terms), _PAGE))
    return {
        "heading": sentence("changes_heading", facts, "decision"),
        "text": marked(" ".join(said)),
        "alerts": [marked(text) for text in alerts.found.head(_MOST)],
        "figure": _figure(case),
    }


def _figure(case: Case) -> str:
    path = case.tables.get("path")
    drawn = None if path is None else figures.path(path, case.terms)
    if drawn is None:
        return ""
    words = words_of_figure("path", _PAGE)
    heading, below = (filled(words[key], {}, case.terms) for key in ("title", "caption"))
    return str(framed(drawn, heading, below, sentence(words["alt"], {}, _PAGE)))
