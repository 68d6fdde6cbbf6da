"""Captions, tables, verdicts, pages."""

from seglib.report.cards import cards
from seglib.report.display import Html, figure, provenance, say, table, verdict
from seglib.report.evaluation_plot import evaluation_plot
from seglib.report.words import count, listed, money, plural, share

__all__ = [
    "Html",
    "cards",
    "count",
    "evaluation_plot",
    "figure",
    "listed",
    "money",
    "plural",
    "provenance",
    "say",
    "share",
    "table",
    "verdict",
]
