"""Sentences that are computed from tables, so that next week's data get their own."""

from seglib.report.readings import ahead
from seglib.report.readings import ahead as _ahead
from seglib.report.readings import assess as _assess
from seglib.report.readings import budget as _budget
from seglib.report.readings import campaigns as _campaigns
from seglib.report.readings import collect as _collect
from seglib.report.readings import explore as _explore
from seglib.report.readings import movement as _movement
from seglib.report.readings import offer_cards as _offer_cards
from seglib.report.readings import offers as _offers
from seglib.report.readings import portraits as _portraits
from seglib.report.readings import segment as _segment
from seglib.report.readings import target as _target
from seglib.report.readings.assess import differences, profiles, protected, scorecard, value
from seglib.report.readings.campaigns import answers, campaigns, no_campaigns, spread, unknown
from seglib.report.readings.collect import contract, joins, ledger, quality, rows
from seglib.report.readings.movement import churn, drivers, months, movement, retention, satisfaction
from seglib.report.readings.portraits import named, portraits
from seglib.report.readings.segment import (
    agreement,
    candidates,
    flow,
    gates,
    joined,
    kept_out,
    left_out,
    outcome,
    rules,
)
from seglib.report.words import capital

__all__ = [
    "agreement",
    "ahead",
    "answers",
    "campaigns",
    "candidates",
    "capital",
    "churn",
    "contract",
    "differences",
    "drivers",
    "flow",
    "gates",
    "joined",
    "joins",
    "kept_out",
    "ledger",
    "left_out",
    "months",
    "movement",
    "named",
    "no_campaigns",
    "occasions",
    "outcome",
    "portraits",
    "profiles",
    "protected",
    "quality",
    "retention",
    "rows",
    "rules",
    "satisfaction",
    "scorecard",
    "spread",
    "unknown",
    "value",
]

#: What this package offers, by name.
READINGS = {
    name: function
    for module in (
        _ahead,
        _assess,
        _budget,
        _campaigns,
        _collect,
        _explore,
        _movement,
        _offer_cards,
        _offers,
        _portraits,
        _segment,
        _target,
    )
    for name, function in vars(module).items()
    if callable(function) and function.__module__ == module.__name__ and not name.startswith("_")
}
