"""Captions, tables, figures, verdicts, pages: what a reader sees."""

from seglib.report.context import Context, begin, context, name_segments, under
from seglib.report.display import Html, figure, provenance, say, verdict
from seglib.report.display import said as text
from seglib.report.display import written as document
from seglib.report.evaluation_plot import evaluation_plot
from seglib.report.tables import cards, declared, table
from seglib.report.worded import worded
from seglib.report.words import count, listed, money, plural, share

__all__ = [
    "Context",
    "Html",
    "begin",
    "cards",
    "context",
    "count",
    "declared",
    "document",
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
    "text",
    "under",
    "verdict",
    "worded",
]
