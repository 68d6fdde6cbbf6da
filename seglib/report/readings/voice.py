"""Facts of page 04 on what customers say."""

from __future__ import annotations

from typing import Any

from seglib.assess.behaviour.voice import Voice
from seglib.report.context import Context
from seglib.report.layouts.voice import topics, words


def voice(said: Voice, terms: Context) -> dict[str, Any]:
    """Find how many commented, and on which topic those who raise it are least content."""
    if said.reason:
        return {"reason": said.reason}
    shown = topics(said.topics, terms)
    low = shown[shown.high < 0].sort_values("difference").head(1).to_dict("records")
    return {
        "reason": "",
        "commented": said.commented,
        "telling": len(words(said.words, terms)),
        "low": low[0] if low else None,
    }
