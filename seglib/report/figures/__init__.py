"""Figures: tables in, Axes out; one function per figure, by name."""

from seglib.report.figures import (
    ahead,
    assess,
    budget,
    campaigns,
    collect,
    decision,
    explore,
    movement,
    numbers,
    offers,
    segments,
)
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

_MODULES = (
    ahead,
    assess,
    budget,
    campaigns,
    collect,
    decision,
    explore,
    movement,
    numbers,
    offers,
    segments,
)
FIGURES = {
    name: function
    for module in _MODULES
    for name, function in vars(module).items()
    if callable(function) and function.__module__ == module.__name__ and not name.startswith("_")
}

__all__ = [
    "BAD",
    "BLUE",
    "CARD",
    "FIGURES",
    "GOOD",
    "INK",
    "LINE",
    "MUTE",
    "PALETTE",
    "SOFT",
    "behind",
    "colour",
    "wrapped",
]
