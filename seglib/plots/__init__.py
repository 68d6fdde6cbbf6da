"""Figures: tables in, Axes out."""

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
from seglib.plots.numbers import agreement, flow, stability_by_k
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
    "BAD", "BLUE", "CARD", "GOOD", "INK", "LINE", "MUTE", "PALETTE", "SOFT", "agreement", "associations", "bars",
    "behind", "calendar", "cohorts", "colour", "crossed", "density_map", "distributions", "evaluation", "flow",
    "lollipops", "lorenz", "profile", "stability_by_k", "waterfall", "weekdays", "wrapped",
]  # fmt: skip
