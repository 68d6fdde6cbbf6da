"""Sentences that are computed from tables, so that next week's data get their own."""

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
from seglib.report.readings.budget import budget, plays, response
from seglib.report.readings.campaigns import answers, campaigns, no_campaigns, spread, unknown
from seglib.report.readings.collect import contract, joins, ledger, quality, rows
from seglib.report.readings.movement import churn, drivers, months, movement, retention, satisfaction
from seglib.report.readings.offer_cards import offer_cards
from seglib.report.readings.offers import (
    bought_more,
    next_products,
    not_known,
    occasions,
    remarks,
    seasons,
    seasons_in_words,
    unmet,
)
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
from seglib.report.readings.target import targets
from seglib.report.words import capital

__all__ = [
    "agreement",
    "answers",
    "bought_more",
    "budget",
    "campaigns",
    "candidates",
    "capital",
    "churn",
    "contract",
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
    "next_products",
    "no_campaigns",
    "not_known",
    "occasions",
    "offer_cards",
    "outcome",
    "plays",
    "quality",
    "remarks",
    "response",
    "retention",
    "rows",
    "rules",
    "satisfaction",
    "seasons",
    "seasons_in_words",
    "spread",
    "targets",
    "unknown",
    "unmet",
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
