"""Tables of a run, shaped for a reader."""

from seglib.report.layouts import ahead as _ahead
from seglib.report.layouts import assess as _assess
from seglib.report.layouts import collect as _collect
from seglib.report.layouts import movement as _movement
from seglib.report.layouts import offers as _offers
from seglib.report.layouts import segment as _segment
from seglib.report.layouts import target as _target
from seglib.report.layouts.collect import ledger
from seglib.report.layouts.movement import churn, drivers, movement, retention, satisfaction
from seglib.report.layouts.offers import bought_more, hit_rates, next_products, occasions, unmet
from seglib.report.layouts.segment import candidates, gates, overview, references
from seglib.report.layouts.target import (
    budget,
    budget_caption,
    criteria,
    expected,
    others,
    plays,
    sensitivity,
    weights,
)

__all__ = [
    "bought_more",
    "budget",
    "budget_caption",
    "candidates",
    "churn",
    "criteria",
    "drivers",
    "expected",
    "gates",
    "hit_rates",
    "ledger",
    "movement",
    "next_products",
    "occasions",
    "others",
    "overview",
    "plays",
    "references",
    "retention",
    "satisfaction",
    "sensitivity",
    "unmet",
    "weights",
]

#: What this package offers, by name.
LAYOUTS = {
    name: function
    for module in (
        _ahead,
        _assess,
        _collect,
        _movement,
        _offers,
        _segment,
        _target,
    )
    for name, function in vars(module).items()
    if callable(function) and function.__module__ == module.__name__ and not name.startswith("_")
}
