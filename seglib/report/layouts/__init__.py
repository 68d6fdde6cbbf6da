"""Tables of a run, shaped for a reader."""

from seglib.report.layouts import ahead as _ahead
from seglib.report.layouts import assess as _assess
from seglib.report.layouts import campaigns as _campaigns
from seglib.report.layouts import collect as _collect
from seglib.report.layouts import movement as _movement
from seglib.report.layouts import offers as _offers
from seglib.report.layouts import scorecard as _scorecard
from seglib.report.layouts import segment as _segment
from seglib.report.layouts import target as _target
from seglib.report.layouts.ahead import calibration, lifetime, survival
from seglib.report.layouts.assess import besides, named, portraits, protected, value
from seglib.report.layouts.collect import ledger
from seglib.report.layouts.offers import bought_more, hit_rates, next_products, occasions, unmet
from seglib.report.layouts.scorecard import TONES, differences, scorecard, scored, strength, totals
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
    "TONES",
    "besides",
    "bought_more",
    "budget",
    "budget_caption",
    "calibration",
    "candidates",
    "criteria",
    "differences",
    "expected",
    "gates",
    "hit_rates",
    "ledger",
    "lifetime",
    "named",
    "next_products",
    "occasions",
    "others",
    "overview",
    "plays",
    "portraits",
    "protected",
    "references",
    "scorecard",
    "scored",
    "sensitivity",
    "strength",
    "survival",
    "totals",
    "unmet",
    "value",
    "weights",
]

#: What this package offers, by name.
LAYOUTS = {
    name: function
    for module in (
        _ahead,
        _assess,
        _campaigns,
        _collect,
        _movement,
        _offers,
        _scorecard,
        _segment,
        _target,
    )
    for name, function in vars(module).items()
    if callable(function) and function.__module__ == module.__name__ and not name.startswith("_")
}
