"""Figures: tables in, Axes out."""

from seglib.report.figures.ahead import calibration, survival
from seglib.report.figures.budget import gains
from seglib.report.figures.campaigns import effects
from seglib.report.figures.decision import bars, evaluation, lollipops
from seglib.report.figures.explore import (
    associations,
    calendar,
    cohorts,
    distributions,
    lorenz,
    waterfall,
    weekdays,
)
from seglib.report.figures.movement import monthly, retention
from seglib.report.figures.numbers import agreement, flow, stability_by_k
from seglib.report.figures.offers import seasons
from seglib.report.figures.segments import crossed, density_map, profile
from seglib.report.figures.theme import (
    BAD,
    BLUE,
    CARD,
    GOOD,
    INK,
    LINE,
    MUTE,
    PALETTE,
    SOFT,
    behind,
    colour,
    wrapped,
)

__all__ = [
    "BAD",
    "BLUE",
    "CARD",
    "GOOD",
    "INK",
    "LINE",
    "MUTE",
    "PALETTE",
    "SOFT",
    "agreement",
    "associations",
    "bars",
    "behind",
    "calendar",
    "calibration",
    "cohorts",
    "colour",
    "crossed",
    "density_map",
    "distributions",
    "effects",
    "evaluation",
    "flow",
    "gains",
    "lollipops",
    "lorenz",
    "monthly",
    "profile",
    "retention",
    "seasons",
    "stability_by_k",
    "survival",
    "waterfall",
    "weekdays",
    "wrapped",
]
