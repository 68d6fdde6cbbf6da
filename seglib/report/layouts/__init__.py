"""Tables of a run, shaped for a reader."""

from seglib.report.layouts import ahead as _ahead
from seglib.report.layouts import assess as _assess
from seglib.report.layouts import collect as _collect
from seglib.report.layouts import movement as _movement
from seglib.report.layouts import offers as _offers
from seglib.report.layouts import scorecard as _scorecard
from seglib.report.layouts import segment as _segment
from seglib.report.layouts import target as _target
from seglib.report.layouts.ahead import calibration, lifetime, survival
from seglib.report.layouts.assess import besides, named, portraits, protected, value
from seglib.report.layouts.collect import ledger
from seglib.report.layouts.movement import churn, drivers, movement, retention, satisfaction
from seglib.report.layouts.scorecard import TONES, differences, scorecard, scored, strength, totals
from seglib.report.layouts.segment import candidates, gates, overview, references

__all__ = [
    "TONES",
    "besides",
    "calibration",
    "candidates",
    "churn",
    "differences",
    "drivers",
    "gates",
    "ledger",
    "lifetime",
    "movement",
    "named",
    "overview",
    "portraits",
    "protected",
    "references",
    "retention",
    "satisfaction",
    "scorecard",
    "scored",
    "strength",
    "survival",
    "totals",
    "value",
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
        _scorecard,
        _segment,
        _target,
    )
    for name, function in vars(module).items()
    if callable(function) and function.__module__ == module.__name__ and not name.startswith("_")
}
