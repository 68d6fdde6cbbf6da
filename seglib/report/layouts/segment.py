"""Tables of page 03, shaped for a reader."""

from __future__ import annotations

import pandas as pd

from seglib.report.context import Context
from seglib.report.sentences import sentence
from seglib.report.words import coarse_share

#: What became of a candidate: the column that says so, and the word for it, the first that holds.
_RESULTS = {
    "chosen": "chosen",
    "rule": "rule on one column",
    "next_best": "next best",
    "separated": "well separated",
    "admissible": "stable",
}


def variables(frame: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write the role of each feature, and why."""
    roles = [
        sentence("role", row | {"missing": coarse_share(row["missing"], row["customers"], terms.min_cell)})
        for row in frame.to_dict("records")
    ]
    order = (~frame.segmentation).sort_values(kind="stable").index
    return frame.assign(basis=frame.basis.str.replace("_", " "), role=roles).loc[order]


def candidates(frame: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write in a word what became of each candidate."""
    results = [
        next((word for column, word in _RESULTS.items() if row[column]), None)
        for row in frame.to_dict("records")
    ]
    return frame.assign(result=results)


def references(frame: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write what each kind of reference data is, and what is measured."""
    return frame.assign(
        data=[sentence("reference", {"reference": r}) for r in frame.reference],
        measure=[sentence("statistic", {"statistic": s}) for s in frame.statistic],
    )


def segment_rules(frame: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write each segment's rule in words, one row per segment."""
    first = frame[frame.place == 1]
    rules = [
        sentence("segment_rule", {"cuts": frame[frame.segment == s].to_dict("records")})
        for s in first.segment
    ]
    return first.assign(rule=rules)


def segment_stability_gates(frame: pd.DataFrame, terms: Context) -> pd.DataFrame:
    """Write that a segment passes all gates."""
    return frame.assign(flags=frame["flags"].replace("", "none"))
