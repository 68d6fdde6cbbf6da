"""Sentences that are computed from tables, so that next week's data get their own."""

from seglib.report.readings import ahead
from seglib.report.readings.assess import differences, profiles, protected, scorecard, value
from seglib.report.readings.budget import budget, plays, response
from seglib.report.readings.campaigns import answers, campaigns, no_campaigns, spread, unknown
from seglib.report.readings.collect import contract, joins, ledger, quality, rows
from seglib.report.readings.explore import calendar, cohorts, concentration, hours, pairs, skewness
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
from seglib.report.readings.target import targets
from seglib.report.words import capital

__all__ = [
    "agreement",
    "ahead",
    "answers",
    "bought_more",
    "budget",
    "calendar",
    "campaigns",
    "candidates",
    "capital",
    "churn",
    "cohorts",
    "concentration",
    "contract",
    "differences",
    "drivers",
    "flow",
    "gates",
    "hours",
    "joined",
    "joins",
    "kept_out",
    "ledger",
    "left_out",
    "months",
    "movement",
    "named",
    "next_products",
    "no_campaigns",
    "not_known",
    "occasions",
    "offer_cards",
    "outcome",
    "pairs",
    "plays",
    "portraits",
    "profiles",
    "protected",
    "quality",
    "remarks",
    "response",
    "retention",
    "rows",
    "rules",
    "satisfaction",
    "scorecard",
    "seasons",
    "seasons_in_words",
    "skewness",
    "spread",
    "targets",
    "unknown",
    "unmet",
    "value",
]
