"""Facts that sentences are filled with, found in tables: one function per sentence, by name."""

from types import ModuleType

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

_MODULES: tuple[ModuleType, ...] = (
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
#: By name.
READINGS = {
    name: function
    for module in _MODULES
    for name, function in vars(module).items()
    if callable(function) and function.__module__ == module.__name__ and not name.startswith("_")
}
# While notebooks change over, functions are found here too.
globals().update(
    {
        name: function
        for name, function in READINGS.items()
        if name not in {m.__name__.rpartition(".")[2] for m in _MODULES} or True
    }
)
