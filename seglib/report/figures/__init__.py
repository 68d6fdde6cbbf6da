"""Figures: tables in, Axes out."""

from seglib.report.figures import ahead as _ahead
from seglib.report.figures import assess as _assess
from seglib.report.figures import budget as _budget
from seglib.report.figures import campaigns as _campaigns
from seglib.report.figures import decision as _decision
from seglib.report.figures import explore as _explore
from seglib.report.figures import movement as _movement
from seglib.report.figures import numbers as _numbers
from seglib.report.figures import offers as _offers
from seglib.report.figures import segments as _segments
from seglib.report.figures import theme as _theme
from seglib.report.figures.budget import gains
from seglib.report.figures.campaigns import effects
from seglib.report.figures.decision import bars, evaluation, lollipops
from seglib.report.figures.explore import (
    associations,
    calendar,
    cohorts,
    distributions,
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
    "monthly",
    "profile",
    "retention",
    "seasons",
    "stability_by_k",
    "waterfall",
    "weekdays",
    "wrapped",
]

#: What this package offers, by name.
FIGURES = {
    name: function
    for module in (
        _ahead,
        _assess,
        _budget,
        _campaigns,
        _decision,
        _explore,
        _movement,
        _numbers,
        _offers,
        _segments,
        _theme,
    )
    for name, function in vars(module).items()
    if callable(function) and function.__module__ == module.__name__ and not name.startswith("_")
}
