"""Tables shaped for a reader where selecting columns is not enough: one function per view, by name."""

from types import ModuleType

from seglib.report.layouts import (
    ahead,
    assess,
    campaigns,
    collect,
    movement,
    offers,
    scorecard,
    segment,
    target,
)

_MODULES: tuple[ModuleType, ...] = (
    ahead,
    assess,
    campaigns,
    collect,
    movement,
    offers,
    scorecard,
    segment,
    target,
)
#: By name.
LAYOUTS = {
    name: function
    for module in _MODULES
    for name, function in vars(module).items()
    if callable(function) and function.__module__ == module.__name__ and not name.startswith("_")
}
# While notebooks change over, functions are found here too.
globals().update(
    {
        name: function
        for name, function in LAYOUTS.items()
        if name not in {m.__name__.rpartition(".")[2] for m in _MODULES} or True
    }
)
