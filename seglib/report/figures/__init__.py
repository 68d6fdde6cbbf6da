"""Figures: tables in, Axes out; one function per figure, by name."""

from types import ModuleType

from seglib.report.figures import (
    ahead,
    budget,
    campaigns,
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

_MODULES: tuple[ModuleType, ...] = (
    ahead,
    budget,
    campaigns,
    decision,
    explore,
    movement,
    numbers,
    offers,
    segments,
)
#: By name.
FIGURES = {
    name: function
    for module in _MODULES
    for name, function in vars(module).items()
    if callable(function) and function.__module__ == module.__name__ and not name.startswith("_")
}
# While notebooks change over, functions are found here too.
globals().update(
    {
        name: function
        for name, function in FIGURES.items()
        if name not in {m.__name__.rpartition(".")[2] for m in _MODULES} or True
    }
)

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
