"""Captions, tables, figures, verdicts, pages: what a reader sees."""

from typing import Any

from matplotlib.axes import Axes

from seglib.report import display, legacy, tables
from seglib.report.context import Context, begin, context, name_segments, under
from seglib.report.display import Html, provenance
from seglib.report.evaluation_plot import evaluation_plot
from seglib.report.readings.assess import with_rules
from seglib.report.readings.portraits import with_portraits
from seglib.report.tables import declared
from seglib.report.words import count, listed, money, plural, share


# While notebooks change over, both ways of calling work.
def table(frame: Any, *args: Any, **kwargs: Any) -> Html:
    """Show what the notebook asks for, in the new way or the former."""
    old = {"labels", "shares", "money", "currency", "decimals", "row_names", "min_cell", "totals", "tones"}
    if old & set(kwargs) or ("caption" in kwargs and "customers" not in kwargs):
        return legacy.table(frame, **kwargs)
    return tables.table(frame, *args, **kwargs)


def cards(frame: Any, *args: Any, **kwargs: Any) -> Html:
    """Show what the notebook asks for, in the new way or the former."""
    return legacy.cards(frame, **kwargs) if "row_names" in kwargs else tables.cards(frame, *args, **kwargs)


def say(*sentences: Any, **kwargs: Any) -> Html:
    """Show what the notebook asks for, in the new way or the former."""
    if sentences and sentences[0].isidentifier():
        return display.say(*sentences, **kwargs)
    return display.say_text(*sentences, **kwargs)


def verdict(word: str, sentence: str, *args: Any, **kwargs: Any) -> Html:
    """Show what the notebook asks for, in the new way or the former."""
    if sentence.isidentifier():
        return display.verdict(word, sentence, *args, **kwargs)
    return display.verdict_text(word, sentence, *args, **kwargs)


def figure(drawing: Any, *args: Any, min_cell: int = 1, **kwargs: Any) -> Html:
    """Show what the notebook asks for, in the new way or the former."""
    return display.figure(drawing, *args, **kwargs)


__all__ = [
    "Axes",
    "Context",
    "Html",
    "begin",
    "cards",
    "context",
    "count",
    "declared",
    "evaluation_plot",
    "figure",
    "listed",
    "money",
    "name_segments",
    "plural",
    "provenance",
    "say",
    "share",
    "table",
    "under",
    "verdict",
    "with_portraits",
    "with_rules",
]
