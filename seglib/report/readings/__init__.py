"""Facts that sentences are filled with, found in tables: one function per sentence, by name."""

from seglib.report.readings import (
    ahead,
    assess,
    budget,
    campaigns,
    collect,
    explore,
    movement,
    offer_cards,
    offers,
    portraits,
    segment,
    target,
)

_MODULES = (
    ahead,
    assess,
    budget,
    campaigns,
    collect,
    explore,
    movement,
    offer_cards,
    offers,
    portraits,
    segment,
    target,
)
READINGS = {
    name: function
    for module in _MODULES
    for name, function in vars(module).items()
    if callable(function) and function.__module__ == module.__name__ and not name.startswith("_")
}
