"""Sentences that are computed from tables, so that next week's data get their own."""

from seglib.report.readings.assess import profiles, protected, scorecard, value
from seglib.report.readings.collect import contract, joins, ledger, quality, rows
from seglib.report.readings.explore import calendar, cohorts, concentration, hours, pairs, skewness
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
    "calendar",
    "candidates",
    "capital",
    "cohorts",
    "concentration",
    "contract",
    "flow",
    "gates",
    "hours",
    "joined",
    "joins",
    "kept_out",
    "ledger",
    "left_out",
    "outcome",
    "pairs",
    "profiles",
    "protected",
    "quality",
    "rows",
    "rules",
    "scorecard",
    "skewness",
    "targets",
    "value",
]
