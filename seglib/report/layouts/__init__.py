"""Tables shaped for a reader where selecting columns is not enough: one function per view, by name."""

from seglib.report.layouts import (
    ahead,
    assess,
    campaigns,
    collect,
    movement,
    offers,
    segment,
    target,
)

_MODULES = (
    ahead,
    assess,
    campaigns,
    collect,
    movement,
    offers,
    segment,
    target,
)
LAYOUTS = {
    name: function
    for module in _MODULES
    for name, function in vars(module).items()
    if callable(function) and function.__module__ == module.__name__ and not name.startswith("_")
}
