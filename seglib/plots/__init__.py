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
from seglib.plots.segments import crossed, density_map, profile, stability_by_k
from seglib.plots.theme import BAD, BLUE, CARD, GOOD, INK, LINE, MUTE, PALETTE, SOFT, colour, wrapped

__all__ = [
    "BAD", "BLUE", "CARD", "GOOD", "INK", "LINE", "MUTE", "PALETTE", "SOFT", "associations", "bars",
    "calendar", "cohorts", "colour", "crossed", "density_map", "distributions", "evaluation", "lollipops",
    "lorenz", "profile", "stability_by_k", "waterfall", "weekdays", "wrapped",
]  # fmt: skip
