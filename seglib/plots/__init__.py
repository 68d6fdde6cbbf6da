"""Figures: tables in, Axes out."""

from seglib.plots.ahead import calibration, survival
from seglib.plots.budget import gains
from seglib.plots.campaigns import effects
from seglib.plots.decision import bars, evaluation, lollipops
from seglib.plots.explore import (
    associations,
    calendar,
    cohorts,
    distributions,
    lorenz,
    waterfall,
    weekdays,
)
from seglib.plots.movement import monthly, retention
from seglib.plots.numbers import agreement, flow, stability_by_k
from seglib.plots.offers import seasons
from seglib.plots.segments import crossed, density_map, profile
from seglib.plots.theme import (
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
    "BAD", "BLUE", "CARD", "GOOD", "INK", "LINE", "MUTE", "PALETTE", "SOFT", "agreement", "associations",
    "bars", "behind", "calendar", "calibration", "cohorts", "colour", "crossed", "density_map",
    "distributions", "effects", "evaluation", "flow", "gains", "lollipops", "lorenz", "monthly",
    "profile", "retention", "seasons", "stability_by_k", "survival", "waterfall", "weekdays", "wrapped",
]  # fmt: skip
